package artifacts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

const logLine = `{"level":"info","message":"done"}` + "\n"

const storeDir = "/home/somebody/project/.spurion"

// A job is what a test stores: a manifest and the bytes of its outputs.
type job struct {
	m    artifacts.Manifest
	data [][]byte
}

// newJob gives a job with two outputs, the second of which all jobs share.
func newJob(n int) *job {
	text := fmt.Sprintf("kind train 3\nsetting seed %d\n", n)
	j := &job{
		m: artifacts.Manifest{
			Key: artifacts.Sum([]byte(text)), Text: text, Kind: "train", Version: 3,
			Address: fmt.Sprintf("train.erm[seed=%d]", n), Spec: "specs/quick.hcl", Program: "spurion devel",
			Created: time.Date(2024, 3, 6, 12, 0, n, 5000, time.UTC), Seconds: 1.25,
		},
		data: [][]byte{[]byte(strings.Repeat(fmt.Sprintf("weights of seed %d, ", n), 20)), []byte("the same history everywhere")},
	}
	for i, data := range j.data {
		j.m.Outputs = append(j.m.Outputs, artifacts.Output{
			Name: fmt.Sprintf("output%d", i), Digest: artifacts.Sum(data), Size: int64(len(data)), Rows: int64(i) - 1, Extension: ".parquet",
		})
	}
	return j
}

func (j *job) store(s *artifacts.Store) error {
	for _, data := range j.data {
		if _, err := s.Put(data); err != nil {
			return err
		}
	}
	return s.Publish(&j.m)
}

// checkWhole says what is wrong with the entry of a job, which must be there.
func (j *job) checkWhole(s *artifacts.Store) error {
	m, err := s.Get(j.m.Key)
	if err != nil {
		return err
	}
	if !reflect.DeepEqual(*m, j.m) {
		return fmt.Errorf("got the manifest\n%+v, want\n%+v", *m, j.m)
	}
	for i := range m.Outputs {
		data, err := s.Blob(m.Outputs[i].Digest)
		if err != nil {
			return err
		}
		if !bytes.Equal(data, j.data[i]) {
			return fmt.Errorf("output %d has other bytes", i)
		}
	}
	return nil
}

// checkSane says what is wrong with the entry of a job, which may be there or not.
func (j *job) checkSane(s *artifacts.Store) error {
	var miss *artifacts.MissError
	_, err := s.Get(j.m.Key)
	if errors.As(err, &miss) && miss.Reason != artifacts.Damaged {
		for _, o := range j.m.Outputs { // each blob is whole or absent
			if _, err := s.Blob(o.Digest); err != nil && !errors.Is(err, artifacts.ErrMissing) {
				return err
			}
		}
		return nil
	}
	if err != nil {
		return err
	}
	return j.checkWhole(s)
}

// saveGroup saves jobs at once, and gives the error of each.
func saveGroup(s *artifacts.Store, jobs []*job) []error {
	var ms []*artifacts.Manifest
	var data [][][]byte
	for _, j := range jobs {
		m := j.m // Save writes to it
		ms, data = append(ms, &m), append(data, j.data)
	}
	return artifacts.SaveGroup(s, ms, data)
}

// A work is what a program does with a store, and what was acknowledged: three entries, two packs, a log and a
// run record are written, and the packs are made one; then an entry is evicted and another taken by GC, of those in
// files of their own and of those in the pack. It goes on after an error, as a run does.
type work struct {
	jobs    [4]*job
	packed  [8]*job
	kept    [8]bool // jobs in packs that are acknowledged
	run     *artifacts.Run
	stored  [4]bool
	evicted bool // job 1 was, or may have been
	taken   bool // job 3 was, or may have been, by GC
	saved   bool
	logged  bool
	errs    []error
}

func newWork() *work {
	w := &work{}
	for n := range w.jobs {
		w.jobs[n] = newJob(n)
	}
	for n := range w.packed {
		w.packed[n] = newJob(100 + n)
	}
	w.run = &artifacts.Run{
		ID: "20240306-120000-abcd", Spec: "quick", SpecPath: "specs/quick.hcl", Program: "spurion devel",
		Args: []string{"run", "specs/quick.hcl"}, Started: time.Date(2024, 3, 6, 12, 0, 0, 1, time.UTC),
		Finished: time.Date(2024, 3, 6, 12, 0, 9, 0, time.UTC), Outcome: "done", Variables: map[string]string{"seeds": "3", "rate": "0.1"},
		Entries: []artifacts.Entry{
			{Address: w.jobs[0].m.Address, Key: w.jobs[0].m.Key, Status: "cached"},
			{Address: w.jobs[2].m.Address, Key: w.jobs[2].m.Key, Status: "computed", Seconds: 1.25},
			{Address: w.packed[0].m.Address, Key: w.packed[0].m.Key, Status: "computed"},
			{Address: w.packed[6].m.Address, Key: w.packed[6].m.Key, Status: "computed"},
			{Address: "probe.decoded", Status: "failed", Error: "two\nlines"},
		},
	}
	return w
}

