package logistic

import (
	"math"

	"spurion/stages/numeric/kernel"
)

// A multinomial is the objective of FitClasses in the solver's own coordinates, for the k classes that have rows:
// parameters are, class by class, those of a problem, [k, d+1].
type multinomial struct {
	rows    *problem // its columns, its penalty; the bends are those of the class that is looked at
	k       int
	classes int     // with those that have no rows
	present []int16 // that have rows, ascending; numbers below are places here
	labels  []int16 // [n]
	counts  []int   // [k]

	weights    []float64 // [k, d], at the last evaluation
	intercepts []float64 // [k]
	logits     []float64 // [k, block]; then slopes
	bends      []float32 // [k, n]: p(1-p) at the last evaluation
}

func newMultinomial(r Rows, classes int, o *Options) (*multinomial, error) {
	p, err := newRows(r, o.C)
	if err != nil {
		return nil, err
	}
	if err := checkLabels(r.Labels, classes); err != nil {
		return nil, err
	}
	p.intercept = !o.NoIntercept
	m := &multinomial{rows: p, classes: classes, labels: make([]int16, p.n)}
	counts, place := make([]int, classes), make([]int16, classes)
	for _, y := range r.Labels {
		counts[y]++
	}
	for y, n := range counts {
		if n > 0 {
			place[y] = int16(len(m.present))
			m.present, m.counts = append(m.present, int16(y)), append(m.counts, n)
		}
	}
	for i, y := range r.Labels {
		m.labels[i] = place[y]
	}
	m.k = len(m.present)
	m.weights, m.intercepts = make([]float64, m.k*p.D), make([]float64, m.k)
	m.logits, m.bends = make([]float64, m.k*p.block), make([]float32, m.k*p.n)
	return m, nil
}

func (m *multinomial) solve(o *Options) (*Classifier, error) {
	p := m.rows
	width := p.D + 1
	s := newSolver(m, newPerClass(m), m.k*width)
	if p.intercept {
		for c, n := range m.counts {
			s.theta[c*width+p.D] = kernel.Log64(float64(n))
		}
		center(s.theta[p.D:], m.k, width) // one number added to all intercepts changes nothing
	}
	goal, limit := o.ends()
	iterations, ok := s.minimise(goal, limit)
	if !ok {
		return nil, p.overflow()
	}
	squares := 0.0
	for c := range m.k {
		for j, u := range s.theta[c*width : c*width+p.D] {
			squares += float64(p.penalty[j] * float64(u*u))
		}
	}
	m.unscale(s.theta)
	out := m.classifier()
	out.Loss, out.Objective, out.GradientNorm, out.Iterations = s.value-squares/2, s.value, m.largest(s.gradient), iterations
	out.Converged = out.GradientNorm <= goal
	return out, nil
}

// unscale sets weights and intercepts for the columns as they were given.
func (m *multinomial) unscale(theta []float64) {
	p := m.rows
	for c := range m.k {
		m.intercepts[c] = p.unscale(theta[c*(p.D+1) : (c+1)*(p.D+1)])
		if !p.intercept {
			m.intercepts[c] = 0 // centers are 0; not -0
		}
		copy(m.weights[c*p.D:], p.weights)
	}
}

// classifier gives weights and intercepts of all classes.
func (m *multinomial) classifier() *Classifier {
	p := m.rows
	out := &Classifier{Classes: m.classes, Weights: make([]float64, m.classes*p.D), Intercepts: make([]float64, m.classes)}
	// The intercepts for columns that were not centered have another mean.
	mean := sum(m.intercepts) / float64(m.k)
	at := 0
	for y := range m.classes {
		if at == m.k || int(m.present[at]) != y {
			out.Missing = append(out.Missing, int16(y))
			out.Intercepts[y] = oddsOfNone(p.n)
			continue
		}
		copy(out.Weights[y*p.D:(y+1)*p.D], m.weights[at*p.D:])
		if p.intercept {
			out.Intercepts[y] = m.intercepts[at] - mean
		}
		at++
	}
	return out
}

