package spec

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestTooMuch loads expressions that would take more time or memory than there is: each is refused, at its place.
func TestTooMuch(t *testing.T) {
	long := "locals {\n a = \"" + strings.Repeat("x", 100_000) + "\"\n"
	tests := []struct {
		name, text string
		err        error
		line       int
	}{
		{"loop in a condition", "locals {\n a = [for x in range(2000) : x if contains(range(2000), x)]\n}\n", ErrLimit, 2},
		{"caught by try", "locals {\n a = [for x in range(2000) : try(contains(range(2000), x), false)]\n}\n", ErrLimit, 2},
		{"caught by can", "locals {\n a = can([for x in range(100000) : range(1000)])\n}\n", ErrLimit, 2},
		{"join of long texts", long + " b = join(local.a, range(10000))\n}\n", ErrLimit, 3},
		{"replace by a long text", long + " b = replace(local.a, \"x\", local.a)\n}\n", ErrLimit, 3},
		{"replace of matches by a long text", long + " b = regexreplace(local.a, \"x\", local.a)\n}\n", ErrLimit, 3},
		{"pattern that looks far", long + " b = regexall(\"x.*y|x\", local.a)\n}\n", ErrLimit, 3},
		{"large pattern", long + " b = regex(\"(x{500}){2}y\", local.a)\n}\n", ErrLimit, 3},
		{"format of a long text", long + " b = format(join(\"\", [for i in range(999) : \"%[1]s\"]), local.a)\n}\n", ErrLimit, 3},
		{"list of wide formats", "locals {\n b = formatlist(\"%999d\", range(100000))\n}\n", ErrLimit, 2},
		{"comparison in a loop", "locals {\n r = range(50000)\n b = [for i in local.r : local.r == range(50000)]\n}\n", ErrLimit, 3},
		{"splat in a loop", "locals {\n r = [for i in range(20000) : { a = i }]\n b = [for i in local.r : local.r[*].a[0]]\n}\n", ErrLimit, 3},
		{"logarithms", "locals {\n b = [for i in range(100000) : log(i + 1, 10)]\n}\n", ErrLimit, 2},
		{"numbers with one hash", "locals {\n b = toset([for i in range(50000) : 1000000000000000 + i])\n}\n", ErrLimit, 2},
		{"many types", "locals {\n b = tolist([for i in range(20000) : { \"k${i}\" = i }])\n}\n", ErrLimit, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, diags := load(t, tt.text, Options{maxElements: 100_000})
			checkDiagnostics(t, diags)
			if s != nil || !errors.Is(diags, tt.err) || diags[0].Range.Line != tt.line {
				t.Errorf("got %.500v, want %v in line %d", diags, tt.err, tt.line)
			}
		})
	}
}

// TestManyMistakes tells the first hundred in the file, and how many more there are.
func TestManyMistakes(t *testing.T) {
	for name, text := range map[string]string{
		"blocks": strings.Repeat("nonsense {}\n", 20_000),
		"attributes": func() string {
			var b strings.Builder
			for i := range 20_000 {
				fmt.Fprintf(&b, "nonsense%d = 1\n", i)
			}
			return b.String()
		}(),
		"syntax": strings.Repeat("a = = 1\n", 20_000),
	} {
		t.Run(name, func(t *testing.T) {
			s, diags := load(t, text, Options{})
			if s != nil || len(diags) > maxDiagnostics+1 {
				t.Fatalf("got %d diagnostics", len(diags))
			}
			checkDiagnostics(t, diags)
			last := diags[len(diags)-1]
			if name != "syntax" && (last.Summary != "And 19,900 more" || last.Severity != Error || diags[0].Range.Line != 1) {
				t.Errorf("got %v", last)
			}
		})
	}
}

// TestLongCycle names both ends of a cycle of thousands.
func TestLongCycle(t *testing.T) {
	var stages, locals strings.Builder
	locals.WriteString("locals {\n")
	for i := range 400 {
		fmt.Fprintf(&stages, "stage \"train\" \"t%d\" {\n  data = train.t%d.model\n}\n", i, (i+1)%400)
		fmt.Fprintf(&locals, "  l%d = local.l%d\n", i, (i+1)%400)
	}
	for name, text := range map[string]string{"stages": stages.String(), "locals": locals.String() + "}\n"} {
		_, diags := load(t, text, Options{})
		var cycle *Diagnostic
		for i := range diags {
			if diags[i].Err == ErrCycle {
				cycle = &diags[i]
			}
		}
		if cycle == nil || len(cycle.Detail) > 400 || !strings.Contains(cycle.Detail, "(390 more)") {
			t.Errorf("%s: got %.600v", name, diags)
		}
	}
}

// TestNothingRaw puts characters that move a cursor, ring a bell or turn letters round wherever a diagnostic shows text.
func TestNothingRaw(t *testing.T) {
	evil := "\x1b[2J\x07\u202e\u009b"
	for _, text := range []string{
		"variable \"x\" {\n default = 1\n validation {\n  condition = false\n  error_message = \"a" + evil + "b\"\n }\n}\n",
		"locals {\n a = \"" + evil + "\"\n b = local.a + 1\n}\n",
		"locals {\n b = \"" + evil + "\" + 1 # " + evil + "\n}\n",
		"stage \"" + evil + "\" \"" + evil + "\" {\n}\n",
		"locals {\n b = {}[\"" + evil + "\"]\n}\n",
		"locals {\n b = tonumber(\"" + evil + "\")\n}\n",
		"locals {\n b = regex(\"(" + evil + "\", \"x\")\n}\n",
		evil + " = 1\n",
	} {
		_, diags := load(t, text, Options{Vars: []string{evil + "=1", "x=" + evil}})
		if len(diags) == 0 {
			t.Errorf("%q is fine", text)
		}
		for _, d := range diags {
			for _, shown := range []string{d.Text(80, false), d.Text(30, false), d.Text(0, false), d.Error()} {
				if i := strings.IndexAny(shown, "\x1b\x07\u202e\u009b"); i >= 0 {
					t.Errorf("%q is shown as %q", text, shown)
				}
			}
		}
	}
}

// TestMisspeltStage wants one diagnostic wherever a stage that is none is referred to.
func TestMisspeltStage(t *testing.T) {
	for _, ref := range []string{"train.none", "train.none[*]", "train.none[{ seed = 1 }]", "[train.none]", "[train.none[{ seed = 1 }]]", "true ? train.none[{ seed = 1 }] : []", "train.none[1].x.y", "train[1]", "train"} {
		s, diags := load(t, "stage \"probe\" \"p\" {\n  for_each = "+ref+"\n  model = each.model\n}\n", Options{})
		checkDiagnostics(t, diags)
		if s != nil || len(diags) == 0 || diags[0].Range.Line != 2 {
			t.Errorf("%s: got %v", ref, diags)
		}
	}
}
