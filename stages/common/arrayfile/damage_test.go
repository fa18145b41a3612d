package arrayfile_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"spurion/stages/common/arrayfile"
)

// npyBytes writes a .npy file of version 1 with a header as given.
func npyBytes(header string, values []byte) []byte {
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	return append(append(b, header...), values...)
}

func npyOf(descr, shape string, values []byte) []byte {
	return npyBytes("{'descr': '"+descr+"', 'fortran_order': False, 'shape': "+shape+", }\n", values)
}

func packed(b []byte) []byte {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	_, _ = w.Write(b)
	_ = w.Close()
	return buf.Bytes()
}

type member struct {
	name string
	data []byte
}

func npzBytes(method uint16, members ...member) []byte {
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for _, m := range members {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Method: method})
		if err != nil {
			panic(err)
		}
		_, _ = w.Write(m.data)
	}
	_ = z.Close()
	return buf.Bytes()
}

func tensors(header string, values []byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), values...)
}

func idxBytes(typ byte, values []byte, shape ...uint32) []byte {
	b := []byte{0, 0, typ, byte(len(shape))}
	for _, n := range shape {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return append(b, values...)
}

func cifarBytes(labels ...byte) []byte {
	var b []byte
	for _, l := range labels {
		b = append(append(b, l), make([]byte, 3072)...)
	}
	return b
}

func flip(b []byte, at int) []byte {
	b = bytes.Clone(b)
	b[at] ^= 0x55
	return b
}

func golden(name string) []byte {
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		panic(err)
	}
	return b
}

// A fault is a file that is wrong, and what an error has to say of it: its cause, where, and words of the advice.
type fault struct {
	name   string
	data   []byte
	format arrayfile.Format // asked for; "" to find out
	entry  string
	cause  error
	at     int64 // -1: of no byte; -2: not compared
	words  string
}

