package artifacts

import (
	"bytes"
	"errors"
	"fmt"
)

// A Parcel is a result as it travels to another store and back: its manifest, and the bytes of its outputs or none of them.
type Parcel struct {
	Manifest *Manifest
	Data     [][]byte // of the outputs, in their order; nil if they travel as blobs of their own
}

// Bytes encodes the parcel: with Data as a pack of one result, else as the manifest alone. Each begins with the line that
// says so, and carries its checksums.
func (p *Parcel) Bytes() []byte {
	manifest := p.Manifest.encode()
	if p.Data == nil {
		return manifest
	}
	r := result{key: p.Manifest.Key, manifest: manifest}
	for i := range p.Data {
		r.blobs = append(r.blobs, namedBlob{p.Manifest.Outputs[i].Digest, p.Data[i]})
	}
	return encodePack([]result{r})
}

// ParseParcel reads what Bytes gave for a key. Every byte is verified: the error says which are not those that were written.
func ParseParcel(data []byte, key Digest) (*Parcel, error) {
	packed := bytes.HasPrefix(data, []byte(packFormat))
	manifest := data
	blobs := map[Digest][]byte{}
	if packed {
		results, losses, err := unpack(data)
		switch {
		case err != nil:
			return nil, err
		case len(losses) > 0:
			return nil, errors.New(losses[0].problem)
		case len(results) != 1:
			return nil, fmt.Errorf("it holds %d results instead of one", len(results))
		}
		manifest = results[0].manifest
		for _, b := range results[0].blobs {
			blobs[b.name] = b.data
		}
	}
	m, err := parseManifest(manifest)
	if err != nil {
		return nil, err
	}
	if m.Key != key {
		return nil, errors.New("it is the result of another key")
	}
	p := &Parcel{Manifest: m}
	if packed {
		p.Data = make([][]byte, len(m.Outputs))
		for i := range m.Outputs {
			p.Data[i] = blobs[m.Outputs[i].Digest]
		}
	}
	return p, nil
}

// SetBehind names who is asked for a blob that is not in the store, or is damaged there. It gives verified bytes, or false. It is
// called before the store is used by several goroutines.
func (s *Store) SetBehind(fetch func(d Digest) ([]byte, bool)) { s.behind = fetch }

// ReadOnly reports whether the store was opened for reading only.
func (s *Store) ReadOnly() bool { return s.readOnly }
