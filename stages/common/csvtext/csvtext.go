// Package csvtext reads comma-separated text (RFC 4180) that other programs wrote, row by row, and the numbers in its fields.
package csvtext

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A Reader gives a header and the records after it. It holds one record at a time.
type Reader struct {
	Header []string
	csv    *csv.Reader
	next   int // the line on which a record begins, if no blank one stands before it
}

// NewReader reads the header. A mark of UTF-8's byte order is passed over. Separator stands between fields; 0 is a comma.
// Errors name the line.
func NewReader(r io.Reader, separator rune) (*Reader, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	begin, err := buffered.Peek(3)
	if err != nil && err != io.EOF {
		return nil, err
	}
	if bytes.HasPrefix(begin, []byte{0xff, 0xfe}) || bytes.HasPrefix(begin, []byte{0xfe, 0xff}) {
		return nil, errors.New("the text is UTF-16 or UTF-32; write it as UTF-8")
	}
	if bytes.HasPrefix(begin, []byte("\ufeff")) {
		if _, err := buffered.Discard(3); err != nil {
			return nil, err
		}
	}
	c := &Reader{csv: csv.NewReader(buffered)}
	if separator != 0 {
		c.csv.Comma = separator
	}
	header, err := c.csv.Read()
	if err == io.EOF {
		return nil, errors.New("the file is empty; the first line names the columns")
	}
	if err != nil {
		return nil, unquoted(err)
	}
	if err := c.valid(header); err != nil {
		return nil, err
	}
	c.Header, c.csv.ReuseRecord = header, true
	c.next = c.Line(0) + lines(header)
	return c, nil
}

// Read gives the next record, which is valid until the next call, and io.EOF after the last. It has as many fields as the header.
func (c *Reader) Read() ([]string, error) {
	record, err := c.csv.Read()
	switch {
	case err == io.EOF:
		return nil, err
	case errors.Is(err, csv.ErrFieldCount):
		return nil, fmt.Errorf("line %d has %s, and the first names %s", c.Line(0), plural(len(record), "field"), plural(len(c.Header), "column"))
	case err != nil:
		return nil, unquoted(err)
	case len(c.Header) == 1 && c.Line(0) > c.next: // the reader passes over blank lines
		return nil, fmt.Errorf("a blank line stands before line %d: in a table of one column it may be a row without a value or no row: write \"\" for such a row, or leave the line out", c.Line(0))
	}
	if len(c.Header) == 1 {
		c.next = c.Line(0) + lines(record)
	}
	return record, c.valid(record)
}

// Line gives the line, from 1, on which the i-th field of the last record starts.
func (c *Reader) Line(i int) int {
	line, _ := c.csv.FieldPos(i)
	return line
}

// valid refuses what is not UTF-8.
func (c *Reader) valid(record []string) error {
	for i, field := range record {
		if !utf8.ValidString(field) {
			return fmt.Errorf("line %d is not UTF-8; write the text as UTF-8", c.Line(i)+strings.Count(validPart(field), "\n"))
		}
	}
	return nil
}

// validPart gives the beginning of a text, up to what is not UTF-8.
func validPart(text string) string {
	for at := 0; at < len(text); {
		r, n := utf8.DecodeRuneInString(text[at:])
		if r == utf8.RuneError && n == 1 {
			return text[:at]
		}
		at += n
	}
	return text
}

// lines counts those of a record.
func lines(record []string) int {
	n := 1
	for _, field := range record {
		n += strings.Count(field, "\n")
	}
	return n
}

// unquoted words a fault in the quotes of CSV.
func unquoted(err error) error {
	var fault *csv.ParseError
	switch {
	case !errors.As(err, &fault):
		return err
	case errors.Is(err, csv.ErrBareQuote):
		return fmt.Errorf("line %d: a quote (\") stands in a field that does not begin with one: put the whole field in quotes, and write each quote in it twice", fault.Line)
	case errors.Is(err, csv.ErrQuote) && fault.Line == fault.StartLine:
		return fmt.Errorf("line %d: a field in quotes has a quote (\") in it that is not written twice, or no end", fault.Line)
	case errors.Is(err, csv.ErrQuote):
		return fmt.Errorf("line %d: a field in quotes, whose record begins in line %d, has a quote (\") in it that is not written twice, or no end", fault.Line, fault.StartLine)
	}
	return err
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
