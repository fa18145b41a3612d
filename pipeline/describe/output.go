package describe

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/stages"
)

const textHead = 2000 // bytes of a raw file that are shown

// beginning gives the beginning of a file that is text: in UTF-8, without zero bytes.
func (l *Look) beginning(data []byte) (text string, binary bool) {
	head := l.Secrets.Head(data, textHead)
	if len(data) > textHead { // do not cut a letter
		for i := 0; i < utf8.UTFMax && len(head) > 0 && !utf8.Valid(head); i++ {
			head = head[:len(head)-1]
		}
	}
	if bytes.IndexByte(head, 0) >= 0 || !utf8.Valid(head) {
		return "", true
	}
	return string(head), false
}

// output describes an output of a node, with its beginning.
func (l *Look) output(n *plan.Node, o stages.Output) (OutputDetail, error) {
	d := OutputDetail{Name: o.Name, Doc: o.Doc, FileCount: -1}
	out := n.Output(o.Name)
	if out == nil {
		return d, nil
	}
	d.Digest, d.Bytes, d.Rows = out.Digest.String(), out.Size, out.Rows
	if path, packed := l.Store.Where(out); packed {
		d.Pack = path
	} else {
		d.Path = path
	}
	if l.Rows <= 0 {
		return d, nil
	}
	data, err := l.Store.Blob(out.Digest.String())
	if err != nil {
		return d, fmt.Errorf("output %q: %w; the next run computes it again", o.Name, err)
	}
	switch o.Extension {
	case "":
	case stages.FolderExtension:
		if d.Files, d.FileCount, err = l.listFolder(data); err != nil {
			return d, fmt.Errorf("output %q: %w", o.Name, err)
		}
		return d, nil
	default:
		d.Text, d.Binary = l.beginning(data)
		return d, nil
	}
	t, err := frame.Decode(data)
	if err != nil {
		return d, fmt.Errorf("output %q: %w", o.Name, err)
	}
	if l.Secrets != nil {
		t.Rewrite(l.Secrets.Hide, l.Secrets.HideNumber)
	}
	d.Note = t.Meta[frame.NoteKey]
	for i := range t.Columns {
		c := &t.Columns[i]
		d.Columns = append(d.Columns, ColumnInfo{Name: c.Name, Type: c.Type.String(), Unit: c.Unit, Doc: c.Doc})
	}
	for r := range min(l.Rows, t.Rows()) {
		values := make([]any, len(t.Columns))
		for i := range t.Columns {
			values[i] = t.Columns[i].Value(r)
		}
		d.Head = append(d.Head, values)
	}
	return d, nil
}
