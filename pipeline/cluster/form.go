package cluster

import (
	"cmp"
	"container/heap"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"spurion/stages"
)

// A batch takes whole chains: an instance goes with what it needs, if that is in no other batch. So most specs need one array, and
// those that spread out from one instance need two. What one instance feeds goes into its batch only as long as that is short:
// the rest waits for the instance, and is spread over the cluster.
//
// Batches become shorter as the work runs out (guided self-scheduling: Polychronopoulos and Kuck 1987), the longest go
// first (Graham 1969), and what takes nobody knows how long goes alone.

// A class is what tasks ask for.
type class struct {
	CPUs, GPUs int
	Memory     int64
}

func classOf(r stages.Resources) class { return class{max(r.CPUs, 1), r.GPUs, r.Memory} }

// means are what instances of a family took, in the mean.
type means map[int32]mean

type mean struct {
	sum float64
	n   int
}

func (m means) add(family int32, seconds float64) {
	x := m[family]
	m[family] = mean{x.sum + seconds, x.n + 1}
}

// cost gives how long an instance may take, in seconds; it is not known if nothing like it was computed yet.
func (d *Driver) cost(id int32) (seconds float64, known bool) {
	if d.recorded[id] > 0 {
		return float64(d.recorded[id]), true
	}
	if m := d.means[d.family[id]]; m.n > 0 {
		return m.sum / float64(m.n), true
	}
	return 0, false
}

// A group is a chain of instances, or several that need each other.
type group struct {
	ids     []int32
	seconds float64
	unknown bool // of some of it nobody knows how long it takes
	class   class
	time    time.Duration // the longest that one of them says it may take
	into    *group        // where it went when it became a part of another
}

func (g *group) root() *group {
	for g.into != nil {
		g = g.into
	}
	return g
}

// overhead is what an instance costs beyond its own work, in seconds.
const overhead = .005

// groups finds what can go out now: from the instances that are ready, along what needs them. Those of which nobody knows how long they
// take are as many as may run.
func (d *Driver) groups() []*group {
	f := &forming{d: d, of: map[int32]*group{}, target: d.chainTarget(), unknowns: d.unknownsOut()}
	slices.Sort(d.candidates)
	f.next.ids = slices.Compact(d.candidates)
	d.candidates = nil
	last := int32(-1)
	for f.next.Len() > 0 { // ascending, so that each comes after what it needs
		id := heap.Pop(&f.next).(int32)
		if id != last && d.state[id] == open {
			f.take(id)
		}
		last = id
	}
	list := slices.DeleteFunc(f.list, func(g *group) bool { return g.into != nil })
	for _, g := range list {
		slices.Sort(g.ids)
	}
	return list
}

// A forming is a search for groups.
type forming struct {
	d        *Driver
	next     idHeap
	of       map[int32]*group
	list     []*group
	target   float64
	unknowns int
}

// take puts an instance into a group, if it can go out, and looks at what needs it next.
func (f *forming) take(id int32) {
	d := f.d
	t := d.work.Task(int(id))
	joined, ok := d.joins(id, &t, f.of)
	if !ok {
		return
	}
	if len(joined) == 0 && d.work.Stored(int(id)) {
		d.set(int(id), over)
		return
	}
	seconds, known := d.cost(id)
	seconds += overhead
	switch {
	case len(joined) > 0:
		if !d.extends(joined, &t, seconds, known, f.target) {
			return
		}
	case !known && f.unknowns >= d.o.Running:
		d.candidates = append(d.candidates, id)
		return
	default:
		g := &group{class: d.classFor(id, &t)}
		f.list = append(f.list, g)
		joined = []*group{g}
		if !known {
			f.unknowns++
		}
	}
	g := joined[0]
	for _, other := range joined[1:] {
		g.ids = append(g.ids, other.ids...)
		g.seconds += other.seconds
		g.unknown = g.unknown || other.unknown
		g.time = max(g.time, other.time)
		other.into, other.ids = g, nil
	}
	g.ids = append(g.ids, id)
	g.seconds += seconds
	g.unknown = g.unknown || !known
	g.time = max(g.time, t.Each.Time)
	f.of[id] = g
	for _, n := range d.next[id] {
		heap.Push(&f.next, n)
	}
}

