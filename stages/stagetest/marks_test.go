package stagetest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// marked is a table with a column that a kind must declare.
func marked(mark frame.Mark) *frame.Table {
	t := table(1, 2)
	t.Columns[0].Mark = mark
	return t
}

// TestMarks: Try hands a marked column to a kind that declares its mark alone, and Conform finds a
// kind that goes on without what it was refused.
func TestMarks(t *testing.T) {
	read := func(pass func(error) error) *stages.Kind {
		k := kind(func(ctx context.Context, s *settings, r *stages.Run) error {
			if _, err := r.Table("in"); pass(err) != nil {
				return err
			}
			return good(ctx, s, r)
		})
		k.Labels = []stages.LabelUse{{Mark: frame.MarkGroup, Purpose: "evaluation"}}
		return k
	}
	honest := read(func(err error) error { return err })
	deaf := read(func(error) error { return nil })
	for mark, refused := range map[frame.Mark]bool{"": false, "group": false, "split": true, "group,split": true} {
		_, err := Try(t.Context(), honest, minimal, Inputs{"in": Tables(marked(mark))})
		var e *stages.MarkError
		if errors.As(err, &e) != refused || (err != nil) != refused {
			t.Errorf("marked %q: %v", mark, err)
		}
		if refused && (e.Kind != "fake" || e.Column != "x" || e.Mark != "split" || !strings.Contains(err.Error(), `input "in"`)) {
			t.Errorf("marked %q: the error is %+v: %v", mark, e, err)
		}
	}
	c := Case{Settings: minimal, Inputs: Inputs{"in": Tables(table(1))}}
	complaints := func(k *stages.Kind) string {
		f := &failures{}
		conform(f, k, c)
		return strings.Join(f.list, "\n")
	}
	if got := complaints(honest); got != "" {
		t.Errorf("an honest kind: %s", got)
	}
	if got := complaints(deaf); !strings.Contains(got, "marked split, which is not declared") || strings.Contains(got, "marked group") {
		t.Errorf("a kind that passes over a refusal: %q", got)
	}
	deaf.Labels = []stages.LabelUse{{Mark: "colour", Purpose: "evaluation"}, {Mark: frame.MarkGroup, Purpose: "fun"}}
	if wrong := Undocumented(deaf); len(wrong) != 2 {
		t.Errorf("odd labels: %q", wrong)
	}
}

// TestKeepsMark: it finds what depends on a column and is not marked, and a case that shows nothing.
func TestKeepsMark(t *testing.T) {
	copies := func(mark bool, use string) *stages.Kind {
		return stages.Define(stages.Kind{
			Name: "copies", Version: 1, Doc: "Copies.",
			Inputs:  []stages.Input{{Name: "in", Doc: "a table", Type: stages.AnyType}},
			Outputs: []stages.Output{{Name: "out", Doc: "a table"}},
			Labels:  []stages.LabelUse{{Mark: frame.MarkGroup, Purpose: "evaluation"}},
		}, func(_ context.Context, _ *struct{}, r *stages.Run) error {
			in, err := r.Table("in")
			if err != nil {
				return err
			}
			c := *in.Column(use)
			c.Name = "copy"
			if !mark {
				c.Mark = ""
			}
			return r.Write("out", &frame.Table{Columns: []frame.Column{c}})
		})
	}
	in := &frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "x"}, []int64{1, 2, 3}), frame.Int64s(frame.Field{Name: "y"}, []int64{4, 4, 5}),
	}}
	c := Case{Settings: `{}`, Inputs: Inputs{"in": Tables(in)}}
	for _, test := range []struct {
		kind       *stages.Kind
		had, wrong string
	}{
		{copies(true, "x"), "out.copy", ""},
		{copies(false, "x"), "", "the output column out.copy depends on it, and is not marked"},
		{copies(true, "y"), "", "nothing depends on it"},
	} {
		had, wrong := keepsMark(&failures{}, test.kind, c, "in", "x")
		if strings.Join(had, " ") != test.had || strings.Join(wrong, "; ") != test.wrong {
			t.Errorf("marked are %q, wrong is %q; want %q, %q", had, wrong, test.had, test.wrong)
		}
	}
	if in.Columns[0].Mark != "" || in.Columns[0].Int64s[0] != 1 {
		t.Error("the input was changed")
	}
}
