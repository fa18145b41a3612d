package arrayfile_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spurion/stages/common/arrayfile"
)

const plenty = 1 << 30

// What testdata/expected.json says of a file.
type goldenFile struct {
	Format   arrayfile.Format
	Metadata map[string]string
	Entries  []goldenEntry
}

type goldenEntry struct {
	Name, Type, Refused, SHA256 string
	Shape                       []int
	Values                      []any
}

func expected(t testing.TB, path string) map[string]goldenFile {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var golden map[string]goldenFile
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	return golden
}

func open(t testing.TB, path string, options arrayfile.Options) *arrayfile.File {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := arrayfile.Open(bytes.NewReader(data), int64(len(data)), options)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return f
}

func read(t testing.TB, f *arrayfile.File, name string, rows []int) *arrayfile.Array {
	t.Helper()
	a, err := f.Read(name, rows)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestGolden: what numpy, safetensors and, for IDX and CIFAR, a few lines of Python wrote is read as they say.
func TestGolden(t *testing.T) {
	for file, want := range expected(t, "testdata/expected.json") {
		t.Run(file, func(t *testing.T) {
			compare(t, open(t, filepath.Join("testdata", file), arrayfile.Options{Limit: plenty}), want)
			compare(t, open(t, filepath.Join("testdata", file), arrayfile.Options{Limit: plenty, Format: want.Format}), want)
		})
	}
}

func compare(t *testing.T, f *arrayfile.File, want goldenFile) {
	if f.Format != want.Format || len(f.Entries) != len(want.Entries) || len(f.Metadata) != len(want.Metadata) {
		t.Fatalf("%s with %d entries and metadata %v, want %s with %d and %v", f.Format, len(f.Entries), f.Metadata, want.Format, len(want.Entries), want.Metadata)
	}
	for key, value := range want.Metadata {
		if f.Metadata[key] != value {
			t.Errorf("metadata %s is %q, want %q", key, f.Metadata[key], value)
		}
	}
	for _, w := range want.Entries {
		e, err := f.Entry(w.Name)
		if err != nil {
			t.Error(err)
			continue
		}
		a, err := f.Read(w.Name, nil)
		if w.Refused != "" {
			if err == nil || e.Err == nil || !strings.Contains(err.Error(), w.Refused) || !strings.Contains(err.Error(), w.Name) {
				t.Errorf("%s: read with the error %v, want one that advises %q", w.Name, err, w.Refused)
			}
			continue
		}
		if err != nil {
			t.Error(err)
			continue
		}
		if a.Type.String() != w.Type || e.Type != a.Type || !slices.Equal(a.Shape, w.Shape) || !slices.Equal(e.Shape, w.Shape) {
			t.Errorf("%s: %v %v, as entry %v %v, want %s %v", w.Name, a.Type, a.Shape, e.Type, e.Shape, w.Type, w.Shape)
			continue
		}
		if w.SHA256 != "" {
			raw, _ := a.Bytes()
			if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != w.SHA256 {
				t.Errorf("%s: other bytes", w.Name)
			}
			continue
		}
		compareValues(t, w.Name, a, w.Values)
		compareRows(t, f, w.Name, a)
	}
}

// compareValues goes by each value: of floats the bits, so that -0 is not 0.
func compareValues(t *testing.T, name string, a *arrayfile.Array, want []any) {
	t.Helper()
	n := a.Len()
	if n != len(want) {
		t.Errorf("%s: %d values, want %d", name, n, len(want))
		return
	}
	for i := range n {
		if got := written(a, i); got != valueText(want[i], a.Type) {
			t.Errorf("%s: %s is %s, want %v", name, a.Place(i), got, want[i])
			return
		}
	}
}

// valueText gives a value of expected.json as written gives it.
func valueText(v any, t arrayfile.Type) string {
	text, ok := v.(string)
	if !ok {
		return strconv.FormatFloat(v.(float64), 'f', -1, 64)
	}
	switch t {
	case arrayfile.Float16, arrayfile.BFloat16, arrayfile.Float32, arrayfile.Float64:
		x, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return err.Error()
		}
		return floatText(x)
	}
	return text
}

func floatText(x float64) string {
	if x != x {
		return "nan"
	}
	return strconv.FormatUint(math.Float64bits(x), 16)
}

// written gives value i as text, by its own way from the bits.
func written(a *arrayfile.Array, i int) string {
	switch v := a.Values.(type) {
	case []string:
		return v[i]
	case []float32:
		return floatText(float64(v[i]))
	case []float64:
		return floatText(v[i])
	case []int8:
		return strconv.Itoa(int(v[i]))
	case []int16:
		return strconv.Itoa(int(v[i]))
	case []int32:
		return strconv.Itoa(int(v[i]))
	case []int64:
		return strconv.Itoa(int(v[i]))
	case []uint8:
		return strconv.Itoa(int(v[i]))
	case []uint32:
		return strconv.Itoa(int(v[i]))
	case []uint64:
		return strconv.FormatUint(v[i], 10)
	case []uint16:
		switch a.Type {
		case arrayfile.Float16:
			return floatText(halfValue(v[i]))
		case arrayfile.BFloat16:
			return floatText(float64(math.Float32frombits(uint32(v[i]) << 16)))
		}
		return strconv.Itoa(int(v[i]))
	}
	return "?"
}

// halfValue is a binary16 by its definition: sign, 2^(e-15) and 1.fraction, in float64.
func halfValue(h uint16) float64 {
	sign, e, fraction := 1-2*float64(h>>15), int(h>>10&31), float64(h&1023)/1024
	switch e {
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return math.Inf(int(sign))
	case 0:
		return math.Copysign(math.Ldexp(fraction, -14), sign)
	}
	return sign * math.Ldexp(1+fraction, e-15)
}

// compareRows reads some rows alone: they are those of the whole array, and are called by their numbers in the file.
func compareRows(t *testing.T, f *arrayfile.File, name string, all *arrayfile.Array) {
	t.Helper()
	per := all.RowLen()
	for _, rows := range [][]int{{}, {0}, {all.Rows() - 1}, {1, 2}, {0, 2}} {
		if len(rows) > 0 && (rows[0] < 0 || rows[len(rows)-1] >= all.Rows()) {
			continue
		}
		some, err := f.Read(name, rows)
		if err != nil {
			t.Errorf("%s: rows %v: %v", name, rows, err)
			continue
		}
		if some.Rows() != len(rows) || some.RowLen() != per {
			t.Errorf("%s: rows %v have the shape %v", name, rows, some.Shape)
		}
		for i := range some.Len() {
			from := rows[i/max(per, 1)]*per + i%max(per, 1)
			if written(some, i) != written(all, from) || some.Place(i) != all.Place(from) && len(all.Shape) > 0 {
				t.Errorf("%s: rows %v: %s is %s, want %s", name, rows, some.Place(i), written(some, i), written(all, from))
			}
		}
	}
}