// An idHeap gives the least first.
type idHeap struct{ ids []int32 }

func (h *idHeap) Len() int           { return len(h.ids) }
func (h *idHeap) Less(i, j int) bool { return h.ids[i] < h.ids[j] }
func (h *idHeap) Swap(i, j int)      { h.ids[i], h.ids[j] = h.ids[j], h.ids[i] }
func (h *idHeap) Push(x any)         { h.ids = append(h.ids, x.(int32)) }
func (h *idHeap) Pop() any {
	x := h.ids[len(h.ids)-1]
	h.ids = h.ids[:len(h.ids)-1]
	return x
}

// joins gives the groups of this round that an instance must join, none if all that it needs is there; it is not ok if it
// has to wait.
func (d *Driver) joins(id int32, t *Task, of map[int32]*group) (joined []*group, ok bool) {
	if d.ready[id] {
		return nil, true
	}
	if t.Late {
		return nil, false
	}
	c := d.classFor(id, t)
	for _, dep := range t.Deps {
		if d.state[dep] == over {
			continue
		}
		g := of[dep]
		if g == nil {
			return nil, false
		}
		if g = g.root(); g.class != c {
			return nil, false
		}
		if !slices.Contains(joined, g) {
			joined = append(joined, g)
		}
	}
	return joined, len(joined) > 0
}

// extends reports whether an instance may join groups: what comes of it is known to be short enough, or it is the next link of a chain.
func (d *Driver) extends(joined []*group, t *Task, seconds float64, known bool, target float64) bool {
	sum, count := seconds, 1
	for _, g := range joined {
		sum += g.seconds
		count += len(g.ids)
	}
	if count > d.o.Most {
		return false
	}
	if known && sum <= target {
		return true
	}
	for _, g := range joined { // the last that came into each is one that it needs
		if !slices.Contains(t.Deps, g.ids[len(g.ids)-1]) {
			return false
		}
	}
	return true
}

// chainTarget is how long a group may be that is no chain, in seconds: a share of what there is to do.
func (d *Driver) chainTarget() float64 {
	total := d.openSeconds + overhead*float64(d.counts[open])
	for family, n := range d.openUnrecorded {
		if m := d.means[family]; m.n > 0 {
			total += float64(n) * m.sum / float64(m.n)
		}
	}
	return min(max(total/float64(3*d.o.Running), d.o.Least.Seconds()), d.o.Target.Seconds())
}

// unknownsOut counts batches that are out of which nobody knows how long they take.
func (d *Driver) unknownsOut() int {
	n := 0
	for _, a := range d.arrays {
		for _, b := range a.batches {
			if !b.over && b.unknown {
				n++
			}
		}
	}
	return n
}

// pack makes batches of groups of one class, the longest first.
func (d *Driver) pack(list []*group) []*batch {
	slices.SortStableFunc(list, func(a, b *group) int {
		if a.unknown != b.unknown { // what may be longest
			if a.unknown {
				return -1
			}
			return 1
		}
		return cmp.Compare(b.seconds, a.seconds)
	})
	left := 0.
	for _, g := range list {
		left += g.seconds
	}
	var batches []*batch
	var now *batch
	size := 0.
	for _, g := range list {
		target := min(max(left/float64(2*d.o.Running), d.o.Least.Seconds()), d.o.Target.Seconds())
		if now == nil || now.unknown || g.unknown || size+g.seconds > target || len(now.ids)+len(g.ids) > d.o.Most {
			if now != nil {
				d.close(now, size)
			}
			now, size = &batch{journals: map[string]*reading{}}, 0
			batches = append(batches, now)
		}
		now.ids = append(now.ids, g.ids...)
		now.unknown = now.unknown || g.unknown
		now.longest = max(now.longest, g.time)
		size += g.seconds
		left -= g.seconds
	}
	if now != nil {
		d.close(now, size)
	}
	return batches
}

