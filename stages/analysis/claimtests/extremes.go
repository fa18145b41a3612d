package claimtests

import (
	"math"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/quantile"
)

// extremes are values beyond all that a claim's columns hold, and far enough beyond to reach whatever they are held
// against.
type extremes struct {
	low, high float64
	null      bool // a null is larger still
	tied      bool // what failed has one value, and not one each
}

func (k *stake) extremes(parts []gather.Part) extremes {
	least, most := math.Inf(1), 0.0 // of sizes
	positive := true
	for _, p := range parts {
		for _, s := range k.sides {
			values, valid, err := gather.Numbers(p.Table(), s.column, nil)
			for i := 0; err == nil && i < len(values); i++ {
				if x := values[i]; valid[i] && finite(x) {
					most, positive = max(most, math.Abs(x)), positive && x > 0
					least = min(least, math.Abs(x))
				}
			}
		}
	}
	const beyond = 4096 // also when averaged with other rows of a unit
	factor := float64(beyond * max(1, k.ratio))
	if k.ratio > 0 && positive && finite(least) {
		spread := float64(factor * (most / least))
		if x := (extremes{low: least / spread, high: float64(most * spread), null: k.nulls}); x.low > 0 && finite(x.high) {
			return x
		}
	}
	for _, b := range k.bounds {
		most += math.Abs(b)
	}
	far := float64(factor * (1 + most))
	return extremes{low: -far, high: far, null: k.nulls}
}

// step tells the i-th of several values apart from the others.
func (x extremes) step(i int) float64 {
	if x.tied {
		return 1
	}
	return 1 + float64(i)/(1+float64(i))
}

func (x extremes) lowest(i int) float64 {
	if x.low > 0 {
		return x.low / x.step(i)
	}
	return float64(x.low * x.step(i))
}

func (x extremes) highest(i int) float64 { return float64(x.high * x.step(i)) }

// favouring gives the values of rows that favour the claim most, or least.
func (x extremes) favouring(best bool) func(n int, larger bool) (float64, bool) {
	return func(n int, larger bool) (value float64, ok bool) {
		switch high := larger == best; {
		case high && x.null:
			return 0, false
		case high:
			return x.highest(n), true
		}
		return x.lowest(n), true
	}
}

// filled gives imagined rows with values: of is told how many rows have one with this, and whether the row is of the side said
// to be larger; it gives false for a null.
func (k *stake) filled(list []imagined, of func(n int, larger bool) (float64, bool)) []gather.Part {
	parts := make([]gather.Part, len(list))
	n := 0
	for i, one := range list {
		parts[i] = gather.NewPart(one.Axes, k.widened(one.Table()))
		for side, s := range k.sides {
			c := parts[i].Table().Column(s.column)
			for row, member := range one.sides[side] {
				if member {
					n++
					c.Float64s[row], c.Valid[row] = of(n, s.larger)
				}
			}
		}
	}
	return parts
}

// midst gives values among those that are there, if some are to be tried: each at a tenth of them.
func (k *stake) midst(parts []gather.Part) []float64 {
	if !k.between {
		return nil
	}
	var known []float64
	for _, p := range parts {
		sides, _, unknown := k.members(p)
		for side, s := range k.sides {
			values, valid, err := gather.Numbers(p.Table(), s.column, nil)
			for row := 0; unknown == "" && err == nil && row < len(values); row++ {
				if sides[side][row] && valid[row] && finite(values[row]) {
					known = append(known, values[row])
				}
			}
		}
	}
	slices.Sort(known)
	var list []float64
	for tenth := 1; tenth < 10 && len(known) > 0; tenth++ {
		list = append(list, quantile.Of(known, float64(tenth)/10))
	}
	return slices.Compact(list)
}

// marked gives imagined rows with a value each that no other row has, and these values.
func (k *stake) marked(list []imagined, x extremes) (parts []gather.Part, marks []float64) {
	x.null, x.tied = false, false
	parts = k.filled(list, x.favouring(k.sides[0].larger))
	for i, one := range list {
		c := parts[i].Table().Column(k.sides[0].column)
		for row, of := range one.sides[0] {
			if of {
				marks = append(marks, c.Float64s[row])
			}
		}
	}
	return parts, marks
}

// widened gives a table whose measured columns are fractions that may be null, in columns of their own.
func (k *stake) widened(t *frame.Table) *frame.Table {
	out := &frame.Table{Columns: slices.Clone(t.Columns), Meta: t.Meta}
	for _, s := range k.sides {
		c := out.Column(s.column)
		values, valid, err := gather.Numbers(out, s.column, nil)
		if c == nil || err != nil {
			continue
		}
		field := c.Field
		field.Type, field.Nullable = frame.Float64, true
		*c = frame.Float64s(field, values).WithValid(valid)
	}
	return out
}
