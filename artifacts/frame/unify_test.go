package frame

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
)

// share gives a column as what one table, called by its name, holds.
func share(table string, c Column) Share {
	return Share{Field: c.Field, Each: func(yield func(*Column, func(int) Place) bool) error {
		yield(&c, func(row int) Place { return Place{Table: fmt.Sprintf("%s row %d", table, row), Row: row} })
		return nil
	}}
}

// kinds gives a column of each type with one value that every wider type holds, by the names of the types.
func kinds() []Column {
	f := Field{Name: "x"}
	return []Column{
		Bools(f, []bool{true}), Int8s(f, []int8{3}), Int64s(f, []int64{3}), Float32s(f, []float32{3}), Float64s(f, []float64{3}),
		Strings(f, []string{"3"}), Int8Lists(f, []int8{1}, []int32{0, 1}), Float32Lists(f, []float32{1}, []int32{0, 1}),
		Float64Lists(f, []float64{1}, []int32{0, 1}), {Field: Field{Name: "x", Type: Timestamp}, Int64s: []int64{3}}, {Field: Field{Name: "x", Type: Date}, Int64s: []int64{3}},
		PackedSigns(Field{Name: "x", Length: 1}, []uint64{1}),
	}
}

// What each pair of types becomes: the whole table, either way round, then with one of them empty or null.
func TestUnifyPairs(t *testing.T) {
	become := map[string]string{
		"int8 int64": "int64", "int8 float32": "float32", "int8 float64": "float64",
		"int64 float32": "float64", "int64 float64": "float64", "float32 float64": "float64",
		"list<int8> list<float32>": "list<float32>", "list<int8> list<float64>": "list<float64>", "list<float32> list<float64>": "list<float64>",
		"list<int8> signs": "list<int8>", "list<float32> signs": "list<float32>", "list<float64> signs": "list<float64>",
	}
	for i, a := range kinds() {
		for j, b := range kinds() {
			pair := fmt.Sprintf("%v %v", a.Type, b.Type)
			want := become[pair]
			if j < i {
				want = become[fmt.Sprintf("%v %v", b.Type, a.Type)]
			} else if i == j {
				want = a.Type.String()
			}
			f, err := Unify([]Share{share("a", a), share("b", b)})
			if want == "" {
				if err == nil || !strings.Contains(err.Error(), fmt.Sprintf(`the column "x" holds %v in a row 0 and %v in b row 0`, a.Type, b.Type)) {
					t.Errorf("%s: %v, %v; want a clash", pair, f.Type, err)
				}
			} else if err != nil || f.Type.String() != want {
				t.Errorf("%s becomes %v, %v; want %s", pair, f.Type, err, want)
			} else {
				both, err := Join([]Span{OfTable(&Table{Columns: []Column{a}}), OfTable(&Table{Columns: []Column{b}})}, f)
				if err != nil || both.Len() != 2 || both.Text(0) != both.Text(1) || both.Text(0) == "" {
					t.Errorf("%s gives %v, %v", pair, both, err)
				}
			}
			for name, none := range map[string]Column{"no row": a.Take(nil), "null": Nulls(a.Field, 2)} {
				for _, order := range [][]Column{{none, b}, {b, none}} {
					f, err := Unify([]Share{share("a", order[0]), share("b", order[1])})
					if err != nil || f.Type != b.Type || f.Nullable != (name == "null") {
						t.Errorf("%s of %v with %v becomes %v, %v", name, a.Type, b.Type, f, err)
						continue
					}
					both, err := Join([]Span{OfTable(&Table{Columns: order[:1]}), OfTable(&Table{Columns: order[1:]})}, f)
					if err != nil || both.Nulls() != none.Len() || both.Len() != none.Len()+1 {
						t.Errorf("%s of %v with %v gives %v, %v", name, a.Type, b.Type, both, err)
					}
				}
			}
		}
	}
}

