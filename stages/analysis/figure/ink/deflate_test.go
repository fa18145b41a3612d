package ink

import (
	"bytes"
	"compress/zlib"
	"io"
	"testing"
)

// The standard library reads back what deflate writes, for every length and distance.
func TestDeflate(t *testing.T) {
	var long []byte
	state := uint32(1)
	for i := range 200000 {
		state = state*1664525 + 1013904223
		switch {
		case i%70000 < 40000:
			long = append(long, byte(state>>24)&3)
		default:
			long = append(long, byte(state>>24))
		}
	}
	cases := [][]byte{nil, {1}, []byte("abcd"), []byte("abcdabcd"), bytes.Repeat([]byte{0}, 100000), bytes.Repeat([]byte("abcde"), 9999), long}
	for n := 4; n <= 270; n++ { // every length of a match
		run := bytes.Repeat([]byte{7}, n)
		cases = append(cases, append(append([]byte("x"), run...), 'y'))
	}
	for d := 4; d <= 33000; d += 97 { // distances up to and beyond the window
		far := append([]byte("needle"), long[80000:80000+d]...)
		cases = append(cases, append(far, "needle"...))
	}
	for i, data := range cases {
		r, err := zlib.NewReader(bytes.NewReader(deflate(data)))
		if err != nil {
			t.Fatalf("case %d: %v", i, err)
		}
		got, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(got, data) {
			t.Fatalf("case %d: %d bytes come back as %d: %v", i, len(data), len(got), err)
		}
	}
	if n := len(deflate(make([]byte, 1<<20))); n > 10000 {
		t.Errorf("a million zeros take %d bytes", n)
	}
}

func FuzzDeflate(f *testing.F) {
	f.Add([]byte("to be or not to be, to be"))
	f.Add(bytes.Repeat([]byte{0, 1}, 300))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := zlib.NewReader(bytes.NewReader(deflate(data)))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%q comes back as %q: %v", data, got, err)
		}
	})
}
