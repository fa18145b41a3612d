package arrayfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
)

const npyMagic = "\x93NUMPY"

// maxNPYHeader is the longest header that is read, in bytes. Those of single arrays have a few hundred.
const maxNPYHeader = 1 << 20

// The advice for what only numpy reads.
const (
	adviceObjects    = "It holds Python objects, pickled, and a pickle can run any code, so it is never loaded. Write numbers or text instead: x = np.array(x.tolist()), then np.save(name, x, allow_pickle=False)"
	adviceStructured = "It has fields: write each as an array of its own, np.savez(name, **{k: x[k] for k in x.dtype.names})"
	adviceComplex    = "Write its parts: np.savez(name, real=x.real, imag=x.imag)"
	adviceTime       = "Write a number: x.astype(\"int64\"), or its text: x.astype(\"U\")"
	adviceLong       = "Write it as x.astype(\"float64\")"
	adviceOther      = "Write it as bool, int8 to int64, uint8 to uint64, float16 to float64 or text"
)

// openNPY looks at numpy's format for one array (numpy.lib.format, NEP 1).
func openNPY(f *File, gzipped bool) error {
	open := func() (stream, error) { return f.src.unpacked(gzipped) }
	e, err := npyEntry("", open)
	if err != nil {
		return err
	}
	f.Entries = []Entry{e}
	return nil
}

// npyEntry describes what open opens. What is sound but cannot be read is in the entry's Err; if more or fewer bytes follow than
// the header says, that is an error.
func npyEntry(name string, open func() (stream, error)) (Entry, error) {
	e := Entry{Name: name, open: func() (stream, error) {
		s, err := open()
		if err == nil {
			_, err = s.npyHeader()
		}
		return s, err
	}}
	s, err := open()
	if err != nil {
		return e, err
	}
	h, err := s.npyHeader()
	if err != nil {
		return e, err
	}
	e.Declared, e.Shape = h.descr, h.shape
	e.layout, err = h.layout()
	if err == nil {
		err = e.layout.settle()
	}
	if err != nil {
		e.Err = within(name, err)
		return e, nil
	}
	e.Type = e.layout.typ
	if s.present >= 0 {
		err = e.layout.fits(s.at, s.present)
	}
	return e, err
}

// A npyHeader is what a header says.
type npyHeader struct {
	descr   string // as it stands there if it is no simple type
	simple  bool
	fortran bool
	shape   []int
}

// npyHeader reads the header, and leaves the stream at the first value.
func (s *stream) npyHeader() (npyHeader, error) {
	start, err := s.head(8, "the mark and version of .npy")
	if err != nil {
		return npyHeader{}, err
	}
	if string(start[:6]) != npyMagic {
		return npyHeader{}, damaged(0, "it does not begin with the mark of .npy, \\x93NUMPY, but with %q", start[:6])
	}
	version, bytesOfLength := start[6], 2
	switch {
	case version < 1 || version > 3 || start[7] != 0:
		return npyHeader{}, &Error{Offset: 6, Summary: fmt.Sprintf("it has version %d.%d of .npy; 1.0, 2.0 and 3.0 are known", version, start[7]),
			Remedy: "Write it with np.save", Err: ErrUnsupported}
	case version > 1:
		bytesOfLength = 4
	}
	field, err := s.head(bytesOfLength, "the length of the header")
	if err != nil {
		return npyHeader{}, err
	}
	length := binary.LittleEndian.Uint32(append(bytes.Clone(field), 0, 0)[:4])
	switch {
	case s.present >= 0 && int64(length) > s.present:
		return npyHeader{}, cut(s.at, "the header has %d bytes; %d follow", length, s.present)
	case length > maxNPYHeader:
		return npyHeader{}, &Error{Offset: 8, Summary: fmt.Sprintf("the header has %d bytes; at most %d are read", length, maxNPYHeader),
			Remedy: "Write an array of one type with np.save", Err: ErrUnsupported}
	}
	at := s.at
	text, err := s.head(int(length), "the header")
	if err != nil {
		return npyHeader{}, err
	}
	return parseNPYHeader(string(text), at)
}

// layout says how the values lie.
func (h npyHeader) layout() (layout, error) {
	l := layout{fortran: h.fortran, shape: h.shape}
	unsupported := func(advice string) (layout, error) {
		return l, &Error{Offset: -1, Summary: "the element type is " + shortened(h.descr), Remedy: advice, Err: ErrUnsupported}
	}
	if !h.simple {
		return unsupported(adviceStructured)
	}
	order, code := byte('<'), h.descr
	if code != "" && bytes.IndexByte([]byte("<>|="), code[0]) >= 0 {
		order, code = code[0], code[1:]
	}
	if code == "" {
		return unsupported(adviceOther)
	}
	l.big = order == '>'
	size, err := strconv.ParseUint(code[1:], 10, 31)
	l.width = int(size)
	switch kind := code[0]; {
	case kind == 'O':
		return unsupported(adviceObjects)
	case kind == 'V':
		return unsupported(adviceStructured)
	case kind == 'c':
		return unsupported(adviceComplex)
	case kind == 'M' || kind == 'm':
		return unsupported(adviceTime)
	case kind == 'f' && size > 8:
		return unsupported(adviceLong)
	case err != nil || size == 0 || size > math.MaxInt32/4:
		return unsupported(adviceOther)
	case kind == 'S' || kind == 'a':
		l.typ = Text
	case kind == 'U':
		l.typ, l.ucs4, l.width = Text, true, 4*l.width
	default:
		l.typ = numpyTypes[code]
	}
	if l.typ == 0 {
		return unsupported(adviceOther)
	}
	return l, nil
}

var numpyTypes = map[string]Type{
	"b1": Bool, "i1": Int8, "i2": Int16, "i4": Int32, "i8": Int64, "u1": Uint8, "u2": Uint16, "u4": Uint32, "u8": Uint64,
	"f2": Float16, "f4": Float32, "f8": Float64,
}

func shortened(s string) string {
	if len(s) > 80 {
		return s[:80] + "..."
	}
	return s
}
