package logistic

import (
	"errors"
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// classSample is sample with labels of so many classes.
func classSample(rows, d, classes int) (x []float32, labels []int16) {
	state := uint64(1)
	draw := func() float64 {
		state = state*6364136223846793005 + 1442695040888963407
		return float64(state>>40)/(1<<20) - 8
	}
	for range rows * d {
		x = append(x, float32(draw()))
	}
	for r := range rows {
		level := float64(classes)/2 + (float64(x[r*d])-2*float64(x[r*d+1])+draw())*float64(classes)/16
		labels = append(labels, int16(min(classes-1, max(0, int(math.Floor(level))))))
	}
	return x, labels
}

// TestClassesScikitLearn compares with coefficients that scikit-learn 1.9.1 (numpy 2.4.6) found for the same data:
// LogisticRegression(C=..., solver="newton-cholesky", tol=1e-14, max_iter=5000), which minimises the same as its lbfgs. Its
// intercepts are brought to the mean 0.
func TestClassesScikitLearn(t *testing.T) {
	for _, c := range []struct {
		classes    int
		options    Options
		weights    []float64
		intercepts []float64
	}{
		{3, Options{C: 1}, []float64{-0.3216112251884508, 0.6674451150515773, 0.028300558437600314, -0.01672289914988001, -0.07848077084571985, -0.03274774521197474, 0.33833412433832744, -0.5889643442058521, 0.00444718677437379},
			[]float64{-0.09447810098317269, -0.06302782676615282, 0.1575059277493255}},
		{3, Options{C: 0.01}, []float64{-0.11042256923032195, 0.2915917004517237, 0.012146414194598327, -0.04142134948126171, -0.041780765884554615, -0.0286597488003508, 0.15184391871158362, -0.2498109345671692, 0.016513334605752373},
			[]float64{0.2555589527640628, -0.5443258026177331, 0.2887668498536703}},
		{3, Options{C: 1, NoIntercept: true}, []float64{-0.32041918287967924, 0.6661989243974443, 0.031180933539197337, -0.02428165541695525, -0.05499466535555963, -0.028486320225631804, 0.34470083829662734, -0.6112042590418842, -0.0026946133135649624},
			[]float64{0.0, 0.0, 0.0}},
		{5, Options{C: 1}, []float64{-0.3898715830653466, 0.7960219163087477, -0.035531895084177444, -0.16880053719805424, 0.33693481936559616, 0.1465476262297197, -0.04265347993012459, -0.04183798765274376, -0.03321607554848737, 0.19605429505721128, -0.3400315904913493, -0.07903311305965406, 0.4052713051363094, -0.7510871575302578, 0.0012334574625913728},
			[]float64{0.1814626182715649, -0.4380486116389033, 0.17171770991878843, 0.10827787601975582, -0.023409592571205885}},
		{5, Options{C: 100}, []float64{-0.41806597688887104, 0.8474060291326428, -0.03371680126672156, -0.19358625343163202, 0.379397512513904, 0.14901657243778352, -0.038084736670728606, -0.04701551303335665, -0.033003784148815274, 0.21755951229705447, -0.3782807080473622, -0.08079021013257588, 0.43217745469299795, -0.8015073205664885, -0.001505776889291123},
			[]float64{0.14301656532576537, -0.4360223593559978, 0.22473636231850289, 0.12431687730761329, -0.056047445595883726}},
	} {
		x, y := classSample(120, 3, c.classes)
		c.options.Tolerance = 1e-12
		m, err := FitClasses(Rows{X: x, D: 3, Labels: y}, c.classes, c.options)
		if err != nil || !m.Converged {
			t.Fatalf("%d classes, %+v: %+v, %v", c.classes, c.options, m, err)
		}
		mean := sum(c.intercepts) / float64(c.classes)
		for k := range c.intercepts {
			c.intercepts[k] -= mean
		}
		for j, w := range append(slices.Clone(m.Weights), m.Intercepts...) {
			if want := append(slices.Clone(c.weights), c.intercepts...)[j]; math.Abs(w-want) > 1e-8*(1+math.Abs(want)) {
				t.Errorf("%d classes, %+v: parameter %d is %v, want %v", c.classes, c.options, j, w, want)
			}
		}
	}
}

// conditions gives the gradient of the objective at a classifier, for columns standardised or as given, and the objective,
// from the definitions alone.
func conditions(x []float32, d int, labels []int16, c *Classifier, o Options) (worst, objective float64) {
	n, classes := len(labels), c.Classes
	scale := slices.Repeat([]float64{1}, d)
	for j := range d {
		if o.Standardize {
			mean, squares := 0.0, 0.0
			for r := range n {
				mean += float64(x[r*d+j]) / float64(n)
			}
			for r := range n {
				squares += math.Pow(float64(x[r*d+j])-mean, 2) / float64(n)
			}
			scale[j] = math.Sqrt(squares)
		}
	}
	gradient := make([]float64, classes*(d+1))
	for r, y := range labels {
		z, all := make([]float64, classes), 0.0
		for k := range z {
			z[k] = c.Intercepts[k]
			for j := range d {
				z[k] += c.Weights[k*d+j] * float64(x[r*d+j])
			}
		}
		for _, v := range z {
			all += math.Exp(v - z[y])
		}
		objective += math.Log(all) / float64(n)
		for k, v := range z {
			slope := math.Exp(v-z[y]) / all / float64(n)
			if k == int(y) {
				slope -= 1 / float64(n)
			}
			for j := range d {
				gradient[k*(d+1)+j] += slope * float64(x[r*d+j]) / scale[j]
			}
			gradient[k*(d+1)+d] += slope
		}
	}
	for k := range classes {
		for j := range d {
			u := c.Weights[k*d+j] * scale[j]
			gradient[k*(d+1)+j] += u / (o.C * float64(n))
			objective += u * u / (2 * o.C * float64(n))
		}
		if o.NoIntercept {
			gradient[k*(d+1)+d] = 0
		}
	}
	for _, g := range gradient {
		worst = max(worst, math.Abs(g))
	}
	return worst, objective
}

// The gradient of the objective, computed apart, is 0 where a fit ends: the objective is convex, so that is its minimum.
func TestClassesEndAtTheMinimum(t *testing.T) {
	for _, c := range []struct {
		rows, d, classes int
		o                Options
	}{
		{150, 4, 3, Options{C: 1}}, {150, 4, 4, Options{C: .003, Standardize: true}}, {400, 9, 7, Options{C: 1e4, NoIntercept: true}},
		{40, 60, 3, Options{C: 1}}, {60, 600, 3, Options{C: 1}}, {90, 520, 5, Options{C: .1, Standardize: true}}, {900, 3, 40, Options{C: 1}},
	} {
		x, y := classSample(c.rows, c.d, c.classes)
		m, err := FitClasses(Rows{X: x, D: c.d, Labels: y}, c.classes, c.o)
		if err != nil || !m.Converged {
			t.Fatalf("%+v: %v; converged %t after %d iterations at %v", c, err, m.Converged, m.Iterations, m.GradientNorm)
		}
		worst, objective := conditions(x, c.d, y, m, c.o)
		if len(m.Missing) > 0 {
			t.Fatalf("%+v: no rows of %v", c, m.Missing)
		}
		if worst > 2e-8 || math.Abs(objective-m.Objective) > 1e-9*(1+objective) {
			t.Errorf("%+v: the gradient is %v, and the objective %v, not %v", c, worst, objective, m.Objective)
		}
		if !c.o.NoIntercept && math.Abs(sum(m.Intercepts)) > 1e-9 {
			t.Errorf("%+v: intercepts add up to %v", c, sum(m.Intercepts))
		}
	}
}

// Two classes are Fit, and FitSparse, to the bit.
func TestTwoClassesAreFit(t *testing.T) {
	x, y := sample(60, 3)
	r := Rows{X: x, D: 3, Labels: y}
	same := func(c *Classifier, err error, m *Model, wrong error) {
		t.Helper()
		if err != nil || wrong != nil || !slices.Equal(c.Weights, m.Weights) || c.Intercepts[0] != m.Intercept || len(c.Intercepts) != 1 || c.Loss != m.Loss {
			t.Errorf("%+v, %v; not %+v, %v", c, err, m, wrong)
		}
	}
	c, err := FitClasses(r, 2, Options{C: 2})
	m, wrong := Fit(r, Options{C: 2})
	same(c, err, m, wrong)
	c, err = FitSparseClasses(r, 2, SparseOptions{C: 2}, nil)
	m, wrong = FitSparse(r, SparseOptions{C: 2})
	same(c, err, m, wrong)
	c, err = FitSparseClasses(r, 2, SparseOptions{C: 1}, c)
	m, wrong = FitSparse(r, SparseOptions{C: 1, Start: m})
	same(c, err, m, wrong)
}

// Rows by name are those rows, and the names of classes do not matter.
func TestClassesByNameAndInAnotherOrder(t *testing.T) {
	x, y := classSample(120, 3, 4)
	all, err := FitClasses(Rows{X: x, D: 3, Labels: y}, 4, Options{C: 1})
	if err != nil {
		t.Fatal(err)
	}
	index := make([]int32, len(y))
	for i := range index {
		index[i] = int32(i)
	}
	named, err := FitClasses(Rows{X: x, D: 3, Index: index, Labels: y}, 4, Options{C: 1})
	if err != nil || !slices.Equal(named.Weights, all.Weights) || !slices.Equal(named.Intercepts, all.Intercepts) {
		t.Errorf("by name: %+v, %v", named, err)
	}
	turned := make([]int16, len(y))
	for i, v := range y {
		turned[i] = 3 - v
	}
	other, err := FitClasses(Rows{X: x, D: 3, Labels: turned}, 4, Options{C: 1})
	if err != nil {
		t.Fatal(err)
	}
	for k := range 4 {
		for j := range 3 {
			if a, b := all.Weights[k*3+j], other.Weights[(3-k)*3+j]; math.Abs(a-b) > 1e-6 {
				t.Errorf("weight %d of class %d is %v, turned round %v", j, k, a, b)
			}
		}
	}
	// Predictions are the largest logits, whichever rows are named.
	predictions, some := make([]int16, len(y)), make([]int16, 2)
	all.Predict(predictions, x, nil)
	all.Predict(some, x, []int32{7, 3})
	z := make([]float64, 4*len(y))
	all.Scores(z, x, nil)
	right := 0
	for i, p := range predictions {
		row := z[4*i : 4*i+4]
		if row[p] != slices.Max(row) || slices.Index(row, row[p]) != int(p) {
			t.Fatalf("row %d: %d is predicted of %v", i, p, row)
		}
		if p == y[i] {
			right++
		}
	}
	if some[0] != predictions[7] || some[1] != predictions[3] || all.Right(x, y) != right {
		t.Errorf("%v of rows 7 and 3, %d right; want %d, %d and %d", some, all.Right(x, y), predictions[7], predictions[3], right)
	}
}

// A class without rows is not predicted, and the others are fitted as if it did not exist.
func TestMissingClasses(t *testing.T) {
	x, y := classSample(120, 3, 3)
	of := []int16{1, 3, 4}
	spread := make([]int16, len(y))
	for i, v := range y {
		spread[i] = of[v]
	}
	three, err := FitClasses(Rows{X: x, D: 3, Labels: y}, 3, Options{C: 1})
	if err != nil {
		t.Fatal(err)
	}
	six, err := FitClasses(Rows{X: x, D: 3, Labels: spread}, 6, Options{C: 1})
	if err != nil || !slices.Equal(six.Missing, []int16{0, 2, 5}) || !six.Converged {
		t.Fatalf("%+v, %v", six, err)
	}
	for k, at := range of {
		if !slices.Equal(six.Weights[3*at:3*at+3], three.Weights[3*k:3*k+3]) || six.Intercepts[at] != three.Intercepts[k] {
			t.Errorf("class %d: %v, %v", k, six.Weights, six.Intercepts)
		}
	}
	if six.Right(x, spread) != three.Right(x, y) {
		t.Errorf("%d are right, of three classes %d", six.Right(x, spread), three.Right(x, y))
	}
	one, err := FitClasses(Rows{X: x, D: 3, Labels: make([]int16, 120)}, 3, Options{C: 1})
	if err != nil || !slices.Equal(one.Missing, []int16{1, 2}) || one.Right(x, make([]int16, 120)) != 120 || !(one.Loss > 0 && one.Loss < .02) {
		t.Errorf("of one class: %+v, %v", one, err)
	}
	sparse, err := FitSparseClasses(Rows{X: x, D: 3, Labels: spread}, 6, SparseOptions{C: 1}, nil)
	if err != nil || !slices.Equal(sparse.Missing, []int16{0, 2, 5}) || !sparse.Converged || sparse.Right(x, spread) < 60 {
		t.Errorf("%+v, %v", sparse, err)
	}
}

// Each class against the others is a fit of its own.
func TestSparseClassesAreFitsOfTheirOwn(t *testing.T) {
	x, y := classSample(120, 3, 3)
	all, err := FitSparseClasses(Rows{X: x, D: 3, Labels: y}, 3, SparseOptions{C: .05, PenalizeIntercept: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k := range 3 {
		labels := make([]int16, len(y))
		for i, v := range y {
			if int(v) == k {
				labels[i] = 1
			}
		}
		one, err := FitSparse(Rows{X: x, D: 3, Labels: labels}, SparseOptions{C: .05, PenalizeIntercept: true})
		if err != nil || !slices.Equal(one.Weights, all.Weights[3*k:3*k+3]) || one.Intercept != all.Intercepts[k] {
			t.Errorf("class %d: %+v, %v; want %v", k, all, err, one)
		}
	}
}

func TestFitClassesRefuses(t *testing.T) {
	x, y := classSample(20, 2, 3)
	bad := slices.Clone(x)
	bad[3] = float32(math.Inf(1))
	for _, labels := range [][]int16{y, make([]int16, 20)} {
		if _, err := FitClasses(Rows{X: bad, D: 2, Labels: labels}, 3, Options{C: 1}); !errors.Is(err, ErrNotFinite) {
			t.Errorf("an infinite feature: %v", err)
		}
	}
	for name, c := range map[string]struct {
		labels  []int16
		classes int
		c       float64
	}{"a label too many": {y, 2, 1}, "one class": {make([]int16, 20), 1, 1}, "a negative label": {append([]int16{-1}, y[1:]...), 3, 1}, "no C": {y, 3, 0}} {
		if m, err := FitClasses(Rows{X: x, D: 2, Labels: c.labels}, c.classes, Options{C: c.c}); err == nil {
			t.Errorf("%s: accepted with %+v", name, m)
		}
		if m, err := FitSparseClasses(Rows{X: x, D: 2, Labels: c.labels}, c.classes, SparseOptions{C: c.c}, nil); err == nil {
			t.Errorf("%s: accepted with %+v", name, m)
		}
	}
}

// TestClassesBits keeps the exact result of a fit: another order of sums, or a fused product, changes it.
func TestClassesBits(t *testing.T) {
	x, y := classSample(203, 5, 3)
	m, err := FitClasses(Rows{X: x, D: 5, Labels: y}, 3, Options{C: 1, Standardize: true})
	if err != nil {
		t.Fatal(err)
	}
	hash := uint64(14695981039346656037)
	for _, v := range append(slices.Clone(m.Weights), m.Intercepts...) {
		hash = (hash ^ math.Float64bits(v)) * 1099511628211
	}
	if want := uint64(0xed5930a14b40a4a8); hash != want {
		t.Errorf("bits changed: raise the Version of every kind that fits\n got %#x\nwant %#x", hash, want)
	}
}

func BenchmarkFitClasses(b *testing.B) {
	s := kernel.NewStream(1, "classes")
	for _, c := range []struct {
		name             string
		rows, d, classes int
	}{{"532x2048x2", 532, 2048, 2}, {"532x2048x3", 532, 2048, 3}, {"4795x2048x3", 4795, 2048, 3}, {"4795x2048x5", 4795, 2048, 5}, {"8000x64x10", 8000, 64, 10}} {
		x, labels := plantedSample(s, c.rows, c.d, c.classes)
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				m, err := FitClasses(Rows{X: x, D: c.d, Labels: labels}, c.classes, Options{C: 1})
				if err != nil || !m.Converged {
					b.Fatalf("%v, %v", err, m)
				}
				b.ReportMetric(float64(m.Iterations), "iterations")
			}
		})
	}
}

// plantedSample gives rectified features, as embeddings are, of which each class raises some; a tenth of the labels are wrong.
func plantedSample(s *kernel.Stream, rows, d, classes int) (x []float32, labels []int16) {
	x, labels = make([]float32, rows*d), make([]int16, rows)
	for r := range labels {
		labels[r] = int16(s.IntN(classes))
		for j := range d {
			v := s.Normal()
			if j%(4*classes) == int(labels[r]) {
				v += 1
			}
			x[r*d+j] = float32(max(0, v))
		}
		if s.IntN(10) == 0 {
			labels[r] = int16(s.IntN(classes))
		}
	}
	return x, labels
}
