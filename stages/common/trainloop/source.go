package trainloop

import (
	"fmt"
	"slices"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// A Source gives the batches of a training, one after the other, for ever. It serves one goroutine
// and allocates nothing once its batch has grown to its largest size.
type Source interface {
	// Next fills b with the next batch.
	Next(b *Batch)
	// MaxRows is the size of the largest batch.
	MaxRows() int
	// EpochRows is the number of rows in a pass over the data; 0 for fresh samples.
	EpochRows() int
}

// fresh draws every batch from a law.
type fresh struct {
	law    *datalaw.Compiled
	parts  []datalaw.Mixture // each batch holds equally many rows of each
	stream *kernel.Stream
	rows   int
	turn   int // the part that gets the next odd row
}

// Fresh gives batches of rows fresh samples of the law: of the mixture if one is given, else of
// several in equal numbers, laid out one after the other; if rows is not a multiple of their
// number, the odd rows go to each in turn.
func Fresh(law *datalaw.Compiled, rows int, stream *kernel.Stream, parts ...datalaw.Mixture) Source {
	return &fresh{law: law, parts: parts, stream: stream, rows: rows}
}

func (s *fresh) MaxRows() int   { return s.rows }
func (s *fresh) EpochRows() int { return 0 }

func (s *fresh) Next(b *Batch) {
	words := s.law.Words()
	b.resize(s.rows, words, s.law.Dimensions(), false)
	k := len(s.parts)
	at := 0
	for i := range s.parts {
		rows := share(s.rows, k, i, s.turn)
		s.law.SampleBits(s.stream, s.parts[i], rows, b.Signs[at*words:(at+rows)*words], b.Labels[at:at+rows], b.attributes[at:at+rows])
		at += rows
	}
	s.turn = (s.turn + s.rows) % k
}

// share gives part i's number of rows if k parts divide them, part turn getting the first odd one.
func share(rows, k, i, turn int) int {
	each, odd := rows/k, rows%k
	if (i-turn+k)%k < odd {
		each++
	}
	return each
}

// shuffled passes over a list of rows in a new random order each time.
type shuffled struct {
	samples *dataset.Samples
	labels  []int16
	order   []int32
	stream  *kernel.Stream
	rows    int
	next    int
}

// Shuffled gives batches of the listed rows of s without replacement: each epoch takes the list
// once, in a new random order, and its last batch is smaller if rows does not divide the list's
// length. A row listed m times is taken m times an epoch. It keeps the list, which must not be
// empty.
func Shuffled(s *dataset.Samples, list []int32, rows int, stream *kernel.Stream) Source {
	return &shuffled{samples: s, labels: trainingLabels(s), order: list, stream: stream, rows: min(rows, len(list)), next: len(list)}
}

func (s *shuffled) MaxRows() int   { return s.rows }
func (s *shuffled) EpochRows() int { return len(s.order) }

func (s *shuffled) Next(b *Batch) {
	if s.next == len(s.order) {
		kernel.Shuffle(s.order, s.stream)
		s.next = 0
	}
	rows := min(s.rows, len(s.order)-s.next)
	b.resizeFor(s.samples, rows)
	copy(b.Index, s.order[s.next:])
	s.next += rows
	b.gather(s.samples, s.labels)
}

// renewed is shuffled with a list that changes between epochs.
type renewed struct {
	shuffled
	list  func(epoch int) []int32
	epoch int // that is going on, from 1; 0 before the first
}

// Renewed is Shuffled with a list that may differ in each epoch: list gives it, for epoch 0 and on,
// and it must not be empty. The slice is shuffled in place and may be used again for the next epoch.
func Renewed(s *dataset.Samples, list func(epoch int) []int32, rows int, stream *kernel.Stream) Source {
	return &renewed{shuffled: shuffled{samples: s, labels: trainingLabels(s), stream: stream, rows: rows}, list: list}
}

func (s *renewed) Next(b *Batch) {
	if s.next == len(s.order) {
		s.order = s.list(s.epoch)
		s.next = len(s.order)
		s.epoch++
	}
	s.shuffled.Next(b)
}

// passes gives the number of passes taken, whatever their lengths.
func (s *renewed) passes() float64 {
	if s.epoch == 0 {
		return 0
	}
	return float64(s.epoch-1) + float64(s.next)/float64(len(s.order))
}

// pooled draws rows from pools with replacement.
type pooled struct {
	samples    *dataset.Samples
	labels     []int16
	pools      [][]int32
	stream     *kernel.Stream
	rows       int
	turn       int
	stratified bool
	edges      []float64 // where each pool's part of [0, 1) ends; nil for equal parts
}

// Drawn gives batches of rows drawn from pools of rows of s with replacement: for each row a pool,
// each equally likely, then one of its rows. With one pool it is plain sampling with replacement;
// with one pool a group, row i has probability proportional to 1/n_g(i). No pool may be empty.
func Drawn(s *dataset.Samples, pools [][]int32, rows int, stream *kernel.Stream) Source {
	return &pooled{samples: s, labels: trainingLabels(s), pools: pools, stream: stream, rows: rows}
}

// Weighted is Drawn with pools that are as likely as their masses, positive numbers of any sum. Pools
// of equal masses are drawn from as by Drawn, to the bit.
func Weighted(s *dataset.Samples, pools [][]int32, masses []float64, rows int, stream *kernel.Stream) Source {
	p := &pooled{samples: s, labels: trainingLabels(s), pools: pools, stream: stream, rows: rows}
	if slices.Min(masses) == slices.Max(masses) {
		return p
	}
	var sum, below float64
	for _, m := range masses {
		sum += m
	}
	for _, m := range masses {
		below += m
		p.edges = append(p.edges, below/sum)
	}
	return p
}

// Stratified is Drawn with equally many rows of each pool in every batch, laid out pool by pool;
// if rows is not a multiple of their number, the odd rows go to each in turn.
func Stratified(s *dataset.Samples, pools [][]int32, rows int, stream *kernel.Stream) Source {
	return &pooled{samples: s, labels: trainingLabels(s), pools: pools, stream: stream, rows: rows, stratified: true}
}

func (s *pooled) MaxRows() int   { return s.rows }
func (s *pooled) EpochRows() int { return s.samples.Rows }

func (s *pooled) Next(b *Batch) {
	b.resizeFor(s.samples, s.rows)
	k, at := len(s.pools), 0
	if s.stratified {
		for i, pool := range s.pools {
			for range share(s.rows, k, i, s.turn) {
				b.Index[at] = pool[s.stream.IntN(len(pool))]
				at++
			}
		}
		s.turn = (s.turn + s.rows) % k
	}
	for ; at < s.rows; at++ {
		pool := s.pools[s.pool()]
		b.Index[at] = pool[s.stream.IntN(len(pool))]
	}
	b.gather(s.samples, s.labels)
}

// pool draws a pool.
func (s *pooled) pool() int {
	k := len(s.pools)
	switch {
	case k == 1:
		return 0
	case s.edges == nil:
		return s.stream.IntN(k)
	}
	u, i := s.stream.Float64(), 0
	for i < k-1 && u >= s.edges[i] {
		i++
	}
	return i
}

// whole gives all rows at every step.
type whole struct {
	samples *dataset.Samples
	labels  []int16
}

// Whole gives all rows of s, in order, as every batch.
func Whole(s *dataset.Samples) Source { return &whole{s, trainingLabels(s)} }

func (s *whole) MaxRows() int   { return s.samples.Rows }
func (s *whole) EpochRows() int { return s.samples.Rows }

func (s *whole) Next(b *Batch) {
	if b.Rows == s.samples.Rows && b.samples == s.samples {
		return
	}
	b.resizeFor(s.samples, s.samples.Rows)
	for i := range b.Index {
		b.Index[i] = int32(i)
	}
	b.gather(s.samples, s.labels)
}

// trainingLabels gives the labels of the samples that are trained on: no privileged information.
func trainingLabels(s *dataset.Samples) []int16 { return s.Labels(&dataset.Ledger{}, dataset.Training) }

// The ways to take batches from data, as the setting "sampling" names them.
const (
	SampleAuto        = "auto"
	SampleFresh       = "fresh"
	SampleShuffle     = "shuffle"
	SampleReplacement = "replacement"
	SampleFull        = "full"
)

// Natural gives batches of the data as it is, in the way that sampling names: auto means fresh
// samples if the data set has no training split, else shuffle.
func Natural(d *dataset.Dataset, law *datalaw.Compiled, sampling string, rows int, stream *kernel.Stream) (Source, error) {
	if sampling == SampleAuto {
		sampling = SampleShuffle
		if d.Fresh() {
			sampling = SampleFresh
		}
	}
	if sampling == SampleFresh {
		if law == nil {
			return nil, fmt.Errorf("fresh samples need a law, and this data set has none: use sampling = %q", SampleShuffle)
		}
		return Fresh(law, rows, stream, law.Confounded()), nil
	}
	if d.Train == nil {
		return nil, fmt.Errorf("sampling = %q needs a finite training set, and this data set has none: give the stage that makes it a number of training samples, or use sampling = %q", sampling, SampleFresh)
	}
	switch sampling {
	case SampleShuffle:
		return Shuffled(d.Train, All(d.Train.Rows), rows, stream), nil
	case SampleReplacement:
		return Drawn(d.Train, [][]int32{All(d.Train.Rows)}, rows, stream), nil
	case SampleFull:
		return Whole(d.Train), nil
	}
	return nil, fmt.Errorf("there is no sampling %q", sampling)
}

// All lists the rows 0 to rows-1.
func All(rows int) []int32 {
	list := make([]int32, rows)
	for i := range list {
		list[i] = int32(i)
	}
	return list
}
