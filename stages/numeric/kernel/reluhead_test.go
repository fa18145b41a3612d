package kernel

import (
	"fmt"
	"testing"
)

// reluHeadTrial compares ReluHead on every path with the four steps that define it, for a slope of 0 and another.
func reluHeadTrial(t *testing.T, p pool, rows, n int, accumulate bool) {
	t.Helper()
	for _, slope := range []float32{0, p.draw()} {
		reluHeadTrialOf(t, p, rows, n, slope, accumulate)
	}
}

func reluHeadTrialOf(t *testing.T, p pool, rows, n int, slope float32, accumulate bool) {
	t.Helper()
	h, d, w := p.slice(rows*n), p.slice(2*rows), p.slice(2*n)
	outputs := []guarded{p.slice(rows * n), p.slice(2 * n), p.slice(n)}
	what := fmt.Sprintf("ReluHead of %d rows of %d, slope %v, accumulate %v", rows, n, slope, accumulate)
	want := []guarded{outputs[0].clone(), outputs[1].clone(), outputs[2].clone()}
	on(portable, func() {
		g, dw, db := want[0].values(), want[1].values(), want[2].values()
		MatMul(dw, n, d.values(), rows, 1, h.values(), n, 2, n, rows, nil, accumulate)
		MatMul(g, n, d.values(), 1, rows, w.values(), n, rows, n, 2, nil, false)
		if slope == 0 {
			ReluGradient(g, h.values())
		} else {
			LeakyReluGradient(g, h.values(), slope)
		}
		AddRows(db, g, n, rows, n, accumulate)
	})
	f := func(g []guarded) bool {
		ReluHead(g[0].values(), h.values(), d.values(), w.values(), g[1].values(), g[2].values(), rows, n, slope, accumulate)
		return true
	}
	got := []guarded{outputs[0].clone(), outputs[1].clone(), outputs[2].clone()}
	on(portable, func() { f(got) })
	for i := range got {
		if diff := differ(got[i], want[i]); diff != "" {
			t.Fatalf("%s, portable, is not its definition: %s", what, diff)
		}
	}
	comparePaths(t, what, f, outputs...)
}

func TestReluHeadSameBits(t *testing.T) {
	s := NewStream(30, "relu head")
	for rows := range 10 {
		for n := range 71 {
			reluHeadTrial(t, pool{s, (rows+n)%3 == 0}, rows, n, false)
			reluHeadTrial(t, pool{s, (rows+n)%3 == 1}, rows, n, true)
		}
	}
	for _, n := range []int{100, 127, 128, 129, 257} {
		reluHeadTrial(t, pool{s, false}, 67, n, false)
		reluHeadTrial(t, pool{s, true}, 13, n, true)
	}
}
