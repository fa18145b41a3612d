package milestones

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/gather"
)

// A ceiling is what runs of the reference reach.
type ceiling struct {
	value, se float64
	runs      int
}

// ceilings are those of the reference, by what a run must agree with them in.
type ceilings struct {
	match []string
	of    map[string]*ceiling
	mark  frame.Mark
}

// newCeilings computes the ceilings of a reference.
func newCeilings(s *side, set *Settings) (*ceilings, error) {
	c := &ceilings{match: set.Match, of: map[string]*ceiling{}, mark: s.mark}
	runs := map[string][]*history{}
	for i := range s.runs {
		key, err := s.key(&s.runs[i], set.Match)
		if err != nil {
			return nil, err
		}
		runs[key] = append(runs[key], &s.runs[i])
	}
	for _, key := range slices.Sorted(maps.Keys(runs)) {
		values, err := reach(runs[key], set.Ceiling)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name(runs[key][0]), err)
		}
		of := meanOf(values)
		if !(of.value > 0) {
			return nil, fmt.Errorf("%s: the ceiling of %s is %v: nothing was learned there, and a share of it says nothing. Give runs that learn, or leave reference out and give levels as values", s.name(runs[key][0]), set.Column, of.value)
		}
		c.of[key] = of
	}
	return c, nil
}

// key tells what a run must agree in with those that its ceiling is of.
func (s *side) key(h *history, match []string) (string, error) {
	for _, name := range match {
		if !slices.Contains(s.axes, name) {
			return "", fmt.Errorf("match: there is no axis %q; there are %s", name, strings.Join(s.axes, ", "))
		}
	}
	return gather.Key(s.t, match, h.row), nil
}

// find gives the ceiling for a run of tables.
func (c *ceilings) find(s *side, h *history) (*ceiling, error) {
	key, err := s.key(h, c.match)
	if err != nil {
		return nil, err
	}
	of, ok := c.of[key]
	if !ok {
		return nil, fmt.Errorf("%s: no run of reference agrees with it in %s: give one, or match fewer axes", s.name(h), strings.Join(c.match, ", "))
	}
	return of, nil
}

// reach gives the value of each run whose mean is the ceiling.
func reach(runs []*history, ceiling string) ([]float64, error) {
	values := make([]float64, len(runs))
	if ceiling == "final" {
		for i, h := range runs {
			values[i] = h.values[len(h.values)-1]
		}
		return values, nil
	}
	best := math.Inf(-1)
	for _, step := range runs[0].steps {
		at := make([]float64, 0, len(runs))
		for _, h := range runs {
			if i, ok := slices.BinarySearch(h.steps, step); ok {
				at = append(at, h.values[i])
			}
		}
		if len(at) < len(runs) {
			continue
		}
		if mean := meanOf(at).value; mean > best {
			best, values = mean, at
		}
	}
	if math.IsInf(best, -1) {
		return nil, fmt.Errorf("no step has a value in all %d runs: evaluate them at the same steps, or use ceiling = \"final\"", len(runs))
	}
	return values, nil
}

// meanOf gives the mean of runs with its standard error, from their standard deviation with n - 1.
func meanOf(values []float64) *ceiling {
	n := float64(len(values))
	sum, spread := 0.0, 0.0
	for _, v := range values {
		sum += v
	}
	mean := sum / n
	for _, v := range values {
		spread += float64((v - mean) * (v - mean))
	}
	return &ceiling{value: mean, se: math.Sqrt(spread / (n - 1) / n), runs: len(values)}
}
