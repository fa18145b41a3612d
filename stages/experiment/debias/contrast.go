package debias

import (
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// contrast is the supervised contrastive loss between two kinds of rows of a batch: those that a first
// network gets right, R, and those that it gets wrong, W. Rows of one kind and the other with equal labels have different
// predictions (positives), and those with equal predictions have different labels (negatives). With two labels each pair
// is one or the other; with more some are neither. Two rows of one kind are never contrasted: with two labels, or two right
// rows, they are neither as well, and the published code takes the partners of wrong rows from the right ones. For an
// anchor i with positives P and negatives N, among the rows of the other kind,
//
//	l(i) = mean over p in P of -log(exp(s_ip/τ) / sum over o in P and N of exp(s_io/τ))
//
// with the cosine similarity s of features, taken for 0, and constant, if the norm of either is below 1e-8.
// The loss is the mean of l over R plus, two-sided, its mean over W: over the rows that have positives and negatives.
type contrast struct {
	temperature float64
	twoSided    bool

	right, wrong  kind
	turned        []float32 // unit features of W, [width, W]
	similar       []float32 // cosines, [R, W]
	slopes        []float32 // d loss / d similar
	logits, share []float64 // of an anchor, [others]
	same, taken   []int     // of the others: rows of each label, rows of each prediction
	gradient      []float32
}

// A kind of rows.
type kind struct {
	rows      []int // of the batch
	labels    []int16
	predicted []int16
	inverses  []float64 // of the features' norms; 0 if they are as good as 0
	unit      []float32 // features over their norms, [rows, width]
	pull      []float32 // d loss / d unit
}

// of gives the loss of a batch and its gradient by the features [rows, width], valid until the next call. The
// gradient is nil if there is nothing to contrast.
func (c *contrast) of(features []float32, labels, predicted []int16) (loss float64, gradient []float32) {
	width := len(features) / len(labels)
	c.right.gather(features, labels, predicted, false)
	c.wrong.gather(features, labels, predicted, true)
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
	c.same, c.taken = counted(c.same, others.labels), counted(c.taken, others.predicted)
	n := 0.0
	for a, label := range anchors.labels {
		if countOf(c.same, label) > 0 && countOf(c.taken, anchors.predicted[a]) > 0 {
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	c.logits, c.share = sized(c.logits, len(others.rows)), sized(c.share, len(others.rows))
	for a, label := range anchors.labels {
		prediction := anchors.predicted[a]
		positives := float64(countOf(c.same, label))
		if positives == 0 || countOf(c.taken, prediction) == 0 {
			continue
		}
		largest, sum := math.Inf(-1), 0.0
		for o := range c.logits {
			c.logits[o] = math.Inf(-1)
			if others.labels[o] == label || others.predicted[o] == prediction {
				c.logits[o] = float64(c.similar[a*along+o*across]) / c.temperature
				largest = max(largest, c.logits[o])
			}
		}
		for o, z := range c.logits {
			c.share[o] = kernel.Exp64(z - largest)
			sum += c.share[o]
		}
		rest := largest + kernel.Log64(sum)
		for o, y := range others.labels {
			slope := c.share[o] / sum
			if y == label {
				slope -= 1 / positives
				loss += (rest - c.logits[o]) / positives / n
			}
			c.slopes[a*along+o*across] += float32(slope / c.temperature / n)
		}
	}
	return loss, true
}

// counted counts the rows of each class, up to the largest that there is. It may use the memory of to.
func counted(to []int, of []int16) []int {
	to = to[:0]
	for _, y := range of {
		for len(to) <= int(y) {
			to = append(to, 0)
		}
		to[y]++
	}
	return to
}

func countOf(counts []int, class int16) int {
	if int(class) >= len(counts) {
		return 0
	}
	return counts[class]
}

// gather takes the rows of a batch that are wrong, or those that are not.
func (k *kind) gather(features []float32, labels, predicted []int16, wrong bool) {
	width := len(features) / len(labels)
	k.rows, k.labels, k.predicted, k.inverses, k.unit = k.rows[:0], k.labels[:0], k.predicted[:0], k.inverses[:0], k.unit[:0]
	for row, y := range predicted {
		if (y != labels[row]) != wrong {
			continue
		}
		k.predicted = append(k.predicted, y)
		h := features[row*width : (row+1)*width]
		inverse := 0.0
		if squares := kernel.Dot64(h, h); squares >= 1e-16 {
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
		along := kernel.Dot64(u, d)
		for j, x := range u {
			g[j] = float32((float64(d[j]) - float64(along*float64(x))) * k.inverses[i])
		}
	}
}

// sized gives a slice of n elements, s itself if it has room. The elements are whatever they were.
func sized[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }
