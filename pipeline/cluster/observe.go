package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// observe reads what the tasks wrote, and asks the cluster for those that are silent.
func (d *Driver) observe(ctx context.Context) (moved bool) {
	for _, a := range d.arrays {
		if d.readArray(a) {
			moved = true
		}
	}
	if d.lookAgain() {
		moved = true
	}
	d.askSilent(ctx)
	d.arrays = slices.DeleteFunc(d.arrays, func(a *array) bool {
		if a.left > 0 {
			return false
		}
		if !a.keep && d.leads {
			d.o.Disk.Forget(a.name)
		}
		return true
	})
	return moved
}

// readArray reads on in the journals of an array. A disk that does not answer is asked again later.
func (d *Driver) readArray(a *array) (moved bool) {
	journals, err := d.o.Disk.Journals(a.name)
	if err != nil {
		return false
	}
	for _, j := range journals {
		if j.Task < 0 || j.Task >= len(a.batches) {
			continue
		}
		b := a.batches[j.Task]
		if b.over {
			continue
		}
		r := b.journals[j.Name]
		if r == nil {
			r = &reading{running: map[int32]bool{}}
			b.journals[j.Name] = r
		}
		if r.ended {
			continue
		}
		data, err := d.o.Disk.ReadJournal(a.name, j, r.read)
		if err != nil || len(data) == 0 {
			continue
		}
		notes, used := ReadNotes(data)
		if used == 0 {
			continue
		}
		r.read += int64(used)
		b.heard, b.missing, a.doubt, moved = d.o.Clock.Now(), 0, false, true
		for _, n := range notes {
			d.note(a, b, r, n)
		}
		d.settle(a, b)
	}
	return moved
}

// note takes in one line of a journal.
func (d *Driver) note(a *array, b *batch, r *reading, n Note) {
	id := int32(-1)
	if n.At >= 0 && n.At < len(b.ids) {
		id = b.ids[n.At]
	}
	switch n.Type {
	case NoteBegin:
		r.host = cmp.Or(n.Host, "a node")
		return
	case NoteEnd:
		r.ended, r.cause, r.text = true, n.Cause, n.Text
		return
	}
	if id < 0 {
		return
	}
	switch n.Type {
	case NoteStart:
		r.running[id] = true
		if d.has(b, id) {
			d.work.Started(int(id), r.host)
		}
	case NoteProgress:
		if d.has(b, id) {
			d.work.Progress(int(id), n.Done, n.Total)
		}
	case NoteDone:
		delete(r.running, id)
		r.done++
		d.trouble.mute = 0
		if !n.Cached {
			d.learn(id, n.Seconds)
		}
		d.bring(id, n)
	case NoteFail:
		if n.Cause == CauseOwn { // what the task was stopped in shows at its end: see giveBack
			delete(r.running, id)
			d.fail(id, errors.New(n.Text))
		}
	}
}

// learn takes in how long an instance took.
func (d *Driver) learn(id int32, seconds float64) {
	family := d.family[id]
	before := d.means[family].n
	d.means.add(family, seconds)
	d.changed = d.changed || before == 0
}

// bring takes a result that a task says it stored.
func (d *Driver) bring(id int32, n Note) {
	if d.state[id] != given && d.state[id] != open {
		return
	}
	if d.work.Done(int(id), n) {
		d.set(int(id), over)
		return
	}
	d.set(int(id), late)
	d.late = append(d.late, announced{id, n, d.o.Clock.Now()})
}

// An announced result cannot be seen yet.
type announced struct {
	id    int32
	note  Note
	since time.Time
}

// lookAgain looks for results that were announced. What does not show in time is computed again: it is no failure.
func (d *Driver) lookAgain() (moved bool) {
	now := d.o.Clock.Now()
	d.late = slices.DeleteFunc(d.late, func(l announced) bool {
		switch {
		case d.state[l.id] != late:
		case d.work.Done(int(l.id), l.note):
			d.set(int(l.id), over)
		case now.Sub(l.since) <= d.o.Visible:
			return false
		default:
			d.unseen(l)
		}
		moved = true
		return true
	})
	return moved
}

// unseen gives up waiting for a result. It is computed again, but not for ever: what three tasks stored and nobody sees is a fault that more
// tasks do not mend.
func (d *Driver) unseen(l announced) {
	where := cmp.Or(l.note.Host, "another machine")
	d.set(int(l.id), open)
	if d.trouble.unseen[l.id]++; d.trouble.unseen[l.id] >= mostUnseen {
		d.fail(l.id, fmt.Errorf("%d tasks say that they stored its result, the last one on %s under the key %s, and it cannot be seen here: spurion doctor --peer tells what two machines see of the store's disk", mostUnseen, where, cmp.Or(l.note.Key, "(not told)")))
		return
	}
	d.o.Say(fmt.Sprintf("a result that was stored on %s cannot be seen here after %v; it is computed again", where, d.o.Visible))
}

// settle finds out whether a batch is done with: nothing is missing, or its task has ended. One that was told to stop may be
// begun again by the cluster, so that the cluster is asked first.
func (d *Driver) settle(a *array, b *batch) {
	if b.over {
		return
	}
	missing := false
	for _, id := range b.ids {
		missing = missing || d.has(b, id)
	}
	if !missing {
		d.end(a, b)
		return
	}
	var last *reading
	for _, r := range b.journals {
		if !r.ended || r.cause == CauseStopped {
			return
		}
		last = r
	}
	if last == nil {
		return
	}
	d.giveBack(a, b, last)
}

