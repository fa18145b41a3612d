package budget

import (
	"math/bits"
	"slices"
	"sort"

	"spurion/pipeline/describe"
	"spurion/pipeline/plan"
	"spurion/stages"
)

// DefaultUnit is the axis whose values are units unless another is named.
const DefaultUnit = "seed"

// Options say what to choose by.
type Options struct {
	Limit   Limit
	Unit    string // an axis
	Workers int
	// Seconds tells what an instance took when it was computed last, by its address.
	Seconds func(address string) (float64, bool)
}

// A Choice is what of a plan fits into a budget.
type Choice struct {
	Budget string `json:"budget"`
	CPU    bool   `json:"cpu"`  // it and all seconds are of processors, not by the clock
	Unit   string `json:"unit"` // the axis
	// Done is how many of the Units there are when what was chosen is done. Settings is how many ends of one unit are chosen, of how many,
	// where not even one more unit fits.
	Done     int `json:"units"`
	Units    int `json:"units_of"`
	Settings int `json:"settings,omitempty"`
	Of       int `json:"settings_of,omitempty"`
	// Chosen instances are to run now or to be looked up then, Left ones are for later runs: see Apply.
	Chosen int `json:"chosen"`
	Left   int `json:"left"`
	// Seconds and AllSeconds are what is chosen and all that is not cached may take, by the clock or of processors as the budget; OneSeconds is
	// what one more unit than there are may.
	Seconds    float64 `json:"seconds"`
	AllSeconds float64 `json:"all_seconds"`
	OneSeconds float64 `json:"one_seconds"`
	// Guessed counts instances of which no run has recorded what they took. Unknown says that no run has of any: one unit is chosen then.
	Guessed int  `json:"guessed"`
	Unknown bool `json:"unknown"`

	keep []bool // by node
}

// Choose chooses what fits, of the selected nodes of a plan. Units come whole, in the order of the spec, after those that are cached: one has all
// instances with its value of the axis, and all that these need. Where not even one fits, as many ends of it are chosen as do, spread
// evenly over them. What only gathers is always there, and gathers what there is.
func Choose(p *plan.Plan, o Options) (*Choice, error) {
	c := &chooser{plan: p, options: o}
	if err := c.rank(); err != nil {
		return nil, err
	}
	var known bool
	c.took, known = estimates(p, &o)
	choice := &Choice{Budget: o.Limit.String(), CPU: o.Limit.CPU, Unit: o.Unit, Units: c.units, Unknown: !known}
	all := c.upTo(c.units)
	choice.AllSeconds = c.cost(all)
	choice.OneSeconds = c.cost(c.upTo(min(c.done+1, c.units)))
	fit := c.done + 1
	if known {
		fit = c.done + sort.Search(c.units-c.done, func(more int) bool { return c.cost(c.upTo(c.done+more+1)) > o.Limit.Seconds })
	}
	choice.Done = min(fit, c.units)
	choice.keep = c.upTo(choice.Done)
	if known && choice.Done == c.done && c.done < c.units {
		choice.keep, choice.Settings, choice.Of = c.part()
	}
	choice.Seconds = c.cost(choice.keep)
	for i := range p.Nodes {
		if c.runs(i) && !c.took[i].own {
			choice.Guessed++
		}
	}
	return choice, nil
}

// Apply leaves what was not chosen for a later run: see plan.Cut.
func (c *Choice) Apply(p *plan.Plan, cache plan.Cache) error {
	if err := p.Cut(func(id int) bool { return c.keep[id] }, cache); err != nil {
		return err
	}
	counts := p.Counts()
	c.Chosen, c.Left = counts.Run+counts.Blocked, 0
	for i := range p.Nodes {
		if p.Nodes[i].Later {
			c.Left++
		}
	}
	return nil
}

// A chooser is the plan by units.
type chooser struct {
	plan    *plan.Plan
	options Options
	took    []estimate
	// ranks are by node the place of the last of the units that it needs; -1 if it needs none.
	ranks []int
	units int
	done  int // how many of them, the first, are cached
}

func (c *chooser) runs(i int) bool {
	n := &c.plan.Nodes[i]
	return n.Selected && n.Status != plan.Cached
}

// rank finds the units, and which of them each node needs.
func (c *chooser) rank() error {
	p := c.plan
	place := map[any]int{} // of a unit, in the spec's order
	own := make([]int, len(p.Nodes))
	needed := make([][]int32, len(p.Nodes))
	for i := range p.Nodes {
		n := &p.Nodes[i]
		own[i] = -1
		if !n.Selected {
			continue
		}
		needed[i] = p.Needed(n)
		if k := slices.IndexFunc(n.Instance().Axes, func(a stages.Axis) bool { return a.Name == c.options.Unit }); k >= 0 {
			value := n.Instance().Axes[k].Value
			if _, known := place[value]; !known {
				place[value] = len(place)
			}
			own[i] = place[value]
		}
	}
	if c.units = len(place); c.units == 0 {
		return plan.Targetf("no stage that is asked for has the axis %s, by whose values a budget is spent: --unit names another", c.options.Unit)
	}
	order := c.cachedFirst(own)
	c.ranks = make([]int, len(p.Nodes))
	for i := range p.Nodes {
		c.ranks[i] = -1
		if own[i] >= 0 {
			c.ranks[i] = order[own[i]]
		}
		for _, d := range needed[i] {
			c.ranks[i] = max(c.ranks[i], c.ranks[d])
		}
	}
	return nil
}

