package main

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/numeric/quantile"
)

// A sample is what repeated measurements of one thing gave, in order.
type sample []float64

// median gives the middle value, or the mean of the two in the middle; NaN of nothing.
func (s sample) median() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	return quantile.Median(slices.Sorted(slices.Values(s)))
}

// least gives the smallest value; NaN of nothing.
func (s sample) least() float64 {
	if len(s) == 0 {
		return math.NaN()
	}
	return slices.Min(s)
}

// over gives the ratios of s to t, turn by turn, as far as both go. Measurements that take turns
// share what disturbs the machine, so their ratio varies less than they do.
func (s sample) over(t sample) sample {
	ratios := make(sample, min(len(s), len(t)))
	for i := range ratios {
		ratios[i] = s[i] / t[i]
	}
	return ratios
}

// A ratio compares two samples that took turns: as a median it is of the turns' ratios, and as a minimum
// it is of the fastest times, which come closest to an undisturbed machine.
type ratio struct {
	Median  float64 `json:"median_of_turns"`
	Fastest float64 `json:"of_fastest"`
}

func (s sample) ratioTo(t sample) ratio { return ratio{s.over(t).median(), s.least() / t.least()} }

// String gives both.
func (r ratio) String() string { return number(r.Median) + " / " + number(r.Fastest) }

// A cost is what a process took, in seconds: by the clock, and of processors.
type cost struct{ wall, cpu float64 }

// costs are samples of both.
type costs struct{ wall, cpu sample }

func (c *costs) add(one cost) {
	c.wall, c.cpu = append(c.wall, one.wall), append(c.cpu, one.cpu)
}

// A figure is a sample summed up, in seconds, as JSON has it.
type figure struct {
	Median float64 `json:"median_seconds"`
	Least  float64 `json:"min_seconds"`
	Turns  int     `json:"turns"`
}

func (s sample) figure() figure { return figure{s.median(), s.least(), len(s)} }

// String gives median and minimum in one unit.
func (f figure) String() string {
	unit, per := unitOf(f.Median)
	return fmt.Sprintf("%s / %s %s", number(f.Median/per), number(f.Least/per), unit)
}

// duration gives seconds with a unit, in three digits.
func duration(seconds float64) string {
	unit, per := unitOf(seconds)
	return number(seconds/per) + " " + unit
}

func unitOf(seconds float64) (unit string, per float64) {
	switch {
	case seconds < 1e-3:
		return "µs", 1e-6
	case seconds < 1:
		return "ms", 1e-3
	}
	return "s", 1
}

// number gives about three digits.
func number(x float64) string {
	switch {
	case math.IsNaN(x):
		return "-"
	case math.Abs(x) >= 100:
		return fmt.Sprintf("%.0f", x)
	case math.Abs(x) >= 10:
		return fmt.Sprintf("%.1f", x)
	}
	return fmt.Sprintf("%.2f", x)
}

// A goal is a promise about a figure.
type goal struct {
	Want    float64 `json:"want"`
	Highest bool    `json:"at_most"` // else at least
	Got     float64 `json:"got"`
	Met     bool    `json:"met"`
}

func atMost(want, got float64) goal  { return goal{want, true, got, got <= want} }
func atLeast(want, got float64) goal { return goal{want, false, got, got >= want} }

// verdict says whether a goal is met.
func (g goal) verdict() string {
	if g.Met {
		return "met"
	}
	return "missed"
}
