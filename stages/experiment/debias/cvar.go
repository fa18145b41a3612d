package debias

import (
	"cmp"
	"context"
	"slices"

	"spurion/stages/common/trainloop"
)

// cvarDRO minimises the mean of the largest losses.
var cvarDRO = &Method{
	Name:    "cvar_dro",
	Version: 1,
	Doc: "For each batch of m losses a step on their conditional value at risk: with k = α m, the floor(k) largest weigh 1/k each and the next one the rest, 1 - floor(k)/k; of equal losses the first in the batch counts as larger. " +
		"α = 1 is ERM. The value of a batch estimates that of the data with a bias, the more so the smaller α m is.",
	Source: "Levy, Carmon, Duchi and Sidford 2020; Yang et al. 2023 (CVaRDRO)",
	Run: func(ctx context.Context, t *Trial) error {
		source, err := t.Natural("")
		if err != nil {
			return err
		}
		tail := &tail{alpha: t.Method.Alpha}
		weigh := func(_ *trainloop.Batch, losses []float32) []float32 { return tail.weigh(losses) }
		return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Weigh: weigh, Steps: t.Remaining()})
	},
}

// A tail weighs the largest losses.
type tail struct {
	alpha   float64
	order   []int
	weights []float32
}

// weigh gives weights of the losses, [len(losses)], which sum to 1.
func (c *tail) weigh(losses []float32) []float32 {
	m := len(losses)
	c.order, c.weights = c.order[:0], sized(c.weights, m)
	for i := range m {
		c.order = append(c.order, i)
	}
	slices.SortStableFunc(c.order, func(i, j int) int { return cmp.Compare(losses[j], losses[i]) })
	clear(c.weights)
	k := max(float64(c.alpha*float64(m)), 1e-300) // α may be so small that the product is 0
	whole := min(int(k), m)
	for _, i := range c.order[:whole] {
		c.weights[i] = float32(1 / k)
	}
	if whole < m {
		c.weights[c.order[whole]] = float32(1 - float64(whole)/k)
	}
	return c.weights
}
