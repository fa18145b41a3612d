package external

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// magics are how files begin that programs write in place of a table, and what to do about each.
var magics = [...]struct{ begin, what string }{
	{"PAR1", `Parquet: declare format = "parquet"`},
	{"ARROW1", `Arrow IPC (Feather): declare format = "arrow"`},
	{"\xff\xff\xff\xff", `an Arrow IPC stream: declare format = "arrow"`},
	{"PK\x03\x04", "a ZIP archive, as .xlsx and .npz are, which is not read: write a table as Parquet or CSV"},
	{"\x1f\x8b", "compressed by gzip: write it uncompressed"},
	{"\x28\xb5\x2f\xfd", "compressed by zstd: write it uncompressed"},
	{"\x89HDF", "HDF5, which is not read: write the table as Parquet or CSV"},
	{"\x93NUMPY", "an array of NumPy, which is not read: write the table as Parquet or CSV"},
	{"SQLite format 3\x00", "an SQLite database, which is not read: write the table as Parquet or CSV"},
}

// foreign says that a file is something else than it is declared to be, and what to do; nil if it is nothing known.
func foreign(content []byte) error {
	for _, m := range magics {
		if bytes.HasPrefix(content, []byte(m.begin)) {
			err := fmt.Errorf("the file is %s", m.what)
			if strings.Contains(m.what, "declare") {
				return misdeclared(err)
			}
			return err
		}
	}
	return nil
}

// foreignText is foreign for a text in place of columns.
func (f *File) foreignText(content []byte) error {
	text := bytes.TrimSpace(content)
	switch {
	case len(text) == 0 || bytes.IndexByte(text, 0) >= 0 || !utf8.Valid(text):
		return nil
	case isJSON(text):
		return errJSON
	}
	return misdeclared(fmt.Errorf(`the file is text, not %s: if it is CSV, declare format = "csv"; format = "file" keeps it as it is`, f.columnar()))
}

var errJSON = misdeclared(errors.New(`the file is JSON, which is not read: write the table as Parquet or CSV, or declare format = "file" to keep it as it is`))

// columnar names the format of columns that is declared.
func (f *File) columnar() string {
	if f.Format == "arrow" {
		return "Arrow"
	}
	return "Parquet"
}

// headerFault says what is wrong with the first line of a CSV whose names err refuses: often it is no header.
func (f *File) headerFault(header []string, err error) error {
	first := header[0]
	switch {
	case isJSON(first):
		return errJSON
	case strings.HasPrefix(first, "<"):
		return errors.New("the file is HTML or XML, which is not read: write the table as Parquet or CSV")
	case strings.ContainsRune(strings.Join(header, ""), 0):
		return errors.New("the first line holds zero bytes: if the text is UTF-16, write it as UTF-8")
	case strings.Contains(strings.Join(header, ""), "\r"):
		return errors.New("the lines end with a carriage return alone: end them with \\n or \\r\\n")
	case strings.HasPrefix(first, "#"):
		return fmt.Errorf("the first line is a comment, %q, and it should name the columns: write the table without it", first)
	case strings.HasPrefix(first, "sep="):
		return fmt.Errorf("the first line is %q, as Excel has it, and it should name the columns: write the table without it", first)
	}
	if len(header) == 1 && len(f.Columns) == 0 {
		for _, separator := range []string{";", "\t", "|", ","} {
			if strings.Contains(first, separator) {
				return misdeclared(fmt.Errorf("the first line is one column, %q: does another character stand between its fields? Say separator = %q", first, separator))
			}
		}
		if parts := strings.Fields(first); len(parts) > 1 && f.Separator == nil {
			err = fmt.Errorf("%w; or, if single spaces stand between its fields, separator = \" \"", err)
		}
	}
	if allNumbers(header) {
		err = fmt.Errorf("%w; or, if the first line is a row already, write one with the columns' names before it", err)
	}
	return misdeclared(err)
}

// allNumbers reports whether all fields of a first line are numbers: it may be no header.
func allNumbers(header []string) bool {
	return !slices.ContainsFunc(header, func(s string) bool {
		_, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
		return err != nil
	})
}

// isJSON reports whether a text begins as an object or a list does.
func isJSON[T string | []byte](text T) bool {
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}
