package distribution_test

import (
	"math"
	"math/big"
	"testing"

	"spurion/stages/numeric/distribution"
)

// shares are intervals by bisection of the incomplete beta function with 40 digits, by mpmath 1.3.
var shares = []struct {
	k, n                  int
	confidence, low, high float64
}{
	{0, 1, 0.95, 0.0, 0.97499999999999998},
	{1, 1, 0.95, 0.025000000000000022, 1.0},
	{0, 10, 0.95, 0.0, 0.30849710781876076},
	{1, 10, 0.95, 0.0025285785444617868, 0.44501611702819536},
	{5, 10, 0.95, 0.18708602844739857, 0.81291397155260143},
	{10, 10, 0.95, 0.69150289218123924, 1.0},
	{2, 7, 0.9, 0.053375500470237187, 0.65873856384466405},
	{19, 20, 0.95, 0.75126723722797226, 0.9987349105020502},
	{20, 20, 0.99, 0.76727049901092553, 1.0},
	{3, 250, 0.95, 0.002481558254703042, 0.034666614574743923},
	{499, 1000, 0.95, 0.46755218625373815, 0.53045371666145786},
	{1, 1000, 0.95, 2.5317487491294066e-5, 0.0055589242798266718},
	{1000, 1000, 0.95, 0.99631791610313433, 1.0},
	{997, 1000, 0.9999, 0.98336386476622542, 0.99993184351936408},
}

func TestClopperPearson(t *testing.T) {
	for _, c := range shares {
		low, high := distribution.ClopperPearson(c.k, c.n, c.confidence)
		if low != distribution.Settle(c.low) || high != distribution.Settle(c.high) {
			t.Errorf("%d of %d at %v: %v to %v, want %v to %v", c.k, c.n, c.confidence, low, high, c.low, c.high)
		}
	}
}

// TestClopperPearsonAtTheEnds: none of n, or all, have closed forms.
func TestClopperPearsonAtTheEnds(t *testing.T) {
	for _, n := range []int{1, 5, 20, 1000} {
		edge := math.Pow(0.025, 1/float64(n))
		if low, high := distribution.ClopperPearson(n, n, 0.95); math.Abs(low-edge) > 5.1e-10 || high != 1 {
			t.Errorf("%d of %d: %v to %v, want %v to 1", n, n, low, high, edge)
		}
		if low, high := distribution.ClopperPearson(0, n, 0.95); low != 0 || math.Abs(high-(1-edge)) > 5.1e-10 {
			t.Errorf("0 of %d: %v to %v", n, low, high)
		}
	}
	for _, c := range []struct {
		n                     int
		confidence, tolerance float64
	}{{999, 1 - 1e-12, 6e-9}, {100_000, 0.9999, 6e-6}, {100_000, 0.999999, 6e-6}, {1_000_000, 1 - 1e-9, 6e-6}} {
		want := -math.Expm1(math.Log((1-c.confidence)/2) / float64(c.n))
		if low, high := distribution.ClopperPearson(0, c.n, c.confidence); low != 0 || math.Abs(high/want-1) > c.tolerance {
			t.Errorf("0 of %d at %v: %v to %v, want 0 to %v", c.n, c.confidence, low, high, want)
		}
		if low, high := distribution.ClopperPearson(c.n, c.n, c.confidence); high != 1 || math.Abs(low-(1-want)) > c.tolerance {
			t.Errorf("all of %d at %v: %v to %v, want %v to 1", c.n, c.confidence, low, high, 1-want)
		}
	}
	low, high := distribution.ClopperPearson(8, 10, 0.95)
	if math.Abs(low-0.44390) > 1e-5 || math.Abs(high-0.97479) > 1e-5 { // Clopper, Pearson 1934
		t.Errorf("8 of 10: %v to %v", low, high)
	}
}

// TestClopperPearsonIsExact: at each end as many successes, or as few, have the probability of a tail, counted
// without rounding. The next number of nine digits on either side is on the other side of that.
func TestClopperPearsonIsExact(t *testing.T) {
	for _, n := range []int{1, 2, 5, 12, 40} {
		for k := range n + 1 {
			for _, confidence := range []float64{0.5, 0.9, 0.95, 0.999, 0.999999, 1 - 1e-12} {
				low, high := distribution.ClopperPearson(k, n, confidence)
				tail := new(big.Float).SetFloat64((1 - confidence) / 2)
				if k == 0 && low != 0 || k == n && high != 1 {
					t.Errorf("%d of %d: %v to %v", k, n, low, high)
				}
				if k > 0 && !(atLeast(k, n, low*(1-6e-9)).Cmp(tail) < 0 && atLeast(k, n, low*(1+6e-9)).Cmp(tail) > 0) {
					t.Errorf("%d of %d at %v: low is %v", k, n, confidence, low)
				}
				if k < n && !(atLeast(n-k, n, 1-high*(1+6e-9)).Cmp(tail) < 0 && atLeast(n-k, n, 1-high*(1-6e-9)).Cmp(tail) > 0) {
					t.Errorf("%d of %d at %v: high is %v", k, n, confidence, high)
				}
			}
		}
	}
}

// atLeast gives the probability of at least k successes in n trials of probability q, of so many bits that
// nothing is rounded.
func atLeast(k, n int, q float64) *big.Float {
	exact := func() *big.Float { return new(big.Float).SetPrec(4000) }
	success := exact().SetFloat64(max(q, 0))
	failure := exact().Sub(exact().SetInt64(1), success)
	sum := exact()
	for i := k; i <= n; i++ {
		term := exact().SetInt(new(big.Int).Binomial(int64(n), int64(i)))
		for range i {
			term.Mul(term, success)
		}
		for range n - i {
			term.Mul(term, failure)
		}
		sum.Add(sum, term)
	}
	return sum
}

// TestClopperPearsonOfMany: the interval narrows as 1/sqrt(n) about the share, in six digits.
func TestClopperPearsonOfMany(t *testing.T) {
	for _, n := range []int{1005, 100_000, 10_000_000} {
		low, high := distribution.ClopperPearson(n/5, n, 0.95)
		half := distribution.Student(0.975, 1_000_000_000) * math.Sqrt(0.16/float64(n))
		if math.Abs(high-low-2*half) > 2/float64(n) || math.Abs(high+low-0.4) > 5/float64(n) {
			t.Errorf("of %d: %v to %v", n, low, high)
		}
		if low != math.Round(low*1e6)/1e6 || high != math.Round(high*1e6)/1e6 {
			t.Errorf("of %d: %v to %v has more than six digits", n, low, high)
		}
	}
}

func TestClopperPearsonRefuses(t *testing.T) {
	for _, c := range []struct {
		k, n       int
		confidence float64
	}{{-1, 3, 0.95}, {4, 3, 0.95}, {0, 0, 0.95}, {1, 3, 0}, {1, 3, 1}, {1, 3, math.NaN()}} {
		if !panics(func() { distribution.ClopperPearson(c.k, c.n, c.confidence) }) {
			t.Errorf("%+v is answered", c)
		}
	}
}
