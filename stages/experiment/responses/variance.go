package responses

import "math"

// components are the parts of the variance of a unit's response to a core and a spurious input, drawn independently: what is
// due to the core input alone, to the spurious one alone, and to the two together.
type components struct{ core, spurious, interaction float64 }

// total gives the variance.
func (c components) total() float64 { return c.core + c.spurious + c.interaction }

// r gives core / (core + spurious); NaN if both are 0.
func (c components) r() float64 { return c.core / (c.core + c.spurious) }

// estimate gives the components from the sums of squares of n core x m spurious inputs: the method of moments for two crossed
// random factors without replication,
//
//	core = (MS_core - MS_interaction) / m    MS_core = SS_core / (n-1)
//	spurious = (MS_spurious - MS_interaction) / n    MS_spurious = SS_spurious / (m-1)
//	interaction = MS_interaction    MS_interaction = SS_interaction / ((n-1)(m-1))
//
// and 0 where that is negative (Searle, Casella and McCulloch 1992, Variance Components, ch. 4), or too small beside the rest to be
// more than rounding. Without the subtraction an interaction would count as an effect of both.
func estimate(core, spurious, interaction, n, m float64) components {
	msCore, msSpurious, ms := core/(n-1), spurious/(m-1), interaction/float64((n-1)*(m-1))
	least := float64(1e-12 * (msCore/m + msSpurious/n + ms))
	effect := func(v float64) float64 {
		if v <= least {
			return 0
		}
		return v
	}
	return components{core: effect((msCore - ms) / m), spurious: effect((msSpurious - ms) / n), interaction: ms}
}

// An anova is an analysis of variance of a response z [n, m], n core inputs with m spurious ones:
//
//	z_ij = mean + core_i + spurious_j + rest_ij    where each term has mean 0 along each index
type anova struct {
	n, m           int
	mean           float64
	core, spurious []float64 // effects, [n] and [m]
	// Sums of squares: those of effects are over the effects themselves, not over all of the cells.
	coreSquares, spuriousSquares, restSquares float64

	rowRest, rowCross       []float64 // [n]: Σ_j rest², Σ_j spurious rest
	columnRest, columnCross []float64 // [m]: Σ_i rest², Σ_i core rest
}

// newAnova makes room for grids of n x m, each 2 at least.
func newAnova(n, m int) *anova {
	room := make([]float64, 3*(n+m))
	cut := func(k int) []float64 {
		part := room[:k:k]
		room = room[k:]
		return part
	}
	return &anova{n: n, m: m, core: cut(n), rowRest: cut(n), rowCross: cut(n), spurious: cut(m), columnRest: cut(m), columnCross: cut(m)}
}

// fill analyses z. Sums are in float64, in the order of rows.
func (t *anova) fill(z []float32) {
	t.means(z)
	clear(t.columnRest)
	clear(t.columnCross)
	t.coreSquares, t.spuriousSquares, t.restSquares = sumSquares(t.core), sumSquares(t.spurious), 0
	for i, a := range t.core {
		var rest, cross float64
		from := t.mean + a
		for j, v := range z[i*t.m : (i+1)*t.m] {
			b := t.spurious[j]
			d := float64(v) - from - b
			square := float64(d * d)
			rest += square
			cross += float64(b * d)
			t.columnRest[j] += square
			t.columnCross[j] += float64(a * d)
		}
		t.rowRest[i], t.rowCross[i] = rest, cross
		t.restSquares += rest
	}
}

// means sets the mean and the effects.
func (t *anova) means(z []float32) {
	clear(t.spurious)
	sum := 0.0
	for i := range t.core {
		row := 0.0
		for j, v := range z[i*t.m : (i+1)*t.m] {
			row += float64(v)
			t.spurious[j] += float64(v)
		}
		sum += row
		t.core[i] = row / float64(t.m)
	}
	t.mean = sum / float64(t.n*t.m)
	for i := range t.core {
		t.core[i] -= t.mean
	}
	for j := range t.spurious {
		t.spurious[j] = t.spurious[j]/float64(t.n) - t.mean
	}
}

// components gives those of the grid.
func (t *anova) components() components {
	n, m := float64(t.n), float64(t.m)
	return estimate(float64(m*t.coreSquares), float64(n*t.spuriousSquares), t.restSquares, n, m)
}

// hasEffect reports whether one of the inputs by itself moves the response more than chance would have it in one of 1000 units that
// only respond to both together: whether a mean square is that much above the interaction's (the F test, with Wilson and Hilferty's
// cube of a normal number for the quantile, 1931; the interaction's degrees of freedom count as many).
func (t *anova) hasEffect() bool {
	n, m := float64(t.n), float64(t.m)
	ms := t.restSquares / float64((n-1)*(m-1))
	beyond := func(square, freedom float64) bool {
		const z = 3.29 // one in 2000 is beyond
		v := 2 / float64(9*freedom)
		root := 1 - v + float64(z*math.Sqrt(v))
		return square/freedom > float64(ms*float64(root*float64(root*root)))
	}
	return beyond(float64(m*t.coreSquares), n-1) || beyond(float64(n*t.spuriousSquares), m-1)
}

// rError gives the standard error of r: the jackknife's variance over core inputs, plus that over spurious ones (Efron and Stein
// 1981; for two crossed samples Owen 2007, The pigeonhole bootstrap, whose sum is likewise somewhat too large). It is NaN where r
// is not there without one of the inputs, and for fewer than 3 of either.
//
// Without the core input i, effects of spurious inputs become spurious_j - rest_ij/(n-1), so each sum of squares follows from
// sums over row i alone:
//
//	Σ core²      less core_i² n/(n-1)
//	Σ spurious²  less 2 rowCross_i/(n-1), plus rowRest_i/(n-1)²
//	Σ rest²      less rowRest_i n/(n-1)
func (t *anova) rError() float64 {
	if t.n < 3 || t.m < 3 {
		return math.NaN()
	}
	n, m := float64(t.n), float64(t.m)
	rows := jackknife(t.n, func(i int) float64 {
		core := t.coreSquares - float64(float64(t.core[i]*t.core[i])*n/(n-1))
		spurious := t.spuriousSquares - 2*t.rowCross[i]/(n-1) + t.rowRest[i]/float64((n-1)*(n-1))
		return estimate(float64(m*core), float64((n-1)*spurious), t.restSquares-float64(t.rowRest[i]*n)/(n-1), n-1, m).r()
	})
	columns := jackknife(t.m, func(j int) float64 {
		spurious := t.spuriousSquares - float64(float64(t.spurious[j]*t.spurious[j])*m/(m-1))
		core := t.coreSquares - 2*t.columnCross[j]/(m-1) + t.columnRest[j]/float64((m-1)*(m-1))
		return estimate(float64((m-1)*core), float64(n*spurious), t.restSquares-float64(t.columnRest[j]*m)/(m-1), n, m-1).r()
	})
	return math.Sqrt(rows + columns)
}

// jackknife gives (k-1)/k Σ (v_i - mean)², v_i being the value without the i-th of k.
func jackknife(k int, without func(i int) float64) float64 {
	values, mean := make([]float64, k), 0.0
	for i := range values {
		values[i] = without(i)
		mean += values[i] / float64(k)
	}
	sum := 0.0
	for _, v := range values {
		gap := v - mean
		sum += float64(gap * gap)
	}
	return float64(sum*float64(k-1)) / float64(k)
}

func sumSquares(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += float64(v * v)
	}
	return sum
}
