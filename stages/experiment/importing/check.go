package importing

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
)

// Check reports what the tags cannot say.
func (s *Settings) Check() []stages.Problem {
	c := &checker{}
	c.inputs(s)
	if s.Label != nil {
		c.values("label", s.Label, false)
	}
	for _, name := range sortedKeys(s.Attributes) {
		v := s.Attributes[name]
		if !frame.IsName(name) {
			c.add("attribute."+name, fmt.Sprintf("%q cannot name an attribute", name), "A name is snake_case: a small letter, then small letters, digits and underscores.")
		}
		c.values("attribute."+name, &v, true)
	}
	if s.Group != nil {
		c.values("group", s.Group, true)
		if len(s.Attributes) > 0 {
			c.add("group", "a group stands in place of attributes", "Leave out group, or attribute.")
		}
	}
	if s.Split != nil {
		c.split(s.Split)
	}
	if len(s.Resize) > 0 && len(s.Resize) != 2 {
		c.add("resize", "resize is a height and a width", "Write resize = [32, 32].")
	}
	if s.Fit != nil && len(s.Resize) == 0 {
		c.add("fit", "fit without resize", "It says what resize does with pictures of another ratio.")
	}
	if len(s.Pairs) > 0 && len(s.Attributes) == 0 && s.Group == nil {
		c.add("pairs", "pairs without an attribute", "It says which attribute goes with each class.")
	}
	c.parts(s)
	return c.problems
}

// A checker collects problems.
type checker struct{ problems []stages.Problem }

func (c *checker) add(at, summary, detail string) {
	c.problems = append(c.problems, stages.Problem{Path: at, Summary: summary, Detail: detail})
}

func (c *checker) inputs(s *Settings) {
	in := s.Inputs
	if in == nil {
		return
	}
	if len(in.Shape) > 0 && len(in.Shape) != 3 {
		c.add("inputs.shape", "a shape is channels, height and width", "Write shape = [3, 32, 32], or [1, 28, 28] for grey.")
	}
	c.several("inputs", map[string]bool{"columns": len(in.Columns) > 0, "array": in.Array != nil, "pictures": in.Pictures != nil},
		"inputs are in %s and in %s", "They are columns of a table, an array, or pictures: leave one out.")
	if in.Folder != nil {
		if in.Pictures == nil {
			c.add("inputs.folder", "folder without pictures", "It says where the names in the column of pictures begin.")
		}
		if detail := leaves(*in.Folder); detail != "" {
			c.add("inputs.folder", fmt.Sprintf("%q cannot be a folder", *in.Folder), detail)
		}
	}
	for i, name := range in.Columns {
		if slices.Contains(in.Columns[:i], name) {
			c.add("inputs.columns", fmt.Sprintf("the column %q is given twice", name), "Once is enough.")
		}
	}
	c.pattern("inputs.file", in.File)
}

// several reports each two of some settings that are given, of which one may be.
func (c *checker) several(at string, given map[string]bool, summary, detail string) {
	var names []string
	for _, name := range sortedKeys(given) {
		if !given[name] {
			continue
		}
		for _, other := range names {
			c.add(at+"."+name, fmt.Sprintf(summary, other, name), detail)
		}
		names = append(names, name)
	}
}

// leaves says why a path leads out of where it begins, or returns "".
func leaves(p string) string {
	switch clean := path.Clean(p); {
	case path.IsAbs(p) || strings.Contains(p, "\\"):
		return "It is relative to the table's folder, with forward slashes."
	case clean == ".." || strings.HasPrefix(clean, "../"):
		return "It leaves the table's folder."
	}
	return ""
}

func (c *checker) pattern(at string, pattern *string) {
	if pattern == nil {
		return
	}
	if _, err := path.Match(*pattern, ""); err != nil || *pattern == "" {
		c.add(at, fmt.Sprintf("%q is no pattern", *pattern), "Write a file's name, in which * stands for any letters but a slash; a [ must be closed.")
	}
}

func (c *checker) values(at string, v *Values, needed bool) {
	c.place(at, v)
	if needed && !v.somewhere() {
		c.add(at, "it does not say where to look", "Write column, array, file or folder.")
	}
	used := map[int]bool{}
	for _, value := range sortedKeys(v.Keep) {
		n := v.Keep[value]
		if n != float64(int(n)) || n < 0 || n >= dataset.MaxGroups {
			c.add(at+".keep", fmt.Sprintf("%q cannot become %v", value, n), "Numbers are 0, 1, 2 and so on.")
			return
		}
		used[int(n)] = true
	}
	for n := range len(used) {
		if !used[n] {
			c.add(at+".keep", fmt.Sprintf("no value becomes %d", n), fmt.Sprintf("There are %d numbers, so they are 0 to %d.", len(used), len(used)-1))
			break
		}
	}
	for i, name := range v.Names {
		if name == "" || slices.Contains(v.Names[:i], name) {
			c.add(at+".names", fmt.Sprintf("the name %q is empty or given twice", name), "Each number has a name of its own.")
		}
	}
	if len(v.Keep) > 0 && len(v.Names) > 0 && len(v.Names) != len(used) {
		c.add(at+".names", fmt.Sprintf("%d names for %d numbers", len(v.Names), len(used)), "Give one for each number of keep, in their order.")
	}
}

