package describe

import (
	"cmp"
	"container/heap"
	"slices"
	"sync"

	"spurion/pipeline/plan"
)

// A Job is one piece of work in a schedule. Deps are the indices of earlier jobs, which must have ended before it
// begins.
type Job struct {
	Address  string
	Seconds  float64 // finite, not negative
	Recorded bool    // Seconds is known
	Deps     []int32
}

// A Schedule says what keeps jobs from being done at once, and how long so many workers would take.
type Schedule struct {
	Instances  int     `json:"instances"`
	Unrecorded int     `json:"unrecorded"` // without recorded seconds: they count as taking no time
	Total      float64 `json:"total_seconds"`
	// PathSeconds is what the critical path takes: the chain of instances that wait for each other and take longest
	// together. No number of workers is faster.
	PathSeconds float64 `json:"path_seconds"`
	// SerialSeconds is how long only one instance runs where there is a worker for each that could. SerialShare is its
	// part of Total.
	SerialSeconds float64 `json:"serial_seconds"`
	SerialShare   float64 `json:"serial_share"`
	Path          []Timed `json:"path"`
	Longest       []Timed `json:"longest"` // at most mostLongest, the longest first
	Workers       []Speed `json:"workers"` // in the order asked for
}

// A Timed instance took so many seconds.
type Timed struct {
	Address string  `json:"address"`
	Seconds float64 `json:"seconds"`
}

// A Speed is what a number of workers makes of it.
type Speed struct {
	Workers int     `json:"workers"`
	Seconds float64 `json:"seconds"`
	Speedup float64 `json:"speedup"` // Total / Seconds; 1 if there is nothing to do
}

const mostLongest = 10

// ScheduleOf finds the critical path of jobs, and has numbers of workers, each at least 1, do them: whoever is free takes
// of the jobs that wait for nothing the one with the longest path from its beginning to the end of all, of equal ones the
// first. By Graham (1969, Bounds on multiprocessing timing anomalies) that takes at most 2 - 1/workers times what the best
// order would.
func ScheduleOf(jobs []Job, workers []int) *Schedule {
	g := newJobGraph(jobs)
	s := &Schedule{Instances: len(jobs), Path: []Timed{}, Longest: []Timed{}, Workers: make([]Speed, len(workers))}
	for i := range jobs {
		s.Total += jobs[i].Seconds
		if !jobs[i].Recorded {
			s.Unrecorded++
		}
	}
	for _, i := range g.path() {
		s.Path = append(s.Path, Timed{jobs[i].Address, jobs[i].Seconds})
	}
	if len(s.Path) > 0 {
		s.PathSeconds = slices.Max(g.tails)
	}
	if s.SerialSeconds = g.alone(); s.Total > 0 {
		s.SerialShare = s.SerialSeconds / s.Total
	}
	for _, i := range g.longest(mostLongest) {
		s.Longest = append(s.Longest, Timed{jobs[i].Address, jobs[i].Seconds})
	}
	var wg sync.WaitGroup
	for i, n := range workers {
		wg.Go(func() {
			s.Workers[i] = Speed{Workers: n, Seconds: g.makespan(n), Speedup: 1}
			if s.Workers[i].Seconds > 0 {
				s.Workers[i].Speedup = s.Total / s.Workers[i].Seconds
			}
		})
	}
	wg.Wait()
	return s
}

// Makespan gives when the last of the jobs ends, in seconds, if so many workers do them as ScheduleOf says.
func Makespan(jobs []Job, workers int) float64 { return newJobGraph(jobs).makespan(workers) }

// A jobGraph is jobs with what waits for each.
type jobGraph struct {
	jobs []Job
	next [][]int32 // by job, ascending
	// tails are the seconds of the longest paths from the beginning of a job to the end of all.
	tails []float64
}

func newJobGraph(jobs []Job) *jobGraph {
	g := &jobGraph{jobs: jobs, next: make([][]int32, len(jobs))}
	seconds := make([]float64, len(jobs))
	for i := range jobs {
		seconds[i] = jobs[i].Seconds
		for _, d := range jobs[i].Deps {
			g.next[d] = append(g.next[d], int32(i))
		}
	}
	g.tails = plan.Tails(g.next, seconds)
	return g
}

