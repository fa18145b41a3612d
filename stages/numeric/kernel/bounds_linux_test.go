package kernel

import (
	"fmt"
	"runtime/debug"
	"syscall"
	"testing"
	"unsafe"
)

// A fence makes slices that end where a page that cannot be touched begins, or begin where one ends.
type fence struct {
	t     *testing.T
	last  bool
	lands [][]byte // each between two such pages
	used  int      // lands that are given away
}

// landBytes is the size of the largest slice.
const landBytes = 1 << 18

// free takes all slices back.
func (f *fence) free() { f.used = 0 }

// land gives bytes at the fence.
func (f *fence) land(bytes int) []byte {
	f.t.Helper()
	if bytes > landBytes {
		f.t.Fatalf("a slice of %d bytes", bytes)
	}
	if f.used == len(f.lands) {
		page := syscall.Getpagesize()
		all, err := syscall.Mmap(-1, 0, landBytes+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			f.t.Fatal(err)
		}
		f.t.Cleanup(func() { _ = syscall.Munmap(all) })
		for _, outside := range [][]byte{all[:page], all[page+landBytes:]} {
			if err := syscall.Mprotect(outside, syscall.PROT_NONE); err != nil {
				f.t.Fatal(err)
			}
		}
		f.lands = append(f.lands, all[page:page+landBytes])
	}
	land := f.lands[f.used]
	f.used++
	if f.last {
		return land[landBytes-bytes:]
	}
	return land[:bytes:bytes]
}

// fenced gives n values at the fence, set to what value says; those of n = 0 are nil.
func fenced[T any](f *fence, n int, value func(i int) T) []T {
	f.t.Helper()
	if n == 0 {
		return nil
	}
	var one T
	z := unsafe.Slice((*T)(unsafe.Pointer(&f.land(n * int(unsafe.Sizeof(one)))[0])), n)
	for i := range z {
		z[i] = value(i)
	}
	return z
}

// slice gives n numbers at the fence.
func (f *fence) slice(n int) []float32 {
	return fenced(f, n, func(i int) float32 { return float32(i%7) - 3 })
}

// words gives n words at the fence.
func (f *fence) words(n int) []uint64 {
	return fenced(f, n, func(i int) uint64 { return 0x9E3779B97F4A7C15 * uint64(i+1) })
}

// index gives n bytes as SignIndex makes them at the fence.
func (f *fence) index(n int) []uint8 {
	return fenced(f, n, func(i int) uint8 { return uint8(37*i) & 0xf0 })
}

// The fence itself holds.
func TestFence(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, last := range []bool{true, false} {
		z := (&fence{t: t, last: last}).slice(5)
		offset := -4
		if last {
			offset = 4 * len(z)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("last %v: a number outside was read", last)
				}
			}()
			z[0] = *(*float32)(unsafe.Add(unsafe.Pointer(&z[0]), offset))
		}()
	}
}

// Nothing outside the slices is read, not even by a vector that is half inside.
func TestNothingOutsideIsTouched(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for p := portable; p <= bestPath(); p++ {
		for _, last := range []bool{true, false} {
			f := &fence{t: t, last: last}
			on(p, func() {
				touchMatMul(t, f)
				touchSparse(t, f)
				touchElements(t, f)
				touchSigns(t, f)
				touchHeads(t, f)
				touchRows64(t, f)
				touchImages(t, f)
			})
		}
	}
}

// try fails the test if f touches what it must not.
func try(t *testing.T, what string, f func()) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			t.Fatalf("%s on %v: %v", what, path, r)
		}
	}()
	f()
}

