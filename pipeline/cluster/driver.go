package cluster

import (
	"context"
	"fmt"
	"sync"
	"time"

	"spurion/stages"
)

// A Task is an instance as the driver knows it.
type Task struct {
	// Deps are those that it needs and that are not in the store yet.
	Deps []int32
	// Each is what it needs of a machine.
	Each stages.Resources
	// Family names those that take about as long as it does.
	Family int32
	// Seconds are what it took when it was last computed; 0 if nobody knows.
	Seconds float64
	// Late says that it goes into a batch only when it is Ready, not together with what it needs.
	Late bool
}

// Work is what is to be done, and hears what was. Instances have numbers from 0, each after those that it needs. The driver calls it
// from one goroutine.
type Work interface {
	Len() int
	// Ours reports whether the driver is to have the instance computed.
	Ours(i int) bool
	Task(i int) Task
	// Encode makes a batch of instances, in this order.
	Encode(ids []int32, b Batch) ([]byte, error)
	// Decode gives the instances of a batch, -1 for those that it does not have.
	Decode(data []byte) []int32
	// Stored looks for the result of an instance whose needs are met. Who gets true has heard that it is done.
	Stored(i int) bool

	Started(i int, host string)
	Progress(i int, done, total int64)
	// Done says that a task has stored the result; false if it cannot be seen yet.
	Done(i int, n Note) bool
	Failed(i int, err error)
	// Waits tells how many tasks wait on the cluster, and why. It is called when that changes.
	Waits(tasks int, reason string)
}

// A Batch is what its instances have in common.
type Batch struct {
	Each stages.Resources
	Time time.Duration // how long the task may run
}

// A Disk is what the driver and the tasks both see: the folder of one run.
type Disk interface {
	// Arrays lists the arrays that there are, in the order in which they were made.
	Arrays() ([]string, error)
	// Make makes an array's folder and gives its path. It fails if there is one.
	Make(array string) (dir string, err error)
	// WriteBatch writes the batch of a task, ReadBatch reads it; tasks are numbered without gaps.
	WriteBatch(array string, task int, data []byte) error
	ReadBatch(array string, task int) ([]byte, error)
	// Journals lists the journals of an array, each with its task.
	Journals(array string) ([]Journal, error)
	// ReadJournal gives what a journal holds from a byte on.
	ReadJournal(array string, j Journal, from int64) ([]byte, error)
	// Printed gives the last lines that a task printed outside of its journal, "" if there are none.
	Printed(array string, task int) string
	// Forget removes what an array left that is of no use any more.
	Forget(array string)
}

// A Journal is the name of one task's journal.
type Journal struct {
	Name string
	Task int
}

// state is where an instance is.
type state uint8

const (
	foreign state = iota // not the driver's
	open                 // in no batch
	given                // in a batch that is out
	late                 // announced, and not visible yet
	over                 // done with: stored, failed, or given up for what it needs
)

// A Driver has instances computed by a cluster. Run does the work; Ready and Ended may be called meanwhile, from any goroutine.
type Driver struct {
	o      Options
	work   Work
	limits *Limits // nil before they are asked for

	// By instance: where it is, whether its needs are met or done without, what needs it, what it took and whom it is like.
	state    []state
	ready    []bool
	owner    []*batch // that it is given to
	next     [][]int32
	recorded []float32
	family   []int32

	counts     [over + 1]int
	candidates []int32 // ready, or given back: what may go into a batch
	// What the open ones take together: by what is recorded, and how many have no record, by family.
	openSeconds    float64
	openUnrecorded map[int32]int

	arrays  []*array        // that are out
	known   map[string]bool // arrays that were looked at
	leads   bool
	made    int  // how many arrays were made, which numbers the next
	changed bool // something may go into a batch that could not
	sent    time.Time
	means   means
	trouble trouble
	waits   string // last told
	asked   time.Time
	late    []announced

	mu    sync.Mutex
	mail  []letter
	wake  chan struct{}
	calls Calls
}

// Calls counts what the driver asked of the cluster.
type Calls struct{ Submit, Ask, Cancel int }

// A letter tells the driver what became of an instance that it does not follow itself.
type letter struct {
	id    int32
	ended bool // else ready
}

// New gives a driver for the work.
func New(w Work, o Options) *Driver {
	o.fill()
	n := w.Len()
	d := &Driver{
		o: o, work: w, state: make([]state, n), ready: make([]bool, n), owner: make([]*batch, n), next: make([][]int32, n), recorded: make([]float32, n), family: make([]int32, n),
		openUnrecorded: map[int32]int{}, known: map[string]bool{}, wake: make(chan struct{}, 1), means: means{}, trouble: newTrouble(), waits: "0 ",
	}
	for i := range d.state {
		if !w.Ours(i) {
			d.counts[foreign]++
			continue
		}
		t := w.Task(i)
		for _, dep := range t.Deps {
			d.next[dep] = append(d.next[dep], int32(i))
		}
		d.recorded[i], d.family[i] = float32(t.Seconds), t.Family
		d.state[i] = open
		d.counts[open]++
		d.weigh(i, 1)
	}
	return d
}

