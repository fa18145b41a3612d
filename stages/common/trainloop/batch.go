package trainloop

import (
	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

// A Batch is what one step trains on. A Source fills it; its slices are valid until it fills it
// again.
type Batch struct {
	Rows   int
	Signs  []uint64  // [Rows, ceil(n/64)], packed as package boolean does, if all data is -1 and +1
	X      []float32 // [Rows, n] row-major, otherwise
	Labels []int16   // [Rows], from 0 on
	Index  []int32   // [Rows], rows of the training split; nil for fresh samples

	n          int // dimensions
	signs      []uint64
	x          []float32
	labels     []int16
	attributes []int16 // [Rows] of fresh samples
	index      []int32
	groups     []int16
	samples    *dataset.Samples
	unnoted    dataset.Ledger // takes uses that are noted elsewhere
}

// Groups gives the groups A y + s of the rows, [Rows], A being the number of values of the attribute, and notes in l that a
// method read them for training. It is nil if the data has no attributes.
func (b *Batch) Groups(l *dataset.Ledger) []int16 {
	if cap(b.groups) < b.Rows {
		b.groups = make([]int16, b.Rows)
	}
	groups := b.groups[:b.Rows]
	if b.Index == nil {
		l.Note(frame.MarkGroup, dataset.Training, "")
		for i := range groups {
			groups[i] = datalaw.GroupOf(b.Labels[i], b.attributes[i])
		}
		return groups
	}
	l.Note(frame.MarkGroup, dataset.Training, b.samples.Split)
	if !b.samples.HasAttributes() {
		return nil
	}
	attributes := b.samples.Attributes(&b.unnoted, dataset.Training) // the note above says it: groups
	values := int16(b.samples.GroupCount() / b.samples.Classes())
	for i, row := range b.Index {
		groups[i] = b.Labels[i]*values + attributes[row]
	}
	return groups
}

// resize makes room for rows of words packed words or, if there are none, of n numbers; and sets the
// lengths of the slices.
func (b *Batch) resize(rows, words, n int, finite bool) {
	if cap(b.labels) < rows {
		b.labels, b.attributes, b.index = make([]int16, rows), make([]int16, rows), make([]int32, rows)
	}
	if words > 0 {
		if len(b.signs) < rows*words {
			b.signs = make([]uint64, rows*words)
		}
		b.Signs, b.X = b.signs[:rows*words], nil
	} else {
		if len(b.x) < rows*n {
			b.x = make([]float32, rows*n)
		}
		b.Signs, b.X = nil, b.x[:rows*n]
	}
	b.Rows, b.n, b.Labels, b.Index = rows, n, b.labels[:rows], nil
	if finite {
		b.Index = b.index[:rows]
	}
}

// resizeFor makes room for rows of s.
func (b *Batch) resizeFor(s *dataset.Samples, rows int) {
	words := 0
	if s.Packed() != nil {
		words = s.Words()
	}
	b.resize(rows, words, s.Dimensions, true)
}

// gather fills the batch with the rows of s that Index lists.
func (b *Batch) gather(s *dataset.Samples, labels []int16) {
	b.samples = s
	if b.Signs != nil {
		s.GatherPacked(b.Signs, b.Index)
	} else {
		s.Gather(b.X, b.Index)
	}
	for i, row := range b.Index {
		b.Labels[i] = labels[row]
	}
}

// Numbers gives the inputs as numbers [Rows, n], for who changes them; Settle must follow.
func (b *Batch) Numbers() []float32 {
	if b.Signs != nil {
		if len(b.x) < b.Rows*b.n {
			b.x = make([]float32, b.Rows*b.n)
		}
		boolean.Expand(b.x, b.Signs, b.Rows, b.n)
		b.Signs, b.X = nil, b.x[:b.Rows*b.n]
	}
	return b.X
}

// Settle packs inputs that are all -1 and +1, so that a batch that was changed into itself trains to the
// same bits.
func (b *Batch) Settle() {
	words := (b.n + 63) / 64
	if len(b.signs) < b.Rows*words {
		b.signs = make([]uint64, b.Rows*words)
	}
	packed := b.signs[:b.Rows*words]
	clear(packed)
	for i := range b.Rows {
		for j, v := range b.X[i*b.n : (i+1)*b.n] {
			switch v {
			case 1:
				packed[i*words+j/64] |= 1 << (j % 64)
			case -1:
			default:
				return
			}
		}
	}
	b.Signs, b.X = packed, nil
}

// Forward computes the losses of the batch's rows, [Rows].
func (b *Batch) Forward(t *neuralnet.Trainer) []float32 {
	if b.Signs != nil {
		return t.ForwardSigns(b.Signs, b.Labels, b.Rows)
	}
	return t.Forward(b.X, b.Labels, b.Rows)
}
