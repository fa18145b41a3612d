package responses

import (
	"context"
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/numeric/quantile"
)

// A role of a unit is which subnetwork it belongs to, or why to none.
type role uint8

const (
	mixedRole    role = iota // neither
	coreRole                 // r above core_above
	spuriousRole             // r below spurious_below
	evenRole                 // no r: it responds to neither input by itself
	deadRole                 // it does not respond
	wildRole                 // its responses are not finite
)

// missing says why a unit has no r; "" if it has one.
func (r role) missing() string {
	switch r {
	case evenRole:
		return "no main effect"
	case deadRole:
		return "constant response"
	case wildRole:
		return "response not finite"
	}
	return ""
}

// A unit is what was found of one.
type unit struct {
	role     role
	mean     float64
	parts    components // zero for a dead unit
	r, rErr  float64    // NaN where there is none
	outgoing float64    // squared norm of the weights to the next layer
}

// A viewer looks at units on a grid.
type viewer struct {
	settings *Settings
	grid     *grid
	anova    *anova
}

// view looks at all hidden layers of a network.
func (v *viewer) view(ctx context.Context, net *neuralnet.Network, f stem) ([][]unit, error) {
	var layers [][]unit
	cells := v.grid.n * v.grid.m
	if f.units() == 0 {
		return nil, nil
	}
	h := f.onGrid(v.grid)
	for l := f.next(); l < len(net.Layers); l++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		next := &net.Layers[l]
		units := make([]unit, next.In)
		for u := range units {
			units[u] = v.look(h[u*cells : (u+1)*cells])
			w := next.Weights[u*next.Out : (u+1)*next.Out]
			units[u].outgoing = kernel.Dot64(w, w)
		}
		layers = append(layers, units)
		if l < len(net.Layers)-1 {
			z := make([]float32, next.Out*cells)
			next.Across(z, h, cells, false)
			net.Activate(z)
			h = z
		}
	}
	return layers, nil
}

// look analyses the responses of one unit, [n, m].
func (v *viewer) look(z []float32) unit {
	u := unit{r: math.NaN(), rErr: math.NaN()}
	if !kernel.Finite(z) {
		u.role = wildRole
		return u
	}
	if constant(z) {
		u.role, u.mean = deadRole, float64(z[0])
		return u
	}
	v.anova.fill(z)
	u.mean, u.parts = v.anova.mean, v.anova.components()
	if !v.anova.hasEffect() {
		u.role = evenRole
		return u
	}
	switch u.r = u.parts.r(); {
	case u.r < v.settings.SpuriousBelow:
		u.role = spuriousRole
	case u.r > v.settings.CoreAbove:
		u.role = coreRole
	}
	u.rErr = v.anova.rError()
	return u
}

func constant(z []float32) bool {
	for _, v := range z {
		if v != z[0] {
			return false
		}
	}
	return true
}

// A census counts the units of a layer.
type census struct {
	units    int
	count    [wildRole + 1]int
	outgoing [wildRole + 1]float64 // sums
	r        float64               // median; NaN if no unit has one
	rErr     float64               // median of the standard errors
	weighted float64               // r of what the layer hands on: each unit's components times its outgoing mass
}

func take(units []unit) census {
	c := census{units: len(units)}
	var rs, errs []float64
	var on components
	for _, u := range units {
		c.count[u.role]++
		c.outgoing[u.role] += u.outgoing
		if !math.IsNaN(u.r) {
			rs = append(rs, u.r)
			on.core += float64(u.outgoing * u.parts.core)
			on.spurious += float64(u.outgoing * u.parts.spurious)
		}
		if !math.IsNaN(u.rErr) {
			errs = append(errs, u.rErr)
		}
	}
	c.r, c.rErr, c.weighted = median(rs), median(errs), on.r()
	return c
}

// withR gives the number of units that have an r.
func (c *census) withR() int {
	return c.count[coreRole] + c.count[spuriousRole] + c.count[mixedRole]
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	slices.Sort(values)
	return quantile.Median(values)
}