func touchMatMul(t *testing.T, f *fence) {
	for _, n := range []int{1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 20, 31, 33, 48, 50, 63, 65, 80, 97} {
		for _, s := range [][2]int{{1, 1}, {3, 2}, {4, 5}, {7, 3}, {25, 130}, {50, 9}} {
			m, k := s[0], s[1]
			for _, turned := range []bool{false, true} {
				aRow, aCol := k, 1
				if turned {
					aRow, aCol = 1, m
				}
				f.free()
				a, b, c, row := f.slice(m*k), f.slice(k*n), f.slice(m*n), f.slice(n)
				try(t, fmt.Sprintf("MatMul m=%d n=%d k=%d turned=%v", m, n, k, turned), func() {
					MatMul(c, n, a, aRow, aCol, b, n, m, n, k, nil, false)
					MatMul(c, n, a, aRow, aCol, b, n, m, n, k, row, false)
					MatMul(c, n, a, aRow, aCol, b, n, m, n, k, nil, true)
					AddRows(row, b, n, k, n, true)
				})
			}
			src, dst := f.slice(m*n), f.slice(m*n)
			try(t, fmt.Sprintf("Transpose %d by %d", m, n), func() { Transpose(dst, m, src, n, m, n) })
		}
	}
}

// touchSparse has the factor and the result end at the fence, with and without zeros to pass over.
func touchSparse(t *testing.T, f *fence) {
	for _, n := range []int{47, 48, 81, 96, 97, 129, 190} {
		for _, k := range []int{1, 5, 16, 33, 64, 70} {
			for _, turned := range []bool{false, true} {
				const m = 17
				aRow, aCol := k, 1
				if turned {
					aRow, aCol = 1, m
				}
				f.free()
				a, b, c, row := f.slice(m*k), f.slice(k*n), f.slice(m*n), f.slice(n)
				for zeros := range 2 {
					try(t, fmt.Sprintf("SparseMatMul n=%d k=%d turned=%v zeros=%d", n, k, turned, zeros), func() {
						SparseMatMul(c, n, a, aRow, aCol, b, n, m, n, k, row, false)
						SparseMatMul(c, n, a, aRow, aCol, b, n, m, n, k, nil, true)
					})
					for i := range a {
						if i%3 > 0 {
							a[i] = 0
						}
					}
				}
			}
		}
	}
}

func touchElements(t *testing.T, f *fence) {
	for n := range 40 {
		f.free()
		x, y, z, u := f.slice(n), f.slice(n), f.slice(n), f.slice(n)
		labels := fenced(f, n, func(i int) int16 { return int16(i % 2) })
		words := f.words(n)
		for name, call := range map[string]func(){
			"Relu":              func() { Relu(x) },
			"ReluGradient":      func() { ReluGradient(x, y) },
			"LeakyRelu":         func() { LeakyRelu(x, 0.1) },
			"LeakyReluGradient": func() { LeakyReluGradient(x, y, 0.1) },
			"Square":            func() { Square(x) },
			"SquareGradient":    func() { SquareGradient(x, y) },
			"Tanh":              func() { Tanh(x) },
			"TanhGradient":      func() { TanhGradient(x, y) },
			"Scale":             func() { Scale(x, 0.5) },
			"Logistic":          func() { Logistic(x, y, z, labels) },
			"exponentials":      func() { exponentials(x) },
			"Descend":           func() { Descend(x, y, 0.1, 0.1) },
			"DescendSign":       func() { DescendSign(x, y, 0.1, 0.1) },
			"DescendMomentum":   func() { DescendMomentum(x, y, z, 0.1, 0.9, 0.1, n%2 == 0) },
			"Adam":              func() { Adam(x, y, z, u, AdamStep{Rate: 0.1, RootScale: 1, Epsilon: 1}) },
			"Finite":            func() { Finite(x) },
			"Fill":              func() { NewStream(int64(n), "bounds").Fill(words) },
		} {
			try(t, fmt.Sprintf("%s n=%d", name, n), call)
		}
	}
}

