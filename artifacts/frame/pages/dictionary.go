package pages

import (
	"fmt"
	"unsafe"
)

// A dictionary holds each value once. What cannot be converted is an error where it is used.
type dictionary[T any] struct {
	values []T
	bad    map[int]error
}

func (r *Reader[P, T]) readDictionary(h header, content []byte) error {
	if r.dict != nil {
		return fmt.Errorf("damaged: two dictionaries")
	}
	if h.encoding != Plain && h.encoding != PlainDictionary {
		return fmt.Errorf("damaged: a dictionary stored as %v", h.encoding)
	}
	content, err := r.unpack(h, content)
	if err != nil {
		return err
	}
	r.buf = nil // the entries may share its memory
	least := int64(max(1, r.physical.width))
	if r.physical.width == 0 && r.physical.name == Bytes.name {
		least = 4 // the length
	} else if r.physical.width == 0 {
		return fmt.Errorf("damaged: a dictionary of truth values")
	}
	if h.values > int64(len(content))/least {
		return errShort
	}
	d := &dictionary[T]{}
	if err := r.chunk.Hold(h.values * int64(unsafe.Sizeof(*new(T)))); err != nil {
		return err
	}
	d.values = make([]T, h.values)
	r.dict = d
	return fillDictionary(d, r.physical.plain(content, r.physical.width), r.convert)
}

// entriesAtOnce and mostBad bound what a dictionary needs beside its values.
const (
	entriesAtOnce = 1 << 12
	mostBad       = 1000
)

func fillDictionary[P, T any](d *dictionary[T], of source[P], convert Convert[P, T]) error {
	src := make([]P, min(entriesAtOnce, len(d.values)))
	for from := 0; from < len(d.values); from += len(src) {
		src = src[:min(len(src), len(d.values)-from)]
		if err := of.next(src); err != nil {
			return err
		}
		for done := 0; done < len(src); {
			bad, err := convert(d.values[from+done:from+len(src)], src[done:])
			if err == nil {
				break
			}
			if len(d.bad) == mostBad {
				return err
			}
			if d.bad == nil {
				d.bad = map[int]error{}
			}
			d.bad[from+done+bad] = err
			done += bad + 1
		}
	}
	return nil
}

// looked are values that stand in the dictionary.
type looked[T any] struct {
	dict  *dictionary[T]
	index hybrid
	buf   []uint32
}

func (s *looked[T]) next(dst []T) error {
	if len(s.buf) < len(dst) {
		s.buf = make([]uint32, len(dst))
	}
	index := s.buf[:len(dst)]
	if err := fill(&s.index, index); err != nil {
		return err
	}
	for i, k := range index {
		if int64(k) >= int64(len(s.dict.values)) {
			return fmt.Errorf("damaged: entry %d of a dictionary of %d", k, len(s.dict.values))
		}
		if err := s.dict.bad[int(k)]; err != nil {
			return &ValueError{i, err}
		}
		dst[i] = s.dict.values[k]
	}
	return nil
}
