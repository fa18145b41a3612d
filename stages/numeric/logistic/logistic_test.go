package logistic

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"strings"
	"testing"

	"spurion/stages/numeric/kernel"
)

// sample gives the data of the reference fits: features of a linear congruential generator, exact in
// float32, and noisy labels.
func sample(rows, d int) (x []float32, labels []int16) {
	state := uint64(1)
	draw := func() float64 {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>40)/(1<<20) - 8
	}
	for range rows * d {
		x = append(x, float32(draw()))
	}
	for r := range rows {
		labels = append(labels, 0)
		if float64(x[r*d])-2*float64(x[r*d+1])+draw() > 1 {
			labels[r] = 1
		}
	}
	return x, labels
}

// TestScikitLearn compares with coefficients that scikit-learn 1.5.2 (numpy 1.26.4) found for the
// same data: LogisticRegression(C=..., solver="newton-cholesky", tol=1e-32, max_iter=1000), for
// "standardized" on StandardScaler's output with the coefficients taken back to the columns' units.
// That is another algorithm for the same minimum; both are within 1e-9 of it.
func TestScikitLearn(t *testing.T) {
	x, y := sample(60, 3)
	wide, wideLabels := sample(6, 9)
	changed := func(change func(row []float32)) []float32 {
		x := slices.Clone(x)
		for r := range 60 {
			change(x[r*3 : r*3+3])
		}
		return x
	}
	separable := make([]int16, 60)
	for r := range separable {
		if x[r*3]-2*x[r*3+1] > 1 {
			separable[r] = 1
		}
	}
	for _, c := range []struct {
		name      string
		x         []float32
		labels    []int16
		options   Options
		want      []float64
		intercept float64
	}{
		{"plain", x, y, Options{C: 1}, []float64{0.25942377083074164, -0.6478749096906465, -0.09114451629745021}, -0.28052362169690637},
		{"small C", x, y, Options{C: 0.01}, []float64{0.09664218452199383, -0.2782811881255403, -0.0029261496359481087}, -0.09663784525230976},
		{"large C", x, y, Options{C: 100}, []float64{0.2697310356593515, -0.669629864626368, -0.09746730212599279}, -0.2969514810091928},
		{"no intercept", x, y, Options{C: 1, NoIntercept: true}, []float64{0.2557127599974949, -0.631132519527314, -0.06330111930942188}, 0},
		{"separable", x, separable, Options{C: 1}, []float64{0.7543244179677913, -1.830503347269839, 0.03623803687957149}, -1.4390379247110467},
		{"constant column", changed(func(r []float32) { r[2] = 3 }), y, Options{C: 1}, []float64{0.23672340784927473, -0.6128082335759559, 0}, -0.12001807854742694},
		{"equal columns", changed(func(r []float32) { r[2] = r[0] }), y, Options{C: 1}, []float64{0.11901972634954808, -0.6137470218930997, 0.11901972634954806}, -0.11977742490572255},
		{"more columns than rows", wide, wideLabels, Options{C: 1}, []float64{0.39940350538312863, -0.2963265815119892, -0.11714689076762178,
			0.2527618605338665, -0.047593573640603036, 0.22812896699217108, 0.12972289209301288, 0.2206027274332158, 0.09366346400461924}, -1.3830410447116928},
		{"standardized", changed(func(r []float32) { r[1], r[2] = float32(100*float64(r[1])), float32(50+float64(r[2])) }), y,
			Options{C: 1, Standardize: true}, []float64{0.17509097232402873, -0.004637199593932475, -0.04119265587952356}, 1.8978004134181048},
	} {
		c.options.Tolerance = 1e-12
		d := len(c.want)
		m, err := Fit(Rows{X: c.x, D: d, Labels: c.labels}, c.options)
		if err != nil {
			t.Fatal(err)
		}
		if !m.Converged || m.OneClass {
			t.Errorf("%s: %+v", c.name, m)
		}
		for j, w := range append(slices.Clone(m.Weights), m.Intercept) {
			want := append(slices.Clone(c.want), c.intercept)[j]
			if math.Abs(w-want) > 1e-9*(1+math.Abs(want)) {
				t.Errorf("%s: parameter %d is %v, want %v", c.name, j, w, want)
			}
		}
	}
}

