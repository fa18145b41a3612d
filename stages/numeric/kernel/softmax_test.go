package kernel

import (
	"fmt"
	"math"
	"testing"
)

// Losses and slopes keep the error bounds that the comment states, whatever the size of the logits. The exact ones are
// sums of float64, which are as good as exact next to float32.
func TestSoftmaxErrorBounds(t *testing.T) {
	s := NewStream(31, "softmax")
	const ulp = 0x1p-23 // of a number, at most
	worstLoss, worstSlope := 0.0, 0.0
	for _, k := range []int{2, 3, 10, 100} {
		for trial := range 600 {
			z, slopes, loss := make([]float32, k), make([]float32, k), make([]float32, 1)
			spread, middle := math.Ldexp(1, trial%6-2), 1000*float64(trial%3-1)
			for j := range z {
				z[j] = float32(middle + spread*s.Normal())
			}
			y := s.IntN(k)
			if trial%2 == 0 {
				y = Largest(z)
			}
			Softmax(loss, slopes, z, []int16{int16(y)}, k)

			// Exponentials are 1.5 ulp off, and what the rounding of the difference makes of them.
			at := Largest(z)
			exps, off := make([]float64, k), make([]float64, k)
			all, allOff := 0.0, 0.0
			for j, v := range z {
				d := float64(z[at]) - float64(v)
				exps[j] = math.Exp(-d)
				if j != at {
					off[j] = exps[j] * (1.5*ulp + d*0x1p-24)
				}
				all, allOff = all+exps[j], allOff+off[j]
			}
			others := 0.0
			for j, e := range exps {
				if j != at {
					others += e
				}
			}
			exact := float64(z[at]) - float64(z[y]) + math.Log1p(others)
			worstLoss = max(worstLoss, math.Abs(float64(loss[0])-exact)/(exact*ulp+allOff))
			for j := range z {
				want, allowed := exps[j], off[j]
				if j == y {
					want, allowed = 0, allOff-off[y]
					for i, e := range exps {
						if i != y {
							want -= e
						}
					}
				}
				want /= all
				allowed = allowed/all + math.Abs(want)*(allOff/all+ulp)
				worstSlope = max(worstSlope, math.Abs(float64(slopes[j])-want)/allowed)
			}
		}
	}
	t.Logf("at most %.3f and %.3f of what is allowed", worstLoss, worstSlope)
	if worstLoss > 1 || worstSlope > 1 {
		t.Errorf("losses are %.3f, slopes %.3f of what is allowed off", worstLoss, worstSlope)
	}
}

// Two logits are the logistic loss of their difference, and a row's slopes add up to 0.
func TestSoftmaxOfTwoIsLogistic(t *testing.T) {
	s := NewStream(32, "softmax")
	for range 2000 {
		z, y := []float32{float32(s.IntN(4096)-2048) / 64, 0}, int16(s.IntN(2)) // a difference that is exact
		var loss, slopes, wantLoss, wantSlope [2]float32
		Softmax(loss[:1], slopes[:], z, []int16{y}, 2)
		Logistic(wantLoss[:1], wantSlope[:1], []float32{-z[0]}, []int16{y})
		if apart(loss[0], wantLoss[0]) > 8 || apart(slopes[1], wantSlope[0]) > 8 || slopes[0] != -slopes[1] {
			t.Fatalf("logits %v, label %d: loss %v and slopes %v, of the margin %v and %v", z, y, loss[0], slopes, wantLoss[0], wantSlope[0])
		}
	}
}

// apart gives the distance of two numbers of one sign in units in the last place.
func apart(a, b float32) int {
	d := int(math.Float32bits(a)) - int(math.Float32bits(b))
	return max(d, -d)
}