// close decides how long a batch may run: three times what it should take, and ten minutes, or as long as one of its instances
// says; what is not known gets the executor's limit. Who ran out of time has it doubled.
func (d *Driver) close(b *batch, seconds float64) {
	b.limit = time.Duration(3*seconds*float64(time.Second)) + 10*time.Minute
	if b.unknown {
		b.limit = max(b.limit, d.o.Limit)
	}
	b.limit = max(b.limit, b.longest+time.Minute)
	stretch := time.Duration(1)
	for _, id := range b.ids {
		stretch = max(stretch, d.trouble.stretch(id))
	}
	b.limit *= stretch
	if d.o.Longest > 0 {
		b.limit = min(b.limit, d.o.Longest)
	}
	b.limit = b.limit.Round(time.Minute)
}

// send makes batches of what can go out, and submits them.
func (d *Driver) send(ctx context.Context) (sent bool, err error) {
	if d.limits == nil {
		limits, err := d.o.Executor.Limits(ctx)
		if err != nil {
			return false, err
		}
		d.limits = &limits
	}
	byClass := map[class][]*group{}
	var classes []class
	for _, g := range d.groups() {
		if byClass[g.class] == nil {
			classes = append(classes, g.class)
		}
		byClass[g.class] = append(byClass[g.class], g)
	}
	for _, c := range classes {
		batches := d.pack(byClass[c])
		most := len(batches)
		if d.limits.ArraySize > 0 {
			most = d.limits.ArraySize
		}
		for part := range slices.Chunk(batches, max(most, 1)) {
			if err := d.submit(ctx, c, part); err != nil {
				return sent, err
			}
			sent = true
		}
	}
	return sent, nil
}

// submit writes the batches of an array and hands it to the cluster.
func (d *Driver) submit(ctx context.Context, c class, batches []*batch) error {
	a := &array{batches: batches, left: len(batches)}
	dir, err := d.make(a)
	if err != nil {
		return err
	}
	each := stages.Resources{CPUs: c.CPUs, GPUs: c.GPUs, Memory: c.Memory}
	for task, b := range batches {
		each.Time = max(each.Time, b.limit)
		data, err := d.work.Encode(b.ids, Batch{Each: each, Time: b.limit})
		if err == nil {
			err = d.o.Disk.WriteBatch(a.name, task, data)
		}
		if err != nil {
			d.o.Disk.Forget(a.name) // else the next driver would ask the cluster for it
			return err
		}
		b.heard = d.o.Clock.Now()
	}
	for _, b := range batches {
		for _, id := range b.ids {
			d.give(id, b)
		}
	}
	d.arrays = append(d.arrays, a)
	d.calls.Submit++
	err = d.o.Executor.Submit(ctx, Array{Name: a.name, Tasks: len(batches), Running: d.o.Running, Each: each, Dir: dir})
	switch {
	case err == nil:
		return nil
	case refused(err):
		d.refuse(a, err)
		return nil
	}
	d.o.Say(fmt.Sprintf("the cluster did not answer when %d tasks were submitted (%v); whether it has them will show", len(batches), err))
	a.doubt = true
	return nil
}

// errTaken is the cause of an error of Make where there is such a folder.
var errTaken = errors.New("there is such an array")

// make finds a name for an array that no other has.
func (d *Driver) make(a *array) (dir string, err error) {
	for {
		d.made++
		a.name = d.arrayName(d.made)
		dir, err = d.o.Disk.Make(a.name)
		if !errors.Is(err, errTaken) {
			d.known[a.name] = true
			return dir, err
		}
	}
}

// refuse fails what is in an array that the cluster will not take.
func (d *Driver) refuse(a *array, err error) {
	for _, b := range a.batches {
		d.drop(a, b, func(id int32) { d.fail(id, err) })
	}
}
