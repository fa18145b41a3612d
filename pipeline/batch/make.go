package batch

import (
	"bytes"
	"encoding/json"
	"fmt"

	"spurion/pipeline/plan"
	"spurion/stages"
)

// A Maker makes batches of the instances of a plan.
type Maker struct {
	Plan       *plan.Plan
	Identities []plan.Digest
	// Supply has a file's content where tasks find it by its digest; Variable gives the value of a variable.
	Supply   func(path string, d plan.Digest) error
	Variable func(name string) string
	// Seconds tells how long a node may take; 0 if nobody knows.
	Seconds func(id int32) float64
}

// Fill adds nodes, in this order, to a batch. What they need is among them, or has its outputs.
func (m *Maker) Fill(b *Batch, ids []int32) error {
	f := filling{Maker: m, b: b, place: make(map[int32]int, len(ids)), outside: map[int32]int{}}
	for i, id := range ids {
		in, err := f.instance(&m.Plan.Nodes[id])
		if err != nil {
			return fmt.Errorf("%s: %w", m.Plan.Nodes[id].Address(), err)
		}
		in.Identity, in.Seconds = m.Identities[id].String(), m.Seconds(id)
		b.Instances = append(b.Instances, in)
		f.place[id] = i
	}
	return nil
}

type filling struct {
	*Maker
	b       *Batch
	place   map[int32]int // of nodes in the batch
	outside map[int32]int
}

func (f *filling) instance(n *plan.Node) (Instance, error) {
	spec := n.Instance()
	in := Instance{
		Kind: n.Stage.Kind.Name, Version: n.Stage.Kind.Version, Stage: n.Stage.Name, Axes: axesOf(spec.Axes),
		Settings: settingsOf(spec.Settings), Sensitive: n.Stage.Sensitive, Forced: n.Forced, Resources: n.Resources,
	}
	for i := range n.Stage.Kind.Inputs {
		port := &n.Stage.Kind.Inputs[i]
		sources := f.Plan.Sources(n, port.Name)
		if len(sources) == 0 {
			continue
		}
		input := Input{Name: port.Name}
		for _, s := range sources {
			r, err := f.ref(port, s)
			if err != nil {
				return in, err
			}
			input.Refs = append(input.Refs, r)
		}
		in.Inputs = append(in.Inputs, input)
	}
	for _, r := range spec.After {
		if i, ok := f.place[int32(f.Plan.ID(f.Plan.Node(r.Stage, r.Instance)))]; ok {
			in.After = append(in.After, i)
		}
	}
	return in, nil
}

func (f *filling) ref(port *stages.Input, s plan.Source) (Ref, error) {
	r := Ref{Key: s.Key, Output: s.Output}
	if s.Node == nil {
		r.Path = s.Path
		return r, f.external(port, s.Path)
	}
	id := int32(f.Plan.ID(s.Node))
	if i, ok := f.place[id]; ok {
		r.Of = &i
		return r, nil
	}
	i, ok := f.outside[id]
	if !ok {
		i = len(f.b.Outside)
		f.outside[id] = i
		f.b.Outside = append(f.b.Outside, outsideOf(s.Node))
	}
	r.Stored = &i
	return r, nil
}

func (f *filling) external(port *stages.Input, path string) error {
	if port.Type == stages.EnvironmentType {
		if f.b.Variables == nil {
			f.b.Variables = map[string]string{}
		}
		f.b.Variables[path] = f.Variable(path)
		return nil
	}
	if _, there := f.b.Files[path]; there {
		return nil
	}
	d, err := f.Plan.File(path)
	if err != nil {
		return err
	}
	if f.b.Files == nil {
		f.b.Files = map[string]string{}
	}
	f.b.Files[path] = d.String()
	return f.Supply(path, d)
}

func outsideOf(n *plan.Node) Outside {
	o := Outside{Kind: n.Stage.Kind.Name, Stage: n.Stage.Name, Axes: axesOf(n.Instance().Axes)}
	for _, out := range n.Outputs {
		o.Outputs = append(o.Outputs, Output{out.Name, out.Digest.String(), out.Size, out.Rows, out.Extension})
	}
	return o
}

// settingsOf gives settings as an object: the values are JSON already.
func settingsOf(s stages.Settings) json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, path := range s.Paths {
		if i > 0 {
			b.WriteByte(',')
		}
		name, _ := json.Marshal(path)
		b.Write(name)
		b.WriteByte(':')
		b.WriteString(s.Values[i])
	}
	b.WriteByte('}')
	return b.Bytes()
}
