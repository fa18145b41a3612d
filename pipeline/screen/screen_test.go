package screen_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"spurion/pipeline/screen"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                           "",
		"plain\ttext\nand more":      "plain\ttext\nand more",
		"größer ∞":                   "größer ∞",
		"\x1b[31mred\x1b[0m":         "red",
		"\x1b[1;38;5;160mred\x1b[m!": "red!",
		"10%\r20%\r30%\n":            "30%\n",
		"done\r\nnext\r\n":           "done\nnext\n",
		"10%\r20%\r":                 "20%",
		"a long line\r\x1b[Kshort":   "short",
		"a long line\r\x1b[K\n":      "\n",
		"\x1b]0;a title\atext":       "text",
		"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\": "link",
		"\x1b]0;no end\nnext":                      "\nnext",
		"\x1b(Bascii\x1b7\x1b8":                    "ascii",
		"\x1b[12":                                  "",
		"cut \x1b":                                 "cut ",
		"\x00bin\a\x7f":                            "?bin??",
		"not \xff UTF-8 \xe2\x82":                  "not ? UTF-8 ??",
		"c1 \u009b31m":                             "c1 ?31m",
		"\u202egnp.exe":                            "?gnp.exe",
		"ab\bc":                                    "ac",
		"\b\bx":                                    "x",
		"\x1b[2J\x1b[Hcleared":                     "cleared",
		"\x1bPq#0\x1b\\after a picture":            "after a picture",
	} {
		if got := screen.Text(in); got != want {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
	if got := screen.Line("two\nlines\tand\x1b[1m more"); got != "two lines and more" {
		t.Errorf("one line is %q", got)
	}
}

// Whatever it is given: it can be shown, it is done when it is done, and no line is lost.
func FuzzText(f *testing.F) {
	for _, s := range []string{"", "\x1b[31mred\x1b[0m\r\n", "10%\r20%\r\x1b[K", "\x1b]0;x\n\a", "\xff\x00\u202e\b\b", "\x1b\x1b[\x1b]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := screen.Text(s)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 }) {
			t.Errorf("%q is shown as %q", s, got)
		}
		if again := screen.Text(got); again != got {
			t.Errorf("%q is shown as %q, and that as %q", s, got, again)
		}
		if strings.Count(got, "\n") != strings.Count(s, "\n") {
			t.Errorf("%q has other lines than %q", got, s)
		}
	})
}
