package calibrate

import (
	"math"
	"testing"
)

func tried(address, stage string, reproduced, draws int, promised float64) Claim {
	return Claim{Address: address, Stage: stage, Test: "compare", Units: 8, Rate: rate(reproduced, draws, promised)}
}

// A test that is wrong more often than it promises is named; one of many that is so by chance is not, though its own interval lies above.
func TestBroken(t *testing.T) {
	var claims []Claim
	for range 60 {
		claims = append(claims, tried("claim.good", "claim.good", 2, 100, 0.025))
	}
	claims[7] = tried("claim.good[seed=7]", "claim.good", 8, 100, 0.025) // P is .0026, of 60 not much
	r := newReport(100, claims)
	if len(r.Broken) > 0 || r.Above != 1 || !claims[7].Above || claims[7].PAdjusted < 0.1 {
		t.Errorf("broken %v, %d above, adjusted %v", r.Broken, r.Above, claims[7].PAdjusted)
	}
	claims = append(claims, tried("claim.bad", "claim.bad", 20, 100, 0.025))
	r = newReport(100, claims)
	if len(r.Broken) != 1 || r.Broken[0] != "claim.bad" || !r.Families[1].Broken || r.Families[0].Broken {
		t.Errorf("broken are %v", r.Broken)
	}
	// Each a little too often is seen in their sum alone.
	claims = nil
	for range 60 {
		claims = append(claims, tried("claim.lax", "claim.lax", 5, 100, 0.025))
	}
	if r = newReport(100, claims); len(r.Broken) != 1 || r.Broken[0] != "all claims together" {
		t.Errorf("broken are %v", r.Broken)
	}
}

// The interval and the p-value are the binomial distribution's.
func TestRate(t *testing.T) {
	r := rate(3, 20, 0.05)
	p := 0.0
	for k := 3; k <= 20; k++ {
		ways := 1.0
		for i := 1; i <= k; i++ {
			ways = ways * float64(20-k+i) / float64(i)
		}
		p += ways * math.Pow(0.05, float64(k)) * math.Pow(0.95, float64(20-k))
	}
	if r.Share != 0.15 || math.Abs(r.P-p) > 1e-12 || math.Abs(r.Low-0.03207) > 1e-4 || math.Abs(r.High-0.37893) > 1e-4 || r.Above {
		t.Errorf("%+v, want p %v", r, p)
	}
	if r := rate(0, 20, 0.05); r.Low != 0 || r.P != 1 || r.Above {
		t.Errorf("%+v", r)
	}
}

// The sum of claims that promise different rates is held against their mean.
func TestSum(t *testing.T) {
	a, b := tried("a", "a", 1, 100, 0.025), tried("b", "b", 4, 100, 0.05)
	if r := sum([]*Claim{&a, &b}); r.Draws != 200 || r.Reproduced != 5 || math.Abs(r.Promised-0.0375) > 1e-15 {
		t.Errorf("%+v", r)
	}
	untried := Claim{Address: "c", Stage: "c", Untried: noChance}
	r := newReport(10, []Claim{untried})
	if r.Tried != 0 || len(r.Broken) != 0 || r.Families[0].Claims != 0 || r.Families[0].Why != noChance {
		t.Errorf("%+v", r)
	}
}
