package cluster

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"spurion/stages/numeric/kernel"
)

// normal gives n points of d coordinates, each group of them about a centre of its own.
func normal(stream *kernel.Stream, n, d int, centres ...float64) Points {
	p := Points{D: d}
	for i := range n {
		for range d {
			p.X = append(p.X, stream.Normal()+centres[i%len(centres)])
		}
	}
	return p
}

// Jacobi's eigenvalues are gonum's, and the vectors are orthonormal and solve A v = λ v.
func TestSymmetricEigen(t *testing.T) {
	stream := kernel.NewStream(1, "matrix")
	for _, d := range []int{1, 2, 3, 7, 20} {
		p := normal(stream, 2*d, d, 0)
		a := covariance(p, p.mean(), nil, float64(p.N()))
		if d == 7 {
			clear(a[:7]) // a coordinate that does not vary
			for i := range 7 {
				a[i*7] = 0
			}
		}
		values, vectors := symmetricEigen(slices.Clone(a), d)
		var eigen mat.EigenSym
		if !eigen.Factorize(mat.NewSymDense(d, slices.Clone(a)), false) {
			t.Fatal("gonum finds no eigenvalues")
		}
		want := eigen.Values(nil)
		slices.Reverse(want)
		for c := range d {
			if math.Abs(values[c]-want[c]) > 1e-12 {
				t.Errorf("d = %d: eigenvalue %d is %v, want %v", d, c, values[c], want[c])
			}
			for i := range d {
				var av, dot float64
				for j := range d {
					av += a[i*d+j] * vectors[j*d+c]
					dot += vectors[j*d+i] * vectors[j*d+c]
				}
				unit := 0.0
				if i == c {
					unit = 1
				}
				if math.Abs(av-values[c]*vectors[i*d+c]) > 1e-12 || math.Abs(dot-unit) > 1e-12 {
					t.Fatalf("d = %d: column %d is no eigenvector", d, c)
				}
			}
		}
	}
}

// By hand: points on the line (1, -2) t + (3, 5), with a little across it.
func TestAxes(t *testing.T) {
	root := math.Sqrt(5)
	var p Points
	p.D = 2
	for i := range 8 {
		along, across := float64(i)-3.5, .1*float64(i%2*2-1)*float64(i/4*2-1)
		p.X = append(p.X, 3+(along+2*across)/root, 5+(-2*along+across)/root)
	}
	a := NewAxes(p, 2)
	for i, want := range []float64{-1 / root, 2 / root} { // the entry of largest magnitude is positive
		if math.Abs(a.axes[0][i]-want) > .01 {
			t.Errorf("the first axis is %v", a.axes[0])
		}
	}
	if math.Abs(a.Variances[0]+a.Variances[1]-p.Variance()) > 1e-12 || a.Variances[1] > .02 {
		t.Errorf("variances %v of %v", a.Variances, p.Variance())
	}
	q := a.Project(p)
	for i := range p.N() {
		if math.Abs(squared(q.At(i), q.At(0))-squared(p.At(i), p.At(0))) > 1e-12 {
			t.Error("all axes together change distances")
		}
	}
	if q := NewAxes(p, 1).Project(p); q.D != 1 || q.N() != 8 || math.Abs(q.X[7]-q.X[0]) < 6.9 {
		t.Errorf("along the first axis %v", q.X)
	}
}

// By hand: along (3, 4) the point (1, 2) has the coordinate 11/5, and (-.32, .24) is left.
func TestAlong(t *testing.T) {
	scores, rest := Points{[]float64{1, 2, 0, 0}, 2}.Along([]float64{3, 4})
	both := scores.Beside(rest)
	for i, want := range []float64{2.2, -.32, .24, 0, 0, 0} {
		if math.Abs(both.X[i]-want) > 1e-15 {
			t.Errorf("number %d is %v, want %v", i, both.X[i], want)
		}
	}
	if both.D != 3 || both.N() != 2 {
		t.Errorf("%d points of %d coordinates", both.N(), both.D)
	}
	if scores, rest = (Points{[]float64{1, 2}, 2}).Along([]float64{0, 0}); scores.X[0] != 0 || !slices.Equal(rest.X, []float64{1, 2}) {
		t.Errorf("along nothing %v, beside it %v", scores, rest)
	}
}

// On a line k-means from many starts is the exact optimum.
func TestMeansOnALine(t *testing.T) {
	stream := kernel.NewStream(1, "points")
	for range 20 {
		p := normal(stream, 30, 1, 0, 4)
		for i, d := range NewLine(p.X).Divide(4) {
			m := NewMeans(p, i+1, 60, stream)
			got, want := squares(p.X, Assign(m, p, nil), i+1), squares(p.X, d.Clusters(), i+1)
			if math.Abs(got-want) > 1e-9 {
				t.Errorf("%d clusters: %v, the best is %v", i+1, got, want)
			}
		}
	}
}

// Where points are few and apart, each is a centre; of equal points there is one.
func TestMeansOfFewPoints(t *testing.T) {
	p := Points{[]float64{0, 0, 5, 5, 0, 0, 9, 1}, 2}
	m := NewMeans(p, 3, 4, kernel.NewStream(1, "x"))
	if clusters := Assign(m, p, nil); len(m) != 3 || clusters[0] != clusters[2] || clusters[0] == clusters[1] || clusters[1] == clusters[3] || clusters[0] == clusters[3] {
		t.Errorf("centres %v, clusters %v", m, clusters)
	}
	if m := NewMeans(Points{make([]float64, 10), 2}, 4, 2, kernel.NewStream(1, "x")); len(m) != 1 {
		t.Errorf("%d centres of equal points", len(m))
	}
}

