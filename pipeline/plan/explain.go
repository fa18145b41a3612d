package plan

import (
	"cmp"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"spurion/pipeline/spec"
)

// A ReasonCode classifies why an instance is not cached.
type ReasonCode string

// The reasons.
const (
	ReasonNew     ReasonCode = "new"     // nothing is known of this address
	ReasonChanged ReasonCode = "changed" // its settings, inputs or kind changed since the last run
	ReasonMissing ReasonCode = "missing" // its entry was evicted or damaged
	ReasonFailed  ReasonCode = "failed"  // it failed or was stopped in the last run
	ReasonForced  ReasonCode = "forced"
	ReasonWaits   ReasonCode = "waits"  // an input is not computed yet
	ReasonUnread  ReasonCode = "unread" // its data is not there, and it is only looked at
)

// A Reason says why an instance is not cached.
type Reason struct {
	Code    ReasonCode `json:"code"`
	Text    string     `json:"text"`
	Changes []Change   `json:"changes,omitempty"`
	// Continues says that not all of it is computed again; Text says so, too.
	Continues *Continues `json:"continues,omitempty"`
}

// A Change is one line of a key's text that differs from the last run's.
type Change struct {
	What  string      `json:"what"` // "setting", "input", "missing", "file", "kind", "part"
	Path  string      `json:"path"`
	Old   string      `json:"old,omitempty"` // empty if the line is new
	New   string      `json:"new,omitempty"` // empty if the line is gone
	Range *spec.Range `json:"range,omitempty"`

	at string // the path of the setting or input that the line is about
}

// String gives "optimizer.rate 0.05 -> 0.1 (specs/paper.hcl:41)".
func (c Change) String() string {
	var b strings.Builder
	if c.What != "setting" {
		b.WriteString(c.What)
		b.WriteByte(' ')
	}
	b.WriteString(c.Path)
	switch {
	case c.Old == "":
		b.WriteString(" added: " + c.New)
	case c.New == "":
		b.WriteString(" removed, was " + c.Old)
	default:
		b.WriteString(" " + c.Old + " -> " + c.New)
	}
	if c.Range != nil {
		fmt.Fprintf(&b, " (%s:%d)", c.Range.File, c.Range.Line)
	}
	return b.String()
}

// explainAll completes the reasons of what is not cached.
func (p *Plan) explainAll(c Cache) {
	for i := range p.Nodes {
		n := &p.Nodes[i]
		switch {
		case !n.Selected:
		case n.Status == Blocked:
			n.Reason = p.waits(n)
		case n.Status == MustRun && !n.Forced && n.Reason.Code != ReasonUnread:
			n.Reason = p.Explain(n, c)
		}
	}
}

func (p *Plan) waits(n *Node) Reason {
	var open []int32
	for _, d := range n.Deps {
		if p.Nodes[d].Status != Cached && !p.cutOff(d) {
			open = append(open, d)
		}
	}
	text := "waits for " + p.Nodes[open[0]].Address()
	if len(open) > 1 {
		text += fmt.Sprintf(" and %d more", len(open)-1)
	}
	if lacks := n.LacksText(); lacks != "" && len(n.Outputs) > 0 {
		text += "; what is there is of " + lacks
	}
	if n.KeptBack != "" {
		text += "; in the last run " + n.KeptBack
	}
	return Reason{Code: ReasonWaits, Text: text}
}

// Explain says why a node whose key is known, and not in the store, must run: it compares the key with
// the one that the address had in the last run. What the node goes on from is told, too.
func (p *Plan) Explain(n *Node, c Cache) Reason {
	r := p.compare(n, c)
	if told := r.Continues; told != nil { // explained before
		r.Text = strings.TrimSuffix(r.Text, "; "+told.Text)
	}
	if r.Continues = n.Continues; r.Continues != nil {
		r.Text += "; " + r.Continues.Text
	}
	return r
}

func (p *Plan) compare(n *Node, c Cache) Reason {
	last, ok := c.Previous(n.Address())
	unfinished := last.Status == "failed" || last.Status == "canceled" || last.Status == "skipped"
	switch {
	case n.Forced:
		return Reason{Code: ReasonForced, Text: "forced"}
	case !ok:
		return Reason{Code: ReasonNew, Text: "not computed before"}
	case last.Status == LaterStatus:
		return Reason{Code: ReasonNew, Text: "left for later by the last run's budget"}
	case last.Key == Digest{}:
		return Reason{Code: ReasonFailed, Text: "not reached in the last run"}
	case unfinished && last.Key == n.Key:
		return Reason{Code: ReasonFailed, Text: last.Status + " in the last run" + errorText(last)}
	case last.Key == n.Key && n.Reason.Code == ReasonMissing:
		return n.Reason // what the store said
	case last.Key == n.Key:
		return Reason{Code: ReasonMissing, Text: "its entry is gone from the store"}
	}
	old, ok := c.Text(last.Key)
	switch {
	case !ok && unfinished:
		return Reason{Code: ReasonFailed, Text: last.Status + " in the last run, and changed since"}
	case !ok:
		return Reason{Code: ReasonChanged, Text: "changed since the last run, whose entry is gone from the store"}
	}
	_, text, err := p.KeyText(n)
	if err != nil {
		return Reason{Code: ReasonChanged, Text: err.Error()}
	}
	changes := Diff(old, text)
	for i := range changes {
		changes[i].Range = place(n.Stage, changes[i].at)
	}
	return Reason{Code: ReasonChanged, Text: summarize(changes), Changes: changes}
}

