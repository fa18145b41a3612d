package main

import (
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"spurion/pipeline/engine"
	"spurion/pipeline/results"
	"spurion/pipeline/screen"
)

// summary renders what a run did; unfinished says that an error follows, though no instance failed.
func summary(r *results.Report, s style, unfinished bool) string {
	var b strings.Builder
	b.WriteString(stageTable(r, s))
	for _, d := range r.Displays {
		b.WriteString("\n" + displayTable(d, s))
	}
	for _, list := range [][]results.Claim{r.Claims, r.Checks} {
		if len(list) > 0 {
			b.WriteString("\n" + claimTable(list, s))
		}
	}
	if len(r.Failures) > 0 {
		b.WriteString("\n" + failureList(r.Failures, s))
	}
	if len(r.Diverged) > 0 {
		b.WriteString("\n" + divergedList(r.Diverged, s))
	}
	if len(r.Departures) > 0 {
		b.WriteString("\n" + departureList(r.Departures, s))
	}
	if len(r.Tables) > 0 {
		b.WriteString("\n" + tableNote(r, s))
	}
	b.WriteString("\n")
	if len(r.Claims)+len(r.Checks) > 0 {
		b.WriteString(s.bold(verdictSum(r.Claims, r.Checks)) + "\n")
	}
	if r.Partial != "" {
		b.WriteString(s.bold(r.Partial+".") + " A budget left the others; run again to go on, without --budget to the end.\n")
	}
	b.WriteString(s.bold(closing(r, unfinished)) + "\n")
	return b.String()
}

// stageTable shows how the instances of each stage ended; columns without a number are left out.
func stageTable(r *results.Report, s style) string {
	columns := []struct {
		name string
		of   func(engine.Counts) int
	}{
		{"cached", func(c engine.Counts) int { return c.Cached }},
		{"computed", func(c engine.Counts) int { return c.Computed }},
		{"failed", func(c engine.Counts) int { return c.Failed }},
		{"kept back", func(c engine.Counts) int { return c.Skipped }},
		{"stopped", func(c engine.Counts) int { return c.Canceled }},
	}
	heads := []string{"stage"}
	for i := 0; i < len(columns); i++ {
		if columns[i].of(r.Counts) == 0 {
			columns = append(columns[:i], columns[i+1:]...)
			i--
			continue
		}
		heads = append(heads, ">"+columns[i].name)
	}
	g := newGrid(append(heads, ">time")...)
	for _, st := range r.Stages {
		cells := []string{st.Address}
		for _, c := range columns {
			cell := number(c.of(st.Counts))
			if c.name == "failed" && cell != "-" {
				cell = s.red(cell)
			}
			cells = append(cells, cell)
		}
		spent := "-"
		if st.Computed+st.Failed+st.Canceled > 0 {
			spent = duration(st.Seconds)
		}
		g.add(append(cells, spent)...)
	}
	return g.render(s, "")
}

// displayTable shows a table that was made for people, under its address.
func displayTable(d results.Display, s style) string {
	heads := make([]string, len(d.Columns))
	for i, c := range d.Columns {
		heads[i] = screen.Line(c.Head)
	}
	g := newGrid(heads...)
	for _, row := range d.Rows {
		cells := make([]string, len(row))
		for i, text := range row {
			cells[i] = screen.Line(text)
		}
		g.add(cells...)
	}
	text := s.bold(d.Address) + "\n" + g.render(s, "")
	if d.Caption != "" {
		text += s.faintLines(paragraph(screen.Text(d.Caption), s.width, "    "))
	}
	return text
}

// faintLines paints each line by itself, so that the indentation stays plain.
func (s style) faintLines(text string) string {
	if !s.color {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(s.faint(strings.TrimSuffix(line, "\n")) + "\n")
	}
	return b.String()
}

