// Package page renders a run as one HTML page that needs nothing else: no script, no font, no network.
// It knows no spec, plan or store: what it shows is handed to it as text, numbers and images.
package page

//go:generate go run github.com/valyala/quicktemplate/qtc -skipLineComments -file page.qtpl

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
)

// A Page is what the report of one experiment shows, in order.
type Page struct {
	Spec        string
	Description string
	Path        string // of the spec, as the commands have it
	Partial     string // how much there is, where a budget left some for later: "PARTIAL: 5 of 20 seeds"
	Variables   []Variable
	Claims      []Claim
	Checks      []Claim // what must hold for the claims to mean anything
	Comparisons []Comparison
	Figures     []Figure
	Stages      []Stage // upstream first
	Tables      []File
	// What there is beside what is shown, since a page has an end; all of it stands in files.
	Left                         []Left
	FiguresLeft, ComparisonsLeft int
	// Run is what differs between two runs with equal results: it is not part of Digest.
	Run     Run
	Content string // the page's digest, to be found in its head
}

// A Left says of how many instances of a claim, or of a check, with a verdict only the number is shown.
type Left struct {
	Check          bool
	Claim, Verdict string
	Count          int
}

// A Variable is an input of the spec.
type Variable struct{ Name, Value, Source, Description string }

// A Claim is one assertion with its verdict. Its name is like no other's: it has the values of its axes in it. Several
// that are instances of one claim of the spec have its name in Of, and its command and lines.
type Claim struct {
	Check                        bool // it is one of Page.Checks
	Name, Of, Says, Source, Test string
	SourceSays                   string   // what is said there
	Axes                         []string // "task = par3_1"; what its like differ in
	Verdict                      string   // "reproduced", "not reproduced", ...; of a check "met", "not met", ...: see class
	Detail                       string
	Setting                      string   // whose it is tested in: "paper", "ours", or empty if not said
	Needed                       string   // what would have counted as reproduced; may be empty
	Adjusted                     *float64 // P after the correction for the number of claims
	Estimate, Low, High, P       *float64 // nil if the test gives none
	N                            int64
	Numbers                      []Number // all that the test measured
	Figures                      []int    // places in Page.Figures
	Stages                       []string // behind it, upstream first
	Command                      string   // that computes it again, with its like
	Lines                        Lines
}

// A Number is one value of a verdict.
type Number struct{ Name, Value, Unit, Doc string }

// Lines are a part of a spec.
type Lines struct {
	Place string // "specs/paper.hcl:41"
	Text  string
}

// A Figure is an image with what belongs to it.
type Figure struct {
	Address   string
	Image     []byte
	Extension string // of the image: ".svg", ".png", ...
	Files     []File // in all formats
	Table     *Table // the numbers behind it; nil if there are none
	Command   string
	Lines     Lines
}

// A Comparison is a table that is made for people, with what belongs to it.
type Comparison struct {
	Address string
	Caption string
	Table   Table
	Command string
	Lines   Lines
}

// A File is one that stands beside the page.
type File struct {
	Path        string // relative, with forward slashes
	Description string
	Rows, Bytes int64
	Missing     int
	Lacks       string // without what it was made, as that failed
}

// A Table is the beginning of a table.
type Table struct {
	Columns []Column
	Rows    [][]string
	Total   int64  // rows there are
	Path    string // of the whole
}

// A Column is the head of a table's column.
type Column struct{ Name, Unit, Doc string }

// A Stage is one stage of the experiment, with the settings that its spec gives.
type Stage struct {
	ID        string
	Instances int
	Version   int    // of its kind
	Axes      string // "strength 0.6, 0.8; seed 0, 1, 2"
	Settings  []Number
	Uses      []string
	Lines     Lines
}

// A Run says what computed the results, where, and how long it took.
type Run struct {
	ID, Program, Started, Machine, Outcome string
	Seconds                                float64
	Stages                                 []StageRun
	Failures                               []Failure
	FailuresLeft                           int // that are not shown
}

// A StageRun is how a stage's instances ended. Seconds were spent in this run, Cost when the results
// were computed, in this run or before; both are summed over workers.
type StageRun struct {
	ID                                          string
	Cached, Computed, Failed, Skipped, Canceled int
	Seconds, Cost                               float64
}

// A Failure is an instance without a result.
type Failure struct{ Address, Error string }

//go:embed page.css
var style string

// Render gives the page, without control characters. Equal pages give equal bytes.
func Render(p *Page) []byte {
	var b bytes.Buffer
	writedocument(&b, newView(p))
	return bytes.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f {
			return -1
		}
		return r
	}, b.Bytes())
}

// Digest gives the SHA-256, in hex, of the page without its Run: equal results have equal digests.
func Digest(p *Page) string {
	without := *p
	without.Run, without.Content = Run{}, ""
	sum := sha256.Sum256(Render(&without))
	return hex.EncodeToString(sum[:])
}

// number writes at most four significant digits.
func number(v *float64) string {
	if v == nil {
		return "–"
	}
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(*v, 'g', 4, 64), 64)
	if err != nil || math.Abs(rounded) >= 1e6 || rounded != 0 && math.Abs(rounded) < 1e-4 {
		return strconv.FormatFloat(*v, 'g', 4, 64)
	}
	return strings.Replace(strconv.FormatFloat(rounded, 'f', -1, 64), "-", "−", 1)
}

// interval writes what a value lies between, either end of which may be open.
func interval(low, high *float64) string {
	switch {
	case low != nil && high != nil:
		return number(low) + " to " + number(high)
	case low != nil:
		return "from " + number(low) + " on"
	case high != nil:
		return "up to " + number(high)
	}
	return number(nil)
}

func seconds(s float64) string {
	switch {
	case s == 0:
		return "–"
	case s < 1:
		return fmt.Sprintf("%.0f ms", s*1000)
	case s < 120:
		return fmt.Sprintf("%.1f s", s)
	}
	return fmt.Sprintf("%.1f min", s/60)
}

func size(n int64) string {
	switch {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1e6:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// href gives a link to a file beside the page; a file's name may hold what links give a meaning to.
func href(path string) string {
	parts := strings.Split(path, "/")
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return "./" + strings.Join(parts, "/")
}

// short gives the last part of a path.
func short(path string) string { return path[strings.LastIndexByte(path, '/')+1:] }

// anchor gives the name of a place on the page. Different names have different places.
func anchor(kind, name string) string {
	var b strings.Builder
	b.WriteString(kind + "-")
	for _, r := range name {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-' || r == '.' {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "~%x", r)
		}
	}
	return b.String()
}
