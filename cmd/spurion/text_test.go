package main

import (
	"strings"
	"testing"
)

func TestDuration(t *testing.T) {
	for seconds, want := range map[float64]string{
		0: "0 s", 0.0123: "12 ms", 0.44: "0.4 s", 41.24: "41.2 s", 59.96: "1 min 0 s", 200: "3 min 20 s",
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

func TestPrintable(t *testing.T) {
	if got, want := printable("a\x1b[31mb\tc\nd\u009b\x7f\ufffd é"), "a?[31mb\tc\nd??? é"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestFirstSentence(t *testing.T) {
	if got := firstSentence("Does A.\nThen B. And C."); got != "Does A." {
		t.Errorf("%q", got)
	}
}
