package aggregate

import (
	"math"
	"testing"
)

// FuzzExpression: reading an expression ends in one or in an error that says where; what is read has a value and a unit,
// whatever its columns hold.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{"a", "a + b", "-(a - 1) * 2 / b", "1e3*x", "((((a))))", "a_b.c", "1 / 0", "--a", "a b", "1e", "(", "0x1p-2", "é", "\x00", "a/b/c", "1e999"} {
		f.Add(text, 1.5)
	}
	f.Fuzz(func(t *testing.T, text string, x float64) {
		e, err := parse(text)
		if err != nil {
			if e != nil || err.Error() == "" {
				t.Errorf("%q: %v and %v", text, e, err)
			}
			return
		}
		known := map[string]bool{}
		for _, name := range e.names(nil) {
			if name == "" {
				t.Errorf("%q has a column without a name", text)
			}
			known[name] = true
		}
		of := func(name string) float64 {
			if !known[name] {
				t.Errorf("%q asks for %q, which it does not list", text, name)
			}
			return x
		}
		if a, b := e.value(of), e.value(of); a != b && !(math.IsNaN(a) && math.IsNaN(b)) {
			t.Errorf("%q is %v and %v", text, a, b)
		}
		e.unit(func(string) string { return "s" })
	})
}
