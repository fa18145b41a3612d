package artifacts

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A pack is a file that holds several results: their manifests, each as in a file of its own, and the blobs that
// these need, each once. It needs no other file, and nothing in it is changed: who removes a part of it writes what
// is left as another pack first.
//
//	spurion pack 1
//	head N                 bytes from here to the end of the line of the checksum
//	entries N
//	entry KEY SIZE         sorted by key
//	blobs N
//	blob DIGEST SIZE       sorted by digest
//	checksum DIGEST        of all lines before
//
// Then come the manifests and the blobs, in the order of their lines.
type pack struct {
	name    string // of the file
	path    string
	size    int64
	body    int64 // where the manifests begin
	entries []part
	blobs   []part

	manifests []byte // of all entries; nil if they are not in memory: see packs
}

// A part is a manifest or a blob in a pack.
type part struct {
	name Digest
	at   int64 // in the file
	size int64
}

const packFormat = "spurion pack 1\n"

func compareParts(a, b part) int { return bytes.Compare(a.name[:], b.name[:]) }

func findPart(list []part, d Digest) (part, bool) {
	i, ok := slices.BinarySearchFunc(list, d, func(p part, d Digest) int { return bytes.Compare(p.name[:], d[:]) })
	if !ok {
		return part{}, false
	}
	return list[i], true
}

// A result is a manifest with its blobs, as a pack takes it.
type result struct {
	key      Digest
	manifest []byte
	blobs    []namedBlob
}

type namedBlob struct {
	name Digest
	data []byte
}

// encodePack writes a pack of results with different keys.
func encodePack(results []result) []byte {
	results = slices.Clone(results)
	slices.SortFunc(results, func(a, b result) int { return bytes.Compare(a.key[:], b.key[:]) })
	blobs := map[Digest][]byte{}
	size := 0
	for i := range results {
		size += len(results[i].manifest)
		for _, b := range results[i].blobs {
			if _, there := blobs[b.name]; !there {
				blobs[b.name] = b.data
				size += len(b.data)
			}
		}
	}
	names := make([]Digest, 0, len(blobs))
	for d := range blobs {
		names = append(names, d)
	}
	slices.SortFunc(names, func(a, b Digest) int { return bytes.Compare(a[:], b[:]) })

	const line = 2*sha256.Size + 16
	head := make([]byte, 0, (len(results)+len(names)+3)*line)
	head = appendInt(head, "entries", int64(len(results)))
	for i := range results {
		head = appendPart(head, "entry ", results[i].key, len(results[i].manifest))
	}
	head = appendInt(head, "blobs", int64(len(names)))
	for _, d := range names {
		head = appendPart(head, "blob ", d, len(blobs[d]))
	}
	checksum := len("checksum ") + 2*sha256.Size + 1
	b := make([]byte, 0, len(packFormat)+32+len(head)+checksum+size)
	b = append(b, packFormat...)
	b = appendInt(b, "head", int64(len(head)+checksum))
	b = append(b, head...)
	b = appendText(b, "checksum", Sum(b).String())
	for i := range results {
		b = append(b, results[i].manifest...)
	}
	for _, d := range names {
		b = append(b, blobs[d]...)
	}
	return b
}

func appendPart(b []byte, kind string, d Digest, size int) []byte {
	return appendInt(append(b, kind...), d.String(), int64(size))
}

// headEnd gives where the head of a pack ends, of which data is the beginning.
func headEnd(data []byte) (int64, error) {
	rest, ok := bytes.CutPrefix(data[:min(len(data), len(packFormat)+32)], []byte(packFormat))
	if !ok {
		return 0, errors.New("the first line is not that of a pack")
	}
	c := scanner{rest: string(rest)}
	n := c.count("head")
	if c.bad {
		return 0, errMalformed
	}
	return int64(len(packFormat)+len(rest)-len(c.rest)) + n, nil
}

// parseHead reads the head of a pack of a size, and refuses what encodePack cannot have written.
func parseHead(data []byte, size int64) (*pack, error) {
	end, err := headEnd(data)
	if err != nil {
		return nil, err
	}
	if end > int64(len(data)) || end < 0 {
		return nil, fmt.Errorf("it has %d bytes and ends in its head", size)
	}
	whole := string(data[:end])
	_, lines, _ := strings.Cut(whole[len(packFormat):], "\n")
	c := scanner{rest: lines}
	p := &pack{size: size, body: end}
	at := end
	p.entries, at = c.parts("entries", "entry", at)
	p.blobs, at = c.parts("blobs", "blob", at)
	head := len(whole) - len(c.rest)
	checksum := c.digest("checksum")
	switch {
	case c.bad || c.rest != "":
		return nil, errMalformed
	case sha256.Sum256(data[:head]) != checksum:
		return nil, errors.New("the checksum of its head does not fit")
	case at != size:
		return nil, fmt.Errorf("it has %d bytes instead of %d", size, at)
	}
	return p, nil
}

// parts reads a number, and so many lines of parts which lie one after the other from at on.
func (c *scanner) parts(number, kind string, at int64) ([]part, int64) {
	n := c.count(number)
	if c.bad || n > int64(len(c.rest)/(len("blob  0\n")+2*sha256.Size)) {
		c.bad = true
		return nil, at
	}
	list := make([]part, n)
	for i := range list {
		name, size := c.cut(c.value(kind), ' ')
		p := part{at: at, size: c.number(size)}
		if c.bad || !parseDigest(&p.name, name) || p.size > 1<<40 || i > 0 && compareParts(list[i-1], p) >= 0 {
			c.bad = true
			return nil, at
		}
		list[i] = p
		at += p.size
	}
	return list, at
}

// A loss is an entry of a pack that is not whole, or a blob that none needs.
type loss struct {
	key     Digest // zero if no entry is concerned
	address string // of the entry, if it is known
	problem string
}

// unpack gives the whole entries of a pack, and what is wrong with the others; err if nothing of it can be known.
func unpack(data []byte) (results []result, losses []loss, err error) {
	p, err := parseHead(data, int64(len(data)))
	if err != nil {
		return nil, nil, err
	}
	whole := make(map[Digest][]byte, len(p.blobs))
	used := make(map[Digest]bool, len(p.blobs))
	for _, b := range p.blobs {
		if bytes := data[b.at : b.at+b.size]; Sum(bytes) == b.name {
			whole[b.name] = bytes
		}
	}
	for _, e := range p.entries {
		r := result{key: e.name, manifest: data[e.at : e.at+e.size]}
		m, err := parseManifest(r.manifest)
		if err == nil && m.Key != e.name {
			err = errors.New("it is that of another key")
		}
		if err != nil {
			losses = append(losses, loss{key: e.name, problem: "its manifest: " + err.Error()})
			continue
		}
		problem := ""
		for i := range m.Outputs {
			o := &m.Outputs[i]
			used[o.Digest] = true
			bytes, ok := whole[o.Digest]
			if !ok || int64(len(bytes)) != o.Size {
				problem = cmp.Or(problem, fmt.Sprintf("output %q: the bytes of blob %s are not those it is named for", o.Name, o.Digest))
				continue
			}
			r.blobs = append(r.blobs, namedBlob{o.Digest, bytes})
		}
		if problem != "" {
			losses = append(losses, loss{e.name, m.Address, problem})
			continue
		}
		results = append(results, r)
	}
	for _, b := range p.blobs {
		if !used[b.name] && len(losses) == 0 {
			losses = append(losses, loss{problem: fmt.Sprintf("no entry needs the blob %s", b.name)})
		}
	}
	return results, losses, nil
}
