package cluster

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"spurion/stages"
)

// TestDriverDies has a driver end at many moments of a run; its successor takes up what is out, and nothing is computed twice.
func TestDriverDies(t *testing.T) {
	for after := 10 * time.Second; after < 10*time.Minute; after += 37 * time.Second {
		c := newFakeCluster(3, 10)
		c.seconds = func(int32) float64 { return 20 }
		first := newFakeRun(c, 2, 10)
		ctx, cancel := context.WithCancel(context.Background())
		c.at(c.now.Add(after), cancel)
		first.driver = New(first, Options{Run: "first", Executor: c, Disk: c, Clock: c, Running: 10})
		for i := range first.deps {
			if len(first.deps[i]) == 0 {
				first.driver.Ready(i)
			}
		}
		if err := first.driver.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		second := newFakeRun(c, 2, 10)
		second.name = "second"
		second.run(t, Options{Running: 10})
		if c.twice != 0 {
			t.Errorf("after %v: %d instances were computed twice", after, c.twice)
		}
	}
}

// TestFollower has two drivers of the same work: one leads, the other submits nothing, and both come to the end. When the first one is
// gone the other leads.
func TestFollower(t *testing.T) {
	c := newFakeCluster(3, 10)
	c.seconds = func(int32) float64 { return 20 }
	leaderGone := false
	until := c.now.Add(time.Minute)
	c.kills = func(id int32) bool { return id == 5 && c.now.Before(until) } // so that there is something to submit again
	follower := newFakeRun(c, 2, 10)
	follower.name = "follower"
	leader := newFakeRun(c, 2, 10)
	ctx, cancel := context.WithCancel(context.Background())
	leader.driver = New(leader, Options{Run: "leader", Executor: c, Disk: c, Clock: c, Running: 10})
	for i := range leader.deps {
		if len(leader.deps[i]) == 0 {
			leader.driver.Ready(i)
		}
	}
	c.at(c.now.Add(20*time.Second), cancel)
	if err := leader.driver.Run(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	c.at(c.now.Add(30*time.Second), func() { leaderGone = true })
	submits := c.submits
	follower.run(t, Options{Running: 10, Lead: func() bool {
		if !leaderGone && c.submits != submits {
			t.Error("who follows submits")
		}
		return leaderGone
	}})
	if c.submits == submits {
		t.Error("who was to lead submitted nothing")
	}
}

// A fullDisk has room for one batch.
type fullDisk struct{ Folder }

var errFull = errors.New("no space left on device")

func (f fullDisk) WriteBatch(array string, task int, data []byte) error {
	if task > 0 {
		return errFull
	}
	return f.Folder.WriteBatch(array, task, data)
}

// TestDiskFull: an array that could not be written whole is not submitted, and nothing of it stays for the next driver.
func TestDiskFull(t *testing.T) {
	c := newFakeCluster(3, 10)
	c.seconds = func(int32) float64 { return 20 }
	r := newFakeRun(c, 2, 10)
	disk := fullDisk{Folder(t.TempDir())}
	r.driver = New(r, Options{Run: "full", Executor: c, Disk: disk, Clock: c, Running: 10})
	for i := range r.deps {
		if len(r.deps[i]) == 0 {
			r.driver.Ready(i)
		}
	}
	if err := r.driver.Run(t.Context()); !errors.Is(err, errFull) {
		t.Fatalf("the run ends with %v", err)
	}
	left, err := disk.Arrays()
	if err != nil {
		t.Fatal(err)
	}
	if c.submits != 0 || len(left) != 0 {
		t.Errorf("%d arrays were submitted, and %v is left", c.submits, left)
	}
}

// TestRetries has instances that need more memory and more time than they ask for, and one that kills its task.
func TestRetries(t *testing.T) {
	c := newFakeCluster(3, 10)
	r := newFakeRun(c, 1, 4)
	r.each = func(int32) stages.Resources { return stages.Resources{Memory: 1 << 30} }
	c.needs = func(id int32) int64 {
		switch id {
		case 2:
			return 3 << 30 // enough with the second doubling
		case 3:
			return 64 << 30
		}
		return 1 << 20
	}
	c.kills = func(id int32) bool { return id == 4 }
	r.run(t, Options{Running: 10})
	for id, want := range map[int]string{0: "done", 1: "done", 2: "done", 3: "ran out of memory 4 times", 4: "without a word", 5: "done"} {
		if got := r.outcome[id]; !strings.Contains(got, want) {
			t.Errorf("instance %d: %q, want %q", id, got, want)
		}
	}
	if got := r.outcome[4]; !strings.Contains(got, "slurmstepd: something") {
		t.Errorf("%q does not show what was printed", got)
	}
}

// TestNothingWritten has tasks killed for their memory before they write what they are at: it is taken to be the first instance.
func TestNothingWritten(t *testing.T) {
	c := newFakeCluster(3, 10)
	r := newFakeRun(c, 1, 2)
	r.each = func(int32) stages.Resources { return stages.Resources{Memory: 1 << 30} }
	c.needs = func(id int32) int64 {
		if id == 0 {
			return 3 << 30
		}
		return 1 << 20
	}
	c.secretive = true
	r.run(t, Options{})
	if r.outcome[0] != "done" || c.submits > 6 {
		t.Errorf("%q after %d submissions", r.outcome[0], c.submits)
	}
}

// TestTime has an instance that needs longer than anybody knew: each task gets twice the time of the one before, whether it began the instance
// or saw that this would not end.
func TestTime(t *testing.T) {
	for _, rash := range []bool{false, true} {
		c := newFakeCluster(3, 10)
		c.rash = rash
		c.seconds = func(id int32) float64 {
			if id == 0 {
				return 5 * 3600
			}
			return 1
		}
		r := newFakeRun(c, 1, 1)
		r.run(t, Options{Limit: time.Hour})
		var limits []time.Duration
		for _, name := range c.names {
			if task := c.arrays[name].tasks[0]; slices.Contains(c.batches[name], 0) {
				limits = append(limits, task.limit)
			}
		}
		if want := []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour}; !slices.Equal(limits, want) || r.outcome[0] != "done" {
			t.Errorf("rash %v: %q after tasks of %v; want %v", rash, r.outcome[0], limits, want)
		}
	}
}

