package stagetest

import (
	"errors"
	"fmt"
	"reflect"
	"sync"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// shared keeps what decoders made of the inputs of one run, as an engine does for many, so that a run which changes
// such a value is found out.
type shared struct {
	mu   sync.Mutex
	made []*sharedValue
}

type sharedValue struct {
	decoder *stages.Decoder
	table   func() (*frame.Table, error)
	input   string
	decoded *stages.Decoded
}

// of gives the artifact with values that are decoded once.
func (s *shared) of(input string, a stages.Artifact) stages.Artifact {
	mine := map[*stages.Decoder]*sharedValue{}
	a.Decoded = func(d *stages.Decoder) (*stages.Decoded, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if v := mine[d]; v != nil {
			return v.decoded, nil
		}
		t, err := a.Table()
		if err != nil {
			return nil, err
		}
		made, err := d.Of(t.Filter(func(int) bool { return true })) // a copy: a value may share the table's memory
		if err != nil {
			return nil, err
		}
		mine[d] = &sharedValue{decoder: d, table: a.Table, input: input, decoded: made}
		s.made = append(s.made, mine[d])
		return made, nil
	}
	return a
}

// unchanged decodes everything again, and compares.
func (s *shared) unchanged() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, v := range s.made {
		t, err := v.table()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		again, err := v.decoder.Of(t)
		if err == nil && !reflect.DeepEqual(again.Value, v.decoded.Value) {
			err = fmt.Errorf("input %q: the run changed what was decoded of it (%s), which other runs are given too", v.input, v.decoder.Name)
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
