package evaluation

import (
	"encoding/binary"
	"math"
	"slices"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// countable is the longest core block whose values are counted and numbered.
const countable = 62

// coreBlocks are the values of the core block that occur in a training set, and those that do not.
type coreBlocks struct {
	law    *datalaw.Compiled
	length int
	words  int
	sorted []uint64            // that occur, ascending, if length <= countable
	keys   map[string]struct{} // that occur, otherwise
	// absent holds the probability, for a uniform input, of a block that does not occur, by its label.
	absent [2]float64
}

// newCoreBlocks looks at the training samples of a law. Its core block must have coordinates.
func newCoreBlocks(law *datalaw.Compiled, s *dataset.Samples) *coreBlocks {
	b := &coreBlocks{law: law, length: law.Law().CoreLength, words: law.CoreWords()}
	blocks := make([]uint64, s.Rows*b.words)
	law.CoreBlocks(blocks, s.Packed(), s.Rows)
	if b.length <= countable {
		slices.Sort(blocks)
		b.sorted = slices.Compact(blocks)
		blocks = b.sorted
	} else {
		b.keys = map[string]struct{}{}
		distinct := blocks[:0]
		for r := range s.Rows {
			block := blocks[r*b.words : (r+1)*b.words]
			if !b.occurs(block) {
				b.keys[key(block)] = struct{}{}
				distinct = append(distinct, block...)
			}
		}
		blocks = distinct
	}
	labels := make([]int16, len(blocks)/b.words)
	law.CoreLabels(blocks, labels)
	var seen [2]int
	for _, y := range labels {
		seen[y]++
	}
	// Up to 52 coordinates these are exact: whole numbers of blocks over 2^length.
	for y, p := range [2]float64{1 - law.CoreProbability(), law.CoreProbability()} {
		b.absent[y] = max(0, p-math.Ldexp(float64(seen[y]), -b.length))
	}
	return b
}

// key gives a block's words as text, whose order does not matter.
func key(block []uint64) string {
	text := make([]byte, 0, 8*len(block))
	for _, w := range block {
		text = binary.LittleEndian.AppendUint64(text, w)
	}
	return string(text)
}

func (b *coreBlocks) occurs(block []uint64) bool {
	if b.keys != nil {
		_, ok := b.keys[key(block)]
		return ok
	}
	_, ok := slices.BinarySearch(b.sorted, block[0])
	return ok
}

// present gives the number of blocks that occur.
func (b *coreBlocks) present() int { return max(len(b.sorted), len(b.keys)) }

// missing gives the number of blocks that do not occur; nothing if there are more than can be counted.
func (b *coreBlocks) missing() (n int, counted bool) {
	if b.length > countable {
		return 0, false
	}
	return 1<<b.length - len(b.sorted), true
}

// mean gives the mean of the core function over the blocks that do not occur; some must.
func (b *coreBlocks) mean() float64 {
	return (b.absent[1] - b.absent[0]) / (b.absent[1] + b.absent[0])
}

// nth gives the block that has i blocks before it that do not occur, and does not occur itself; blocks
// are counted.
func (b *coreBlocks) nth(i int) uint64 {
	// Of those that occur, sorted[k] has sorted[k]-k absent ones before it.
	low, high := 0, len(b.sorted)
	for low < high {
		middle := (low + high) / 2
		if b.sorted[middle]-uint64(middle) <= uint64(i) {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return uint64(i + low)
}

// draw sets blocks [rows, words] to uniform draws of blocks that do not occur; some must.
func (b *coreBlocks) draw(blocks []uint64, stream *kernel.Stream) {
	if n, counted := b.missing(); counted {
		for i := range blocks {
			blocks[i] = b.nth(stream.IntN(n))
		}
		return
	}
	// A block of more than 62 coordinates is hardly ever one that occurs.
	row := make([]uint64, b.law.Words())
	for at := 0; at < len(blocks); {
		block := blocks[at : at+b.words]
		stream.Fill(row)
		b.law.CoreBlocks(block, row, 1)
		if !b.occurs(block) {
			at += b.words
		}
	}
}
