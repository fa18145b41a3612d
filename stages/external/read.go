package external

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
)

// keep writes one output from the bytes that the program left.
func (f File) keep(r *stages.Run, name string, content []byte) error {
	if f.raw() {
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
	t, err := f.read(content)
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
		if t.Column("inputs").Type == frame.Signs {
			return set.Table()
		}
		return set.Lists()
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

// read gives the columns under their declared names.
func (f *File) read(content []byte) (*frame.Table, error) {
	if f.Format == "csv" {
		return f.readCSV(content)
	}
	t, err := f.decode(content)
	if err != nil {
		return nil, err
	}
	return f.declare(t)
}

// decode reads Parquet or Arrow. Columns that are to be dropped may be of any type, and damaged.
func (f *File) decode(content []byte) (*frame.Table, error) {
	if len(content) == 0 {
		return nil, fmt.Errorf("the file is empty; %s never is, not even without rows", f.columnar())
	}
	if frame.IsArrow(content) != (f.Format == "arrow") {
		if err := cmp.Or(foreign(content), f.foreignText(content)); err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("the file is not %s: it does not begin as one does", f.columnar())
	}
	t, err := frame.Decode(content)
	if err == nil {
		return t, nil
	}
	names, unreadable := frame.ColumnNames(content)
	if unreadable != nil {
		if f.Format == "arrow" || bytes.HasPrefix(content, []byte("PAR1")) {
			return nil, err
		}
		return nil, cmp.Or(foreign(content), f.foreignText(content), err)
	}
	if f.drops() {
		if err := f.checkNames(names, false); err != nil {
			return nil, misdeclared(err)
		}
		declared := f.declared()
		return frame.DecodeColumns(content, slices.DeleteFunc(names, func(name string) bool { return !has(declared, name) })...)
	}
	if _, _, odd := frame.DecodeFields(content); odd != nil && f.Type == "table" {
		err = misdeclared(fmt.Errorf("%w; to leave it out, declare the columns to keep, and undeclared = \"drop\"", err))
	}
	return nil, err
}

// misdeclared marks a fault that another declaration of the output may mend.
func misdeclared(err error) error {
	if err == nil {
		return nil
	}
	return &stages.DeclarationError{Err: err}
}
