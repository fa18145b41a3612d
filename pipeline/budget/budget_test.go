package budget_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"spurion/pipeline/budget"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

type noSettings struct{}

func kind(name string, in ...stages.Input) *stages.Kind {
	return stages.Define(stages.Kind{Name: name, Version: 1, Doc: "A kind for tests.", Inputs: in, Outputs: []stages.Output{{Name: "out"}}},
		func(context.Context, *noSettings, *stages.Run) error { return nil })
}

// sweep is a spec whose fit has every rate with every seed, on data of the seed, and a table that gathers all fits.
func sweep(seeds, rates int) *spec.Spec {
	one := stages.Input{Name: "data", Type: stages.AnyType}
	many := stages.Input{Name: "tables", Type: stages.AnyType, Cardinality: stages.List, Axes: true}
	data := &spec.Stage{Kind: kind("data"), KindName: "data", Name: "d", Axes: []string{"seed"}}
	fit := &spec.Stage{Kind: kind("fit", one), KindName: "fit", Name: "f", Axes: []string{"seed", "rate"}, Uses: []*spec.Stage{data}}
	table := &spec.Stage{Kind: kind("table", many), KindName: "table", Name: "t", Uses: []*spec.Stage{fit}}
	gathered := spec.Input{Name: "tables"}
	for seed := range seeds {
		axis := stages.Axis{Name: "seed", Value: int64(seed)}
		data.Instances = append(data.Instances, spec.Instance{
			Axes: []stages.Axis{axis}, Settings: stages.NewSettings([]stages.Setting{{Path: "seed", Value: fmt.Sprint(seed)}}),
		})
		for rate := range rates {
			fit.Instances = append(fit.Instances, spec.Instance{
				Axes:     []stages.Axis{axis, {Name: "rate", Value: int64(rate)}},
				Settings: stages.NewSettings([]stages.Setting{{Path: "rate", Value: fmt.Sprint(rate)}}),
				Inputs:   []spec.Input{{Name: "data", Refs: []spec.Ref{{Stage: data, Instance: seed, Output: "out"}}}},
			})
			gathered.Refs = append(gathered.Refs, spec.Ref{Stage: fit, Instance: len(fit.Instances) - 1, Output: "out"})
		}
	}
	table.Instances = []spec.Instance{{Inputs: []spec.Input{gathered}}}
	return &spec.Spec{Name: "test", Stages: []*spec.Stage{data, fit, table}}
}

// A store has the results of some addresses.
type store struct{ has map[plan.Digest]bool }

func (s store) Lookup(key plan.Digest) ([]plan.Output, error) {
	if !s.has[key] {
		return nil, plan.ErrMiss
	}
	return []plan.Output{{Name: "out", Digest: sha256.Sum256(key[:])}}, nil
}
func (store) Text(plan.Digest) (string, bool)       { return "", false }
func (store) Previous(string) (plan.Previous, bool) { return plan.Previous{}, false }
func (store) Left(plan.Digest) (*plan.Left, bool)   { return nil, false }
func (store) File(string) (plan.Digest, error)      { return plan.Digest{}, errors.New("no file") }
func (store) Variable(string) (plan.Digest, error)  { return plan.Digest{}, errors.New("no variable") }

// planned plans a sweep of which the results of some seeds are stored.
func planned(t *testing.T, seeds, rates int, stored ...int) (*plan.Plan, store) {
	t.Helper()
	s, st := sweep(seeds, rates), store{map[plan.Digest]bool{}}
	for {
		p, err := plan.New(t.Context(), s, plan.Options{Cache: st, External: st})
		if err != nil {
			t.Fatal(err)
		}
		before := len(st.has)
		for i := range p.Nodes {
			n := &p.Nodes[i]
			axes := n.Instance().Axes
			if n.Status == plan.MustRun && len(axes) > 0 && slices.Contains(stored, int(axes[0].Value.(int64))) {
				st.has[n.Key] = true
			}
		}
		if len(st.has) == before {
			return p, st
		}
	}
}

// chosen tells which seeds and rates of the fits are kept: "0:012 1:012".
func chosen(p *plan.Plan) string {
	var words []string
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Stage.Name != "f" || n.Later {
			continue
		}
		axes := n.Instance().Axes
		if head := axes[0].Text() + ":"; len(words) == 0 || !strings.HasPrefix(words[len(words)-1], head) {
			words = append(words, head)
		}
		words[len(words)-1] += axes[1].Text()
	}
	return strings.Join(words, " ")
}

