package claimtests

import (
	"context"

	"spurion/stages"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// Calibrate implements stages.Registry.Calibrate for the tests of this package. What a verdict owes to chance is in the streams
// that name and the sample's number tell apart, so equal tables give equal counts.
func Calibrate(ctx context.Context, r *stages.Run, name string, n int, done func()) (*stages.Calibration, error) {
	t, err := Open(ctx, r)
	if err != nil || t == nil {
		return nil, err
	}
	c := &stages.Calibration{}
	if c.Units, c.Promised = t.promise(); c.Units == 0 {
		return c, nil
	}
	for i := range n {
		verdict, err := verdictUnder(t.Null(kernel.NewStream(int64(i), "claims/calibrate "+name)), ctx.Err)
		if err != nil {
			return nil, err
		}
		c.Draws++
		switch verdict {
		case reproduced:
			c.Reproduced++
		case notReproduced:
			c.NotReproduced++
		}
		if done != nil {
			done()
		}
	}
	return c, nil
}

// verdictUnder is a trial's Verdict. It works out no interval where the p-value leaves no verdict but inconclusive, as mostly under a null.
func verdictUnder(t Trial, step func() error) (string, error) {
	if s, ok := t.(sample); ok {
		f, err := s.find(inference.Question{NoInterval: true, Step: step})
		if err != nil || f.P > f.alpha && f.against > f.alpha {
			return inconclusive, err
		}
	}
	return t.Verdict(step)
}

// promised is the largest rate of false verdicts on the claim's side: half of a two-sided level, and of two one-sided tests all of it.
func (q question) promised() float64 {
	if finite(q.from) && finite(q.to) {
		return q.alpha
	}
	return q.alpha / 2
}

// fewestPatterns is how many samples there must be under a null for a rate among them to tell of the test: a mean of five values has 32
// patterns of signs, and where two of them count, one sample in sixteen does, however right the test is over all data. The
// tests of ranks and of shares are exact over the patterns of any sample.
const fewestPatterns = 200

// promise is of no unit where the patterns of signs about a mean are too few.
func (o *one) promise() (int, float64) {
	n := len(o.values)
	if o.statistic == "mean" && n < 63 && 1<<n < fewestPatterns {
		return 0, o.promised()
	}
	return n, o.promised()
}

func (k *kept) promise() (int, float64)        { return len(k.keeps), k.promised() }
func (t *trendSample) promise() (int, float64) { return t.units, t.promised() }

func (g *groups) promise() (int, float64) {
	if len(g.larger) == 0 || len(g.smaller) == 0 || g.statistic == "mean" && deals(len(g.larger), len(g.smaller)) < fewestPatterns {
		return 0, g.promised()
	}
	return g.units, g.promised()
}

// deals gives in how many ways values can be dealt to two groups of these sizes, or fewestPatterns if there are more.
func deals(larger, smaller int) int {
	ways := 1
	for i := 1; i <= smaller && ways < fewestPatterns; i++ {
		ways = ways * (larger + i) / i
	}
	return min(ways, fewestPatterns)
}

// promise of a fit is all of alpha, since its p-value is one-sided.
func (t *fitSample) promise() (int, float64) {
	if !t.enough() {
		return 0, t.Alpha
	}
	return t.rows.units, t.Alpha
}
