package arrayfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/arrayfile"
)

// TestHalves: every one of the 65,536 binary16 and bfloat16 becomes the float32 that it is by definition.
func TestHalves(t *testing.T) {
	bits := make([]uint16, 1<<16)
	for i := range bits {
		bits[i] = uint16(i)
	}
	for _, typ := range []arrayfile.Type{arrayfile.Float16, arrayfile.BFloat16} {
		a := arrayfile.Array{Type: typ, Shape: []int{1 << 16}, Values: bits}
		for i := range bits {
			want := halfValue(uint16(i))
			if typ == arrayfile.BFloat16 {
				want = float64(math.Float32frombits(uint32(i) << 16))
			}
			one := arrayfile.Array{Type: typ, Shape: []int{1}, Values: bits[i : i+1]}
			got, err := one.Float32()
			if finite := want-want == 0; (err == nil) != finite {
				t.Fatalf("%v %#04x: the error is %v", typ, i, err)
			} else if finite && math.Float64bits(float64(got[0])) != math.Float64bits(want) {
				t.Fatalf("%v %#04x is %v, want %v", typ, i, got[0], want)
			}
		}
		if _, err := a.Float32(); !errors.Is(err, arrayfile.ErrValue) {
			t.Errorf("%v with infinities: %v", typ, err)
		}
	}
}

// TestConvert: what each type becomes as float32, whole numbers and text; "" stands for an error of a value, "-" for one of the type.
func TestConvert(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, c := range []struct {
		typ              arrayfile.Type
		values           any
		floats, ints, ts string
	}{
		{arrayfile.Bool, []uint8{0, 1}, "0 1", "0 1", "false true"},
		{arrayfile.Uint8, []uint8{0, 255}, "0 255", "0 255", "0 255"},
		{arrayfile.Int8, []int8{-128, 127}, "-128 127", "-128 127", "-128 127"},
		{arrayfile.Int16, []int16{-32768, 1}, "-32768 1", "-32768 1", "-32768 1"},
		{arrayfile.Int32, []int32{-1 << 31, 1<<24 + 1}, "-2.1474836e+09 1.6777216e+07", "-2147483648 16777217", "-2147483648 16777217"},
		{arrayfile.Int64, []int64{math.MinInt64, 3}, "-9.223372e+18 3", "-9223372036854775808 3", "-9223372036854775808 3"},
		{arrayfile.Uint16, []uint16{0, 65535}, "0 65535", "0 65535", "0 65535"},
		{arrayfile.Uint32, []uint32{0, 1<<32 - 1}, "0 4.2949673e+09", "0 4294967295", "0 4294967295"},
		{arrayfile.Uint64, []uint64{1, 1 << 63}, "1 9.223372e+18", "", "1 9223372036854775808"},
		{arrayfile.Float16, []uint16{0x3c00, 0xc500}, "1 -5", "1 -5", "1 -5"},
		{arrayfile.Float16, []uint16{0x3c00, 0x7c00}, "", "", ""},
		{arrayfile.Float16, []uint16{0x3c00, 0x3800}, "1 0.5", "", "1 0.5"},
		{arrayfile.BFloat16, []uint16{0x3f80, 0x4040}, "1 3", "1 3", "1 3"},
		{arrayfile.Float32, []float32{7, -0.1}, "7 -0.1", "", "7 -0.1"},
		{arrayfile.Float32, []float32{7, -9}, "7 -9", "7 -9", "7 -9"},
		{arrayfile.Float32, []float32{7, float32(inf)}, "", "", ""},
		{arrayfile.Float32, []float32{7, float32(nan)}, "", "", ""},
		{arrayfile.Float64, []float64{1, 0.1}, "1 0.1", "", "1 0.1"},
		{arrayfile.Float64, []float64{2, -3}, "2 -3", "2 -3", "2 -3"},
		{arrayfile.Float64, []float64{2, 3.5e38}, "", "", "2 3.5e+38"},
		{arrayfile.Float64, []float64{2, math.MaxFloat32}, "2 3.4028235e+38", "", "2 3.4028234663852886e+38"},
		{arrayfile.Float64, []float64{2, 1 << 63}, "2 9.223372e+18", "", "2 9.223372036854775808e+18"},
		{arrayfile.Float64, []float64{2, -1 << 63}, "2 -9.223372e+18", "2 -9223372036854775808", "2 -9.223372036854775808e+18"},
		{arrayfile.Float64, []float64{2, nan}, "", "", ""},
		{arrayfile.Float64, []float64{2, -inf}, "", "", ""},
		{arrayfile.Text, []string{"cat", "dog"}, "-", "-", "cat dog"},
	} {
		a := &arrayfile.Array{Type: c.typ, Shape: []int{2}, Values: c.values}
		floats, err := a.Float32()
		var words []string
		for _, x := range floats {
			f := &arrayfile.Array{Type: arrayfile.Float32, Shape: []int{1}, Values: []float32{x}}
			s, _ := f.Strings()
			words = append(words, s...)
		}
		check(t, a, "Float32", words, err, c.floats)
		ints, err := a.Ints()
		i := &arrayfile.Array{Type: arrayfile.Int64, Shape: []int{len(ints)}, Values: ints}
		words, _ = i.Strings()
		check(t, a, "Ints", words, err, c.ints)
		words, err = a.Strings()
		check(t, a, "Strings", words, err, strings.ReplaceAll(c.ts, "9.223372036854775808e+18", "9.223372036854776e+18"))
		bytes, ok := a.Bytes()
		if v, is := c.values.([]uint8); ok != is || is && &v[0] != &bytes[0] {
			t.Errorf("%v: Bytes is %v", c.typ, ok)
		}
	}
}

