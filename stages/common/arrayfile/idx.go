package arrayfile

import (
	"encoding/binary"
	"fmt"
)

// The element types of IDX, by the third byte of a file.
var idxTypes = map[byte]Type{0x08: Uint8, 0x09: Int8, 0x0b: Int16, 0x0c: Int32, 0x0d: Float32, 0x0e: Float64}

// openIDX looks at a file in MNIST's format: two zeros, the element type, the number of dimensions, their lengths in 4
// bytes each, and the values, all with the highest byte first.
func openIDX(f *File, gzipped bool) error {
	e := Entry{open: func() (stream, error) {
		s, err := f.src.unpacked(gzipped)
		if err == nil {
			_, err = s.idxHeader()
		}
		return s, err
	}}
	s, err := f.src.unpacked(gzipped)
	if err == nil {
		e.layout, err = s.idxHeader()
	}
	if err == nil {
		err = e.layout.settle()
	}
	if err == nil && s.present >= 0 {
		err = e.layout.fits(s.at, s.present)
	}
	if err != nil {
		return err
	}
	e.Type, e.Declared, e.Shape = e.layout.typ, e.layout.typ.String(), e.layout.shape
	f.Entries = []Entry{e}
	return nil
}

func (s *stream) idxHeader() (layout, error) {
	mark, err := s.head(4, "the mark of IDX")
	if err != nil {
		return layout{}, err
	}
	typ := idxTypes[mark[2]]
	switch {
	case mark[0] != 0 || mark[1] != 0:
		return layout{}, damaged(0, "the file begins with % x, where IDX has two zeros", mark[:2])
	case typ == 0:
		return layout{}, damaged(2, "the element type is %#02x; IDX has 8, 9, 0xb, 0xc, 0xd and 0xe", mark[2])
	case mark[3] == 0:
		return layout{}, damaged(3, "the array has no dimensions")
	}
	lengths, err := s.head(4*int(mark[3]), fmt.Sprintf("the lengths of its %d dimensions", mark[3]))
	if err != nil {
		return layout{}, err
	}
	l := layout{typ: typ, width: typ.Size(), big: true}
	for ; len(lengths) > 0; lengths = lengths[4:] {
		l.shape = append(l.shape, int(binary.BigEndian.Uint32(lengths)))
	}
	return l, nil
}
