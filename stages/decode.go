package stages

import (
	"fmt"

	"spurion/artifacts/frame"
)

// A Decoder makes a value of a table that many runs are given, such as the samples of a data set. An engine keeps what a
// decoder made of a content, and hands it to other runs, also at the same time. So the value depends on the table alone,
// and nobody changes it.
type Decoder struct {
	Name string // of what it makes
	// Decode gives the value, and the bytes of memory that it keeps. The value may share the table's memory.
	Decode func(t *frame.Table) (value any, bytes int64, err error)
}

// A Decoded is what a decoder made of a table.
type Decoded struct {
	Value  any
	Bytes  int64         // of memory
	Fields []frame.Field // the table's
}

// Of decodes a table.
func (d *Decoder) Of(t *frame.Table) (*Decoded, error) {
	value, bytes, err := d.Decode(t)
	if err != nil {
		return nil, err
	}
	return &Decoded{Value: value, Bytes: bytes, Fields: t.Fields()}, nil
}

// Decoded gives what the decoder makes of the only artifact of a One or Optional input; nil without error if an Optional one
// was not given. The value is to read, not to change.
func (r *Run) Decoded(input string, d *Decoder) (any, error) {
	as := r.Inputs[input]
	if len(as) != 1 || as[0].Decoded == nil {
		t, err := r.Table(input)
		if t == nil || err != nil {
			return nil, err
		}
		made, err := d.Of(t)
		if err != nil {
			return nil, fmt.Errorf("input %q: %w", input, err)
		}
		return made.Value, nil
	}
	made, err := as[0].Decoded(d)
	if err != nil {
		return nil, fmt.Errorf("input %q: %w", input, err)
	}
	return made.Value, nil
}
