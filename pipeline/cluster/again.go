package cluster

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// What is tried again, and how often. A task that was preempted, whose node failed or that vanished is nobody's fault: its instances
// go into other batches. Who takes more memory or time than his task had gets twice as much, three times. What a
// kind itself says is wrong is never tried again.
const (
	mostLosses  = 3 // tasks that end without a word while they compute an instance, before that fails
	mostMute    = 3 // answers of the cluster in a row by which tasks ended that never said a word, while no other brought anything, before instances fail
	mostUnseen  = 3 // tasks whose result for an instance does not show, before that fails
	mostDoubled = 3 // times that an instance gets twice the memory, and twice the time
)

// trouble is what went wrong with instances so far; few have an entry.
type trouble struct {
	losses map[int32]int
	unseen map[int32]int // results that were announced and did not show
	memory map[int32]int
	time   map[int32]int
	mute   int       // answers of the cluster that told of mute tasks, since anything was brought
	last   time.Time // of the last of these answers
	ask    time.Time // since when the cluster does not answer
}

func newTrouble() trouble {
	return trouble{losses: map[int32]int{}, unseen: map[int32]int{}, memory: map[int32]int{}, time: map[int32]int{}}
}

// muted notes that a task ended without a word, by an answer of the cluster that came at a time.
func (t *trouble) muted(at time.Time) {
	if !t.last.Equal(at) {
		t.last = at
		t.mute++
	}
}

// said reports whether something that lasts is to be told of: when it begins, and every ten minutes.
func (t *trouble) said(since *time.Time, now time.Time) bool {
	if since.IsZero() || now.Sub(*since) > 10*time.Minute {
		*since = now
		return true
	}
	return false
}

// stretch is what an instance's time is multiplied by: 1 for most.
func (t *trouble) stretch(id int32) time.Duration { return 1 << t.time[id] }

// assumedMemory is what an instance that says nothing of its memory is taken to have had when it ran out of it.
const assumedMemory = 4 << 30

// classFor gives what an instance asks for, with what it has turned out to need.
func (d *Driver) classFor(id int32, t *Task) class {
	c := classOf(t.Each)
	if n := d.trouble.memory[id]; n > 0 {
		if c.Memory == 0 {
			c.Memory = assumedMemory
		}
		c.Memory <<= n
	}
	return c
}

// fail is done with an instance that has no result, unless it was given up just now for what it needs.
func (d *Driver) fail(id int32, err error) {
	d.readMail()
	if d.state[id] == given || d.state[id] == open {
		d.set(int(id), over)
		d.work.Failed(int(id), err)
	}
}

// more has an instance that ran out of memory or time tried again with twice as much, as long as that is reasonable: who had the longest time
// that a task gets for himself needs more than there is.
func (d *Driver) more(b *batch, id int32, cause Cause) {
	if cause == CauseTime && d.o.Longest > 0 && b.limit >= d.o.Longest {
		d.fail(id, fmt.Errorf("it takes longer than any task may: the executor block says longest = %v; raise that, if the cluster allows it, or have the stage do less", d.o.Longest))
		return
	}
	of, what := d.trouble.memory, "memory"
	if cause == CauseTime {
		of, what = d.trouble.time, "time"
	}
	if of[id]++; of[id] > mostDoubled {
		d.fail(id, fmt.Errorf("it ran out of %s %d times, each time with twice as much; say in its stage's block resources how much it needs", what, of[id]))
	}
}

// giveBack puts what a batch did not bring back to what is open, after its task has ended as r says.
func (d *Driver) giveBack(a *array, b *batch, r *reading) {
	if r.cause == CauseUnfit {
		err := errors.New(r.text)
		d.drop(a, b, func(id int32) { d.fail(id, err) })
		return
	}
	if r.cause == CauseMemory || r.cause == CauseTime && r.done == 0 {
		for _, id := range d.suspects(b, r) {
			d.more(b, id, r.cause)
		}
	}
	d.drop(a, b, func(id int32) { d.set(int(id), open) })
}

// suspects gives the instances of a batch that its task was at when it ended: those that it said it had begun, or else the first that it had not
// brought, as what it last had to say may not have been written, and as it may not have begun what would not have ended.
func (d *Driver) suspects(b *batch, r *reading) []int32 {
	var list []int32
	for _, id := range b.ids {
		if r.running[id] && d.has(b, id) {
			list = append(list, id)
		}
	}
	if len(r.running) > 0 {
		return list
	}
	for _, id := range b.ids {
		if d.has(b, id) {
			return []int32{id}
		}
	}
	return nil
}

func muteError(printed string) error {
	text := "tasks end on the cluster before the program begins; does it have the store's disk, and does what the executor's setup runs work there?"
	if printed != "" {
		text += "\nthe last one printed:\n" + printed
	}
	return errors.New(text)
}

func lostError(printed string) error {
	text := fmt.Sprintf("its task ended %d times without a word while it was computed: the program was killed, or it took more memory than there is", mostLosses)
	if printed != "" {
		text += "\nthe last one printed:\n" + printed
	}
	return errors.New(text)
}

// tellsOfMemory reports whether what a task printed last says that it was killed for the memory that it took. Clusters tell it there, and
// often nowhere else.
func tellsOfMemory(printed string) bool {
	for _, sign := range []string{"exceeded memory limit", "Exceeded job memory limit", "oom-kill", "oom_kill", "Out Of Memory", "out of memory"} {
		if strings.Contains(printed, sign) {
			return true
		}
	}
	return false
}
