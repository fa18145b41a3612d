package external

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
)

// keep writes one output from the bytes that the program left.
func (f File) keep(r *stages.Run, name string, content []byte) error {
	if f.Format == "file" {
		return r.WriteFile(name, content)
	}
	t, err := f.table(content)
	if err != nil {
		return fmt.Errorf("output %q: %w", name, err)
	}
	return r.Write(name, t)
}

// table reads the bytes as a table. A data set or model is checked and brought into the form that
// spurion's own have; any other table loses what the writing library put into the metadata.
func (f File) table(content []byte) (*frame.Table, error) {
	read := frame.Decode
	if f.Format == "csv" {
		read = readCSV
	}
	t, err := read(content)
	if err != nil {
		return nil, err
	}
	if len(t.Columns) == 0 {
		return nil, fmt.Errorf("the table has no columns")
	}
	switch f.Type {
	case "dataset":
		set, err := dataset.FromTable(t)
		if err != nil {
			return nil, err
		}
		return set.Table()
	case "model":
		m, err := model.FromTable(t)
		if err != nil {
			return nil, err
		}
		return m.Table()
	}
	own := map[string]string{}
	for key, value := range t.Meta {
		if strings.HasPrefix(key, "spurion.") {
			own[key] = value
		}
	}
	return &frame.Table{Columns: t.Columns, Meta: own}, nil
}

// readCSV reads RFC 4180 text with a header. A column whose every non-empty field is a whole number
// is int64, else a decimal number float64, else true or false bool, else string; a column of empty
// fields only is string. An empty field is null, in a column that is then nullable.
func readCSV(content []byte) (*frame.Table, error) {
	content = bytes.TrimPrefix(content, []byte("\ufeff"))
	if !utf8.Valid(content) {
		return nil, fmt.Errorf("the text is not UTF-8")
	}
	records, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fmt.Errorf("the file is empty; the first line names the columns")
	}
	t := &frame.Table{Columns: make([]frame.Column, len(records[0]))}
	for i, name := range records[0] {
		values := make([]string, len(records)-1)
		for k, record := range records[1:] {
			values[k] = record[i]
		}
		t.Columns[i] = column(name, values)
	}
	return t, nil
}

// column gives the values the first type that fits all of them.
func column(name string, values []string) frame.Column {
	field := frame.Field{Name: name, Doc: "column of an external table"}
	valid, nulls := make([]bool, len(values)), 0
	for i, v := range values {
		valid[i] = v != ""
		if v == "" {
			nulls++
		}
	}
	c := frame.Strings(field, values)
	if whole, ok := parse(values, func(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }); ok {
		c = frame.Int64s(field, whole)
	} else if fractions, ok := parse(values, decimal); ok {
		c = frame.Float64s(field, fractions)
	} else if truths, ok := parse(values, truth); ok {
		c = frame.Bools(field, truths)
	}
	if nulls > 0 {
		c = c.WithValid(valid)
	}
	return c
}

// parse reads every non-empty value, and reports whether there was one and all could be read.
func parse[T any](values []string, read func(string) (T, error)) ([]T, bool) {
	out, any := make([]T, len(values)), false
	for i, v := range values {
		if v == "" {
			continue
		}
		x, err := read(v)
		if err != nil {
			return nil, false
		}
		out[i], any = x, true
	}
	return out, any
}

// decimal reads a decimal number, or NaN and infinities, which the store then refuses by name; no
// hexadecimal numbers and no underscores.
func decimal(s string) (float64, error) {
	if strings.ContainsAny(s, "xX_pP") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseFloat(s, 64)
}

func truth(s string) (bool, error) {
	switch strings.ToLower(s) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, strconv.ErrSyntax
}
