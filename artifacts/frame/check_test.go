package frame

import (
	"math"
	"strings"
	"testing"
)

func TestCheckAcceptsWhatIsDeclared(t *testing.T) {
	table := sample(t, 100, 1)
	if err := table.Check(sampleFields); err != nil {
		t.Error(err)
	}
	if err := table.Check(nil); err != nil {
		t.Error(err)
	}
	if err := (&Table{}).Check([]Field{}); err != nil {
		t.Error(err)
	}
}

func TestCheckNamesWhatIsWrong(t *testing.T) {
	inf := float32(math.Inf(-1))
	column := func(name string) func(*Table) *Column {
		return func(t *Table) *Column { return t.Column(name) }
	}
	tests := []struct {
		name   string
		of     func(*Table) *Column
		change func(*Column)
		want   string
	}{
		{"NaN", column("loss"), func(c *Column) { c.Float64s[12] = math.NaN() }, "column loss, row 12: NaN; write null for what does not exist"},
		{"infinity", column("loss"), func(c *Column) { c.Float64s[3] = math.Inf(1) }, "column loss, row 3: +Inf"},
		{"float32", column("weight"), func(c *Column) { c.Float32s[c.firstValid()] = inf }, "column weight, row 0: -Inf"},
		{"element", column("w"), func(c *Column) { c.Float32s[c.Offsets[20]] = inf }, "column w, row 20: -Inf"},
		{"text", column("name"), func(c *Column) { c.Strings.Set(7, "a\xff") }, `column name, row 7: "a\xff" is not valid UTF-8`},
		{"null", column("seed"), func(c *Column) { c.Valid = make([]bool, 50) }, "column seed, row 0: null, but the column is not nullable"},
		{"short", column("flag"), func(c *Column) { c.Bools = c.Bools[:49] }, "column flag has 49 rows, the first column 50"},
		{"validity", column("t95"), func(c *Column) { c.Valid = c.Valid[:49] }, "column t95: 50 rows, but 49 marks of validity"},
		{"other slice", column("flag"), func(c *Column) { c.Int64s = []int64{1} }, "column flag: it holds bool, but values of another type are set"},
		{"no offsets", column("x"), func(c *Column) { c.Offsets = nil }, "column x: the offsets do not run"},
		{"offsets", column("x"), func(c *Column) { c.Offsets[20] = 0 }, "the offsets decrease"},
		{"case", column("loss"), func(c *Column) { c.Name = "Loss" }, `column "Loss": a name is snake_case`},
		{"space", column("loss"), func(c *Column) { c.Name = "my loss" }, "snake_case"},
		{"digit", column("loss"), func(c *Column) { c.Name = "1st" }, "snake_case"},
		{"no name", column("loss"), func(c *Column) { c.Name = "" }, "snake_case"},
		{"twice", column("loss"), func(c *Column) { c.Name = "t95" }, "column t95: there are two of that name"},
		{"no type", column("loss"), func(c *Column) { c.Type = 99 }, "type(99) is not a type"},
	}
	for _, test := range tests {
		table := sample(t, 50, 1)
		test.change(test.of(table))
		err := table.Check(nil)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", test.name, err, test.want)
		}
		if _, err := Encode(table); err == nil {
			t.Errorf("%s: it was encoded", test.name)
		}
	}
}

func TestCheckComparesWithTheDeclaration(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Table)
		want   string
	}{
		{"missing", func(t *Table) { t.Columns = t.Columns[:len(t.Columns)-1] }, "column y is missing"},
		{"more", func(t *Table) { t.Columns = append(t.Columns, Strings(Field{Name: "extra"}, make([]string, 50))) }, "column extra is not declared"},
		{"type", func(t *Table) { *t.Column("loss") = Float32s(t.Column("loss").Field, make([]float32, 50)) }, "column loss holds float32, not float64 as declared"},
		{"unit", func(t *Table) { t.Column("loss").Unit = "bits" }, `column loss has the unit "bits", not "nats"`},
		{"nullable", func(t *Table) { t.Column("loss").Nullable = true }, "column loss: nullable is true, not false"},
		{"mark", func(t *Table) { t.Column("sign").Mark = "" }, `column sign has the mark "", not "attribute"`},
		{"order", func(t *Table) { t.Columns[0], t.Columns[1] = t.Columns[1], t.Columns[0] }, "column flag stands where seed is declared"},
	}
	for _, test := range tests {
		table := sample(t, 50, 1)
		test.change(table)
		err := table.Check(sampleFields)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v; want %q", test.name, err, test.want)
		}
	}
}

// Several mistakes come at once.
func TestCheckGivesAll(t *testing.T) {
	table := sample(t, 50, 1)
	table.Column("loss").Float64s[1] = math.NaN()
	table.Column("name").Strings.Set(2, "\xff")
	table.Column("seed").Unit = "x"
	wantError(t, table.Check(sampleFields), "loss, row 1", "name, row 2", "seed has the unit")
}

func (c *Column) firstValid() int {
	for i := range c.Len() {
		if !c.Null(i) {
			return i
		}
	}
	return -1
}

func TestTypeNames(t *testing.T) {
	for typ := Bool; typ <= Float32List; typ++ {
		if got, ok := ParseType(typ.String()); !ok || got != typ {
			t.Errorf("ParseType(%q) = %v, %v", typ, got, ok)
		}
	}
	for _, name := range []string{"", "int", "FLOAT64"} {
		if got, ok := ParseType(name); ok {
			t.Errorf("ParseType(%q) = %v", name, got)
		}
	}
}