func faults() []fault {
	return []fault{
		{"nothing", nil, "", "", arrayfile.ErrFormat, -1, "an empty file"},
		{"a PNG called IDX", []byte("\x89PNG\r\n\x1a\n and so on"), arrayfile.IDX, "", arrayfile.ErrFormat, -1, "a PNG picture, not IDX"},
		{"a PNG", []byte("\x89PNG\r\n\x1a\n and so on"), "", "", arrayfile.ErrFormat, -1, "a PNG picture. Give an array file (idx, "},
		{"a packed JPEG", packed([]byte("\xff\xd8\xff\xe0")), arrayfile.NPY, "", arrayfile.ErrFormat, -1, "a JPEG picture, packed by gzip, not .npy"},
		{"a pickle", []byte("\x80\x02}q\x01(U\x0bbatch_label"), arrayfile.CIFAR10, "", arrayfile.ErrFormat, -1, "can run any code"},
		{"a pointer", []byte("version https://git-lfs.github.com/spec/v1\noid sha256:00"), arrayfile.NPZ, "", arrayfile.ErrFormat, -1, "git lfs pull"},
		{"torch.save", npzBytes(zip.Store, member{"archive/data.pkl", []byte("x")}), arrayfile.NPZ, "", arrayfile.ErrFormat, -1, "safetensors.torch.save_file"},
		{"bytes", []byte{1, 2, 3}, "", "", arrayfile.ErrFormat, -1, "no known format"},
		{"no format", []byte{1, 2, 3}, "mnist", "", arrayfile.ErrFormat, -1, "Choose one of idx, cifar10"},
		{"a broken gzip", packed(golden("int8.idx"))[:9], "", "", arrayfile.ErrFormat, -1, "a damaged gzip file"},

		{"IDX without zeros", []byte{1, 0, 8, 1, 0, 0, 0, 1, 7}, arrayfile.IDX, "", arrayfile.ErrFormat, 0, "two zeros"},
		{"IDX of no type", idxBytes(7, []byte{7}, 1), arrayfile.IDX, "", arrayfile.ErrFormat, 2, "0x07"},
		{"IDX without dimensions", idxBytes(8, nil), arrayfile.IDX, "", arrayfile.ErrFormat, 3, "no dimensions"},
		{"IDX of a mark", []byte{0, 0}, arrayfile.IDX, "", arrayfile.ErrTruncated, 2, "the mark of IDX"},
		{"IDX without lengths", idxBytes(8, nil, 2, 3)[:9], arrayfile.IDX, "", arrayfile.ErrTruncated, 9, "the lengths of its 2 dimensions"},
		{"IDX cut short", golden("uint8.idx")[:30], "", "", arrayfile.ErrTruncated, 16, "4 x 3 x 2 values of 1 bytes, 24 bytes; 14 follow"},
		{"IDX with more", append(golden("uint8.idx"), 1, 2), "", "", arrayfile.ErrFormat, 40, "2 bytes follow the last value"},
		{"IDX of 2^64 values", idxBytes(8, []byte{1}, 1<<31, 1<<31, 4), "", "", arrayfile.ErrFormat, -1, "more than any file has"},
		{"IDX of 2^40 values", idxBytes(8, []byte{1}, 1<<20, 1<<20), "", "", arrayfile.ErrTruncated, 12, "the header promises"},
		{"IDX of empty rows", idxBytes(8, nil, 1<<31, 0), "", "", arrayfile.ErrUnsupported, -1, "rows without values"},
		{"packed IDX of 2^40 values", packed(idxBytes(8, []byte{1}, 1<<20, 1<<20)), "", "", arrayfile.ErrLimit, -1, "1099511627776 bytes, more than the limit"},
		{"packed IDX cut short", packed(golden("uint8.idx")[:30]), "", "", arrayfile.ErrTruncated, 30, "the file ends in the values"},
		{"packed IDX with more", packed(append(golden("uint8.idx"), 1)), "", "", arrayfile.ErrFormat, 40, "bytes follow the last value"},
		{"gzip cut short", golden("labels-idx1-ubyte.gz")[:200], "", "", arrayfile.ErrTruncated, -2, "the file was cut short"},
		{"gzip without its sum", golden("labels-idx1-ubyte.gz")[:300], "", "", arrayfile.ErrTruncated, 708, "its checksum"},
		{"gzip with another sum", flip(golden("labels-idx1-ubyte.gz"), 298), "", "", arrayfile.ErrFormat, 708, "invalid checksum"},
		{"gzip and something else", append(golden("labels-idx1-ubyte.gz"), "more"...), "", "", arrayfile.ErrTruncated, 708, "its checksum"},

		{"CIFAR cut short", golden("cifar10.bin")[:9000], arrayfile.CIFAR10, "", arrayfile.ErrFormat, -1, "no multiple of the 3073"},
		{"CIFAR-100 as CIFAR-10", golden("cifar100.bin"), arrayfile.CIFAR10, "", arrayfile.ErrFormat, -1, "It looks like cifar100"},
		{"CIFAR-10 as CIFAR-100", golden("cifar10.bin"), arrayfile.CIFAR100, "", arrayfile.ErrFormat, -1, "It looks like cifar10"},
		{"CIFAR with a label of 10", cifarBytes(9, 0, 10), arrayfile.CIFAR10, "labels", arrayfile.ErrFormat, 6146, "row 2: the label is 10"},
		{"CIFAR packed", packed(golden("cifar10.bin")), arrayfile.CIFAR10, "", arrayfile.ErrFormat, 0, "gzip -d"},

		{"npy of a mark", []byte("\x93NUMPY"), "", "", arrayfile.ErrTruncated, 6, "the mark and version"},
		{"npy without a mark", make([]byte, 100), arrayfile.NPY, "", arrayfile.ErrFormat, 0, "NUMPY"},
		{"npy of version 4", []byte("\x93NUMPY\x04\x00\x00\x00\x00\x00"), "", "", arrayfile.ErrUnsupported, 6, "version 4.0"},
		{"npy without a header", []byte("\x93NUMPY\x01\x00\x76"), "", "", arrayfile.ErrTruncated, 9, "the length of the header"},
		{"npy with half a header", golden("version1.npy")[:50], "", "", arrayfile.ErrTruncated, 10, "the header has 118 bytes; 40 follow"},
		{"npy with a header of 2 GB", append([]byte("\x93NUMPY\x02\x00\x00\x00\x00\x80"), make([]byte, 20)...), "", "", arrayfile.ErrTruncated, 12, "2147483648 bytes; 20 follow"},
		{"packed npy with a header of 2 GB", packed(append([]byte("\x93NUMPY\x02\x00\x00\x00\x00\x80"), make([]byte, 20)...)), "", "", arrayfile.ErrUnsupported, 8, "at most 1048576 are read"},
		{"npy cut short", golden("version1.npy")[:200], "", "", arrayfile.ErrTruncated, 128, "5 x 7 values of 4 bytes, 140 bytes; 72 follow"},
		{"two arrays in a npy", append(golden("version1.npy"), golden("version1.npy")...), "", "", arrayfile.ErrFormat, 268, "write one array in a file, or an .npz"},
		{"packed npy that promises 512 MiB", packed(npyOf("<f4", "(134217728,)", make([]byte, 8))), "", "", arrayfile.ErrTruncated, 84, "the file ends in the values"},
		{"packed text that promises 512 MiB", packed(npyOf("<U4", "(33554432,)", make([]byte, 16))), "", "", arrayfile.ErrTruncated, -2, "the file ends in the values"},
		{"npz that promises 512 MiB", npzBytes(zip.Deflate, member{"a.npy", npyOf("<f4", "(134217728,)", make([]byte, 8))}), "", "a", arrayfile.ErrTruncated, 84, "the file ends in the values"},
		{"npy of 2^60 values", npyOf("<f4", "(1152921504606846976,)", nil), "", "", arrayfile.ErrFormat, 61, "from 0 to 2^56"},
		{"npy of 2^80 values", npyOf("<f4", "(1099511627776, 1099511627776)", nil), "", "", arrayfile.ErrFormat, -1, "more than any file has"},
		{"npy of 2^50 values", npyOf("<f4", "(1125899906842624,)", nil), "", "", arrayfile.ErrTruncated, -2, "4503599627370496 bytes; 0 follow"},
		{"npy of empty texts", npyOf("<U0", "(1000000000,)", nil), "", "", arrayfile.ErrUnsupported, -1, "the element type is <U0"},
		{"npy of wide texts", npyOf("<U536870911", "(72057594037927936,)", nil), "", "", arrayfile.ErrFormat, -1, "more than any file has"},
		{"npy of no type", npyOf("<q3", "(1,)", nil), "", "", arrayfile.ErrUnsupported, -1, "Write it as bool, int8"},
		{"npy of no letter", npyOf("<", "(1,)", nil), "", "", arrayfile.ErrUnsupported, -1, "Write it as bool, int8"},
		{"npy of objects", npyOf("|O", "(1,)", []byte("\x80\x02.")), "", "", arrayfile.ErrUnsupported, -1, "allow_pickle=False"},
		{"npy without a shape", npyBytes("{'descr': '<f4', 'fortran_order': False}", nil), "", "", arrayfile.ErrFormat, 50, "the key shape is missing"},
		{"npy with another key", npyBytes("{'descr': '<f4', 'more': 1}", nil), "", "", arrayfile.ErrFormat, 27, `a key "more"`},
		{"npy with a key twice", npyBytes("{'descr': '<f4', 'descr': '<f4'}", nil), "", "", arrayfile.ErrFormat, 27, "comes twice"},
		{"npy with a negative length", npyOf("<f4", "(-1,)", nil), "", "", arrayfile.ErrFormat, 61, "no whole number"},
		{"npy with a number for a shape", npyOf("<f4", "(3)", nil), "", "", arrayfile.ErrFormat, 63, "no tuple"},
		{"npy with an open shape", npyOf("<f4", "(3, 4", nil), "", "", arrayfile.ErrFormat, -2, "no whole number"},
		{"npy with a maybe", npyBytes("{'fortran_order': None}", nil), "", "", arrayfile.ErrFormat, 28, "True or False"},
		{"npy with a call", npyBytes("__import__('os')", nil), "", "", arrayfile.ErrFormat, 10, "'{' is missing"},
		{"npy with two dictionaries", npyBytes("{'descr': '<f4', 'fortran_order': False, 'shape': ()}{}", nil), "", "", arrayfile.ErrFormat, 63, "goes on"},
		{"npy with an open type", npyBytes("{'descr': [('a', '<f4'", nil), "", "", arrayfile.ErrFormat, 32, "no end"},
		{"npy with 65 dimensions", npyOf("<f4", "("+strings.Repeat("1,", 65)+")", nil), "", "", arrayfile.ErrFormat, -2, "more than 64 dimensions"},
		{"npy with a bool of 2", npyOf("|b1", "(3,)", []byte{0, 1, 2}), "", "", arrayfile.ErrValue, -1, "row 2: the byte is 2"},
		{"npy with no letter", npyOf("<U1", "(2,)", []byte{65, 0, 0, 0, 0, 0, 0x11, 0}), "", "", arrayfile.ErrValue, -2, "row 1: 0x110000 is no character"},
		{"npy with Latin letters", npyOf("|S1", "(2,)", []byte{65, 0xe4}), "", "", arrayfile.ErrValue, -2, "x.astype(\"U\")"},

		{"npz cut short", golden("stored.npz")[:9000], "", "", arrayfile.ErrTruncated, -1, "the list of members"},
		{"a zip of a picture", npzBytes(zip.Store, member{"a.png", nil}), arrayfile.NPZ, "", arrayfile.ErrFormat, -1, "no member's name ends in .npy"},
		{"npz with a name twice", npzBytes(zip.Store, member{"a.npy", golden("version1.npy")}, member{"a.npy", golden("version1.npy")}), "", "a", arrayfile.ErrFormat, -1, "two members"},
		{"npz with half a member", npzBytes(zip.Store, member{"a.npy", golden("version1.npy")[:200]}), "", "a", arrayfile.ErrTruncated, 128, "72 follow"},
		{"npz with half a deflated member", npzBytes(zip.Deflate, member{"a.npy", golden("version1.npy")[:200]}), "", "a", arrayfile.ErrTruncated, 200, "the values"},
		{"npz with more in a member", npzBytes(zip.Deflate, member{"a.npy", append(golden("version1.npy"), 0)}), "", "a", arrayfile.ErrFormat, 268, "follow the last value"},
		{"npz with another byte", flip(npzBytes(zip.Store, member{"a.npy", golden("version1.npy")}), 200), "", "a", arrayfile.ErrFormat, 268, "checksum"},
		{"npz that promises", npzBytes(zip.Deflate, member{"a.npy", npyOf("<f4", "(1099511627776,)", nil)}), "", "a", arrayfile.ErrLimit, -1, "more than the limit"},

		{"safetensors of a length", []byte{1, 2, 3}, arrayfile.Safetensors, "", arrayfile.ErrTruncated, 3, "the length of the header"},
		{"safetensors with a long header", append([]byte{0, 0, 0, 0, 0, 0, 0, 1}, '{'), arrayfile.Safetensors, "", arrayfile.ErrFormat, 0, "the format allows 100000000"},
		{"safetensors with half a header", golden("types.safetensors")[:100], "", "", arrayfile.ErrTruncated, 8, "92 follow"},
		{"safetensors of no JSON", tensors("{...", nil), "", "", arrayfile.ErrFormat, 8, "no JSON object"},
		{"safetensors of two objects", tensors("{} {}", nil), "", "", arrayfile.ErrFormat, 8, "goes on"},
		{"safetensors of bytes", tensors("{\"\xff\":1}", nil), "", "", arrayfile.ErrFormat, 8, "UTF-8"},
		{"safetensors of a number", tensors(`{"a":1}`, nil), "", "a", arrayfile.ErrFormat, 8, "no JSON object"},
		{"safetensors without a type", tensors(`{"a":{"shape":[1],"data_offsets":[0,1]}}`, []byte{1}), "", "a", arrayfile.ErrFormat, 8, "no dtype"},
		{"safetensors with another case", tensors(`{"a":{"DType":"U8","shape":[1],"data_offsets":[0,1]}}`, []byte{1}), "", "a", arrayfile.ErrFormat, 8, "no dtype"},
		{"safetensors with a negative length", tensors(`{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, []byte{1}), "", "a", arrayfile.ErrFormat, 8, "shape"},
		{"safetensors with a missing length", tensors(`{"a":{"dtype":"U8","shape":[null],"data_offsets":[0,0]}}`, nil), "", "a", arrayfile.ErrFormat, 8, "shape"},
		{"safetensors of 2^80 values", tensors(`{"a":{"dtype":"U8","shape":[1099511627776,1099511627776],"data_offsets":[0,1]}}`, []byte{1}), "", "a", arrayfile.ErrFormat, -1, "more than any file"},
		{"safetensors without an end", tensors(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}`, []byte{1}), "", "a", arrayfile.ErrFormat, 8, "data_offsets"},
		{"safetensors backwards", tensors(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, []byte{1}), "", "a", arrayfile.ErrFormat, 8, "data_offsets"},
		{"safetensors of another size", tensors(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, make([]byte, 4)), "", "a", arrayfile.ErrFormat, 8, "2 values of F32 are 8 bytes"},
		{"safetensors cut short", golden("types.safetensors")[:1600], "", "int8", arrayfile.ErrTruncated, 8, "of the data, which has"},
		{"safetensors with more", append(golden("types.safetensors"), 1), "", "", arrayfile.ErrFormat, -1, "1 bytes behind the last tensor"},
		{"safetensors that overlap", tensors(`{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}`, make([]byte, 3)), "", "b", arrayfile.ErrFormat, 8, "before those of another tensor end"},
		{"safetensors with a gap", tensors(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, make([]byte, 3)), "", "b", arrayfile.ErrFormat, 8, "belong to no tensor"},
		{"safetensors with a name twice", tensors(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, make([]byte, 2)), "", "", arrayfile.ErrFormat, 8, `"a" comes twice`},
		{"safetensors with numbers said of it", tensors(`{"__metadata__":{"n":1}}`, nil), "", "__metadata__", arrayfile.ErrFormat, 8, "no text"},
		{"safetensors of empty rows", tensors(`{"a":{"dtype":"U8","shape":[1000000000,0],"data_offsets":[0,0]}}`, nil), "", "a", arrayfile.ErrUnsupported, -1, "rows without values"},
	}
}

