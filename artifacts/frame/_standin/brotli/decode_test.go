package brotli

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
)

// TestDecode reads what andybalholm's encoder wrote, at level 11, which leans on the dictionary.
func TestDecode(t *testing.T) {
	data, err := os.ReadFile("testdata/sentences.br")
	if err != nil {
		t.Fatal(err)
	}
	var want strings.Builder
	for i := range 400 {
		fmt.Fprintf(&want, "The government of the United States, international community number %d: ", i*i*7919%1000)
	}
	got, err := io.ReadAll(NewReader(bytes.NewReader(data)))
	if err != nil || string(got) != want.String() {
		t.Errorf("%d bytes, %v; want %d", len(got), err, want.Len())
	}
	for n := range data {
		if _, err := io.ReadAll(NewReader(bytes.NewReader(data[:n]))); err == nil {
			t.Errorf("the first %d of %d bytes are taken for a whole", n, len(data))
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	w := NewWriterLevel(io.Discard, DefaultCompression)
	if _, err := w.Write([]byte("x")); err == nil {
		t.Error("what is written goes nowhere, without an error")
	}
	if w.Close() == nil {
		t.Error("a file that nobody wrote is closed without an error")
	}
}
