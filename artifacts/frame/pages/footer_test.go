package pages

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
)

// file gives a Parquet file with nothing but the footer.
func file(footer string) []byte {
	b := append([]byte("PAR1"), footer...)
	return append(binary.LittleEndian.AppendUint32(b, uint32(len(footer))), "PAR1"...)
}

// schema gives a footer whose schema has elements of so many children each, which must be below 64.
func schema(children ...int) string {
	list := []byte{0x29, byte(len(children)<<4 | thriftStruct)} // field 2, a list
	if len(children) > 14 {
		list = binary.AppendUvarint([]byte{0x29, 0xf0 | thriftStruct}, uint64(len(children)))
	}
	for _, n := range children {
		list = append(list, 0x48, 1, 'c', 0x15, byte(2*n), 0) // fields 4, the name, and 5
	}
	return string(append(list, 0))
}

func TestReadFooter(t *testing.T) {
	nested := func(depth int) []int {
		list := bytes.Repeat([]byte{1}, depth)
		out := make([]int, depth, depth+1)
		for i := range list {
			out[i] = 1
		}
		return append(out, 0)
	}
	for name, footer := range map[string]string{
		"no columns": schema(0), "a column": schema(1, 0), "a struct": schema(2, 2, 0, 0, 0), "deep": schema(nested(maxDepth)...),
		"no schema":     "\x00",
		"other members": "\x15\x02\x18\x03abc\x19\x38\x01a\x01b\x01c\x1b\x01\x85\x01k\x02\x11\x12\x1c\x15\x02\x00\x00",
	} {
		if _, err := ReadFooter(file(footer)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, test := range map[string]struct{ footer, want string }{
		"too many children":   {schema(60, 0), "no tree"},
		"two trees":           {schema(0, 0), "no tree"},
		"a child is missing":  {schema(2, 0), "no tree"},
		"negative":            {strings.Replace(schema(1, 0), "\x02", "\x03", 1), "no tree"},
		"too deep":            {schema(nested(maxDepth + 1)...), "deep in each other"},
		"a list without end":  {"\x29\xfc\xff\xff\xff\xff\x0f", "cannot be read"},
		"a text without end":  {"\x18\xff\xff\xff\xff\x0f", "cannot be read"},
		"a map without end":   {"\x1b\xff\xff\xff\xff\x0f\x88", "cannot be read"},
		"structs without end": {strings.Repeat("\x1c", 100), "cannot be read"},
		"lists without end":   {strings.Repeat("\x19", 2) + strings.Repeat("\x19", 100), "cannot be read"},
		"cut off":             {"\x15", "cannot be read"},
		"an unknown type":     {"\x1e\x00", "cannot be read"},
	} {
		if _, err := ReadFooter(file(test.footer)); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, not %q", name, err, test.want)
		}
	}
	for want, data := range map[string]string{
		"does not end with PAR1": "PAR1 and more",
		"encrypted":              "PAR1" + strings.Repeat("\x00", 8) + "PARE",
		"cannot be read":         "PAR1\xff\xff\xff\xffPAR1",
	} {
		if _, err := ReadFooter([]byte(data)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, not %q", data, err, want)
		}
	}
}
