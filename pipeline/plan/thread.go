package plan

import (
	"strconv"
	"strings"
	"time"

	"spurion/stages"
)

// A run of a kind with a Continuation may leave what later ones of its thread go on from. It lies in one of a few slots
// of the thread, whose keys are those of instances without the settings that are free in a thread.

// threadSchema is the first line of a slot's text.
const threadSchema = "spurion thread 1"

// ThreadSlots is how many slots a thread has. After a run one is free, so that the next run finds room.
const ThreadSlots = 4

// AboutOutput is the name under which a slot holds what its run says about itself.
const AboutOutput = "about"

// A Left is what an earlier run left in a slot.
type Left struct {
	Key     Digest
	Address string // of the instance that left it
	Program string // that computed it
	Created time.Time
	About   []byte
	Outputs map[string]Digest // what there is to read
}

// Continues says how an instance goes on from an earlier run.
type Continues struct {
	From int64  `json:"from"` // how far the earlier run's work serves, such as in steps
	Of   string `json:"of"`   // the instance that left it
	Text string `json:"text"` // for people
}

// A thread is that of a node.
type thread struct {
	text     string // of its slots' keys, but for their numbers
	settings any    // of the node
}

// thread gives a node's thread by the text of its key; nil if its kind has no Continuation.
func (n *Node) thread(text string) (*thread, error) {
	c := n.Stage.Kind.Continuation
	if c == nil {
		return nil, nil
	}
	settings, err := n.Stage.Kind.Schema().Decode(n.Instance().Settings)
	if err != nil {
		return nil, err
	}
	return &thread{threadText(text, c, settings), settings}, nil
}

// slot gives the key of a slot, and its text.
func (t *thread) slot(i int) (Digest, string) {
	text := t.text + "slot " + strconv.Itoa(i) + "\n"
	return hash([]byte(text)), text
}

// SlotKeys gives the keys of the slots of a node's thread with their texts; none if its kind has no Continuation. text is
// that of the node's key: see KeyText.
func (n *Node) SlotKeys(text string) (keys []Digest, texts []string, err error) {
	t, err := n.thread(text)
	if t == nil || err != nil {
		return nil, nil, err
	}
	keys, texts = make([]Digest, ThreadSlots), make([]string, ThreadSlots)
	for i := range keys {
		keys[i], texts[i] = t.slot(i)
	}
	return keys, texts, nil
}

// threadText makes a thread's text of an instance's key text.
func threadText(text string, c *stages.Continuation, settings any) string {
	free, lines := c.Thread(settings)
	var b strings.Builder
	b.WriteString(threadSchema + "\n")
	for line := range strings.Lines(strings.TrimPrefix(text, keySchema+"\n")) {
		if path, isSetting := strings.CutPrefix(line, "setting "); !isSetting || !isFree(path, free) {
			b.WriteString(line)
		}
	}
	for _, line := range lines {
		b.WriteString("thread " + line + "\n")
	}
	return b.String()
}

// isFree reports whether a line's path is one of those that are free, or below one.
func isFree(line string, free []string) bool {
	path, _, _ := strings.Cut(line, " ")
	for _, f := range free {
		if rest, ok := strings.CutPrefix(path, f); ok && (rest == "" || rest[0] == '.') {
			return true
		}
	}
	return false
}

// LookBack finds what an earlier run left that serves a node furthest, and notes it there; nil if there is nothing.
// Other code's is left alone. It is an aid: what cannot be read is not there. text is that of the node's key: see KeyText.
func (p *Plan) LookBack(n *Node, text string, c Cache) *Left {
	n.Continues = nil
	if n.Forced {
		return nil
	}
	t, err := n.thread(text)
	if t == nil || err != nil {
		return nil
	}
	var best *Left
	empty := 0
	for i := range ThreadSlots {
		if i == 2 && empty == 2 {
			break // slots are filled in order, and then one is free: nothing was left
		}
		key, _ := t.slot(i)
		left, ok := c.Left(key)
		if !ok {
			empty++
		}
		if !ok || left.Program != p.programOf(n.Stage.Kind) {
			continue
		}
		w, ok := n.Stage.Kind.Continuation.Way(t.settings, left.About)
		if ok && (best == nil || w.From > n.Continues.From) {
			best, n.Continues = left, &Continues{From: w.From, Of: left.Address, Text: w.Text}
		}
	}
	if best != nil && n.Continues.Of != n.Address() {
		n.Continues.Text += ", by what " + n.Continues.Of + " left"
	}
	return best
}

// Foresee adds to the reason of a node that must run what it would go on from. A plan does not know that of all nodes by
// itself, as it takes as long as all else: a run looks back when it comes to a node.
func (p *Plan) Foresee(n *Node, c Cache) {
	if n.Status != MustRun || n.Reason.Code == ReasonUnread || n.Stage.Kind.Continuation == nil {
		return
	}
	_, text, err := p.KeyText(n)
	if err != nil {
		return
	}
	if p.LookBack(n, text, c); n.Continues != n.Reason.Continues {
		n.Reason = p.Explain(n, c)
	}
}

func (p *Plan) programOf(k *stages.Kind) string {
	if p.program == nil {
		return ""
	}
	return p.program(k)
}