// readAll opens a file and reads all of it, up to the first fault.
func readAll(data []byte, options arrayfile.Options) error {
	f, err := arrayfile.Open(bytes.NewReader(data), int64(len(data)), options)
	if err != nil {
		return err
	}
	for _, e := range f.Entries {
		if _, err := f.Read(e.Name, nil); err != nil {
			return err
		}
	}
	return nil
}

// TestFaults: each fault is an Error with its cause, its place and what to do, and takes little memory, whatever is promised.
func TestFaults(t *testing.T) {
	for _, c := range faults() {
		t.Run(c.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := readAll(c.data, arrayfile.Options{Format: c.format, Limit: plenty})
			runtime.ReadMemStats(&after)
			var e *arrayfile.Error
			if !errors.As(err, &e) || !errors.Is(err, c.cause) {
				t.Fatalf("the error is %v, want one because of %q", err, c.cause)
			}
			if c.at != -2 && e.Offset != c.at || e.Entry != c.entry || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower(c.words)) {
				t.Errorf("%v\n(byte %d, entry %q), want byte %d, entry %q, %q", err, e.Offset, e.Entry, c.at, c.entry, c.words)
			}
			if e.Remedy == "" && c.format != arrayfile.IDX && c.cause != arrayfile.ErrFormat {
				t.Errorf("%v: there is no advice", err)
			}
			if taken := after.TotalAlloc - before.TotalAlloc; taken > 4<<20 {
				t.Errorf("a file of %d bytes took %d bytes of memory", len(c.data), taken)
			}
		})
	}
}

