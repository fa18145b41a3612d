package spec

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"testing"
)

// loadOn loads a spec with a number of processors.
func loadOn(t *testing.T, processors int, text string) (*Spec, Diagnostics) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	return load(t, text, Options{})
}

func manySpec(rate string) string {
	return fmt.Sprintf(`
sweep "many" { seed = range(2000) }
stage "generate" "data" {
  for_each   = sweep.many
  dimensions = 4 + each.seed %% 7
  core       = parity(1 + each.seed %% 3)
  spurious   = parity(1)
  strength   = 0.9
  note       = format("%%d of %%s", each.seed, join(",", [for i in range(3) : i]))
}
stage "train" "erm" {
  for_each = generate.data
  data     = each.dataset
  steps    = 10
  optimizer "sgd" { rate = %s }
}
`, rate)
}

func TestProcessorsDoNotMatter(t *testing.T) {
	one, diags := loadOn(t, 1, manySpec("1 / (1 + each.seed)"))
	if one == nil {
		t.Fatal(diags)
	}
	four, diags := loadOn(t, 4, manySpec("1 / (1 + each.seed)"))
	if four == nil {
		t.Fatal(diags)
	}
	for i, st := range one.Stages {
		for row := range st.Instances {
			if !reflect.DeepEqual(st.Instances[row].Settings, four.Stages[i].Instances[row].Settings) {
				t.Fatalf("%s differs", st.Address(row))
			}
		}
	}
}

// What is wrong in many rows is told of the first of them, whoever comes upon it.
func TestFirstWrongRowIsNamed(t *testing.T) {
	for name, rate := range map[string]string{
		"value":      "1500 - each.seed",                       // must be above 0
		"evaluation": `each.seed < 1500 ? 1 : tonumber("one")`, // fails
	} {
		t.Run(name, func(t *testing.T) {
			var texts []string
			for _, processors := range []int{1, 4} {
				s, diags := loadOn(t, processors, manySpec(rate))
				if s != nil || len(diags) != 1 {
					t.Fatalf("%d processors: %v", processors, diags)
				}
				texts = append(texts, fmt.Sprintf("%d %s %s", diags[0].Range.Line, diags[0].Summary, diags[0].Detail))
			}
			if texts[0] != texts[1] {
				t.Errorf("with one processor\n%s\nwith four\n%s", texts[0], texts[1])
			}
			if name == "value" && !strings.Contains(texts[0], "seed=1500") {
				t.Errorf("not of the first row: %s", texts[0])
			}
		})
	}
}
