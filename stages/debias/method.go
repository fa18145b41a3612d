package debias

import (
	"context"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/data"
)

// A Method is one way to train against spurious correlations. To add one: a file with its Method
// and a test of it, a line in methods, and its settings in MethodSettings.
type Method struct {
	Name string
	// Doc says in words which update is executed, and which of the variants known under the name
	// that is.
	Doc    string
	Source string // where it was published
	// Reads are the marks of what the method may read for training. What it reads is noted by the
	// trial's ledger, and reading more is an error.
	Reads []frame.Mark
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

func methodNamed(name string) *Method {
	for _, m := range methods {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// declared gives the label uses of the method in a contract's form.
func (m *Method) declared() []stages.LabelUse {
	uses := make([]stages.LabelUse, len(m.Reads))
	for i, mark := range m.Reads {
		uses[i] = stages.LabelUse{Mark: mark, Purpose: data.Training}
	}
	return uses
}
