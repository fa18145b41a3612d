package trainloop

import (
	"encoding/binary"
	"errors"
)

// A stander is a source that can tell where it stands.
type stander interface {
	appendState(b []byte) []byte
	setState(b []byte) (rest []byte, err error)
}

// AppendSource appends where a source stands; ok is false if it is of a sort that cannot tell.
func AppendSource(b []byte, s Source) (state []byte, ok bool) {
	x := standerOf(s)
	if x == nil {
		return b, false
	}
	return x.appendState(b), true
}

// SetSource moves a source, made from the same data, settings and seed, to where another one stood, and gives what
// follows in b. After an error the source is of no use.
func SetSource(s Source, b []byte) (rest []byte, err error) {
	x := standerOf(s)
	if x == nil {
		return nil, errors.New("trainloop: this source cannot be moved")
	}
	return x.setState(b)
}

// standerOf gives nil for a source that cannot tell: the list of a renewed one depends on more than a stream.
func standerOf(s Source) stander {
	if _, changes := s.(*renewed); changes {
		return nil
	}
	if a, ok := s.(*augmented); ok && standerOf(a.Source) == nil {
		return nil
	}
	x, _ := s.(stander)
	return x
}

var errSource = errors.New("trainloop: the state of a source is cut short, or another one's")

// counted takes a number below limit, and gives what follows.
func counted(b []byte, limit int) (n int, rest []byte, err error) {
	if len(b) < 8 {
		return 0, nil, errSource
	}
	x := binary.LittleEndian.Uint64(b)
	if x >= uint64(limit) {
		return 0, nil, errSource
	}
	return int(x), b[8:], nil
}

func appendCount(b []byte, n int) []byte { return binary.LittleEndian.AppendUint64(b, uint64(n)) }

func (s *fresh) appendState(b []byte) []byte {
	return s.stream.AppendState(appendCount(b, s.turn))
}

func (s *fresh) setState(b []byte) (rest []byte, err error) {
	if s.turn, b, err = counted(b, len(s.parts)); err != nil {
		return nil, err
	}
	return s.stream.SetState(b)
}

func (s *shuffled) appendState(b []byte) []byte {
	b = appendCount(b, s.next)
	for _, row := range s.order {
		b = binary.LittleEndian.AppendUint32(b, uint32(row))
	}
	return s.stream.AppendState(b)
}

func (s *shuffled) setState(b []byte) (rest []byte, err error) {
	if s.next, b, err = counted(b, len(s.order)+1); err != nil || len(b) < 4*len(s.order) {
		return nil, errSource
	}
	for i := range s.order {
		row := binary.LittleEndian.Uint32(b[4*i:])
		if row >= uint32(s.samples.Rows) {
			return nil, errSource
		}
		s.order[i] = int32(row)
	}
	return s.stream.SetState(b[4*len(s.order):])
}

func (s *pooled) appendState(b []byte) []byte {
	return s.stream.AppendState(appendCount(b, s.turn))
}

func (s *pooled) setState(b []byte) (rest []byte, err error) {
	if s.turn, b, err = counted(b, len(s.pools)); err != nil {
		return nil, err
	}
	return s.stream.SetState(b)
}

func (s *whole) appendState(b []byte) []byte                { return b }
func (s *whole) setState(b []byte) (rest []byte, err error) { return b, nil }
