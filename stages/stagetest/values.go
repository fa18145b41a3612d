package stagetest

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// enumerated checks that columns hold what the output's Values tell of before the run, and that those which it is said to
// keep hold what the inputs do.
func enumerated(outputs []stages.Output, name string, settings any, inputs Inputs, t *frame.Table) error {
	o := outputs[slices.IndexFunc(outputs, func(o stages.Output) bool { return o.Name == name })]
	var errs []error
	check := func(column string, values []string, whose string) {
		c := t.Column(column)
		if c == nil {
			errs = append(errs, fmt.Errorf("output %q: %s a column %s, which is not there", name, whose, column))
			return
		}
		for i := range c.Len() {
			if !c.Null(i) && !slices.Contains(values, c.Text(i)) {
				errs = append(errs, fmt.Errorf("output %q: the column %s holds %q, but %s %q", name, column, c.Text(i), whose, values))
				return
			}
		}
	}
	if o.Values != nil {
		values := o.Values(settings)
		for _, column := range slices.Sorted(maps.Keys(values)) {
			check(column, values[column], "Values tells of")
		}
	}
	if o.OthersOf != nil {
		for in, columns := range o.OthersOf(settings).Kept {
			for _, column := range columns {
				values, err := held(inputs[in], column)
				if err != nil {
					return err
				}
				check(column, values, "Kept tells of")
			}
		}
	}
	return errors.Join(errs...)
}

// held gives the values of a column or axis of what an input is given, as text.
func held(given []stages.Artifact, column string) ([]string, error) {
	var values []string
	for _, a := range given {
		for _, axis := range a.Axes {
			if axis.Name == column {
				values = append(values, stages.PlainText(axis.Value))
			}
		}
		t, err := a.Table()
		if err != nil {
			return nil, err
		}
		if c := t.Column(column); c != nil {
			for i := range c.Len() {
				if !c.Null(i) {
					values = append(values, c.Text(i))
				}
			}
		}
	}
	return values, nil
}