func check(t *testing.T, a *arrayfile.Array, what string, got []string, err error, want string) {
	t.Helper()
	var e *arrayfile.Error
	switch {
	case want == "-" && !errors.Is(err, arrayfile.ErrUnsupported):
		t.Errorf("%v %v: %s: the error is %v", a.Type, a.Values, what, err)
	case want == "" && (!errors.As(err, &e) || e.Err != arrayfile.ErrValue || e.Row != 1 || e.Place != "row 1" || e.Remedy == ""):
		t.Errorf("%v %v: %s: the error is %v", a.Type, a.Values, what, err)
	case want != "-" && want != "" && (err != nil || strings.Join(got, " ") != want):
		t.Errorf("%v %v: %s gives %q, %v, want %q", a.Type, a.Values, what, got, err, want)
	}
}

// TestPlaces: a value at fault is named by its row in the file and its place in the row, some rows at a time, too.
func TestPlaces(t *testing.T) {
	values := make([]float32, 4*2*3*5)
	values[1*30+1*15+2*5+3] = float32(math.NaN())
	a := &arrayfile.Array{Type: arrayfile.Float32, Shape: []int{4, 2, 3, 5}, Values: values}
	if _, err := a.Float32(); err == nil || !strings.HasPrefix(err.Error(), "row 1, at [1, 2, 3]: the value is NaN. ") {
		t.Error(err)
	}
	dst := make([]float32, 60)
	if err := a.CopyFloat32(dst[:30], 0); err != nil {
		t.Error(err)
	}
	if err := a.CopyFloat32(dst, 2); err != nil {
		t.Error(err)
	}
	if err := a.CopyFloat32(dst[:30], 1); err == nil || !strings.HasPrefix(err.Error(), "row 1, at [1, 2, 3]") {
		t.Error(err)
	}
	f := open(t, "testdata/stored.npz", arrayfile.Options{Limit: plenty})
	some := read(t, f, "float32", []int{0, 1})
	var e *arrayfile.Error
	if _, err := some.Float32(); !errors.As(err, &e) || e.Row != 1 || e.Place != "row 1, column 0" {
		t.Error(err)
	}
	some = read(t, f, "float32", []int{1})
	if _, err := some.Float32(); !errors.As(err, &e) || e.Row != 1 || e.Place != "row 1, column 0" {
		t.Errorf("the row of the file: %v", err)
	}
}

// TestRows: rows that do not ascend, or are not there, and names that are not there, are told.
func TestRows(t *testing.T) {
	f := open(t, "testdata/version1.npy", arrayfile.Options{Limit: plenty})
	for _, rows := range [][]int{{-1}, {5}, {1, 1}, {3, 2}} {
		if _, err := f.Read("", rows); !errors.Is(err, arrayfile.ErrRow) {
			t.Errorf("rows %v: %v", rows, err)
		}
	}
	for file, words := range map[string]string{"version1.npy": "name none", "cifar100.bin": `"coarse_labels", "fine_labels", "images"`, "none.npz": "empty", "stored.npz": "more"} {
		f := open(t, "testdata/"+file, arrayfile.Options{Limit: plenty})
		if _, err := f.Read("x", nil); !errors.Is(err, arrayfile.ErrName) || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v, want %q", file, err, words)
		}
	}
	one := read(t, open(t, "testdata/single.npy", arrayfile.Options{Limit: plenty}), "", nil)
	if one.Rows() != 1 || one.RowLen() != 1 || one.Len() != 1 || one.Place(0) != "the value" || !slices.Equal(one.Shape, []int{}) {
		t.Errorf("a single value: %d rows of %d, %s", one.Rows(), one.RowLen(), one.Place(0))
	}
}

// TestTextFaults: text that is none is named by its row in the file, if some rows are read and if columns come first, too.
func TestTextFaults(t *testing.T) {
	const rows, width = 3, 2
	for _, order := range []string{"False", "True"} {
		for bad := range rows * width {
			values := []byte("abcdef")
			at := bad // of the value in row bad/width, column bad%width
			if order == "True" {
				at = bad%width*rows + bad/width
			}
			values[at] = 0xff
			data := npyBytes("{'descr': '|S1', 'fortran_order': "+order+", 'shape': (3, 2)}", values)
			f, err := arrayfile.Open(bytes.NewReader(data), int64(len(data)), arrayfile.Options{Limit: plenty})
			if err != nil {
				t.Fatal(err)
			}
			for _, asked := range [][]int{nil, {bad / width}} {
				var e *arrayfile.Error
				if _, err := f.Read("", asked); !errors.As(err, &e) || e.Place != fmt.Sprintf("row %d, column %d", bad/width, bad%width) || e.Row != bad/width || e.Offset != int64(len(data)-len(values)+at) {
					t.Errorf("Fortran %s, rows %v, value %d: %v", order, asked, bad, err)
				}
			}
		}
	}
}
