package results

import (
	"encoding/hex"
	"strings"

	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// Outputs lists what people open of a plan: every output that is not internal, in the spec's order.
func Outputs(p *plan.Plan) ([]publish.Source, error) {
	var list []publish.Source
	for _, st := range p.Spec.Stages {
		outputs, err := st.Outputs()
		if err != nil {
			return nil, err
		}
		var named []publish.Instance
		for _, o := range outputs {
			if o.Internal {
				continue
			}
			s := output(p, st, o, named)
			list = append(list, s)
			if len(s.Instances) == len(st.Instances) {
				named = s.Instances
			}
		}
	}
	return list, nil
}

// Output gives an output of the instances of a stage, but for those that have results without it, as their settings give
// them none.
func Output(p *plan.Plan, st *spec.Stage, o stages.Output) publish.Source {
	return output(p, st, o, nil)
}

// output is Output that takes the names of instances from another output's; nil if there is none. A hundred thousand
// instances have their names and keys once.
func output(p *plan.Plan, st *spec.Stage, o stages.Output, named []publish.Instance) publish.Source {
	s := publish.Source{
		Kind: st.KindName, Name: st.Name, Output: o.Name, Doc: o.Doc, Axes: st.Axes,
		Instances: make([]publish.Instance, 0, len(st.Instances)),
	}
	if st.Claim != nil && o.Name == verdictOutput { // what else a test writes is a table like any other
		s.Claim = &publish.ClaimText{Name: st.Name, Test: st.Claim.Test}
		for _, a := range st.Claim.Of {
			s.Claim.Of = append(s.Claim.Of, publish.AssertionText{Says: a.Says, Source: a.Source, SourceSays: a.SourceSays, Setting: a.Setting})
		}
	}
	var last string
	var lastDigest plan.Digest
	for i := range st.Instances {
		n := p.Node(st, i)
		out := n.Output(o.Name)
		if out == nil && len(n.Outputs) > 0 {
			continue
		}
		in := publish.Instance{Axes: n.Instance().Axes, KindVersion: st.Kind.Version, Extension: o.Extension}
		switch {
		case named != nil:
			in.Address, in.Key = named[i].Address, named[i].Key
		case n.Keyed:
			in.Address, in.Key = n.Address(), hex.EncodeToString(n.Key[:])
		default:
			in.Address = n.Address()
		}
		if out != nil {
			in.Size, in.Rows = out.Size, out.Rows
			in.Lacks = n.LacksText()
			if in.Digest = last; out.Digest != lastDigest || last == "" { // equal results often follow each other
				in.Digest = hex.EncodeToString(out.Digest[:])
				last, lastDigest = in.Digest, out.Digest
			}
		}
		s.Instances = append(s.Instances, in)
	}
	return s
}

// FindOutput finds the output that a target names: KIND.NAME.OUTPUT, or KIND.NAME for a stage's only table for people,
// or its only output if it has no table.
func FindOutput(s *spec.Spec, target string) (*spec.Stage, stages.Output, error) {
	if strings.Contains(target, "[") {
		return nil, stages.Output{}, plan.Targetf("%q selects instances, and an output is named KIND.NAME.OUTPUT: select with --where AXIS=VALUE", target)
	}
	parts := strings.Split(target, ".")
	if len(parts) != 2 && len(parts) != 3 {
		return nil, stages.Output{}, plan.Targetf("%q is not of the form KIND.NAME.OUTPUT", target)
	}
	st, err := findStage(s, parts[0]+"."+parts[1])
	if err != nil {
		return nil, stages.Output{}, err
	}
	outputs, err := st.Outputs()
	if err != nil {
		return nil, stages.Output{}, err
	}
	var names []string
	var fits []stages.Output
	for _, o := range outputs {
		names = append(names, o.Name)
		if len(parts) == 3 && o.Name == parts[2] || len(parts) == 2 && !o.Internal && o.Extension == "" {
			fits = append(fits, o)
		}
	}
	if len(parts) == 2 && len(fits) == 0 && len(outputs) == 1 {
		fits = outputs
	}
	if len(fits) != 1 {
		return nil, stages.Output{}, plan.Targetf("%q names no single output of %s; it has %s", target, st.ID(), strings.Join(names, ", "))
	}
	return st, fits[0], nil
}

func findStage(s *spec.Spec, id string) (*spec.Stage, error) {
	var ids []string
	for _, st := range plan.StageOrder(s) {
		if st.ID() == id {
			return st, nil
		}
		ids = append(ids, st.ID())
	}
	return nil, plan.Targetf("there is no stage %s; there are %s", id, strings.Join(ids, ", "))
}
