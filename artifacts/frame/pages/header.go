package pages

import (
	"fmt"
	"hash/crc32"
)

// The types of pages.
const (
	pageData       = 0
	pageDictionary = 2
	pageDataV2     = 3
)

// An Encoding is how a page stores its values; the numbers are Parquet's.
type Encoding int64

// The encodings.
const (
	Plain                Encoding = 0
	PlainDictionary      Encoding = 2
	RLE                  Encoding = 3
	BitPacked            Encoding = 4
	DeltaBinaryPacked    Encoding = 5
	DeltaLengthByteArray Encoding = 6
	DeltaByteArray       Encoding = 7
	RLEDictionary        Encoding = 8
	ByteStreamSplit      Encoding = 9
)

var encodingNames = map[Encoding]string{
	Plain: "PLAIN", PlainDictionary: "PLAIN_DICTIONARY", RLE: "RLE", BitPacked: "BIT_PACKED", DeltaBinaryPacked: "DELTA_BINARY_PACKED",
	DeltaLengthByteArray: "DELTA_LENGTH_BYTE_ARRAY", DeltaByteArray: "DELTA_BYTE_ARRAY", RLEDictionary: "RLE_DICTIONARY",
	ByteStreamSplit: "BYTE_STREAM_SPLIT",
}

// String gives the name that Parquet's definition gives.
func (e Encoding) String() string {
	if name, ok := encodingNames[e]; ok {
		return name
	}
	return fmt.Sprintf("encoding %d", int64(e))
}

// A header is what stands before a page.
type header struct {
	kind           int64
	unpacked, size int64 // bytes of the page, and of it in the file
	values         int64 // with nulls; of a dictionary, its entries
	encoding       Encoding
	defs, reps     Encoding // of the levels of a page of version 1
	defSize        int64    // of a page of version 2
	repSize        int64
	plain          bool // a page of version 2 that is not compressed
	crc            uint32
	hasCRC         bool
}

// readHeader reads the header at the start of data and gives the page's bytes and what follows them.
func readHeader(data []byte) (h header, page, rest []byte, err error) {
	c := &compact{data: data}
	err = c.fields(func(id int, kind byte) (err error) {
		isInt := kind > thriftByte && kind <= thriftI64
		switch {
		case id == 1 && isInt:
			h.kind, err = c.int()
		case id == 2 && isInt:
			h.unpacked, err = c.int()
		case id == 3 && isInt:
			h.size, err = c.int()
		case id == 4 && isInt:
			var crc int64
			crc, err = c.int()
			h.crc, h.hasCRC = uint32(crc), true
		case (id == 5 || id == 7 || id == 8) && kind == thriftStruct:
			err = h.readKind(c, id)
		default:
			err = c.skip(kind, 0)
		}
		return err
	})
	if err != nil {
		return h, nil, nil, err
	}
	left := data[c.at:]
	switch {
	case h.size < 0 || h.unpacked < 0 || h.values < 0 || h.defSize < 0 || h.repSize < 0:
		return h, nil, nil, errHeader
	case h.size > int64(len(left)):
		return h, nil, nil, fmt.Errorf("damaged: a page of %d bytes where %d are left", h.size, len(left))
	}
	page, rest = left[:h.size], left[h.size:]
	if h.hasCRC && crc32.ChecksumIEEE(page) != h.crc {
		return h, nil, nil, fmt.Errorf("damaged: the checksum of a page is wrong")
	}
	return h, page, rest, nil
}

// readKind reads the part of a header that is peculiar to a data page (5), a dictionary (7) or a data page
// of version 2 (8).
func (h *header) readKind(c *compact, part int) error {
	var numbers map[int]*int64
	encoding, defs, reps := int64(0), int64(0), int64(0)
	switch part {
	case 5:
		numbers = map[int]*int64{1: &h.values, 2: &encoding, 3: &defs, 4: &reps}
	case 7:
		numbers = map[int]*int64{1: &h.values, 2: &encoding}
	case 8:
		numbers = map[int]*int64{1: &h.values, 4: &encoding, 5: &h.defSize, 6: &h.repSize}
	}
	err := c.fields(func(id int, kind byte) (err error) {
		if to := numbers[id]; to != nil && kind > thriftByte && kind <= thriftI64 {
			*to, err = c.int()
			return err
		}
		if part == 8 && id == 7 {
			h.plain = kind == thriftFalse
		}
		return c.skip(kind, 0)
	})
	h.encoding, h.defs, h.reps = Encoding(encoding), Encoding(defs), Encoding(reps)
	return err
}
