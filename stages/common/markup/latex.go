package markup

import (
	"fmt"
	"strings"
	"unicode"
)

// LaTeX escapes a text so that it compiles with any engine and no package, in a table's cell and in a
// caption, and shows as it is. Line ends and tabs become spaces. A letter for which plain LaTeX has no command, such
// as a Chinese one, is written by its number, \texttt{U+4E2D}.
func LaTeX(s string) string {
	var b strings.Builder
	if strings.HasPrefix(s, "[") || strings.HasPrefix(s, "*") {
		b.WriteString("{}") // behind \\ it would be an option of that
	}
	before := rune(0)
	for _, r := range s {
		if r == before && strings.ContainsRune("-'`,", r) {
			b.WriteString("{}") // two would become one sign
		}
		b.WriteString(latexLetter(r))
		before = r
	}
	return b.String()
}

func latexLetter(r rune) string {
	if text, ok := latexLetters[r]; ok {
		return text
	}
	switch {
	case r < ' ' || r == 0x7f:
		return " "
	case r < 0x7f:
		return string(r)
	}
	for i, letter := range greekLetters {
		if letter == r {
			return "$\\" + greekNames[i] + "$"
		}
	}
	if r <= 0x17f && unicode.IsLetter(r) && !strings.ContainsRune("ªºÐðÞþĐđĦħĸŉŊŋŦŧĿŀſĄąĘęĮįŲų", r) {
		return string(r) // letters with accents, which every engine knows in UTF-8, and the oldest fonts have
	}
	return fmt.Sprintf(`\texttt{U+%04X}`, r)
}

// latexLetters are the letters that LaTeX takes for something else, or has a command for.
var latexLetters = map[rune]string{
	'\\': `\textbackslash{}`, '{': `\{`, '}': `\}`, '$': `\$`, '&': `\&`, '#': `\#`, '%': `\%`, '_': `\_`,
	'^': `\textasciicircum{}`, '~': `\textasciitilde{}`, '<': `$<$`, '>': `$>$`, '|': `$|$`, '"': `''`,
	'\u00a0': "~", '\u2009': `\,`, '\u202f': `\,`, '\u200b': "", '\ufeff': "", '\u00ad': `\-`,
	'–': "--", '—': "---", '‐': "-", '‑': "-", '−': "$-$", '…': `\dots{}`, '‘': "`", '’': "'", '“': "``", '”': "''", '•': `$\bullet$`, '§': `\S{}`,
	'†': `\dag{}`, '‡': `\ddag{}`, '©': `\copyright{}`, '°': `$^\circ$`, '′': `$'$`,
	'±': `$\pm$`, '∓': `$\mp$`, '×': `$\times$`, '·': `$\cdot$`, '⋅': `$\cdot$`, '÷': `$\div$`, '√': `$\surd$`, '∞': `$\infty$`, '∂': `$\partial$`, '∇': `$\nabla$`,
	'∑': `$\sum$`, '∏': `$\prod$`, '∫': `$\int$`, '∆': `$\Delta$`, 'µ': `$\mu$`, 'ℓ': `$\ell$`, '∅': `$\emptyset$`,
	'≤': `$\leq$`, '≥': `$\geq$`, '≠': `$\neq$`, '≈': `$\approx$`, '≡': `$\equiv$`, '∼': `$\sim$`, '∝': `$\propto$`, '≪': `$\ll$`, '≫': `$\gg$`,
	'∈': `$\in$`, '∉': `$\notin$`, '⊂': `$\subset$`, '⊆': `$\subseteq$`, '∪': `$\cup$`, '∩': `$\cap$`, '∖': `$\setminus$`, '∀': `$\forall$`, '∃': `$\exists$`,
	'¬': `$\neg$`, '∧': `$\wedge$`, '∨': `$\vee$`, '⊕': `$\oplus$`, '⊗': `$\otimes$`, '‖': `$\|$`, '⊥': `$\perp$`, '∗': `$*$`,
	'→': `$\rightarrow$`, '←': `$\leftarrow$`, '↔': `$\leftrightarrow$`, '↑': `$\uparrow$`, '↓': `$\downarrow$`, '⇒': `$\Rightarrow$`, '⇐': `$\Leftarrow$`,
	'⇔': `$\Leftrightarrow$`, '↦': `$\mapsto$`,
	'²': `$^2$`, '³': `$^3$`, '¹': `$^1$`, '⁰': `$^0$`, '⁴': `$^4$`, '⁵': `$^5$`, '⁶': `$^6$`, '⁷': `$^7$`, '⁸': `$^8$`, '⁹': `$^9$`, '⁻': `$^-$`, '⁺': `$^+$`, 'ⁿ': `$^n$`,
	'₀': `$_0$`, '₁': `$_1$`, '₂': `$_2$`, '₃': `$_3$`, '₄': `$_4$`, '₅': `$_5$`, '₆': `$_6$`, '₇': `$_7$`, '₈': `$_8$`, '₉': `$_9$`,
	'½': `$\frac{1}{2}$`, '¼': `$\frac{1}{4}$`, '¾': `$\frac{3}{4}$`, 'ﬁ': "fi", 'ﬂ': "fl", 'ς': `$\varsigma$`, 'ϑ': `$\vartheta$`, 'ϵ': `$\epsilon$`, 'ϕ': `$\phi$`,
	'Α': "A", 'Β': "B", 'Ε': "E", 'Ζ': "Z", 'Η': "H", 'Ι': "I", 'Κ': "K", 'Μ': "M", 'Ν': "N", 'Ο': "O", 'Ρ': "P", 'Τ': "T", 'Χ': "X", 'ο': "o",
}

// greekLetters are those of Greek that have a name in LaTeX, greekNames the names.
var (
	greekLetters = []rune("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ")
	greekNames   = strings.Fields(`alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon varphi chi psi omega
		Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega`)
)