// TestCutAnywhere: no golden file is read when it ends early, wherever that is, or goes on behind its end.
func TestCutAnywhere(t *testing.T) {
	for name, want := range expected(t, "testdata/expected.json") {
		whole := golden(name)
		options := arrayfile.Options{Format: want.Format, Limit: plenty}
		step := max(1, len(whole)/200)
		for n := 0; n < len(whole); n += step {
			if err := readAll(whole[:n], options); err == nil && n%3073 != 0 && n%3074 != 0 { // whole records of CIFAR
				t.Errorf("%s: %d bytes of %d are read without an error", name, n, len(whole))
			}
		}
		for _, n := range []int{1, 11} {
			if err := readAll(append(bytes.Clone(whole), make([]byte, n)...), options); err == nil && want.Format != arrayfile.NPZ { // what follows a zip file is its comment
				t.Errorf("%s: is read with %d bytes behind its end", name, n)
			}
		}
	}
}

// A broken disk fails at an offset.
type broken struct {
	data []byte
	from int64
	err  error
}

func (b broken) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) > b.from {
		n := copy(p, b.data[min(offset, b.from):b.from])
		return n, b.err
	}
	return bytes.NewReader(b.data).ReadAt(p, offset)
}

// TestReaderFails: what the reader says is wrong is told as it is, and never taken for damage; a file that
// has become shorter is told as that.
func TestReaderFails(t *testing.T) {
	failure := errors.New("the disk is gone")
	for name, want := range expected(t, "testdata/expected.json") {
		whole := golden(name)
		for from := int64(0); from < int64(len(whole)); from += int64(max(1, len(whole)/40)) {
			for _, given := range []error{failure, io.EOF} {
				f, err := arrayfile.Open(broken{whole, from, given}, int64(len(whole)), arrayfile.Options{Format: want.Format, Limit: plenty})
				failed := err != nil
				for i := 0; !failed && i < len(f.Entries); i++ {
					_, err = f.Read(f.Entries[i].Name, nil)
					failed = err != nil && f.Entries[i].Err == nil
				}
				if !failed && len(f.Entries) > 0 {
					t.Errorf("%s: is read without byte %d", name, from)
				}
				if failed && given == failure && !errors.Is(err, failure) {
					t.Errorf("%s: without byte %d the error is %v", name, from, err)
				}
				if failed && given == io.EOF && !strings.Contains(err.Error(), "when it was opened") {
					t.Errorf("%s: shorter than its size, by what is behind %d, the error is %v", name, from, err)
				}
			}
		}
	}
}

