package cluster

import (
	"bytes"
	"container/heap"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// A fakeCluster is a cluster, its disk and the time, which passes only while the driver waits. What it does is decided by a seed.
type fakeCluster struct {
	now     time.Time
	rnd     *rand.Rand
	slots   int
	free    int
	queue   []*fakeTask
	events  eventHeap
	arrays  map[string]*fakeArray
	names   []string
	batches map[string][]int32 // instances by array, also when that is forgotten
	limit   int                // tasks in an array

	seconds func(id int32) float64 // what an instance takes
	fails   func(id int32) string  // what a kind says is wrong with it
	stored  map[int32]time.Time    // when its result can be seen
	twice   int                    // instances that were computed though their result was there, or on its way
	began   map[int32]bool

	// How often, of 1: a node fails under a task; the node that failed goes on unseen; a task is preempted; the answer to a
	// submission or a question is lost; a task ends before it says a word.
	nodeFails, orphans, preempts, loses, mute float64
	lag                                       time.Duration // until a file is seen by others
	submits, asks                             int

	needs     func(id int32) int64 // bytes of memory
	kills     func(id int32) bool  // its task, without a word
	refuses   error
	reason    string
	never     bool
	rash      bool // tasks begin what will not end in their time
	secretive bool // tasks that are killed have not written what they are at
}

type fakeArray struct {
	Array
	tasks   []*fakeTask
	running int
}

type fakeTask struct {
	array    *fakeArray
	number   int
	ids      []int32
	limit    time.Duration
	state    TaskStatus
	journals []*fakeJournal
	gone     bool
}

type fakeJournal struct {
	lines []timedLine // not read yet
	read  int64
}

type timedLine struct {
	at   time.Time
	note Note
}

type event struct {
	at time.Time
	do func()
}

type eventHeap []event

func (h eventHeap) Len() int           { return len(h) }
func (h eventHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h eventHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *eventHeap) Push(x any)        { *h = append(*h, x.(event)) }
func (h *eventHeap) Pop() any {
	x := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return x
}

func newFakeCluster(seed uint64, slots int) *fakeCluster {
	return &fakeCluster{
		now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), rnd: rand.New(rand.NewPCG(seed, 1)), slots: slots, free: slots,
		arrays: map[string]*fakeArray{}, batches: map[string][]int32{}, stored: map[int32]time.Time{}, began: map[int32]bool{}, limit: 1000,
		seconds: func(int32) float64 { return 1 }, fails: func(int32) string { return "" }, reason: "Resources",
		needs: func(int32) int64 { return 0 }, kills: func(int32) bool { return false },
	}
}

func (c *fakeCluster) Now() time.Time { return c.now }

// Wait lets the time pass.
func (c *fakeCluster) Wait(_ context.Context, d time.Duration, wake <-chan struct{}) {
	select {
	case <-wake:
		return
	default:
	}
	end := c.now.Add(d)
	for len(c.events) > 0 && !c.events[0].at.After(end) {
		e := heap.Pop(&c.events).(event)
		c.now = e.at
		e.do()
	}
	c.now = end
}

func (c *fakeCluster) at(when time.Time, do func()) { heap.Push(&c.events, event{when, do}) }
func (c *fakeCluster) chance(p float64) bool        { return p > 0 && c.rnd.Float64() < p }

var errNoAnswer = errors.New("connection timed out")

func (c *fakeCluster) Submit(_ context.Context, a Array) error {
	c.submits++
	lost := c.chance(c.loses)
	if lost && c.chance(.5) {
		return errNoAnswer
	}
	array := c.arrays[a.Name]
	if c.refuses != nil {
		return c.refuses
	}
	if a.Tasks > c.limit || a.Each.Time <= 0 {
		return &RefusedError{Err: errors.New("Invalid job array specification")}
	}
	array.Array = a
	for _, t := range array.tasks {
		t.state = TaskStatus{Array: a.Name, Task: t.number, Phase: Pending, Reason: c.reason, Never: c.never}
		c.queue = append(c.queue, t)
	}
	c.schedule()
	if lost {
		return errNoAnswer
	}
	return nil
}

func (c *fakeCluster) Ask(_ context.Context, names []string) ([]TaskStatus, error) {
	c.asks++
	if c.chance(c.loses) {
		return nil, errNoAnswer
	}
	var list []TaskStatus
	for _, name := range names {
		for _, t := range c.arrays[name].tasks {
			if !t.gone && t.state.Phase != 0 {
				list = append(list, t.state)
			}
		}
	}
	return list, nil
}

func (c *fakeCluster) Cancel(_ context.Context, names []string) error {
	for _, name := range names {
		for _, t := range c.arrays[name].tasks {
			t.gone = true
		}
	}
	return nil
}

func (c *fakeCluster) Limits(context.Context) (Limits, error) { return Limits{ArraySize: c.limit}, nil }

// schedule begins tasks in the order of the queue, as far as there are slots.
func (c *fakeCluster) schedule() {
	rest := c.queue[:0]
	for _, t := range c.queue {
		switch a := t.array; {
		case t.gone:
		case c.free > 0 && (a.Running == 0 || a.running < a.Running):
			c.free--
			a.running++
			c.begin(t)
		default:
			rest = append(rest, t)
		}
	}
	c.queue = rest
}

