package importing

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"spurion/stages/common/arrayfile"
	"spurion/stages/common/dataset"
)

// A part is the rows that stand together in a file.
type part struct {
	file        *file
	array       string // of an array file
	letters     string // what * stands for in its name
	first, rows int
	table       *table // of a table
}

// rowsOf are all rows: those of parts, one after the other, or a picture each.
type rowsOf struct {
	parts    []part
	pictures []*file // of rows that are pictures
	total    int
}

func (r *rowsOf) add(p part) {
	p.first = r.total
	r.total += p.rows
	r.parts = append(r.parts, p)
}

// partOf gives the place of the part that a row is in.
func (r *rowsOf) partOf(row int) int {
	return sort.Search(len(r.parts), func(i int) bool { return r.parts[i].first > row }) - 1
}

// place says where a row is.
func (r *rowsOf) place(row int) string {
	if len(r.parts) == 0 {
		return r.pictures[row].Path
	}
	p := &r.parts[r.partOf(row)]
	switch at := row - p.first; {
	case p.table != nil && p.table.lines != nil:
		return fmt.Sprintf("%s, line %d", p.file.Path, p.table.lines[at])
	case p.array != "":
		return fmt.Sprintf("%s, array %q, row %d", p.file.Path, p.array, at)
	default:
		return fmt.Sprintf("%s, row %d", p.file.Path, at)
	}
}

// named is a block of Values with what it is for.
type namedValues struct {
	of string
	v  *Values
}

// places lists what columns are read for: label, attributes, group, split.
func (j *job) places() (list []namedValues) {
	if j.s.Label != nil {
		list = append(list, namedValues{"label", j.s.Label})
	}
	for _, name := range sortedKeys(j.s.Attributes) {
		v := j.s.Attributes[name]
		list = append(list, namedValues{"attribute " + name, &v})
	}
	if j.s.Group != nil {
		list = append(list, namedValues{"group", j.s.Group})
	}
	if v := j.s.split().place(); v.somewhere() {
		list = append(list, namedValues{"split", v})
	}
	return list
}

// roles finds out which files hold inputs.
func (j *job) roles() {
	others := []*file{}
	for _, v := range j.places() {
		if v.v.File == nil {
			continue
		}
		found := matching(j.files, *v.v.File)
		if len(found) == 0 {
			j.faults.add("the %s is in %q, which none of the files is; there are %s", v.of, *v.v.File, listed(paths(j.files)))
		}
		others = append(others, found...)
	}
	in := j.s.inputs()
	if in.File != nil {
		if j.inputs = matching(j.files, *in.File); len(j.inputs) == 0 {
			j.faults.add("the inputs are in %q, which none of the files is; there are %s", *in.File, listed(paths(j.files)))
		}
	} else {
		j.inputs = j.likely(without(j.files, others))
	}
	if in.Pictures != nil {
		j.inputs = tablesOf(j.inputs)
		if len(j.inputs) == 0 {
			j.faults.add("no table is among the files, and inputs { pictures } names a column of one")
		}
		return
	}
	if ofOthers := without(j.inputs, only(j.inputs, func(format string) bool { return format == j.inputs[0].format })); len(ofOthers) > 0 {
		j.mixed(ofOthers)
	}
	if len(j.inputs) > 0 {
		j.format = j.inputs[0].format
	}
}

// mixed tells of inputs that are of other formats than the first, a format in a line.
func (j *job) mixed(others []*file) {
	first := j.inputs[0]
	for len(others) > 0 {
		like := only(others, func(format string) bool { return format == others[0].format })
		more, is := "", "is"
		if n := len(like) - 1; n > 0 {
			more, is = " and "+counted(n, "other file"), "are"
		}
		j.faults.add("%s%s %s %s, and %s %s: say which files hold the inputs, inputs { file = \"*%s\" }", like[0].Path, more, is, like[0].format, first.Path, first.format, extension(first.Path))
		others = without(others, like)
	}
}

func extension(path string) string {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if at := strings.IndexByte(name, '.'); at >= 0 {
		return name[at:]
	}
	return name
}

func paths(files []*file) []string {
	list := make([]string, len(files))
	for i, f := range files {
		list[i] = f.Path
	}
	return list
}

func only(files []*file, is func(format string) bool) (list []*file) {
	for _, f := range files {
		if is(f.format) {
			list = append(list, f)
		}
	}
	return list
}