// TestLimit: an array that takes as much as the limit is read, one that takes more is not; of some rows, only they count.
func TestLimit(t *testing.T) {
	for _, c := range []struct {
		file, entry string
		bytes       int64
	}{
		{"version1.npy", "", 5 * 7 * 4}, {"packed.npy.gz", "", 300 * 4 * 4}, {"deflated.npz", "float64", 96}, {"deflated.npz", "float64_fortran", 2 * 96},
		{"stored.npz", "float64_fortran", 96}, {"cifar10.bin", "images", 3 * 3072},
		{"stored.npz", "words", 6*16 + int64(len("WasservogelLandvogel鳥🦆 duck"))},
		{"stored.npz", "words_fortran", 2*6*16 + int64(len("WasservogelLandvogel鳥🦆 duck"))},
	} {
		for limit, want := range map[int64]error{c.bytes: nil, c.bytes - 1: arrayfile.ErrLimit, 0: arrayfile.ErrLimit, -1: arrayfile.ErrLimit} {
			f := open(t, "testdata/"+c.file, arrayfile.Options{Limit: limit})
			if _, err := f.Read(c.entry, nil); !errors.Is(err, want) {
				t.Errorf("%s %s with a limit of %d: %v", c.file, c.entry, limit, err)
			}
		}
	}
	f := open(t, "testdata/packed.npy.gz", arrayfile.Options{Limit: 32})
	if _, err := f.Read("", []int{7, 299}); err != nil {
		t.Error(err)
	}
	if _, err := f.Read("", []int{7, 8, 9}); !errors.Is(err, arrayfile.ErrLimit) {
		t.Errorf("three rows: %v", err)
	}
	if err := readAll(golden("types.safetensors"), arrayfile.Options{Limit: 100}); !errors.Is(err, arrayfile.ErrLimit) {
		t.Errorf("a header over the limit: %v", err)
	}
}

