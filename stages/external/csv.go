package external

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"spurion/artifacts/frame"
	"spurion/stages/common/csvtext"
)

// readCSV reads RFC 4180 text with a header, in the dialect and with the columns that the output declares. An empty
// field, or one of null, is null, in a column that is then nullable. What a column without a declared type holds is
// read from its values (guess).
//
// The text is read twice, first for the types, so that beside the table no more than a row is held.
func (f *File) readCSV(content []byte) (*frame.Table, error) {
	if err := foreign(content); err != nil {
		return nil, err
	}
	header, err := f.records(content, nil)
	if err != nil && isJSON(bytes.TrimPrefix(content, []byte("\ufeff"))) {
		err = errJSON
	}
	if err != nil {
		return nil, err
	}
	columns, err := f.csvColumns(header)
	if err != nil {
		return nil, err
	}
	rows := 0
	_, err = f.records(content, func(record []string, at position) error {
		for i := range columns {
			columns[i].look(record[i], rows, at(i))
		}
		rows++
		return nil
	})
	if err != nil {
		return nil, err
	}
	var held int64
	said := map[string]bool{} // two columns may have no name
	for i := range columns {
		if fault := columns[i].decide(); fault != nil && !said[fault.Error()] {
			said[fault.Error()] = true
			err = errors.Join(err, fault)
		}
		held += columns[i].width() * int64(rows)
	}
	if err != nil {
		return nil, misdeclared(err)
	}
	if limit := frame.Limit(); held > limit {
		return nil, &frame.TooLargeError{What: "its values take", Limit: limit}
	}
	for i := range columns {
		columns[i].makeRoom(rows)
	}
	return f.fill(content, columns, rows)
}

// fill reads the values, now that the types are known.
func (f *File) fill(content []byte, columns []csvColumn, rows int) (*frame.Table, error) {
	row := 0
	_, err := f.records(content, func(record []string, at position) error {
		for i := range columns {
			if c := &columns[i]; !c.dropped {
				if err := c.set(row, record[i]); err != nil {
					return misdeclared(fmt.Errorf("column %s, line %d: %w", c.column.Name, at(i), err))
				}
			}
		}
		row++
		return nil
	})
	if err != nil {
		return nil, err
	}
	t := &frame.Table{}
	for i := range columns {
		switch c := &columns[i]; {
		case !c.dropped:
			t.Columns = append(t.Columns, c.column)
		case c.nameless && c.guess.values > 0 && !f.drops():
			t.Meta = map[string]string{frame.NoteKey: "a column without a name, which counts the rows, is left out"}
		}
	}
	return t, nil
}

// A position gives the line, from 1, on which the i-th field of a record starts.
type position func(i int) int

// records gives the header, and with each every record after it; the record is valid until each returns.
func (f *File) records(content []byte, each func(record []string, at position) error) (header []string, err error) {
	separator := rune(0)
	if f.Separator != nil {
		separator, _ = utf8.DecodeRuneInString(*f.Separator)
	}
	r, err := csvtext.NewReader(bytes.NewReader(content), separator)
	if err != nil || each == nil {
		if err != nil {
			return nil, err
		}
		return r.Header, nil
	}
	for {
		record, err := r.Read()
		if err == io.EOF {
			return nil, nil
		}
		if err == nil {
			err = each(record, r.Line)
		}
		if err != nil {
			return nil, err
		}
	}
}

// csvColumns gives a column for each name of the header.
func (f *File) csvColumns(header []string) ([]csvColumn, error) {
	if err := f.checkNames(header, true); err != nil {
		return nil, f.headerFault(header, err)
	}
	declared := f.declared()
	columns := make([]csvColumn, len(header))
	for i, from := range header {
		c := &columns[i]
		c.null = f.nulls()
		c.column.Field = frame.Field{Name: from, Doc: "column of an external table"}
		name, ok := declared[from]
		if !ok {
			c.dropped, c.nameless = f.drops(), nameless(from)
			continue
		}
		c.column.Name = name
		f.Columns[name].describe(&c.column.Field)
		c.column.Type, c.declared = f.Columns[name].typed()
	}
	return columns, nil
}

func (f *File) nulls() []string {
	if f.Null == nil {
		return nil
	}
	return *f.Null
}
