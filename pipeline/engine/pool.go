package engine

import (
	"container/heap"
	"math"
	"slices"

	"spurion/stages"
)

// A run has a pool of processors, memory and GPUs, of which an instance takes what its resources say before it begins, and no more than
// there is. The ready instances are considered in the order of their ranks. The first of them for which there is not enough has a claim
// on what is free, so that it waits for no more than those that run: of what is left beside its claim others may begin. Nobody holds
// a part of what it needs, so none can wait for another in a circle, and what runs ends by itself.
//
// Without resources an instance takes one processor, which is to say a worker; then there is no pool to be kept.

// GPUs are the devices that a run may hand out. The zero value has none.
type GPUs struct {
	// Variable is the environment variable by which a program sees its devices and no others, such as CUDA_VISIBLE_DEVICES.
	Variable string
	// Slots are what the variable calls the devices: numbers or other names, which are handed on as they are.
	Slots []string
}

// Room is an amount of each resource that bounds what runs at once.
type room struct {
	cpus   int
	memory int64
	gpus   int
}

// usual is what an instance needs of which nothing is said.
var usual = room{cpus: 1}

// needOf gives what an instance takes of the pool: at most all of it, so that it can run alone.
func needOf(r *stages.Resources, most room) room {
	if r == nil {
		return usual
	}
	return room{cpus: min(max(r.CPUs, 1), most.cpus), memory: min(r.Memory, most.memory), gpus: min(r.GPUs, most.gpus)}
}

func (r room) fits(need room) bool {
	return need.cpus <= r.cpus && need.memory <= r.memory && need.gpus <= r.gpus
}

// beside gives what is left beside a claim, which may be to more than there is.
func (r room) beside(claim room) room {
	return room{cpus: max(r.cpus-claim.cpus, 0), memory: max(r.memory-claim.memory, 0), gpus: max(r.gpus-claim.gpus, 0)}
}

// A pool is what of a machine is free.
type pool struct {
	all, free room
	slots     []int // numbers of the GPUs that are free, ascending
}

// newPool gives a machine of which nothing is taken; a memory of 0 stands for one that is not known, and bounds nothing.
func newPool(cpus int, memory int64, gpus int) pool {
	if memory <= 0 {
		memory = math.MaxInt64
	}
	all := room{cpus, memory, gpus}
	p := pool{all: all, free: all}
	for i := range gpus {
		p.slots = append(p.slots, i)
	}
	return p
}

// take takes what fits, and gives the numbers of the GPUs.
func (p *pool) take(need room) (slots []int) {
	p.free = p.free.beside(need)
	slots, p.slots = slices.Clone(p.slots[:need.gpus]), p.slots[need.gpus:]
	return slots
}

// put gives back what was taken.
func (p *pool) put(need room, slots []int) {
	p.free.cpus += need.cpus
	p.free.memory += need.memory
	p.free.gpus += need.gpus
	p.slots = slices.Concat(p.slots, slots)
	slices.Sort(p.slots)
}

// A readyQueue holds the ready nodes, those that need the same in a heap of their own, since of these the first alone matters.
type readyQueue struct {
	need  func(id int32) room
	rank  []float64 // by node
	heaps map[room]*nodeHeap
	order []*nodeHeap // all heaps; in which order changes
	len   int
}

func newReadyQueue(need func(id int32) room) readyQueue {
	return readyQueue{need: need, heaps: map[room]*nodeHeap{}}
}

func (q *readyQueue) push(id int32) {
	need := q.need(id)
	h := q.heaps[need]
	if h == nil {
		h = &nodeHeap{rank: q.rank, need: need}
		q.heaps[need] = h
		q.order = append(q.order, h)
	}
	heap.Push(h, id)
	q.len++
}

// pop takes out the node that begins next, if there is enough for one.
func (q *readyQueue) pop(free room) (id int, need room, ok bool) {
	if len(q.order) > 1 {
		slices.SortFunc(q.order, (*nodeHeap).compare)
	}
	claimed := false
	for _, h := range q.order {
		switch {
		case h.Len() == 0:
		case free.fits(h.need):
			q.len--
			return int(heap.Pop(h).(int32)), h.need, true
		case !claimed:
			claimed = true
			free = free.beside(h.need)
		}
	}
	return 0, room{}, false
}

// A nodeHeap holds ready nodes that need the same, the one with the highest rank on top, the first of the plan among equals.
type nodeHeap struct {
	ids  []int32
	rank []float64 // by node
	need room
}

func (h *nodeHeap) Len() int           { return len(h.ids) }
func (h *nodeHeap) Less(i, j int) bool { return h.before(h.ids[i], h.ids[j]) }
func (h *nodeHeap) Swap(i, j int)      { h.ids[i], h.ids[j] = h.ids[j], h.ids[i] }
func (h *nodeHeap) Push(x any)         { h.ids = append(h.ids, x.(int32)) }
func (h *nodeHeap) Pop() any {
	x := h.ids[len(h.ids)-1]
	h.ids = h.ids[:len(h.ids)-1]
	return x
}

func (h *nodeHeap) before(a, b int32) bool {
	if h.rank[a] != h.rank[b] {
		return h.rank[a] > h.rank[b]
	}
	return a < b
}

// compare orders heaps by their first nodes, empty ones last.
func (h *nodeHeap) compare(other *nodeHeap) int {
	switch {
	case h.Len() == 0 || other.Len() == 0:
		return other.Len() - h.Len()
	case h.before(h.ids[0], other.ids[0]):
		return -1
	}
	return 1
}
