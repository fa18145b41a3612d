package dataset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// Type is the type of the artifact, as inputs of kinds ask for it.
const Type = "dataset"

// MetaKey is the key of a table's metadata that holds a Description as JSON. Models carry that of
// the data that they were trained on under the same key.
const MetaKey = "spurion.dataset"

// A Split is a part of a data set.
type Split string

// The splits.
const (
	TrainSplit      Split = "train"
	ValidationSplit Split = "validation"
	TestSplit       Split = "test"
)

// Splits lists the splits in the order of a table's rows.
var Splits = []Split{TrainSplit, ValidationSplit, TestSplit}

// A Dataset is a law, or finite splits, or both. It is not changed once made.
type Dataset struct {
	// Law is the distribution that samples come from; nil for external data.
	Law        *datalaw.Law
	Dimensions int // of an input
	// The splits; nil if empty. With a law, a nil Train means fresh samples at every step.
	Train, Validation, Test *Samples
}

// Fresh reports whether training draws fresh samples from the law instead of reading Train.
func (d *Dataset) Fresh() bool { return d.Law != nil && d.Train == nil }

// Split gives the samples of a split, or nil if there are none.
func (d *Dataset) Split(s Split) *Samples {
	switch s {
	case TrainSplit:
		return d.Train
	case ValidationSplit:
		return d.Validation
	case TestSplit:
		return d.Test
	}
	return nil
}

// Description gives what the data set's metadata says.
func (d *Dataset) Description() Description { return Description{d.Dimensions, d.Law} }

// A Description says what the inputs of a data set are.
type Description struct {
	Dimensions int          `json:"dimensions"`
	Law        *datalaw.Law `json:"law,omitempty"` // nil for external data
}

// JSON gives the description as it stands in metadata.
func (d Description) JSON() string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("dataset: description: %v", err)) // only numbers that no law has
	}
	return string(text)
}

// Describe reads the description in a table's metadata; nil without error if there is none. A law
// in it has no problems.
func Describe(meta map[string]string) (*Description, error) {
	text, ok := meta[MetaKey]
	if !ok {
		return nil, nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	var d Description
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("data: metadata %s: %w", MetaKey, err)
	}
	if d.Dimensions < 0 {
		return nil, fmt.Errorf("data: metadata %s: %d dimensions", MetaKey, d.Dimensions)
	}
	if d.Law != nil {
		if ps := d.Law.Check(); len(ps) > 0 {
			return nil, fmt.Errorf("data: metadata %s: law: %s: %s", MetaKey, ps[0].Path, ps[0].Detail)
		}
		if n := d.Law.Dimensions(); n != d.Dimensions {
			return nil, fmt.Errorf("data: metadata %s: %d dimensions, but the law has %d", MetaKey, d.Dimensions, n)
		}
	}
	return &d, nil
}

// Samples are the samples of one split. Labels, attributes and groups come through a ledger; the
// slices that methods return are shared and must not be changed.
type Samples struct {
	Split      Split
	Rows       int
	Dimensions int

	words      int       // per packed row
	packed     []uint64  // [Rows, words] if every coordinate is -1 or +1
	floats     []float32 // [Rows, Dimensions] otherwise
	labels     []int8
	attributes []int8 // nil if there are none
}

// Draw makes samples of a law's own distribution D_λ.
func Draw(split Split, law *datalaw.Compiled, rows int, stream *kernel.Stream) (*Samples, error) {
	packed, labels, attributes := make([]uint64, rows*law.Words()), make([]int8, rows), make([]int8, rows)
	law.SampleBits(stream, law.Confounded(), rows, packed, labels, attributes)
	return Pack(split, law.Dimensions(), packed, labels, attributes)
}

// Pack makes samples of inputs -1 and +1 from packed rows as package boolean has them, [rows,
// ceil(n/64)]. It keeps the slices. attributes may be nil. Labels and attributes are 0 or 1.
func Pack(split Split, n int, packed []uint64, labels, attributes []int8) (*Samples, error) {
	s := &Samples{Split: split, Rows: len(labels), Dimensions: n, words: (n + 63) / 64,
		packed: packed, labels: labels, attributes: attributes}
	if len(packed) != s.Rows*s.words {
		return nil, fmt.Errorf("data: %s: %d words are not %d rows of %d coordinates", split, len(packed), s.Rows, n)
	}
	return s, s.check()
}

