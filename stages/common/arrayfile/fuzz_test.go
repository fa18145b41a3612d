package arrayfile_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"spurion/stages/common/arrayfile"
)

const fuzzLimit = 1 << 20

// promises reads whatever is there and checks what Open and Read promise: an error is an *Error with a cause; values are as many as
// the shape says, and within the limit; some rows are those of the whole.
func promises(t *testing.T, data []byte, format arrayfile.Format) {
	if len(data) > 1<<16 {
		return
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f, err := arrayfile.Open(bytes.NewReader(data), int64(len(data)), arrayfile.Options{Format: format, Limit: fuzzLimit})
	runtime.ReadMemStats(&after)
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 8<<20+200*uint64(len(data)) {
		t.Errorf("opening %d bytes took %d bytes of memory", len(data), taken)
	}
	if err != nil {
		known(t, err)
		return
	}
	for i, e := range f.Entries {
		if i == 20 {
			break
		}
		all, err := f.Read(e.Name, nil)
		if err != nil {
			known(t, err)
			continue
		}
		per := 1
		for _, n := range all.Shape[min(1, len(all.Shape)):] {
			per *= n
		}
		n := all.Len()
		if n != all.Rows()*per || n*all.Type.Size() > fuzzLimit || valuesOf(all) != n {
			t.Fatalf("%v %v has %d values, %d by its slice", all.Type, all.Shape, n, valuesOf(all))
		}
		convert(t, all)
		if all.Rows() < 2 || n > 500 {
			continue
		}
		compareRows(t, f, e.Name, all)
	}
}

func known(t *testing.T, err error) {
	t.Helper()
	var e *arrayfile.Error
	if !errors.As(err, &e) || e.Err == nil || e.Summary == "" {
		t.Fatalf("an error without a cause: %#v", err)
	}
}

func valuesOf(a *arrayfile.Array) int {
	switch v := a.Values.(type) {
	case []uint8:
		return len(v)
	case []int8:
		return len(v)
	case []int16:
		return len(v)
	case []int32:
		return len(v)
	case []int64:
		return len(v)
	case []uint16:
		return len(v)
	case []uint32:
		return len(v)
	case []uint64:
		return len(v)
	case []float32:
		return len(v)
	case []float64:
		return len(v)
	case []string:
		return len(v)
	}
	return -1
}

// convert wants conversions to give as many values, or an *Error.
func convert(t *testing.T, a *arrayfile.Array) {
	floats, err := a.Float32()
	if err != nil {
		known(t, err)
	} else if len(floats) != a.Len() {
		t.Fatalf("%d floats of %d", len(floats), a.Len())
	}
	ints, err := a.Ints()
	if err != nil {
		known(t, err)
	} else if len(ints) != a.Len() {
		t.Fatalf("%d whole numbers of %d", len(ints), a.Len())
	}
	texts, err := a.Strings()
	if err != nil {
		known(t, err)
	} else if len(texts) != a.Len() {
		t.Fatalf("%d texts of %d", len(texts), a.Len())
	}
}

// fuzz seeds with the golden files of a pattern and with the faults of a format.
func fuzz(f *testing.F, pattern string, format arrayfile.Format) {
	files, err := filepath.Glob("testdata/" + pattern)
	if err != nil || len(files) == 0 {
		f.Fatal(pattern, err)
	}
	for _, name := range files {
		if strings.HasSuffix(name, "fuzz") { // the folder of what was found
			continue
		}
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, c := range faults() {
		f.Add(c.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { promises(t, data, format) })
}

// FuzzIDX reads IDX, packed or not.
func FuzzIDX(f *testing.F) { fuzz(f, "*idx*", arrayfile.IDX) }

// FuzzCIFAR10 reads records of one label.
func FuzzCIFAR10(f *testing.F) { fuzz(f, "cifar10.bin", arrayfile.CIFAR10) }

// FuzzCIFAR100 reads records of two labels.
func FuzzCIFAR100(f *testing.F) { fuzz(f, "cifar100.bin", arrayfile.CIFAR100) }

// FuzzNPY reads .npy, packed or not.
func FuzzNPY(f *testing.F) { fuzz(f, "*.npy*", arrayfile.NPY) }

// FuzzNPZ reads zip files of .npy.
func FuzzNPZ(f *testing.F) { fuzz(f, "*.npz", arrayfile.NPZ) }

// FuzzSafetensors reads safetensors.
func FuzzSafetensors(f *testing.F) { fuzz(f, "*.safetensors", arrayfile.Safetensors) }

// FuzzSniff reads what Sniff says it is.
func FuzzSniff(f *testing.F) { fuzz(f, "*", arrayfile.Unknown) }
