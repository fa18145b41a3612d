package frame

import (
	"bufio"
	"compress/gzip"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// textWriter writes CSV and JSON lines. Arrow's own writers are not used: their floats and lists
// do not all read back as the same values.
type textWriter struct {
	w        *bufio.Writer
	compress io.WriteCloser // nil if the text is not compressed
	row      func(to []byte, t *Table, row int) []byte
	line     []byte
}

func newTextWriter(w io.Writer, fields []Field, o WriterOptions) (*textWriter, error) {
	t := &textWriter{}
	switch o.Compression {
	case "gzip":
		t.compress = gzip.NewWriter(w)
	case "zstd":
		enc, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstdLevel), zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		t.compress = enc
	}
	if t.compress != nil {
		w = t.compress
	}
	t.w = bufio.NewWriterSize(w, 1<<16)
	if o.Format == JSONLines {
		t.row = jsonRow
		return t, nil
	}
	t.row = csvRow
	for i, f := range fields {
		if i > 0 {
			t.line = append(t.line, ',')
		}
		t.line = append(t.line, f.Name...)
	}
	if len(fields) > 0 {
		t.line = append(t.line, '\n')
	}
	_, err := t.w.Write(t.line)
	return t, err
}

func (w *textWriter) writeGroup(t *Table) error {
	for i := range t.Rows() {
		w.line = w.row(w.line[:0], t, i)
		if _, err := w.w.Write(w.line); err != nil {
			return err
		}
	}
	return nil
}

func (w *textWriter) close() error {
	if err := w.w.Flush(); err != nil {
		return err
	}
	if w.compress != nil {
		return w.compress.Close()
	}
	return nil
}

// csvRow appends one record. A null is empty, an empty string is "" in quotes.
func csvRow(to []byte, t *Table, row int) []byte {
	for i := range t.Columns {
		if i > 0 {
			to = append(to, ',')
		}
		c := &t.Columns[i]
		switch {
		case c.Null(row):
			if len(t.Columns) == 1 {
				// an empty line would be skipped by readers; quotes keep the row, at the price of
				// an empty text where there was none
				to = append(to, `""`...)
			}
		case c.Type == String:
			to = appendQuotedCSV(to, c.Strings[row])
		case c.Type.IsList():
			to = append(to, '"')
			to = appendText(to, c, row)
			to = append(to, '"')
		default:
			to = appendText(to, c, row)
		}
	}
	return append(to, '\n')
}

func appendQuotedCSV(to []byte, s string) []byte {
	if s != "" && !strings.ContainsAny(s, ",\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
		return append(to, s...)
	}
	to = append(to, '"')
	for i := range len(s) {
		if s[i] == '"' {
			to = append(to, '"')
		}
		to = append(to, s[i])
	}
	return append(to, '"')
}

// jsonRow appends one object, keys in column order.
func jsonRow(to []byte, t *Table, row int) []byte {
	to = append(to, '{')
	for i := range t.Columns {
		if i > 0 {
			to = append(to, ',')
		}
		c := &t.Columns[i]
		to = appendQuotedJSON(to, c.Name)
		to = append(to, ':')
		switch {
		case c.Null(row):
			to = append(to, "null"...)
		case c.Type == String:
			to = appendQuotedJSON(to, c.Strings[row])
		case c.Type.IsTime():
			to = append(to, '"')
			to = appendText(to, c, row)
			to = append(to, '"')
		default:
			to = appendText(to, c, row)
		}
	}
	return append(to, '}', '\n')
}

// appendQuotedJSON appends valid UTF-8 as a JSON string, escaping only what JSON requires, and
// U+2028 and U+2029, at which some readers break lines.
func appendQuotedJSON(to []byte, s string) []byte {
	const hex = "0123456789abcdef"
	to = append(to, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			to = append(to, '\\', byte(r))
		case r == '\n':
			to = append(to, '\\', 'n')
		case r == '\r':
			to = append(to, '\\', 'r')
		case r == '\t':
			to = append(to, '\\', 't')
		case r < 0x20 || r == 0x7f:
			to = append(to, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
		case r == '\u2028' || r == '\u2029':
			to = append(to, '\\', 'u')
			to = strconv.AppendInt(to, int64(r), 16)
		default:
			to = utf8.AppendRune(to, r)
		}
	}
	return append(to, '"')
}
