package engine_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/pipeline/engine"
	"spurion/stages"
)

// TestMarkedColumnsAreRefused: what only a run decides may have marks too. The engine hands such a
// table, or its bytes, to kinds that declare the marks alone.
func TestMarkedColumnsAreRefused(t *testing.T) {
	for _, c := range []struct {
		name   string
		read   func(a stages.Artifact) error
		labels []stages.LabelUse
		fails  bool
	}{
		{"table", func(a stages.Artifact) error { _, err := a.Table(); return err }, nil, true},
		{"bytes", func(a stages.Artifact) error { _, err := a.Bytes(); return err }, nil, true},
		{"other marks", func(a stages.Artifact) error { _, err := a.Table(); return err },
			[]stages.LabelUse{{Mark: frame.MarkSplit, Purpose: "evaluation"}, {Mark: frame.MarkAttribute, Purpose: "training"}}, true},
		{"its mark", func(a stages.Artifact) error { _, err := a.Bytes(); return err },
			[]stages.LabelUse{{Mark: frame.MarkGroup, Purpose: "evaluation"}}, false},
		{"unread", func(stages.Artifact) error { return nil }, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			source := b.stage("source", "", 1)
			source.Kind = stages.Define(stages.Kind{
				Name: "source", Version: 1, Doc: "Writes a group.", Outputs: []stages.Output{{Name: "out"}},
			}, func(_ context.Context, _ *settings, r *stages.Run) error {
				field := valueField[0]
				field.Mark = frame.MarkGroup
				return r.Write("out", &frame.Table{Columns: []frame.Column{frame.Int64s(field, []int64{3})}})
			})
			reader := b.stage("reader", "", 1, source)
			reader.Kind = stages.Define(stages.Kind{
				Name: "reader", Version: 1, Doc: "Reads.", Labels: c.labels,
				Inputs:  []stages.Input{{Name: "in", Type: stages.AnyType, Cardinality: stages.List}},
				Outputs: []stages.Output{{Name: "out", Fields: valueField}},
			}, func(_ context.Context, _ *settings, r *stages.Run) error {
				if err := c.read(r.Inputs["in"][0]); err != nil {
					return err
				}
				return write(r, 1)
			})
			got := b.do(source, reader)["reader"]
			var refused *stages.MarkError
			if errors.As(got.Err, &refused) != c.fails || (got.Status == engine.Failed) != c.fails {
				t.Fatalf("the reader is %q, %v", got.Status, got.Err)
			}
			if c.fails && (!strings.Contains(got.Err.Error(), `the column value is marked group, which the kind "reader" does not declare`) || !strings.Contains(got.Err.Error(), "Labels")) {
				t.Errorf("the error is %v", got.Err)
			}
		})
	}
}
