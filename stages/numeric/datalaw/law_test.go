package datalaw

import (
	"errors"
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/boolean/booleantest"
)

// enumerated gives the share of the uniform cube that each group holds, by enumeration of the two
// blocks, which are independent.
func enumerated(core, spurious boolean.Function) [4]float64 {
	count := func(f boolean.Function) (ones, all float64) {
		d := f.Reads()
		for i := range 1 << d {
			if booleantest.Reference(f, booleantest.Inputs(i, d)) == 1 {
				ones++
			}
		}
		return ones, math.Ldexp(1, d)
	}
	c, nc := count(core)
	s, ns := count(spurious)
	all := nc * ns
	return [4]float64{(nc - c) * (ns - s) / all, (nc - c) * s / all, c * (ns - s) / all, c * s / all}
}

// defined gives the group masses of a law by its definition, from the groups' shares of the cube.
func defined(l Law, cube [4]float64) [4]float64 {
	same, diff := cube[0]+cube[3], cube[1]+cube[2]
	negative, positive := cube[0]+cube[1], cube[2]+cube[3]
	λ := l.Strength
	if l.Variant == Repository {
		return [4]float64{λ * negative, (1 - λ) * negative, (1 - λ) * positive, λ * positive}
	}
	return [4]float64{λ * cube[0] / same, (1 - λ) * cube[1] / diff, (1 - λ) * cube[2] / diff, λ * cube[3] / same}
}

func law(core, spurious boolean.Function, strength float64, variant string) Law {
	return Law{Core: core, Spurious: spurious, CoreLength: core.Reads(), SpuriousLength: spurious.Reads(), Independent: 1,
		Strength: strength, Variant: variant}
}

func near(a, b [4]float64, tolerance float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > tolerance {
			return false
		}
	}
	return true
}

func TestMassesAreThoseOfTheDefinition(t *testing.T) {
	list := []boolean.Function{{Type: boolean.Parity, Degree: 1}, {Type: boolean.Parity, Degree: 4}, {Type: boolean.Staircase, Degree: 2},
		{Type: boolean.Staircase, Degree: 5}, {Type: boolean.Staircase, Degree: 6}, {Type: boolean.Majority, Degree: 4}, {Type: boolean.TruthTable, Table: "01111111"}}
	for _, core := range list {
		for _, spurious := range list {
			cube := enumerated(core, spurious)
			for _, strength := range []float64{0, 0.25, 0.5, 0.6, 0.9, 1} {
				for _, variant := range []string{Paper, Repository} {
					l := law(core, spurious, strength, variant)
					c, err := l.Compile()
					if err != nil {
						t.Fatalf("%+v: %v", l, err)
					}
					want := defined(l, cube)
					if got := c.Masses(); !near(got, want, 1e-15) {
						t.Errorf("%v %v %v %s: masses %v, want %v", core, spurious, strength, variant, got, want)
					}
					if got := c.UniformMasses(); !near(got, cube, 1e-15) {
						t.Errorf("%v %v: uniform masses %v, want %v", core, spurious, got, cube)
					}
					for g, d := range c.Densities() {
						if want := want[g] / cube[g]; math.Abs(d-want) > 1e-13 {
							t.Errorf("%v %v: density of group %d is %v, want %v", core, spurious, g, d, want)
						}
					}
				}
			}
		}
	}
}

