package artifacts_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"spurion/artifacts"
)

// The test program runs itself as another process: SPURION_TEST_CHILD says what that one does.
const childVariable = "SPURION_TEST_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childVariable); what != "" {
		if err := child(what, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// startChild starts another process on a store, and gives its standard output.
func startChild(t *testing.T, what string, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	c := exec.Command(self, args...)
	c.Env = append(os.Environ(), childVariable+"="+what)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	must(t, err)
	must(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill() })
	return c, bufio.NewScanner(out)
}

func child(what string, args []string) error {
	s, err := artifacts.Open(args[0], artifacts.Options{})
	if err != nil {
		return err
	}
	switch what {
	case "hold": // lock a key until killed
		if _, err := s.Lock(context.Background(), newJob(1).m.Key, nil); err != nil {
			return err
		}
		fmt.Println("locked")
		time.Sleep(time.Minute)
	case "compute":
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return err
		}
		return compute(s, n)
	case "increment":
		return increment(s, filepath.Join(args[1]), 100)
	case "pack": // until killed, four at a time
		for n := 0; ; n += 4 {
			jobs := []*job{newJob(n), newJob(n + 1), newJob(n + 2), newJob(n + 3)}
			if err := errors.Join(saveGroup(s, jobs)...); err != nil {
				return err
			}
			fmt.Println(n + 3)
		}
	case "write": // until killed
		for n := 0; ; n++ {
			if err := newJob(n).store(s); err != nil {
				return err
			}
			fmt.Println(n)
		}
	}
	return nil
}

// compute is what a run does: look, lock, look again, compute, publish. It notes what it computed in
// the file "computed" beside the store.
func compute(s *artifacts.Store, n int) error {
	for i := range n {
		j := newJob(i)
		if _, err := s.Get(j.m.Key); err == nil {
			continue
		}
		unlock, err := s.Lock(context.Background(), j.m.Key, nil)
		if err != nil {
			return err
		}
		if _, err := s.Get(j.m.Key); errors.Is(err, artifacts.ErrMiss) {
			if err := j.store(s); err != nil {
				return err
			}
			f, err := os.OpenFile(s.Dir()+"-computed", os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o666)
			if err != nil {
				return err
			}
			fmt.Fprintln(f, i)
			f.Close()
		} else if err != nil {
			return err
		}
		unlock()
		if err := j.checkWhole(s); err != nil {
			return err
		}
	}
	return nil
}

// increment counts in a file, which only a lock makes right.
func increment(s *artifacts.Store, path string, times int) error {
	key := artifacts.Sum([]byte("counter"))
	for range times {
		unlock, err := s.Lock(context.Background(), key, nil)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(data))
		if err != nil {
			return fmt.Errorf("the counter is torn: %q", data)
		}
		if err := os.WriteFile(path, []byte(strconv.Itoa(n+1)), 0o666); err != nil {
			return err
		}
		unlock()
	}
	return nil
}

// TestLockExcludes counts with several goroutines of two stores and in several processes. Every
// unlocking removes the file that the next one locks, so that this is the race of unlinked files, too.
func TestLockExcludes(t *testing.T) {
	s := openDisk(t)
	other, err := artifacts.Open(s.Dir(), artifacts.Options{})
	must(t, err)
	counter := filepath.Join(t.TempDir(), "counter")
	must(t, os.WriteFile(counter, []byte("0"), 0o666))
	var processes []*exec.Cmd
	for range 2 {
		c, _ := startChild(t, "increment", s.Dir(), counter)
		processes = append(processes, c)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			if err := increment([]*artifacts.Store{s, other}[i%2], counter, 100); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, c := range processes {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	data, err := os.ReadFile(counter)
	if err != nil || string(data) != "600" {
		t.Errorf("counted %s (%v), want 600", data, err)
	}
	if left, err := os.ReadDir(filepath.Join(s.Dir(), "locks", "keys")); err != nil || len(left) != 0 {
		t.Errorf("lock files are left: %v (%v)", left, err)
	}
}

// TestLockOfKilledProcess kills -9 a process that holds a lock: the next one gets it.
func TestLockOfKilledProcess(t *testing.T) {
	s := openDisk(t)
	c, out := startChild(t, "hold", s.Dir())
	if !out.Scan() || out.Text() != "locked" {
		t.Fatalf("the other process said %q", out.Text())
	}
	key := newJob(1).m.Key
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := s.Lock(ctx, key, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("while it is held: %v", err)
	}
	told := make(chan string, 2)
	locked := make(chan error, 1)
	go func() {
		unlock, err := s.Lock(context.Background(), key, func(owner string) { told <- owner })
		if err == nil {
			unlock()
			unlock() // once more does no harm
		}
		locked <- err
	}()
	if owner := <-told; !strings.Contains(owner, fmt.Sprintf("process %d on ", c.Process.Pid)) {
		t.Errorf("the owner is described as %q", owner)
	}
	select {
	case err := <-locked:
		t.Fatalf("it was locked twice (%v)", err)
	case <-time.After(50 * time.Millisecond):
	}
	must(t, c.Process.Kill())
	_ = c.Wait()
	select {
	case err := <-locked:
		must(t, err)
	case <-time.After(10 * time.Second):
		t.Fatal("the lock outlived its process")
	}
	if len(told) != 0 {
		t.Error("waiting was told twice")
	}
	if r, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true}); err != nil {
		t.Errorf("GC after the kill: %+v, %v", r, err)
	}
	if left, err := os.ReadDir(filepath.Join(s.Dir(), "locks", "sessions")); err != nil || len(left) > 1 {
		t.Errorf("the dead session is left: %v (%v)", left, err)
	}
}