// Among those that are kept, a point belongs to the best.
func TestAssignAmongKept(t *testing.T) {
	m, p := Means{{0}, {5}, {9}}, Points{[]float64{1, 6, 8, 2.5}, 1}
	if got := Assign(m, p, nil); !slices.Equal(got, []int{0, 1, 2, 0}) {
		t.Errorf("clusters %v", got)
	}
	if got := Assign(m, p, []bool{true, false, true}); !slices.Equal(got, []int{0, 2, 2, 0}) {
		t.Errorf("without the second: clusters %v", got)
	}
}

// The log-densities of a component are those of the definition, in two dimensions by the inverse matrix.
func TestMixtureScores(t *testing.T) {
	stream := kernel.NewStream(3, "points")
	p := normal(stream, 40, 2, 0)
	for i := range p.N() {
		p.X[2*i+1] += p.X[2*i]
	}
	part := make([]float64, 40)
	var total float64
	for i := range part {
		part[i] = stream.Float64()
		total += part[i]
	}
	m := &Mixture{components: []component{newComponent(p, part, .25)}}
	var mean [2]float64
	for i, w := range part {
		mean[0] += w / total * p.X[2*i]
		mean[1] += w / total * p.X[2*i+1]
	}
	var a, b, c float64
	for i, w := range part {
		x, y := p.X[2*i]-mean[0], p.X[2*i+1]-mean[1]
		a, b, c = a+w/total*x*x, b+w/total*x*y, c+w/total*y*y
	}
	a, c = a+.25, c+.25
	det := a*c - b*b
	var got [1]float64
	for i := range p.N() {
		m.Scores(got[:], p.At(i))
		x, y := p.X[2*i]-mean[0], p.X[2*i+1]-mean[1]
		want := math.Log(total/40) - math.Log(2*math.Pi) - math.Log(det)/2 - (c*x*x-2*b*x*y+a*y*y)/det/2
		if math.Abs(got[0]-want) > 1e-12 {
			t.Fatalf("point %d: %v, by definition %v", i, got[0], want)
		}
	}
}

// A mixture tells a narrow from a wide component about the same mean, which k-means cannot; the
// likelihood does not fall.
func TestMixtureOfNarrowAndWide(t *testing.T) {
	stream := kernel.NewStream(4, "points")
	p := normal(stream, 2000, 2, 0)
	for i := range p.N() {
		if i%2 == 0 {
			p.X[2*i], p.X[2*i+1] = p.X[2*i]/20, p.X[2*i+1]/20
		}
	}
	m := NewMixture(p, Means{{0, 0}, {3, 0}})
	right := 0
	for i, c := range Assign(m, p, nil) {
		if c == i%2 {
			right++
		}
	}
	if right < 1950 {
		t.Errorf("%d of 2000 points are in their component", right)
	}
	if w := math.Exp(m.components[0].logWeight); math.Abs(w-.5) > .03 {
		t.Errorf("the narrow component has the weight %v", w)
	}
	parts := [][]float64{make([]float64, 2000), make([]float64, 2000)}
	for i, c := range Assign(Means{{0, 0}, {1, 0}}, p, nil) {
		parts[c][i] = 1
	}
	before := math.Inf(-1)
	m = &Mixture{components: make([]component, 2)}
	for range 20 {
		for c := range parts {
			m.components[c] = newComponent(p, parts[c], 0)
		}
		now := m.expect(p, parts)
		if now < before-1e-12 {
			t.Errorf("the likelihood falls from %v to %v", before, now)
		}
		before = now
	}
}

// A component that has no points keeps none.
func TestMixtureWithAnEmptyComponent(t *testing.T) {
	p := normal(kernel.NewStream(5, "points"), 50, 2, 0, 8)
	m := NewMixture(p, Means{{0, 0}, {8, 8}, {100, 100}})
	for i, c := range Assign(m, p, nil) {
		if c != i%2 {
			t.Fatalf("point %d is in component %d", i, c)
		}
	}
}

// Mean silhouettes of clusters on a line add up to that of all numbers.
func TestSilhouettesOnALine(t *testing.T) {
	stream := kernel.NewStream(6, "points")
	p := normal(stream, 40, 1, 0, 3)
	for i, d := range NewLine(p.X).Divide(4) {
		clusters, sum := d.Clusters(), 0.0
		mean := Silhouettes(p, clusters, i+2)
		for _, c := range clusters {
			sum += mean[c] / 40
		}
		if math.Abs(sum-d.Silhouette()) > 1e-12 || !math.IsNaN(mean[i+1]) {
			t.Errorf("%d clusters: %v of %v, on the line %v", i+1, sum, mean, d.Silhouette())
		}
	}
}

func TestSpread(t *testing.T) {
	p := Points{[]float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, 1}
	if got := p.Spread(4).X; !slices.Equal(got, []float64{0, 2, 5, 7}) {
		t.Errorf("4 of 10: %v", got)
	}
	if got := p.Spread(10); got.N() != 10 {
		t.Errorf("10 of 10: %v", got)
	}
}

func TestDistinct(t *testing.T) {
	p := Points{X: []float64{1, 2, 1, 2, 2, 1, 1, 2, 3, 3}, D: 2}
	for most, want := range map[int]int{1: 1, 2: 2, 3: 3, 9: 3} {
		if got := p.Distinct(most); got != want {
			t.Errorf("up to %d: %d different points, want %d", most, got, want)
		}
	}
}