// TestHardStaircase recomputes the published values of the set Hard Staircase (core degree 14,
// spurious degree 10) by enumeration, and compares them with the closed forms here and with the
// table from which they were taken, which has five decimals.
func TestHardStaircase(t *testing.T) {
	core, spurious := boolean.Function{Type: boolean.Staircase, Degree: 14}, boolean.Function{Type: boolean.Staircase, Degree: 10}
	cube := enumerated(core, spurious)
	for _, c := range []struct {
		variant       string
		strength      float64
		masses        [4]float64
		label, attrib float64
	}{
		{Repository, 0.9, [4]float64{.35574, .03953, .06047, .54426}, .6047, .5838},
		{Paper, 0.9, [4]float64{.25505, .05193, .04807, .64495}, .6930, .6969},
		{Repository, 0.5, [4]float64{.19763, .19763, .30237, .30237}, .6047, .5000},
		{Paper, 0.5, [4]float64{.14169, .25965, .24035, .35831}, .5987, .6180},
	} {
		l := law(core, spurious, c.strength, c.variant)
		l.SpuriousLength = 20
		compiled, err := l.Compile()
		if err != nil {
			t.Fatal(err)
		}
		m := compiled.Masses()
		if want := defined(l, cube); !near(m, want, 1e-15) {
			t.Errorf("%s at %v: %v, enumeration gives %v", c.variant, c.strength, m, want)
		}
		if !near(m, c.masses, 0.5e-5) || math.Abs(m[2]+m[3]-c.label) > 0.5e-4 || math.Abs(m[1]+m[3]-c.attrib) > 0.5e-4 {
			t.Errorf("%s at %v: %v, published are %v", c.variant, c.strength, m, c.masses)
		}
	}
	compiled, _ := law(core, spurious, 0.9, Paper).Compile()
	if !near(compiled.UniformMasses(), [4]float64{.14900, .24627, .22796, .37678}, 0.5e-5) {
		t.Errorf("uniform masses %v", compiled.UniformMasses())
	}
	if math.Abs(compiled.CoreProbability()-.604736) > .5e-6 || math.Abs(compiled.SpuriousProbability()-.623047) > .5e-6 {
		t.Errorf("P(+1) = %v and %v", compiled.CoreProbability(), compiled.SpuriousProbability())
	}
	if math.Abs(compiled.CoreFloor()-.209) > .5e-3 || math.Abs(compiled.SpuriousFloor()-.246) > .5e-3 {
		t.Errorf("floors %v and %v", compiled.CoreFloor(), compiled.SpuriousFloor())
	}
}

// TestUnbiasedFunctionsAgreeOnTheLaw: with an unbiased spurious function the two laws coincide, and
// at strength 0.5 a law of two unbiased functions is uniform.
func TestUnbiasedFunctionsAgreeOnTheLaw(t *testing.T) {
	for _, core := range []boolean.Function{{Type: boolean.Parity, Degree: 3}, {Type: boolean.Staircase, Degree: 4}} {
		a, _ := law(core, boolean.Function{Type: boolean.Parity, Degree: 2}, 0.9, Paper).Compile()
		b, _ := law(core, boolean.Function{Type: boolean.Parity, Degree: 2}, 0.9, Repository).Compile()
		if a.Masses() != b.Masses() {
			t.Errorf("%v: %v and %v", core, a.Masses(), b.Masses())
		}
	}
	c, _ := law(boolean.Function{Type: boolean.Parity, Degree: 3}, boolean.Function{Type: boolean.Staircase, Degree: 5}, 0.5, Paper).Compile()
	if c.Masses() != [4]float64{.25, .25, .25, .25} {
		t.Errorf("%v", c.Masses())
	}
}

func TestConstantFunctions(t *testing.T) {
	one, zero, parity := boolean.Function{Type: boolean.TruthTable, Table: "1"}, boolean.Function{Type: boolean.TruthTable, Table: "00"}, boolean.Function{Type: boolean.Parity, Degree: 2}
	for _, c := range []struct {
		law    Law
		masses [4]float64
		fails  bool
	}{
		{law: law(one, parity, 0.9, Paper), masses: [4]float64{0, 0, .1, .9}},
		{law: law(parity, one, 0.9, Paper), masses: [4]float64{0, .1, 0, .9}},
		{law: law(parity, zero, 0.9, Paper), masses: [4]float64{.9, 0, .1, 0}},
		{law: law(one, one, 1, Paper), masses: [4]float64{0, 0, 0, 1}},
		{law: law(one, zero, 0, Paper), masses: [4]float64{0, 0, 1, 0}},
		{law: law(one, one, 0.9, Paper), fails: true},
		{law: law(one, zero, 0.1, Paper), fails: true},
		{law: law(parity, one, 0.9, Repository), fails: true},
		{law: law(one, parity, 0.9, Repository), masses: [4]float64{0, 0, .1, .9}},
		{law: law(one, one, 1, Repository), masses: [4]float64{0, 0, 0, 1}},
	} {
		compiled, err := c.law.Compile()
		if (err != nil) != c.fails {
			t.Errorf("%v %v %v: error %v", c.law.Core, c.law.Spurious, c.law.Strength, err)
			continue
		}
		if c.fails {
			if ps := c.law.Check(); len(ps) != 1 || ps[0].Path != "strength" {
				t.Errorf("%v %v: problems %v", c.law.Core, c.law.Spurious, ps)
			}
			continue
		}
		if !near(compiled.Masses(), c.masses, 1e-15) {
			t.Errorf("%v %v %v: %v, want %v", c.law.Core, c.law.Spurious, c.law.Strength, compiled.Masses(), c.masses)
		}
	}
}

