package dataset

import (
	"fmt"
	"math"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// Samples are the samples of one split. Labels, attributes and groups come through a ledger; the
// slices that methods return are shared and must not be changed.
type Samples struct {
	Split      Split
	Rows       int
	Dimensions int

	inputs Inputs
	levels *[256]float32 // what a byte of inputs.Bytes stands for
	marks  Marks
}

// Inputs are the inputs of samples, in one of three forms; the slices of the others are nil.
type Inputs struct {
	Dimensions int
	Signs      []uint64  // -1 and +1 as package boolean packs them, [rows, ceil(n/64)]
	Bytes      []uint8   // [rows, n], a byte b standing for b*Scale + Offset (frame.Field.ByteNumbers)
	Scale      float64   // of Bytes, such as 1/255
	Offset     float64   // of Bytes, such as 0
	Floats     []float32 // [rows, n]
}

// Marks are the labels and attributes of samples.
type Marks struct {
	Classes, Values int     // labels are from 0 to Classes-1, attributes from 0 to Values-1
	Labels          []int16 // [rows]
	Attributes      []int16 // [rows]; nil if there are none
}

// Draw makes samples of a law's own distribution D_λ.
func Draw(split Split, law *datalaw.Compiled, rows int, stream *kernel.Stream) (*Samples, error) {
	packed, labels, attributes := make([]uint64, rows*law.Words()), make([]int16, rows), make([]int16, rows)
	law.SampleBits(stream, law.Confounded(), rows, packed, labels, attributes)
	return Pack(split, law.Dimensions(), packed, labels, attributes)
}

// Pack makes samples of inputs -1 and +1, with two classes and an attribute of two values, or none: New.
func Pack(split Split, n int, packed []uint64, labels, attributes []int16) (*Samples, error) {
	return New(split, Inputs{Dimensions: n, Signs: packed}, Marks{2, 2, labels, attributes})
}

// Real makes samples of real inputs, [rows, n]; otherwise it is Pack.
func Real(split Split, n int, inputs []float32, labels, attributes []int16) (*Samples, error) {
	return New(split, Inputs{Dimensions: n, Floats: inputs}, Marks{2, 2, labels, attributes})
}

// New makes samples, of which it keeps the slices. Numbers that are not finite, and marks out of their range, are errors.
func New(split Split, in Inputs, m Marks) (*Samples, error) {
	s := &Samples{Split: split, Rows: len(m.Labels), Dimensions: in.Dimensions, inputs: in, marks: m}
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("data: %s: %w", split, err)
	}
	if in.Bytes != nil {
		numbers := (&frame.Field{Type: frame.Bytes, Scale: in.Scale, Offset: in.Offset}).ByteNumbers()
		s.levels = &numbers
	}
	return s, nil
}

func (s *Samples) check() error {
	if !slices.Contains(Splits, s.Split) {
		return fmt.Errorf("there is no split %q; there are train, validation and test", s.Split)
	}
	n, in := s.Dimensions, &s.inputs
	if n < 1 {
		return fmt.Errorf("inputs have no coordinates")
	}
	switch {
	case in.Bytes != nil && len(in.Bytes) != s.Rows*n:
		return fmt.Errorf("%d bytes are not %d rows of %d coordinates", len(in.Bytes), s.Rows, n)
	case in.Bytes != nil && !(in.Scale > 0 && in.Scale <= 1e30 && math.Abs(in.Offset) <= 1e30):
		return fmt.Errorf("bytes with a scale of %v and an offset of %v; the scale must be above 0, and neither beyond 1e30", in.Scale, in.Offset)
	case in.Floats != nil && len(in.Floats) != s.Rows*n:
		return fmt.Errorf("%d numbers are not %d rows of %d coordinates", len(in.Floats), s.Rows, n)
	case in.Bytes == nil && in.Floats == nil && len(in.Signs) != s.Rows*words(n):
		return fmt.Errorf("%d words are not %d rows of %d coordinates", len(in.Signs), s.Rows, n)
	}
	for i, x := range in.Floats {
		if x-x != 0 {
			return fmt.Errorf("row %d: coordinate %d is %v", i/n, i%n, x)
		}
	}
	return s.marks.check()
}

func (m *Marks) check() error {
	if m.Classes < 2 || m.Values < 1 || m.Classes > MaxGroups || m.Values > MaxGroups || m.Classes*m.Values > MaxGroups {
		return fmt.Errorf("%d classes and %d values of the attribute; there must be two classes at least, and at most %d groups", m.Classes, m.Values, MaxGroups)
	}
	if m.Attributes != nil && len(m.Attributes) != len(m.Labels) {
		return fmt.Errorf("%d attributes for %d rows", len(m.Attributes), len(m.Labels))
	}
	if i := beyond(m.Labels, m.Classes); i >= 0 {
		return fmt.Errorf("row %d: label %d is not from 0 to %d", i, m.Labels[i], m.Classes-1)
	}
	if i := beyond(m.Attributes, m.Values); i >= 0 {
		return fmt.Errorf("row %d: attribute %d is not from 0 to %d", i, m.Attributes[i], m.Values-1)
	}
	return nil
}

