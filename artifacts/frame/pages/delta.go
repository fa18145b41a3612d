package pages

import (
	"encoding/binary"
	"fmt"
)

// integers reads the encodings of whole numbers beside plain.
func integers[P int32 | int64](get func([]byte) P) func(Encoding, []byte, int, int) (source[P], error) {
	return func(e Encoding, data []byte, width, levels int) (source[P], error) {
		if e == DeltaBinaryPacked {
			return newDelta[P](data, levels)
		}
		return splitOnly(get)(e, data, width, levels)
	}
}

// A delta reads DELTA_BINARY_PACKED: the first value, then blocks of differences, which are divided into
// miniblocks of a width each. Sums wrap around, as Parquet has it.
type delta[P int32 | int64] struct {
	data  []byte // what is behind the miniblock
	left  int    // values
	last  P
	begun bool

	perMini, minis int   // differences in a miniblock, miniblocks in a block
	least          int64 // what every difference of the block has added
	widths         []byte
	width          int
	inMini         int // differences left in the miniblock
	mini           []byte
	bit            int
}

// newDelta reads the head of the values, of which there may be levels at most.
func newDelta[P int32 | int64](data []byte, levels int) (*delta[P], error) {
	d := &delta[P]{data: data}
	var head [4]uint64 // differences in a block, miniblocks in a block, values, the first value
	for i := range head {
		var err error
		if head[i], err = d.uvarint(); err != nil {
			return nil, err
		}
	}
	block, minis := head[0], head[1]
	if minis == 0 || block == 0 || block > 1<<24 || block%minis != 0 || block/minis%8 != 0 {
		return nil, fmt.Errorf("damaged: blocks of %d differences in %d parts", block, minis)
	}
	if head[2] > uint64(levels) {
		return nil, fmt.Errorf("damaged: %d values in a page of %d", head[2], levels)
	}
	d.perMini, d.minis, d.left = int(block/minis), int(minis), int(head[2])
	d.last = P(zigzag(head[3]))
	return d, nil
}

func zigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

func (d *delta[P]) uvarint() (uint64, error) {
	v, n := binary.Uvarint(d.data)
	if n <= 0 {
		return 0, errShort
	}
	d.data = d.data[n:]
	return v, nil
}

func (d *delta[P]) next(dst []P) error {
	if len(dst) > d.left {
		return errShort
	}
	d.left -= len(dst)
	for i := range dst {
		if !d.begun {
			d.begun = true
			dst[i] = d.last
			continue
		}
		if d.inMini == 0 {
			if err := d.nextMini(); err != nil {
				return err
			}
		}
		if d.bit+d.width > 8*len(d.mini) {
			return errShort
		}
		d.last += P(d.least) + P(d.take())
		d.inMini--
		dst[i] = d.last
	}
	return nil
}

// nextMini goes to the next miniblock, and to the next block if there is none. The last miniblock may be
// cut off after its last difference.
func (d *delta[P]) nextMini() error {
	if len(d.widths) == 0 {
		least, err := d.uvarint()
		if err != nil || len(d.data) < d.minis {
			return errShort
		}
		d.least = zigzag(least)
		d.widths, d.data = d.data[:d.minis], d.data[d.minis:]
	}
	d.width, d.widths = int(d.widths[0]), d.widths[1:]
	if d.width > 64 {
		return fmt.Errorf("damaged: differences of %d bits", d.width)
	}
	size := min(d.perMini/8*d.width, len(d.data))
	d.mini, d.data = d.data[:size], d.data[size:]
	d.bit, d.inMini = 0, d.perMini
	return nil
}

// take gives the next difference, which the miniblock has.
func (d *delta[P]) take() uint64 {
	at, shift := d.bit>>3, d.bit&7
	d.bit += d.width
	if at+8 <= len(d.mini) && shift+d.width <= 64 {
		return binary.LittleEndian.Uint64(d.mini[at:]) >> shift & (1<<d.width - 1)
	}
	var v uint64
	for k, b := range d.mini[at:min(at+9, len(d.mini))] {
		if 8*k < shift {
			v |= uint64(b) >> shift
		} else {
			v |= uint64(b) << (8*k - shift)
		}
	}
	return v & (1<<d.width - 1)
}

// deltaBytes reads DELTA_LENGTH_BYTE_ARRAY (all lengths, then all bytes) and DELTA_BYTE_ARRAY (how much of
// the value before each begins with, then the rests in that form).
func deltaBytes(e Encoding, data []byte, _, levels int) (source[[]byte], error) {
	switch e {
	case DeltaLengthByteArray:
		return newLengths(data, levels)
	case DeltaByteArray:
		shared, rest, err := counts(data, levels)
		if err != nil {
			return nil, err
		}
		tails, err := newLengths(rest, levels)
		return &prefixes{shared: shared, tails: tails}, err
	}
	return nil, nil
}

// counts reads numbers, none negative, and gives what is behind them.
func counts(data []byte, levels int) (out []int32, rest []byte, err error) {
	d, err := newDelta[int32](data, levels)
	if err != nil {
		return nil, nil, err
	}
	for d.left > 0 {
		from := len(out)
		out = append(out, make([]int32, min(d.left, 1<<14))...)
		if err := d.next(out[from:]); err != nil {
			return nil, nil, err
		}
		for _, n := range out[from:] {
			if n < 0 {
				return nil, nil, fmt.Errorf("damaged: a length of %d", n)
			}
		}
	}
	return out, d.data, nil
}

// lengths are values whose lengths stand before them all.
type lengths struct {
	sizes []int32
	data  []byte
}

func newLengths(data []byte, levels int) (*lengths, error) {
	sizes, rest, err := counts(data, levels)
	return &lengths{sizes, rest}, err
}

func (s *lengths) next(dst [][]byte) error {
	if len(dst) > len(s.sizes) {
		return errShort
	}
	for i := range dst {
		n := int(s.sizes[i])
		if n > len(s.data) {
			return errShort
		}
		dst[i], s.data = s.data[:n:n], s.data[n:]
	}
	s.sizes = s.sizes[len(dst):]
	return nil
}

// prefixes are values that begin as the one before.
type prefixes struct {
	shared []int32
	tails  *lengths
	last   []byte
}

func (s *prefixes) next(dst [][]byte) error {
	if len(dst) > len(s.shared) {
		return errShort
	}
	if err := s.tails.next(dst); err != nil {
		return err
	}
	total := 0
	for i := range dst {
		n := int(s.shared[i])
		if n > len(s.last) {
			return fmt.Errorf("damaged: a value begins with %d bytes of one that has %d", n, len(s.last))
		}
		if n < len(s.last) || len(dst[i]) > 0 {
			if total += n + len(dst[i]); total > MaxBytes {
				return fmt.Errorf("%d values take more than %d bytes; write them with another encoding than DELTA_BYTE_ARRAY", len(dst), MaxBytes)
			}
			s.last = append(s.last[:n:n], dst[i]...)
		}
		dst[i] = s.last
	}
	s.shared = s.shared[len(dst):]
	return nil
}
