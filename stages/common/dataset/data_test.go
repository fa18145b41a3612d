package dataset

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

func testLaw() *datalaw.Law {
	return &datalaw.Law{Core: boolean.Function{Type: boolean.Staircase, Degree: 3}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 4, SpuriousLength: 2, Independent: 64, Strength: 0.9, Variant: datalaw.Paper}
}

// sampled gives samples of the test law.
func sampled(t *testing.T, split Split, rows int) *Samples {
	t.Helper()
	c, err := testLaw().Compile()
	if err != nil {
		t.Fatal(err)
	}
	packed := make([]uint64, rows*c.Words())
	labels, attributes := make([]int16, rows), make([]int16, rows)
	c.SampleBits(kernel.NewStream(int64(rows), string(split)), c.Confounded(), rows, packed, labels, attributes)
	s, err := Pack(split, c.Dimensions(), packed, labels, attributes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func sameSamples(a, b *Samples) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Split == b.Split && a.Rows == b.Rows && a.Dimensions == b.Dimensions && reflect.DeepEqual(a.inputs, b.inputs) && reflect.DeepEqual(a.marks, b.marks)
}

func sameDataset(a, b *Dataset) bool {
	return reflect.DeepEqual(a.Description, b.Description) && sameSamples(a.Train, b.Train) && sameSamples(a.Validation, b.Validation) && sameSamples(a.Test, b.Test)
}

// TestVersion2 reads what generate wrote before inputs were bits: equal samples, drawn again here.
func TestVersion2(t *testing.T) {
	file, err := os.ReadFile("testdata/version2.parquet")
	if err != nil {
		t.Fatal(err)
	}
	table, err := frame.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	if got := table.Column("inputs").Type; got != frame.Int8List {
		t.Fatalf("the old file holds %v", got)
	}
	got, err := FromTable(table)
	if err != nil {
		t.Fatal(err)
	}
	want := &Dataset{Description: Description{Law: testLaw(), Dimensions: 70}, Train: sampled(t, TrainSplit, 20), Validation: sampled(t, ValidationSplit, 5), Test: sampled(t, TestSplit, 9)}
	if !sameDataset(got, want) {
		t.Error("the old file holds other samples")
	}
	again, err := got.Lists()
	if err != nil || !frame.Equal(again, table) {
		t.Errorf("as lists it is another table, %v", err)
	}
}

// TestNothingIsCopied takes tables apart and puts them together without room for the inputs.
func TestNothingIsCopied(t *testing.T) {
	d := &Dataset{Description: Description{Law: testLaw(), Dimensions: 70}, Train: sampled(t, TrainSplit, 40), Test: sampled(t, TestSplit, 5)}
	table, err := d.Table()
	if err != nil {
		t.Fatal(err)
	}
	apart, err := FromTable(table)
	if err != nil {
		t.Fatal(err)
	}
	again, err := apart.Table()
	if err != nil {
		t.Fatal(err)
	}
	if !frame.Equal(again, table) || &again.Column("inputs").Words[0] != &table.Column("inputs").Words[0] {
		t.Error("inputs are copied")
	}
	if p := apart.Train.Packed(); cap(p) != len(p) {
		t.Error("who appends to the packed inputs of a split writes to the next")
	}
}

// through writes a data set as Parquet and reads it again.
func through(t *testing.T, d *Dataset) *Dataset {
	t.Helper()
	table, err := d.Table()
	if err != nil {
		t.Fatal(err)
	}
	file, err := frame.Encode(table)
	if err != nil {
		t.Fatal(err)
	}
	if table, err = frame.Decode(file); err != nil {
		t.Fatal(err)
	}
	got, err := FromTable(table)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTableRoundTrip(t *testing.T) {
	real, err := Real(TrainSplit, 2, []float32{0.5, -1, 2, 3, 1e-9, 0}, []int16{0, 1, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, d := range map[string]*Dataset{
		"mixed":    mixed(t),
		"finite":   {Description: Description{Law: testLaw(), Dimensions: 70}, Train: sampled(t, TrainSplit, 100), Validation: sampled(t, ValidationSplit, 10), Test: sampled(t, TestSplit, 1)},
		"fresh":    {Description: Description{Law: testLaw(), Dimensions: 70}},
		"fresh+":   {Description: Description{Law: testLaw(), Dimensions: 70}, Test: sampled(t, TestSplit, 20)},
		"external": {Description: Description{Dimensions: 2}, Train: real},
	} {
		got := through(t, d)
		if !sameDataset(d, got) {
			t.Errorf("%s: got %+v", name, got)
		}
		if got.Fresh() != strings.HasPrefix(name, "fresh") {
			t.Errorf("%s: fresh is %v", name, got.Fresh())
		}
	}
}

// mixed has splits whose rows stand between each other in the table that it came from.
func mixed(t *testing.T) *Dataset {
	d := &Dataset{Description: Description{Law: testLaw(), Dimensions: 70}, Train: sampled(t, TrainSplit, 8), Validation: sampled(t, ValidationSplit, 3), Test: sampled(t, TestSplit, 1)}
	table, err := d.Table()
	if err != nil {
		t.Fatal(err)
	}
	table = table.Take([]int{8, 0, 1, 9, 2, 11, 3, 4, 5, 10, 6, 7})
	got, err := FromTable(table)
	if err != nil {
		t.Fatal(err)
	}
	if !sameDataset(got, d) {
		t.Error("rows in another order give other samples")
	}
	return got
}

func TestTableHasTheDeclaredFields(t *testing.T) {
	d := &Dataset{Description: Description{Law: testLaw(), Dimensions: 70}, Train: sampled(t, TrainSplit, 5)}
	table, err := d.Table()
	if err != nil {
		t.Fatal(err)
	}
	if err := table.Check(Fields); err != nil {
		t.Error(err)
	}
	fresh, err := (&Dataset{Description: Description{Law: testLaw(), Dimensions: 70}}).Table()
	if err != nil {
		t.Fatal(err)
	}
	if err := fresh.Check(Fields); err != nil {
		t.Error(err)
	}
}

// TestExternal reads what another program writes: integers as int64, without attribute, or with the
// group alone, with rows of the splits mixed and a column of its own.
func TestExternal(t *testing.T) {
	table := &frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "id"}, []int64{7, 8, 9}),
		frame.Float32Lists(frame.Field{Name: "inputs"}, []float32{1, -1, -1, -1, 1, 1}, frame.EqualOffsets(3, 2)),
		frame.Int64s(frame.Field{Name: "label"}, []int64{1, 0, 1}),
		frame.Strings(frame.Field{Name: "split"}, []string{"test", "train", "train"}),
	}}
	d, err := FromTable(table)
	if err != nil {
		t.Fatal(err)
	}
	l := &Ledger{}
	if d.Law != nil || d.Dimensions != 2 || d.Train.Rows != 2 || d.Test.Rows != 1 || d.Validation != nil || d.Fresh() {
		t.Errorf("%+v", d)
	}
	if d.Train.HasAttributes() || d.Train.Attributes(l, Training) != nil || d.Train.Groups(l, Training) != nil {
		t.Errorf("attributes that were not given")
	}
	if !slices.Equal(d.Train.Labels(l, Training), []int16{0, 1}) || !slices.Equal(d.Train.Packed(), []uint64{0, 3}) {
		t.Errorf("labels %v, inputs %b", d.Train.marks.Labels, d.Train.inputs.Signs)
	}
	table.Columns = append(table.Columns, frame.Int64s(frame.Field{Name: "group"}, []int64{3, 1, 2}))
	if d, err = FromTable(table); err != nil || !slices.Equal(d.Train.Groups(l, Training), []int16{1, 2}) {
		t.Errorf("%v: groups %v", err, d)
	}
}

