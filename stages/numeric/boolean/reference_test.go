package boolean_test

import (
	"math/big"
	"strings"
	"testing"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/boolean/booleantest"
	"spurion/stages/numeric/kernel"
)

func randomTable(stream *kernel.Stream, d int) boolean.Function {
	var b strings.Builder
	for range 1 << d {
		b.WriteByte('0' + byte(stream.Uint64()&1))
	}
	return boolean.Function{Type: boolean.TruthTable, Table: b.String()}
}

// functions gives functions of every type with degrees from 1 to most.
func functions(most int) []boolean.Function {
	stream := kernel.NewStream(1, "tables")
	var list []boolean.Function
	for d := 1; d <= most; d++ {
		for _, kind := range []string{boolean.Parity, boolean.Staircase, boolean.Majority} {
			list = append(list, boolean.Function{Type: kind, Degree: d})
		}
		list = append(list, randomTable(stream, d))
	}
	return append(list, boolean.Function{Type: boolean.TruthTable, Table: "1"}, boolean.Function{Type: boolean.TruthTable, Table: "0001"})
}

func TestProbabilityIsThatOfEnumeration(t *testing.T) {
	for _, f := range functions(11) {
		d := f.Reads()
		ones := 0
		for i := range 1 << d {
			if booleantest.Reference(f, booleantest.Inputs(i, d)) == 1 {
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
		for _, kind := range []string{boolean.Parity, boolean.Staircase, boolean.Majority} {
			list = append(list, boolean.Function{Type: kind, Degree: d})
		}
	}
	row := make([]uint64, 20)
	for _, f := range list {
		m := f.Form()
		for range 200 {
			stream.Fill(row)
			off := stream.IntN(200)
			x := make([]int, f.Reads())
			for j := range x {
				x[j] = 2*int(row[(off+j)/64]>>((off+j)%64)&1) - 1
			}
			if got, want := 2*int(m.Value(row, off))-1, booleantest.Reference(f, x); got != want {
				t.Fatalf("%v at bit %d is %d, want %d", f, off, got, want)
			}
		}
	}
}

func TestString(t *testing.T) {
	for want, f := range map[string]boolean.Function{
		"parity(4)":           {Type: boolean.Parity, Degree: 4},
		`truth_table("0110")`: {Type: boolean.TruthTable, Table: "0110"},
	} {
		if f.String() != want {
			t.Errorf("%v, want %s", f, want)
		}
	}
}

func TestFunctionProblems(t *testing.T) {
	for _, c := range []struct {
		f    boolean.Function
		path string
	}{
		{boolean.Function{}, "type"}, {boolean.Function{Type: "nor", Degree: 2}, "type"},
		{boolean.Function{Type: boolean.Parity}, "degree"}, {boolean.Function{Type: boolean.Majority, Degree: -1}, "degree"},
		{boolean.Function{Type: boolean.Staircase, Degree: boolean.MaxDimensions + 1}, "degree"},
		{boolean.Function{Type: boolean.TruthTable}, "table"}, {boolean.Function{Type: boolean.TruthTable, Table: "011"}, "table"},
		{boolean.Function{Type: boolean.TruthTable, Table: "01x0"}, "table"},
		{boolean.Function{Type: boolean.TruthTable, Table: strings.Repeat("0", 1<<17)}, "table"},
	} {
		ps := c.f.Check()
		if len(ps) != 1 || ps[0].Path != c.path || ps[0].Summary == "" || ps[0].Detail == "" {
			t.Errorf("%+.20q: %+v, want one problem with %s", c.f, ps, c.path)
		}
	}
}