// significant gives a number with four significant digits, as the details of verdicts do: 27900, 5.411e-06.
func significant(x float64) string {
	text := strconv.FormatFloat(x, 'g', 4, 64)
	if size := math.Abs(x); size < 1000 || size >= 1e9 || math.IsNaN(x) {
		return text
	}
	rounded, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

// failuresShown is how many failures are printed in full; --json has them all.
const failuresShown = 10

func failureList(failures []results.Failure, s style) string {
	var b strings.Builder
	for i, f := range failures {
		if i == failuresShown {
			fmt.Fprintf(&b, "and %s more failed (--json lists them)\n", digits(int64(len(failures)-i)))
			break
		}
		fmt.Fprintf(&b, "%s %s", s.red("failed"), f.Address)
		if f.Skipped > 0 {
			fmt.Fprintf(&b, ", which kept back %s", count(f.Skipped, "instance"))
		}
		b.WriteString("\n" + failureText(f.Error))
	}
	return b.String()
}

// failureText indents an error's lines, and keeps a panic's stack short: its start says where it was.
func failureText(text string) string {
	const most = 24
	lines := strings.Split(strings.TrimRight(plainError(text), "\n"), "\n")
	if len(lines) > most {
		rest := len(lines) - most
		lines = append(lines[:most], fmt.Sprintf("... %d more lines (--json has them)", rest))
	}
	return indentLines(strings.Join(lines, "\n"), "    ")
}

// divergedList names trainings that diverged, and says once what each kind of them can try.
func divergedList(diverged []results.Divergence, s style) string {
	var names, advice []string
	for _, d := range diverged {
		names = append(names, d.Address)
		if !slices.Contains(advice, d.Advice) {
			advice = append(advice, d.Advice)
		}
	}
	text := fmt.Sprintf("%s diverged: the numbers of %s overflowed, and what was measured before is kept. %s", count(len(names), "instance"),
		nameSome(names), strings.Join(advice, " "))
	return paragraph(text, s.width, "")
}

func departureList(departures []results.Departure, s style) string {
	const most = 5
	var b strings.Builder
	b.WriteString("other than planned\n")
	for i, d := range departures {
		if i == most {
			fmt.Fprintf(&b, "  and %s more (--json lists them)\n", digits(int64(len(departures)-i)))
			break
		}
		fmt.Fprintf(&b, "  %s: %s\n", d.Address, s.faint(d.Note))
	}
	return b.String()
}

// tablesShown is how many files are listed; index.json lists them all.
const tablesShown = 12

// tableNote says where the tables are.
func tableNote(r *results.Report, s style) string {
	var bytes int64
	written, missing := 0, 0
	for _, t := range r.Tables {
		bytes += t.Bytes
		missing = max(missing, t.Missing)
		if t.Written {
			written++
		}
	}
	var b strings.Builder
	if len(r.Tables) <= tablesShown {
		g := newGrid("file", ">rows", ">size")
		for _, t := range r.Tables {
			rows := "-"
			if strings.HasSuffix(t.Path, ".parquet") {
				rows = digits(t.Rows)
			}
			g.add(filepath.Join(shortPath(r.Out), filepath.FromSlash(t.Path)), rows, byteSize(t.Bytes))
		}
		b.WriteString(g.render(s, ""))
	} else {
		fmt.Fprintf(&b, "%s in %s, %s\n", count(len(r.Tables), "file"), shortPath(r.Out), byteSize(bytes))
	}
	if missing > 0 {
		b.WriteString("Some lack instances that have no result; index.json says how many.\n")
	}
	if len(r.Removed) > 0 {
		fmt.Fprintf(&b, "Removed, since this spec no longer has them: %s.\n", nameSome(r.Removed))
	}
	if len(r.NotComputed) > 0 {
		fmt.Fprintf(&b, "Taken out, since they are not computed under the present variables: %s. What was computed is in the store.\n", nameSome(r.NotComputed))
	}
	if len(r.Tables) > 0 {
		fmt.Fprintf(&b, "They are shown in %s.\n", filepath.Join(shortPath(r.Out), "report.html"))
	}
	switch written {
	case 0:
		b.WriteString("All were up to date.\n")
	case len(r.Tables):
	default:
		fmt.Fprintf(&b, "%s written, the others were up to date.\n", digits(int64(written)))
	}
	return b.String()
}

// nameSome names the first few of a list.
func nameSome(names []string) string {
	const most = 4
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// closing is the last line: how the run ended, in numbers.
func closing(r *results.Report, unfinished bool) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, digits(int64(n))+" "+what)
		}
	}
	add(r.Counts.Cached, "cached")
	add(r.Counts.Computed, "computed")
	add(r.Counts.Failed, "failed")
	add(r.Counts.Skipped, "kept back")
	add(r.Counts.Canceled, "stopped")
	if len(parts) == 0 {
		parts = append(parts, "nothing to do")
	}
	word := map[results.Outcome]string{
		results.Done: "Done", results.Failed: "Failed", results.Interrupted: "Interrupted",
	}[r.Outcome]
	if unfinished && r.Outcome == results.Done {
		word = "Not finished"
	}
	line := fmt.Sprintf("%s: %s, in %s.", word, strings.Join(parts, ", "), duration(r.Seconds))
	if r.Outcome == results.Interrupted {
		line += " Run again to go on."
	}
	return line
}

// shortPath gives a path relative to the working directory if it is below it.
func shortPath(path string) string {
	if filepath.IsAbs(path) {
		if here, err := filepath.Abs("."); err == nil {
			if rel, err := filepath.Rel(here, path); err == nil && !strings.HasPrefix(rel, "..") {
				return rel
			}
		}
	}
	return path
}
