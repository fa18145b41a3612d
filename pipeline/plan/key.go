package plan

import (
	"fmt"
	"strconv"

	"spurion/pipeline/spec"
	"spurion/stages"
)

// keySchema is the first line of every key's text: raise it when the form of the text changes.
const keySchema = "spurion action 1"

// appendKeyText appends what a node's key hashes: one fact a line, each labelled, quoted where
// needed so that no two facts can run together. It holds no name, path, time or host.
//
//	spurion action 1
//	kind train 2
//	part method.name jtt 3
//	setting batch 64
//	setting optimizer.rate 0.05
//	input data 6dc0...
//	input table {"seed":1,"strength":0.9} 11f2...
//	input files "fit.py" 90ab...
//	input inputs.report ".html" 57c1...
//	missing table 1 of 3 along seed, beside 0-1: {"seed":1}
//
// A sensitive setting is a digest: "setting environment (sensitive) 5be0...". A part at its first version has no
// line, so that dividing a kind into parts changes no key. Nor has a setting that the kind declares unkeyed: it is
// about the doing, not the result.
// What a node depends on must have its outputs.
func (p *Plan) appendKeyText(b []byte, n *Node) ([]byte, error) {
	in := n.Instance()
	b = append(b, keySchema...)
	b = append(b, "\nkind "...)
	b = append(b, n.Stage.Kind.Name...)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(n.Stage.Kind.Version), 10)
	b = append(b, '\n')
	for _, part := range n.Stage.Kind.PartsOf(in.Settings) {
		if part.Version > 1 {
			b = append(b, fmt.Sprintf("part %s %s %d\n", part.Setting, part.Name, part.Version)...)
		}
	}
	schema := n.Stage.Kind.Schema()
	for i, path := range in.Settings.Paths {
		if !schema.Keyed(path) {
			continue
		}
		b = append(b, "setting "...)
		b = append(b, path...)
		b = append(b, ' ')
		b = append(b, n.Stage.Keyed(path, in.Settings.Values[i])...)
		b = append(b, '\n')
	}
	for i := range in.Inputs {
		var err error
		if b, err = p.appendInput(b, n, &in.Inputs[i]); err != nil {
			return b, err
		}
	}
	if n.Stage.Kind.Gathers() {
		for i := range n.Lacks {
			b = appendLack(b, &n.Lacks[i])
		}
	}
	return b, nil
}

func (p *Plan) appendInput(b []byte, n *Node, in *spec.Input) ([]byte, error) {
	port := n.Stage.Kind.Input(in.Name)
	for _, r := range canonical(port, in.Refs) {
		if p.absent(n, r) {
			continue
		}
		if _, unread := p.unreadRoot(r); unread {
			continue // a look compares what is left
		}
		b = append(b, "input "...)
		b = append(b, in.Name...)
		if r.Key != "" {
			b = append(b, '.')
			b = append(b, r.Key...)
		}
		if port.Axes && r.Stage != nil {
			b = append(b, ' ')
			b = appendAxes(b, r.Stage.Instances[r.Instance].Axes)
		}
		if r.Stage == nil {
			b = append(b, ' ')
			b = strconv.AppendQuote(b, r.Path)
		}
		d, extension, err := p.content(n, port, r)
		if err != nil {
			return b, err
		}
		if extension != "" {
			b = append(b, ' ')
			b = strconv.AppendQuote(b, extension)
		}
		b = append(b, ' ')
		b = appendHex(b, d)
		b = append(b, '\n')
	}
	return b, nil
}

// content gives the digest of what a reference points to, and the extension of a stage's raw file,
// which the kind is told.
func (p *Plan) content(n *Node, port *stages.Input, r spec.Ref) (d Digest, extension string, err error) {
	if r.Stage != nil {
		out := p.Node(r.Stage, r.Instance).Output(r.Output)
		if out == nil {
			return d, "", fmt.Errorf("%s: input %s: %s has no output %q",
				n.Address(), port.Name, r.Stage.Address(r.Instance), r.Output)
		}
		return out.Digest, out.Extension, nil
	}
	read := p.external.File
	if port.Type == stages.EnvironmentType {
		read = p.external.Variable
	}
	if d, err = read(r.Path); err != nil {
		return d, "", fmt.Errorf("%s: input %s: %w", n.Address(), port.Name, err)
	}
	return d, "", nil
}

// appendAxes appends axes as a JSON object, in their order.
func appendAxes(b []byte, axes []stages.Axis) []byte {
	b = append(b, '{')
	for i, a := range axes {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, a.Name)
		b = append(b, ':')
		if s, ok := a.Value.(string); ok {
			b = strconv.AppendQuote(b, s)
		} else {
			b = append(b, a.Text()...)
		}
	}
	return append(b, '}')
}

func appendHex(b []byte, d Digest) []byte {
	const digits = "0123456789abcdef"
	for _, x := range d {
		b = append(b, digits[x>>4], digits[x&15])
	}
	return b
}
