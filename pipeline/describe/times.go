package describe

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"spurion/pipeline/lookup"
	"spurion/pipeline/plan"
	"spurion/stages"
	"spurion/stages/numeric/quantile"
)

// Times says what results took to compute: of the instances of a stage that agree in some axes. A result that
// several of them share counts once.
type Times struct {
	Stage     string        `json:"stage"`
	Axes      []stages.Axis `json:"axes"`
	Instances int           `json:"instances"`
	Results   int           `json:"results"` // of which it is known
	// Seconds by the clock of the worker that computed a result, whenever that was; 0 without results.
	Total  float64 `json:"total_seconds"`
	Median float64 `json:"median_seconds"`
	Most   float64 `json:"most_seconds"`
	// CPU is the time of processors that the programs behind some results took, in seconds, and Memory the most that one of them had at
	// once, in bytes; null where no program ran, or it is not known.
	CPU    *float64 `json:"cpu_seconds"`
	Memory *int64   `json:"memory_bytes"`
}

// TimesOf tells them for every stage of some nodes, in their order, which took what stands beside each; with by, for every
// value of these axes in the stages that have them all.
func TimesOf(nodes []*plan.Node, took []lookup.Took, by []string) ([]Times, error) {
	index := map[string]int{}
	var rows []Times
	var results []map[plan.Digest]lookup.Took
	var last *plan.Node
	at := 0
	for i, n := range nodes {
		if last == nil || n.Stage != last.Stage || len(by) > 0 {
			axes, ok := chosenAxes(n.Instance().Axes, by)
			if !ok {
				continue
			}
			last = n
			name := n.Stage.ID()
			for _, a := range axes {
				name += "\x00" + a.Text()
			}
			if at, ok = index[name]; !ok {
				at = len(rows)
				index[name] = at
				rows = append(rows, Times{Stage: n.Stage.ID(), Axes: append([]stages.Axis{}, axes...)})
				results = append(results, map[plan.Digest]lookup.Took{})
			}
		}
		rows[at].Instances++
		if took[i].Known {
			results[at][took[i].Key] = took[i]
		}
	}
	if len(rows) == 0 && len(by) > 0 {
		return nil, plan.Targetf("no stage that is asked for has all of the axes to count by: %s", strings.Join(by, ", "))
	}
	for i := range rows {
		rows[i].sum(results[i])
	}
	return rows, nil
}

// Jobs gives some nodes of a plan, in its order and with all that they depend on, as jobs that took what stands beside
// each. Of nodes with one result the first does the work; the others wait for it.
func Jobs(p *plan.Plan, nodes []*plan.Node, took []lookup.Took) []Job {
	jobs := make([]Job, len(nodes))
	place := make([]int32, len(p.Nodes))
	first := make(map[plan.Digest]int32, len(nodes))
	for i, n := range nodes {
		place[p.ID(n)] = int32(i)
		j := Job{Address: n.Address(), Seconds: max(0, took[i].Seconds), Recorded: took[i].Known, Deps: make([]int32, len(n.Deps))}
		for k, d := range n.Deps {
			j.Deps[k] = place[d]
		}
		if key := took[i].Key; took[i].Known {
			if before, twin := first[key]; twin {
				j.Seconds = 0
				if at, there := slices.BinarySearch(j.Deps, before); !there {
					j.Deps = slices.Insert(j.Deps, at, before)
				}
			} else {
				first[key] = int32(i)
			}
		}
		jobs[i] = j
	}
	return jobs
}

// chosenAxes gives the axes of these names, in their order, if there are all of them.
func chosenAxes(axes []stages.Axis, names []string) ([]stages.Axis, bool) {
	var chosen []stages.Axis
	for _, name := range names {
		i := slices.IndexFunc(axes, func(a stages.Axis) bool { return a.Name == name })
		if i < 0 {
			return nil, false
		}
		chosen = append(chosen, axes[i])
	}
	return chosen, true
}

func (t *Times) sum(results map[plan.Digest]lookup.Took) {
	if len(results) == 0 {
		return
	}
	list := slices.SortedFunc(maps.Values(results), func(a, b lookup.Took) int {
		return cmp.Or(cmp.Compare(a.Seconds, b.Seconds), cmp.Compare(a.CPU, b.CPU))
	})
	seconds := make([]float64, len(list))
	cpu, memory := 0.0, int64(0)
	for i, r := range list {
		seconds[i] = r.Seconds
		t.Total += r.Seconds
		cpu += r.CPU
		memory = max(memory, r.Memory)
	}
	if cpu > 0 {
		t.CPU = &cpu
	}
	if memory > 0 {
		t.Memory = &memory
	}
	n := len(seconds)
	t.Results, t.Most, t.Median = n, seconds[n-1], quantile.Median(seconds)
}
