package markup

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"worst_group": "worst_group", "_x_": `\_x\_`, "a|b": `a\|b`, "`rm`": "\\`rm\\`", "**bold**": `\*\*bold\*\*`, "<b>": `\<b>`, "a < b && 3 <4 > 2": "a < b && 3 <4 > 2", ">a": `\>a`, "&lt;": `\&lt;`,
		"[a](b)": `\[a\](b)`, "two\nlines": "two lines", `back\slash`: `back\\slash`, "~~gone~~": `\~\~gone\~\~`, "$x^2$": `\$x^2\$`, "λ → ∞": "λ → ∞", "": "",
		"# a": `\# a`, "#1": "#1", "## a": `\## a`, "- a": `\- a`, "-1": "-1", "–": "–", "+ a": `\+ a`, "+0.1": "+0.1", "---": `\---`, "===": `\===`, "1. a": `1\. a`,
		"12) a": `12\) a`, "1.5": "1.5", " # a": ` \# a`, "\t- a": ` \- a`, "a # b - c 1. d": "a # b - c 1. d", "-": `\-`, "* a": `\* a`,
		"a_": `a\_`, "é_é": "é_é",
	} {
		if got := Markdown(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"claim": "`claim`", "c[name=a|b]": "`c[name=a\\|b]`", "a`b": "``a`b``", "``x": "``` ``x ```", "": "`  `", "two\nlines": "`two lines`",
	} {
		if got := MarkdownCode(text); got != want {
			t.Errorf("%q is %q as code, want %q", text, got, want)
		}
	}
}

func TestLaTeX(t *testing.T) {
	for text, want := range map[string]string{
		"a_b & 50%": `a\_b \& 50\%`, `c#d $x^2$ ~\{}`: `c\#d \$x\textasciicircum{}2\$ \textasciitilde{}\textbackslash{}\{\}`, "λ→∞ |p|": `$\lambda$$\rightarrow$$\infty$ $|$p$|$`,
		"<b>": "$<$b$>$", "[x]": "{}[x]", "*": "{}*", "a--b": "a-{}-b", "“é” – −1": "``é'' -- $-$1", "中": `\texttt{U+4E2D}`, "🙂": `\texttt{U+1F642}`, "two\nlines": "two lines",
		"Ω ≤ ½": `$\Omega$ $\leq$ $\frac{1}{2}$`, "a\x00b": "a b", "đą": `\texttt{U+0111}\texttt{U+0105}`,
	} {
		if got := LaTeX(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	for _, r := range "^_~\\" {
		if strings.Contains(LaTeX("a"+string(r)+"b"), "a"+string(r)) && r != '\\' {
			t.Errorf("%c is raw", r)
		}
	}
	if len(greekLetters) != len(greekNames) {
		t.Errorf("%d letters, %d names", len(greekLetters), len(greekNames))
	}
}

// FuzzEscapes: whatever the text, LaTeX is letters that every engine knows, its braces and dollars are balanced and it
// ends no cell; Markdown's cell ends at no bar, and its code at its own fence.
func FuzzEscapes(f *testing.F) {
	for _, s := range []string{"", `\`, "{", "}}{", "$", "a&b", "%", "#1", "\\\\", "``", "|", "a\nb", "λ→∞ |p|", "中é🙂\u0300", "\xff\xfe", "-'`,--''``,,", "[*"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		CheckLaTeX(t, LaTeX(s))
		cell := Markdown(s)
		for i := range len(cell) {
			if strings.IndexByte("|`*[", cell[i]) >= 0 && !escaped(cell, i) {
				t.Errorf("%q: %c stands bare in %q", s, cell[i], cell)
			}
		}
		if at := tag.FindStringIndex(cell); at != nil {
			t.Errorf("%q: %s opens a tag or an entity in %q", s, cell[at[0]:at[1]], cell)
		}
		code := MarkdownCode(s)
		fence := code[:len(code)-len(strings.TrimLeft(code, "`"))]
		inside := code[len(fence) : len(code)-len(fence)]
		closes := slices.ContainsFunc(regexp.MustCompile("`+").FindAllString(inside, -1), func(run string) bool { return run == fence })
		if !strings.HasSuffix(code, fence) || closes || strings.ContainsAny(code, "\r\n") {
			t.Errorf("%q as code is %q", s, code)
		}
	})
}

// tag is the beginning of HTML in Markdown.
var tag = regexp.MustCompile(`(^|[^\\])(\\\\)*(<[\pL/!?]|&[\pL#])`)

func escaped(s string, at int) bool {
	n := 0
	for i := at - 1; i >= 0 && s[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}

// CheckLaTeX fails if a text would not compile, or would end its cell.
func CheckLaTeX(t *testing.T, text string) {
	t.Helper()
	braces, math := 0, false
	for i, r := range text {
		bare := !escaped(text, i)
		switch {
		case r == utf8.RuneError || r < ' ':
			t.Errorf("%q in %q", r, text)
		case r > 0x17f:
			t.Errorf("%c in %q is no letter that every engine knows", r, text)
		case r == '{' && bare:
			braces++
		case r == '}' && bare:
			if braces--; braces < 0 {
				t.Errorf("a brace too many in %q", text)
			}
		case r == '$' && bare:
			math = !math
		case (r == '_' || r == '^') && bare && !math, (r == '&' || r == '%' || r == '#') && bare:
			t.Errorf("%c stands bare in %q", r, text)
		case r == '\\' && bare && i+1 < len(text) && text[i+1] == '\\':
			t.Errorf("a line ends in %q", text)
		}
	}
	if braces != 0 || math {
		t.Errorf("%q is not balanced", text)
	}
}