func TestInputsAndGather(t *testing.T) {
	s := sampled(t, TrainSplit, 9)
	n := s.Dimensions
	all := make([]float32, s.Rows*n)
	s.Inputs(all, 0, s.Rows)
	real, err := Real(TrainSplit, n, all, s.marks.Labels, nil)
	if err != nil {
		t.Fatal(err)
	}
	index := []int32{8, 0, 3, 3}
	for _, s := range []*Samples{s, real} {
		got := make([]float32, len(index)*n)
		s.Gather(got, index)
		for i, row := range index {
			if !slices.Equal(got[i*n:(i+1)*n], all[int(row)*n:int(row+1)*n]) {
				t.Errorf("row %d is not row %d", i, row)
			}
		}
		s.Inputs(got, 5, 4)
		if !slices.Equal(got, all[5*n:9*n]) {
			t.Errorf("rows 5 to 8 differ")
		}
	}
}

// TestDamage changes one thing of a good table at a time; each must be refused with its place.
func TestDamage(t *testing.T) {
	good := func() *frame.Table {
		d := &Dataset{Description: Description{Law: testLaw(), Dimensions: 70}, Train: sampled(t, TrainSplit, 4), Test: sampled(t, TestSplit, 2)}
		table, err := d.Table()
		if err != nil {
			t.Fatal(err)
		}
		return table
	}
	drop := func(name string) func(*frame.Table) {
		return func(t *frame.Table) {
			t.Columns = slices.DeleteFunc(t.Columns, func(c frame.Column) bool { return c.Name == name })
		}
	}
	external := func(t *frame.Table) { t.Meta = nil }
	lists := func(change func(*frame.Column)) func(*frame.Table) {
		return func(t *frame.Table) {
			c := t.Column("inputs")
			ints := make([]int8, 0, 6*70)
			for row := range c.Len() {
				ints = append(ints, c.Value(row).([]int8)...)
			}
			*c = frame.Int8Lists(ListField, ints, frame.EqualOffsets(6, 70))
			change(c)
		}
	}
	for _, c := range []struct {
		says   string
		change func(*frame.Table)
	}{
		{"column split", drop("split")},
		{"column label", drop("label")},
		{"column inputs", drop("inputs")},
		{`row 2: there is no split "training"`, func(t *frame.Table) { t.Column("split").Strings.Set(2, "training") }},
		{"row 3: label is 2", func(t *frame.Table) { t.Column("label").Int8s[3] = 2 }},
		{"row 1: attribute is -1", func(t *frame.Table) { t.Column("attribute").Int8s[1] = -1 }},
		{"row 1: group is 4", func(t *frame.Table) { t.Column("group").Int8s[1] ^= 7; t.Column("group").Int8s[1] &= 4 }},
		{"row 0: group", func(t *frame.Table) { t.Column("group").Int8s[0] ^= 1 }},
		{"train, row 2 of the split: label", func(t *frame.Table) { t.Column("label").Int8s[2] ^= 1; drop("group")(t) }},
		{"test, row 1 of the split: attribute", func(t *frame.Table) { t.Column("attribute").Int8s[5] ^= 1; drop("group")(t) }},
		{"inputs -1 and +1", lists(func(c *frame.Column) { c.Int8s[0] = 3 })},
		{"row 5: 69 inputs, not 70", lists(func(c *frame.Column) { c.Int8s, c.Offsets[6] = c.Int8s[:6*70-1], 6*70-1 })},
		{"69 inputs in a row, not the 70", func(t *frame.Table) { t.Column("inputs").Length = 69 }},
		{"column inputs has 1 nulls", func(t *frame.Table) {
			c := t.Column("inputs")
			c.Nullable, c.Valid = true, []bool{true, true, true, true, true, false}
		}},
		{"column label has 1 nulls", func(t *frame.Table) {
			c := t.Column("label")
			c.Nullable, c.Valid = true, []bool{true, true, false, true, true, true}
		}},
		{"column label holds string", func(t *frame.Table) {
			*t.Column("label") = frame.Strings(frame.Field{Name: "label"}, make([]string, 6))
		}},
		{"no rows of the split train", func(t *frame.Table) {
			external(t)
			for i := range t.Column("split").Strings.Len() {
				t.Column("split").Strings.Set(i, "test")
			}
		}},
		{MetaKey, func(t *frame.Table) { t.Meta[MetaKey] = "{" }},
		{"71 dimensions", func(t *frame.Table) { t.Meta[MetaKey] = strings.Replace(t.Meta[MetaKey], ":70", ":71", 1) }},
		{"unknown field", func(t *frame.Table) {
			t.Meta[MetaKey] = strings.Replace(t.Meta[MetaKey], "dimensions", "dimension", 1)
		}},
		{"strength", func(t *frame.Table) { t.Meta[MetaKey] = strings.Replace(t.Meta[MetaKey], "0.9", "1.9", 1) }},
	} {
		table := good()
		c.change(table)
		if _, err := FromTable(table); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("want an error with %q, got %v", c.says, err)
		}
	}
}

