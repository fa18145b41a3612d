package spec

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// The parser and the evaluator recurse, and a stack that overflows cannot be caught; so deeply
// nested text is refused by its tokens, which are read without recursion.
const (
	maxNesting   = 100  // brackets, quotes and template directives inside one another
	maxOperators = 1000 // operators and indexes in one expression, outside of nested brackets
	maxExponent  = 1000 // of a number that is written out
	maxTokens    = 1_000_000
	// maxTextWork bounds the lines of a text times its bytes: the parser joins them one by one.
	maxTextWork = 4 << 30
)

// A level is what is open at some token.
type level struct {
	operators int
	// lines says that a newline ends an expression here, as in a body or an object.
	lines bool
}

// checkNesting reports the first place in the file that is nested too deeply.
func (l *loader) checkNesting(s *source) bool {
	signs := 0
	for i, c := range s.text {
		if strings.IndexByte(",[]{}()=\n", c) < 0 {
			continue
		}
		if signs++; signs > 2*maxTokens { // even the list of them would take gigabytes
			l.report(&problem{Err: ErrLimit, Summary: "File too large", At: s.span(i, 1),
				Detail: fmt.Sprintf("The file has more than %s signs up to here; at most %s words and signs are read.", grouped(signs-1), grouped(maxTokens))})
			return false
		}
	}
	tokens, _ := hclsyntax.LexConfig(s.text, s.name, hcl.InitialPos)
	if len(tokens) > maxTokens {
		l.report(&problem{Err: ErrLimit, Summary: "File too large", At: tokens[maxTokens].Range,
			Detail: fmt.Sprintf("The file has %s words and signs; at most %s are read.", grouped(len(tokens)), grouped(maxTokens))})
		return false
	}
	stack := []level{{lines: true}}
	parts, partBytes := 0, 0
	directives := 0
	for i, t := range tokens {
		top := &stack[len(stack)-1]
		if t.Type != hclsyntax.TokenStringLit && t.Type != hclsyntax.TokenQuotedLit {
			parts, partBytes = 0, 0
		} else if parts, partBytes = parts+1, partBytes+len(t.Bytes); parts*partBytes > maxTextWork {
			l.report(&problem{Err: ErrLimit, Summary: "Text too long", At: t.Range,
				Detail: fmt.Sprintf("The text has more than %s lines up to here, too many to be read in reasonable time.", grouped(parts-1))})
			return false
		}
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenOQuote,
			hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			top.operators++ // an index or a call may follow another
			stack = append(stack, level{lines: t.Type == hclsyntax.TokenOBrace})
			directives += directive(tokens, i)
		case hclsyntax.TokenCBrace, hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenCQuote,
			hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case hclsyntax.TokenComma:
			top.operators = 0
		case hclsyntax.TokenNewline:
			if top.lines {
				top.operators = 0
			}
		case hclsyntax.TokenNumberLit:
			if !l.checkNumber(t) {
				return false
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenComment, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit:
		default:
			top.operators++
		}
		if len(stack)+directives > maxNesting || stack[len(stack)-1].operators > maxOperators {
			l.report(&problem{Err: ErrLimit, Summary: "Too deeply nested", At: t.Range,
				Detail: fmt.Sprintf("At most %d brackets, quotes and template directives may be nested, and at most %d operators may follow one another. Break the expression up with locals.", maxNesting, maxOperators)})
			return false
		}
	}
	return true
}

// directive says by how much the token i, if it opens %{if}, %{for}, %{endif} or %{endfor},
// changes the depth of directives.
func directive(tokens hclsyntax.Tokens, i int) int {
	if tokens[i].Type != hclsyntax.TokenTemplateControl || i+1 >= len(tokens) {
		return 0
	}
	switch string(tokens[i+1].Bytes) {
	case "if", "for":
		return 1
	case "endif", "endfor":
		return -1
	}
	return 0
}

// checkNumber refuses numbers that nobody means, and that would take long to read or to write out.
func (l *loader) checkNumber(t hclsyntax.Token) bool {
	if n := len(t.Bytes); n > maxDigits {
		l.report(&problem{Err: ErrLimit, Summary: "Number too long", At: t.Range,
			Detail: fmt.Sprintf("This number has %s characters; at most %s are read.", grouped(n), grouped(maxDigits))})
		return false
	}
	i := bytes.IndexAny(t.Bytes, "eE")
	if i < 0 {
		return true
	}
	if exponent, err := strconv.Atoi(string(t.Bytes[i+1:])); err != nil || exponent > maxExponent || exponent < -maxExponent {
		l.report(&problem{Err: ErrLimit, Summary: "Number out of range", At: t.Range,
			Detail: "A number must be below 1.8e308, and not nearer to 0 than 4.9e-324."})
		return false
	}
	return true
}