// TestRefused has a cluster refuse an array: what is in it fails with the remedy, and what needs it is given up.
func TestRefused(t *testing.T) {
	c := newFakeCluster(3, 10)
	c.refuses = &RefusedError{Err: errors.New("Invalid account"), Remedy: "set account"}
	r := newFakeRun(c, 1, 2)
	r.run(t, Options{})
	if got := r.outcome[0]; got != "Invalid account; set account" {
		t.Error(got)
	}
}

// TestNever has tasks wait for what never comes.
func TestNever(t *testing.T) {
	c := newFakeCluster(3, 0)
	c.reason, c.never = "PartitionConfig", true
	r := newFakeRun(c, 1, 2)
	r.run(t, Options{})
	if got := r.outcome[0]; !strings.Contains(got, "never begin its task: PartitionConfig; change what") {
		t.Error(got)
	}
}

// TestMute has a cluster whose tasks end before the program begins.
func TestMute(t *testing.T) {
	c := newFakeCluster(3, 10)
	c.mute = 1
	r := newFakeRun(c, 1, 2)
	r.run(t, Options{})
	if got := r.outcome[0]; !strings.Contains(got, "before the program begins") || !strings.Contains(got, "slurmstepd: something") {
		t.Error(got)
	}
}

// TestInvisible has results that are announced and never seen: they are computed again, and after all seen.
func TestInvisible(t *testing.T) {
	c := newFakeCluster(3, 10)
	r := newFakeRun(c, 1, 2)
	hidden := c.now.Add(5 * time.Minute)
	r.hides = func(id int32) bool { return id == 1 && c.now.Before(hidden) }
	r.run(t, Options{})
	if r.c.now.Before(hidden) {
		t.Error("it ended before the result was seen")
	}
	if r.outcome[1] != "done" {
		t.Error(r.outcome[1])
	}
	never := newFakeRun(newFakeCluster(3, 10), 1, 2)
	never.hides = func(id int32) bool { return id == 1 }
	never.run(t, Options{})
	if got := never.outcome[1]; !strings.Contains(got, "3 tasks say that they stored its result") || never.outcome[2] != "done" {
		t.Error(got)
	}
}
