package spec

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// evaluate gives the canonical text of an expression.
func evaluate(t *testing.T, expr string) (string, Diagnostics) {
	t.Helper()
	s, diags := load(t, "variable \"x\" {}\n", Options{Vars: []string{"x=" + expr}})
	if s == nil {
		return "", diags
	}
	return s.Variables[0].Value, nil
}

func TestFunctions(t *testing.T) {
	tests := []struct{ expr, want string }{
		{`range(3)`, `[0,1,2]`}, {`range(2, 5)`, `[2,3,4]`}, {`range(0, 1, 0.25)`, `[0,0.25,0.5,0.75]`},
		{`range(3, 0, -1)`, `[3,2,1]`}, {`range(-3)`, `[0,-1,-2]`}, {`range(0)`, `[]`}, {`range(2, 2)`, `[]`},
		{`length(range(5000))`, `5000`},
		{`linspace(0, 1, 5)`, `[0,0.25,0.5,0.75,1]`}, {`linspace(0, 1, 11)`, `[0,0.1,0.2,0.3,0.4,0.5,0.6,0.7,0.8,0.9,1]`},
		{`linspace(0.6, 0.9, 4)`, `[0.6,0.7,0.8,0.9]`}, {`linspace(1, 0, 2)`, `[1,0]`}, {`linspace(3, 9, 1)`, `[3]`}, {`linspace(3, 9, 0)`, `[]`},
		{`logspace(-3, -1, 3)`, `[0.001,0.01,0.1]`}, {`logspace(0, 3, 4)`, `[1,10,100,1000]`}, {`logspace(0, 1, 3)`, `[1,3.1622776601683795,10]`},
		{`logspace(-1, 1, 2)[0] == 0.1`, `true`},
		{`round(2.5)`, `3`}, {`round(-2.5)`, `-3`}, {`round(1.005, 2)`, `1.01`}, {`round(0.1 + 0.2, 3)`, `0.3`}, {`round(1234, -2)`, `1200`},
		{`pow(2, 10)`, `1024`}, {`pow(2, -1)`, `0.5`}, {`pow(2, 0.5)`, `1.4142135623730951`}, {`pow(0, 0)`, `1`}, {`pow(0, 0.5)`, `0`}, {`pow(-2, 3)`, `-8`}, {`pow(10, 15)`, `1000000000000000`},
		{`log(8, 2)`, `3`}, {`log(1000, 10)`, `3`}, {`log(0.001, 10)`, `-3`}, {`log(2, 2.718281828459045)`, `0.6931471805599454`},
		{`abs(-1)`, `1`}, {`ceil(1.2)`, `2`}, {`floor(-1.2)`, `-2`}, {`signum(-3)`, `-1`}, {`max(1, 3, 2)`, `3`}, {`min([1, 0]...)`, `0`}, {`sum([1, 2, 3.5])`, `6.5`}, {`parseint("ff", 16)`, `255`},
		{`concat([1], ["a"])`, `[1,"a"]`}, {`merge({ a = 1, b = 1 }, { b = 2 })`, `{"a":1,"b":2}`}, {`lookup({ a = 1 }, "b", 3)`, `3`},
		{`flatten([[1], [[2]], 3])`, `[1,2,3]`}, {`distinct([1, 2, 1])`, `[1,2]`}, {`reverse([1, 2])`, `[2,1]`}, {`sort(["b", "a"])`, `["a","b"]`},
		{`setproduct([1, 2], ["a"])`, `[[1,"a"],[2,"a"]]`}, {`zipmap(["a", "b"], [1, 2])`, `{"a":1,"b":2}`}, {`keys({ b = 1, a = 2 })`, `["a","b"]`}, {`values({ b = 1, a = 2 })`, `[2,1]`},
		{`contains([1, 2], 2)`, `true`}, {`element([1, 2], 3)`, `2`}, {`slice([1, 2, 3], 1, 2)`, `[2]`}, {`chunklist([1, 2, 3], 2)`, `[[1,2],[3]]`},
		{`coalesce(null, 2)`, `2`}, {`compact(["", "a"])`, `["a"]`}, {`alltrue([true, false])`, `false`}, {`anytrue([true, false])`, `true`}, {`alltrue([])`, `true`},
		{`tostring(1.50)`, `"1.5"`}, {`tonumber("2.50")`, `2.5`}, {`tobool("true")`, `true`}, {`tolist([1, 2])`, `[1,2]`}, {`toset([2, 1, 2])`, `[1,2]`},
		{`jsonencode({ b = [1], a = null })`, `"{\"a\":null,\"b\":[1]}"`}, {`jsondecode("[1, {\"a\": 2}]")`, `[1,{"a":2}]`}, {`csvdecode("a\n1")`, `[{"a":"1"}]`},
		{`join("-", ["a", "b"])`, `"a-b"`}, {`split("-", "a-b")`, `["a","b"]`}, {`upper("a")`, `"A"`}, {`replace("abc", "b", "x")`, `"axc"`}, {`regex("[0-9]+", "a12")`, `"12"`},
		{`format("%03d %s", 7, "x")`, `"007 x"`}, {`trimspace(" a ")`, `"a"`}, {`startswith("abc", "ab")`, `true`}, {`endswith("abc", "ab")`, `false`}, {`substr("abc", 1, 1)`, `"b"`}, {`length("añ")`, `2`}, {`indent(2, "a\nb")`, `"a\n  b"`},
		{`can(regex("x", "y"))`, `false`}, {`try(regex("x", "y"), "z")`, `"z"`}, {`[for i in range(3) : i * i if i > 0]`, `[1,4]`}, {`length({ a = 1 })`, `1`},
		{`parity(3) == parity(3.0)`, `true`}, {`parity(3) == parity(4)`, `false`}, {`distinct([parity(3), parity(3), parity(1)])`, `["parity(3)","parity(1)"]`},
		{`any_of([parity(1), negate(parity(2))])`, `"any_of([parity(1), negate(parity(2))])"`}, {`table([1, 0])`, `"table([1,0])"`},
	}
	for _, tt := range tests {
		if got, diags := evaluate(t, tt.expr); got != tt.want {
			t.Errorf("%s = %s, want %s %v", tt.expr, got, tt.want, diags)
		}
	}
}

