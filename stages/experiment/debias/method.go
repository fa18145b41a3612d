package debias

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
)

// A Method is one way to train against spurious correlations. To add one: a file with its Method
// and a test of it, a line in methods, and its settings in MethodSettings.
type Method struct {
	Name string
	// Version is raised by whoever changes what this method computes: it enters the keys of the method's instances
	// alone. What changes every method raises the kind's.
	Version int
	// Doc says in words which update is executed, and which of the variants known under the name
	// that is.
	Doc    string
	Source string // where it was published
	// Reads is what the method may read for training beyond the labels of training samples. What it
	// reads is noted by the trial's ledger, and reading more is an error.
	Reads []Access
	// Finite says that the method needs a finite training set.
	Finite bool
	// Check reports settings that make no sense; it may be nil.
	Check func(*Settings) []stages.Problem
	// Run trains. All that it needs and may touch is in the trial; randomness comes from the names it
	// gives to networks and sources.
	Run func(context.Context, *Trial) error
}

// methods are all methods, in the order of MethodSettings.Name.
var methods = []*Method{
	erm, constant, spurious, classBalance, groupBalance, subg, groupDRO, cvarDRO, irm, mixup, lisa, pde, jtt, lff, eiil, cnc, spare, ssa, george,
}

// parts gives the methods as parts of the kind.
func parts() []stages.Part {
	var list []stages.Part
	for _, m := range methods {
		list = append(list, stages.Part{Setting: "method.name", Name: m.Name, Version: m.Version})
	}
	return list
}

func methodNamed(name string) *Method {
	for _, m := range methods {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// An Access is to marked values of a split. Those of the training split are also those of samples that
// are drawn afresh instead of it.
type Access struct {
	Mark  frame.Mark
	Split dataset.Split
}

// check compares what was read for training with what the method declares.
func (m *Method) check(l *dataset.Ledger) error {
	var errs []error
	for _, u := range l.Uses() {
		split, name := u.Split, u.Split
		if split == "" {
			split, name = dataset.TrainSplit, "fresh"
		}
		if u.Purpose != dataset.Training || !slices.Contains(m.Reads, Access{u.Mark, split}) {
			errs = append(errs, fmt.Errorf("read the %s of %s samples for %s, which was not declared", u.Mark, name, u.Purpose))
		}
	}
	return errors.Join(errs...)
}

// labelsAlone names the methods that read labels alone.
func labelsAlone() (names []string) {
	for _, m := range methods {
		if len(m.Reads) == 0 {
			names = append(names, m.Name)
		}
	}
	return names
}

// reads gives what the method may read, in words.
func (m *Method) reads() string {
	if len(m.Reads) == 0 {
		return "labels alone"
	}
	var list []string
	for _, a := range m.Reads {
		list = append(list, fmt.Sprintf("%ss of %s samples", a.Mark, a.Split))
	}
	return strings.Join(list, ", ")
}
