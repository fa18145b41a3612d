package dataset

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// The purposes for which a kind reads marked columns (stages.LabelUse).
const (
	Training   = "training"   // the values shape what is learned, by weights, sampling or as targets
	Selection  = "selection"  // they choose among what was learned: a checkpoint, a setting
	Evaluation = "evaluation" // they are only reported
	Checking   = "checking"   // they are compared with each other and the law when a table is read
	Making     = "making"     // another data set is made of the samples, in which they are marked again
)

// Reading is what every kind declares that is given data sets, beside its own uses: FromTable tells
// the splits apart and holds labels, attributes and groups against each other. Whoever does not say
// more has no other way to them: a Ledger's Check accepts declared uses alone.
var Reading = []stages.LabelUse{
	{Mark: frame.MarkAttribute, Purpose: Checking},
	{Mark: frame.MarkGroup, Purpose: Checking},
	{Mark: frame.MarkSplit, Purpose: Checking},
}

// A Use says that marked values of a split were read for a purpose. Split is empty for samples
// drawn from a law.
type Use struct {
	Mark    frame.Mark
	Purpose string
	Split   Split
}

// A Ledger notes every Use. The zero value is ready; a ledger serves one goroutine. What counts:
//
//   - attributes are marked frame.MarkAttribute, groups frame.MarkGroup, in every split;
//   - labels of the validation and test splits are marked frame.MarkSplit; those of the training
//     split are what everybody trains on, and are not noted.
//
// Who draws labels and attributes from a law by himself notes it with Note.
type Ledger struct {
	uses []Use
}

// Note adds a use, once however often it is noted.
func (l *Ledger) Note(mark frame.Mark, purpose string, split Split) {
	u := Use{mark, purpose, split}
	if i, ok := slices.BinarySearchFunc(l.uses, u, compareUses); !ok {
		l.uses = slices.Insert(l.uses, i, u)
	}
}

// Uses gives what was noted, sorted by mark, purpose and split.
func (l *Ledger) Uses() []Use { return slices.Clone(l.uses) }

func compareUses(a, b Use) int {
	return cmp.Or(cmp.Compare(a.Mark, b.Mark), cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Split, b.Split))
}

// Access gives the uses other than for evaluation in words, such as "attribute: selection
// (validation); group: training (train)", or "none".
func (l *Ledger) Access() string {
	var parts []string
	for _, u := range l.uses {
		if u.Purpose != Evaluation {
			parts = append(parts, fmt.Sprintf("%s: %s (%s)", u.Mark, u.Purpose, u.Split.orLaw()))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, "; ")
}

// Check compares what was read with what a kind declared (stages.Kind.Labels). Each use whose mark
// and purpose were not declared is an error, and so is any use of the test split for another
// purpose than evaluation.
func (l *Ledger) Check(declared []stages.LabelUse) error {
	var errs []error
	for _, u := range l.uses {
		if !slices.Contains(declared, stages.LabelUse{Mark: u.Mark, Purpose: u.Purpose}) {
			errs = append(errs, fmt.Errorf("read the %s of %s samples for %s, which was not declared", u.Mark, u.Split.orLaw(), u.Purpose))
		}
		if u.Split == TestSplit && u.Purpose != Evaluation {
			errs = append(errs, fmt.Errorf("read the %s of test samples for %s; they are for evaluation alone", u.Mark, u.Purpose))
		}
	}
	return errors.Join(errs...)
}

func (s Split) orLaw() string {
	if s == "" {
		return "fresh"
	}
	return string(s)
}
