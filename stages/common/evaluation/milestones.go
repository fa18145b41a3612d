package evaluation

import (
	"spurion/artifacts/frame"
)

// Levels are the correlations from which a feature counts as learned.
type Levels struct {
	Begins, Core, Fully float64 // of the core: where its learning begins, is done, and is done in full
	Spurious            float64
}

// DefaultLevels are those of a spec that does not say others.
var DefaultLevels = Levels{Begins: .10, Core: .95, Fully: .99, Spurious: .9}

// Milestones follow a run's core and spurious correlation from one evaluation to the next.
type Milestones struct {
	Levels        Levels
	T10, T95, T99 Optional // the first evaluated step with core correlation of at least Begins, Core, Fully
	Peak          Optional // the largest spurious correlation
	PeakStep      Optional // where it was first reached

	tells    bool  // whether there is a spurious correlation
	last     int64 // the evaluation before, if there was one
	spurious int64 // of the steps up to T95, those of the spurious feature alone
}

// Note takes the measures of the evaluation at a step. Steps come in ascending order.
func (m *Milestones) Note(step int64, e *Measures) {
	if !e.Core.Valid {
		return
	}
	m.tells = m.tells || e.Spurious.Valid
	if !m.T95.Valid && e.Spurious.Value >= m.Levels.Spurious && e.Core.Value <= m.Levels.Begins {
		m.spurious += step - m.last
	}
	m.last = step
	for _, mark := range []struct {
		reached *Optional
		level   float64
	}{{&m.T10, m.Levels.Begins}, {&m.T95, m.Levels.Core}, {&m.T99, m.Levels.Fully}} {
		if !mark.reached.Valid && e.Core.Value >= mark.level {
			*mark.reached = Some(float64(step))
		}
	}
	if e.Spurious.Valid && (!m.Peak.Valid || e.Spurious.Value > m.Peak.Value) {
		m.Peak, m.PeakStep = e.Spurious, Some(float64(step))
	}
}

// MilestoneFields gives the columns of Milestones.
func MilestoneFields() []frame.Field {
	step := func(name, doc string) frame.Field {
		return frame.Field{Name: name, Type: frame.Int64, Unit: "steps", Doc: doc, Nullable: true}
	}
	return []frame.Field{
		step("core_learned_step", "T95: the first evaluated step with core correlation of at least 0.95, or learned.core; null if the run ended before (censored at steps)."),
		step("core_t10_step", "T10: the first evaluated step with core correlation of at least 0.10, or learned.begins; null if the run ended before (censored at steps)."),
		step("core_t99_step", "T99: the first evaluated step with core correlation of at least 0.99, or learned.fully; null if the run ended before (censored at steps)."),
		{Name: "core_phase_width", Type: frame.Float64, Unit: "1", Nullable: true,
			Doc: "(T95 - T10) / T95: small where the core is learned in a phase of its own; null if it was not learned."},
		{Name: "spurious_phase_share", Type: frame.Float64, Unit: "1", Nullable: true,
			Doc: "Share of the steps up to T95 with a spurious correlation of at least 0.9 and a core correlation of at most 0.1, or learned.spurious and learned.begins: large where the features are learned one after the other, 0 where their phases overlap. An evaluation stands for the steps since the one before it. Null if the core was not learned, and without a spurious correlation."},
		{Name: "spurious_peak", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "The largest spurious correlation at an evaluation."},
		step("spurious_peak_step", "The first evaluated step with that spurious correlation."),
	}
}

// Append sets the columns of MilestoneFields in b's current row.
func (m *Milestones) Append(b *frame.Builder) {
	m.T95.Int64(b, "core_learned_step")
	m.T10.Int64(b, "core_t10_step")
	m.T99.Int64(b, "core_t99_step")
	m.PhaseWidth().Float64(b, "core_phase_width")
	m.SpuriousShare().Float64(b, "spurious_phase_share")
	m.Peak.Float64(b, "spurious_peak")
	m.PeakStep.Int64(b, "spurious_peak_step")
}

// PhaseWidth gives (T95 - T10) / T95; nothing if the core was not learned, or known from the start.
func (m *Milestones) PhaseWidth() Optional {
	if !m.T95.Valid || m.T95.Value == 0 {
		return Optional{}
	}
	return Some((m.T95.Value - m.T10.Value) / m.T95.Value)
}

// SpuriousShare gives the share of the steps up to T95 in which the spurious feature alone was
// learned; nothing if the core was not learned, or known from the start, and without a spurious correlation.
func (m *Milestones) SpuriousShare() Optional {
	if !m.tells || !m.T95.Valid || m.T95.Value == 0 {
		return Optional{}
	}
	return Some(float64(m.spurious) / m.T95.Value)
}