// TestOneFeatureOfTwoValues has a closed form: with a feature -1 or +1, and next to no penalty, the
// margins are the log-odds of each value's labels.
func TestOneFeatureOfTwoValues(t *testing.T) {
	x := []float32{-1, -1, -1, -1, -1, 1, 1, 1}
	y := []int16{0, 0, 0, 1, 1, 1, 1, 0}
	m, err := Fit(Rows{X: x, D: 1, Labels: y}, Options{C: 1e9, Tolerance: 1e-13})
	if err != nil {
		t.Fatal(err)
	}
	low, high := math.Log(2./3), math.Log(2.)
	if w, b := (high-low)/2, (high+low)/2; math.Abs(m.Weights[0]-w) > 1e-8 || math.Abs(m.Intercept-b) > 1e-8 {
		t.Errorf("w = %v and b = %v, want %v and %v", m.Weights[0], m.Intercept, w, b)
	}
	loss := -(3*math.Log(3./5) + 2*math.Log(2./5) + 2*math.Log(2./3) + math.Log(1./3)) / 8
	if math.Abs(m.Loss-loss) > 1e-10 {
		t.Errorf("loss %v, want %v", m.Loss, loss)
	}
	margins := make([]float64, 8)
	c := m.classifier(y)
	c.Scores(margins, x, nil)
	if right := c.Right(x, y); math.Abs(margins[0]-low) > 1e-8 || math.Abs(margins[7]-high) > 1e-8 || right != 5 {
		t.Errorf("margins %v, %d right", margins, right)
	}
}

