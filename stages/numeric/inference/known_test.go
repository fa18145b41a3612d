package inference_test

import (
	"math"
	"testing"

	"spurion/stages/numeric/inference"
)

// Data of the literature, and some drawn once.
var (
	// Depression before and after a tranquilliser (Hollander, Wolfe 1973, p. 29 f.).
	before = []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	after  = []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	// Pain after shoulder surgery (Lumley 1996; Brunner, Munzel 2000).
	treated   = []float64{1, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 4, 1, 1}
	untreated = []float64{3, 3, 4, 3, 1, 2, 3, 1, 1, 5, 4}
	narrow    = []float64{2.2, 1.68, 2.75, 3.42, 4.14, 3.11, 2.45, 2.22, 3.75, 4.63, 3.27, 1.77, 2.04, 4.6, 3.2, 1.27}
	wide      = []float64{3.83, 1.67, 2.74, 3.02, 2.57, 5.11, 3.87, 2.82, 4.82, 5.66, 0.71, 3.49, 2.04, 3.65, 1.42, 4.04, 3.92}
	// Two phases of an example of R's package SingleCaseES.
	phaseA = []float64{20, 20, 26, 25, 22, 23}
	phaseB = []float64{28, 25, 24, 27, 30, 30, 29}
)

func gains() []float64 {
	d := make([]float64, len(before))
	for i := range d {
		d[i] = before[i] - after[i]
	}
	return d
}

// TestKnown compares with SciPy 1.17 (mean, median, signed rank, difference, Welch, Fieller's roots); the signed rank's interval
// is in the manual of R's wilcox.test, too.
func TestKnown(t *testing.T) {
	higher := make([]float64, len(wide))
	for i, v := range wide {
		higher[i] = v + 4
	}
	for _, c := range []struct {
		test                   string
		x, y                   []float64
		null                   float64
		estimate, low, high, p float64
	}{
		{"mean", gains(), nil, 0.1, 0.43188888888888893, 0.10377871227216856, 0.7599990655056093, 0.04796949277199302},
		{"median", gains(), nil, 0, 0.49, -0.08, 0.952, 0.1796875},
		{"signed rank", gains(), nil, 0, 0.46, 0.010, 0.786, 0.0390625},
		{"difference", narrow, wide, 0, -0.405, -1.29, 0.54, 0.4103555318308823},
		{"welch", narrow, wide, 0, narrowLessWide, -1.1970139840538567, 0.4942198664067984, 0.4027579362599939},
		{"fieller", narrow, higher, 1, 0.4004396984924623, 0.3203564883517498, 0.48628910127348585, 1.456094117069092e-11},
	} {
		a, err := tests[c.test](c.x, c.y, inference.Question{Null: c.null, Alpha: 0.05})
		for _, v := range []struct {
			name      string
			got, want float64
		}{{"estimate", a.Estimate, c.estimate}, {"low end", a.Low, c.low}, {"high end", a.High, c.high}, {"p", a.P, c.p}} {
			if err != nil || math.Abs(v.got-v.want) > 1e-10*math.Abs(v.want) {
				t.Errorf("%s: %s is %v, want %v (%v)", c.test, v.name, v.got, v.want, err)
			}
		}
	}
}

const narrowLessWide = 2.90625 - 55.38/17

// TestShareKnown compares with SciPy's binomtest.
func TestShareKnown(t *testing.T) {
	for _, c := range []struct {
		kept, n                       int
		null, below, above, low, high float64
		units                         int
	}{
		{19, 20, 0.8, 0.9884707849539315, 0.06917529027641088, 0.7512672372279723, 0.998734910502044, 17},
		{20, 20, 0.8, 1, 0.011529215046068481, 0.8315665290169145, 1, 17},
		{20, 20, 0.9, 1, 0.12157665459056931, 0.8315665290169145, 1, 36},
		{3, 9, 0.5, 0.25390625, 0.91015625, 0.07485463141968833, 0.7007049437914595, 6},
	} {
		a := inference.Share(c.kept, c.n, inference.Question{Null: c.null, Alpha: 0.05})
		p := min(1, 2*c.below, 2*c.above)
		for _, v := range [][2]float64{{a.Below, c.below}, {a.Above, c.above}, {a.P, p}, {a.Low, c.low}, {a.High, c.high}} {
			if math.Abs(v[0]-v[1]) > 1e-11*v[1] {
				t.Errorf("%d of %d against %v: %v, want %v", c.kept, c.n, c.null, v[0], v[1])
			}
		}
		if a.LeastUnits != c.units {
			t.Errorf("%d of %d against %v: %d units could tell, want %d", c.kept, c.n, c.null, a.LeastUnits, c.units)
		}
	}
}

// TestPain: Brunner and Munzel's example, a group of 11 and one of 14. Neubert and Brunner (2007, §5) give t as 3.1375 and p as
// .0058 by Student's distribution, .008 by permutation.
func TestPain(t *testing.T) {
	a, err := inference.Difference(inference.Measured(untreated), inference.Measured(treated), inference.Question{Alpha: 0.05, Permutations: 99_999, Purpose: "test/pain"})
	if err != nil || a.Method != inference.Permutations || math.Abs(a.P-0.008) > 0.0006 || a.Above > 0.005 {
		t.Errorf("%+v, %v", a, err)
	}
}

// TestNewcombe: the interval of SingleCaseES, which is Newcombe's method 5. It is the wider of both here, or the interval
// is wider still.
func TestNewcombe(t *testing.T) {
	const low, high = 0.5973193600384168, 0.9859976893703788
	a, err := inference.Superiority(phaseB, phaseA, inference.Question{Null: 0.5, Alpha: 0.05})
	if err != nil || math.Abs(a.Estimate-11.0/12) > 1e-15 || math.Abs(a.Low-low) > 1e-9 && a.Low > low || math.Abs(a.High-high) > 1e-9 && a.High < high {
		t.Errorf("%+v, want at least %v to %v (%v)", a, low, high, err)
	}
	// Wholly apart, Brunner and Munzel's test says nothing. At θ = 1/2 Newcombe's variance is Mann and Whitney's, (n+m+1)/(12nm).
	a, err = inference.Superiority([]float64{11, 12, 13, 14, 15}, []float64{1, 2, 3, 4, 5}, inference.Question{Null: 0.5, Alpha: 0.05})
	z := 0.5 / math.Sqrt(11.0/(12*25))
	if want := math.Erfc(z / math.Sqrt2); err != nil || a.High != 1 || math.Abs(a.P-want) > 1e-12 && want > 2.0/252 {
		t.Errorf("%+v, want p %v (%v)", a, want, err)
	}
}

// TestNewcombeAlone: with 5 values each wholly apart, the low end solves 1 - θ = z √V(θ).
func TestNewcombeAlone(t *testing.T) {
	a, err := inference.Superiority([]float64{11, 12, 13, 14, 15}, []float64{1, 2, 3, 4, 5}, inference.Question{Null: 0.5, Alpha: 0.05})
	th := a.Low
	v := th * (1 - th) * (1 + 4*((1-th)/(2-th)+th/(1+th))) / 25
	if z := (1 - th) / math.Sqrt(v); err != nil || math.Abs(z-1.959963984540054) > 1e-9 {
		t.Errorf("%+v: z at the low end is %v (%v)", a, z, err)
	}
}
