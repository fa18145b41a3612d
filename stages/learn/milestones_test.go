package learn

import "testing"

func TestMilestones(t *testing.T) {
	var m Milestones
	m.Note(0, &Measures{}) // data without a law has no correlations
	if m != (Milestones{}) {
		t.Errorf("measures without correlations were noted: %+v", m)
	}
	for i, c := range []struct{ core, spurious float64 }{{0, .1}, {.1, .9}, {.5, .9}, {.949, .2}, {.95, .1}, {.9, 0}, {.995, 0}} {
		m.Note(int64(10*i), &Measures{Core: Some(c.core), Spurious: Some(c.spurious)})
	}
	want := Milestones{T10: Some(10), T95: Some(40), T99: Some(60), Peak: Some(.9), PeakStep: Some(10)}
	if m != want {
		t.Errorf("%+v, want %+v", m, want)
	}
}
