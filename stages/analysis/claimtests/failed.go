package claimtests

import (
	"context"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// A stake is what the outcome of a claim hangs on. It says which verdicts instances that failed could have made.
type stake struct {
	sides []stakeSide
	where map[string]string // of all sides
	fixed []string          // columns that say which row is which: x, units, pairs; "" is none
	unit  string            // the column of units, whose values are alike but for chance
	// bounds are the numbers that a difference of values is held against, and ratio, if not 0, the one that a
	// quotient is.
	bounds []float64
	ratio  float64
	nulls  bool // a null is larger than every value
	// between says that a value in the midst of the others may decide otherwise than one beyond them all, so that some of these
	// are tried too: a test that goes by the spread of ranks may be the less sure for an extreme value.
	between bool
	// open says, as a sentence without its full stop, why what failed could lead anywhere; empty if its worst and its
	// best can be tried.
	open string
}

// A stakeSide is a column that is measured in some rows, and whether the claim gains by larger values there.
type stakeSide struct {
	column string
	where  map[string]string
	larger bool
}

// careful makes a test that holds its verdict against what failed. Without instances that failed it is the test
// itself. With some, the test is done on what there is, and again with the failed ones at their worst and at their best
// for the claim, be it reproduced or not. A verdict that does not come out each time is inconclusive, as is
// one whose worst and best cannot be told. Worst and best are tried with ties among what failed and without; ties with
// what is there, which move a p-value a little, are not.
func careful[S any, P interface {
	*S
	stake() *stake
}](test func(context.Context, P, *stages.Run) error) func(context.Context, *S, *stages.Run) error {
	return func(ctx context.Context, s *S, r *stages.Run) error {
		if len(r.Lacks) == 0 {
			return test(ctx, P(s), r)
		}
		own := *r
		var found *frame.Table
		own.Write = func(output string, t *frame.Table) error {
			if output != verdictOutput.Name {
				return r.Write(output, t)
			}
			found = t
			return nil
		}
		if err := test(ctx, P(s), &own); err != nil {
			return err
		}
		o := &outlook{stake: P(s).stake(), run: r, verdict: textOf(found, "verdict")}
		o.try = func(parts []gather.Part) (string, error) { return verdictOn(ctx, test, P(s), r, parts) }
		if p, ok := any(s).(placing); ok {
			o.place = func(parts []gather.Part, marks []float64, x extremes, best bool) (string, error) {
				return p.placed(ctx, withParts(r, parts), marks, x, best)
			}
		}
		verdict, why, err := o.judge()
		if err != nil {
			return err
		}
		setText(found, "verdict", verdict)
		setText(found, "detail", textOf(found, "detail")+" "+stages.LacksText(r.Lacks)+why)
		return r.Write(verdictOutput.Name, found)
	}
}

// An outlook is a verdict, and what it takes to try how it would be with what failed.
type outlook struct {
	*stake
	run     *stages.Run
	verdict string // on what there is
	try     func(parts []gather.Part) (verdict string, err error)
	// place, if it is not nil, tries values that depend on the other rows: see placing.
	place func(parts []gather.Part, marks []float64, x extremes, best bool) (verdict string, err error)
}

// judge gives the verdict, and what to say of it after what failed.
func (o *outlook) judge() (verdict, why string, err error) {
	if o.verdict == inconclusive {
		return inconclusive, ".", nil
	}
	parts, err := gather.Read(o.run.Inputs[tableInput.Name])
	if err != nil {
		return "", "", err
	}
	turned := func(because string) (string, string, error) {
		return inconclusive, fmt.Sprintf(". On what is there the claim is %s, but what is missing could change that: %s.", o.verdict, because), nil
	}
	imagined, unknown := o.imagine(o.run.Lacks, parts)
	switch {
	case unknown != "":
		return turned(unknown)
	case len(imagined) == 0:
		return o.verdict, ". None of what is missing belongs to this claim.", nil
	case o.open != "":
		return turned(o.open)
	}
	x := o.extremes(parts)
	for try := range 4 {
		if x.tied = try > 1; x.tied && len(imagined) == 1 {
			break
		}
		best := try%2 == 1
		switch verdict, err := o.with(parts, imagined, x, best); {
		case err != nil: // such as a ratio of numbers below 0
			return turned(fmt.Sprintf("%s, the test could not be done", ifValues(best)))
		case verdict != o.verdict:
			return turned(fmt.Sprintf("%s, it would be %s", ifValues(best), verdict))
		}
	}
	for _, value := range o.midst(parts) {
		switch verdict, err := o.try(append(o.allWidened(parts), o.filled(imagined, func(int, bool) (float64, bool) { return value, true })...)); {
		case err != nil:
			return turned(fmt.Sprintf("if the missing values were %s, the test could not be done", number(value)))
		case verdict != o.verdict:
			return turned(fmt.Sprintf("if the missing values were %s, it would be %s", number(value), verdict))
		}
	}
	return o.verdict, ". The verdict is the same whether the missing values are as bad or as good as they can be for the claim.", nil
}

// ifValues begins a sentence on the imagined values.
func ifValues(best bool) string {
	if best {
		return "if the missing values were as good as they can be for it"
	}
	return "if the missing values were as bad as they can be for it"
}

// with gives the verdict with the imagined rows at their best or worst.
func (o *outlook) with(parts []gather.Part, imagined []imagined, x extremes, best bool) (string, error) {
	all := o.allWidened(parts)
	if o.place != nil {
		added, marks := o.marked(imagined, x)
		return o.place(append(all, added...), marks, x, best)
	}
	return o.try(append(all, o.filled(imagined, x.favouring(best))...))
}

// allWidened gives tables whose measured columns may hold fractions and nulls.
func (o *outlook) allWidened(parts []gather.Part) []gather.Part {
	all := slices.Clone(parts)
	for i := range all {
		all[i] = gather.NewPart(all[i].Axes, o.widened(all[i].Table()))
	}
	return all
}

// verdictOn gives the verdict on other tables: that of the trial, if there is one, which is spared the words.
func verdictOn[P any](ctx context.Context, test func(context.Context, P, *stages.Run) error, s P, r *stages.Run, parts []gather.Part) (string, error) {
	own := withParts(r, parts)
	if t, err := Open(ctx, own); err != nil {
		return "", err
	} else if t != nil {
		return t.Verdict(nil)
	}
	verdict := ""
	own.Write = func(output string, t *frame.Table) error {
		if output == verdictOutput.Name {
			verdict = textOf(t, "verdict")
		}
		return nil
	}
	err := test(ctx, s, own)
	return verdict, err
}

// withParts gives a run like r on other tables, which reports no progress.
func withParts(r *stages.Run, parts []gather.Part) *stages.Run {
	own := *r
	list := make([]stages.Artifact, len(parts))
	for i, p := range parts {
		list[i] = stages.Artifact{Axes: p.Axes, Table: func() (*frame.Table, error) { return p.Table(), nil }}
	}
	own.Inputs = map[string][]stages.Artifact{tableInput.Name: list}
	own.Lacks, own.Progress = nil, func(int64, int64) {}
	return &own
}

func textOf(t *frame.Table, column string) string { return t.Column(column).Strings.At(0) }

func setText(t *frame.Table, column, text string) { t.Column(column).Strings.Set(0, text) }