// weigh counts an instance among the open ones, or no longer.
func (d *Driver) weigh(i, sign int) {
	if d.recorded[i] > 0 {
		d.openSeconds += float64(sign) * float64(d.recorded[i])
	} else {
		d.openUnrecorded[d.family[i]] += sign
	}
}

// Ready says that an instance's needs are met.
func (d *Driver) Ready(i int) { d.post(letter{id: int32(i)}) }

// Ended says that an instance is done with, by whom ever.
func (d *Driver) Ended(i int) { d.post(letter{id: int32(i), ended: true}) }

func (d *Driver) post(l letter) {
	d.mu.Lock()
	d.mail = append(d.mail, l)
	d.mu.Unlock()
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// Left tells how many instances the driver is to have computed, before Run.
func (d *Driver) Left() int { return d.counts[open] }

// Calls tells what was asked of the cluster so far.
func (d *Driver) Calls() Calls { return d.calls }

// Run has everything computed that is the driver's, until all of it is done with, or the context ends. What is out then
// stays out: see Withdraw.
func (d *Driver) Run(ctx context.Context) error {
	pause := d.o.Poll
	for ctx.Err() == nil {
		moved := d.readMail()
		if !d.leads {
			if err := d.follow(); err != nil {
				return err
			}
		}
		if d.counts[open]+d.counts[given]+d.counts[late] == 0 {
			d.tellWaiting(nil)
			d.tidy()
			return nil
		}
		if d.leads && d.changed && (len(d.arrays) == 0 || d.o.Clock.Now().Sub(d.sent) >= d.o.Gather) {
			d.changed, d.sent = false, d.o.Clock.Now()
			sent, err := d.send(ctx)
			if err != nil {
				return err
			}
			moved = moved || sent
		}
		if read := d.observe(ctx); moved || read {
			pause = d.o.Poll
		} else {
			pause = min(2*pause, 8*d.o.Poll)
		}
		d.o.Clock.Wait(ctx, pause, d.wake)
	}
	return context.Cause(ctx)
}

// give notes that an instance is in a batch that is out.
func (d *Driver) give(id int32, b *batch) {
	d.set(int(id), given)
	d.owner[id] = b
}

// has reports whether an instance is given to a batch, and to no later one.
func (d *Driver) has(b *batch, id int32) bool {
	return id >= 0 && d.state[id] == given && d.owner[id] == b
}

// Withdraw cancels what is out, if this driver leads.
func (d *Driver) Withdraw(ctx context.Context) error {
	if !d.leads {
		return nil
	}
	var names []string
	for _, a := range d.arrays {
		names = append(names, a.name)
	}
	if len(names) == 0 {
		return nil
	}
	d.calls.Cancel++
	if err := d.o.Executor.Cancel(ctx, names); err != nil {
		return err
	}
	for _, name := range names {
		d.o.Disk.Forget(name)
	}
	return nil
}

func (d *Driver) readMail() bool {
	d.mu.Lock()
	mail := d.mail
	d.mail = nil
	d.mu.Unlock()
	for _, l := range mail {
		if l.ended {
			d.set(int(l.id), over)
			continue
		}
		d.ready[l.id] = true
		d.candidates = append(d.candidates, l.id)
		d.changed = true
	}
	return len(mail) > 0
}

// set moves an instance to a state.
func (d *Driver) set(i int, to state) {
	from := d.state[i]
	if from == foreign || from == over || from == to {
		return
	}
	d.counts[from]--
	d.counts[to]++
	d.state[i] = to
	if from == open {
		d.weigh(i, -1)
	}
	if to == open {
		d.weigh(i, 1)
		d.candidates = append(d.candidates, int32(i))
		d.changed = true
	}
}

// An array is out until each of its batches is done with.
type array struct {
	name    string
	batches []*batch
	left    int  // batches that are not done with
	doubt   bool // whether the cluster has it is not known
	keep    bool // its folder shows what went wrong
}

// A batch is a task's.
type batch struct {
	ids      []int32
	limit    time.Duration
	journals map[string]*reading
	heard    time.Time // when its journal last grew, by our clock
	missing  int       // times in a row that the cluster did not know of it
	over     bool
	unknown  bool          // nobody knows how long it takes
	longest  time.Duration // what its instances say of their time
}

// A reading is how far a journal was read.
type reading struct {
	read    int64
	running map[int32]bool // begun, and not ended
	done    int            // instances that it brought
	host    string
	ended   bool
	cause   Cause  // of its end
	text    string // likewise
}

func (d *Driver) arrayName(number int) string {
	return fmt.Sprintf("spurion-%s-a%04d", d.o.Run, number)
}
