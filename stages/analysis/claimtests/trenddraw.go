package claimtests

import (
	"slices"

	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// endSample is the sample of the ratio: of pairs, or of two groups.
func (t *trendSample) endSample() sample {
	pairs, larger, smaller := t.endValues()
	if 2*len(pairs) >= max(len(larger), len(smaller)) {
		o := &one{question: t.question, statistic: "hodges_lehmann", logs: true}
		for _, p := range pairs {
			o.values = append(o.values, logRatio(p[0], p[1]))
		}
		if slices.ContainsFunc(pairs, func(p [2]inference.Value) bool { return min(p[0].Score, p[1].Score) <= 0 }) {
			o.values = nil // there is no ratio
		}
		return o
	}
	return &groups{question: t.question, effect: "ratio", larger: larger, smaller: smaller}
}

// endValues gives the values at the end of x where y is said to be large, those at the other, and the pairs of them of one unit.
func (t *trendSample) endValues() (pairs [][2]inference.Value, larger, smaller []inference.Value) {
	large, small := len(t.x)-1, 0
	if t.falling {
		large, small = small, large
	}
	at := map[int]int{} // by key, the value at the large end
	for i, g := range t.group {
		if g == large {
			at[t.key[i]] = i
			larger = append(larger, t.values[i])
		}
	}
	for i, g := range t.group {
		if g != small {
			continue
		}
		smaller = append(smaller, t.values[i])
		if j, both := at[t.key[i]]; both {
			pairs = append(pairs, [2]inference.Value{t.values[j], t.values[i]})
		}
	}
	return pairs, larger, smaller
}

// logRatio gives the logarithm of a ratio; of two nulls 0 for ranks.
func logRatio(a, b inference.Value) inference.Value {
	v := inference.Value{Least: logOf(a.Least) - logOf(b.Most), Most: logOf(a.Most) - logOf(b.Least)}
	if a.Score != b.Score {
		v.Score = logOf(a.Score) - logOf(b.Score)
	}
	return v
}

// ratioTest names the test of the ratio.
func (t *trendSample) ratioTest() string {
	if s, ok := t.endSample().(*one); ok {
		return s.test()
	}
	return "Brunner-Munzel"
}

// redraw implements sample: n units with all that they have, where each has a value at every x, and else n values at each x of each
// block.
func (t *trendSample) redraw(n int, stream *kernel.Stream) sample {
	drawn := *t
	drawn.trendRows = trendRows{x: t.x}
	drawn.values, drawn.of, drawn.key = nil, nil, nil
	add := func(i, key, block int) {
		drawn.values, drawn.y = append(drawn.values, t.values[i]), append(drawn.y, t.y[i])
		drawn.group, drawn.block, drawn.key = append(drawn.group, t.group[i]), append(drawn.block, block), append(drawn.key, key)
	}
	byKey := make([][]int, t.keys)
	for i, k := range t.key {
		byKey[k] = append(byKey[k], i)
	}
	if len(t.y) == t.keys*len(t.x) && (!t.blocked || t.blocks == t.keys) {
		for d := range n {
			for _, i := range byKey[stream.IntN(t.keys)] {
				block := 0
				if t.blocked {
					block = d
				}
				add(i, d, block)
			}
		}
		drawn.keys, drawn.units = n, n
		if drawn.blocks = 1; t.blocked {
			drawn.blocks = n
		}
		return &drawn
	}
	cells := map[[2]int][]int{}
	var order gather.Groups[[2]int]
	for i := range t.y {
		c := [2]int{t.block[i], t.group[i]}
		order.Of(c)
		cells[c] = append(cells[c], i)
	}
	for _, c := range order.Keys {
		for d := range n {
			add(cells[c][stream.IntN(len(cells[c]))], d*t.blocks+c[0], c[0])
		}
	}
	drawn.blocks, drawn.keys, drawn.units = t.blocks, n*t.blocks, n
	return &drawn
}

// Null takes the trend off, deals the values of each block anew, and puts on a trend at the bound: none, or one that ends at the
// ratio.
func (t *trendSample) Null(stream *kernel.Stream) Trial {
	drawn := *t
	drawn.values = slices.Clone(t.values)
	if slope, ratio, err := t.both(inference.Question{NoInterval: true}); err == nil {
		if t.ratio && finite(ratio.Estimate) && ratio.Estimate > 0 {
			drawn.tilt(1 / ratio.Estimate)
		} else if !t.ratio && finite(slope.Estimate) {
			for i, x := range t.xs() {
				by := float64(slope.Estimate * (x - t.x[0]))
				v := drawn.values[i]
				drawn.values[i] = inference.Value{Score: v.Score - by, Least: v.Least - by, Most: v.Most - by}
			}
		}
	}
	members := make([][]int, t.blocks)
	for i, b := range t.block {
		members[b] = append(members[b], i)
	}
	for _, list := range members {
		stream.Shuffle(len(list), func(i, j int) {
			drawn.values[list[i]], drawn.values[list[j]] = drawn.values[list[j]], drawn.values[list[i]]
		})
	}
	if t.ratio {
		drawn.tilt(t.from)
	}
	drawn.y = inference.Scores(drawn.values)
	return &drawn
}

// tilt multiplies values by a power of a ratio that grows evenly from 0 at the end of x where y is said to be small to 1 at the other.
func (t *trendSample) tilt(ratio float64) {
	last := float64(len(t.x) - 1)
	for i, g := range t.group {
		share := float64(g) / last
		if t.falling {
			share = 1 - share
		}
		by := kernel.Exp64(float64(share * kernel.Log64(ratio)))
		v := t.values[i]
		t.values[i] = inference.Value{Score: float64(v.Score * by), Least: float64(v.Least * by), Most: float64(v.Most * by)}
	}
}
