package importing

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestDivide: every stratum is divided into whole numbers next to its shares, each row goes into one split, the same seed draws the same rows,
// and each row is drawn equally often.
func TestDivide(t *testing.T) {
	const n, draws = 20, 4000
	fractions := map[string]float64{"train": 0.5, "validation": 0.25, "test": 0.25}
	all := make(stratum, n)
	for i := range all {
		all[i] = int32(i)
	}
	in := [n]int{}
	for seed := range int64(draws) {
		splits := make([]int8, n)
		divide([]stratum{all}, fractions, seed, splits)
		again := make([]int8, n)
		divide([]stratum{all}, fractions, seed, again)
		if !slices.Equal(splits, again) {
			t.Fatal("a seed draws twice")
		}
		counts := [3]int{}
		for row, s := range splits {
			counts[s]++
			if s == 0 {
				in[row]++
			}
		}
		if counts != [3]int{10, 5, 5} {
			t.Fatal(counts)
		}
	}
	for row, k := range in { // binomial: five standard deviations
		if math.Abs(float64(k)-draws/2) > 5*math.Sqrt(draws/4) {
			t.Errorf("row %d is in train in %d of %d draws", row, k, draws)
		}
	}
}

// TestApportioned: whole numbers that sum to n, none farther than 1 from its share, and the usual example of Hamilton's method.
func TestApportioned(t *testing.T) {
	if got := apportioned(10, [3]float64{1.0 / 3, 1.0 / 3, 1.0 / 3}); got != [3]int{4, 3, 3} {
		t.Error(got)
	}
	if got := apportioned(7, [3]float64{0.8, 0.1, 0.1}); got != [3]int{5, 1, 1} {
		t.Error(got)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		n := r.IntN(200000)
		a, b := r.Float64(), r.Float64()
		shares := [3]float64{a, (1 - a) * b, 0}
		shares[2] = 1 - shares[0] - shares[1]
		counts := apportioned(n, shares)
		if counts[0]+counts[1]+counts[2] != n {
			t.Fatal(n, shares, counts)
		}
		for i, c := range counts {
			if math.Abs(float64(c)-shares[i]*float64(n)) >= 1+1e-6 {
				t.Fatal(n, shares, counts)
			}
		}
	}
}

// TestArrange holds the rearrangement in place against one that copies.
func TestArrange(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for range 500 {
		rows, width := 1+r.IntN(30), 1+r.IntN(4)
		values := make([]int, rows*width)
		for i := range values {
			values[i] = i
		}
		var order []int32
		for _, row := range r.Perm(rows)[:r.IntN(rows+1)] {
			order = append(order, int32(row))
		}
		var want []int
		for _, row := range order {
			want = append(want, values[int(row)*width:(int(row)+1)*width]...)
		}
		if got := arrange(slices.Clone(values), width, order); !slices.Equal(got, want) {
			t.Fatalf("%v of %d rows of %d: %v, want %v", order, rows, width, got, want)
		}
	}
}

func TestRanked(t *testing.T) {
	for _, c := range []struct{ in, want []string }{
		{[]string{"10", "9", "-1"}, []string{"-1", "9", "10"}},
		{[]string{"10", "9", "a"}, []string{"10", "9", "a"}},
		{[]string{"007", "7"}, []string{"007", "7"}},
	} {
		to := newCoder(0)
		for _, text := range c.in {
			to.add(text)
		}
		names, place := to.ranked()
		if !slices.Equal(names, c.want) {
			t.Errorf("%q: %q", c.in, names)
		}
		for i, text := range c.in {
			if names[place[i]] != text {
				t.Errorf("%q: %q has the place %d", c.in, text, place[i])
			}
		}
	}
	for text, want := range map[string]string{"1.0": "1", "+1": "1", "1e2": "100", "007": "007", "1.5": "1.5", "-0": "0", "x": "x"} {
		if got := canonical(text); got != want {
			t.Errorf("%q is written %q, want %q", text, got, want)
		}
	}
}

func TestGlobbed(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{{"e*", "e1", true}, {"e*", "x", false}, {"*_x_*", "a_x_b", true}, {"a*a", "a", false}, {"*", "", true}, {"x", "x", true}, {"a*b*b", "ab", false}, {"a*b*b", "abb", true}} {
		if got := globbed(c.pattern, c.name); got != c.want {
			t.Errorf("%q, %q: %v", c.pattern, c.name, got)
		}
	}
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{{"*.npy", "root/a/x.npy", true}, {"a/*.npy", "root/a/x.npy", true}, {"b/*.npy", "root/a/x.npy", false}, {"root/a/b/x", "x", false}} {
		if got := matches(c.pattern, c.name); got != c.want {
			t.Errorf("%q, %q: %v", c.pattern, c.name, got)
		}
	}
	if s := fmt.Sprint(folderOf("a/b/c.png", 1), folderOf("a/b/c.png", 2), folderOf("a/b/c.png", 3), folderOf("c.png", 1)); s != "ba" {
		t.Error(s)
	}
}