func TestSumExp(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	for _, c := range []struct {
		z            []float32
		largest, sum float64
	}{
		{[]float32{-3}, -3, 1},
		{[]float32{3e38, 3e38, -3e38}, 3e38, 2},
		{[]float32{1, 1.5, -inf}, 1.5, 1 + math.Exp(-.5)},
		{[]float32{0, inf}, math.Inf(1), math.NaN()},
		{[]float32{0, nan, 1}, math.NaN(), math.NaN()},
	} {
		largest, sum := SumExp(c.z)
		if (largest == largest) != (c.largest == c.largest) || largest == largest && largest != float64(float32(c.largest)) ||
			(sum == sum) != (c.sum == c.sum) || math.Abs(sum-c.sum) > 1e-15*c.sum {
			t.Errorf("%v: the largest is %v, and the sum %v", c.z, largest, sum)
		}
	}
}

func TestSoftmaxExtremes(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	least := expNegative(-1000)
	for _, c := range []struct {
		z      []float32
		label  int16
		loss   float32
		slopes []float32
	}{
		{[]float32{1e30, -1e30, 0}, 0, 2 * least, []float32{-2 * least, least, least}},
		{[]float32{1e30, -1e30, 0}, 2, 1e30, []float32{1, least, -1}},
		{[]float32{500, 1500, 0}, 0, 1000, []float32{-1, 1, least}},
		{[]float32{0, -inf, -1000}, 1, inf, []float32{1, -1, least}},
		{[]float32{3, 3, 3, 3}, 2, 2 * math.Ln2, []float32{.25, .25, -.75, .25}},
		{[]float32{-1e-30, 0}, 1, math.Ln2, []float32{.5, -.5}},
	} {
		loss, slopes := []float32{0}, make([]float32, len(c.z))
		Softmax(loss, slopes, c.z, []int16{c.label}, len(c.z))
		if loss[0] != c.loss || fmt.Sprint(slopes) != fmt.Sprint(c.slopes) {
			t.Errorf("%v, label %d: loss %v, slopes %v; want %v, %v", c.z, c.label, loss[0], slopes, c.loss, c.slopes)
		}
	}
	for _, z := range [][]float32{{nan, 0, 0}, {0, nan, 0}, {0, 0, nan}, {inf, 0, 0}, {0, inf, inf}, {-inf, -inf, -inf}} {
		for y := range int16(3) {
			loss, slopes := []float32{0}, make([]float32, 3)
			Softmax(loss, slopes, z, []int16{y}, 3)
			if l := loss[0]; l-l == 0 {
				t.Errorf("%v, label %d: a loss of %v", z, y, l)
			}
		}
	}
}

func TestLargest(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		z    []float32
		want int
	}{{[]float32{1}, 0}, {[]float32{1, 3, 3, 2}, 1}, {[]float32{0, float32(math.Copysign(0, -1))}, 0}, {[]float32{1, nan, 2}, 2}, {[]float32{nan, 2}, 0}} {
		if got := Largest(c.z); got != c.want {
			t.Errorf("%v: %d, want %d", c.z, got, c.want)
		}
	}
}

// A row's result depends on nothing but the row, and every path gives its bits.
func TestSoftmaxSameBits(t *testing.T) {
	s := NewStream(33, "softmax")
	for trial := range 60 {
		p := pool{s, trial%3 == 0}
		for _, k := range []int{2, 3, 5, 10, 17, 33} {
			rows := s.IntN(20)
			z, slopes, losses, labels := p.slice(rows*k), p.slice(rows*k), p.slice(rows), make([]int16, rows)
			for i := range labels {
				labels[i] = int16(s.IntN(k))
			}
			comparePaths(t, fmt.Sprintf("Softmax rows=%d k=%d", rows, k), func(g []guarded) bool {
				Softmax(g[0].values(), g[1].values(), g[2].values(), labels, k)
				return true
			}, losses, slopes, z)
			for i := range rows {
				loss, one := p.slice(1), p.slice(k)
				Softmax(losses.values(), slopes.values(), z.values(), labels, k)
				Softmax(loss.values(), one.values(), z.values()[i*k:(i+1)*k], labels[i:i+1], k)
				if l, all := loss.values()[0], losses.values()[i]; l != all && (l == l || all == all) {
					t.Fatalf("row %d of %d alone has the loss %v, else %v", i, rows, l, all)
				}
			}
		}
	}
}
