package results

import (
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// A displayed table's heads are those in its metadata, else the columns' names; heads for other columns are a mistake.
func TestDisplay(t *testing.T) {
	table := &frame.Table{Columns: []frame.Column{frame.Strings(frame.Field{Name: "method"}, []string{"erm"}), frame.Strings(frame.Field{Name: "wga"}, []string{"0.5"})}}
	for _, c := range []struct {
		heads, caption, want string
		ok                   bool
	}{
		{"", "", "wga", true},
		{`["m", "WGA"]`, "A text.", "WGA", true},
		{`["m"]`, "", "", false},
		{`m`, "", "", false},
	} {
		table.Meta = map[string]string{}
		if c.heads != "" {
			table.Meta[stages.DisplayHeads] = c.heads
		}
		if c.caption != "" {
			table.Meta[stages.DisplayCaption] = c.caption
		}
		d, err := display("comparison.x", table)
		if (err == nil) != c.ok {
			t.Errorf("heads %s: error %v", c.heads, err)
		}
		if err == nil && (d.Columns[1].Head != c.want || d.Columns[1].Name != "wga" || d.Caption != c.caption || d.Rows[0][1] != "0.5") {
			t.Errorf("heads %s: %+v", c.heads, d)
		}
	}
}
