package boolean

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"spurion/stages/kernel"
)

// sign is sign(x) with sign(0) = +1.
func sign(x int) int {
	if x >= 0 {
		return 1
	}
	return -1
}

// reference computes a function of numbers -1 and +1 by its definition.
func reference(f Function, x []int) int {
	switch f.Type {
	case Parity:
		p := 1
		for _, v := range x[:f.Degree] {
			p *= v
		}
		return p
	case Staircase:
		sum, p := 0, 1
		for _, v := range x[:f.Degree] {
			p *= v
			sum += p
		}
		return sign(sum)
	case Majority:
		sum := 0
		for _, v := range x[:f.Degree] {
			sum += v
		}
		return sign(sum)
	}
	if f.Type != TruthTable {
		return compound(f, x)
	}
	spelt := ""
	for _, v := range x[:f.Reads()] {
		spelt += strconv.Itoa((v + 1) / 2)
	}
	i := int64(0)
	if spelt != "" {
		i, _ = strconv.ParseInt(spelt, 2, 64)
	}
	return 2*int(f.Table[i]-'0') - 1
}

// inputs gives input i of a cube: coordinate j is +1 if bit j of i is set.
func inputs(i, n int) []int {
	x := make([]int, n)
	for j := range x {
		x[j] = 2*(i>>j&1) - 1
	}
	return x
}

func randomTable(stream *kernel.Stream, d int) Function {
	var b strings.Builder
	for range 1 << d {
		b.WriteByte('0' + byte(stream.Uint64()&1))
	}
	return Function{Type: TruthTable, Table: b.String()}
}

// functions gives functions of every type with degrees from 1 to most.
func functions(most int) []Function {
	stream := kernel.NewStream(1, "tables")
	var list []Function
	for d := 1; d <= most; d++ {
		for _, kind := range []string{Parity, Staircase, Majority} {
			list = append(list, Function{Type: kind, Degree: d})
		}
		list = append(list, randomTable(stream, d))
	}
	return append(list, Function{Type: TruthTable, Table: "1"}, Function{Type: TruthTable, Table: "0001"})
}

func TestProbabilityIsThatOfEnumeration(t *testing.T) {
	for _, f := range functions(11) {
		d := f.Reads()
		ones := 0
		for i := range 1 << d {
			if reference(f, inputs(i, d)) == 1 {
				ones++
			}
		}
		if want := big.NewRat(int64(ones), 1<<d); f.Probability().Cmp(want) != 0 {
			t.Errorf("P(%v = +1) = %v, want %v", f, f.Probability(), want)
		}
	}
}

func TestValueIsThatOfTheDefinition(t *testing.T) {
	stream := kernel.NewStream(2, "values")
	list := functions(9)
	for _, d := range []int{63, 64, 65, 127, 128, 129, 1000} {
		for _, kind := range []string{Parity, Staircase, Majority} {
			list = append(list, Function{Type: kind, Degree: d})
		}
	}
	row := make([]uint64, 20)
	for _, f := range list {
		m := f.form()
		for range 200 {
			stream.Fill(row)
			off := stream.IntN(200)
			x := make([]int, f.Reads())
			for j := range x {
				x[j] = 2*int(row[(off+j)/64]>>((off+j)%64)&1) - 1
			}
			if got, want := 2*int(m.value(row, off))-1, reference(f, x); got != want {
				t.Fatalf("%v at bit %d is %d, want %d", f, off, got, want)
			}
		}
	}
}

func TestTruthTableReadsFirstCoordinateFirst(t *testing.T) {
	c, err := Law{Core: Function{Type: TruthTable, Table: "0010"}, Spurious: Function{Type: Parity, Degree: 1},
		CoreLength: 2, SpuriousLength: 1, Strength: 0.5, Variant: Paper}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]int8, 8)
	c.Enumerate(0, 8, nil, labels, nil)
	for i, y := range labels {
		x1, x2 := i&1, i>>1&1
		if want := x1 == 1 && x2 == 0; (y == 1) != want {
			t.Errorf("x1=%d x2=%d gives %d", x1, x2, y)
		}
	}
}

func TestString(t *testing.T) {
	for want, f := range map[string]Function{
		"parity(4)":           {Type: Parity, Degree: 4},
		`truth_table("0110")`: {Type: TruthTable, Table: "0110"},
	} {
		if f.String() != want {
			t.Errorf("%v, want %s", f, want)
		}
	}
}

func TestFunctionProblems(t *testing.T) {
	for _, c := range []struct {
		f    Function
		path string
	}{
		{Function{}, "type"}, {Function{Type: "nor", Degree: 2}, "type"},
		{Function{Type: Parity}, "degree"}, {Function{Type: Majority, Degree: -1}, "degree"},
		{Function{Type: Staircase, Degree: MaxDimensions + 1}, "degree"},
		{Function{Type: TruthTable}, "table"}, {Function{Type: TruthTable, Table: "011"}, "table"},
		{Function{Type: TruthTable, Table: "01x0"}, "table"},
		{Function{Type: TruthTable, Table: strings.Repeat("0", 1<<17)}, "table"},
	} {
		ps := c.f.Check()
		if len(ps) != 1 || ps[0].Path != c.path || ps[0].Summary == "" || ps[0].Detail == "" {
			t.Errorf("%+.20q: %+v, want one problem with %s", c.f, ps, c.path)
		}
	}
}
