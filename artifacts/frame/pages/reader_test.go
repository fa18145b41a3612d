package pages

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"
)

// page gives a data page of version 1 that is not compressed.
func page(values int, e Encoding, content string) string {
	return headed(pageData, 5, []int{values, int(e), int(RLE), int(RLE)}, content)
}

func dictionaryPage(values int, content string) string {
	return headed(pageDictionary, 7, []int{values, int(Plain)}, content)
}

// headed gives a page with a header whose part, a field, has numbers from 1 on.
func headed(kind, part int, numbers []int, content string) string {
	var b []byte
	number := func(v int) { b = binary.AppendVarint(append(b, 0x15), int64(v)) } // the next field, an i32
	number(kind)
	number(len(content))
	number(len(content))
	b = binary.AppendVarint(append(b, 0x15), int64(int32(crc32.ChecksumIEEE([]byte(content)))))
	b = append(b, byte(part-4)<<4|thriftStruct)
	for _, n := range numbers {
		number(n)
	}
	return string(append(b, 0, 0)) + content
}

func free(int64) error { return nil }

// readAllOf reads a chunk of int32 in batches of 3.
func readAllOf(c Chunk) (values []int32, levels []uint8, err error) {
	c.Spend, c.Hold = free, free
	r := NewReader(c, Int32s, func(dst, src []int32) (int, error) {
		for i, v := range src {
			if v == 13 {
				return i, errors.New("13 is refused")
			}
			dst[i] = v
		}
		return 0, nil
	})
	def, rep, buf := make([]uint8, 3), make([]uint8, 3), make([]int32, 3)
	for {
		n, exist, err := r.Next(def, rep, buf)
		if err != nil || n == 0 {
			return values, levels, err
		}
		values, levels = append(values, buf[:exist]...), append(levels, def[:n]...)
	}
}

// little gives values as PLAIN has them.
func little(values ...int32) string {
	var b []byte
	for _, v := range values {
		b = binary.LittleEndian.AppendUint32(b, uint32(v))
	}
	return string(b)
}

func TestReader(t *testing.T) {
	index := "\x02" + "\x03\x1b\x00" // 2 bits: 8 packed numbers, 3 2 1 0 ...
	for name, test := range map[string]struct {
		chunk  Chunk
		values string
		levels string
	}{
		"two pages":        {Chunk{Data: []byte(page(2, Plain, little(1, 2)) + page(0, Plain, "") + page(2, Plain, little(3, -4))), Values: 4}, "[1 2 3 -4]", "[0 0 0 0]"},
		"what is behind":   {Chunk{Data: []byte(page(1, Plain, little(1, 2)) + "more"), Values: 1}, "[1]", "[0]"},
		"dictionary":       {Chunk{Data: []byte(dictionaryPage(4, little(7, 8, 9, 10)) + page(4, RLEDictionary, index)), Values: 4}, "[10 9 8 7]", "[0 0 0 0]"},
		"unused is no bad": {Chunk{Data: []byte(dictionaryPage(5, little(7, 8, 9, 10, 13)) + page(2, PlainDictionary, index)), Values: 2}, "[10 9]", "[0 0]"},
		"nulls":            {Chunk{Data: []byte(page(4, Plain, "\x04\x00\x00\x00\x02\x01\x06\x00"+little(5))), Values: 4, MaxDef: 1}, "[5]", "[1 0 0 0]"},
		"delta":            {Chunk{Data: []byte(page(5, DeltaBinaryPacked, "\x80\x01\x04\x05\x02\x02\x01\x00\x00\x00\x05\x00\x00\x00")), Values: 5}, "[1 3 4 6 7]", "[0 0 0 0 0]"},
		"split":            {Chunk{Data: []byte(page(2, ByteStreamSplit, "\x01\x02\x00\x01\x00\x00\x00\x00")), Values: 2}, "[1 258]", "[0 0]"},
		"nothing":          {Chunk{}, "[]", "[]"},
	} {
		values, levels, err := readAllOf(test.chunk)
		if err != nil || fmt.Sprint(values) != test.values || fmt.Sprint(levels) != test.levels {
			t.Errorf("%s: %v, %v, %v; want %s, %s", name, values, levels, err, test.values, test.levels)
		}
	}
}