// end is done with a batch.
func (d *Driver) end(a *array, b *batch) {
	if !b.over {
		b.over = true
		a.left--
		b.journals = nil
		d.changed = true
	}
}

// drop tells of each instance that a batch has not brought, and is done with the batch.
func (d *Driver) drop(a *array, b *batch, tell func(id int32)) {
	for _, id := range b.ids {
		if d.has(b, id) {
			tell(id)
		}
	}
	d.end(a, b)
}

// askSilent asks the cluster for the tasks that are silent, if it was not asked just now.
func (d *Driver) askSilent(ctx context.Context) {
	now := d.o.Clock.Now()
	if now.Sub(d.asked) < d.o.Ask {
		return
	}
	var names []string
	for _, a := range d.arrays {
		if slices.ContainsFunc(a.batches, func(b *batch) bool { return d.silent(b, now) }) {
			names = append(names, a.name)
		}
	}
	if len(names) == 0 {
		d.tellWaiting(nil)
		return
	}
	d.asked = now
	d.calls.Ask++
	answer, err := d.o.Executor.Ask(ctx, names)
	if err != nil {
		if ctx.Err() == nil && d.trouble.said(&d.trouble.ask, now) {
			d.o.Say(fmt.Sprintf("the cluster does not say how its tasks are (%v); this goes on, and asks again", err))
		}
		return
	}
	d.trouble.ask = time.Time{}
	status := map[taskName]TaskStatus{}
	for _, s := range answer {
		status[taskName{s.Array, s.Task}] = s
	}
	for _, a := range d.arrays {
		if !slices.Contains(names, a.name) {
			continue
		}
		for task, b := range a.batches {
			s, known := status[taskName{a.name, task}]
			if known && s.Phase != Ended {
				a.doubt = false
			}
			if d.silent(b, now) {
				d.hear(ctx, a, task, b, s, known)
			}
		}
	}
	d.tellWaiting(answer)
}

type taskName struct {
	array string
	task  int
}

// silent reports whether nothing is heard of a batch that is not done with.
func (d *Driver) silent(b *batch, now time.Time) bool {
	if b.over {
		return false
	}
	for _, r := range b.journals {
		if !r.ended {
			return now.Sub(b.heard) > d.o.Silent
		}
	}
	return true // it has not begun, or it was stopped
}

// hear takes in what the cluster says of a task.
func (d *Driver) hear(ctx context.Context, a *array, task int, b *batch, s TaskStatus, known bool) {
	switch {
	case known && s.Never:
		if d.leads { // first, as the run may end with its last instance
			d.calls.Cancel++
			if err := d.o.Executor.Cancel(ctx, []string{a.name}); err != nil {
				d.o.Say(fmt.Sprintf("%s could not be canceled: %v", a.name, err))
			}
		}
		// Its other tasks ask for the same.
		d.refuse(a, &RefusedError{Err: fmt.Errorf("the cluster will never begin its task: %s", s.Reason), Remedy: "change what the stage's block resources or the executor asks for"})
	case known && s.Phase != Ended:
		b.missing = 0
	default:
		if b.missing++; b.missing >= 2 {
			d.lost(a, task, b, s.End)
		}
	}
}

// tellWaiting tells how many tasks wait, and for what most of them do.
func (d *Driver) tellWaiting(answer []TaskStatus) {
	waiting := 0
	reasons := map[string]int{}
	for _, s := range answer {
		if s.Phase == Pending {
			waiting++
			reasons[s.Reason]++
		}
	}
	reason := ""
	if len(reasons) > 0 {
		sorted := slices.Sorted(maps.Keys(reasons))
		reason = slices.MaxFunc(sorted, func(x, y string) int { return cmp.Compare(reasons[x], reasons[y]) })
	}
	if text := fmt.Sprint(waiting, " ", reason); text != d.waits {
		d.waits = text
		d.work.Waits(waiting, reason)
	}
}

// lost gives up a task that is silent and that the cluster does not know any more, or says has ended.
func (d *Driver) lost(a *array, task int, b *batch, how End) {
	if a.doubt {
		d.drop(a, b, func(id int32) { d.set(int(id), open) })
		return
	}
	r := &reading{running: map[int32]bool{}, cause: CauseStopped}
	for _, j := range b.journals {
		r.done += j.done
		r.host = cmp.Or(r.host, j.host)
		if !j.ended {
			maps.Copy(r.running, j.running)
		}
	}
	printed := strings.TrimSpace(d.o.Disk.Printed(a.name, task))
	if (how == Failed || how == Unknown || how == Canceled) && tellsOfMemory(printed) {
		how = OutOfMemory
	}
	switch how {
	case OutOfMemory:
		r.cause = CauseMemory
	case OutOfTime:
		r.cause = CauseTime
	case Canceled:
		err := errors.New("its task was canceled on the cluster, and not by this run; run again to go on")
		d.drop(a, b, func(id int32) { d.fail(id, err) })
		return
	case Failed, Unknown, Succeeded:
		if r.host == "" {
			if d.trouble.muted(d.asked); d.trouble.mute >= mostMute {
				a.keep = true
				d.drop(a, b, func(id int32) { d.fail(id, muteError(printed)) })
				return
			}
		}
		for _, id := range d.suspects(b, r) {
			if d.trouble.losses[id]++; d.trouble.losses[id] >= mostLosses && d.has(b, id) {
				a.keep = true
				d.fail(id, lostError(printed))
			}
		}
	}
	d.giveBack(a, b, r)
}
