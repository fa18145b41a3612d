package describe

import (
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
	Results   int           `json:"results"` // that the store has
	// Seconds by the clock of the worker that computed a result, whenever that was; 0 without results.
	Total  float64 `json:"total_seconds"`
	Median float64 `json:"median_seconds"`
	Most   float64 `json:"most_seconds"`
}

// TimesOf tells them for every stage of some nodes, in their order; with by, for every value of these axes in the
// stages that have them all.
func TimesOf(nodes []*plan.Node, store *lookup.Store, by []string) ([]Times, error) {
	index := map[string]int{}
	var rows []Times
	var results []map[plan.Digest]float64
	for _, n := range nodes {
		axes, ok := chosenAxes(n.Instance().Axes, by)
		if !ok {
			continue
		}
		name := n.Stage.ID()
		for _, a := range axes {
			name += "\x00" + a.Text()
		}
		at, ok := index[name]
		if !ok {
			at = len(rows)
			index[name] = at
			rows = append(rows, Times{Stage: n.Stage.ID(), Axes: append([]stages.Axis{}, axes...)})
			results = append(results, map[plan.Digest]float64{})
		}
		rows[at].Instances++
		if len(n.Outputs) > 0 {
			m, err := store.Manifest(n.Key)
			if err != nil {
				return nil, err
			}
			results[at][n.Key] = m.Seconds
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

func (t *Times) sum(results map[plan.Digest]float64) {
	seconds := make([]float64, 0, len(results))
	for _, s := range results {
		seconds = append(seconds, s)
	}
	if len(seconds) == 0 {
		return
	}
	slices.Sort(seconds)
	for _, s := range seconds {
		t.Total += s
	}
	n := len(seconds)
	t.Results, t.Most, t.Median = n, seconds[n-1], quantile.Median(seconds)
}