func (w *work) note(err error) bool {
	if err != nil {
		w.errs = append(w.errs, err)
	}
	return err == nil
}

func (w *work) write(disk artifacts.FS) {
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	if !w.note(err) {
		return
	}
	for n, j := range w.jobs {
		unlock, err := s.Lock(context.Background(), j.m.Key, nil)
		if !w.note(err) {
			continue
		}
		w.stored[n] = w.note(j.store(s))
		unlock()
	}
	for first := 0; first < len(w.packed); first += 4 {
		for n, err := range saveGroup(s, w.packed[first:first+4]) {
			w.kept[first+n] = w.note(err)
		}
	}
	if log, err := s.EventLog(w.run.ID); w.note(err) {
		_, err := log.Write([]byte(logLine))
		w.logged = w.note(err)
		w.logged = w.note(log.Close()) && w.logged
	}
	w.saved = w.note(s.SaveRun(w.run))
	w.note(s.Close())
}

func (w *work) remove(disk artifacts.FS) {
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	if !w.note(err) {
		return
	}
	w.evicted = true
	_, err = s.Evict(w.jobs[1].m.Key, w.packed[1].m.Key)
	w.note(err)
	w.taken = true // the kept run refers to 0 and 2
	_, err = s.GC(context.Background(), artifacts.GCOptions{KeepRuns: 1, Delete: true})
	w.note(err)
}

// check says what is wrong with the store that the work left.
func (w *work) check(disk artifacts.FS) error {
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	if err != nil {
		return fmt.Errorf("opening: %w", err)
	}
	defer s.Close()
	for n, j := range w.jobs {
		gone := n == 1 && w.evicted || n == 3 && w.taken
		check := j.checkSane
		if w.stored[n] && !gone {
			check = j.checkWhole
		}
		if err := check(s); err != nil {
			return fmt.Errorf("job %d (acknowledged: %v): %w", n, w.stored[n], err)
		}
	}
	for n, j := range w.packed {
		gone := n == 1 && w.evicted || n != 0 && n != 6 && w.taken
		check := j.checkSane
		if w.kept[n] && !gone {
			check = j.checkWhole
		}
		if err := check(s); err != nil {
			return fmt.Errorf("job %d of a pack (acknowledged: %v): %w", n, w.kept[n], err)
		}
	}
	r, err := s.LoadRun(w.run.ID)
	if err == nil && !reflect.DeepEqual(r, w.run) {
		return fmt.Errorf("got the run\n%+v, want\n%+v", r, w.run)
	}
	if err != nil && (w.saved || !errors.Is(err, fs.ErrNotExist)) {
		return fmt.Errorf("run (acknowledged: %v): %w", w.saved, err)
	}
	if log, _, err := disk.ReadFile(storeDir + "/runs/" + w.run.ID + ".jsonl"); w.logged && !strings.HasSuffix(string(log), logLine) {
		return fmt.Errorf("the log is %q (%v)", log, err)
	}
	if _, err := s.LastRun(""); err != nil {
		return fmt.Errorf("last run: %w", err)
	}
	if aside, err := disk.ReadDir(storeDir + "/damaged"); err != nil || len(aside) > 0 {
		return fmt.Errorf("%d files were set aside (%v)", len(aside), err)
	}
	return nil
}

// checkNext says what is wrong with a run that follows: it must end well.
func checkNext(disk artifacts.FS) error {
	w := newWork()
	w.write(disk)
	if len(w.errs) > 0 {
		return fmt.Errorf("the next run failed: %w", errors.Join(w.errs...))
	}
	if err := w.check(disk); err != nil {
		return fmt.Errorf("after the next run: %w", err)
	}
	return nil
}

func checkSound(disk artifacts.FS) error {
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	if err != nil {
		return err
	}
	report, err := s.Verify(context.Background(), nil)
	if err != nil || !report.Sound() {
		return fmt.Errorf("Verify finds %+v (%v)", report, err)
	}
	return nil
}

// A scene is a disk, and what is done to the store on it.
type scene struct {
	disk  *fakedisk.Disk
	ready work // what was done before
	act   func(w *work, disk artifacts.FS)
}

func scenes(t *testing.T) map[string]scene {
	t.Helper()
	empty := fakedisk.New()
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: empty})
	must(t, err)
	must(t, s.Close())
	full, w := empty.Reboot(fakedisk.LoseAll), newWork()
	w.write(full)
	must(t, errors.Join(w.errs...))
	return map[string]scene{
		"make":   {fakedisk.New(), *newWork(), (*work).write},
		"write":  {empty, *newWork(), (*work).write},
		"remove": {full, *w, (*work).remove},
	}
}

