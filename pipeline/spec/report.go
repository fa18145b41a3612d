package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A problem is a diagnostic in the making. A zero At stands for no place.
type problem struct {
	Err             error
	Summary, Detail string
	At              hcl.Range
	Warning         bool
	// Expr and Context, if given, add the values of the variables in the expression.
	Expr    hcl.Expression
	Context *hcl.EvalContext
}

// How much is told of what is wrong: of very many mistakes the first ones are enough, and of a name as long as a book its
// beginning.
const (
	maxDiagnostics = 100
	maxKept        = 1000 // are looked through for the first in the file
	maxDetail      = 3000 // characters
)

// A problemKey tells problems apart: an expression that fails for each of 5,000 instances is one.
type problemKey struct {
	file    string
	offset  int
	summary string
}

// report adds a diagnostic, unless the same summary was already reported at that place.
func (l *loader) report(p *problem) {
	key := problemKey{p.At.Filename, p.At.Start.Byte, p.Summary}
	if p.At.Filename == "" {
		key.summary += p.Detail
	}
	l.failed = l.failed || !p.Warning
	if l.reported[key] {
		return
	}
	if len(l.diags) >= maxKept {
		l.unkept++
		return
	}
	l.reported[key] = true
	d := Diagnostic{Severity: Error, Summary: l.hide(clip(strings.TrimSuffix(p.Summary, "."), 59)), Detail: clip(l.hide(p.Detail), maxDetail), Err: p.Err}
	if p.Warning {
		d.Severity = Warning
	}
	if s := l.sources[p.At.Filename]; s != nil {
		r := s.rangeOf(p.At)
		d.Range = &r
		d.Snippet = s.snippet(p.At)
		if s.values && l.sensitive { // whichever line it is: a value may go over several
			d.Snippet.Code, d.Snippet.HighlightStartOffset, d.Snippet.HighlightEndOffset = Hidden, 0, len(Hidden)
		}
		if p.Expr != nil {
			d.Snippet.Values = l.snippetValues(p.Expr, p.Context)
		}
	}
	l.diags = append(l.diags, d)
}

// fromHCL reports what the HCL library found.
func (l *loader) fromHCL(d *hcl.Diagnostic, cause error) {
	detail := d.Detail
	if strings.HasSuffix(detail, "?.") {
		detail = strings.TrimSuffix(detail, ".") // ours ended with a question, HCL put a stop after it
	}
	p := &problem{Err: cause, Summary: d.Summary, Detail: detail, Warning: d.Severity == hcl.DiagWarning,
		Expr: d.Expression, Context: d.EvalContext}
	if d.Subject != nil {
		p.At = *d.Subject
	}
	l.report(p)
}

// place words where a range is, for the second place of a diagnostic.
func (l *loader) place(r hcl.Range) string {
	return fmt.Sprintf("%s:%d", r.Filename, r.Start.Line)
}

// The size of a snippet: what goes beyond is cut.
const (
	maxSnippetLines = 4
	maxSnippetBytes = 400
)

// snippet gives the lines of a range.
func (s *source) snippet(r hcl.Range) *Snippet {
	start := max(0, min(r.Start.Byte, len(s.text)))
	end := max(start, min(r.End.Byte, len(s.text)))
	if end > start && s.text[end-1] == '\n' {
		end-- // the line after it says nothing
	}
	near := max(0, start-maxSnippetBytes-1)
	first := near + bytes.LastIndexByte(s.text[near:start], '\n') + 1
	if start-first > maxSnippetBytes {
		first = start - maxSnippetBytes/2
	}
	last := first
	for line := 1; ; line++ {
		n := bytes.IndexByte(s.text[last:], '\n')
		if n < 0 {
			last = len(s.text)
			break
		}
		last += n
		if last >= end || line == maxSnippetLines {
			break
		}
		last++
	}
	if last-first > 2*maxSnippetBytes {
		last = first + 2*maxSnippetBytes
	}
	code, a, b := clean(s.text[first:last], start-first, min(end, last)-first)
	return &Snippet{
		Context: s.context(r), Code: code, StartLine: r.Start.Line,
		HighlightStartOffset: a, HighlightEndOffset: b, Values: []SnippetValue{},
	}
}

