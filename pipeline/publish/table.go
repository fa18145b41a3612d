package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
)

// contentSchema is part of every content digest: it is raised when the same sources are to give
// other bytes.
const contentSchema = "spurion out 1"

// A contentHash digests what a file is made from, as framed fields.
type contentHash struct {
	hash.Hash
	buf []byte
}

func newContent(out *Out, e *Entry) contentHash {
	h := contentHash{Hash: sha256.New()}
	h.add(contentSchema, out.Spec, e.Path, e.Stage, e.Output, e.Doc)
	h.list(e.Axes)
	return h
}

// add hashes each text with its length before it, so that no two lists run together.
func (h *contentHash) add(texts ...string) {
	for _, s := range texts {
		h.buf = strconv.AppendInt(h.buf[:0], int64(len(s)), 10)
		h.buf = append(append(h.buf, ':'), s...)
		h.Write(h.buf)
	}
}

func (h *contentHash) list(texts []string) {
	h.add(strconv.Itoa(len(texts)))
	h.add(texts...)
}

// instance hashes what identifies an instance and its artifact. The address gives the axes' values,
// but not whether 1 is whole.
func (h *contentHash) instance(in *Instance) {
	kinds := make([]byte, len(in.Axes))
	for i, a := range in.Axes {
		kinds[i] = "?bsif"[axisKind(a.Value)]
	}
	h.add(in.Address, string(kinds), in.Key, in.Digest, strconv.Itoa(in.KindVersion))
	if in.Lacks != "" {
		h.add("lacks", in.Lacks)
	}
}

// lacksOf says without what instances were made, each thing once.
func lacksOf(have []*Instance) string {
	var list []string
	for _, in := range have {
		if in.Lacks != "" && !slices.Contains(list, in.Lacks) {
			list = append(list, in.Lacks)
		}
	}
	return strings.Join(list, "; ")
}

func axisKind(v any) int {
	switch v.(type) {
	case bool:
		return 1
	case string:
		return 2
	case int64:
		return 3
	case float64:
		return 4
	}
	return 0
}

func (h *contentHash) sum() string { return hex.EncodeToString(h.Sum(nil)) }

// tableJob gives the file that holds one output of all instances.
func (p *publisher) tableJob(s *Source, have []*Instance, names fileNames) job {
	id := s.Kind + "." + s.Name + "." + s.Output
	e := Entry{
		Path:  names.take(tablesFolder+"/"+fileName(id), id) + ".parquet",
		Stage: s.Kind + "." + s.Name, Output: s.Output, Doc: s.Doc, Axes: s.Axes,
		Instances: len(have), Missing: len(s.Instances) - len(have), Lacks: lacksOf(have),
	}
	h := newContent(&p.out, &e)
	for i := range s.Instances {
		h.instance(&s.Instances[i])
	}
	e.Content = h.sum()
	return job{entry: e, make: func(ctx context.Context, e *Entry, f *pending, keep int64) error {
		u, err := newUnion(ctx, s, have, p.out.ReadBlob, keep)
		if err != nil {
			return err
		}
		fields := u.all()
		w, err := frame.NewWriter(f, fields, frame.WriterOptions{Format: frame.Parquet, Meta: tableMeta(&p.out, s, have)})
		if err != nil {
			return err
		}
		if err := u.writeTo(ctx, w, fields, u.order()); err != nil {
			return err
		}
		e.Rows, e.Columns = w.Rows(), indexColumns(fields)
		return nil
	}}
}

// tableMeta gives the file metadata that says where a table comes from.
func tableMeta(out *Out, s *Source, have []*Instance) map[string]string {
	keys := contentHash{Hash: sha256.New()}
	for _, in := range have {
		keys.add(in.Address, in.Key)
	}
	axes, err := json.Marshal(append([]string{}, s.Axes...))
	if err != nil {
		panic(fmt.Sprintf("publish: %v", err)) // strings always encode
	}
	version := 0
	if len(have) > 0 {
		version = have[0].KindVersion
	}
	meta := map[string]string{
		"spurion.spec":         out.Spec,
		"spurion.stage":        s.Kind + "." + s.Name,
		"spurion.kind":         s.Kind,
		"spurion.kind_version": strconv.Itoa(version),
		"spurion.output":       s.Output,
		"spurion.description":  s.Doc,
		"spurion.axes":         string(axes),
		"spurion.keys":         keys.sum(),
		"spurion.instances":    strconv.Itoa(len(have)),
		"spurion.missing":      strconv.Itoa(len(s.Instances) - len(have)),
	}
	if lacks := lacksOf(have); lacks != "" {
		meta["spurion.lacks"] = lacks
	}
	return meta
}
