package importing

import (
	"slices"

	"spurion/stages/common/arrayfile"
)

// readMarks reads labels, attributes and splits.
func (j *job) readMarks() {
	label := j.s.Label
	if label == nil || !label.somewhere() {
		label = j.usualLabel()
	}
	if label == nil {
		j.faults.add("say what the label is: label { column = \"...\" } of a table, label { array = \"...\" } of an .npz or safetensors file, or label { file = \"...\" }")
		return
	}
	if c := j.valuesOf(namedValues{"label", label}); c != nil {
		if j.s.Label != nil {
			label = j.s.Label // keep and names
		}
		j.label = resolved("label", label, c, &j.rows, &j.faults)
		if j.label != nil && j.format == string(arrayfile.CIFAR10) && label.Keep == nil && label.Names == nil && len(j.label.names) == len(cifar10) {
			j.label.names = cifar10[:]
		}
	}
	for _, name := range sortedKeys(j.s.Attributes) {
		v := j.s.Attributes[name]
		j.addAttribute("attribute "+name, &v)
	}
	if j.s.Group != nil {
		j.addAttribute("group", j.s.Group)
	}
	if j.s.Group != nil && j.label != nil && len(j.attributes) > 0 {
		j.attributes[0] = j.attributes[0].withinClass(j.label)
	}
	j.readSplits()
}

// cifar10 names the classes of CIFAR-10, as its file batches.meta.txt does.
var cifar10 = [...]string{"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"}

// usualLabel gives where the label is if nothing says so.
func (j *job) usualLabel() *Values {
	one, fine, labels := 1, "fine_labels", "labels"
	switch arrayfile.Format(j.format) {
	case picturesFormat:
		return &Values{Folder: &one}
	case arrayfile.CIFAR10:
		return &Values{Array: &labels}
	case arrayfile.CIFAR100:
		return &Values{Array: &fine}
	case arrayfile.IDX:
		if len(j.idxLabels()) > 0 {
			return &Values{}
		}
	}
	return nil
}

// idxLabels gives the IDX files that are no inputs.
func (j *job) idxLabels() []*file {
	return only(without(j.files, j.inputs), func(format string) bool { return format == string(arrayfile.IDX) })
}

func (j *job) addAttribute(of string, v *Values) {
	c := j.valuesOf(namedValues{of, v})
	if c == nil {
		return
	}
	if m := resolved(of, v, c, &j.rows, &j.faults); m != nil {
		j.attributes = append(j.attributes, m)
	}
}

// valuesOf gives a label or the like of all rows; nil after a fault.
func (j *job) valuesOf(v namedValues) *coded {
	switch {
	case v.v.Folder != nil:
		return j.readFolders(v)
	case v.v.Column != nil:
		return j.readColumn(v)
	}
	return j.readArrays(v)
}

func (j *job) readFolders(v namedValues) *coded {
	if j.rows.pictures == nil {
		j.faults.add("the %s is the name of a folder, which only pictures have", v.of)
		return nil
	}
	if slices.Contains(j.rows.pictures, nil) { // which has been told
		return nil
	}
	before := j.faults.count
	to := newCoder(j.rows.total)
	for _, f := range j.rows.pictures {
		name := folderOf(f.Path, *v.v.Folder)
		if name == "" {
			j.faults.add("%s: there is no folder for the %s", f.Path, v.of)
			continue
		}
		to.add(name)
	}
	if j.faults.count > before {
		return nil
	}
	return &to.coded
}

func (j *job) readColumn(v namedValues) *coded {
	files := j.filesOf(v)
	if slices.Equal(files, j.inputs) {
		var parts []*coded
		for _, f := range files {
			parts = append(parts, j.tables[f].values[*v.v.Column])
		}
		return joinedValues(parts)
	}
	if in := j.s.inputs(); in.Pictures != nil {
		if c, ok := j.byPicture(v, files, *in.Pictures); ok {
			return c
		}
	}
	var parts []*coded
	for _, f := range files {
		parts = append(parts, j.tables[f].values[*v.v.Column])
	}
	return j.inOrder(v, files, make([]string, len(files)), parts)
}

// byPicture gives a column of other tables for the rows' pictures; ok is false if one of the tables does not name them.
func (j *job) byPicture(v namedValues, files []*file, pictures string) (c *coded, ok bool) {
	found := map[string]string{}
	for _, f := range files {
		names, values := j.tables[f].values[pictures], j.tables[f].values[*v.v.Column]
		if names == nil {
			return nil, false
		}
		for i, code := range names.codes {
			if code < 0 || values.codes[i] < 0 {
				continue
			}
			name, value := names.names[code], values.names[values.codes[i]]
			if other, twice := found[name]; twice && other != value {
				j.faults.add("%s: the picture %q has two values of the %s: %q and %q", f.Path, name, v.of, other, value)
			}
			found[name] = value
		}
	}
	to := newCoder(j.rows.total)
	for _, p := range j.rows.parts {
		names := p.table.values[pictures]
		for i, code := range names.codes {
			if code < 0 {
				to.none()
				continue
			}
			value, is := found[names.names[code]]
			if !is {
				j.faults.add("%s: the picture %q has no %s in %s", j.rows.place(p.first+i), names.names[code], v.of, listed(paths(files)))
				to.none()
				continue
			}
			to.add(value)
		}
	}
	return &to.coded, true
}

// readArrays reads an array of the inputs' files or of others.
func (j *job) readArrays(v namedValues) *coded {
	var files []*file
	var arrays []string
	var parts []*coded
	add := func(f *file, name string) {
		c, err := markOfArray(f, name, v.v.Index)
		if err != nil {
			j.faults.add("the %s: %v", v.of, err)
			return
		}
		files, arrays, parts = append(files, f), append(arrays, name), append(parts, c)
	}
	name := of(v.v.Array, "")
	before := j.faults.count
	switch {
	case v.v.File != nil:
		for _, f := range matching(j.files, *v.v.File) {
			add(f, name)
		}
	case v.v.Array != nil:
		for _, p := range j.rows.parts {
			add(p.file, replaced(name, p.letters))
		}
	default:
		for _, f := range j.idxLabels() {
			add(f, name)
		}
	}
	if j.faults.count > before {
		return nil
	}
	return j.inOrder(v, files, arrays, parts)
}

// inOrder puts values of other files, or of arrays of files, beside the rows: part by part if there are as many, which then have as many rows
// each. A column has no array: "".
func (j *job) inOrder(v namedValues, files []*file, arrays []string, parts []*coded) *coded {
	before := j.faults.count
	total := 0
	for i, c := range parts {
		total += len(c.codes)
		if beside := j.rows.parts; len(parts) == len(beside) && len(c.codes) != beside[i].rows {
			j.faults.add("the %s: %s has %s, and %s %s: they stand beside each other", v.of, placed(files[i], arrays[i]), counted(len(c.codes), "row"), placed(beside[i].file, beside[i].array), counted(beside[i].rows, "row"))
		}
	}
	if j.faults.count == before && total != j.rows.total {
		j.faults.add("the %s: %s have %s, and the inputs %s", v.of, listed(paths(files)), counted(total, "row"), counted(j.rows.total, "row"))
	}
	if j.faults.count > before {
		return nil
	}
	return joinedValues(parts)
}