// Each fit takes 10 seconds and each set of data 1, by the record of seed 0; the table takes 2.
func TestChoose(t *testing.T) {
	record := map[string]float64{"data.d[seed=0]": 1, "fit.f[seed=0,rate=0]": 10, "table.t": 2}
	for name, c := range map[string]struct {
		limit   string
		workers int
		stored  []int
		seconds map[string]float64
		unit    string
		want    string // chosen fits
		choice  budget.Choice
	}{
		"all": {limit: "1h", want: "0:0123 1:0123 2:0123",
			choice: budget.Choice{Done: 3, Units: 3, Seconds: 125, AllSeconds: 125, OneSeconds: 43, Chosen: 16, Guessed: 13}},
		"two seeds": {limit: "90s", want: "0:0123 1:0123",
			choice: budget.Choice{Done: 2, Units: 3, Seconds: 84, AllSeconds: 125, OneSeconds: 43, Chosen: 11, Left: 5, Guessed: 13}},
		"just two seeds": {limit: "84s", want: "0:0123 1:0123",
			choice: budget.Choice{Done: 2, Units: 3, Seconds: 84, AllSeconds: 125, OneSeconds: 43, Chosen: 11, Left: 5, Guessed: 13}},
		"four workers": {limit: "40s", workers: 4, want: "0:0123 1:0123 2:0123",
			choice: budget.Choice{Done: 3, Units: 3, Seconds: 33, AllSeconds: 33, OneSeconds: 13, Chosen: 16, Guessed: 13}},
		"hours of processors": {limit: "90cpus", workers: 4, want: "0:0123 1:0123",
			choice: budget.Choice{CPU: true, Done: 2, Units: 3, Seconds: 84, AllSeconds: 125, OneSeconds: 43, Chosen: 11, Left: 5, Guessed: 13}},
		"what is stored comes first": {limit: "90s", stored: []int{1}, want: "0:0123 1:0123 2:0123",
			choice: budget.Choice{Done: 3, Units: 3, Seconds: 84, AllSeconds: 84, OneSeconds: 43, Chosen: 11, Guessed: 8}},
		"and costs nothing": {limit: "50s", stored: []int{2}, want: "0:0123 2:0123",
			choice: budget.Choice{Done: 2, Units: 3, Seconds: 43, AllSeconds: 84, OneSeconds: 43, Chosen: 6, Left: 5, Guessed: 8}},
		"part of a seed, evenly": {limit: "23s", want: "0:02",
			choice: budget.Choice{Units: 3, Settings: 2, Of: 4, Seconds: 23, AllSeconds: 125, OneSeconds: 43, Chosen: 4, Left: 12, Guessed: 13}},
		"nothing": {limit: "5s", want: "",
			choice: budget.Choice{Units: 3, Of: 4, Seconds: 2, AllSeconds: 125, OneSeconds: 43, Left: 16, Guessed: 13}},
		"nothing is known": {limit: "5s", seconds: map[string]float64{}, want: "0:0123",
			choice: budget.Choice{Done: 1, Units: 3, Unknown: true, Chosen: 6, Left: 10, Guessed: 16}},
		"its own record counts": {limit: "90s", seconds: map[string]float64{"data.d[seed=0]": 1, "fit.f[seed=0,rate=0]": 10, "fit.f[seed=0,rate=3]": 100, "table.t": 2}, want: "0:02",
			choice: budget.Choice{Units: 3, Settings: 2, Of: 4, Seconds: 68, AllSeconds: 665, OneSeconds: 223, Chosen: 4, Left: 12, Guessed: 12}},
		"another unit": {limit: "35s", unit: "rate", want: "0:0 1:0 2:0",
			choice: budget.Choice{Done: 1, Units: 4, Seconds: 35, AllSeconds: 125, OneSeconds: 35, Chosen: 7, Left: 9, Guessed: 13}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.seconds == nil {
				c.seconds = record
			}
			if c.unit == "" {
				c.unit = budget.DefaultUnit
			}
			if c.workers == 0 {
				c.workers = 1
			}
			limit, err := budget.ParseLimit(c.limit)
			if err != nil {
				t.Fatal(err)
			}
			p, st := planned(t, 3, 4, c.stored...)
			got, err := budget.Choose(p, budget.Options{Limit: limit, Unit: c.unit, Workers: c.workers,
				Seconds: func(a string) (float64, bool) { s, ok := c.seconds[a]; return s, ok }})
			if err == nil {
				err = got.Apply(p, st)
			}
			if err != nil {
				t.Fatal(err)
			}
			if fits := chosen(p); fits != c.want {
				t.Errorf("chosen are %q, want %q", fits, c.want)
			}
			c.choice.Budget, c.choice.Unit = limit.String(), c.unit
			text, err := json.Marshal(got)
			want, werr := json.Marshal(&c.choice)
			if err != nil || werr != nil || string(text) != string(want) {
				t.Errorf("the choice is\n%s, want\n%s", text, want)
			}
		})
	}
}

// A spec without the axis says which flag names another.
func TestChooseWithoutUnits(t *testing.T) {
	p, _ := planned(t, 1, 1)
	_, err := budget.Choose(p, budget.Options{Limit: budget.Limit{Seconds: 1}, Unit: "sead", Workers: 1,
		Seconds: func(string) (float64, bool) { return 0, false }})
	if !errors.Is(err, plan.ErrTarget) || !strings.Contains(err.Error(), "sead") || !strings.Contains(err.Error(), "--unit") {
		t.Error(err)
	}
}

// What needs several processors holds up as many workers.
func TestChooseByResources(t *testing.T) {
	p, _ := planned(t, 2, 4)
	for i := range p.Nodes {
		if p.Nodes[i].Stage.Name == "f" {
			p.Nodes[i].Resources = &stages.Resources{CPUs: 2}
		}
	}
	c, err := budget.Choose(p, budget.Options{Limit: budget.Limit{Seconds: 25}, Unit: "seed", Workers: 4,
		Seconds: func(a string) (float64, bool) { return 10, strings.HasPrefix(a, "fit") }})
	if err != nil || c.Done != 0 || c.OneSeconds != 30 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestParseLimit(t *testing.T) {
	for text, want := range map[string]string{
		"20m": "20m", "1h30m": "1h30m", "90s": "1m30s", "40cpuh": "40cpuh", "1.5cpuh": "1.5cpuh", "90cpum": "1.5cpuh", "36cpus": "0.01cpuh",
	} {
		if l, err := budget.ParseLimit(text); err != nil || l.String() != want {
			t.Errorf("%s is %s, %v, want %s", text, l, err, want)
		}
	}
	for _, text := range []string{"", "20", "0s", "-1h", "cpuh", "-1cpuh", "0cpuh", "NaNcpuh", "Infcpuh", "1e300cpuh", "2 hours", "20mcpu"} {
		if l, err := budget.ParseLimit(text); err == nil || !strings.Contains(err.Error(), "20m") {
			t.Errorf("%q is %s, %v", text, l, err)
		}
	}
}
