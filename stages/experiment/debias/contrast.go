package debias

import (
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// contrast is the supervised contrastive loss between two kinds of rows of a batch: those that a first
// network gets right, R, and those that it gets wrong, W. With two labels these are all the pairs
// that Correct-n-Contrast contrasts: a row of W has the prediction of a row of R if their labels
// differ (a negative), and another if they are equal (a positive). For an anchor i with positives P,
// among the rows O of the other kind,
//
//	l(i) = mean over p in P of -log(exp(s_ip/τ) / sum over o in O of exp(s_io/τ))
//
// with the cosine similarity s of features, taken for 0, and constant, if the norm of either is below 1e-8.
// The loss is the mean of l over R plus, two-sided, its mean over W. Either is there only if O has
// both labels, so that each anchor has positives and negatives.
type contrast struct {
	temperature float64
	twoSided    bool

	right, wrong  kind
	turned        []float32 // unit features of W, [width, W]
	similar       []float32 // cosines, [R, W]
	slopes        []float32 // d loss / d similar
	logits, share []float64 // of an anchor, [O]
	gradient      []float32
}

// A kind of rows.
type kind struct {
	rows     []int // of the batch
	labels   []int16
	inverses []float64 // of the features' norms; 0 if they are as good as 0
	unit     []float32 // features over their norms, [rows, width]
	pull     []float32 // d loss / d unit
}

// of gives the loss of a batch and its gradient by the features [rows, width], valid until the next call. The
// gradient is nil if there is nothing to contrast.
func (c *contrast) of(features []float32, labels []int16, wrong []bool) (loss float64, gradient []float32) {
	width := len(features) / len(labels)
	c.right.gather(features, labels, wrong, false)
	c.wrong.gather(features, labels, wrong, true)
	r, w := len(c.right.rows), len(c.wrong.rows)
	c.turned = sized(c.turned, width*w)
	c.similar, c.slopes = sized(c.similar, r*w), sized(c.slopes, r*w)
	clear(c.slopes)
	kernel.Transpose(c.turned, w, c.wrong.unit, width, w, width)
	kernel.MatMul(c.similar, w, c.right.unit, width, 1, c.turned, w, r, w, width, nil, false)
	first, some := c.side(&c.right, &c.wrong, w, 1)
	if c.twoSided {
		second, more := c.side(&c.wrong, &c.right, 1, w)
		loss, some = second, some || more
	}
	if !some {
		return 0, nil
	}
	kernel.MatMul(c.right.pull, width, c.slopes, w, 1, c.wrong.unit, width, r, width, w, nil, false)
	kernel.MatMul(c.wrong.pull, width, c.slopes, 1, w, c.right.unit, width, w, width, r, nil, false)
	c.gradient = sized(c.gradient, len(features))
	c.right.spread(c.gradient)
	c.wrong.spread(c.gradient)
	return first + loss, c.gradient
}

// side adds the mean of l over anchors to the slopes, and gives it. The similarity of anchor a and
// row o of the others is at a*along + o*across.
func (c *contrast) side(anchors, others *kind, along, across int) (loss float64, some bool) {
	var count [2]float64
	for _, y := range others.labels {
		count[y]++
	}
	if count[0] == 0 || count[1] == 0 || len(anchors.rows) == 0 {
		return 0, false
	}
	n := float64(len(anchors.rows))
	c.logits, c.share = sized(c.logits, len(others.rows)), sized(c.share, len(others.rows))
	for a, label := range anchors.labels {
		for o := range c.logits {
			c.logits[o] = float64(c.similar[a*along+o*across]) / c.temperature
		}
		largest, sum := slices.Max(c.logits), 0.0
		for o, z := range c.logits {
			c.share[o] = kernel.Exp64(z - largest)
			sum += c.share[o]
		}
		rest := largest + kernel.Log64(sum)
		for o, y := range others.labels {
			slope := c.share[o] / sum
			if y == label {
				slope -= 1 / count[y]
				loss += (rest - c.logits[o]) / count[y] / n
			}
			c.slopes[a*along+o*across] += float32(slope / c.temperature / n)
		}
	}
	return loss, true
}

// gather takes the rows of a batch that are wrong, or those that are not.
func (k *kind) gather(features []float32, labels []int16, wrong []bool, which bool) {
	width := len(features) / len(labels)
	k.rows, k.labels, k.inverses, k.unit = k.rows[:0], k.labels[:0], k.inverses[:0], k.unit[:0]
	for row, w := range wrong {
		if w != which {
			continue
		}
		h := features[row*width : (row+1)*width]
		squares, inverse := 0.0, 0.0
		for _, x := range h {
			squares += float64(float64(x) * float64(x))
		}
		if squares >= 1e-16 {
			inverse = 1 / math.Sqrt(squares)
		}
		k.rows, k.labels, k.inverses = append(k.rows, row), append(k.labels, labels[row]), append(k.inverses, inverse)
		k.unit = append(k.unit, h...)
		kernel.Scale(k.unit[len(k.unit)-width:], float32(inverse))
	}
	k.pull = sized(k.pull, len(k.unit))
}

// spread sets the rows of a gradient by the features from that by their unit vectors u: what is left
// of it across u, over the features' norm.
func (k *kind) spread(gradient []float32) {
	if len(k.rows) == 0 {
		return
	}
	width := len(k.unit) / len(k.rows)
	for i, row := range k.rows {
		u, d, g := k.unit[i*width:(i+1)*width], k.pull[i*width:(i+1)*width], gradient[row*width:(row+1)*width]
		along := 0.0
		for j, x := range u {
			along += float64(float64(x) * float64(d[j]))
		}
		for j, x := range u {
			g[j] = float32((float64(d[j]) - float64(along*float64(x))) * k.inverses[i])
		}
	}
}

// sized gives a slice of n elements, s itself if it has room. The elements are whatever they were.
func sized[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }
