package floatguard

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Lines that end in "// found" must be found, once each, and no others.
const source = `package p

import "math"
import "math/rand/v2" // found

type number interface{ ~float32 | ~float64 }

const half, twoPi = 0.5, 2 * math.Pi

func sums(a, b, c float64, x, y []float32, i int) float64 {
	s := a*b + c // found
	s = float64(a*b) + c
	s += a * b // found
	s += float64(a * b)
	s *= a // found
	s = float64(s*a) - (-(a * b)) // found
	p := a * b // found
	p = half * a // found
	p = float64(a*b*c) + c
	q := a * b / c
	q = a / (b * c)
	if a*b > c {
		return a * b // found
	}
	y[0] = x[0]*x[1] + y[0] // found
	y[0] = float32(x[0]*x[1]) + y[0]
	i = i*i + 1
	i *= 2
	s = twoPi + 2*half + math.Sqrt(a*b) + p + q
	f(a * b) // found
	z := complex(a, b)
	z = z*z + z // found
	return s + float64(i*i) + real(z)
}

func f(x float64) {}

func generic[T number](a, b, c T) T {
	return T(a*b) + c +
		a*b // found
}

func whole[T ~int | ~uint](a, b, c T) T { return a*b + c }

func calls(x, y, z float64) float64 {
	g := math.Exp // found
	x = math.Log1p(x) // found
	x = math.Pow(x, y) // found
	x = math.Floor(x) + math.Copysign(math.Inf(1), y) + g(x)
	x = float64(float32(math.FMA(x, y, z))) // found
	x = math.FMA(x, y, z)
	return x + rand.Float64()
}
`

func TestFindings(t *testing.T) {
	expect(t, module(t, source), ".", source)
}

// expect compares what is found in a package with the marks in its one file.
func expect(t *testing.T, dir, pattern, source string) {
	t.Helper()
	findings, err := Check(dir, pattern)
	if err != nil {
		t.Fatal(err)
	}
	var got, want []int
	for _, f := range findings {
		got = append(got, f.Pos.Line)
	}
	for i, line := range strings.Split(source, "\n") {
		if strings.HasSuffix(line, "// found") {
			want = append(want, i+1)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("found on lines %v, want %v\n%v", got, want, findings)
	}
}

// What cannot be looked at is an error, not free of findings.
func TestNothingToLookAt(t *testing.T) {
	if _, err := Check(module(t, "package p\n\nvar x float64 = y\n"), "."); err == nil {
		t.Error("a package that does not compile is accepted")
	}
	if _, err := Check(module(t, "package p\n"), "./none/..."); err == nil {
		t.Error("patterns without a package are accepted")
	}
}

// module gives the folder of a module of one file.
func module(t *testing.T, source string) string {
	t.Helper()
	return folder(t, map[string]string{"go.mod": "module p\n\ngo 1.26\n", "p.go": source})
}

// folder gives a folder with these files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The arithmetic that kinds share obeys.
func TestKernelAndNetworks(t *testing.T) {
	findings, err := Check("../../..", "./stages/numeric/kernel", "./stages/numeric/neuralnet")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}