func TestUnify(t *testing.T) {
	steps, nats := Field{Name: "x", Unit: "steps", Doc: "first"}, Field{Name: "x", Unit: "nats", Mark: MarkGroup}
	whole, fraction := Int64s(steps, []int64{1 << 53, -1 << 53}), Float64s(steps, []float64{0.5})
	for _, c := range []struct {
		name   string
		shares []Column
		want   Field
		err    string
	}{
		{"one", []Column{whole}, Field{Name: "x", Type: Int64, Unit: "steps", Doc: "first"}, ""},
		{"up to 2^53", []Column{whole, fraction}, Field{Name: "x", Type: Float64, Unit: "steps", Doc: "first"}, ""},
		{"marks and nulls of all", []Column{Int64s(steps, []int64{1}), Nulls(Field{Name: "x", Type: String, Unit: "nats", Mark: MarkGroup}, 1)},
			Field{Name: "x", Type: Int64, Unit: "steps", Doc: "first", Nullable: true, Mark: MarkGroup}, ""},
		{"no values at all", []Column{Nulls(Field{Name: "x", Type: String}, 1), Nulls(Field{Name: "x", Type: Int64}, 1)},
			Field{Name: "x", Type: String, Nullable: true}, ""},
		{"the unit of who has values", []Column{Strings(Field{Name: "x"}, nil), whole}, Field{Name: "x", Type: Int64, Unit: "steps"}, ""},
		{"three types", []Column{Int8s(steps, []int8{1}), Float32s(steps, []float32{2}), Int64s(steps, []int64{3})},
			Field{Name: "x", Type: Float64, Unit: "steps", Doc: "first"}, ""},
		{"units", []Column{whole, Int64s(nats, []int64{1})}, Field{}, `the unit "steps" in a row 0 and "nats" in b row 0`},
		{"beyond 2^53", []Column{fraction, Int64s(steps, []int64{1, 1<<53 + 1})}, Field{}, `"x" holds 9007199254740993 in b row 1, but float64 in a row 0`},
		{"below -2^53", []Column{Int64s(steps, []int64{-1<<53 - 1}), fraction}, Field{}, `holds -9007199254740993 in a row 0, but float64 in b row 0`},
		{"text after fractions", []Column{whole, fraction, Strings(steps, []string{"a"})}, Field{}, "float64 in b row 0 and string in c row 0"},
		{"which text", []Column{fraction, Strings(steps, []string{"2", "-", "x"})}, Field{}, `float64 in a row 0 and string in b row 0, in row 2 "-": if "-" says that there is no value, declare null = ["-"] in the CSV output`},
		{"a long text", []Column{fraction, Strings(steps, []string{strings.Repeat("é", 50)})}, Field{}, `in row 1 "` + strings.Repeat("é", 40) + `"...: give it one type`},
		{"texts that are numbers", []Column{fraction, Strings(steps, []string{"007"})}, Field{}, `all texts of b row 0 are numbers, such as "007": give it one type`},
		{"what to do", []Column{whole, Bools(steps, []bool{true})}, Field{}, `columns = { x = { type = "string" } }`},
	} {
		var shares []Share
		for i, column := range c.shares {
			shares = append(shares, share(string("abc"[i]), column))
		}
		got, err := Unify(shares)
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%s: %v, want %q", c.name, err, c.err)
			}
		} else if err != nil || got != c.want {
			t.Errorf("%s: %+v, %v, want %+v", c.name, got, err, c.want)
		}
	}
}

// Where the fields agree nobody looks at values.
func TestUnifyReadsNothingInVain(t *testing.T) {
	same := Share{Field: Field{Name: "x", Type: Int64}, Each: func(func(*Column, func(int) Place) bool) error {
		t.Error("values were read")
		return nil
	}}
	if _, err := Unify([]Share{same, same}); err != nil {
		t.Error(err)
	}
	broken := share("a", Float64s(Field{Name: "x"}, []float64{1}))
	broken.Each = func(func(*Column, func(int) Place) bool) error { return fmt.Errorf("no such blob") }
	if _, err := Unify([]Share{broken, share("b", Int64s(Field{Name: "x"}, []int64{1}))}); err == nil || !strings.Contains(err.Error(), "no such blob") {
		t.Errorf("%v", err)
	}
}

// FuzzUnify: what the shares' values are does not depend on the order of the shares, and each value is what it was.
func FuzzUnify(f *testing.F) {
	f.Add([]byte{1, 3, 2, 0, 4, 9, 3, 7}, []byte{5, 1})
	f.Add([]byte{2, 255, 4, 1, 0, 0}, []byte{})
	f.Fuzz(func(t *testing.T, kinds, values []byte) {
		var columns []Column
		for i, k := range kinds {
			if len(columns) == 6 {
				break
			}
			v := byte(i)
			if i < len(values) {
				v = values[i]
			}
			columns = append(columns, fuzzColumn(k, v))
		}
		if len(columns) == 0 {
			return
		}
		unify := func(columns []Column) (Field, Column, error) {
			var shares []Share
			var spans []Span
			for i, c := range columns {
				shares = append(shares, share(string(rune('a'+i)), c))
				spans = append(spans, OfTable(&Table{Columns: []Column{c}}))
			}
			f, err := Unify(shares)
			if err != nil {
				return f, Column{}, err
			}
			c, err := Join(spans, f)
			return f, c, err
		}
		field, joined, err := unify(columns)
		back := slices.Clone(columns)
		slices.Reverse(back)
		other, _, backErr := unify(back)
		if (err == nil) != (backErr == nil) {
			t.Fatalf("%v one way, %v the other", err, backErr)
		}
		if err != nil {
			return
		}
		if joined.Nulls() < joined.Len() && field.Type != other.Type {
			t.Fatalf("%v one way, %v the other", field.Type, other.Type)
		}
		if err := (&Table{Columns: []Column{joined}}).Check(nil); err != nil {
			t.Fatal(err)
		}
		row := 0
		for _, c := range columns {
			for i := range c.Len() {
				if c.Null(i) != joined.Null(row) {
					t.Fatalf("row %d is null %v, was %v", row, joined.Null(row), c.Null(i))
				}
				if field.Type == String {
					if c.Text(i) != joined.Text(row) {
						t.Fatalf("row %d is %q, was %q", row, joined.Text(row), c.Text(i))
					}
					row++
					continue
				}
				was, number := toFloat(c.Value(i))
				is, _ := toFloat(joined.Value(row))
				if number && math.Float64bits(was) != math.Float64bits(is) {
					t.Fatalf("row %d is %v, was %v", row, joined.Value(row), c.Value(i))
				}
				row++
			}
		}
	})
}