// place reports what of a place does not go together.
func (c *checker) place(at string, v *Values) {
	c.several(at, map[string]bool{"column": v.Column != nil, "array": v.Array != nil, "folder": v.Folder != nil}, "it is in %s and in %s", "Leave one out.")
	if v.Folder != nil && v.File != nil {
		c.add(at+".file", "the name of a folder is in no file", "Leave one out.")
	}
	if v.Index != nil && v.Column != nil {
		c.add(at+".index", "index is for arrays", "A column has one value in a row.")
	}
	c.pattern(at+".file", v.File)
}

func (c *checker) split(s *Split) {
	v := s.place()
	c.place("split", v)
	if len(s.Files) > 0 && v.somewhere() {
		c.add("split.files", "splits are told by files and by values", "Leave one out.")
	}
	if len(s.Values) > 0 && !v.somewhere() {
		c.add("split.values", "values without a place", "Write column, array or folder.")
	}
	for at, m := range map[string]map[string]string{"split.values": s.Values, "split.files": s.Files} {
		for _, key := range sortedKeys(m) {
			if _, ok := splitNames[strings.ToLower(m[key])]; !ok {
				c.add(at, fmt.Sprintf("there is no split %q", m[key]), "Splits are train, validation and test.")
			}
		}
	}
	slices.SortStableFunc(c.problems, func(a, b stages.Problem) int { return strings.Compare(a.Path, b.Path) })
	for _, pattern := range sortedKeys(s.Files) {
		c.pattern("split.files", &pattern)
	}
	if len(s.Fractions) == 0 {
		if s.Stratify != nil {
			c.add("split.stratify", "stratify without fractions", "It says in what the fractions hold.")
		}
		return
	}
	sum := 0.0
	for _, name := range sortedKeys(s.Fractions) {
		sum += s.Fractions[name]
		if !slices.Contains(dataset.Splits, dataset.Split(name)) {
			c.add("split.fractions", fmt.Sprintf("there is no split %q", name), "Splits are train, validation and test.")
		}
	}
	if sum < 1-1e-9 || sum > 1+1e-9 {
		c.add("split.fractions", "the fractions do not sum to 1", fmt.Sprintf("They sum to %s.", stages.FormatFloat(sum)))
	}
}

func (c *checker) parts(s *Settings) {
	for _, name := range sortedKeys(s.Parts) {
		if name != dataset.CorePart && name != dataset.SpuriousPart {
			c.add("part."+name, fmt.Sprintf("there is no part %q", name), "Parts are core and spurious.")
		}
		p := s.Parts[name]
		sides := map[string][]int{"channels": p.Channels, "rows": p.Rows, "columns": p.Columns}
		for _, side := range sortedKeys(sides) {
			if b := sides[side]; len(b) > 0 && (len(b) != 2 || b[0] >= b[1]) {
				c.add("part."+name+"."+side, side+" are two numbers, the first lower", "Write the first, and the one after the last, as in [0, 32].")
			}
		}
	}
}

// CheckInputs reports files that are not read, with what to do about them, and names that fit none of the files.
func (s *Settings) CheckInputs(given map[string][]string) []stages.Problem {
	c := &checker{}
	var names []string
	for _, p := range given["files"] {
		p = stages.LaidOut(p)
		names = append(names, p)
		if code := unreadable[strings.ToLower(path.Ext(p))]; code != "" && len(c.problems) < mostFaults {
			c.add("files", fmt.Sprintf("%q is not read", path.Base(p)), p+": "+throughProgram(p, code))
		}
	}
	if len(names) == 0 {
		return c.problems // what from gives has no names yet
	}
	fits := func(at string, pattern *string) {
		if pattern != nil && !slices.ContainsFunc(names, func(name string) bool { return matches(*pattern, name) }) && !strings.HasPrefix(*pattern, "from") {
			c.add(at, fmt.Sprintf("no file fits %q", *pattern), fmt.Sprintf("Among the files are %s. A name is held against the end of a path.", listed(names)))
		}
	}
	fits("inputs", s.inputs().File)
	if s.Label != nil {
		fits("label", s.Label.File)
	}
	for _, name := range sortedKeys(s.Attributes) {
		fits("attribute", s.Attributes[name].File)
	}
	if s.Group != nil {
		fits("group", s.Group.File)
	}
	fits("split", s.split().File)
	for _, pattern := range sortedKeys(s.split().Files) {
		fits("split", &pattern)
	}
	return c.problems
}
