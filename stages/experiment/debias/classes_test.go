package debias

import (
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

// sixGroups has three classes and two values of the attribute, and nineGroups three of each.
func sixGroups(t testing.TB) *dataset.Dataset {
	return datasettest.Mixed(t, 3, 2, datasettest.Sizes{Train: 150, Validation: 75, Test: 90})
}

func nineGroups(t testing.TB) *dataset.Dataset {
	return datasettest.Mixed(t, 3, 3, datasettest.Sizes{Train: 150, Validation: 75, Test: 90})
}

// classCases are those of three classes: each method on six groups, but the reference that needs as many attributes as
// classes on nine; and one without attributes.
func classCases(t testing.TB) []stagetest.Case {
	six, nine := inputs(t, sixGroups(t)), inputs(t, nineGroups(t))
	list := []stagetest.Case{{Name: "jtt without attributes", Settings: settings(short(jtt, ""), ""), Inputs: inputs(t, datasettest.Unattributed(t, sixGroups(t)))},
		{Name: "group_dro per sample", Settings: settings(short(groupDRO, ""), perSample), Inputs: six},
		{Name: "lff per sample", Settings: settings(short(lff, ""), perSample), Inputs: inputs(t, finiteData(t, easyLaw(.9), 60))}}
	for _, m := range methods {
		in := six
		if m == spurious {
			in = nine
		}
		list = append(list, stagetest.Case{Name: m.Name + " of three classes", Settings: settings(short(m, ""), ""), Inputs: in})
	}
	return list
}

// Every method runs on three classes, with more groups than classes squared and with fewer; what it writes is of the three
// networks, with measures of each group.
func TestEveryMethodTakesThreeClasses(t *testing.T) {
	for _, d := range []*dataset.Dataset{sixGroups(t), nineGroups(t)} {
		for _, m := range methods {
			out, err := stagetest.Try(t.Context(), Kind, settings(short(m, ""), ""), inputs(t, d))
			if m == spurious && d.ValueCount() == 2 {
				if err == nil || !strings.Contains(err.Error(), "not every attribute goes with one class") {
					t.Errorf("%s: %v", m.Name, err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%d groups: %v", d.GroupCount(), err)
				continue
			}
			checkRows(t, out.Tables["summary"], m, &odd{})
			groups := map[int16]bool{}
			for _, g := range d.Test.Groups(&dataset.Ledger{}, dataset.Evaluation) {
				groups[g] = true
			}
			if n := out.Tables["by_group"].Rows(); n%len(groups) != 0 || n == 0 {
				t.Errorf("%s: %d rows of %d groups", m.Name, n, len(groups))
			}
		}
	}
}

// Methods that read labels alone run without attributes, and select by classes; the others say what they lack.
func TestMethodsWithoutAttributes(t *testing.T) {
	with := nineGroups(t)
	bare := datasettest.Unattributed(t, with)
	for _, m := range methods {
		out, err := stagetest.Try(t.Context(), Kind, settings(short(m, ""), ""), inputs(t, bare))
		if len(m.Reads) > 0 {
			if err == nil || !strings.Contains(err.Error(), "method "+m.Name+" reads the ") || !strings.Contains(err.Error(), "this data set has no attributes") {
				t.Errorf("%s: %v", m.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		s := out.Tables["summary"]
		if got := value(t, s, "selection", 2); got != "best_validation_worst_class" {
			t.Errorf("%s: the third rule is %v", m.Name, got)
		}
		for _, column := range []string{"worst_group_accuracy", "worst_group", "validation_worst_group_accuracy", "core_correlation", "minority_accuracy"} {
			if got := value(t, s, column, 0); got != nil {
				t.Errorf("%s: %s is %v", m.Name, column, got)
			}
		}
		if value(t, s, "worst_class_accuracy", 0) == nil || out.Tables["by_group"].Rows() != 0 {
			t.Errorf("%s: worst class %v, %d rows of groups", m.Name, value(t, s, "worst_class_accuracy", 0), out.Tables["by_group"].Rows())
		}
		// The method does not see whether there are attributes: its networks are the same.
		if lastModel(t, out.Tables) != lastModel(t, run1(t, with, short(m, ""), "")) {
			t.Errorf("%s: other networks than with attributes", m.Name)
		}
	}
}

// The third rule takes the step with the best least accuracy of a class.
func TestWorstClassRule(t *testing.T) {
	out := run1(t, datasettest.Unattributed(t, nineGroups(t)), `{"name": "erm"}`, `"evaluation": {"every": 5}`)
	s := out["summary"]
	if got := value(t, s, "label_access", 2); got != "split: selection (validation)" {
		t.Errorf("label access: %v", got)
	}
	list := rules(dataset.ValidationSplit, false)
	if list[2].name != "best_validation_worst_class" || !slices.Equal(list[2].ledger.Uses(), []dataset.Use{{Mark: "split", Purpose: dataset.Selection, Split: dataset.ValidationSplit}}) {
		t.Errorf("%s reads %v", list[2].name, list[2].ledger.Uses())
	}
}