// likely gives the files among the rest that hold inputs: arrays or pictures, beside which tables hold labels.
func (j *job) likely(rest []*file) []*file {
	arrays, tables := only(rest, isArray), only(rest, isTable)
	if len(arrays) > 0 && j.s.inputs().Pictures == nil && len(j.s.inputs().Columns) == 0 {
		if idx := j.withDimensions(arrays, 2); (j.s.Label == nil || !j.s.Label.somewhere()) && len(idx) > 0 {
			return idx
		}
		return without(rest, tables)
	}
	if len(only(rest, isPicture)) > 0 && j.s.inputs().Pictures == nil {
		rest = slices.DeleteFunc(slices.Clone(rest), func(f *file) bool { return f.text }) // a README beside pictures is no table
		if tables = only(rest, isTable); len(tables) == 0 {
			return rest
		}
		if len(j.s.inputs().Columns) == 0 {
			j.faults.add("%s is among the pictures: if it is a table that names them, say by which column, inputs { pictures = \"...\" }; if it is none, leave it out of files", tables[0].Path)
		}
		return tables
	}
	return rest
}

// tablesOf gives the tables among files: those that their names or bytes tell, or all texts if there is none, of which a README may be one.
func tablesOf(files []*file) []*file {
	tables := only(files, isTable)
	if named := slices.DeleteFunc(slices.Clone(tables), func(f *file) bool { return f.text }); len(named) > 0 {
		return named
	}
	return tables
}

func isPicture(format string) bool { return format == picturesFormat }

// withDimensions gives the IDX files whose arrays have at least so many dimensions, and those that cannot be read, if all are IDX.
func (j *job) withDimensions(files []*file, least int) (list []*file) {
	for _, f := range files {
		if f.format != string(arrayfile.IDX) {
			return nil
		}
		e, err := f.entries()
		if err != nil || len(e) == 1 && len(e[0].Shape) >= least { // an error is told when it is read
			list = append(list, f)
		}
	}
	return list
}

// splitsByFile gives the split of each row by the files that rows are in; nil if nothing says so.
func (j *job) splitsByFile() []int8 {
	s := j.s.split()
	if s.place().somewhere() {
		return nil
	}
	splits := make([]int8, j.rows.total)
	if len(j.rows.parts) == 0 {
		if len(s.Files) == 0 {
			return nil
		}
		for i, f := range j.rows.pictures {
			splits[i] = j.splitOfFile(f.Path)
		}
		return splits
	}
	said := len(s.Files) > 0
	of := make([]int8, len(j.rows.parts))
	for i, p := range j.rows.parts {
		if len(s.Files) > 0 {
			of[i] = j.splitOfFile(p.file.Path)
			continue
		}
		if split, known := usualSplit(p); known {
			of[i], said = split, true
		}
	}
	if !said {
		return nil
	}
	for i, p := range j.rows.parts {
		for row := range p.rows {
			splits[p.first+row] = of[i]
		}
	}
	return splits
}

// splitOfFile gives the split that files says, and a fault if it says none or two.
func (j *job) splitOfFile(name string) int8 {
	found := int8(-1)
	by := ""
	for _, pattern := range sortedKeys(j.s.split().Files) {
		if !matches(pattern, name) {
			continue
		}
		split := splitPlace(j.s.split().Files[pattern])
		if found >= 0 && split != found {
			j.faults.add("%s is in two splits, by %q and by %q", name, by, pattern)
		}
		found, by = split, pattern
	}
	if found < 0 {
		j.faults.add("%s is in no split: no pattern of split { files } fits it", name)
	}
	return found
}

// usualSplit tells a part's split by what MNIST, CIFAR and Keras call theirs.
func usualSplit(p part) (split int8, known bool) {
	name := strings.ToLower(p.file.Path[strings.LastIndexByte(p.file.Path, '/')+1:])
	switch arrayfile.Format(p.file.format) {
	case arrayfile.IDX:
		if strings.HasPrefix(name, "train") {
			return splitPlace("train"), true
		}
		return splitPlace("test"), strings.HasPrefix(name, "t10k") || strings.HasPrefix(name, "test")
	case arrayfile.CIFAR10, arrayfile.CIFAR100:
		if strings.HasPrefix(name, "data_batch") || name == "train.bin" {
			return splitPlace("train"), true
		}
		return splitPlace("test"), strings.HasPrefix(name, "test")
	}
	split = splitPlace(p.letters)
	return split, split >= 0
}

// splitPlace gives the place of a split in dataset.Splits, by what splits are called; -1 for another word.
func splitPlace(name string) int8 {
	return int8(slices.Index(dataset.Splits, splitNames[strings.ToLower(name)]))
}
