package head

import (
	"testing"

	"spurion/stages/stagetest"
)

// How the fit of a layer ended stands in its row; without a network nothing did.
func TestEnded(t *testing.T) {
	in := inputs(t, 2, finite(t, 400, .9), 120, -1)
	for _, c := range []struct {
		settings         string
		ended, converged any
	}{
		{dfrOn, "converged", true},
		{afrOn, "steps", nil},
		{selfOn, "steps", nil},
		{`{"head": {"name": "afr", "steps": 50, "rate": 1, "anchor": 1e6, "clip": 0}, "seed": 1}`, "diverged", nil},
	} {
		s := stagetest.Run(t, Kind, c.settings, in)["summary"]
		for row, want := range [][2]any{{c.ended, c.converged}, {nil, nil}} {
			if got := [2]any{stagetest.Value(t, s, "ended", row), stagetest.Value(t, s, "converged", row)}; got != want {
				t.Errorf("%s: row %d: ended and converged are %v, want %v", c.settings, row, got, want)
			}
		}
	}
}
