package plan

import (
	"crypto/sha256"
	"strconv"
)

// Identities gives for each selected node a digest of what it is made from, all the way up: kinds, settings, and what is outside of the
// graph. Unlike a key it is known before anything is computed. Nodes of two plans that have one identity have one key.
// An error is that of a file or variable that cannot be read.
func (p *Plan) Identities() ([]Digest, error) {
	ids := make([]Digest, len(p.Nodes))
	var b []byte
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if !n.Selected {
			continue
		}
		b = append(b[:0], "spurion identity 1\n"...)
		b = append(b, n.Stage.Kind.Name...)
		b = strconv.AppendInt(append(b, ' '), int64(n.Stage.Kind.Version), 10)
		b = strconv.AppendBool(append(b, ' '), n.Forced)
		in := n.Instance()
		for k, path := range in.Settings.Paths {
			b = append(append(b, '\n'), path...)
			b = append(append(b, ' '), n.Stage.Keyed(path, in.Settings.Values[k])...)
		}
		for k := range in.Inputs {
			port := n.Stage.Kind.Input(in.Inputs[k].Name)
			for _, r := range canonical(port, in.Inputs[k].Refs) {
				b = strconv.AppendQuote(append(b, '\n'), port.Name+"."+r.Key+"."+r.Output+"."+r.Path)
				if r.Stage != nil {
					b = appendAxes(b, r.Stage.Instances[r.Instance].Axes)
					b = appendHex(b, ids[p.ID(p.Node(r.Stage, r.Instance))])
					continue
				}
				d, _, err := p.content(n, port, r)
				if err != nil {
					return nil, err
				}
				b = appendHex(b, d)
			}
		}
		ids[i] = sha256.Sum256(b)
	}
	return ids, nil
}
