package plan

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"spurion/pipeline/spec"
	"spurion/stages"
)

// Where files of data roots were not read (spec.Unread), a look takes an instance for what it was in the last run, if
// nothing else in its key has changed. A run never does.

// unreadRoot gives the data root of a reference whose files were not read.
func (p *Plan) unreadRoot(r spec.Ref) (spec.Unread, bool) {
	if r.Stage != nil || len(p.Spec.Unread) == 0 {
		return spec.Unread{}, false
	}
	root, _, ok := stages.CutExternal(r.Path)
	i := slices.IndexFunc(p.Spec.Unread, func(u spec.Unread) bool { return ok && u.Root == root })
	if i < 0 {
		return spec.Unread{}, false
	}
	return p.Spec.Unread[i], true
}

// Unread gives a data root that the node takes files of and that was not read.
func (p *Plan) Unread(n *Node) (u spec.Unread, ok bool) {
	if len(p.Spec.Unread) == 0 {
		return u, false
	}
	for _, in := range n.Instance().Inputs {
		for _, r := range in.Refs {
			if u, ok = p.unreadRoot(r); ok {
				return u, true
			}
		}
	}
	return u, false
}

// asLast finds the state of a node that takes files which were not read; text is its key's without them.
func (p *Plan) asLast(n *Node, u spec.Unread, text string, c Cache) error {
	unknown := func(why string) {
		n.Status, n.Reason = MustRun, Reason{Code: ReasonUnread, Text: why + "; " + u.String()}
	}
	last, ok := c.Previous(n.Address())
	if !ok || last.Key == (Digest{}) {
		unknown("nothing is known of an earlier run of it")
		return nil
	}
	old, ok := c.Text(last.Key)
	if !ok {
		unknown("the last run left no result of it")
		return nil
	}
	if changes := Diff(p.withoutUnread(old), text); len(changes) > 0 {
		for i := range changes {
			changes[i].Range = place(n.Stage, changes[i].at)
		}
		n.Status, n.Reason = MustRun, Reason{Code: ReasonUnread, Text: summarize(changes), Changes: changes}
		return nil
	}
	outputs, err := c.Lookup(last.Key)
	switch {
	case err == nil:
		n.Key, n.Keyed, n.Status, n.Outputs = last.Key, true, Cached, outputs
		p.assumed.Store(n.Key, old)
	case errors.Is(err, ErrMiss):
		unknown(err.Error())
	default:
		return err
	}
	return nil
}

// withoutUnread gives a key's text without the lines of files that were not read.
func (p *Plan) withoutUnread(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "input "); !ok || !p.isUnread(rest) {
			b.WriteString(line)
		}
	}
	return b.String()
}

// isUnread reports whether a line of an input, "files \"external://birds/a.png\" 90ab...", is of such a file.
func (p *Plan) isUnread(rest string) bool {
	_, rest, _ = strings.Cut(rest, " ")
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return false
	}
	path, err := strconv.Unquote(quoted)
	if err != nil {
		return false
	}
	_, ok := p.unreadRoot(spec.Ref{Path: path})
	return ok
}
