package importing

import (
	"slices"
	"strconv"

	"spurion/stages/common/dataset"
)

// A mark is a label or an attribute: a number for each row, and names of the numbers.
type mark struct {
	of      string  // what it is: "label", "attribute place"
	numbers []int16 // -1 for rows that are left out
	names   []string
	left    int // rows that keep leaves out
}

// resolved makes numbers of values: those of keep, or the values in order.
func resolved(of string, v *Values, c *coded, rows *rowsOf, f *faults) *mark {
	c = c.settled()
	m := &mark{of: of, numbers: make([]int16, len(c.codes))}
	var place []int16
	if v != nil && len(v.Keep) > 0 {
		place = m.kept(v.Keep, c)
	} else {
		if len(c.names) > dataset.MaxGroups {
			f.add("the %s has %s different values, such as %s; there may be %s: is it a measurement, or a name of each sample?", of, grouped(len(c.names)), listed(c.names[:3]), grouped(dataset.MaxGroups))
			return nil
		}
		if name, fractions := c.fractions(); fractions {
			f.add("the %s is a number that is not whole, such as %s: is it a measurement? Write a column of classes, or say with keep which value is which", of, name)
			return nil
		}
		m.names, place = c.ranked()
	}
	for i, code := range c.codes {
		switch {
		case code >= 0:
			m.numbers[i] = place[code]
		default:
			m.numbers[i] = -1
			if v == nil || len(v.Keep) == 0 {
				f.add("%s: the %s has no value; give it one, or say with keep which values to take", rows.place(i), of)
			}
		}
		if m.numbers[i] < 0 {
			m.left++
		}
	}
	if v != nil && len(v.Names) > 0 {
		if len(v.Names) != len(m.names) {
			f.add("names of the %s are %d, and there are %s: %s", of, len(v.Names), counted(len(m.names), "value"), listed(m.names))
			return nil
		}
		m.names = v.Names
	}
	return m
}

// kept gives the numbers of keep to values, -1 to the others. A number is called after the values that have it.
func (m *mark) kept(keep map[string]float64, c *coded) (place []int16) {
	place = make([]int16, len(c.names))
	for i := range place {
		place[i] = -1
	}
	kept := &coded{names: sortedKeys(keep)}
	order, _ := kept.ranked()
	for _, value := range order {
		n := int16(keep[value])
		for len(m.names) <= int(n) {
			m.names = append(m.names, "")
		}
		if m.names[n] != "" {
			m.names[n] += "+"
		}
		m.names[n] += value
		if at := slices.Index(c.names, canonical(value)); at >= 0 {
			place[at] = n
		}
	}
	return place
}

// combined makes one attribute of several, the first counting slowest.
func combined(marks []*mark) (numbers []int16, values int) {
	values = 1
	for _, m := range marks {
		values *= len(m.names)
	}
	if len(marks) == 1 {
		return marks[0].numbers, values
	}
	numbers = make([]int16, len(marks[0].numbers))
	for i := range numbers {
		all := 0
		for _, m := range marks {
			if m.numbers[i] < 0 {
				all = -1
				break
			}
			all = all*len(m.names) + int(m.numbers[i])
		}
		numbers[i] = int16(all)
	}
	return numbers, values
}

// withinClass makes an attribute of a mark that names groups, if each class has as many groups of its own: the place of a group among
// those of its class. Otherwise it gives the mark itself.
func (m *mark) withinClass(label *mark) *mark {
	class := make([]int16, len(m.names))
	for g := range class {
		class[g] = -1
	}
	for i, g := range m.numbers {
		y := label.numbers[i]
		switch {
		case g < 0 || y < 0:
		case class[g] >= 0 && class[g] != y:
			return m
		default:
			class[g] = y
		}
	}
	rank, count := make([]int16, len(m.names)), make([]int16, len(label.names))
	for g, y := range class {
		if y < 0 {
			return m
		}
		rank[g] = count[y]
		count[y]++
	}
	n := count[0]
	if slices.ContainsFunc(count, func(c int16) bool { return c != n }) {
		return m
	}
	out := &mark{of: m.of, numbers: make([]int16, len(m.numbers)), names: make([]string, n), left: m.left}
	for i, g := range m.numbers {
		out.numbers[i] = -1
		if g >= 0 {
			out.numbers[i] = rank[g]
		}
	}
	out.names = m.withinNames(rank, class, int(n))
	return out
}

// withinNames names the places of groups within their classes: 0, 1, ... if groups are numbered so throughout, else by all groups there.
func (m *mark) withinNames(rank, class []int16, n int) []string {
	names := make([]string, n)
	numbered := true
	for g, name := range m.names {
		numbered = numbered && name == strconv.Itoa(int(class[g])*n+int(rank[g]))
		if names[rank[g]] != "" {
			names[rank[g]] += " or "
		}
		names[rank[g]] += name
	}
	if numbered {
		for i := range names {
			names[i] = strconv.Itoa(i)
		}
	}
	return names
}

// pairs gives, for each class, the number of the attribute that goes with it: as given, or the most frequent in train.
func pairs(given map[string]string, d *dataset.Description, groups []int, f *faults) []int16 {
	list := make([]int16, d.ClassCount())
	a := d.ValueCount()
	for y := range list {
		best := 0
		for s := range a {
			if groups[y*a+s] > groups[y*a+best] {
				best = s
			}
		}
		list[y] = int16(best)
	}
	if len(given) == 0 {
		return list
	}
	attributes := make([]string, a)
	for s := range attributes {
		attributes[s] = d.AttributeName(s)
	}
	for y := range list {
		name, ok := given[d.ClassName(y)]
		s := slices.Index(attributes, name)
		switch {
		case !ok:
			f.add("pairs lacks the class %q; name an attribute for each of %s", d.ClassName(y), listed(d.Classes))
		case s < 0:
			f.add("pairs gives the class %q the attribute %q, which there is not; there are %s", d.ClassName(y), name, listed(attributes))
		default:
			list[y] = int16(s)
		}
	}
	for _, name := range sortedKeys(given) {
		if !slices.Contains(d.Classes, name) {
			f.add("pairs names the class %q, which there is not; there are %s", name, listed(d.Classes))
		}
	}
	return list
}

// splitsOf gives the split of each row by a column of values, as its place in dataset.Splits; -1 for rows that are left out.
func (s *Split) splitsOf(c *coded, rows *rowsOf, f *faults) (splits []int8, left int) {
	to := make([]int8, len(c.names))
	known := make([]bool, len(c.names))
	for i, name := range c.names {
		if len(s.Values) > 0 {
			to[i], known[i] = splitPlace(s.Values[name]), true // of a value that is not named: none
			continue
		}
		to[i] = splitPlace(name)
		known[i] = to[i] >= 0
	}
	splits = make([]int8, len(c.codes))
	for i, code := range c.codes {
		switch {
		case code < 0:
			splits[i] = -1
			f.add("%s: the split has no value", rows.place(i))
		case !known[code]:
			splits[i] = -1
			f.add("%s: the split is %q; train, validation and test are known, and 0, 1 and 2 for them: say what others mean, split { values = { %q = \"train\" } }", rows.place(i), c.names[code], c.names[code])
		default:
			if splits[i] = to[code]; splits[i] < 0 {
				left++
			}
		}
	}
	return splits, left
}
