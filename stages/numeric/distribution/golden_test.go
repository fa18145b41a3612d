package distribution_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"hash"
	"math"
	"os"
	"testing"

	"spurion/stages/numeric/distribution"
)

var freedoms = []int{1, 2, 3, 4, 5, 9, 19, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 59, 60, 99, 119, 120, 500, 1000, 1001, 100_000, 1_000_000_000}

// TestGolden: the same bits on every processor and build, with few and many degrees of freedom and trials, in
// the middle and in the tails.
func TestGolden(t *testing.T) {
	digest := func(f func(h hash.Hash)) string {
		h := sha256.New()
		f(h)
		return hex.EncodeToString(h.Sum(nil))
	}
	put := func(h hash.Hash, x float64) { fmt.Fprintf(h, "%016x\n", math.Float64bits(x)) }
	for name, c := range map[string]struct{ got, want string }{
		"0.975": {digest(func(h hash.Hash) {
			for df := 1; df <= 3000; df++ {
				put(h, distribution.Student(0.975, df))
			}
		}), "60a3e12ceb7ec4b777603be00c717c7ba5775fe84809b6d183a96ffd83515cae"},
		"Student": {digest(func(h hash.Hash) {
			for _, p := range []float64{0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9995} {
				for _, df := range freedoms {
					put(h, distribution.Student(p, df))
				}
			}
		}), "1bca2b4e25d65121b1ddd080b13e9e7e56f1c1b88d385102502e6089c16005b4"},
		"tails": {digest(func(h hash.Hash) {
			for i := -60; i <= 200; i++ {
				x := float64(i) / 8
				put(h, distribution.NormalTail(x))
				for _, df := range []float64{0.7, 1, 2.31, 5, 29.99, 30.01, 77.7, 499, 501, 1e5, 1e9} {
					put(h, distribution.StudentTail(x, df))
				}
			}
			for _, p := range []float64{1e-12, 0.001, 0.025, 0.05, 0.3, 0.9} {
				put(h, distribution.NormalAbove(p))
				for _, df := range []float64{1, 2.31, 5, 77.7, 501, 1e5} {
					put(h, distribution.StudentAbove(p, df))
				}
			}
		}), "e553af47aae27f1302a25ebbbef4584da4aa4e1dd392d5421251c002a4a97986"},
		"ClopperPearson": {digest(func(h hash.Hash) {
			for _, n := range []int{1, 2, 3, 5, 10, 20, 33, 100, 1000, 1001, 100_000} {
				for _, confidence := range []float64{0.5, 0.9, 0.95, 0.999, 0.999999} {
					for i := range 11 {
						low, high := distribution.ClopperPearson(i*n/10, n, confidence)
						put(h, low)
						put(h, high)
					}
				}
			}
		}), "ffa854b384f6e176a50c73f54a68da5f7896f6cd17681511b70e424d962e8747"},
	} {
		if c.got != c.want {
			t.Errorf("%s: bits changed: raise the versions of the kinds that use it; got %s", name, c.got)
		}
	}
}

var scipyTo = flag.String("scipy", "", "write quantiles and intervals for SciPy to repeat to this `file`")

// TestWriteScipy leaves what .ci/handoff/test_scipy.py does again with SciPy. Without -scipy it only shows
// that this can be done.
func TestWriteScipy(t *testing.T) {
	type student struct {
		P  float64 `json:"p"`
		DF int     `json:"df"`
		T  float64 `json:"t"`
	}
	type share struct {
		K          int     `json:"k"`
		N          int     `json:"n"`
		Confidence float64 `json:"confidence"`
		Low        float64 `json:"low"`
		High       float64 `json:"high"`
	}
	var all struct {
		Students []student `json:"students"`
		Shares   []share   `json:"shares"`
	}
	for _, p := range []float64{0.75, 0.9, 0.95, 0.975, 0.995, 0.9995} {
		for _, df := range freedoms {
			all.Students = append(all.Students, student{p, df, distribution.Student(p, df)})
		}
	}
	for _, n := range []int{1, 2, 5, 10, 31, 100, 1000} {
		for _, confidence := range []float64{0.9, 0.95, 0.999} {
			for i := range 6 {
				low, high := distribution.ClopperPearson(i*n/5, n, confidence)
				all.Shares = append(all.Shares, share{i * n / 5, n, confidence, low, high})
			}
		}
	}
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if *scipyTo != "" {
		if err := os.WriteFile(*scipyTo, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