// Real makes samples of real inputs, [rows, n] row-major; otherwise it is Pack.
func Real(split Split, n int, inputs []float32, labels, attributes []int8) (*Samples, error) {
	s := &Samples{Split: split, Rows: len(labels), Dimensions: n, floats: inputs, labels: labels, attributes: attributes}
	if len(inputs) != s.Rows*n {
		return nil, fmt.Errorf("data: %s: %d numbers are not %d rows of %d coordinates", split, len(inputs), s.Rows, n)
	}
	for i, x := range inputs {
		if x-x != 0 {
			return nil, fmt.Errorf("data: %s, row %d: coordinate %d is %v", split, i/n, i%n, x)
		}
	}
	return s, s.check()
}

func (s *Samples) check() error {
	if !slices.Contains(Splits, s.Split) {
		return fmt.Errorf("data: there is no split %q; there are train, validation and test", s.Split)
	}
	if s.Dimensions < 1 {
		return fmt.Errorf("data: %s: inputs have no coordinates", s.Split)
	}
	if s.attributes != nil && len(s.attributes) != s.Rows {
		return fmt.Errorf("data: %s: %d attributes for %d rows", s.Split, len(s.attributes), s.Rows)
	}
	for i, y := range s.labels {
		if y != 0 && y != 1 {
			return fmt.Errorf("data: %s, row %d: label %d is neither 0 nor 1", s.Split, i, y)
		}
	}
	for i, a := range s.attributes {
		if a != 0 && a != 1 {
			return fmt.Errorf("data: %s, row %d: attribute %d is neither 0 nor 1", s.Split, i, a)
		}
	}
	return nil
}

// Labels gives the labels y, [Rows], and notes a use of validation and test labels.
func (s *Samples) Labels(l *Ledger, purpose string) []int8 {
	if s.Split != TrainSplit {
		l.Note(frame.MarkSplit, purpose, s.Split)
	}
	return slices.Clip(s.labels)
}

// HasAttributes reports whether samples have attributes, and so groups.
func (s *Samples) HasAttributes() bool { return s.attributes != nil }

// Attributes gives the spurious attributes, [Rows], and notes the use; nil if there are none.
func (s *Samples) Attributes(l *Ledger, purpose string) []int8 {
	l.Note(frame.MarkAttribute, purpose, s.Split)
	return slices.Clip(s.attributes)
}

// Groups gives the groups 2y + s, [Rows], newly made, and notes the use; nil if there are no
// attributes.
func (s *Samples) Groups(l *Ledger, purpose string) []int8 {
	l.Note(frame.MarkGroup, purpose, s.Split)
	if s.attributes == nil {
		return nil
	}
	groups := make([]int8, s.Rows)
	for i := range groups {
		groups[i] = datalaw.GroupOf(s.labels[i], s.attributes[i])
	}
	return groups
}

// Packed gives the inputs as bits, [Rows, ceil(n/64)], as package boolean packs them; nil if some
// coordinate is neither -1 nor +1.
func (s *Samples) Packed() []uint64 { return slices.Clip(s.packed) }

// Inputs writes the inputs of rows first to first+rows-1 to dst, [rows, Dimensions] row-major.
func (s *Samples) Inputs(dst []float32, first, rows int) {
	if s.packed == nil {
		copy(dst[:rows*s.Dimensions], s.floats[first*s.Dimensions:])
		return
	}
	boolean.Expand(dst, s.packed[first*s.words:], rows, s.Dimensions)
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
	if s.words == 1 {
		dst = dst[:len(index)]
		for i, row := range index {
			dst[i] = s.packed[row]
		}
		return
	}
	for i, row := range index {
		copy(dst[i*s.words:(i+1)*s.words], s.packed[int(row)*s.words:])
	}
}