// TestCrash cuts the power at each change in turn, and looks at several outcomes of each.
func TestCrash(t *testing.T) {
	for name, scene := range scenes(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for k := 1; ; k++ {
				disk, w := scene.disk.Reboot(fakedisk.LoseAll), scene.ready
				disk.CrashAt(k)
				scene.act(&w, disk)
				if !disk.Crashed() {
					disk = disk.Reboot(fakedisk.KeepAll) // which is not going to crash
					if err := errors.Join(append(w.errs, w.check(disk), checkSound(disk))...); err != nil {
						t.Fatalf("without a crash: %v", err)
					}
					t.Logf("%d changes", k-1)
					return
				}
				for seed := range uint64(6) {
					after := disk.Reboot(seed)
					err := w.check(after)
					if err == nil {
						err = checkNext(after)
					}
					if err == nil && seed == 0 {
						err = checkSound(after)
					}
					if err != nil {
						t.Fatalf("crash at %d, seed %d: %v", k, seed, err)
					}
				}
			}
		})
	}
}

// TestFailure lets each operation in turn fail, once; then the power may be cut as well.
func TestFailure(t *testing.T) {
	for name, scene := range scenes(t) {
		for _, errno := range []syscall.Errno{syscall.EIO, syscall.ENOSPC} {
			t.Run(fmt.Sprintf("%s/error=%d", name, errno), func(t *testing.T) {
				t.Parallel()
				for k := 1; ; k++ {
					disk, w := scene.disk.Reboot(fakedisk.LoseAll), scene.ready
					disk.FailAt(k, errno)
					scene.act(&w, disk)
					for _, err := range w.errs {
						checkFailure(t, k, errno, err)
					}
					if !disk.Failed() {
						if len(w.errs) > 0 {
							t.Fatalf("without a failure: %v", w.errs)
						}
						t.Logf("%d operations", k-1)
						return
					}
					for seed := range uint64(3) {
						if err := w.check(disk.Reboot(seed)); err != nil {
							t.Fatalf("%v at %d, then a crash with seed %d: %v", errno, k, seed, err)
						}
					}
					err := w.check(disk)
					if err == nil {
						err = checkNext(disk)
					}
					if err != nil {
						t.Fatalf("%v at %d: %v", errno, k, err)
					}
				}
			})
		}
	}
}

// checkFailure wants an error that says what happened and what to do.
func checkFailure(t *testing.T, k int, errno syscall.Errno, err error) {
	t.Helper()
	if errors.Is(err, artifacts.ErrMissing) || errors.Is(err, fs.ErrNotExist) {
		return // what failed before is now missing
	}
	if !errors.Is(err, errno) {
		t.Fatalf("%v at %d: got the error %v", errno, k, err)
	}
	if !strings.Contains(err.Error(), storeDir) {
		t.Fatalf("%v at %d: no path in %q", errno, k, err)
	}
	if errno == syscall.ENOSPC && (!errors.Is(err, artifacts.ErrFull) || !strings.Contains(err.Error(), "spurion cache gc")) {
		t.Fatalf("%v at %d: no advice in %q", errno, k, err)
	}
}

// TestReadOnlyDisk reads from a disk that cannot be written, and wants a clear error of what must write.
func TestReadOnlyDisk(t *testing.T) {
	disk, w := scenes(t)["remove"].disk, newWork()
	disk.SetReadOnly(true)
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	if err != nil {
		t.Fatal(err)
	}
	disk.Advance(48 * time.Hour) // a use would have to be noted
	if err := w.jobs[0].checkWhole(s); err != nil {
		t.Error(err)
	}
	if _, err := s.LoadRun(w.run.ID); err != nil {
		t.Error(err)
	}
	if r, err := s.Verify(context.Background(), nil); err != nil || !r.Sound() {
		t.Errorf("Verify: %+v, %v", r, err)
	}
	if _, err := s.GC(context.Background(), artifacts.GCOptions{}); err != nil {
		t.Errorf("a GC that only reports: %v", err)
	}
	_, putErr := s.Put([]byte("new"))
	_, lockErr := s.Lock(context.Background(), w.jobs[0].m.Key, nil)
	_, evictErr := s.Evict(w.jobs[0].m.Key)
	_, gcErr := s.GC(context.Background(), artifacts.GCOptions{Delete: true})
	_, logErr := s.EventLog("x")
	for name, err := range map[string]error{
		"Put": putErr, "Publish": s.Publish(&w.jobs[0].m), "Lock": lockErr, "Evict": evictErr,
		"GC": gcErr, "EventLog": logErr, "SaveRun": s.SaveRun(&artifacts.Run{ID: "x"}),
	} {
		if !errors.Is(err, artifacts.ErrReadOnly) {
			t.Errorf("%s: got %v, want ErrReadOnly", name, err)
		}
	}
	disk.Flip(pathOf(s, "blobs", w.jobs[0].m.Outputs[0].Digest), 0, 1)
	var damaged *artifacts.DamagedError
	if _, err := s.Blob(w.jobs[0].m.Outputs[0].Digest); !errors.As(err, &damaged) {
		t.Errorf("a damaged blob on a read-only disk: %v", err)
	}
	disk.SetReadOnly(false)
	if err := w.jobs[2].checkWhole(s); err != nil {
		t.Error(err)
	}
}