// cachedFirst gives the place of each unit when those come first of which all instances are cached.
func (c *chooser) cachedFirst(own []int) []int {
	open := make([]bool, c.units)
	for i, u := range own {
		if u >= 0 && c.runs(i) && !c.gathers(i) { // what gathers follows from what there is
			open[u] = true
		}
	}
	order := make([]int, c.units)
	next := 0
	for _, wanted := range []bool{false, true} {
		for u := range order {
			if open[u] == wanted {
				order[u] = next
				next++
			}
		}
		if !wanted {
			c.done = next
		}
	}
	return order
}

// gathers reports whether a node merely gathers some of what it depends on.
func (c *chooser) gathers(i int) bool {
	n := &c.plan.Nodes[i]
	return len(c.plan.Needed(n)) < len(n.Deps)
}

// upTo chooses the nodes that need so many units at most.
func (c *chooser) upTo(units int) []bool {
	keep := make([]bool, len(c.ranks))
	for i, r := range c.ranks {
		keep[i] = c.plan.Nodes[i].Selected && (r < units || !c.runs(i))
	}
	return keep
}

// part chooses as many ends of the next unit as fit, with what they need: instances of it that none other of it needs. Their order is that of
// the bits of their places, read backwards, which spreads each beginning of it evenly over them all (van der Corput 1935).
func (c *chooser) part() (keep []bool, chosen, of int) {
	p := c.plan
	isNeeded := make([]bool, len(p.Nodes))
	var ends []int
	for i := len(p.Nodes) - 1; i >= 0; i-- {
		n := &p.Nodes[i]
		if c.ranks[i] != c.done || !n.Selected {
			continue
		}
		for _, d := range p.Needed(n) {
			isNeeded[d] = true
		}
		if !isNeeded[i] && c.runs(i) && !c.gathers(i) {
			ends = append(ends, i)
		}
	}
	slices.Reverse(ends)
	spread := make([]int, 0, len(ends))
	width := bits.Len(uint(max(len(ends)-1, 1)))
	for k := range 1 << width {
		if at := int(bits.Reverse64(uint64(k)) >> (64 - width)); at < len(ends) {
			spread = append(spread, ends[at])
		}
	}
	with := func(count int) []bool {
		keep := c.upTo(c.done)
		for _, i := range spread[:count] {
			keep[i] = true
		}
		for i := len(p.Nodes) - 1; i >= 0; i-- {
			if c.ranks[i] != c.done || !keep[i] {
				continue
			}
			for _, d := range p.Needed(&p.Nodes[i]) {
				keep[d] = true
			}
		}
		for i := range keep { // what gathers nothing of it is left in the end: see plan.Cut
			keep[i] = keep[i] || c.ranks[i] == c.done && p.Nodes[i].Selected && c.gathers(i)
		}
		return keep
	}
	chosen = sort.Search(len(ends), func(more int) bool { return c.cost(with(more+1)) > c.options.Limit.Seconds })
	return with(chosen), chosen, len(ends)
}

// cost gives what nodes take together: of processors, or by the clock of so many workers, by which whoever is free takes what most work
// waits for. What needs several processors holds up as many workers.
func (c *chooser) cost(keep []bool) float64 {
	place := make([]int32, len(keep))
	var jobs []describe.Job
	sum := 0.0
	for i := range keep {
		place[i] = -1
		if !keep[i] || !c.runs(i) {
			continue
		}
		n := &c.plan.Nodes[i]
		cpus := 1
		if n.Resources != nil {
			cpus = max(n.Resources.CPUs, 1)
		}
		sum += c.took[i].seconds * float64(cpus)
		j := describe.Job{Seconds: c.took[i].seconds}
		for _, d := range n.Deps {
			if place[d] >= 0 {
				j.Deps = append(j.Deps, place[d])
			}
		}
		place[i] = int32(len(jobs))
		jobs = append(jobs, j)
	}
	if c.options.Limit.CPU {
		return sum
	}
	return max(describe.Makespan(jobs, c.options.Workers), sum/float64(c.options.Workers))
}

// Noun names a unit: "seed", "value of rate".
func (c *Choice) Noun() string {
	if c.Unit == DefaultUnit {
		return DefaultUnit
	}
	return "value of " + c.Unit
}