func TestLawProblems(t *testing.T) {
	good := Law{Core: boolean.Function{Type: boolean.Parity, Degree: 4}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 2},
		CoreLength: 4, SpuriousLength: 2, Independent: 44, Strength: 0.9, Variant: Paper}
	if ps := good.Check(); ps != nil {
		t.Fatalf("%+v", ps)
	}
	for _, c := range []struct {
		change func(*Law)
		paths  []string
	}{
		{func(l *Law) { l.CoreLength = 3 }, []string{"core_length"}},
		{func(l *Law) { l.SpuriousLength = 1; l.CoreLength = -1 }, []string{"core_length", "spurious_length"}},
		{func(l *Law) { l.Independent = -1 }, []string{"independent"}},
		{func(l *Law) { l.Independent = boolean.MaxDimensions }, []string{"dimensions"}},
		{func(l *Law) { l.Strength = 1.1 }, []string{"strength"}},
		{func(l *Law) { l.Strength = math.NaN() }, []string{"strength"}},
		{func(l *Law) { l.Variant = "" }, []string{"variant"}},
		{func(l *Law) { l.Core.Degree, l.Spurious.Type = 0, "nor" }, []string{"core.degree", "spurious.type"}},
	} {
		l := good
		c.change(&l)
		var paths []string
		for _, p := range l.Check() {
			paths = append(paths, p.Path)
		}
		if !slices.Equal(paths, c.paths) {
			t.Errorf("%+v: problems with %v, want %v", l, paths, c.paths)
		}
		if _, err := l.Compile(); err == nil {
			t.Errorf("%+v compiles", l)
		}
	}
}

func TestEmptyGroup(t *testing.T) {
	c, err := law(boolean.Function{Type: boolean.TruthTable, Table: "1"}, boolean.Function{Type: boolean.Parity, Degree: 2}, 0.9, Paper).Compile()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Mixture([4]float64{1, 0, 1, 0}); !errors.Is(err, ErrEmptyGroup) {
		t.Errorf("%v", err)
	}
	if err := c.SampleGroup(nil, 0, 1, nil, nil, nil); !errors.Is(err, ErrEmptyGroup) {
		t.Errorf("%v", err)
	}
	for _, masses := range [][4]float64{{}, {0, 0, -1, 2}, {0, 0, math.NaN(), 1}, {0, 0, math.Inf(1), 1}} {
		if _, err := c.Mixture(masses); err == nil {
			t.Errorf("masses %v are accepted", masses)
		}
	}
}

func TestTruthTableReadsFirstCoordinateFirst(t *testing.T) {
	c, err := Law{Core: boolean.Function{Type: boolean.TruthTable, Table: "0010"}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 2, SpuriousLength: 1, Strength: 0.5, Variant: Paper}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]int16, 8)
	c.Enumerate(0, 8, nil, labels, nil)
	for i, y := range labels {
		x1, x2 := i&1, i>>1&1
		if want := x1 == 1 && x2 == 0; (y == 1) != want {
			t.Errorf("x1=%d x2=%d gives %d", x1, x2, y)
		}
	}
}