// begin decides all that a task will do.
func (c *fakeCluster) begin(t *fakeTask) {
	t.state.Phase, t.state.Reason = Running, ""
	t.journals = append(t.journals, &fakeJournal{})
	j := t.journals[len(t.journals)-1]
	began := c.now
	at := began.Add(5 * time.Second)
	add := func(n Note) { j.lines = append(j.lines, timedLine{at, n}) }
	deadline := c.now.Add(t.limit)
	total := 0.
	for _, id := range t.ids {
		total += c.seconds(id)
	}
	dies := time.Time{}
	how := Succeeded
	die := func(p float64, as End) {
		if how == Succeeded && c.chance(p) {
			dies, how = c.now.Add(time.Duration(c.rnd.Float64()*(total+5)*float64(time.Second))), as
		}
	}
	die(c.nodeFails, NodeFailed)
	die(c.preempts, Preempted)
	if c.chance(c.mute) {
		dies, how = c.now, Failed
	}
	add(Note{Type: NoteBegin, Host: "n1"})
	failed := map[int32]bool{}
	cause := CauseFinished
	for place, id := range t.ids {
		took := time.Duration(c.seconds(id) * float64(time.Second))
		if at.Add(took).After(deadline) {
			cause = CauseTime
			if c.rash {
				add(Note{Type: NoteStart, At: place})
				at = deadline
				add(Note{Type: NoteFail, At: place, Cause: CauseTime})
			}
			break
		}
		if len(failed) > 0 {
			break // the rest may need it: another batch shows
		}
		add(Note{Type: NoteStart, At: place})
		if memory := t.array.Each.Memory; memory > 0 && c.needs(id) > memory || c.kills(id) {
			dies, how = at.Add(time.Second), Failed
			if !c.kills(id) {
				how = OutOfMemory
			}
			break
		}
		if seen, ok := c.stored[id]; ok && !seen.After(at) {
			add(Note{Type: NoteDone, At: place, Cached: true})
			continue
		}
		if why := c.fails(id); why != "" {
			at = at.Add(took)
			add(Note{Type: NoteFail, At: place, Text: why})
			failed[id] = true
			continue
		}
		begin := at
		at = at.Add(took)
		orphan := how == NodeFailed && c.chance(c.orphans)
		if !dies.IsZero() && !dies.After(at) && !orphan {
			continue // what follows is cut off
		}
		add(Note{Type: NoteDone, At: place, Seconds: took.Seconds()})
		seen := at.Add(time.Duration(c.rnd.Float64() * float64(c.lag)))
		c.at(at, func() {
			if before, ok := c.stored[id]; ok {
				if before.After(begin) {
					c.twice++
				}
				return
			}
			c.stored[id] = seen
		})
	}
	add(Note{Type: NoteEnd, Cause: cause})
	ends := at
	if !dies.IsZero() {
		j.lines = slices.DeleteFunc(j.lines, func(l timedLine) bool {
			return l.at.After(dies) || l.note.Type == NoteEnd || dies.Equal(began) || c.secretive && l.note.Type == NoteStart
		})
		ends = dies
		if how == Preempted {
			j.lines = append(j.lines, timedLine{dies, Note{Type: NoteEnd, Cause: CauseStopped}})
		}
	}
	c.at(ends, func() {
		c.free++
		t.array.running--
		switch how {
		case NodeFailed, Preempted:
			t.state.Phase, t.state.Reason = Pending, "BeginTime"
			c.at(c.now.Add(2*time.Minute), func() {
				if !t.gone {
					c.queue = append(c.queue, t)
					c.schedule()
				}
			})
		case OutOfMemory:
			t.state.Phase, t.state.End = Ended, OutOfMemory
		default:
			t.gone = true
		}
		c.schedule()
	})
}

// The disk.

func (c *fakeCluster) Arrays() ([]string, error) { return c.names, nil }

func (c *fakeCluster) Make(array string) (string, error) {
	if c.arrays[array] != nil {
		return "", errTaken
	}
	c.arrays[array] = &fakeArray{}
	c.names = append(c.names, array)
	return "/" + array, nil
}

type fakeBatch struct {
	IDs   []int32
	Limit time.Duration
}

func (c *fakeCluster) WriteBatch(array string, task int, data []byte) error {
	var b fakeBatch
	if err := json.Unmarshal(data, &b); err != nil {
		return err
	}
	c.batches[array] = append(c.batches[array], b.IDs...)
	a := c.arrays[array]
	a.tasks = append(a.tasks, &fakeTask{array: a, number: task, ids: b.IDs, limit: b.Limit})
	return nil
}

func (c *fakeCluster) ReadBatch(array string, task int) ([]byte, error) {
	a := c.arrays[array]
	if task >= len(a.tasks) {
		return nil, errors.New("there is no such batch")
	}
	return json.Marshal(fakeBatch{a.tasks[task].ids, a.tasks[task].limit})
}

func (c *fakeCluster) Journals(array string) (list []Journal, err error) {
	for _, t := range c.arrays[array].tasks {
		for i := range t.journals {
			list = append(list, Journal{fmt.Sprint(t.number, ".", i), t.number})
		}
	}
	return list, nil
}

// ReadJournal goes on where the driver stopped reading.
func (c *fakeCluster) ReadJournal(array string, j Journal, from int64) ([]byte, error) {
	var task, number int
	if _, err := fmt.Sscanf(j.Name, "%d.%d", &task, &number); err != nil {
		return nil, err
	}
	journal := c.arrays[array].tasks[task].journals[number]
	if from != journal.read {
		return nil, fmt.Errorf("read from %d, not from %d", from, journal.read)
	}
	var b bytes.Buffer
	for len(journal.lines) > 0 && !journal.lines[0].at.After(c.now) {
		b.Write(journal.lines[0].note.Line())
		journal.lines = journal.lines[1:]
	}
	journal.read += int64(b.Len())
	return b.Bytes(), nil
}

func (c *fakeCluster) Printed(string, int) string { return "slurmstepd: something" }

func (c *fakeCluster) Forget(array string) {
	for _, t := range c.arrays[array].tasks {
		t.journals, t.ids = nil, nil
	}
}