// evaluated gives the canonical text of an expression of a spec.
func evaluated(t *testing.T, expr string) (string, Diagnostics) {
	t.Helper()
	s, diags := load(t, "variable \"x\" { default = "+expr+" }\n", Options{})
	if s == nil {
		return "", diags
	}
	return s.Variables[0].Value, nil
}

// No infinity comes into being, whatever would be made of it; and each refusal is caught where one may be.
func TestNoInfinity(t *testing.T) {
	for _, expr := range []string{
		`5 / 0`, `5 % 0`, `0 / 0`, `0 % 0`, `-5 % 0`, `"5" % "0"`, `5 / 0.0`, `1 / (5 / 0)`, `5 / 0 > 3`, `"${5 / 0}"`, `format("%d", 5 / 0)`, `[for i in range(3) : 10 % i]`,
		`"inf" > 1`, `1 / "inf"`, `-"inf"`, `"-Infinity" + 1`, `max("INF", 1)`, `1 / tonumber("inf")`, `1 / tonumber("+Infinity")`, `sum([tonumber("inf")])`, `[1, 2]["inf"]`,
	} {
		if got, diags := evaluated(t, expr); !diags.HasErrors() {
			t.Errorf("%s = %s", expr, got)
		} else if d := diags[0]; d.Range == nil || d.Detail == "" {
			t.Errorf("%s: %+v has no place or no words", expr, d)
		}
		if got, diags := evaluated(t, "try("+expr+", 7)"); got != "7" {
			t.Errorf("try of %s = %s %v", expr, got, diags)
		}
	}
	for expr, want := range map[string]string{`7 % 3`: "1", `-7 % 3`: "-1", `7 / 2`: "3.5", `0 / 5`: "0", `0 % 5`: "0", `"inf" == "inf"`: "true", `"inf${"inite"}"`: `"infinite"`, `5.5 % 2`: "1.5"} {
		if got, diags := evaluated(t, expr); got != want {
			t.Errorf("%s = %s, want %s %v", expr, got, want, diags)
		}
	}
}