// touchSigns takes every number of lanes in panels of one vector and of two, of rows of a tile, and of rows in the last
// group of b. An index ends with
// the last row that is named, so that bytes which come eight at a time must not go beyond.
func touchSigns(t *testing.T, f *fence) {
	for _, k := range []int{0, 1, 2, 3, 4, 6, 9, 67} {
		for m := 1; m <= 99; m++ {
			if m == 18 {
				m = 96 // AVX2's panels of two vectors
			}
			for n := 1; n <= 33; n++ {
				f.free()
				index, b, c, row := f.index(max(0, (k+3)/4*m)), f.slice(k*n), f.slice(m*n), f.slice(n)
				try(t, fmt.Sprintf("SignMatMul m=%d n=%d k=%d", m, n, k), func() {
					SignMatMul(c, n, index, m, b, n, m, n, k, nil, false, false)
					SignMatMul(c, n, index, m, b, n, m, n, k, row, false, true)
					SignMatMul(c, n, index, m, b, n, m, n, k, nil, true, true)
				})
			}
		}
	}
	for rows := 1; rows <= 25; rows++ {
		for _, n := range []int{1, 50, 64, 65, 130} {
			f.free()
			words := (n + 63) / 64
			packed := f.words(rows * words)
			along, across := f.index(16*words*SignIndexRows(rows)), f.index(64*words*((rows+3)/4))
			try(t, fmt.Sprintf("SignIndex of %d rows of %d", rows, n), func() { SignIndex(along, packed, rows, n) })
			try(t, fmt.Sprintf("SignIndexAcross of %d rows of %d", rows, n), func() { SignIndexAcross(across, packed, rows, n) })
		}
	}
}

func touchHeads(t *testing.T, f *fence) {
	for rows := 1; rows <= 18; rows++ {
		for n := 1; n <= 70; n++ {
			f.free()
			h, d, w, dw, db, g := f.slice(rows*n), f.slice(2*rows), f.slice(2*n), f.slice(2*n), f.slice(n), f.slice(rows*n)
			bias := f.slice(2)
			try(t, fmt.Sprintf("ReluHead of %d rows of %d", rows, n), func() {
				ReluHead(g, h, d, w, dw, db, rows, n, 0, false)
				ReluHead(g, h, d, w, dw, db, rows, n, .5, true)
			})
			try(t, fmt.Sprintf("LogitPair of %d rows of %d", rows, n), func() { LogitPair(d, g, h, w, bias, rows, n) })
		}
	}
}

func touchRows64(t *testing.T, f *fence) {
	doubles := func(n int) []float64 { return fenced(f, n, func(i int) float64 { return float64(i%5) - 2 }) }
	for _, rows := range []int{1, 3, 4, 7, 8, 9, 17} {
		for n := 1; n <= 26; n++ {
			f.free()
			x, w, z, mean, scale := f.slice(rows*n), doubles(n), doubles(rows), f.slice(n), f.slice(n)
			losses, slopes, bends, signs := doubles(rows), doubles(rows), doubles(rows), doubles(rows)
			try(t, fmt.Sprintf("%d rows of %d", rows, n), func() {
				RowDots(z, w, x, n, nil)
				AddRows64(w, z, x, n, nil)
				ScaleCentered(mean, x[:n], scale, scale, 2)
				LogLoss64(losses, slopes, bends, z, signs)
			})
		}
	}
}

func touchImages(t *testing.T, f *fence) {
	i := 0
	for s := range convShapes {
		if i++; i%4 > 0 { // the shapes' numbers differ, so every part of a vector comes up
			continue
		}
		nx, nz, nw := s.sizes()
		f.free()
		x, z, w, b := f.slice(nx), f.slice(nz), f.slice(nw), f.slice(s.Out)
		try(t, fmt.Sprintf("Conv %+v", s), func() {
			Conv(z, x, w, b, s)
			ConvWeights(w, b, x, z, s, false)
			ConvInputs(x, z, w, s)
		})
	}
	for s := range poolShapes {
		nx, nz := s.sizes()
		f.free()
		x, z, places := f.slice(nx), f.slice(nz), fenced(f, nz, func(int) uint16 { return 0 })
		try(t, fmt.Sprintf("pools %+v", s), func() {
			MaxPool(z, places, x, s)
			MaxPoolGradient(x, z, places, s)
			AveragePool(z, x, s)
			AveragePoolGradient(x, z, s)
		})
	}
	for channels := 1; channels <= 33; channels++ {
		f.free()
		x, z, a, b, c, d := f.slice(5*channels), f.slice(5*channels), f.slice(channels), f.slice(channels), f.slice(channels), f.slice(channels)
		try(t, fmt.Sprintf("normalisation of %d channels", channels), func() {
			Moments(a, b, x)
			Normalise(z, x, a, b, c, d)
			NormaliseGradient(x, c, d, z, x, a, b, a)
			Affine(z, x, a, nil)
			Sum(z, z, x)
		})
	}
}
