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
	t    *testing.T
	last bool
	page int
}

// slice gives n numbers at the fence.
func (f *fence) slice(n int) []float32 {
	bytes := 4 * n
	pages := (bytes + f.page - 1) / f.page * f.page
	all, err := syscall.Mmap(-1, 0, pages+2*f.page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = syscall.Munmap(all) })
	for _, outside := range [][]byte{all[:f.page], all[f.page+pages:]} {
		if err := syscall.Mprotect(outside, syscall.PROT_NONE); err != nil {
			f.t.Fatal(err)
		}
	}
	if n == 0 {
		return nil
	}
	inside := all[f.page : f.page+pages]
	if f.last {
		inside = inside[pages-bytes:]
	}
	z := unsafe.Slice((*float32)(unsafe.Pointer(&inside[0])), n)
	for i := range z {
		z[i] = float32(i%7) - 3
	}
	return z
}

// The fence itself holds.
func TestFence(t *testing.T) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	for _, last := range []bool{true, false} {
		z := (&fence{t: t, last: last, page: syscall.Getpagesize()}).slice(5)
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
			f := &fence{t: t, last: last, page: syscall.Getpagesize()}
			on(p, func() {
				touchMatMul(t, f)
				touchElements(t, f)
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

func touchElements(t *testing.T, f *fence) {
	for n := range 40 {
		x, y, z, u := f.slice(n), f.slice(n), f.slice(n), f.slice(n)
		labels := make([]int8, n)
		if n > 0 {
			labels = unsafe.Slice((*int8)(unsafe.Pointer(&f.slice((n + 3) / 4)[0])), (n+3)/4*4)
			if f.last {
				labels = labels[len(labels)-n:]
			}
			labels = labels[:n]
		}
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
			"Descend":           func() { Descend(x, y, 0.1, 0.1) },
			"DescendSign":       func() { DescendSign(x, y, 0.1, 0.1) },
			"DescendMomentum":   func() { DescendMomentum(x, y, z, 0.1, 0.9, 0.1, n%2 == 0) },
			"Adam":              func() { Adam(x, y, z, u, AdamStep{Rate: 0.1, RootScale: 1, Epsilon: 1}) },
		} {
			try(t, fmt.Sprintf("%s n=%d", name, n), call)
		}
	}
}
