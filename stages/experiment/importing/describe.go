package importing

import (
	"crypto/sha256"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"spurion/stages/common/dataset"
)

// describe makes the data set of what was read.
func (j *job) describe() error {
	d := &j.data
	d.Classes = j.label.names
	for _, m := range j.attributes {
		name := strings.TrimPrefix(m.of, "attribute ")
		d.Attributes = append(d.Attributes, dataset.Attribute{Name: name, Values: m.names})
	}
	if err := d.Check(); err != nil {
		return err
	}
	if j.attribute != nil {
		d.Pairs = pairs(j.s.Pairs, &d.Description, j.groups[0], &j.faults)
	}
	d.Parts = j.parts()
	d.Sources = j.sources()
	j.lacks()
	j.tellApart()
	if j.faults.count > 0 {
		return nil
	}
	if err := d.Check(); err != nil {
		return err
	}
	return j.divideSamples()
}

// tellApart sees to it that tables which name groups name each by itself.
func (j *job) tellApart() {
	known := map[string]bool{}
	for g := range j.groups[0] {
		name := j.groupName(g)
		if known[name] {
			j.faults.add("two groups are called %q, since their values hold a slash or a comma: give the values other names, names = [...]", name)
		}
		known[name] = true
	}
}

// divideSamples makes the samples of the splits, which share the inputs' memory.
func (j *job) divideSamples() error {
	labels := make([]int16, len(j.order))
	var attributes []int16
	if j.attribute != nil {
		attributes = make([]int16, len(j.order))
	}
	for i, row := range j.order {
		labels[i] = j.label.numbers[row]
		if attributes != nil {
			attributes[i] = j.attribute[row]
		}
	}
	from, n := 0, j.data.Dimensions
	for split, count := range j.counts {
		if count == 0 {
			continue
		}
		to := from + count
		in := dataset.Inputs{Dimensions: n, Scale: j.inner.Scale, Offset: j.inner.Offset}
		if j.inner.Bytes != nil {
			in.Bytes = j.inner.Bytes[from*n : to*n]
		} else {
			in.Floats = j.inner.Floats[from*n : to*n]
		}
		m := dataset.Marks{Classes: j.data.ClassCount(), Values: j.data.ValueCount(), Labels: labels[from:to]}
		if attributes != nil {
			m.Attributes = attributes[from:to]
		}
		s, err := dataset.New(dataset.Splits[split], in, m)
		if err != nil {
			return err
		}
		j.data.Set(s)
		from = to
	}
	return nil
}

// parts gives where features lie, whole sides where nothing is said.
func (j *job) parts() (list []dataset.Part) {
	shape := j.data.Box()
	side := func(given []int, whole int) [2]int {
		if len(given) != 2 {
			return [2]int{0, whole}
		}
		return [2]int{given[0], given[1]}
	}
	for _, name := range sortedKeys(j.s.Parts) {
		p := j.s.Parts[name]
		list = append(list, dataset.Part{Name: name, Channels: side(p.Channels, shape.Channels), Rows: side(p.Rows, shape.Height), Columns: side(p.Columns, shape.Width)})
	}
	return list
}

// mostSources is how many files a data set lists one by one.
const mostSources = 100

// sources says where the samples come from: what the spec says, and each file; all pictures are one source.
func (j *job) sources() (list []dataset.Source) {
	name, licence := "", ""
	if j.s.Source != nil {
		name, licence = j.s.Source.Name, j.s.Source.Licence
	}
	filter := j.filter()
	if name != "" {
		list = append(list, dataset.Source{Name: name, Licence: licence, Filter: filter})
	}
	var pictures, others []*file
	for _, f := range j.files {
		if f.used {
			others = append(others, f)
		}
	}
	if j.rows.pictures != nil {
		for _, row := range j.order {
			pictures = append(pictures, j.rows.pictures[row])
		}
	}
	if len(others) > mostSources {
		list = append(list, dataset.Source{Name: together(others, "file"), Digest: digestOf(others), Licence: licence, Filter: filter})
	} else {
		for _, f := range others {
			list = append(list, dataset.Source{Name: f.Path, Digest: f.Digest, Licence: licence, Filter: filter})
		}
	}
	if len(pictures) > 0 {
		list = append(list, dataset.Source{Name: together(pictures, "picture"), Digest: digestOf(pictures), Licence: licence, Filter: filter})
	}
	return list
}

// together names many files by the folder around them all.
func together(files []*file, word string) string {
	folder := path.Dir(files[0].Path)
	for _, f := range files {
		for folder != "." && folder != "/" && !strings.HasPrefix(f.Path, folder+"/") {
			folder = path.Dir(folder)
		}
	}
	text := counted(len(files), word)
	if folder != "." {
		text += " in " + folder
	}
	return text
}

// digestOf gives the digest of a list of files as sha256sum prints it: digest, two spaces, path, a line each, in the order of paths.
func digestOf(files []*file) string {
	h := sha256.New()
	for _, f := range slices.SortedFunc(slices.Values(files), func(a, b *file) int { return strings.Compare(a.Path, b.Path) }) {
		fmt.Fprintf(h, "%s  %s\n", f.Digest, f.Path)
	}
	return fmt.Sprintf("%x", h.Sum(nil))
}

// filter says in words what was taken of the files.
func (j *job) filter() string {
	words := slices.Clone(j.notes)
	if len(j.s.Resize) > 0 {
		words = append(words, fmt.Sprintf("resized to %d x %d (%s)", j.s.Resize[0], j.s.Resize[1], of(j.s.Fit, "stretch")))
	}
	if j.s.Grey {
		words = append(words, "made grey")
	}
	if f := j.s.split().Fractions; len(f) > 0 {
		var shares []string
		for _, split := range dataset.Splits {
			if share, ok := f[string(split)]; ok {
				shares = append(shares, string(split)+" "+strconv.FormatFloat(share, 'g', -1, 64))
			}
		}
		words = append(words, fmt.Sprintf("divided into %s (seed %d)", strings.Join(shares, ", "), j.s.Seed))
	}
	return strings.Join(words, "; ")
}