// beyond gives the first mark that is not from 0 to n-1; -1 if there is none.
func beyond(marks []int16, n int) int {
	var most uint16
	for _, v := range marks {
		most = max(most, uint16(v))
	}
	if int(most) < n {
		return -1
	}
	return slices.IndexFunc(marks, func(v int16) bool { return int(uint16(v)) >= n })
}

// words gives the words of a packed row.
func words(n int) int { return (n + 63) / 64 }

// Classes gives the number of classes that labels are of.
func (s *Samples) Classes() int { return s.marks.Classes }

// GroupCount gives the number of groups, whether or not a group has samples.
func (s *Samples) GroupCount() int { return s.marks.Classes * s.marks.Values }

// Labels gives the labels y, [Rows], and notes a use of validation and test labels.
func (s *Samples) Labels(l *Ledger, purpose string) []int16 {
	if s.Split != TrainSplit {
		l.Note(frame.MarkSplit, purpose, s.Split)
	}
	return slices.Clip(s.marks.Labels)
}

// HasAttributes reports whether samples have attributes, and so groups.
func (s *Samples) HasAttributes() bool { return s.marks.Attributes != nil }

// Attributes gives the spurious attributes, [Rows], and notes the use; nil if there are none.
func (s *Samples) Attributes(l *Ledger, purpose string) []int16 {
	l.Note(frame.MarkAttribute, purpose, s.Split)
	return slices.Clip(s.marks.Attributes)
}

// Groups gives the groups A y + s, [Rows], A being the number of values of the attribute, newly made, and notes the
// use; nil if there are no attributes.
func (s *Samples) Groups(l *Ledger, purpose string) []int16 {
	l.Note(frame.MarkGroup, purpose, s.Split)
	if s.marks.Attributes == nil {
		return nil
	}
	groups := make([]int16, s.Rows)
	for i, y := range s.marks.Labels {
		groups[i] = y*int16(s.marks.Values) + s.marks.Attributes[i]
	}
	return groups
}

// Words gives the words of a row of Packed.
func (s *Samples) Words() int { return words(s.Dimensions) }

// Signs reports whether all inputs are -1 and +1, kept as bits.
func (s *Samples) Signs() bool { return s.inputs.Bytes == nil && s.inputs.Floats == nil }

// Packed gives the inputs as bits, [Rows, ceil(n/64)], as package boolean packs them; nil if they are not Signs.
func (s *Samples) Packed() []uint64 { return slices.Clip(s.inputs.Signs) }

// Inputs writes the inputs of rows first to first+rows-1 to dst, [rows, Dimensions] row-major.
func (s *Samples) Inputs(dst []float32, first, rows int) {
	n := s.Dimensions
	switch {
	case s.inputs.Bytes != nil:
		for i, b := range s.inputs.Bytes[first*n : (first+rows)*n] {
			dst[i] = s.levels[b]
		}
	case s.inputs.Floats != nil:
		copy(dst[:rows*n], s.inputs.Floats[first*n:])
	default:
		boolean.Expand(dst, s.inputs.Signs[first*words(n):], rows, n)
	}
}

// Gather writes the inputs of the rows that index lists to dst, [len(index), Dimensions].
func (s *Samples) Gather(dst []float32, index []int32) {
	n := s.Dimensions
	for i, row := range index {
		s.Inputs(dst[i*n:(i+1)*n], int(row), 1)
	}
}

// GatherPacked writes the packed inputs of the rows that index lists to dst, [len(index), ceil(n/64)];
// the samples must have Packed.
func (s *Samples) GatherPacked(dst []uint64, index []int32) {
	packed, w := s.inputs.Signs, words(s.Dimensions)
	if w == 1 {
		dst = dst[:len(index)]
		for i, row := range index {
			dst[i] = packed[row]
		}
		return
	}
	for i, row := range index {
		copy(dst[i*w:(i+1)*w], packed[int(row)*w:])
	}
}

// bytes gives what the samples take in memory.
func (s *Samples) bytes() int64 {
	return int64(8*len(s.inputs.Signs) + len(s.inputs.Bytes) + 4*len(s.inputs.Floats) + 2*len(s.marks.Labels) + 2*len(s.marks.Attributes))
}

// Raw gives the inputs in the form that they are kept in. They are shared, and must not be changed.
func (s *Samples) Raw() Inputs { return s.inputs }
