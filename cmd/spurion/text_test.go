package main

import (
	"errors"
	"strings"
	"testing"

	"spurion/pipeline"
	"spurion/pipeline/describe"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/results"
)

func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "0 s", 4e-7: "0 s", 6e-7: "1 µs", 0.000241: "241 µs", 0.0004996: "500 µs", 0.0006: "1 ms", 0.0123: "12 ms", 0.44: "0.4 s", 41.24: "41.2 s", 59.96: "1 min 0 s", 200: "3 min 20 s",
		3599.4: "59 min 59 s", 3599.6: "1 h 0 min", 7500: "2 h 5 min", 360000: "100 h 0 min",
	} {
		if got := duration(seconds); got != want {
			t.Errorf("%g s: %q, want %q", seconds, got, want)
		}
	}
}

func TestByteSize(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 3449: "3.4 kB", 99_960: "100 kB", 999_499: "999 kB", 999_501: "1.0 MB",
		1_200_000_000: "1.2 GB", 1 << 62: "4612 PB",
	} {
		if got := byteSize(n); got != want {
			t.Errorf("%d: %q, want %q", n, got, want)
		}
	}
}

func TestParseSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "17": 17, "500MB": 500e6, "1.5 GB": 1.5e9, "2GiB": 2 << 30, "3k": 3000, "1e3": 1000, "7 b": 7,
	} {
		if got, err := parseSize(text); got != want || err != nil {
			t.Errorf("%q: %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"", "GB", "-1", "1 parsec", "NaN", "1e40", "1 2", "0x10"} {
		if got, err := parseSize(text); err == nil {
			t.Errorf("%q is taken for %d", text, got)
		}
	}
}

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"1 entry": count(1, "entry"), "0 entries": count(0, "entry"), "12,345 rows": count(12345, "row"),
		"-1,234,567": digits(-1234567), "-123": digits(-123), "1,000": digits(1000), "999": digits(999),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestLongFlags(t *testing.T) {
	in := "run -check --json -h - -3 -j=4 -var a=-b x.hcl -- -check"
	want := "run --check --json -h - -3 -j=4 --var a=-b x.hcl -- -check"
	if got := strings.Join(longFlags(strings.Fields(in)), " "); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestGrid(t *testing.T) {
	g := newGrid("name", ">size", "meaning")
	g.width, g.wrap = 36, 2
	g.add("a", "1", "short")
	g.add("läng", "12,345", "a text that needs more than one line")
	want := `  name    size  meaning
  a          1  short
  läng  12,345  a text that needs more
                than one line
`
	if got := g.render(style{}, "  "); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	coloured := newGrid("", "")
	coloured.add(style{color: true}.red("ab"), "x")
	coloured.add("abc", "y")
	if got, want := coloured.render(style{}, ""), "\x1b[31mab\x1b[0m   x\nabc  y\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestParagraph(t *testing.T) {
	got := paragraph("One two three four five\nsix.\n\n    kept  as it is\n\nLast.", 26, "  ")
	want := "  One two three four five\n  six.\n\n      kept  as it is\n\n  Last.\n"
	if got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}

// Wherever text of programs, files and other processes reaches a terminal, it moves no cursor and sets no title.
func TestNothingRaw(t *testing.T) {
	const raw = "\x1b]0;title\a\x1b[31mtext\x00 10%\r20%\u009b"
	s := style{width: 80}
	reason := &plan.Reason{Text: raw, Changes: []plan.Change{{What: "setting", Path: "a", Old: raw, New: raw}}}
	detail := &describe.InstanceDetail{
		Address: "exec.a", Reason: reason, Since: reason.Changes, Key: "00", KeyText: raw, Settings: []describe.SettingDetail{{Path: "a", Value: raw}},
		Inputs: []describe.InputDetail{{Input: "files", From: raw}},
		Outputs: []describe.OutputDetail{{Name: "a", Digest: "00", Text: raw, Note: raw, Rows: 1,
			Columns: []describe.ColumnInfo{{Name: raw, Type: "string", Unit: raw, Doc: raw}}, Head: [][]any{{raw}}}},
	}
	var out strings.Builder
	l := &lines{w: &out, stages: map[string]*stageCount{}}
	for _, e := range []engine.Event{
		{Type: engine.Started}, {Type: engine.Waiting, Owner: raw}, {Type: engine.Finished, Outcome: engine.Outcome{Status: engine.Failed, Err: errors.New(raw)}},
	} {
		l.event(pipeline.Event{Event: e, Address: "exec.a", Stage: "exec.a", Reason: reason})
	}
	for name, text := range map[string]string{
		"show": showText(detail, s), "why": whyText(detail, s, true), "events": out.String(), "failure": failureText(raw),
		"display": displayTable(results.Display{Columns: []results.DisplayColumn{{Head: raw}}, Rows: [][]string{{raw}}, Caption: raw}, s),
		"claim":   claimTable([]results.Claim{{Role: "claim", Verdict: results.NotEvaluated, Detail: raw}}, s),
		"runs":    runTable([]runView{{Variables: map[string]string{"a": raw}}}, s),
	} {
		if strings.ContainsAny(text, "\x1b\a\x00\r\u009b") || !strings.Contains(text, "20%") || strings.Contains(text, "10%") {
			t.Errorf("%s prints\n%q", name, text)
		}
	}
}

func TestFirstSentence(t *testing.T) {
	if got := firstSentence("Does A.\nThen B. And C."); got != "Does A." {
		t.Errorf("%q", got)
	}
}
