package stages

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
)

// A MarkError says that a kind was to be given a column with a mark that it does not declare.
type MarkError struct {
	Kind   string
	Column string
	Mark   frame.Mark // the first that is not declared
}

// Error names the column, and what a user and the kind's author can do.
func (e *MarkError) Error() string {
	return fmt.Sprintf("the column %s is marked %s, which the kind %q does not declare that it reads. %s", e.Column, e.Mark, e.Kind, e.Remedy())
}

// Remedy says what to do about it.
func (e *MarkError) Remedy() string {
	return fmt.Sprintf("Give it a table without that column, such as one of a stage \"table\" whose columns leave it out; or, if the kind is yours, say in its Labels that it reads %s, and for what.", e.Mark)
}

// Refusal gives a *MarkError for the first of the fields whose marks the kind does not all declare
// (Labels), for whatever purpose; nil if there is none.
func (k *Kind) Refusal(fields []frame.Field) error {
	for _, f := range fields {
		for _, m := range f.Mark.All() {
			if !k.declares(m) {
				return &MarkError{Kind: k.Name, Column: f.Name, Mark: m}
			}
		}
	}
	return nil
}

func (k *Kind) declares(m frame.Mark) bool {
	return slices.ContainsFunc(k.Labels, func(l LabelUse) bool { return l.Mark == m })
}

// Guard gives the artifact as the kind may read it: Table, Decoded and Bytes are an error, the kind's
// Refusal, where the artifact is a table with a marked column that the kind does not declare. It
// serves who runs kinds: an engine, or a test.
func (k *Kind) Guard(a Artifact) Artifact {
	table, bytes := a.Table, a.Bytes
	a.Table = func() (*frame.Table, error) {
		t, err := table()
		if err != nil {
			return nil, err
		}
		if err := k.Refusal(t.Fields()); err != nil {
			return nil, err
		}
		return t, nil
	}
	if decoded := a.Decoded; decoded != nil {
		a.Decoded = func(d *Decoder) (*Decoded, error) {
			made, err := decoded(d)
			if err == nil {
				err = k.Refusal(made.Fields)
			}
			if err != nil {
				return nil, err
			}
			return made, nil
		}
	}
	isTable := a.Extension == "" && a.Path == ""
	if isTable && !k.ReadsEverything() {
		a.Bytes = func() ([]byte, error) {
			data, err := bytes()
			if err != nil {
				return nil, err
			}
			head, _, err := frame.DecodeFields(data)
			if err != nil {
				return nil, err
			}
			if err := k.Refusal(head.Fields()); err != nil {
				return nil, err
			}
			return data, nil
		}
	}
	return a
}

// ReadsEverything reports whether the kind declares every mark, so that no column is refused.
func (k *Kind) ReadsEverything() bool {
	return !slices.ContainsFunc(frame.Marks, func(m frame.Mark) bool { return !k.declares(m) })
}
