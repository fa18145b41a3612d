package kernel

import (
	"fmt"
	"testing"
)

// logitPairTrial compares LogitPair on every path with the product that defines it.
func logitPairTrial(t *testing.T, p pool, rows, n int) {
	t.Helper()
	logits, room, h, w := p.slice(2*rows), p.slice(n*rows), p.slice(rows*n), p.slice(2*n)
	bias := p.slice(2).values()
	if p.s.IntN(3) == 0 {
		bias = nil
	}
	what := fmt.Sprintf("LogitPair of %d rows of %d, bias %v", rows, n, bias)
	want := logits.clone()
	on(portable, func() {
		ht := make([]float32, n*rows)
		Transpose(ht, rows, h.values(), n, rows, n)
		for i := range want.values() {
			want.values()[i] = 0
			if bias != nil {
				want.values()[i] = bias[i/rows]
			}
		}
		MatMul(want.values(), rows, w.values(), 1, 2, ht, rows, 2, rows, n, nil, true)
	})
	f := func(g []guarded) bool {
		LogitPair(g[0].values(), room.clone().values(), h.values(), w.values(), bias, rows, n)
		return true
	}
	got := logits.clone()
	on(portable, func() { f([]guarded{got}) })
	if diff := differ(got, want); diff != "" {
		t.Fatalf("%s, portable, is not its definition: %s", what, diff)
	}
	comparePaths(t, what, f, logits)
}

func TestLogitPairSameBits(t *testing.T) {
	s := NewStream(31, "logit pair")
	for rows := range 41 {
		for n := range 25 {
			logitPairTrial(t, pool{s, (rows+n)%3 == 0}, rows, n)
		}
	}
	for _, n := range []int{64, 99, 100} {
		logitPairTrial(t, pool{s, false}, 128, n)
		logitPairTrial(t, pool{s, true}, 67, n)
	}
}