func TestLockInProcess(t *testing.T) {
	s, _ := openFake(t)
	key := artifacts.Sum([]byte("key"))
	unlock, err := s.Lock(t.Context(), key, func(owner string) { t.Errorf("waits for %s", owner) })
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	told := ""
	if _, err := s.Lock(ctx, key, func(owner string) { told = owner; cancel() }); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled while waiting: %v", err)
	}
	if !strings.Contains(told, fmt.Sprint(os.Getpid())) {
		t.Errorf("the owner is described as %q", told)
	}
	if _, err := s.Lock(ctx, artifacts.Sum(nil), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled before: %v", err)
	}
	free, err := s.Lock(t.Context(), artifacts.Sum([]byte("another")), nil)
	must(t, err)
	free()
	unlock()
	unlock, err = s.Lock(t.Context(), key, nil)
	must(t, err)
	unlock()
}

// TestComputedOnce lets goroutines and processes work on the same instances.
func TestComputedOnce(t *testing.T) {
	const instances = 25
	dir := filepath.Join(t.TempDir(), "store") // which they make at the same time, too
	var processes []*exec.Cmd
	for range 2 {
		c, _ := startChild(t, "compute", dir, strconv.Itoa(instances))
		processes = append(processes, c)
	}
	s, err := artifacts.Open(dir, artifacts.Options{Warn: func(err error) { t.Error(err) }})
	must(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := compute(s, instances); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, c := range processes {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	computed, err := os.ReadFile(dir + "-computed")
	must(t, err)
	if got := strings.Fields(string(computed)); len(got) != instances {
		t.Errorf("%d instances were computed %d times: %v", instances, len(got), got)
	}
	for i := range instances {
		must(t, newJob(i).checkWhole(s))
	}
}

// TestPublishedAtOnce stores the same without locks: all succeed, and the entry is whole.
func TestPublishedAtOnce(t *testing.T) {
	s := openDisk(t)
	other, err := artifacts.Open(s.Dir(), artifacts.Options{})
	must(t, err)
	different := newJob(0)
	different.data = [][]byte{[]byte("different"), different.data[1]}
	different.m.Outputs[0].Digest, different.m.Outputs[0].Size = artifacts.Sum(different.data[0]), 9
	var conflicts, stored atomic.Int64
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			j := newJob(0)
			if i%3 == 0 {
				j = different
			}
			switch err := j.store([]*artifacts.Store{s, other}[i%2]); {
			case err == nil:
				stored.Add(1)
			case errors.Is(err, artifacts.ErrConflict):
				conflicts.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	err = newJob(0).checkWhole(s)
	want := int64(8)
	if err != nil {
		err, want = different.checkWhole(s), 4
	}
	if err != nil || stored.Load() != want || conflicts.Load() != 12-want {
		t.Errorf("%d stored, %d conflicts (%v)", stored.Load(), conflicts.Load(), err)
	}
}

// TestGCBesideWriters collects all it may, again and again, while others store, compute and read.
func TestGCBesideWriters(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	c, out := startChild(t, "write", dir)
	if !out.Scan() {
		t.Fatal("the other process writes nothing")
	}
	gc, err := artifacts.Open(dir, artifacts.Options{Warn: func(err error) { t.Error(err) }})
	must(t, err)
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for w := range 2 {
		wg.Go(func() {
			s, err := artifacts.Open(dir, artifacts.Options{})
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			for n := w; ; n += 2 {
				select {
				case <-stop:
					return
				default:
				}
				j := newJob(n % 10)
				if err := j.store(s); err != nil {
					t.Error(err)
					return
				}
				if err := j.checkWhole(s); err != nil { // it was published in this session
					t.Error(err)
					return
				}
			}
		})
	}
	last := ""
	for range 25 {
		if _, err := gc.GC(t.Context(), artifacts.GCOptions{Delete: true}); err != nil {
			t.Fatal(err)
		}
		if out.Scan() {
			last = out.Text()
		}
	}
	close(stop)
	wg.Wait()
	// Killed in the middle: what it acknowledged last is there, since its session spared it.
	must(t, c.Process.Kill())
	for out.Scan() {
		last = out.Text()
	}
	_ = c.Wait()
	n, err := strconv.Atoi(last)
	must(t, err)
	must(t, newJob(n).checkWhole(gc))
	if r, err := gc.Verify(t.Context(), nil); err != nil || !r.Sound() {
		t.Errorf("Verify finds %+v (%v)", r, err)
	}
	if _, err := gc.GC(t.Context(), artifacts.GCOptions{Delete: true}); err != nil {
		t.Error(err)
	}
	u, err := gc.Usage(t.Context())
	if err != nil || u.Entries != 0 {
		t.Errorf("after the end of all: %+v (%v)", u, err)
	}
}
