package evaluation

import (
	"testing"

	"spurion/stages/numeric/kernel"
)

func TestMilestones(t *testing.T) {
	type seen struct {
		step           int64
		core, spurious float64
	}
	for _, c := range []struct {
		name          string
		seen          []seen
		t10, t95, t99 Optional
		peak, at      Optional
		width, share  Optional
	}{
		{"nothing is known of data without a law", nil, Optional{}, Optional{}, Optional{}, Optional{}, Optional{}, Optional{}, Optional{}},
		{"marks are the first evaluations at or above their levels",
			[]seen{{0, 0, .1}, {10, .1, .8}, {20, .5, .8}, {30, .949, .2}, {40, .95, .1}, {50, .9, 0}, {60, .995, 0}},
			Some(10), Some(40), Some(60), Some(.8), Some(10), Some(.75), Some(0)},
		{"an evaluation stands for the steps since the one before, and both bounds belong to the phase",
			[]seen{{0, 0, 0}, {10, .05, .9}, {15, .1, .95}, {30, .11, .95}, {40, 0, .899}, {50, -.2, 1}, {80, .96, .95}},
			Some(15), Some(80), Optional{}, Some(1), Some(50), Some(65. / 80), Some(25. / 80)},
		{"what comes after T95 does not count", []seen{{0, 0, 0}, {10, 0, 1}, {20, .99, .5}, {30, 0, 1}},
			Some(20), Some(20), Some(20), Some(1), Some(10), Some(0), Some(.5)},
		{"a core that is not learned has neither width nor share", []seen{{0, 0, 0}, {10, 0, 1}, {20, .2, 1}},
			Some(20), Optional{}, Optional{}, Some(1), Some(10), Optional{}, Optional{}},
		{"nor has one that is known from the start", []seen{{0, 1, 0}, {10, 1, .2}},
			Some(0), Some(0), Some(0), Some(.2), Some(10), Optional{}, Optional{}},
		{"a first evaluation after the start stands for all steps to it", []seen{{40, .05, .95}, {50, .95, .95}},
			Some(50), Some(50), Optional{}, Some(.95), Some(40), Some(0), Some(.8)},
	} {
		m := Milestones{Levels: DefaultLevels}
		m.Note(5, &Measures{}) // without correlations
		for _, e := range c.seen {
			m.Note(e.step, &Measures{Core: Some(e.core), Spurious: Some(e.spurious)})
		}
		if m.T10 != c.t10 || m.T95 != c.t95 || m.T99 != c.t99 || m.Peak != c.peak || m.PeakStep != c.at {
			t.Errorf("%s: %+v", c.name, m)
		}
		if m.PhaseWidth() != c.width || m.SpuriousShare() != c.share {
			t.Errorf("%s: width %v, share %v; want %v, %v", c.name, m.PhaseWidth(), m.SpuriousShare(), c.width, c.share)
		}
	}
}

// Levels of one's own take the place of the usual ones; without a spurious correlation, its columns are null.
func TestMilestonesOfOtherLevels(t *testing.T) {
	m := Milestones{Levels: Levels{Begins: .2, Core: .7, Fully: .8, Spurious: .6}}
	alone := m
	for _, e := range [][3]float64{{10, .15, .7}, {20, .2, .65}, {30, .3, .7}, {40, .7, .1}, {50, .75, 0}} {
		m.Note(int64(e[0]), &Measures{Core: Some(e[1]), Spurious: Some(e[2])})
		alone.Note(int64(e[0]), &Measures{Core: Some(e[1])})
	}
	if m.T10 != Some(20) || m.T95 != Some(40) || m.T99.Valid || m.PhaseWidth() != Some(.5) || m.SpuriousShare() != Some(.5) {
		t.Errorf("%+v: width %v, share %v", m, m.PhaseWidth(), m.SpuriousShare())
	}
	if alone.T95 != m.T95 || alone.PhaseWidth() != m.PhaseWidth() || alone.SpuriousShare().Valid || alone.Peak.Valid || alone.PeakStep.Valid {
		t.Errorf("without a spurious correlation: %+v", alone)
	}
}

// Of evaluations at random, each number is what its definition finds by looking at every step from the start.
func TestMilestonesAreThoseOfEachStep(t *testing.T) {
	type seen struct {
		step           int64
		core, spurious Optional
	}
	levels := Levels{Begins: .25, Core: .75, Fully: .875, Spurious: .5}
	stream, learned := kernel.NewStream(9, "milestones"), 0
	for range 2000 {
		var list []seen
		step := int64(0)
		for range stream.IntN(12) {
			e := seen{step: step}
			if stream.IntN(8) > 0 {
				e.core, e.spurious = Some(float64(stream.IntN(17))/16), Some(float64(stream.IntN(25)-8)/16)
			}
			list = append(list, e)
			step += 1 + int64(stream.IntN(4))
		}
		m := Milestones{Levels: levels}
		for _, e := range list {
			m.Note(e.step, &Measures{Core: e.core, Spurious: e.spurious})
		}
		at := func(step int64) (e seen) { // the evaluation at a step, or the next one with measures, which stands for it
			for _, e = range list {
				if e.step >= step && e.core.Valid {
					return e
				}
			}
			return seen{step: -1}
		}
		first := func(level float64) (found Optional) {
			for step := int64(60); step >= 0; step-- {
				if e := at(step); e.step == step && e.core.Value >= level {
					found = Some(float64(step))
				}
			}
			return found
		}
		t10, t95, t99 := first(levels.Begins), first(levels.Core), first(levels.Fully)
		var peak, peakStep, width, share Optional
		for step := range int64(60) {
			if e := at(step); e.step == step && (!peak.Valid || e.spurious.Value > peak.Value) {
				peak, peakStep = e.spurious, Some(float64(step))
			}
		}
		if t95.Valid && t95.Value > 0 {
			alone := 0.0
			for step := int64(1); step <= int64(t95.Value); step++ {
				if e := at(step); e.spurious.Value >= levels.Spurious && e.core.Value <= levels.Begins {
					alone++
				}
			}
			width, share = Some((t95.Value-t10.Value)/t95.Value), Some(alone/t95.Value)
			learned++
		}
		if m.T10 != t10 || m.T95 != t95 || m.T99 != t99 || m.Peak != peak || m.PeakStep != peakStep || m.PhaseWidth() != width || m.SpuriousShare() != share {
			t.Fatalf("%v: %+v, width %v, share %v; want %v, %v, %v, peak %v at %v, %v, %v", list, m, m.PhaseWidth(), m.SpuriousShare(), t10, t95, t99, peak, peakStep, width, share)
		}
	}
	if learned < 500 {
		t.Errorf("the core is learned in %d runs alone", learned)
	}
}