// errorText gives the first line of what an instance failed with.
func errorText(p Previous) string {
	first, _, _ := strings.Cut(p.Error, "\n")
	if p.Status != "failed" || first == "" {
		return ""
	}
	return ": " + first
}

// place gives where a stage sets what a changed line is about: the setting or input itself, or the block
// or input that it is part of. Nil if the stage leaves it to its default.
func place(st *spec.Stage, path string) *spec.Range {
	path, _, _ = strings.Cut(path, " ") // an input's axes, file or number in a list
	for {
		if r, ok := st.Ranges[path]; ok {
			return &r
		}
		i := strings.LastIndexByte(path, '.')
		if i < 0 {
			return nil
		}
		path = path[:i]
	}
}

func summarize(changes []Change) string {
	const most = 3
	var parts []string
	for i, c := range changes {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more", len(changes)-most))
			break
		}
		parts = append(parts, c.String())
	}
	return strings.Join(parts, "; ")
}

// Diff compares the texts of two keys line by line, by label, and gives what changed in the order
// kind, parts, settings, inputs, each sorted.
func Diff(old, new string) []Change {
	was, now := facts(old), facts(new)
	names := make([]string, 0, len(was)+len(now))
	for name := range was {
		names = append(names, name)
	}
	for name := range now {
		if _, ok := was[name]; !ok {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var changes []Change
	for _, what := range []string{"spurion", "kind", "part", "setting", "input", "missing"} {
		for _, name := range names {
			label, path, _ := strings.Cut(name, " ")
			switch {
			case label != what || was[name] == now[name]:
			case what == "part":
				changes = appendPart(changes, path, was, now)
			default:
				changes = append(changes, Change{What: what, Path: path, Old: shorten(was[name]), New: shorten(now[name]), at: path})
			}
		}
	}
	return changes
}

// appendPart appends the change of a part's version, whose line is there from the second version on. If only one
// of the keys uses the part, the setting that chooses it has changed, and says all.
func appendPart(changes []Change, path string, was, now map[string]string) []Change {
	setting, name, _ := strings.Cut(path, " ")
	chosen := strconv.Quote(name)
	if was["setting "+setting] != chosen || now["setting "+setting] != chosen {
		return changes
	}
	version := func(facts map[string]string) string { return cmp.Or(facts["part "+path], "1") }
	return append(changes, Change{What: "part", Path: name, Old: version(was), New: version(now), at: setting})
}

// facts reads a key's text as labelled values: "setting optimizer.rate" -> "0.05". Repeated labels,
// as of the elements of a list, are numbered.
func facts(text string) map[string]string {
	values := map[string]string{}
	seen := map[string]int{}
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		label, rest, _ := strings.Cut(line, " ")
		path, value, _ := strings.Cut(rest, " ")
		if label == "input" || label == "part" {
			// The content's digest or the version is the last word; what stands before it names the input or part.
			i := strings.LastIndexByte(rest, ' ')
			path, value = rest[:max(i, 0)], rest[i+1:]
		}
		name := label + " " + path
		seen[name]++
		if k := seen[name]; k > 1 {
			name += fmt.Sprintf(" #%d", k)
		}
		values[name] = value
	}
	return values
}

// shorten cuts the hexadecimal digest of an input or of a sensitive setting to what a person compares.
func shorten(value string) string {
	if digest, ok := strings.CutPrefix(value, spec.Hidden+" "); ok {
		return spec.Hidden + " " + shorten(digest)
	}
	if len(value) == 64 && strings.Trim(value, "0123456789abcdef") == "" {
		return value[:12]
	}
	return value
}

// Since gives what changed in a node's key since the last run in which its address had one; nil if
// nothing did, or if there is nothing to compare with.
func (p *Plan) Since(n *Node, c Cache) []Change {
	last, ok := c.Previous(n.Address())
	if !ok || !n.Keyed || last.Key == n.Key {
		return nil
	}
	return p.Explain(n, c).Changes
}