// clean makes valid UTF-8 of the code and moves the highlight along.
func clean(code []byte, from, to int) (text string, a, b int) {
	to = max(from, min(to, len(code)))
	valid := func(b []byte) string {
		return strings.ReplaceAll(strings.ToValidUTF8(string(b), "\uFFFD"), "\x00", "\uFFFD")
	}
	before, inside, after := valid(code[:from]), valid(code[from:to]), valid(code[to:])
	return before + inside + after, len(before), len(before) + len(inside)
}

// context gives the header of the top-level block around a range, such as `stage "train" "erm"`.
func (s *source) context(r hcl.Range) *string {
	if s.body == nil {
		return nil
	}
	blocks := s.body.Blocks
	if i := sort.Search(len(blocks), func(i int) bool { return blocks[i].TypeRange.Start.Byte > r.Start.Byte }) - 1; i >= 0 {
		b := blocks[i]
		if whole := b.Range(); r.Start.Byte <= max(whole.End.Byte, b.CloseBraceRange.End.Byte) {
			text := clip(b.Type, 60)
			for _, label := range b.Labels {
				text += fmt.Sprintf(" %q", clip(label, 60))
			}
			return &text
		}
	}
	return nil
}

// snippetValues gives the values of the variables that an expression mentions, by traversal.
func (l *loader) snippetValues(expr hcl.Expression, ctx *hcl.EvalContext) []SnippetValue {
	values := []SnippetValue{}
	if ctx == nil {
		return values
	}
	seen := map[string]bool{}
	for _, t := range expr.Variables() {
		for n := len(t); n >= 1; n-- {
			v, diags := t[:n].TraverseAbs(ctx)
			if diags.HasErrors() || n == 1 && len(t) > 1 {
				continue // the longest part that has a value
			}
			name := traversalText(t[:n])
			said := statement(v)
			if l.secretBehind(t) != nil {
				said = "is sensitive"
			}
			if said != "" && !seen[name] && len(values) < 12 {
				seen[name] = true
				values = append(values, SnippetValue{clip(name, 100), said})
			}
			break
		}
	}
	sort.Slice(values, func(i, j int) bool { return values[i].Traversal < values[j].Traversal })
	return values
}

// statement words a value: "is 3". It is empty for what has no value.
func statement(v cty.Value) string {
	switch ty := v.Type(); {
	case !v.IsKnown() || ty == customdecode.ExpressionClosureType:
		return ""
	case v.IsNull():
		return "is null"
	case ty == cty.Number:
		return "is " + clip(numberText(v.AsBigFloat()), 60)
	case ty == cty.Bool:
		return fmt.Sprintf("is %v", v.True())
	case ty == cty.String:
		return "is " + quoted(v.AsString())
	case ty == callType:
		return "is " + clip(callOf(v).text, 60)
	case ty.IsObjectType() || ty.IsMapType():
		return "is an object with " + count(v.LengthInt(), "attribute")
	case ty.IsTupleType() || ty.IsListType() || ty.IsSetType():
		return "is a list with " + count(v.LengthInt(), "element")
	}
	return ""
}

// quoted gives the beginning of a text as JSON has it, but with <, > and & as they are.
func quoted(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(clip(s, 60)); err != nil {
		return fmt.Sprintf("%q", clip(s, 60))
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// traversalText writes a traversal as its author would.
func traversalText(t hcl.Traversal) string {
	var b strings.Builder
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			b.WriteString(step.Name)
		case hcl.TraverseAttr:
			b.WriteString("." + step.Name)
		case hcl.TraverseIndex:
			if step.Key.Type() == cty.Number {
				b.WriteString("[" + numberText(step.Key.AsBigFloat()) + "]")
			} else if step.Key.Type() == cty.String {
				b.WriteString("[" + quoted(step.Key.AsString()) + "]")
			}
		case hcl.TraverseSplat:
			b.WriteString("[*]")
		}
	}
	return b.String()
}

// clip shortens text to n characters.
func clip(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}

// count gives "1 element", "3 elements".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped gives 1000000 as 1,000,000.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// causeOf finds the cause of an HCL diagnostic about an expression.
func causeOf(d *hcl.Diagnostic) error {
	if call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d); ok && call.CalledFunctionName() != "" {
		return ErrFunction
	}
	switch d.Summary {
	case "Unsupported attribute", "Invalid index":
		return ErrUnknown
	}
	return ErrType
}
