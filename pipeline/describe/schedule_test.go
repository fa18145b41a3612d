package describe_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"spurion/pipeline/describe"
)

// jobs makes a small graph; seconds are whole, so that sums are exact.
func jobs(r *rand.Rand, n int) []describe.Job {
	list := make([]describe.Job, n)
	density := r.Float64()
	for i := range list {
		list[i] = describe.Job{Address: fmt.Sprint(i), Seconds: float64(r.IntN(6)), Recorded: true}
		for d := range i {
			if r.Float64() < density {
				list[i].Deps = append(list[i].Deps, int32(d))
			}
		}
	}
	return list
}

// heaviest gives the heaviest chain by trying all that begin with each job.
func heaviest(list []describe.Job) (most float64) {
	var walk func(job int, sum float64)
	walk = func(job int, sum float64) {
		sum += list[job].Seconds
		most = max(most, sum)
		for next := job + 1; next < len(list); next++ {
			if slices.Contains(list[next].Deps, int32(job)) {
				walk(next, sum)
			}
		}
	}
	for i := range list {
		walk(i, 0)
	}
	return most
}

// best gives the shortest time of so many workers, by trying all orders: in one of them each job that comes up begins when
// it can and a worker is free.
func best(list []describe.Job, workers int) float64 {
	shortest := math.Inf(1)
	ends, done := make([]float64, len(list)), make([]bool, len(list))
	var place func(count int, free []float64, last float64)
	place = func(count int, free []float64, last float64) {
		if count == len(list) {
			shortest = min(shortest, last)
			return
		}
		for i := range list {
			if done[i] || slices.ContainsFunc(list[i].Deps, func(d int32) bool { return !done[d] }) {
				continue
			}
			start := slices.Min(free)
			for _, d := range list[i].Deps {
				start = max(start, ends[d])
			}
			next := slices.Clone(free)
			next[slices.Index(next, slices.Min(next))] = start + list[i].Seconds
			done[i], ends[i] = true, start+list[i].Seconds
			place(count+1, next, max(last, ends[i]))
			done[i] = false
		}
	}
	place(0, make([]float64, workers), 0)
	return shortest
}

// lonely counts the seconds, which are whole, in which only one job is done if each begins as soon as it can.
func lonely(list []describe.Job) (seconds float64) {
	busy := make([]int, 64)
	ends := make([]int, len(list))
	for i, j := range list {
		start := 0
		for _, d := range j.Deps {
			start = max(start, ends[d])
		}
		ends[i] = start + int(j.Seconds)
		for at := start; at < ends[i]; at++ {
			busy[at]++
		}
	}
	for _, n := range busy {
		if n == 1 {
			seconds++
		}
	}
	return seconds
}

// The critical path is the heaviest of all chains and one of them; what workers take lies between what no schedule can
// undercut and Graham's bound on what list scheduling makes of the best.
func TestSchedule(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		list := jobs(r, r.IntN(7))
		s := describe.ScheduleOf(list, []int{1, 2, 3, 8})
		total := 0.0
		for _, j := range list {
			total += j.Seconds
		}
		if want := heaviest(list); s.PathSeconds != want || s.Total != total || s.Instances != len(list) {
			t.Fatalf("%+v: path %g, total %g; %g and %g", list, s.PathSeconds, s.Total, want, total)
		}
		sum := 0.0
		for i, p := range s.Path {
			sum += p.Seconds
			at := slices.IndexFunc(list, func(j describe.Job) bool { return j.Address == p.Address })
			if i > 0 && !slices.ContainsFunc(list[at].Deps, func(d int32) bool { return list[d].Address == s.Path[i-1].Address }) {
				t.Fatalf("%+v: in the path %v, %s does not wait for what is before it", list, s.Path, p.Address)
			}
		}
		if sum != s.PathSeconds {
			t.Fatalf("%+v: the path %v takes %g, not %g", list, s.Path, sum, s.PathSeconds)
		}
		if want := lonely(list); s.SerialSeconds != want || total > 0 && s.SerialShare != want/total {
			t.Fatalf("%+v: %g s with one only, %g of all; want %g", list, s.SerialSeconds, s.SerialShare, want)
		}
		for _, w := range s.Workers {
			n := float64(w.Workers)
			optimal := best(list, w.Workers)
			if w.Seconds < optimal || w.Seconds > optimal*(2-1/n) || w.Seconds < max(s.PathSeconds, total/n) ||
				w.Seconds > total/n+s.PathSeconds*(1-1/n)+1e-9 {
				t.Fatalf("%+v: %d workers take %g; at best %g", list, w.Workers, w.Seconds, optimal)
			}
			if w.Seconds > 0 && w.Speedup != total/w.Seconds || w.Seconds == 0 && w.Speedup != 1 {
				t.Fatalf("%+v", w)
			}
		}
		if s.Workers[0].Seconds != total || s.Workers[3].Seconds != s.PathSeconds {
			t.Fatalf("%+v: one worker takes %g, a worker for each %g", list, s.Workers[0].Seconds, s.Workers[3].Seconds)
		}
	}
}

// The longest path goes first: with the longest instance last, two workers would take 9.
func TestLongestPathFirst(t *testing.T) {
	list := []describe.Job{{Seconds: 2}, {Seconds: 2}, {Seconds: 2}, {Seconds: 6}}
	if s := describe.ScheduleOf(list, []int{2}); s.Workers[0].Seconds != 6 || s.Unrecorded != 4 {
		t.Errorf("%+v", s)
	}
}

// The ten longest are named, the longest first, of equal ones the first; none that took no time.
func TestLongest(t *testing.T) {
	var list []describe.Job
	for i := range 30 {
		list = append(list, describe.Job{Address: fmt.Sprint(i), Seconds: float64(i * 7 % 15)})
	}
	var want []string
	for seconds := 14; len(want) < 10; seconds-- {
		for i := range list {
			if list[i].Seconds == float64(seconds) {
				want = append(want, list[i].Address)
			}
		}
	}
	s := describe.ScheduleOf(list, nil)
	for i := range want {
		if s.Longest[i].Address != want[i] {
			t.Fatalf("%v, not %v", s.Longest, want)
		}
	}
	if s := describe.ScheduleOf([]describe.Job{{}, {Seconds: 1}}, nil); len(s.Longest) != 1 || len(s.Path) != 1 {
		t.Errorf("%+v", s)
	}
}

func BenchmarkSchedule(b *testing.B) {
	r := rand.New(rand.NewPCG(3, 4))
	list := make([]describe.Job, 100_000)
	for i := range list {
		list[i].Seconds = r.ExpFloat64()
		if i >= 1000 {
			list[i].Deps = []int32{int32(i - 1000), int32(i - 1 - r.IntN(999))}
			slices.Sort(list[i].Deps)
		}
	}
	for b.Loop() {
		describe.ScheduleOf(list, []int{1, 2, 4, 8, 16, 32, 64})
	}
}
