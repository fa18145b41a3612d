package publish

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestHolm(t *testing.T) {
	p := func(v float64) *float64 { return &v }
	for _, c := range []struct{ p, want []*float64 }{
		{nil, nil},
		{[]*float64{p(0.03)}, []*float64{p(0.03)}},
		// Ordered .005 .01 .03 .04: times 4, 3, 2, 1; the last may not be below the one before it.
		{[]*float64{p(0.01), p(0.04), p(0.03), p(0.005)}, []*float64{p(0.03), p(0.06), p(0.06), p(0.02)}},
		{[]*float64{p(0.01), nil, p(0.02)}, []*float64{p(0.02), nil, p(0.02)}},
		{[]*float64{p(0.5), p(0.6), p(0.01)}, []*float64{p(1), p(1), p(0.03)}},
		{[]*float64{p(0.02), p(0.02)}, []*float64{p(0.04), p(0.04)}},
	} {
		got := Holm(c.p)
		for i := range c.want {
			if (got[i] == nil) != (c.want[i] == nil) || got[i] != nil && math.Abs(*got[i]-*c.want[i]) > 1e-15 {
				t.Errorf("claim %d of %d: %v, want %v", i, len(c.p), got[i], c.want[i])
			}
		}
	}
}

// Of 20 claims without any effect, with independent p-values, at least one is reproduced after the correction with
// probability 1 - (1 - .05/20)^20 = .0488; if half of them have a sure effect, one of the others with 1 - (1 - .05/10)^10.
func TestHolmFamily(t *testing.T) {
	const draws = 4000
	stream := rand.New(rand.NewPCG(1, 1))
	for _, nulls := range []int{20, 10} {
		wrong := 0
		for range draws {
			p := make([]*float64, 20)
			for i := range p {
				v := stream.Float64()
				if i >= nulls {
					v = 1e-9
				}
				p[i] = &v
			}
			for i, adjusted := range Holm(p)[:nulls] {
				if *adjusted <= 0.05 {
					wrong++
					break
				} else if *adjusted < *p[i] {
					t.Fatalf("%v became %v", *p[i], *adjusted)
				}
			}
		}
		want := 1 - math.Pow(1-0.05/float64(nulls), float64(nulls))
		if rate := float64(wrong) / draws; math.Abs(rate-want) > 3.3*math.Sqrt(want*(1-want)/draws) {
			t.Errorf("of %d claims without an effect at least one is reproduced in %v of the draws, want %v", nulls, rate, want)
		}
	}
}

// Of two false claims at their bounds, drawn so that what contradicts the one lets the other through where it can: p-values
// between alpha/2 and alpha on a claim's side come with one below alpha/2 against the other. Each claim alone has what a
// two-sided test gives, a quarter of alpha in each of four places, and still one is reproduced with probability
// alpha/2 at most. With p-values that count whatever they speak for it would be alpha.
func TestHolmBoundsFalseReproduced(t *testing.T) {
	const alpha = 0.05
	type one struct {
		p       float64
		against bool
	}
	small, large := alpha/4, 3*alpha/4 // stand for below alpha/2, and for between alpha/2 and alpha
	draws := [][2]one{                 // each with probability alpha/4; in all others both p-values are above alpha
		{{large, false}, {small, true}}, {{small, true}, {large, false}},
		{{small, false}, {0.5, false}}, {{0.5, false}, {small, false}},
		{{large, true}, {0.5, false}}, {{0.5, false}, {large, true}},
	}
	level := alpha
	rate := func(evidence func(verdict string, p *float64) *float64) float64 {
		wrong := 0
		for _, d := range draws {
			p := make([]*float64, 2)
			for i, c := range d {
				verdict := map[bool]string{true: notReproduced, false: Reproduced}[c.against]
				if c.p > alpha {
					verdict = "inconclusive"
				}
				p[i] = evidence(verdict, &c.p)
			}
			adjusted := Holm(p)
			if !d[0].against && *adjusted[0] <= alpha || !d[1].against && *adjusted[1] <= alpha {
				wrong++
			}
		}
		return float64(wrong) * alpha / 4
	}
	if got := rate(func(verdict string, p *float64) *float64 { return Evidence(verdict, p, &level) }); got > alpha/2 {
		t.Errorf("a false claim is reproduced with probability %v, more than %v", got, alpha/2)
	}
	if got := rate(func(_ string, p *float64) *float64 { return p }); got != alpha {
		t.Errorf("without Evidence it is %v, so this draw shows nothing", got)
	}
}

func TestEvidence(t *testing.T) {
	p, alpha := 0.01, 0.05
	large := 0.2
	for _, c := range []struct {
		verdict string
		p       *float64
		want    float64
	}{{Reproduced, &p, 0.01}, {notReproduced, &p, 1}, {"inconclusive", &p, 1}, {notReproduced, &large, 0.2}, {"inconclusive", &large, 0.2}} {
		if got := Evidence(c.verdict, c.p, &alpha); got == nil || *got != c.want {
			t.Errorf("%s with p %v: %v, want %v", c.verdict, *c.p, got, c.want)
		}
	}
	if Evidence(notReproduced, nil, &alpha) != nil {
		t.Error("a claim without a p-value is none of the family")
	}
}

func TestAfterHolm(t *testing.T) {
	alpha, below, above := 0.05, 0.05, 0.051
	for _, c := range []struct {
		verdict  string
		adjusted *float64
		want     string
	}{
		{"reproduced", &below, "reproduced"}, {"reproduced", &above, NotAfterHolm}, {"reproduced", nil, "reproduced"},
		{"not reproduced", &above, "not reproduced"}, {"inconclusive", &above, "inconclusive"},
	} {
		if got := AfterHolm(c.verdict, c.adjusted, &alpha); got != c.want {
			t.Errorf("%s: %s, want %s", c.verdict, got, c.want)
		}
	}
	if got := AfterHolm("reproduced", &above, nil); got != "reproduced" {
		t.Errorf("without alpha: %s", got)
	}
}