func TestLedger(t *testing.T) {
	train, validation, test := sampled(t, TrainSplit, 5), sampled(t, ValidationSplit, 5), sampled(t, TestSplit, 5)
	l := &Ledger{}
	train.Labels(l, Training)
	if l.Access() != "none" || len(l.Uses()) != 0 {
		t.Errorf("training labels are noted: %v", l.Uses())
	}
	test.Groups(l, Evaluation)
	test.Labels(l, Evaluation)
	if l.Access() != "none" || len(l.Uses()) != 2 {
		t.Errorf("access %q, uses %v", l.Access(), l.Uses())
	}
	validation.Groups(l, Selection)
	validation.Groups(l, Selection)
	train.Attributes(l, Training)
	l.Note(frame.MarkGroup, Training, "")
	if want := "attribute: training (train); group: selection (validation); group: training (fresh)"; l.Access() != want {
		t.Errorf("access %q, want %q", l.Access(), want)
	}
	declared := []stages.LabelUse{{Mark: frame.MarkGroup, Purpose: Evaluation}, {Mark: frame.MarkSplit, Purpose: Evaluation},
		{Mark: frame.MarkGroup, Purpose: Selection}, {Mark: frame.MarkGroup, Purpose: Training}}
	if err := l.Check(declared); err == nil || strings.Count(err.Error(), "\n") != 0 || !strings.Contains(err.Error(), "attribute of train samples for training") {
		t.Errorf("%v", err)
	}
	declared = append(declared, stages.LabelUse{Mark: frame.MarkAttribute, Purpose: Training})
	if err := l.Check(declared); err != nil {
		t.Error(err)
	}
	test.Labels(l, Selection)
	declared = append(declared, stages.LabelUse{Mark: frame.MarkSplit, Purpose: Selection})
	if err := l.Check(declared); err == nil || !strings.Contains(err.Error(), "evaluation alone") {
		t.Errorf("test rows for selection: %v", err)
	}
}