func TestFunctionErrors(t *testing.T) {
	for _, expr := range []string{
		`range(1e7)`, `range(0, 1, 1e-9)`, `range(0, 1, 0)`, `range()`, `range(1, 2, 3, 4)`, `linspace(0, 1, 1e7)`, `linspace(0, 1, -1)`, `linspace(0, 1, 1.5)`,
		`logspace(0, 1, 20000)`, `logspace(0, 400, 2)`, `pow(-1, 0.5)`, `pow(0, -1)`, `pow(10, 1000)`, `pow(10, 1e9)`, `log(0, 2)`, `log(2, 1)`, `log(-1, 2)`, `round(1, 0.5)`, `round(1, 2, 3)`,
		`sum(["a"])`, `length(1)`, `setproduct(range(2000), range(2000))`, `format("%99999d", 1)`, `indent(1e9, "a\nb")`, `filesha256("nowhere")`, `filesha256("../x")`, `nosuch(1)`,
		`parity()`, `parity(1, 2)`, `parity(0)`, `parity(1.5)`, `parity("1")`, `negate(3)`, `table([2])`, `any_of([1])`,
	} {
		s, diags := load(t, "locals {\n  x = "+expr+"\n}\n", Options{})
		if s != nil || len(diags) != 1 || !errors.Is(diags, ErrFunction) {
			t.Errorf("%s: got %v", expr, diags)
		}
		checkDiagnostics(t, diags)
	}
}

// TestBigArithmetic compares our exponentials and logarithms with their definitions.
func TestBigArithmetic(t *testing.T) {
	for i := -40; i <= 40; i++ {
		x := 0.37 * float64(i)
		got, _ := bigExp(big.NewFloat(x)).Float64()
		if want := math.Exp(x); math.Abs(got-want) > 1e-15*want {
			t.Errorf("exp(%v) = %v, want %v", x, got, want)
		}
		back, _ := bigLn(bigExp(big.NewFloat(x))).Float64()
		if back != x {
			t.Errorf("ln(exp(%v)) = %v", x, back)
		}
	}
	// ln 2 and e to 60 digits.
	if got := bigLn(big.NewFloat(2)).Text('f', 60); got != "0.693147180559945309417232121458176568075500134360255254120680" {
		t.Errorf("ln 2 = %s", got)
	}
	if got := bigExp(big.NewFloat(1)).Text('f', 60); got != "2.718281828459045235360287471352662497757247093699959574966968" {
		t.Errorf("e = %s", got)
	}
	// 10^(i/8) raised to the 8th power is 10^i.
	for i := int64(-30); i <= 30; i++ {
		y := new(big.Float).Quo(new(big.Float).SetPrec(512).SetInt64(i), big.NewFloat(8))
		x, err := bigPow(big.NewFloat(10), y)
		if err != nil {
			t.Fatal(err)
		}
		x, err = bigPow(x, big.NewFloat(8))
		if err != nil {
			t.Fatal(err)
		}
		want, err := bigPow(big.NewFloat(10), new(big.Float).SetInt64(i))
		if err != nil {
			t.Fatal(err)
		}
		a, _ := x.Float64()
		if b, _ := want.Float64(); a != b {
			t.Errorf("(10^(%d/8))^8 = %v, want %v", i, a, b)
		}
	}
}

// TestCleanNumber gives the float64 that its decimal is nearest to.
func TestCleanNumber(t *testing.T) {
	for i := range 200 {
		x := math.Sqrt(float64(i)) / 7
		v, err := cleanNumber(big.NewFloat(x))
		if err != nil {
			t.Fatal(err)
		}
		if f, ok := toFloat64(v.AsBigFloat()); !ok || f != x {
			t.Errorf("%v became %v", x, f)
		}
	}
	if _, err := cleanNumber(new(big.Float).SetMantExp(big.NewFloat(0.3), -2000)); err == nil {
		t.Error("a number below the smallest float64 was taken")
	}
	if f, ok := toFloat64(new(big.Float).Neg(new(big.Float))); !ok || math.Signbit(f) {
		t.Error("-0 stays negative")
	}
	if got := fmt.Sprint(numberText(cty.MustParseNumberVal("18446744073709551616").AsBigFloat())); got != "18446744073709551616" {
		t.Errorf("2^64 is written %s", got)
	}
}