func TestDamagedPages(t *testing.T) {
	flipped := []byte(page(1, Plain, little(1)))
	flipped[len(flipped)-1] ^= 1
	v2 := func(values, defSize int, content string) string {
		return headed(pageDataV2, 8, []int{values, 0, values, int(Plain), defSize, 0}, content)
	}
	dictionary := dictionaryPage(2, little(7, 13))
	for name, test := range map[string]struct {
		want   string
		data   string
		maxDef int
	}{
		"no pages":               {"hold 0 values where 4 were promised", "", 0},
		"only empty pages":       {"hold 0 values where 4 were promised", strings.Repeat(page(0, Plain, ""), 9), 0},
		"pages end early":        {"hold 2 values where 4 were promised", page(2, Plain, little(1, 2)), 0},
		"a page too full":        {"a page of 5 values where 4 are left", page(5, Plain, little(1, 2, 3, 4, 5)), 0},
		"a negative count":       {"header", page(-1, Plain, ""), 0},
		"values end early":       {"ends early", page(4, Plain, little(1, 2, 3)), 0},
		"levels end early":       {"ends early", page(4, Plain, "\x02\x00\x00\x00\x04\x01"+little(1, 2, 3, 4)), 1},
		"levels without runs":    {"ends early", page(4, Plain, "\x04\x00\x00\x00\x00\x00\x00\x00"+little(1, 2, 3, 4)), 1},
		"levels longer than all": {"ends early", page(4, Plain, "\xff\xff\xff\xff"), 1},
		"a level too high":       {"level 3 where 2 is the highest", page(4, Plain, "\x02\x00\x00\x00\x08\x03"), 2},
		"packed levels":          {"BIT_PACKED", headed(pageData, 5, []int{4, 0, int(BitPacked), int(BitPacked)}, "\x00"), 1},
		"levels of version 2":    {"header", v2(4, 99, "\x08\x01"), 1},
		"a run out of range":     {"does not fit into 1 bits", page(4, Plain, "\x02\x00\x00\x00\x08\x03"), 1},
		"no dictionary":          {"needs a dictionary", page(4, RLEDictionary, "\x01\x08\x00"), 0},
		"two dictionaries":       {"two dictionaries", dictionary + dictionary, 0},
		"an entry too far":       {"entry 3 of a dictionary of 2", dictionary + page(4, RLEDictionary, "\x02\x08\x03"), 0},
		"indices of 40 bits":     {"40 bits", dictionary + page(4, RLEDictionary, "\x28\x08\x03"), 0},
		"a bad entry":            {"13 is refused", dictionary + page(4, RLEDictionary, "\x01\x08\x01"), 0},
		"a bad value":            {"13 is refused", page(4, Plain, little(1, 2, 3, 13)), 0},
		"a short dictionary":     {"ends early", dictionaryPage(1000, little(1)), 0},
		"delta of no blocks":     {"blocks of 0", page(4, DeltaBinaryPacked, "\x00\x01\x04\x02"), 0},
		"delta of too many":      {"99 values in a page of 4", page(4, DeltaBinaryPacked, "\x80\x01\x04\x63\x02"), 0},
		"delta of 65 bits":       {"65 bits", page(4, DeltaBinaryPacked, "\x80\x01\x04\x04\x02\x02\x41\x00\x00\x00"), 0},
		"delta ends early":       {"ends early", page(4, DeltaBinaryPacked, "\x80\x01\x04\x04\x02\x02\x08\x00\x00\x00\x01"), 0},
		"an encoding of others":  {"stored as DELTA_BYTE_ARRAY", page(4, DeltaByteArray, "\x00"), 0},
		"an unknown encoding":    {"stored as encoding 77", page(4, 77, "\x00"), 0},
		"a wrong checksum":       {"checksum", string(flipped), 0},
		"a cut page":             {"a page of 8 bytes where 7 are left", page(2, Plain, little(1, 2))[:len(page(2, Plain, little(1, 2)))-1], 0},
	} {
		_, _, err := readAllOf(Chunk{Data: []byte(test.data), Values: 4, MaxDef: test.maxDef})
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, not %q", name, err, test.want)
		}
	}
}

// TestUnpack: no room is made for what a page only promises, and what it unpacks to is what was promised.
func TestUnpack(t *testing.T) {
	for _, codec := range []Codec{Snappy, Gzip, Zstd, LZ4Raw, Brotli, Uncompressed} {
		for _, size := range []int64{1, 1 << 28, MaxBytes + 1} {
			if out, err := codec.unpack(nil, []byte("no such thing"), size); err == nil {
				t.Errorf("codec %d: %d bytes", codec, len(out))
			}
		}
	}
	for codec, want := range map[Codec]string{3: "LZO", 5: "Hadoop's LZ4", 99: "codec 99"} {
		if _, err := codec.unpack(nil, []byte("x"), 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("codec %d: %v", codec, err)
		}
	}
	for _, codec := range []Codec{LZ4Frame, Zstd, Snappy} {
		for _, size := range []int64{1, 1 << 28, 1 << 40} {
			if out, err := codec.Unpack([]byte("no such thing"), size); err == nil {
				t.Errorf("codec %d: a buffer of %d bytes", codec, len(out))
			}
		}
	}
	refused := errors.New("enough")
	c := Chunk{Data: []byte(page(4, Plain, "")), Values: 4, Codec: Zstd, Spend: func(int64) error { return refused }}
	if _, _, err := NewReader(c, Int32s, func(dst, src []int32) (int, error) { return 0, nil }).Next(make([]uint8, 4), nil, make([]int32, 4)); !errors.Is(err, refused) {
		t.Errorf("spending is refused, but %v", err)
	}
}
