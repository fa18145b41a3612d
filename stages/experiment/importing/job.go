package importing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"spurion/stages"
	"spurion/stages/common/dataset"
)

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{ctx: ctx, s: s, r: r, tables: map[*file]*table{}}
	for _, step := range []func() error{j.look, j.read, j.choose, j.load, j.describe} {
		if err := step(); err != nil {
			return fmt.Errorf("import: %w", err)
		}
		if err := j.faults.err(); err != nil {
			return fmt.Errorf("import: %w", err)
		}
	}
	return j.write()
}

// A job is one import.
type job struct {
	ctx    context.Context
	s      *Settings
	r      *stages.Run
	faults faults

	files  []*file // all
	inputs []*file // those that hold inputs, or the table that names them
	format string  // of inputs; "" where a table names pictures
	tables map[*file]*table
	rows   rowsOf

	label      *mark
	attributes []*mark
	attribute  []int16 // of all attributes together; nil if there are none
	values     int     // how many it has; 1 without one
	splits     []int8  // of each row, -1 for none
	notes      []string

	order  []int32 // the rows that are taken, by split
	counts [3]int  // of each split
	inner  dataset.Inputs
	data   dataset.Dataset
	groups [3][]int // samples of each split and group
}

// look lists the files and finds out what they are.
func (j *job) look() error {
	named := of(j.s.Format, "")
	given := j.r.Inputs["files"]
	slab := make([]file, len(given)) // there may be a million
	for i := range given {
		slab[i].Artifact = &given[i]
		j.files = append(j.files, &slab[i])
	}
	for i, a := range j.r.Inputs["from"] {
		if a.Extension == stages.FolderExtension {
			return fmt.Errorf("from[%d] is a folder; have the program write one file, such as an .npz", i)
		}
		f := &file{Artifact: &a}
		f.Path = fmt.Sprintf("from[%d]%s", i, a.Extension)
		if a.Extension == "" {
			f.format = parquetFormat
		}
		j.files = append(j.files, f)
	}
	if len(j.files) == 0 {
		return errors.New("there is nothing to import: give files, or from")
	}
	for _, f := range j.files {
		if f.format != "" {
			continue
		}
		if err := j.ctx.Err(); err != nil {
			return err
		}
		if err := f.look(named); err != nil {
			j.faults.add("%v", err)
		}
	}
	if j.faults.count == 0 {
		j.roles()
	}
	return nil
}

// read reads all but the inputs of arrays and pictures. So that all faults are told at once, it goes on after those of single rows, and has
// pictures decoded even then.
func (j *job) read() error {
	if known, err := j.readRows(); err != nil || !known {
		return err
	}
	j.readMarks()
	if j.faults.count == 0 || j.rows.pictures == nil {
		return nil
	}
	for row, f := range j.rows.pictures {
		if f != nil && j.taken(row) {
			j.order = append(j.order, int32(row))
		}
	}
	_, _, err := j.loadPictures()
	return err
}

// readRows reads the tables, and finds out how many rows there are; known is false after a fault that leaves this open.
func (j *job) readRows() (known bool, err error) {
	requests := j.requests()
	if j.faults.count > 0 {
		return false, nil
	}
	known = true
	for _, f := range j.files {
		want := requests[f]
		if want == nil {
			continue
		}
		f.used = true
		t := readTable(j.ctx, f, *want, &j.faults)
		if err := j.ctx.Err(); err != nil {
			return false, err
		}
		known = known && t != nil
		j.tables[f], f.held = t, nil
	}
	if !known {
		return false, nil
	}
	switch {
	case j.format == picturesFormat:
		j.rows.pictures, j.rows.total = j.inputs, len(j.inputs)
		return true, nil
	case isArray(j.format):
		for _, f := range j.inputs {
			for _, p := range j.inputArrays(f) {
				j.rows.add(p)
			}
		}
	default:
		for _, f := range j.inputs {
			j.rows.add(part{file: f, rows: j.tables[f].rows, table: j.tables[f]})
		}
		if name := j.s.inputs().Pictures; name != nil {
			j.findPictures(*name)
		}
	}
	if j.rows.total == 0 && j.faults.count == 0 {
		j.faults.add("%s has no rows", listed(paths(j.inputs)))
	}
	return j.rows.total > 0, nil
}

// requests gives what is to be read of each table.
func (j *job) requests() map[*file]*request {
	all := map[*file]*request{}
	of := func(f *file) *request {
		if all[f] == nil {
			all[f] = &request{}
		}
		return all[f]
	}
	in := j.s.inputs()
	for _, f := range j.inputs {
		switch {
		case in.Pictures != nil:
			of(f).values = append(of(f).values, *in.Pictures)
		case isTable(f.format):
			of(f).inputs, of(f).columns = true, in.Columns
		}
	}
	for _, v := range j.places() {
		if v.v.Column == nil {
			continue
		}
		files := j.filesOf(v)
		for _, f := range files {
			if !isTable(f.format) {
				j.faults.add("the %s is in a column, and %s is no table: say array, or another file", v.of, f.Path)
				continue
			}
			if want := of(f); !slices.Contains(want.values, *v.v.Column) {
				want.values = append(want.values, *v.v.Column)
			}
			if in.Pictures != nil && !slices.Contains(j.inputs, f) {
				of(f).optional = []string{*in.Pictures}
			}
		}
		if len(files) == 0 {
			j.faults.add("the %s is in the column %q, and no table is among the files", v.of, *v.v.Column)
		}
	}
	return all
}

// filesOf gives the files that hold a label or the like: those that are named, the inputs', or the tables beside them.
func (j *job) filesOf(v namedValues) []*file {
	switch {
	case v.v.File != nil:
		return matching(j.files, *v.v.File)
	case v.v.Column != nil && j.format != "" && !isTable(j.format):
		return tablesOf(without(j.files, j.inputs))
	}
	return j.inputs
}

// write stores the outputs.
func (j *job) write() error {
	t, err := j.data.Table()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if err := j.r.Write("dataset", t); err != nil {
		return err
	}
	if err := j.writeCard(); err != nil {
		return err
	}
	if !j.s.paged() {
		return nil
	}
	return j.writePage()
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
