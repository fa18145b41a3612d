package pipeline

import (
	"context"
	"fmt"

	"spurion/pipeline/plan"
)

// Text gives what one instance left as an output, byte by byte: that of an output of text, such as "markdown" of
// "comparison.methods[depth=2]". Nothing is computed.
func (e *Experiment) Text(ctx context.Context, address, output string) (string, error) {
	p, nodes, err := e.named(ctx, address)
	if err != nil {
		return "", err
	}
	if len(nodes) != 1 {
		return "", plan.Targetf("%s is %d instances, and one is wanted", address, len(nodes))
	}
	n := nodes[0]
	if n.Status != plan.Cached {
		return "", fmt.Errorf("%s is not computed", n.Address())
	}
	o := n.Output(output)
	if o == nil {
		return "", plan.Targetf("%s has no output %q", n.Address(), output)
	}
	data, err := e.blobReader(ctx, p, nil)(o.Digest.String())
	return string(data), err
}