// TestNoFeatures: the intercept alone is the log-odds.
func TestNoFeatures(t *testing.T) {
	m, err := Fit(Rows{Labels: []int16{1, 0, 1, 1}}, Options{C: 1})
	if err != nil || !m.Converged || math.Abs(m.Intercept-math.Log(3)) > 1e-12 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestGradient compares the gradient, and the Hessian of all rows, with central differences of F
// computed in 200-bit arithmetic, at random parameters; the Hessian's products are float32.
func TestGradient(t *testing.T) {
	x, y := sample(37, 4)
	stream := kernel.NewStream(1, "gradient")
	for _, o := range []Options{{}, {Standardize: true}, {NoIntercept: true}} {
		p, err := newProblem(Rows{X: x, D: 4, Labels: y}, 0.3)
		if err != nil {
			t.Fatal(err)
		}
		p.intercept = !o.NoIntercept
		if err := p.standardize(o.Standardize); err != nil {
			t.Fatal(err)
		}
		theta, gradient, scratch := make([]float64, 5), make([]float64, 5), make([]float64, 5)
		for i := range theta {
			theta[i] = stream.Normal()
		}
		if o.NoIntercept {
			theta[4] = 0
		}
		if value, want := p.evaluate(theta, gradient), objective(p, theta); math.Abs(value-want) > 1e-13*want {
			t.Errorf("F = %v, want %v", value, want)
		}
		f := newFactored(p, 37)
		f.hessian()
		const step = 1.0 / (1 << 14)
		for i := range theta {
			if i == 4 && o.NoIntercept {
				if gradient[i] != 0 {
					t.Errorf("no intercept, but its gradient is %v", gradient[i])
				}
				continue
			}
			at := func(by float64) []float64 {
				moved := slices.Clone(theta)
				moved[i] += by
				return moved
			}
			difference := (objective(p, at(step)) - objective(p, at(-step))) / (2 * step)
			if math.Abs(gradient[i]-difference) > 1e-7*(1+math.Abs(difference)) {
				t.Errorf("gradient %d is %v, differences give %v", i, gradient[i], difference)
			}
			p.evaluate(at(step), scratch)
			up := slices.Clone(scratch)
			p.evaluate(at(-step), scratch)
			for j := range i + 1 {
				if d := (up[j] - scratch[j]) / (2 * step); math.Abs(f.h[i*5+j]-d) > 1e-6*(1+math.Abs(d)) {
					t.Errorf("Hessian %d,%d is %v, differences give %v", i, j, f.h[i*5+j], d)
				}
			}
		}
	}
}

// objective computes F by its definition, one row after the other, with math's functions and sums
// in big.Float.
func objective(p *problem, theta []float64) float64 {
	sum := new(big.Float).SetPrec(200)
	for r, label := range p.Labels {
		z := theta[p.D]
		for j := range p.D {
			z += theta[j] * (float64(p.X[r*p.D+j]) - p.center[j]) * p.scale[j]
		}
		if label == 1 {
			z = -z
		}
		sum.Add(sum, big.NewFloat(math.Log1p(math.Exp(z))))
	}
	f, _ := sum.Float64()
	f /= float64(p.n)
	for j, u := range theta[:p.D] {
		w := u
		if !p.given {
			w *= p.scale[j]
		}
		f += w * w / (2 * p.c * float64(p.n))
	}
	return f
}

// TestStandardizedColumns have mean 0 and variance 1; constant ones are 0 and do no harm.
func TestStandardizedColumns(t *testing.T) {
	x := []float32{1, 5, 1e6, 2, 5, 1e6 + 1, 3, 5, 1e6 + 2, 6, 5, 1e6 + 3}
	p, err := newProblem(Rows{X: x, D: 3, Labels: []int16{0, 1, 0, 1}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.standardize(true); err != nil {
		t.Fatal(err)
	}
	for j := range 3 {
		mean, variance := 0.0, 0.0
		for i := range 4 {
			v := (float64(x[i*3+j]) - p.center[j]) * p.scale[j]
			mean += v / 4
			variance += v * v / 4
		}
		want := 1.0
		if j == 1 {
			want = 0
		}
		if math.Abs(mean) > 1e-10 || math.Abs(variance-want) > 1e-10 {
			t.Errorf("column %d has mean %v and variance %v", j, mean, variance)
		}
	}
	// Scaling and shifting columns does not change what is predicted.
	a, err := Fit(Rows{X: x, D: 3, Labels: []int16{0, 1, 0, 1}}, Options{C: 1, Standardize: true})
	if err != nil || !a.Converged || a.Weights[1] != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	scaled := slices.Clone(x)
	for i := range 4 {
		scaled[3*i] = 64*x[3*i] - 128
	}
	b, err := Fit(Rows{X: scaled, D: 3, Labels: []int16{0, 1, 0, 1}}, Options{C: 1, Standardize: true})
	if err != nil {
		t.Fatal(err)
	}
	za, zb := make([]float64, 4), make([]float64, 4)
	a.classifier(nil).Scores(za, x, nil)
	b.classifier(nil).Scores(zb, scaled, nil)
	for i := range za {
		if math.Abs(za[i]-zb[i]) > 1e-6 {
			t.Errorf("margins %v and %v", za, zb)
		}
	}
}

func TestOneClass(t *testing.T) {
	x, _ := sample(10, 2)
	for label, want := range map[int16]float64{0: -math.Log(21), 1: math.Log(21)} {
		labels := slices.Repeat([]int16{label}, 10)
		m, err := Fit(Rows{X: x, D: 2, Labels: labels}, Options{C: 1})
		if err != nil || !m.OneClass || math.Abs(m.Intercept-want) > 1e-14 || m.Weights[0] != 0 || m.classifier(labels).Right(x, labels) != 10 {
			t.Errorf("%+v, %v", m, err)
		}
		if loss := math.Log1p(1. / 21); math.Abs(m.Loss-loss) > 1e-15 {
			t.Errorf("loss %v, want %v", m.Loss, loss)
		}
	}
	m, err := Fit(Rows{X: x, D: 2, Labels: make([]int16, 10)}, Options{C: 1, NoIntercept: true})
	if err != nil || !m.OneClass || m.Intercept != 0 || m.Loss != math.Ln2 {
		t.Errorf("without an intercept: %+v, %v", m, err)
	}
}

// Rows by name, in any order and some of them twice, are the rows themselves, to the bit.
func TestIndex(t *testing.T) {
	stream := kernel.NewStream(3, "index")
	for _, d := range []int{3, narrowest + 9} {
		x, y := sample(90, d)
		var index []int32
		var rx []float32
		var ry []int16
		for range 75 {
			r := stream.IntN(90)
			index, rx, ry = append(index, int32(r)), append(rx, x[r*d:(r+1)*d]...), append(ry, y[r])
		}
		for _, o := range []Options{{C: 0.7}, {C: 0.7, Standardize: true}, {C: 0.7, NoIntercept: true}} {
			a, err := Fit(Rows{X: x, D: d, Index: index, Labels: ry}, o)
			if err != nil {
				t.Fatal(err)
			}
			b, err := Fit(Rows{X: rx, D: d, Labels: ry}, o)
			if err != nil {
				t.Fatal(err)
			}
			if !a.Converged || !slices.Equal(a.Weights, b.Weights) || a.Intercept != b.Intercept {
				t.Errorf("%d columns, %+v: rows by name give another fit", d, o)
			}
		}
	}
}

// The two ways to estimate the Hessian lead to one minimum; where there are more columns than are factored, the
// gradient by its definition proves it.
func TestWide(t *testing.T) {
	for _, c := range []struct {
		rows, d     int
		c           float64
		noIntercept bool
	}{{300, 40, 1, false}, {300, 40, 30, true}, {700, narrowest + 1, 1, false}, {200, 2 * narrowest, 100, true}} {
		stream := kernel.NewStream(4, "wide")
		x, y := make([]float32, c.rows*c.d), make([]int16, c.rows)
		for i := range x {
			x[i] = float32(stream.Normal())
		}
		for r := range y {
			if row := x[r*c.d:]; float64(row[0]+row[1]*row[2]+row[3])+stream.Normal() > 0 {
				y[r] = 1
			}
			for j := range c.d { // a rank that is lower, offsets, scales, and columns that are off
				x[r*c.d+j] = float32(float64(j%7)*float64(x[r*c.d+j%20]+float32(j%3)) + 0.1*float64(x[r*c.d+j]))
			}
		}
		p, err := newProblem(Rows{X: x, D: c.d, Labels: y}, c.c)
		if err != nil {
			t.Fatal(err)
		}
		p.intercept = !c.noIntercept
		if err := p.standardize(false); err != nil {
			t.Fatal(err)
		}
		m, err := p.solveWith(newWide(p), &Options{})
		if err != nil || !m.Converged {
			t.Errorf("%+v: %v after %d iterations, %v", c, m.GradientNorm, m.Iterations, err)
			continue
		}
		m.Weights = slices.Clone(m.Weights)
		gradient := subgradients(x, c.rows, c.d, y, m)
		for j, w := range m.Weights {
			gradient[j] += w / (c.c * float64(c.rows))
		}
		if c.noIntercept {
			gradient[c.d] = m.Intercept
		}
		for j, g := range gradient {
			if math.Abs(g) > 1.1e-8 {
				t.Errorf("%+v: gradient %d is %v", c, j, g)
			}
		}
		if c.d > narrowest {
			continue
		}
		want, err := Fit(Rows{X: x, D: c.d, Labels: y}, Options{C: c.c, NoIntercept: c.noIntercept})
		if err != nil || math.Abs(want.Objective-m.Objective) > 1e-12 {
			t.Errorf("%+v: F is %v, and %v with a factored Hessian (%v)", c, m.Objective, want.Objective, err)
		}
	}
}

// TestHarshCases must converge: scales far apart, dead columns, near-duplicates, separable data with
// next to no penalty, extreme class imbalance, sorted rows.
func TestHarshCases(t *testing.T) {
	const rows, d = 3000, 8
	stream := kernel.NewStream(5, "harsh")
	base := make([]float32, rows*d)
	for i := range base {
		base[i] = float32(stream.Normal())
	}
	labels := make([]int16, rows)
	for r := range labels {
		if float64(base[r*d])+0.3*stream.Normal() > 0 {
			labels[r] = 1
		}
	}
	separable := make([]int16, rows)
	for r := range separable {
		if base[r*d] > 0 {
			separable[r] = 1
		}
	}
	rare := make([]int16, rows)
	rare[7], rare[1234] = 1, 1
	column := func(change func(r int, row []float32)) []float32 {
		x := slices.Clone(base)
		for r := range rows {
			change(r, x[r*d:(r+1)*d])
		}
		return x
	}
	sorted := make([]int16, rows)
	for r := rows / 2; r < rows; r++ {
		sorted[r] = 1
	}
	for _, c := range []struct {
		name   string
		x      []float32
		labels []int16
		c      float64
	}{
		{"scales", column(func(_ int, row []float32) { row[0] *= 1e4; row[1] *= 1e-4; row[2] *= 1e3 }), labels, 1},
		{"dead", column(func(_ int, row []float32) { clear(row[3:]) }), labels, 1},
		{"duplicates", column(func(_ int, row []float32) { row[1] = row[0] * (1 + 1e-6); row[2] = row[0] }), labels, 1e4},
		{"separable", base, separable, 1e6},
		{"rare", base, rare, 1},
		{"sorted", column(func(r int, row []float32) { row[4] += float32(r) / rows }), sorted, 1},
		{"tiny C", base, labels, 1e-9},
		{"offset", column(func(_ int, row []float32) { row[0] += 1000 }), labels, 1},
	} {
		m, err := Fit(Rows{X: c.x, D: d, Labels: c.labels}, Options{C: c.c})
		if err != nil || !m.Converged {
			t.Errorf("%s: %+v, %v", c.name, m, err)
			continue
		}
		// The first-order condition of a convex function is the proof that this is the minimum; rounding in the
		// definition's sums is as large as the values.
		gradient, size := subgradients(c.x, rows, d, c.labels, m), 1.0
		for _, v := range c.x {
			size = max(size, math.Abs(float64(v)))
		}
		for j, w := range m.Weights {
			gradient[j] += w / (c.c * rows)
		}
		for j, g := range gradient {
			if math.Abs(g) > 1.01e-8+1e-14*size {
				t.Errorf("%s: gradient %d is %v", c.name, j, g)
			}
		}
		t.Logf("%s: %d iterations", c.name, m.Iterations)
	}
}

// The longest weights of separable rows hang on a handful of them, and where all columns are nearly equal
// the estimate of the Hessian has to keep what rounding takes from it: either needs few iterations all the same.
func TestFewIterations(t *testing.T) {
	for _, c := range []struct {
		name    string
		rows, d int
		c       float64
		equal   bool // all columns but the first few
		limit   int
	}{
		{"separable", 12000, 30, 1e2, false, 60},
		{"separable, next to no penalty", 12000, 30, 1e4, false, 100},
		{"wide, separable", 2500, narrowest + 8, 1e4, false, 110},
		{"wide, equal columns", 200, narrowest + 288, 1e4, true, 300},
		{"wide, equal columns, next to no penalty", 200, narrowest + 288, 1e8, true, 300},
	} {
		stream := kernel.NewStream(8, "few")
		x, y := make([]float32, c.rows*c.d), make([]int16, c.rows)
		for i := range x {
			x[i] = float32(stream.Normal())
		}
		for r := range y {
			row, noise := x[r*c.d:(r+1)*c.d], 0.0
			if c.equal {
				noise = 1.5 * stream.Normal()
				for j := 100; j < c.d; j++ {
					row[j] = row[0]
				}
			}
			if float64(row[0])+noise > 0 {
				y[r] = 1
			}
		}
		m, err := Fit(Rows{X: x, D: c.d, Labels: y}, Options{C: c.c})
		if err != nil || !m.Converged || m.Iterations > c.limit {
			t.Errorf("%s: %v after %d iterations, %v", c.name, m.GradientNorm, m.Iterations, err)
		}
		t.Logf("%s: %d iterations", c.name, m.Iterations)
	}
}

// A sample stands for all rows, and takes those for sure that bend the loss most, wherever they lie.
func TestSample(t *testing.T) {
	const n, rows = 5000, 400
	for name, bend := range map[string]func(r int) float64{
		"even":      func(int) float64 { return 0.25 },
		"few":       func(r int) float64 { return []float64{1e-9, 0.2}[1-min(1, r%1000)] },
		"all sizes": func(r int) float64 { return math.Ldexp(0.25, -(r*7)%900) },
		"flat":      func(int) float64 { return 0 },
		"tiny":      func(int) float64 { return 5e-324 },
	} {
		p := &problem{n: n, bends: make([]float64, n)}
		total := 0.0
		for r := range n {
			p.bends[r] = bend(r)
			total += p.bends[r]
		}
		got := p.sample(nil, rows)
		stands, taken := 0.0, map[int]float64{}
		for _, s := range got {
			stands += s.bend
			taken[s.row] = s.bend
		}
		if len(got) > rows || len(taken) != len(got) || math.Abs(stands-total) > 0.01*total+1e-300 {
			t.Errorf("%s: %d rows stand for %v of %v", name, len(got), stands, total)
		}
		for r, b := range p.bends {
			if b > total/rows*1.001 && total > 1e-300 && taken[r] != b {
				t.Errorf("%s: row %d of %v is taken as %v", name, r, b, taken[r])
			}
		}
	}
}

func TestStopsAtItsLimit(t *testing.T) {
	x, y := sample(60, 3)
	m, err := Fit(Rows{X: x, D: 3, Labels: y}, Options{C: 1, MaxIterations: 1})
	if err != nil || m.Converged || m.Iterations != 1 || m.GradientNorm <= 1e-8 {
		t.Errorf("%+v, %v", m, err)
	}
	// Below what float64 can tell apart, the fit ends by itself.
	m, err = Fit(Rows{X: x, D: 3, Labels: y}, Options{C: 1, Tolerance: 1e-300})
	if err != nil || m.Iterations >= defaultLimit || m.GradientNorm > 1e-13 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestFitRefuses(t *testing.T) {
	x, y := sample(4, 2)
	bad := slices.Clone(x)
	bad[3] = float32(math.NaN())
	for name, r := range map[string]Rows{"the first": {X: bad, D: 2, Labels: y}, "by name": {X: bad, D: 2, Index: []int32{0, 1, 3}, Labels: y[:3]}} {
		if _, err := Fit(r, Options{C: 1}); !errors.Is(err, ErrNotFinite) || !strings.Contains(err.Error(), "row 1, feature 1") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := FitSparse(r, SparseOptions{C: 1}); !errors.Is(err, ErrNotFinite) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Fit(Rows{X: bad, D: 2, Index: []int32{0, 2, 3}, Labels: y[:3]}, Options{C: 1}); err != nil {
		t.Errorf("a row that is not used: %v", err)
	}
	good := Rows{X: x, D: 2, Labels: y}
	for name, c := range map[string]struct {
		rows Rows
		c    float64
	}{
		"no rows":    {Rows{D: 2}, 1},
		"few values": {Rows{X: x[:7], D: 2, Labels: y}, 1},
		"few labels": {Rows{X: x, D: 2, Index: []int32{0, 1}, Labels: y[:1]}, 1},
		"row 4":      {Rows{X: x, D: 2, Index: []int32{0, 4}, Labels: y[:2]}, 1},
		"row -1":     {Rows{X: x, D: 2, Index: []int32{0, -1}, Labels: y[:2]}, 1},
		"no C":       {good, 0},
		"infinite C": {good, math.Inf(1)},
		"label 2":    {Rows{X: x, D: 2, Labels: []int16{0, 1, 2, 0}}, 1},
		"label -1":   {Rows{X: x, D: 2, Labels: []int16{0, 1, -1, 0}}, 1},
	} {
		if m, err := Fit(c.rows, Options{C: c.c}); err == nil {
			t.Errorf("%s: accepted with %+v", name, m)
		}
		if m, err := FitSparse(c.rows, SparseOptions{C: c.c}); err == nil {
			t.Errorf("%s: accepted with %+v", name, m)
		}
	}
}

// TestBits keeps the exact result of a fit: another order of sums, or a fused product, changes it.
func TestBits(t *testing.T) {
	x, y := sample(203, 5)
	m, err := Fit(Rows{X: x, D: 5, Labels: y}, Options{C: 1, Standardize: true})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]uint64, 0, 6)
	for _, v := range append(slices.Clone(m.Weights), m.Intercept) {
		got = append(got, math.Float64bits(v))
	}
	want := []uint64{0x3fd8729f13c5f10f, 0xbfe6d30b34f7afe8, 0x3f61389198de4248, 0xbf446d7670157aca, 0x3fa799ce358f25cc, 0x3fc9ec8b29d1a341}
	if !slices.Equal(got, want) {
		t.Errorf("bits changed: raise the Version of every kind that fits\n got %#x\nwant %#x", got, want)
	}
}
