package importing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/dataset"
)

// replaced puts letters in the place of * in a name.
func replaced(name, letters string) string { return strings.ReplaceAll(name, "*", letters) }

// readSplits finds the split of each row.
func (j *job) readSplits() {
	s := j.s.split()
	if v := s.place(); v.somewhere() {
		c := j.valuesOf(namedValues{"split", v})
		if c == nil {
			return
		}
		var left int
		j.splits, left = s.splitsOf(c, &j.rows, &j.faults)
		j.note(left, "of a split that values does not name")
		return
	}
	if j.splits = j.splitsByFile(); j.splits == nil {
		j.splits = make([]int8, j.rows.total)
		if len(s.Fractions) == 0 {
			j.notes = append(j.notes, "all samples are in train: split says which are not")
		}
	}
}

// taken reports whether a row has a label, a value of each attribute and a split, as far as these could be read.
func (j *job) taken(row int) bool {
	for _, m := range j.attributes {
		if m.numbers[row] < 0 {
			return false
		}
	}
	return (j.label == nil || j.label.numbers[row] >= 0) && (j.splits == nil || j.splits[row] >= 0)
}

// note notes rows that are left out.
func (j *job) note(left int, why string) {
	if left > 0 {
		j.notes = append(j.notes, fmt.Sprintf("%s left out: %s", counted(left, "row"), why))
	}
}

// choose decides which rows are taken, and in which split.
func (j *job) choose() error {
	for _, m := range append([]*mark{j.label}, j.attributes...) {
		j.note(m.left, "the "+m.of+" is not in keep")
	}
	if len(j.attributes) > 0 {
		values := 1
		for _, m := range j.attributes {
			values = min(values*len(m.names), dataset.MaxGroups+1)
		}
		if len(j.label.names)*values > dataset.MaxGroups {
			j.faults.add("%s and %s of the attributes make more than %s groups: leave attributes out, or values", counted(len(j.label.names), "class"), counted(values, "combination"), grouped(dataset.MaxGroups))
			return nil
		}
		j.attribute, j.values = combined(j.attributes)
	} else {
		j.values = 1
	}
	var rows []int32
	for i := range j.rows.total {
		if j.taken(i) {
			rows = append(rows, int32(i))
		}
	}
	if f := j.s.split().Fractions; len(f) > 0 {
		divide(j.strata(rows), f, j.s.Seed, j.splits)
		for _, name := range sortedKeys(f) {
			place := int8(splitPlace(name))
			if !slices.ContainsFunc(rows, func(row int32) bool { return j.splits[row] == place }) {
				j.faults.add("split.fractions gives %s %s of %s, which is none: make its share larger, or leave it out", name, stages.FormatFloat(f[name]), counted(len(rows), "row"))
			}
		}
	}
	if j.s.Limit != nil {
		before := len(rows)
		rows = limited(rows, j.splits, j.label.numbers, *j.s.Limit, j.s.Seed)
		j.note(before-len(rows), fmt.Sprintf("beyond the limit of %d of each class in a split", *j.s.Limit))
	}
	slices.SortStableFunc(rows, func(a, b int32) int { return cmp.Compare(j.splits[a], j.splits[b]) })
	j.order = rows
	for _, row := range rows {
		j.counts[j.splits[row]]++
	}
	j.countGroups()
	return nil
}

// strata gives the rows of train that fractions divide, in groups each of which is divided alike.
func (j *job) strata(rows []int32) []stratum {
	at, n := func(int32) int { return 0 }, 1
	switch of(j.s.split().Stratify, "none") {
	case "class":
		at, n = func(row int32) int { return int(j.label.numbers[row]) }, len(j.label.names)
	case "group":
		at, n = j.group, len(j.label.names)*j.values
	}
	list := make([]stratum, n)
	for _, row := range rows {
		if j.splits[row] == 0 {
			list[at(row)] = append(list[at(row)], row)
		}
	}
	return list
}

// group gives the group of a row: its class and attribute, the class alone without attributes.
func (j *job) group(row int32) int {
	g := int(j.label.numbers[row]) * j.values
	if j.attribute != nil {
		g += int(j.attribute[row])
	}
	return g
}

// countGroups counts samples, and finds what is missing.
func (j *job) countGroups() {
	for split := range j.groups {
		j.groups[split] = make([]int, len(j.label.names)*j.values)
	}
	for _, row := range j.order {
		j.groups[j.splits[row]][j.group(row)]++
	}
	if len(j.label.names) < 2 {
		j.faults.add("there is one class alone, %s; two are needed", listed(j.label.names))
		return
	}
	if j.counts[0] == 0 {
		j.faults.add("no sample is in train")
		return
	}
	for y, name := range j.label.names {
		in := [3]int{}
		for split := range in {
			for _, n := range j.groups[split][y*j.values : (y+1)*j.values] {
				in[split] += n
			}
		}
		switch {
		case in == [3]int{}:
			j.faults.add("no sample has the label %q: leave it out, or look at its spelling", name)
		case in[0] == 0:
			j.faults.add("no sample of the class %q is in train, %d in validation, %d in test", name, in[1], in[2])
		}
	}
}

// lacks notes each split that lacks a group which another has; a class, without attributes.
func (j *job) lacks() {
	for split, counts := range j.groups {
		if j.counts[split] == 0 {
			continue
		}
		var names []string
		for g, n := range counts {
			if n == 0 && j.groups[0][g]+j.groups[1][g]+j.groups[2][g] > 0 {
				names = append(names, j.groupName(g))
			}
		}
		if len(names) == 0 {
			continue
		}
		text := fmt.Sprintf("%s has no sample of %s", dataset.Splits[split], listed(names))
		if j.s.Complete {
			j.faults.add("%s, and complete asks for all groups", text)
		} else {
			j.notes = append(j.notes, text)
		}
	}
	var never []string
	for g := range j.groups[0] {
		if j.groups[0][g]+j.groups[1][g]+j.groups[2][g] == 0 {
			never = append(never, j.groupName(g))
		}
	}
	if len(never) > 0 {
		j.notes = append(j.notes, "no split has a sample of "+listed(never))
	}
}
