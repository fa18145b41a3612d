package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"spurion/pipeline"
	"spurion/pipeline/calibrate"
)

// A calibrateFlags holds the flags of claims that try the tests themselves.
type calibrateFlags struct {
	draws, workers int
	strict         bool
}

func (f *calibrateFlags) addTo(flags *pflag.FlagSet) {
	flags.IntVar(&f.draws, "calibrate", 0, "try each claim on this `number` of samples in which it is false")
	flags.IntVar(&f.workers, "workers", 0, "with --calibrate: try this `number` of claims at a time (default: one for each processor)")
	flags.BoolVar(&f.strict, "strict", false, "with --calibrate: exit with 1 if a rate is above what is promised by more than chance")
}

// asked reports whether claims are to be tried.
func (f *calibrateFlags) asked(changed func(flag string) bool) (bool, error) {
	switch {
	case changed("calibrate") && f.draws < 1:
		return false, usagef("--calibrate needs at least 1 sample")
	case f.draws == 0 && changed("workers"):
		return false, usagef("--workers goes with --calibrate")
	case f.draws == 0 && f.strict:
		return false, usagef("--strict goes with --calibrate; to fail unless every claim is reproduced, spurion run --strict")
	case f.workers < 0:
		return false, usagef("--workers must be at least 1")
	}
	return f.draws > 0, nil
}

// calibrate tries the claims of a spec and prints the rates of false verdicts.
func (a *app) calibrate(e *pipeline.Experiment, f calibrateFlags) error {
	ctx, stop := a.onSignal("interrupted: stopping")
	defer stop()
	workers := f.workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	r, err := e.Calibrate(ctx, pipeline.CalibrateOptions{Draws: f.draws, Workers: workers, Progress: a.lineProgress(func(done, total int64) string {
		return fmt.Sprintf("tried %s of %s", digits(done), count(total, "sample"))
	})})
	if err != nil {
		return err
	}
	if f.strict && len(r.Broken) > 0 {
		a.code = exitFailed
	}
	if a.json {
		return a.printJSON(r)
	}
	a.out.WriteString(calibrationText(r, a.outText))
	return nil
}

// calibrationText shows a line for each claim, the worst instance of one with several below, and the sum of all.
func calibrationText(r *calibrate.Report, s style) string {
	g := newGrid("claim", "test", ">units", ">samples", ">reproduced", ">rate", "95 % interval", ">promised", "")
	var below []string
	for _, f := range r.Families {
		name, note := strings.TrimPrefix(f.Address, "claim."), ""
		if f.Claims+f.Untried > 1 {
			name += fmt.Sprintf(" (%d)", f.Claims+f.Untried)
		}
		if f.Claims > 1 && f.Worst.Reproduced > 0 {
			note = fmt.Sprintf("worst: %s, %d of %d", strings.TrimPrefix(f.Worst.Address, f.Address), f.Worst.Reproduced, f.Worst.Draws)
		}
		if f.Claims == 0 {
			g.add(name, f.Test, "-", "-", "-", "-", "-", "-", "")
			below = append(below, "not tried: "+f.Why)
			continue
		}
		if f.Untried > 0 {
			note = strings.TrimPrefix(note+fmt.Sprintf("; %d not tried: %s", f.Untried, f.Why), "; ")
		}
		g.add(append([]string{name, f.Test, unitsCell(f.Units)}, append(rateCells(f.Rate), mark(f.Rate, s))...)...)
		below = append(below, note)
	}
	if r.Tried > 0 {
		g.add(append([]string{s.bold("all"), "", ""}, append(rateCells(r.All), mark(r.All, s))...)...)
		below = append(below, "")
	}
	var b strings.Builder
	lines := strings.SplitAfter(g.render(s, ""), "\n")
	b.WriteString(lines[0])
	for i, note := range below {
		b.WriteString(lines[i+1])
		if note != "" {
			b.WriteString(s.faintLines(paragraph(note, s.width, "    ")))
		}
	}
	b.WriteString("\n" + s.bold(calibrationSays(r)) + "\n")
	return b.String()
}

// unitsCell gives "20", or "8-20" of instances that differ.
func unitsCell(units [2]int) string {
	if units[0] == units[1] {
		return strconv.Itoa(units[0])
	}
	return fmt.Sprintf("%d-%d", units[0], units[1])
}

// rateCells gives samples, how many were reproduced, their share with its interval, and what is promised.
func rateCells(r calibrate.Rate) []string {
	return []string{digits(int64(r.Draws)), digits(int64(r.Reproduced)), significant(r.Share), interval(&r.Low, &r.High), significant(r.Promised)}
}

// mark says whether a rate is above what is promised.
func mark(r calibrate.Rate, s style) string {
	switch {
	case r.Broken:
		return s.red("above, not by chance")
	case r.Above:
		return s.yellow("above")
	}
	return ""
}

// calibrationSays sums a report up in a sentence.
func calibrationSays(r *calibrate.Report) string {
	if r.Tried == 0 {
		return "No claim was tried: none is computed that a test decides by chance."
	}
	text := fmt.Sprintf("%s with a test by chance, %s each: where they are false, %s %% are reproduced (%s to %s), and at most %s %% are promised.",
		count(r.Tried, "claim"), count(r.Draws, "sample"), significant(100*r.All.Share), significant(100*r.All.Low), significant(100*r.All.High), significant(100*r.All.Promised))
	switch {
	case len(r.Broken) > 0:
		return text + fmt.Sprintf(" More than chance allows: %s.", strings.Join(r.Broken, ", "))
	case r.Above > 0:
		return text + fmt.Sprintf(" %s above, which chance explains among so many.", isAre(r.Above))
	}
	return text + " None is above."
}

func isAre(n int) string {
	if n == 1 {
		return "1 is"
	}
	return strconv.Itoa(n) + " are"
}
