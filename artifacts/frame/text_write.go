package frame

import (
	"bufio"
	"compress/gzip"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

// textWriter writes CSV, TSV, JSON and JSON lines. Arrow's own writers are not used: their floats and lists
// do not all read back as the same values.
type textWriter struct {
	w        *bufio.Writer
	compress io.WriteCloser // nil if the text is not compressed
	row      func(to []byte, t *Table, row int) []byte
	between  string // two rows
	end      string // of the file
	rows     int64
	guarded  int64 // cells that got a ' before them
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
	switch o.Format {
	case JSON:
		t.row, t.between, t.end, t.line = jsonRow, ",\n", "\n]\n", []byte("[\n")
	case JSONLines:
		t.row, t.between, t.end = jsonRow, "\n", "\n"
	default:
		t.delimited(fields, o)
	}
	_, err := t.w.Write(t.line)
	return t, err
}

// delimited prepares for CSV or TSV, which begin with the columns' names.
func (w *textWriter) delimited(fields []Field, o WriterOptions) {
	delimiter := byte(',')
	if o.Format == TSV {
		delimiter = '\t'
	}
	w.row = func(to []byte, t *Table, row int) []byte { return w.csvRow(to, t, row, delimiter, o.Guard) }
	for i, f := range fields {
		if i > 0 {
			w.line = append(w.line, delimiter)
		}
		w.line = append(w.line, f.Name...)
	}
	if len(fields) > 0 {
		w.line = append(w.line, '\n')
	}
}

func (w *textWriter) writeGroup(t *Table) error {
	for i := range t.Rows() {
		w.line = w.line[:0]
		if w.rows > 0 {
			w.line = append(w.line, w.between...)
		}
		w.rows++
		w.line = w.row(w.line, t, i)
		if _, err := w.w.Write(w.line); err != nil {
			return err
		}
	}
	return nil
}

func (w *textWriter) close() error {
	end := w.end
	if w.rows == 0 {
		end = strings.TrimPrefix(end, "\n") // there is no row to end
	}
	if _, err := w.w.WriteString(end); err != nil {
		return err
	}
	if err := w.w.Flush(); err != nil {
		return err
	}
	if w.compress != nil {
		return w.compress.Close()
	}
	return nil
}

// csvRow appends one record. A null is empty, an empty string is "" in quotes.
func (w *textWriter) csvRow(to []byte, t *Table, row int, delimiter byte, guard bool) []byte {
	for i := range t.Columns {
		if i > 0 {
			to = append(to, delimiter)
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
			text := c.Strings.At(row)
			if guard && isFormula(text) {
				text = "'" + text
				w.guarded++
			}
			to = appendQuotedCSV(to, text, delimiter)
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

// isFormula reports whether a spreadsheet would compute a text: it begins with = + - or @ (full-width ones too),
// or with blanks before one of these. A text that is a number as a whole, or a sign alone, is none.
func isFormula(s string) bool {
	s = strings.TrimSpace(s)
	first, size := utf8.DecodeRuneInString(s)
	return size < len(s) && strings.ContainsRune("=+-@＝＋－＠", first) && !signedNumber.MatchString(s)
}

var signedNumber = regexp.MustCompile(`^[+-](\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

func appendQuotedCSV(to []byte, s string, delimiter byte) []byte {
	if s != "" && strings.IndexByte(s, delimiter) < 0 && !strings.ContainsAny(s, "\"\r\n") && s[0] != ' ' && s[len(s)-1] != ' ' {
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

// jsonRow appends one object on one line, keys in column order.
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
			to = appendQuotedJSON(to, c.Strings.At(row))
		case c.Type.IsTime():
			to = append(to, '"')
			to = appendText(to, c, row)
			to = append(to, '"')
		default:
			to = appendText(to, c, row)
		}
	}
	return append(to, '}')
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
