package main

import (
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestFunctionsOfFunctions: what a spec writes for a Boolean function, however deep, is what its kind is
// given, what the axis shows, and what the tables say.
func TestFunctionsOfFunctions(t *testing.T) {
	functions := []string{"parity(3)", "staircase(5)", "majority(2)", `truth_table("0110")`, "threshold([1,2,3])",
		"threshold([1,0.5], 0.2)", "and(3)", "or(2)", "tribes(2, 3)", "random(5, 2)", "polynomial([[1],[1,2]])",
		"polynomial([[],[3,1]], [1,-0.5])", "not(parity(3))", "xor(parity(2), majority(3))",
		"not(xor(xor(parity(2), not(and(3))), majority(2)))",
		"compose(majority(3), [parity(2), and(2), not(or(2))])",
		"xor(compose(parity(2), [compose(and(2), [or(2), or(2)]), random(2, 7)]), parity(40))"}
	dir := t.TempDir()
	path := filepath.Join(dir, "functions.hcl")
	writeText(t, path, fmt.Sprintf(`
sweep "functions" { core = [%s] }
stage "generate" "data" {
  for_each   = sweep.functions
  dimensions = 60
  core       = each.core
  spurious   = not(parity(1))
  strength   = 0.9
  samples    = 10
  seed       = 1
}
`, strings.Join(functions, ", ")))
	at := []string{"--store", filepath.Join(dir, "store"), "--out", filepath.Join(dir, "out")}
	program(t, append(at, "run", "--quiet", path)...)
	text := program(t, append(at, "export", "--output", "-", "--format", "csv", "--columns", "core,core_function,spurious_function", path, "generate.data.law")...)
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(rows) != len(functions)+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	for i, row := range rows[1:] {
		if row[0] != functions[i] || row[1] != functions[i] || row[2] != "not(parity(1))" {
			t.Errorf("%s stands as %q", functions[i], row)
		}
	}
}