// TestBombs: files that unpack to a thousand times their size take memory for what is asked, up to the limit.
func TestBombs(t *testing.T) {
	const n = 16 << 20
	zeros := npyOf("|u1", fmt.Sprintf("(%d, 1024)", n/1024), make([]byte, n))
	for name, data := range map[string][]byte{"gzip": packed(zeros), "zip": npzBytes(zip.Deflate, member{"a.npy", zeros})} {
		f, err := arrayfile.Open(bytes.NewReader(data), int64(len(data)), arrayfile.Options{Limit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := f.Read(f.Entries[0].Name, nil); !errors.Is(err, arrayfile.ErrLimit) {
			t.Errorf("%s: %v", name, err)
		}
		if a := read(t, f, f.Entries[0].Name, []int{5, 16000}); a.Len() != 2048 {
			t.Errorf("%s: %d values", name, a.Len())
		}
		runtime.ReadMemStats(&after)
		if taken := after.TotalAlloc - before.TotalAlloc; taken > 4<<20 {
			t.Errorf("%s: two rows took %d bytes of memory", name, taken)
		}
	}
}

// TestOneCopy: a large array takes the memory of its values and little more, in whatever order they lie.
func TestOneCopy(t *testing.T) {
	const rows, width = 4096, 1024 // 16 MiB
	values := make([]byte, rows*width*4)
	for i := range rows * width {
		binary.LittleEndian.PutUint32(values[4*i:], uint32(i)*2654435761>>9) // hard to compress, as measured numbers are
	}
	for name, data := range map[string][]byte{
		"npy":         npyOf("<f4", fmt.Sprintf("(%d, %d)", rows, width), values),
		"big":         npyOf(">f4", fmt.Sprintf("(%d, %d)", rows, width), values),
		"stored":      npzBytes(zip.Store, member{"a.npy", npyOf("<f4", fmt.Sprintf("(%d, %d)", rows, width), values)}),
		"deflated":    npzBytes(zip.Deflate, member{"a.npy", npyOf("<f4", fmt.Sprintf("(%d, %d)", rows, width), values)}),
		"safetensors": tensors(fmt.Sprintf(`{"a":{"dtype":"F32","shape":[%d,%d],"data_offsets":[0,%d]}}`, rows, width, len(values)), values),
		"fortran":     npyBytes(fmt.Sprintf("{'descr': '<f4', 'fortran_order': True, 'shape': (%d, %d), }\n", rows, width), values),
	} {
		f, err := arrayfile.Open(bytes.NewReader(data), int64(len(data)), arrayfile.Options{Limit: plenty})
		if err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		a := read(t, f, f.Entries[0].Name, nil)
		runtime.ReadMemStats(&after)
		extra := int64(after.TotalAlloc-before.TotalAlloc) - int64(len(values))
		if most := map[bool]int64{false: 1 << 20, true: 9 << 20}[name == "fortran"]; extra > most || extra < 0 {
			t.Errorf("%s: %d bytes of values took %d more", name, len(values), extra)
		}
		if v, err := a.Float32(); name == "npy" && (err != nil || &v[0] != &a.Values.([]float32)[0]) {
			t.Errorf("Float32 of float32 copies: %v", err)
		}
	}
}