// path gives a critical path, the first of equal ones. It begins with a job that waits for nothing: what a job waits for
// has no shorter tail, and stands before it.
func (g *jobGraph) path() []int32 {
	var path []int32
	for i, ok := g.first(nil); ok; i, ok = g.first(g.next[i]) {
		if path = append(path, i); len(g.next[i]) == 0 {
			break
		}
	}
	return path
}

// first gives the first job with the longest tail among some, nil for all.
func (g *jobGraph) first(among []int32) (best int32, ok bool) {
	if among == nil {
		for i := range g.tails {
			if !ok || g.tails[i] > g.tails[best] {
				best, ok = int32(i), true
			}
		}
		return best, ok
	}
	return slices.MaxFunc(among, func(a, b int32) int { return cmp.Compare(g.tails[a], g.tails[b]) }), true
}

// alone gives how long only one job is being done, if each begins as soon as it can.
func (g *jobGraph) alone() float64 {
	type event struct {
		at    float64
		count int
	}
	events := make([]event, 0, 2*len(g.jobs))
	ends := make([]float64, len(g.jobs))
	for i := range g.jobs {
		start := 0.0
		for _, d := range g.jobs[i].Deps {
			start = max(start, ends[d])
		}
		ends[i] = start + g.jobs[i].Seconds
		if ends[i] > start {
			events = append(events, event{start, 1}, event{ends[i], -1})
		}
	}
	slices.SortFunc(events, func(a, b event) int { return cmp.Or(cmp.Compare(a.at, b.at), a.count-b.count) })
	running, sum := 0, 0.0
	for i, e := range events {
		if running == 1 {
			sum += e.at - events[i-1].at
		}
		running += e.count
	}
	return sum
}

// longest gives up to n of the jobs, the longest first, of equal ones the first; none that takes no time.
func (g *jobGraph) longest(n int) []int32 {
	var list []int32
	for i := range g.jobs {
		if s := g.jobs[i].Seconds; s > 0 && (len(list) < n || s > g.jobs[list[n-1]].Seconds) {
			at, _ := slices.BinarySearchFunc(list, s, func(j int32, s float64) int {
				if g.jobs[j].Seconds >= s {
					return -1
				}
				return 1
			})
			list = slices.Insert(list, at, int32(i))
			list = list[:min(len(list), n)]
		}
	}
	return list
}

// makespan gives when the last of the jobs ends.
func (g *jobGraph) makespan(workers int) (now float64) {
	ready := &queue{less: func(a, b slot) bool { return a.at > b.at || a.at == b.at && a.job < b.job }}
	running := &queue{less: func(a, b slot) bool { return a.at < b.at }}
	open := make([]int32, len(g.jobs))
	for i := range g.jobs {
		if open[i] = int32(len(g.jobs[i].Deps)); open[i] == 0 {
			heap.Push(ready, slot{g.tails[i], int32(i)})
		}
	}
	for ready.Len() > 0 || running.Len() > 0 {
		for ready.Len() > 0 && running.Len() < workers {
			j := heap.Pop(ready).(slot).job
			heap.Push(running, slot{now + g.jobs[j].Seconds, j})
		}
		now = running.slots[0].at
		for running.Len() > 0 && running.slots[0].at == now {
			for _, k := range g.next[heap.Pop(running).(slot).job] {
				if open[k]--; open[k] == 0 {
					heap.Push(ready, slot{g.tails[k], k})
				}
			}
		}
	}
	return now
}

// A slot is a job in a queue, with the number that it stands there by.
type slot struct {
	at  float64
	job int32
}

// A queue is a heap of jobs.
type queue struct {
	slots []slot
	less  func(a, b slot) bool
}

func (q *queue) Len() int           { return len(q.slots) }
func (q *queue) Less(i, j int) bool { return q.less(q.slots[i], q.slots[j]) }
func (q *queue) Swap(i, j int)      { q.slots[i], q.slots[j] = q.slots[j], q.slots[i] }
func (q *queue) Push(x any)         { q.slots = append(q.slots, x.(slot)) }
func (q *queue) Pop() any {
	last := len(q.slots) - 1
	s := q.slots[last]
	q.slots = q.slots[:last]
	return s
}
