package results

import (
	"fmt"
	"slices"
	"strings"

	"spurion/pipeline/page"
	"spurion/pipeline/screen"
	"spurion/pipeline/spec"
)

// stage describes a stage with what its spec sets.
func (w *reporter) stage(st *spec.Stage) page.Stage {
	out := page.Stage{ID: st.ID(), Instances: len(st.Instances), Axes: axesText(st), Version: st.Kind.Version, Lines: w.lines(st)}
	for _, u := range st.Uses {
		out.Uses = append(out.Uses, u.ID())
	}
	if len(st.Instances) == 0 {
		return out
	}
	first := st.Instances[0].Settings
	for i, path := range first.Paths {
		if _, given := st.Place(path); !given {
			continue
		}
		value := plainValue(st.Shown(path, first.Values[i]))
		if !slices.ContainsFunc(st.Axes, func(a string) bool { return a == path }) {
			for k := range st.Instances {
				if v, _ := st.Instances[k].Settings.Get(path); v != first.Values[i] {
					value = "differs between instances"
					break
				}
			}
			out.Settings = append(out.Settings, page.Number{Name: path, Value: value, Unit: st.Kind.Schema().Unit(path)})
		}
	}
	return out
}

// plainValue gives a canonical value without the quotes of a string.
func plainValue(value string) string {
	if len(value) >= 2 && value[0] == '"' && !strings.Contains(value, `\`) {
		return value[1 : len(value)-1]
	}
	return value
}

// axesText gives "strength 0.6, 0.8; seed 0, 1, 2".
func axesText(st *spec.Stage) string {
	const most = 12
	var parts []string
	for k, name := range st.Axes {
		var values []string
		seen := map[any]bool{}
		for i := range st.Instances {
			if a := st.Instances[i].Axes[k]; !seen[a.Value] {
				seen[a.Value] = true
				values = append(values, a.Text())
			}
		}
		if n := len(values); n > most {
			values = append(values[:most-1:most-1], fmt.Sprintf("... (%d values)", n))
		}
		parts = append(parts, name+" "+strings.Join(values, ", "))
	}
	return strings.Join(parts, "; ")
}

// lines gives the block of a stage, claim or check: from its header to the closing brace that begins a line.
func (w *reporter) lines(st *spec.Stage) page.Lines {
	out := page.Lines{Place: fmt.Sprintf("%s:%d", st.Range.File, st.Range.Line)}
	text := w.text(st.Range.File)
	if st.Range.StartOffset < 0 || st.Range.StartOffset >= len(text) {
		return out
	}
	block := text[st.Range.StartOffset:]
	if !slices.ContainsFunc([]string{"stage", spec.ClaimRole, spec.CheckRole}, func(word string) bool { return strings.HasPrefix(block, word) }) {
		return out // the file has changed since it was loaded
	}
	all := strings.SplitAfter(block, "\n")
	for i, line := range all {
		if i == 0 && strings.HasSuffix(strings.TrimSpace(line), "}") || i > 0 && strings.HasPrefix(line, "}") {
			out.Text = w.plan.Spec.Mask(strings.TrimRight(strings.ReplaceAll(strings.Join(all[:i+1], ""), "\r", ""), "\n"))
			break
		}
	}
	return out
}

// command gives the command line that computes a target again, with the variables as they were set.
func (w *reporter) command(target string) string {
	words := []string{"spurion", "run"}
	for _, v := range w.plan.Spec.Variables {
		if v.Source != "default" {
			words = append(words, "--var", screen.ShellWord(v.Name+"="+plainValue(v.Value)))
		}
	}
	return strings.Join(append(words, screen.ShellWord(w.plan.Spec.Path), screen.ShellWord(target)), " ")
}
