package spec

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Severity says whether a diagnostic stops the load.
type Severity string

// The severities. Only an Error stops the load.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// The causes of diagnostics, for errors.Is: tests and tools branch on these, people read the text.
var (
	ErrSyntax        = errors.New("syntax error")
	ErrRead          = errors.New("unreadable source")
	ErrName          = errors.New("invalid name")
	ErrDuplicate     = errors.New("defined twice")
	ErrMissing       = errors.New("missing")
	ErrUnknown       = errors.New("unknown attribute, block or symbol")
	ErrUnknownKind   = errors.New("unknown kind of stage or test")
	ErrUnknownStage  = errors.New("unknown stage")
	ErrUnknownOutput = errors.New("unknown output")
	ErrUnknownColumn = errors.New("unknown column")
	ErrMarked        = errors.New("marked column")
	ErrUnknownSweep  = errors.New("unknown sweep")
	ErrVariable      = errors.New("unknown or unset variable")
	ErrValidation    = errors.New("validation rule of a variable failed")
	ErrAmbiguous     = errors.New("ambiguous reference")
	ErrCycle         = errors.New("cycle")
	ErrType          = errors.New("wrong type")
	ErrSensitive     = errors.New("sensitive value")
	ErrValue         = errors.New("value not allowed")
	ErrFunction      = errors.New("function call failed")
	ErrMatch         = errors.New("no single matching instance")
	ErrComputed      = errors.New("setting depends on a computed value")
	ErrPath          = errors.New("file missing or outside the project")
	ErrLimit         = errors.New("limit exceeded")
	ErrEmpty         = errors.New("no instances")
)

// A Diagnostic is one mistake (or warning), with its place. Its JSON form is Terraform's.
type Diagnostic struct {
	Severity Severity `json:"severity"`
	// Summary is what is wrong, under 60 characters without a full stop.
	Summary string `json:"summary"`
	// Detail is why, and what to write instead; it may be empty.
	Detail string `json:"detail"`
	// Range is the place; nil if there is none (an unreadable path, a --var).
	Range   *Range   `json:"range,omitempty"`
	Snippet *Snippet `json:"snippet,omitempty"`
	// Err is the cause: one of the sentinels above.
	Err error `json:"-"`
}

// A Snippet is the source behind a diagnostic: whole lines, and which bytes of them are meant.
type Snippet struct {
	// Context is the block around, such as `stage "train" "erm"`; nil at the top level.
	Context *string `json:"context"`
	Code    string  `json:"code"`
	// StartLine is the line number of the first line of Code.
	StartLine int `json:"start_line"`
	// The highlighted part of Code, in bytes.
	HighlightStartOffset int `json:"highlight_start_offset"`
	HighlightEndOffset   int `json:"highlight_end_offset"`
	// Values are the values of the variables in the failing expression, sorted by traversal.
	Values []SnippetValue `json:"values"`
}

// A SnippetValue is the value of one variable, in words: traversal "each.seed", statement "is 3".
type SnippetValue struct {
	Traversal string `json:"traversal"`
	Statement string `json:"statement"`
}

// Error gives "file:line,column: summary; detail".
func (d Diagnostic) Error() string {
	var b strings.Builder
	if d.Range != nil {
		fmt.Fprintf(&b, "%s:%d,%d: ", printable(d.Range.File), d.Range.Line, d.Range.Column)
	}
	b.WriteString(printable(d.Summary))
	if d.Detail != "" {
		b.WriteString("; " + printableLines(d.Detail))
	}
	return b.String()
}

// Unwrap gives the cause.
func (d Diagnostic) Unwrap() error { return d.Err }

// Diagnostics are all that a load has to say, in file order.
type Diagnostics []Diagnostic

// HasErrors reports whether any diagnostic is an error.
func (ds Diagnostics) HasErrors() bool {
	for i := range ds {
		if ds[i].Severity == Error {
			return true
		}
	}
	return false
}

// Error gives the diagnostics, one a line. It makes Diagnostics an error; a nil or empty list is
// not one, so compare with HasErrors.
func (ds Diagnostics) Error() string {
	lines := make([]string, len(ds))
	for i := range ds {
		lines[i] = ds[i].Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the diagnostics as errors, so that errors.Is finds a cause among them.
func (ds Diagnostics) Unwrap() []error {
	errs := make([]error, len(ds))
	for i := range ds {
		errs[i] = ds[i]
	}
	return errs
}

// sorted puts the diagnostics in file order, those without a place first. It is stable.
func (ds Diagnostics) sorted() Diagnostics {
	sort.SliceStable(ds, func(i, j int) bool {
		a, b := ds[i].Range, ds[j].Range
		switch {
		case a == nil || b == nil:
			return a == nil && b != nil
		case a.File != b.File:
			return a.File < b.File
		}
		return a.StartOffset < b.StartOffset
	})
	return ds
}

// bounded keeps the first diagnostics, errors before warnings, and says how many more there were, besides so many that
// were not kept.
func (ds Diagnostics) bounded(unkept int) Diagnostics {
	if len(ds)+unkept <= maxDiagnostics {
		return ds
	}
	errs, warnings := 0, 0
	for i := range ds {
		if ds[i].Severity == Error {
			errs++
		}
	}
	errs = min(errs, maxDiagnostics)
	room := maxDiagnostics - errs
	kept := make(Diagnostics, 0, maxDiagnostics+1)
	total := len(ds) + unkept
	for _, d := range ds {
		if d.Severity == Error && errs > 0 {
			errs--
			kept = append(kept, d)
		} else if d.Severity == Warning && warnings < room {
			warnings++
			kept = append(kept, d)
		}
	}
	last := Diagnostic{Severity: Warning, Err: ErrLimit, Summary: fmt.Sprintf("And %s more", grouped(total-len(kept))),
		Detail: fmt.Sprintf("There are %s mistakes and warnings in all; the first are shown. Mend them, and look again.", grouped(total))}
	if ds.HasErrors() {
		last.Severity = Error
	}
	return append(kept, last)
}
