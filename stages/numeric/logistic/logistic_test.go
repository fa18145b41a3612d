package logistic

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// sample gives the data of the reference fits: features of a linear congruential generator, exact in
// float32, and noisy labels.
func sample(rows, d int) (x []float32, labels []int8) {
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
	weights := make([]float64, 60)
	separable := make([]int8, 60)
	for r := range weights {
		weights[r] = float64(r % 4)
		if x[r*3]-2*x[r*3+1] > 1 {
			separable[r] = 1
		}
	}
	for _, c := range []struct {
		name      string
		x         []float32
		labels    []int8
		weights   []float64
		options   Options
		want      []float64
		intercept float64
	}{
		{"plain", x, y, nil, Options{C: 1}, []float64{0.25942377083074164, -0.6478749096906465, -0.09114451629745021}, -0.28052362169690637},
		{"small C", x, y, nil, Options{C: 0.01}, []float64{0.09664218452199383, -0.2782811881255403, -0.0029261496359481087}, -0.09663784525230976},
		{"large C", x, y, nil, Options{C: 100}, []float64{0.2697310356593515, -0.669629864626368, -0.09746730212599279}, -0.2969514810091928},
		{"weights", x, y, weights, Options{C: 1}, []float64{0.2815877583415756, -0.6871250851846494, -0.2011051931583878}, -0.22967906623124792},
		{"separable", x, separable, nil, Options{C: 1}, []float64{0.7543244179677913, -1.830503347269839, 0.03623803687957149}, -1.4390379247110467},
		{"constant column", changed(func(r []float32) { r[2] = 3 }), y, nil, Options{C: 1}, []float64{0.23672340784927473, -0.6128082335759559, 0}, -0.12001807854742694},
		{"equal columns", changed(func(r []float32) { r[2] = r[0] }), y, nil, Options{C: 1}, []float64{0.11901972634954808, -0.6137470218930997, 0.11901972634954806}, -0.11977742490572255},
		{"more columns than rows", wide, wideLabels, nil, Options{C: 1}, []float64{0.39940350538312863, -0.2963265815119892, -0.11714689076762178,
			0.2527618605338665, -0.047593573640603036, 0.22812896699217108, 0.12972289209301288, 0.2206027274332158, 0.09366346400461924}, -1.3830410447116928},
		{"standardized", changed(func(r []float32) { r[1], r[2] = float32(100*float64(r[1])), float32(50+float64(r[2])) }), y, nil,
			Options{C: 1, Standardize: true}, []float64{0.17509097232402873, -0.004637199593932475, -0.04119265587952356}, 1.8978004134181048},
	} {
		c.options.Tolerance = 1e-12
		d := len(c.want)
		m, err := Fit(c.x, len(c.labels), d, c.labels, c.weights, c.options)
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
	y := []int8{0, 0, 0, 1, 1, 1, 1, 0}
	m, err := Fit(x, 8, 1, y, nil, Options{C: 1e9, Tolerance: 1e-13})
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
	m.Margins(margins, x, 8)
	if math.Abs(margins[0]-low) > 1e-8 || math.Abs(margins[7]-high) > 1e-8 || m.Accuracy(x, 8, y) != 5./8 {
		t.Errorf("margins %v, accuracy %v", margins, m.Accuracy(x, 8, y))
	}
}

// TestNoFeatures: the intercept alone is the log-odds.
func TestNoFeatures(t *testing.T) {
	m, err := Fit(nil, 5, 0, []int8{1, 0, 1, 1, 1}, []float64{1, 3, 1, 1, 6}, Options{C: 1})
	if err != nil || !m.Converged || math.Abs(m.Intercept-math.Log(3)) > 1e-12 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestGradient compares the gradient, and the Hessian of all rows, with central differences of F
// computed in 200-bit arithmetic, at random parameters, with weights and standardised columns.
func TestGradient(t *testing.T) {
	x, y := sample(37, 4)
	weights := make([]float64, 37)
	stream := kernel.NewStream(1, "gradient")
	for r := range weights {
		weights[r] = stream.Float64()
	}
	for _, standardize := range []bool{false, true} {
		p, err := newProblem(x, 37, 4, y, weights, &Options{C: 0.3, Standardize: standardize})
		if err != nil {
			t.Fatal(err)
		}
		theta, gradient := make([]float64, 5), make([]float64, 5)
		for i := range theta {
			theta[i] = stream.Normal()
		}
		value := p.evaluate(theta, gradient)
		if want := objective(p, theta); math.Abs(value-want) > 1e-13*want {
			t.Errorf("F = %v, want %v", value, want)
		}
		h := make([]float64, 25)
		p.hessian(theta, 37, h)
		const step = 1.0 / (1 << 14)
		scratch := make([]float64, 5)
		for i := range theta {
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
				if d := (up[j] - scratch[j]) / (2 * step); math.Abs(h[i*5+j]-d) > 1e-6*(1+math.Abs(d)) {
					t.Errorf("Hessian %d,%d is %v, differences give %v", i, j, h[i*5+j], d)
				}
			}
		}
	}
}

// objective computes F by its definition, one row after the other, with math's functions and sums
// in big.Float.
func objective(p *problem, theta []float64) float64 {
	sum := new(big.Float).SetPrec(200)
	total := 0.0
	for r := range p.rows {
		z := theta[p.d]
		for j := range p.d {
			v := float64(p.x[r*p.d+j])
			if p.mean != nil {
				v = (v - p.mean[j]) * p.scale[j]
			}
			z += theta[j] * v
		}
		if p.labels[r] == 1 {
			z = -z
		}
		loss := math.Log1p(math.Exp(z))
		sum.Add(sum, new(big.Float).Mul(big.NewFloat(p.weights[r]), big.NewFloat(loss)))
		total += p.weights[r]
	}
	f, _ := sum.Float64()
	f /= total
	for _, w := range theta[:p.d] {
		f += p.penalty / 2 * w * w
	}
	return f
}

// TestStandardizedColumns have mean 0 and variance 1; constant ones are 0 and do no harm.
func TestStandardizedColumns(t *testing.T) {
	x := []float32{1, 5, 1e6, 2, 5, 1e6 + 1, 3, 5, 1e6 + 2, 6, 5, 1e6 + 3}
	p, err := newProblem(x, 4, 3, []int8{0, 1, 0, 1}, nil, &Options{C: 1, Standardize: true})
	if err != nil {
		t.Fatal(err)
	}
	var columns [4][]float64
	columns[0], columns[1], columns[2], columns[3] = p.load(0, 4)
	for j := range 3 {
		mean, variance := 0.0, 0.0
		for i := range 4 {
			mean += columns[i][j] / 4
			variance += columns[i][j] * columns[i][j] / 4
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
	a, err := Fit(x, 4, 3, []int8{0, 1, 0, 1}, nil, Options{C: 1, Standardize: true})
	if err != nil || !a.Converged || a.Weights[1] != 0 {
		t.Fatalf("%+v, %v", a, err)
	}
	scaled := slices.Clone(x)
	for i := range 4 {
		scaled[3*i] = 64*x[3*i] - 128
	}
	b, err := Fit(scaled, 4, 3, []int8{0, 1, 0, 1}, nil, Options{C: 1, Standardize: true})
	if err != nil {
		t.Fatal(err)
	}
	za, zb := make([]float64, 4), make([]float64, 4)
	a.Margins(za, x, 4)
	b.Margins(zb, scaled, 4)
	for i := range za {
		if math.Abs(za[i]-zb[i]) > 1e-6 {
			t.Errorf("margins %v and %v", za, zb)
		}
	}
}

func TestOneClass(t *testing.T) {
	x, _ := sample(10, 2)
	for label, want := range map[int8]float64{0: -math.Log(21), 1: math.Log(21)} {
		labels := slices.Repeat([]int8{label}, 10)
		m, err := Fit(x, 10, 2, labels, nil, Options{C: 1})
		if err != nil || !m.OneClass || math.Abs(m.Intercept-want) > 1e-14 || m.Weights[0] != 0 || m.Accuracy(x, 10, labels) != 1 {
			t.Errorf("%+v, %v", m, err)
		}
		if loss := math.Log1p(1. / 21); math.Abs(m.Loss-loss) > 1e-15 {
			t.Errorf("loss %v, want %v", m.Loss, loss)
		}
	}
	// Rows without weight do not count.
	if m, err := Fit(x, 3, 2, []int8{0, 1, 0}, []float64{1, 0, 2}, Options{C: 1}); err != nil || !m.OneClass || math.Abs(m.Intercept+math.Log(7)) > 1e-14 {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestWeightsAreRepetitions: a row of weight 3 is three rows, one of weight 0 none.
func TestWeightsAreRepetitions(t *testing.T) {
	x, y := sample(50, 3)
	weights := make([]float64, 50)
	var rx []float32
	var ry []int8
	for r := range weights {
		weights[r] = float64(r * 7 % 4)
		for range int(weights[r]) {
			rx, ry = append(rx, x[r*3:r*3+3]...), append(ry, y[r])
		}
	}
	for _, o := range []Options{{C: 0.7, Tolerance: 1e-12}, {C: 0.7, Tolerance: 1e-12, Standardize: true}} {
		a, err := Fit(x, 50, 3, y, weights, o)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Fit(rx, len(ry), 3, ry, nil, o)
		if err != nil {
			t.Fatal(err)
		}
		for j := range a.Weights {
			if math.Abs(a.Weights[j]-b.Weights[j]) > 1e-9 || math.Abs(a.Loss-b.Loss) > 1e-12 {
				t.Errorf("%+v and %+v", a, b)
			}
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
	labels := make([]int8, rows)
	for r := range labels {
		if float64(base[r*d])+0.3*stream.Normal() > 0 {
			labels[r] = 1
		}
	}
	separable := make([]int8, rows)
	for r := range separable {
		if base[r*d] > 0 {
			separable[r] = 1
		}
	}
	rare := make([]int8, rows)
	rare[7], rare[1234] = 1, 1
	column := func(change func(r int, row []float32)) []float32 {
		x := slices.Clone(base)
		for r := range rows {
			change(r, x[r*d:(r+1)*d])
		}
		return x
	}
	sorted := make([]int8, rows)
	for r := rows / 2; r < rows; r++ {
		sorted[r] = 1
	}
	for _, c := range []struct {
		name   string
		x      []float32
		labels []int8
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
		m, err := Fit(c.x, rows, d, c.labels, nil, Options{C: c.c})
		if err != nil || !m.Converged {
			t.Errorf("%s: %+v, %v", c.name, m, err)
			continue
		}
		// The first-order condition of a convex function is the proof that this is the minimum.
		p, err := newProblem(c.x, rows, d, c.labels, nil, &Options{C: c.c})
		if err != nil {
			t.Fatal(err)
		}
		gradient := make([]float64, d+1)
		value := p.evaluate(append(slices.Clone(m.Weights), m.Intercept), gradient)
		if largest(gradient) > 1e-8 || value != m.Objective {
			t.Errorf("%s: gradient %v, F = %v and %v", c.name, gradient, value, m.Objective)
		}
		t.Logf("%s: %d iterations", c.name, m.Iterations)
	}
}

// TestLargeData reads features block by block, which must not change a bit.
func TestLargeData(t *testing.T) {
	x, y := sample(501, 4)
	var models [2]*Model
	for i, weights := range [][]float64{nil, slices.Repeat([]float64{1}, 501)} {
		p, err := newProblem(x, 501, 4, y, weights, &Options{C: 1, Standardize: true})
		if err != nil {
			t.Fatal(err)
		}
		kept := p.solve(&Options{})
		p.wide = nil
		models[i] = p.solve(&Options{})
		if !slices.Equal(kept.Weights, models[i].Weights) || kept.Objective != models[i].Objective {
			t.Errorf("%+v and %+v", kept, models[i])
		}
	}
	// Unit weights take another way to the sum of the losses, to the same result.
	if a, b := models[0], models[1]; math.Abs(a.Objective-b.Objective) > 1e-15 || math.Abs(a.Weights[0]-b.Weights[0]) > 1e-8 {
		t.Errorf("%+v and %+v", a, b)
	}
}

// TestLossSum compares sums of losses with those of one logarithm each, for margins of all sizes.
func TestLossSum(t *testing.T) {
	stream := kernel.NewStream(6, "losses")
	for _, scale := range []float64{0.01, 1, 10, 100, 1000} {
		var sum lossSum
		want, slopes := 0.0, 0.0
		for range 1000 {
			z, y := scale*stream.Normal(), int8(stream.IntN(2))
			slope := sum.add(z, y, nil, 0)
			if y == 1 {
				z = -z
			}
			want += max(0, z) + math.Log1p(math.Exp(-math.Abs(z)))
			expected := 1 / (1 + math.Exp(-z))
			if y == 1 {
				expected = -expected
			}
			slopes = max(slopes, math.Abs(slope-expected))
		}
		if got := sum.total(); math.Abs(got-want) > 1e-13*want || slopes > 1e-15 {
			t.Errorf("scale %v: %v, want %v; slopes differ by %v", scale, got, want, slopes)
		}
	}
	var tiny lossSum // losses that 1+e cannot hold
	for range 1000 {
		tiny.add(50, 1, nil, 0)
	}
	if got, want := tiny.total(), 1000*math.Exp(-50); math.Abs(got-want) > 1e-12*want {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestStopsAtItsLimit(t *testing.T) {
	x, y := sample(60, 3)
	m, err := Fit(x, 60, 3, y, nil, Options{C: 1, MaxIterations: 1})
	if err != nil || m.Converged || m.Iterations != 1 || m.GradientNorm <= 1e-8 {
		t.Errorf("%+v, %v", m, err)
	}
	// Below what float64 can tell apart, the fit ends by itself.
	m, err = Fit(x, 60, 3, y, nil, Options{C: 1, Tolerance: 1e-300})
	if err != nil || m.Iterations >= defaultLimit || m.GradientNorm > 1e-13 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestFitRefuses(t *testing.T) {
	x, y := sample(4, 2)
	bad := slices.Clone(x)
	bad[3] = float32(math.NaN())
	if _, err := Fit(bad, 4, 2, y, nil, Options{C: 1}); !errors.Is(err, ErrNotFinite) {
		t.Errorf("%v", err)
	}
	for name, fit := range map[string]func() (*Model, error){
		"no rows":      func() (*Model, error) { return Fit(nil, 0, 2, nil, nil, Options{C: 1}) },
		"few values":   func() (*Model, error) { return Fit(x, 5, 2, y, nil, Options{C: 1}) },
		"few labels":   func() (*Model, error) { return Fit(x, 4, 2, y[:3], nil, Options{C: 1}) },
		"few weights":  func() (*Model, error) { return Fit(x, 4, 2, y, []float64{1}, Options{C: 1}) },
		"no weight":    func() (*Model, error) { return Fit(x, 4, 2, y, make([]float64, 4), Options{C: 1}) },
		"negative":     func() (*Model, error) { return Fit(x, 4, 2, y, []float64{1, 1, -1, 1}, Options{C: 1}) },
		"no C":         func() (*Model, error) { return Fit(x, 4, 2, y, nil, Options{}) },
		"infinite C":   func() (*Model, error) { return Fit(x, 4, 2, y, nil, Options{C: math.Inf(1)}) },
		"label 2":      func() (*Model, error) { return Fit(x, 4, 2, []int8{0, 1, 2, 0}, nil, Options{C: 1}) },
		"label -1":     func() (*Model, error) { return Fit(x, 4, 2, []int8{0, 1, -1, 0}, nil, Options{C: 1}) },
		"NaN weight":   func() (*Model, error) { return Fit(x, 4, 2, y, []float64{1, 1, math.NaN(), 1}, Options{C: 1}) },
		"infinite one": func() (*Model, error) { return Fit(x, 4, 2, y, []float64{1, 1, math.Inf(1), 1}, Options{C: 1}) },
	} {
		if m, err := fit(); err == nil {
			t.Errorf("%s: accepted with %+v", name, m)
		}
	}
}

// TestBits keeps the exact result of a fit: another order of sums, or a fused product, changes it.
func TestBits(t *testing.T) {
	x, y := sample(203, 5)
	m, err := Fit(x, 203, 5, y, nil, Options{C: 1, Standardize: true})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]uint64, 0, 6)
	for _, v := range append(slices.Clone(m.Weights), m.Intercept) {
		got = append(got, math.Float64bits(v))
	}
	want := []uint64{0x3fd8729f195f8a9e, 0xbfe6d30b327813d5, 0x3f61388ff40a40a3, 0xbf446d78d079ea10, 0x3fa799ce63da026a, 0x3fc9ec8b4016d279}
	if !slices.Equal(got, want) {
		t.Errorf("bits changed: raise the Version of every kind that fits\n got %#x\nwant %#x", got, want)
	}
}