func TestPackRefuses(t *testing.T) {
	for name, make := range map[string]func() (*Samples, error){
		"split":      func() (*Samples, error) { return Pack("dev", 2, []uint64{0}, []int16{0}, nil) },
		"words":      func() (*Samples, error) { return Pack(TrainSplit, 65, []uint64{0}, []int16{0}, nil) },
		"label":      func() (*Samples, error) { return Pack(TrainSplit, 2, []uint64{0}, []int16{2}, nil) },
		"attribute":  func() (*Samples, error) { return Pack(TrainSplit, 2, []uint64{0}, []int16{0}, []int16{-1}) },
		"attributes": func() (*Samples, error) { return Pack(TrainSplit, 2, []uint64{0}, []int16{0}, []int16{}) },
		"dimensions": func() (*Samples, error) { return Pack(TrainSplit, 0, nil, nil, nil) },
		"numbers":    func() (*Samples, error) { return Real(TrainSplit, 2, []float32{1}, []int16{0}, nil) },
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestDescription(t *testing.T) {
	d := Description{Dimensions: 70, Law: testLaw()}
	got, err := Describe(map[string]string{MetaKey: d.JSON()})
	if err != nil || got.Dimensions != 70 || !reflect.DeepEqual(got.Law, d.Law) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := Describe(maps.Clone(map[string]string{"other": "x"})); got != nil || err != nil {
		t.Errorf("%+v, %v", got, err)
	}
	const want = `{"dimensions":70,"law":{"core":{"type":"staircase","degree":3},"spurious":{"type":"parity","degree":1},"core_length":4,"spurious_length":2,"independent":64,"strength":0.9,"variant":"paper"}}`
	if d.JSON() != want {
		t.Errorf("%s", d.JSON())
	}
}
