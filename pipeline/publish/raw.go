package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"spurion/stages"
)

// rawJobs gives the files of an output of raw bytes: one an instance.
func (p *publisher) rawJobs(s *Source, names fileNames) []job {
	stem := fileName(s.Kind + "." + s.Name + "." + s.Output)
	var jobs []job
	for i := range s.Instances {
		in := &s.Instances[i]
		folder := filesFolder
		if isImage(in.Extension) {
			folder = figuresFolder
		}
		path := folder + "/" + stem
		if len(in.Axes) > 0 {
			path += "/" + axesName(in.Axes)
		}
		path = names.take(path, in.Address) // also if it is missing, so that the others keep theirs
		if in.Digest == "" {
			continue
		}
		suffix := fileName(in.Extension)
		if len(in.Axes) == 0 && in.Extension == "."+s.Output {
			suffix = "" // figure.curves.svg, not figure.curves.svg.svg
		}
		e := Entry{
			Path:  path + suffix,
			Stage: s.Kind + "." + s.Name, Output: s.Output, Doc: s.Doc, Axes: s.Axes,
			Instances: 1, Address: in.Address, Lacks: in.Lacks,
		}
		h := newContent(&p.out, &e)
		h.instance(in)
		e.Content = h.sum()
		jobs = append(jobs, job{entry: e, make: func(ctx context.Context, e *Entry, f *pending, _ int64) error {
			if err := ctx.Err(); err != nil {
				return err
			}
			data, err := p.out.ReadBlob(in.Digest)
			if err != nil {
				return fmt.Errorf("%s: %w", in.Address, err)
			}
			_, err = f.Write(data)
			return err
		}})
	}
	return jobs
}

func isImage(extension string) bool {
	return slices.Contains([]string{".png", ".svg", ".pdf", ".jpg", ".jpeg", ".gif", ".webp"}, strings.ToLower(extension))
}

// axesName gives "strength=0.9,seed=2" as a file name.
func axesName(axes []stages.Axis) string {
	parts := make([]string, len(axes))
	for i, a := range axes {
		parts[i] = a.Name + "=" + plainText(a)
	}
	return fileName(strings.Join(parts, ","))
}

// plainText gives an axis's value without quotes.
func plainText(a stages.Axis) string {
	if s, ok := a.Value.(string); ok {
		return s
	}
	return a.Text()
}

// maxName is the longest file name that is made, in bytes; systems allow 255.
const maxName = 180

// fileName percent-encodes what is not the same on every file system; a long name is cut, and told
// apart by a digest.
func fileName(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		ch := s[i]
		plain := ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch >= '0' && ch <= '9' || strings.IndexByte("_-+=,", ch) >= 0
		if plain || ch == '.' && (i > 0 || len(s) > 1) {
			b.WriteByte(ch)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[ch>>4])
		b.WriteByte(hexDigits[ch&15])
	}
	name := b.String()
	if len(name) > maxName {
		name = name[:maxName-17] + "-" + shortDigest(s)
	}
	return name
}

func shortDigest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:8])
}

// fileNames are the names given so far, in lower case: some file systems do not tell cases apart.
type fileNames map[string]bool

// take gives a name for the instance that no other has.
func (n fileNames) take(name, address string) string {
	if n[strings.ToLower(name)] {
		name += "-" + shortDigest(address)
	}
	n[strings.ToLower(name)] = true
	return name
}