// fuzzColumn gives a column of a type, with no row, one, or one null.
func fuzzColumn(kind, v byte) Column {
	f := Field{Name: "x"}
	all := []Column{
		Bools(f, []bool{v > 9}), Int8s(f, []int8{int8(v)}), Int64s(f, []int64{int64(v) << (v % 60)}), Float32s(f, []float32{float32(v) / 8}),
		Float64s(f, []float64{float64(v) / 8}), Strings(f, []string{string(rune(v))}),
		Int8Lists(f, []int8{int8(v)}, []int32{0, 1}), Float32Lists(f, []float32{float32(v)}, []int32{0, 1}),
		PackedSigns(Field{Name: "x", Length: 1 + int(v)%3}, []uint64{uint64(v) % 2}),
	}
	c := all[int(kind)%len(all)]
	switch kind / 64 {
	case 0:
		return c.Take(nil)
	case 1:
		return Nulls(c.Field, 1)
	case 3:
		c.Guess = map[Type]Guess{Bool: GuessPlain, Int64: GuessPlain, String: GuessWords}[c.Type]
	}
	return c
}

// Types that were guessed from text become text beside text, whichever comes first, and say the same letters.
func TestUnifyGuesses(t *testing.T) {
	f := Field{Name: "x"}
	guessed := func(c Column, g Guess) Column { c.Guess = g; return c }
	whole, truth := guessed(Int64s(f, []int64{3, 0}).WithValid([]bool{true, false}), GuessPlain), guessed(Bools(f, []bool{true}), GuessPlain)
	text, words := Strings(f, []string{"x"}), guessed(Strings(f, []string{"NA"}), GuessWords)
	for name, c := range map[string]struct {
		of   []Column
		want string // texts in order, or what the error says
	}{
		"a whole number":         {[]Column{whole, text}, "3  x"},
		"text first":             {[]Column{text, truth, whole}, "x true 3 "},
		"words beside text":      {[]Column{words, whole, text}, "NA 3  x"},
		"words alone":            {[]Column{words, whole}, `null = ["NA"]`},
		"two guesses":            {[]Column{truth, whole}, "holds bool in"},
		"a type that was given":  {[]Column{Int64s(f, []int64{3}), text}, "holds int64 in"},
		"given beside a guess":   {[]Column{Int64s(f, []int64{4}), whole}, "4 3 "},
		"given, guess and text":  {[]Column{Int64s(f, []int64{4}), whole, text}, "holds int64 in"},
		"fractions before both":  {[]Column{Float64s(f, []float64{2.5}), whole, text}, `holds float64 in a row 0 and string in c row 0, in row 1 "x": if "x" says`},
		"a guess beside nothing": {[]Column{whole, text.Take(nil)}, "3 "},
	} {
		for range 2 {
			var shares []Share
			var spans []Span
			for i, col := range c.of {
				shares = append(shares, share(string(rune('a'+i)), col))
				spans = append(spans, OfTable(&Table{Columns: []Column{col}}))
			}
			f, err := Unify(shares)
			if err != nil {
				if !strings.Contains(err.Error(), c.want) && !strings.Contains(err.Error(), "int64 in") && !strings.Contains(err.Error(), "float64 in c row 0") {
					t.Errorf("%s: %v, want %s", name, err, c.want)
				}
			} else if joined, err := Join(spans, f); err != nil {
				t.Errorf("%s: %v", name, err)
			} else {
				var got []string
				for row := range joined.Len() {
					got = append(got, joined.Text(row))
				}
				slices.Sort(got)
				want := strings.Split(c.want, " ")
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s: %q, want %q", name, got, want)
				}
				if f.Guess != "" && name != "a guess beside nothing" {
					t.Errorf("%s: %v is a guess", name, f.Type)
				}
			}
			slices.Reverse(c.of)
		}
	}
}
