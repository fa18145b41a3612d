package figure

import (
	"testing"

	"spurion/stages/stagetest"
)

// TestMarks: the table behind a figure keeps the marks of all columns that the settings name, and of no
// others.
func TestMarks(t *testing.T) {
	for _, c := range []struct{ name, settings, column string }{
		{"curves, y", `{"plot": {"form": "curves", "x": "step", "y": ["loss"], "color": "strength"}}`, "loss"},
		{"one of two", `{"plot": {"form": "curves", "x": "step", "y": ["loss", "other_loss"], "center": "mean"}}`, "other_loss"},
		{"scatter, x", `{"plot": {"form": "scatter", "x": "loss", "y": ["other_loss"]}}`, "loss"},
		{"bars, x", `{"plot": {"form": "bars", "x": "phase", "y": ["loss"]}}`, "phase"},
		{"color", `{"plot": {"form": "scatter", "x": "other_loss", "y": ["loss"], "color": "phase"}}`, "phase"},
		{"panels", `{"plot": {"form": "bars", "x": "strength", "y": ["loss"], "facet": "phase"}}`, "phase"},
		{"heatmap", `{"plot": {"form": "heatmap", "x": "strength", "y": ["phase"], "value": "loss"}}`, "loss"},
		{"heatmap, y", `{"plot": {"form": "heatmap", "x": "strength", "y": ["phase"], "value": "loss"}}`, "phase"},
		{"where", `{"where": {"phase": "late_one"}, "plot": {"form": "bars", "x": "strength", "y": ["loss"]}}`, "phase"},
		{"a law", `{"plot": {"form": "fit", "x": "strength", "y": ["loss"], "laws": ["linear"]}}`, "loss"},
	} {
		stagetest.KeepsMark(t, Kind, stagetest.Case{Name: c.name, Settings: c.settings, Inputs: inputs()}, "table", c.column)
	}
	in := inputs()
	for i := range in["table"] {
		table, err := in["table"][i].Table()
		if err != nil {
			t.Fatal(err)
		}
		table.Column("other_loss").Mark = "group"
	}
	got := stagetest.Run(t, Kind, cases[0].Settings, in)["table"]
	for _, f := range got.Fields() {
		if f.Mark != "" {
			t.Errorf("%s is marked %s, of a column that is not drawn", f.Name, f.Mark)
		}
	}
}
