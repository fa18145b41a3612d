package kernel

import (
	"fmt"
	"slices"
)

// Softmax sets, for logits z [rows, k] and labels y from 0 to k-1 [rows], k at least 2, with the probabilities
// p_j = e^z_j / Σ e^z of a row,
//
//	losses[i]     = -log p_y              in nats, [rows]
//	slopes[i*k+j] = d losses[i] / d z_j   p_j, less 1 for the label; [rows, k]
//
// A row's largest logit m, the first of equals, is taken off before the exponentials: none overflows, however large the
// logits are. The differences z_j - m are rounded to float32, their exponentials are right to 1.5 ulp, and all else of a row
// is float64, its sums in the order of j, rounded once at the end. So a probability p_j is right to 4 ulp, but for what the
// rounding of the differences makes of it, |z_j - m| 2^-24 as a share; slopes and losses lose nothing where p_y is close to 1.
// Below e^-86 exponentials do not fall further.
// A logit of NaN gives a loss of NaN, one of +Inf a loss that is NaN or +Inf, one of -Inf for the label +Inf.
// slopes must not overlap logits.
func Softmax(losses, slopes, logits []float32, labels []int16, k int) {
	rows := len(labels)
	if k < 2 {
		panic("kernel: Softmax: fewer than two logits")
	}
	losses, slopes, logits = first(losses, rows), first(slopes, rows*k), first(logits, rows*k)
	for i, y := range labels {
		if y < 0 || int(y) >= k {
			panic(fmt.Sprintf("kernel: Softmax: row %d has the label %d of %d logits", i, y, k))
		}
	}
	for i := range rows {
		fromLargest(slopes[i*k:(i+1)*k], logits[i*k:(i+1)*k])
	}
	exponentials(slopes)
	for i, y := range labels {
		losses[i] = softmaxRow(slopes[i*k:(i+1)*k], logits[i*k:(i+1)*k], int(y))
	}
}

// fromLargest sets d to z less its largest element.
func fromLargest(d, z []float32) {
	largest := z[Largest(z)]
	for j, v := range z {
		d[j] = v - largest
	}
}

// softmaxRow turns the exponentials e of a row's logits z, less the largest, into slopes, and gives the loss.
func softmaxRow(e, z []float32, y int) (loss float32) {
	at, others := Largest(z), 0.0 // e[at] is 1
	for j, v := range e {
		if j != at {
			others += float64(v)
		}
	}
	all := 1 + others
	wrong := others // the sum without the label's
	if y != at {
		wrong = all - float64(e[y])
	}
	share := 1 / all
	for j, v := range e {
		e[j] = float32(float64(v) * share)
	}
	e[y] = float32(-wrong * share)
	return float32((float64(z[at]) - float64(z[y])) + Log1p64(others))
}

// SumExp gives the largest of the logits z of a row, and the sum of e^(z_j - largest) in the order of j: log Σ e^z is largest +
// log(sum), the probability of j e^(z_j - largest) / sum, and nothing overflows. A NaN gives NaN in both, +Inf a sum that is
// NaN. z must not be empty.
func SumExp(z []float32) (largest, sum float64) {
	largest = float64(slices.Max(z))
	for _, v := range z {
		sum += Exp64(float64(v) - largest)
	}
	return largest, sum
}

// Largest gives the place of the largest element of z, the first of equals; 0 if the first is NaN, and no other NaN. z must
// not be empty.
func Largest[F float32 | float64](z []F) int {
	at, largest := 0, z[0]
	for j, v := range z {
		if v > largest {
			at, largest = j, v
		}
	}
	return at
}

// exponentialsPortable sets each element x <= 0 of z to e^x (see expNegative).
func exponentialsPortable(z []float32) {
	for i, x := range z {
		z[i] = expNegative(x)
	}
}
