package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync/atomic"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/plan"
	"spurion/stages"
)

// An instance whose kind has a Continuation goes on from what an earlier run of its thread left, and leaves what later
// ones go on from: an entry of its own in a slot of the thread, beside the result. All of it is an aid: an error in
// reading or storing it is no failure, and what is damaged or gone is not there.

// left is what an instance uses of an earlier run, and what it leaves.
type left struct {
	found   *plan.Left
	used    atomic.Bool // by the kind, which may have been left behind
	leaving *stages.Leaving
}

// lookBack finds what the node may go on from. A node that is forced, or repaired, computes everything itself.
// text is that of its key.
func (j *job) lookBack(text string) {
	if !j.repairing {
		j.left.found = j.runner.plan.LookBack(j.node, text, j.runner.options.Cache)
	}
}

// continues lets the kind go on from what was found, and leave something.
func (j *job) continues(run *stages.Run, c *call) {
	if j.node.Stage.Kind.Continuation == nil {
		return
	}
	run.Keep = c.keep
	if found := j.left.found; found != nil {
		run.Left = &stages.Left{
			About: found.About,
			Read: func(name string) ([]byte, error) {
				d, ok := found.Outputs[name]
				if !ok {
					return nil, fmt.Errorf("nothing that is named %q was left", name)
				}
				j.own.pause()
				defer j.own.resume()
				return j.runner.options.Store.Blob(artifacts.Digest(d))
			},
			Used: func() { j.left.used.Store(true) },
		}
	}
}

// keep takes what the kind leaves.
func (c *call) keep(l stages.Leaving) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.leaving = &l
	}
}

// continuedNote says where a node that ended with err departed from the plan to go on from something.
func (j *job) continuedNote(err error) string {
	if err != nil || j.left.found == nil || j.left.used.Load() {
		return ""
	}
	return fmt.Sprintf("it was to go on from what %s left, which cannot be used: it was computed from its beginning", j.left.found.Address)
}

// continued tells what the node went on from, "" if from nothing.
func (j *job) continued() string {
	if j.left.used.Load() && j.node.Continues != nil {
		return j.node.Continues.Text
	}
	return ""
}

// leave stores what the kind left beside the result with the manifest m, of which c has the bytes. A kind that was stopped has
// no result, and c is nil.
func (j *job) leave(m *artifacts.Manifest, c *call) {
	l := j.left.leaving
	if l == nil {
		return
	}
	keys, texts, err := j.node.SlotKeys(m.Text)
	if err != nil {
		return
	}
	at := &artifacts.Manifest{
		Kind: m.Kind, Version: m.Version, Address: m.Address, Spec: m.Spec, Program: m.Program, Created: time.Now().UTC(), Seconds: m.Seconds,
	}
	free, oldest := j.slots(keys, l)
	if len(free) == 0 {
		return
	}
	var data [][]byte
	add := func(o artifacts.Output, bytes []byte) {
		at.Outputs, data = append(at.Outputs, o), append(data, bytes)
	}
	for _, name := range l.Outputs {
		if o := m.Output(name); o != nil && c != nil {
			add(*o, c.written[name].data)
		}
	}
	add(artifacts.Output{Name: plan.AboutOutput, Rows: -1}, l.About)
	for _, name := range slices.Sorted(maps.Keys(l.Files)) {
		add(artifacts.Output{Name: name, Rows: -1}, l.Files[name])
	}
	for i, slot := range free {
		at.Key, at.Text = artifacts.Digest(keys[slot]), texts[slot]
		err := j.runner.options.Store.Save(at, data)
		if errors.Is(err, artifacts.ErrConflict) { // another instance of the thread was faster
			continue
		}
		if err == nil && i == len(free)-1 { // the last one: there is to be room for the next
			j.runner.spend(oldest)
		}
		return
	}
}

// slots gives the free slots of a thread, and the key of the one that was filled first. None is free for what a slot
// holds already.
func (j *job) slots(keys []plan.Digest, l *stages.Leaving) (free []int, oldest artifacts.Digest) {
	var since time.Time
	about := plan.Digest(artifacts.Sum(l.About))
	for slot, key := range keys {
		m, ok := j.runner.options.Cache.Left(key)
		switch {
		case !ok:
			free = append(free, slot)
			continue
		case m.Outputs[plan.AboutOutput] == about && m.Program == j.runner.program(j.node.Stage.Kind):
			return nil, oldest
		case since.IsZero() || m.Created.Before(since):
			since, oldest = m.Created, artifacts.Digest(key)
		}
	}
	return free, oldest
}