// evaluate implements target.
func (m *multinomial) evaluate(theta, gradient []float64) float64 {
	p := m.rows
	d, width := p.D, p.D+1
	m.unscale(theta)
	clear(gradient)
	loss := 0.0
	for first := 0; first < p.n; first += p.block {
		n := min(p.block, p.n-first)
		x, index := p.rows(first, n)
		for c := range m.k {
			z := m.logits[c*n : (c+1)*n]
			kernel.RowDots(z, m.weights[c*d:(c+1)*d], x, d, index)
			for i := range z {
				z[i] += m.intercepts[c]
			}
		}
		loss += m.softmax(first, n)
		for c := range m.k {
			slopes := m.logits[c*n : (c+1)*n]
			kernel.AddRows64(gradient[c*width:c*width+d], slopes, x, d, index)
			gradient[c*width+d] += sum(slopes)
		}
	}
	squares := 0.0
	for c := range m.k {
		g := gradient[c*width : (c+1)*width]
		squares += p.rescale(g, theta[c*width:(c+1)*width], g[d])
	}
	return loss/float64(p.n) + squares/2
}

// softmax turns the logits [k, n] of the rows from first on into slopes p - [label], keeps the bends, and gives the sum of
// the losses. A row's largest logit is taken off before the exponentials.
func (m *multinomial) softmax(first, n int) (loss float64) {
	z := m.logits
	for i := range n {
		largest, label := math.Inf(-1), z[int(m.labels[first+i])*n+i]
		for c := range m.k {
			if v := z[c*n+i]; v > largest || v != v {
				largest = v
			}
		}
		all := 0.0
		for c := range m.k {
			e := kernel.Exp64(z[c*n+i] - largest)
			z[c*n+i] = e
			all += e
		}
		others, share := 0.0, 1/all
		y := int(m.labels[first+i])
		for c := range m.k {
			q := float64(z[c*n+i] * share)
			z[c*n+i] = q
			if c != y {
				others += q
			}
			m.bends[c*m.rows.n+first+i] = float32(q * (1 - q))
		}
		z[y*n+i] = -others
		loss += (largest - label) + kernel.Log64(all)
	}
	return loss
}

// largest implements target.
func (m *multinomial) largest(gradient []float64) float64 {
	worst, width := 0.0, m.rows.D+1
	for c := range m.k {
		worst = max(worst, m.rows.largest(gradient[c*width:(c+1)*width]))
	}
	return worst
}

// A perClass preconditioner has one for each class, by its bends: it takes what classes have to do with each other for 0. But
// what is common to all classes changes no probability, and at the minimum, as at the start, weights add up to 0 over
// the classes: so it keeps steps where they do, which halves the iterations.
type perClass struct {
	m     *multinomial
	parts []preconditioner
}

const (
	// classBytes bounds what all factors of Hessians take together, and what all samples of rows do.
	classBytes = 1 << 28
	// fewestRows is the least number of rows in a sample.
	fewestRows = 64
)

func newPerClass(m *multinomial) *perClass {
	p, of := m.rows, &perClass{m: m}
	width := p.D + 1
	if p.D <= narrowest && 8*m.k*width*width <= classBytes {
		all := newFactored(p, max(rowsPerParameter*width, 500))
		for range m.k {
			part := *all // the rest is room that they share
			part.factor = make([]float64, width*width)
			of.parts = append(of.parts, &part)
		}
		return of
	}
	most := 1024
	for most > fewestRows && m.k*(4*most*p.D+8*most*most) > classBytes {
		most /= 2
	}
	for range m.k {
		of.parts = append(of.parts, newWideOf(p, most))
	}
	return of
}

// renew implements preconditioner.
func (of *perClass) renew() {
	p := of.m.rows
	for c, part := range of.parts {
		for i, b := range of.m.bends[c*p.n : (c+1)*p.n] {
			p.bends[i] = float64(b)
		}
		part.renew()
	}
}

// apply implements preconditioner.
func (of *perClass) apply(v []float64) {
	width := of.m.rows.D + 1
	for c, part := range of.parts {
		part.apply(v[c*width : (c+1)*width])
	}
	for j := range width {
		center(v[j:], len(of.parts), width)
	}
}

// center takes the mean off n numbers, each apart from the next.
func center(v []float64, n, apart int) {
	mean := 0.0
	for c := range n {
		mean += v[c*apart]
	}
	mean /= float64(n)
	for c := range n {
		v[c*apart] -= mean
	}
}
