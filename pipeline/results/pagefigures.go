package results

import (
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// showing gives the places in drawn of the figures that stand under an instance of a claim: those that it
// names. Of one that names none, those that draw the tables which it tests; if there are none, those
// that draw others of the same stages; and of either only those that agree with it on the axes that
// both have.
func showing(claim *spec.Stage, i int, drawn []*plan.Node) []int {
	if named := claim.Claim.Of[i].Figures; named != nil {
		return places(named, drawn)
	}
	in := &claim.Instances[i]
	for _, exact := range []bool{true, false} {
		var list []int
		tested := outputsRead(in, exact)
		for k, n := range drawn {
			figure := n.Instance()
			if agree(in.Axes, figure.Axes) && overlap(tested, outputsRead(figure, exact)) {
				list = append(list, k)
			}
		}
		if len(list) > 0 {
			return list
		}
	}
	return nil
}

// places gives where in drawn the named instances are; one that is not drawn is left out.
func places(named []spec.Ref, drawn []*plan.Node) []int {
	var list []int
	for _, ref := range named {
		for k, n := range drawn {
			if n.Stage == ref.Stage && n.Index == ref.Instance {
				list = append(list, k)
			}
		}
	}
	return list
}

// A readOutput is an output of some stage; of any, if it has no name.
type readOutput struct{ stage, name string }

func outputsRead(in *spec.Instance, named bool) map[readOutput]bool {
	set := map[readOutput]bool{}
	for _, input := range in.Inputs {
		for _, ref := range input.Refs {
			if ref.Stage == nil {
				continue
			}
			o := readOutput{stage: ref.Stage.ID()}
			if named {
				o.name = ref.Output
			}
			set[o] = true
		}
	}
	return set
}

func overlap(a, b map[readOutput]bool) bool {
	for o := range b {
		if a[o] {
			return true
		}
	}
	return false
}

// agree reports whether two instances have the same values on all axes that both have.
func agree(a, b []stages.Axis) bool {
	for _, x := range a {
		for _, y := range b {
			if x.Name == y.Name && x.Text() != y.Text() {
				return false
			}
		}
	}
	return true
}
