package spec

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// large are calls of every function, and of what else works on whole values, on about n elements or characters. L is a
// list of n numbers, W one of n digits more than a hash looks at, T a tuple, S a list of n texts, M a map, O an object, X a
// text of n characters.
var large = []string{
	`abs(sum(L))`, `ceil(sum(L))`, `floor(sum(L))`, `signum(sum(L))`, `max(L...)`, `min(T...)`, `sum(T)`, `parseint("ff", 16)`,
	`range(N)`, `linspace(0, 1, N)`, `logspace(0, 1, N / 100)`, `pow(2, 0.5)`, `log(2, 10)`, `round(sum(L), 2)`,
	`chomp(X)`, `join(",", S)`, `join(",", T)`, `lower(X)`, `upper(X)`, `title(X)`, `strrev(X)`, `substr(X, N - 10, 5)`, `length(X)`,
	`regex("[a-j]+$", X)`, `regexall("[a-c]", substr(X, 0, N / 100))`, `regexreplace(substr(X, 0, N / 100), "[a-c]", "d")`,
	`split(",", X)`, `split("a", X)`, `trim(X, "é")`, `trimprefix(X, "a")`, `trimsuffix(X, "a")`, `trimspace(X)`, `replace(X, "a", "bb")`,
	`startswith(X, X)`, `endswith(X, X)`, `indent(2, X)`, `format("%s", X)`, `format("%v", L)`, `formatlist("%d", L)`, `formatlist("%s-%s", S, S)`,
	`csvdecode(join("\n", S))`, `jsondecode(jsonencode(L))`, `jsondecode(jsonencode(O))`, `jsonencode(T)`, `jsonencode(O)`,
	`tobool("true")`, `tonumber("1")`, `tostring(1)`,
	`chunklist(L, 10)`, `chunklist(T, 10)`, `coalesce(L...)`, `coalesce([for x in L : x % 2 == 0 ? x : "a"]...)`, `coalescelist(L, T)`, `compact(S)`, `compact(T)`,
	`concat(L, T)`, `concat(L, L)`, `concat([for x in L : [x]]...)`, `concat(chunklist(L, 1)...)`, `contains(L, -1)`, `contains(T, -1)`, `contains(S, "x")`,
	`distinct(L)`, `distinct(T)`, `distinct(W)`, `distinct(S)`, `distinct([for x in L : { a = x }])`, `distinct([for x in L : [x]])`,
	`element(L, N)`, `[for i in L : element(L, i)]`, `flatten(chunklist(L, 3))`, `flatten([for x in L : [x, [x]]])`,
	`keys(M)`, `keys(O)`, `lookup(M, "no", 1)`, `[for k, v in M : lookup(M, k, 1)]`, `[for k, v in O : lookup(O, k, 1)]`, `merge(M, O)`, `merge([for x in L : { a = x }]...)`,
	`reverse(L)`, `reverse(T)`, `setproduct(L, [1])`, `setproduct(T, [1, "a"])`, `setproduct(toset(L), toset([1, 2]))`, `slice(L, 1, N)`, `slice(T, 1, N)`,
	`sort(S)`, `sort(T)`, `values(M)`, `values(O)`, `zipmap(S, L)`, `zipmap(S, T)`,
	`toset(L)`, `toset(T)`, `toset(S)`, `tolist(T)`, `tolist(toset(S))`, `tomap(O)`, `tolist([for x in L : x % 2 == 0 ? { a = x, b = 1 } : { a = 1, b = x }])`,
	`setunion(L, T)`, `setunion([for x in L : [x]]...)`, `setintersection(L, T)`, `setsubtract(L, S)`,
	`alltrue([for x in L : true])`, `anytrue([for x in L : false])`, `length(L)`, `[for x in L : length(L)]`,
	`can(L)`, `try(L, T)`, `[for x in L : x * 2 if x > 3]`, `{ for x in L : "k${x}" => x }`, `{ for x in L : x % 10 => x... }`,
	`L == T`, `L == L`, `M == O`, `toset(L) == toset(T)`, `T[*]`, `[for x in L : L[x]]`, `[for x in L : { a = x }][*].a`,
	`"%{ for x in L }${x},%{ endfor }"`, `"${X}${X}"`, `X == X`, `true ? L : T`, `true ? T : []`, `true ? O : {}`, `true ? O : M`,
	`true ? [for x in L : { a = x }] : []`, `true ? [for x in L : x % 2 == 0 ? x : "a"] : [1]`,
}

// setting gives the named values that the calls use.
func setting(n int) string {
	return fmt.Sprintf(`locals {
  n = %d
  l = range(%[1]d)
  w = [for i in local.l : i + 100000000000000]
  t = [for i in local.l : i]
  s = [for i in local.l : "k${i}"]
  m = tomap({ for i in local.l : "k${i}" => i })
  o = { for i in local.l : "k${i}" => i }
  x = join("", [for i in local.l : "abcdefghij"])
}
`, n)
}

// TestGrowth calls everything on lists of n and of 2n: what is charged grows with n, and all of them end. A function that
// is charged for less than it does would take minutes here.
func TestGrowth(t *testing.T) {
	n := 1000
	small, great := charges(t, n), charges(t, 2*n)
	for _, call := range large {
		a, b := small[call], great[call]
		if b > 3*a+1000 {
			t.Errorf("%s costs %d for %d, and %d for twice as many", call, a, n, b)
		}
	}
}

// charges gives the units that each call takes.
func charges(t *testing.T, n int) map[string]int64 {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "main.hcl")
	if err := os.WriteFile(file, []byte(setting(n)), 0o644); err != nil {
		t.Fatal(err)
	}
	l := newLoader(Options{Kinds: registry(), Root: dir})
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := newSource(file, data)
	l.parse(s)
	l.files = append(l.files, s)
	l.load()
	if l.failed {
		t.Fatal(l.diags)
	}
	spent := map[string]int64{}
	for _, call := range large {
		text := strings.NewReplacer("L", "local.l", "W", "local.w", "T", "local.t", "S", "local.s", "M", "local.m", "O", "local.o", "X", "local.x", "N", "local.n").Replace(call)
		expr, diags := hclsyntax.ParseExpression([]byte(text), "call", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(call, diags)
		}
		meterAll(expr)
		_, ok := l.constant(expr, &scope{where: "a call"})
		spent[call] = 32*int64(l.elements) - l.budget.left
		if !ok && !l.budget.broken() {
			t.Errorf("%s: %v", call, l.diags[len(l.diags)-1])
		}
	}
	return spent
}
