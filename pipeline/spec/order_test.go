package spec_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"spurion/pipeline/spec"
)

// graph makes stages from "a: b c" lines, which say that a uses b and c.
func graph(lines ...string) []*spec.Stage {
	byName := map[string]*spec.Stage{}
	var list []*spec.Stage
	for _, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		byName[name] = &spec.Stage{Name: name}
		list = append(list, byName[name])
	}
	for i, line := range lines {
		_, uses, _ := strings.Cut(line, ":")
		for _, u := range strings.Fields(uses) {
			list[i].Uses = append(list[i].Uses, byName[u])
		}
	}
	return list
}

func names(list []*spec.Stage) string {
	var b strings.Builder
	for _, st := range list {
		b.WriteString(st.Name)
	}
	return b.String()
}

func TestOrder(t *testing.T) {
	for _, c := range []struct {
		lines          string
		sorted, cycles string
	}{
		{"", "", ""},
		{"a,b,c", "abc", ""},
		{"a,b: a,c: a,d: b c", "abcd", ""},
		{"x: z,y,z", "zxy", ""},                   // what is needed comes right before, and no later
		{"a,b: c,c,d", "acbd", ""},                //
		{"a: b,b: c,c: d,d", "dcba", ""},          //
		{"a: c b,b,c", "cba", ""},                 // of several that come later, in the order of the references
		{"a: a,b: a", "ab", "a"},                  //
		{"a,b: c,c: d,d: b,e: d", "abcde", "bcd"}, // a cycle's stages, then what needs them
		{"a: b,b: a c,c: d,d: c", "cdab", "cd ab"},
		{"a: b,b: a,c,d: c e,e: d e", "abcde", "ab de"},
	} {
		lines := strings.FieldsFunc(c.lines, func(r rune) bool { return r == ',' })
		sorted, cycles := spec.Order(graph(lines...))
		var sets []string
		for _, set := range cycles {
			sets = append(sets, names(set))
		}
		if got := strings.Join(sets, " "); names(sorted) != c.sorted || got != c.cycles {
			t.Errorf("%s: %s with cycles %q, want %s with %q", c.lines, names(sorted), got, c.sorted, c.cycles)
		}
	}
}

// Every stage comes once, after all that it uses, the same way each time; stages that are in order already stay as they are.
func TestOrderHolds(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 1))
		list := make([]*spec.Stage, 1+r.IntN(30))
		for i := range list {
			list[i] = &spec.Stage{Name: fmt.Sprint(i)}
			for _, k := range r.Perm(i) {
				if r.IntN(4) == 0 {
					list[i].Uses = append(list[i].Uses, list[k])
				}
			}
		}
		if sorted, cycles := spec.Order(list); !slices.Equal(sorted, list) || cycles != nil {
			t.Fatalf("seed %d: stages in order become %s", seed, names(sorted))
		}
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		sorted, cycles := spec.Order(list)
		again, _ := spec.Order(list)
		if len(sorted) != len(list) || cycles != nil || !slices.Equal(sorted, again) {
			t.Fatalf("seed %d: %d of %d stages, cycles %v", seed, len(sorted), len(list), cycles)
		}
		// The order is that of a walk down the file that goes to all that a stage uses before it notes the stage.
		var want []*spec.Stage
		var visit func(st *spec.Stage)
		visit = func(st *spec.Stage) {
			if !slices.Contains(want, st) {
				for _, u := range st.Uses {
					visit(u)
				}
				want = append(want, st)
			}
		}
		for _, st := range list {
			visit(st)
		}
		if !slices.Equal(sorted, want) {
			t.Fatalf("seed %d: %s, want %s", seed, names(sorted), names(want))
		}
	}
}
