package artifacts_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// storeJobs stores n jobs, an hour and a half apart, and leaves the store closed, so that nobody uses it.
func storeJobs(t *testing.T, n int) (s *artifacts.Store, jobs []*job, size int64) {
	t.Helper()
	s, disk := openFake(t)
	for i := range n {
		j := newJob(i)
		must(t, j.store(s))
		jobs = append(jobs, j)
		disk.Advance(90 * time.Minute)
	}
	must(t, s.Close())
	u, err := s.Usage(t.Context())
	must(t, err)
	return s, jobs, u.Bytes
}

// present tells which jobs have an entry; an entry must be whole.
func present(t *testing.T, s *artifacts.Store, jobs []*job) string {
	t.Helper()
	reader, err := artifacts.Open(s.Dir(), artifacts.Options{FS: artifacts.FSOf(s), ReadOnly: true})
	must(t, err)
	var all []string
	for i, j := range jobs {
		err := j.checkWhole(reader)
		if err == nil {
			all = append(all, fmt.Sprint(i))
		} else if !errors.Is(err, artifacts.ErrMiss) {
			t.Errorf("job %d: %v", i, err)
		}
	}
	return strings.Join(all, " ")
}

func TestUsage(t *testing.T) {
	s, jobs, _ := storeJobs(t, 2)
	other := newJob(7)
	other.m.Kind = "probe"
	must(t, other.store(s))
	_, err := s.Put([]byte("of no entry"))
	must(t, err)
	must(t, s.SaveRun(newWork().run))
	u, err := s.Usage(t.Context())
	must(t, err)
	var manifests, weights [3]int64
	for i, j := range []*job{jobs[0], jobs[1], other} {
		info, err := artifacts.FSOf(s).Stat(pathOf(s, "manifests", j.m.Key))
		must(t, err)
		manifests[i], weights[i] = info.Size(), int64(len(j.data[0]))
	}
	shared := int64(len(other.data[1]))
	train := manifests[0] + manifests[1] + weights[0] + weights[1] + shared
	probe := manifests[2] + weights[2] + shared
	want := artifacts.Usage{
		Entries: 3, Blobs: 5, Bytes: train + probe - shared + int64(len("of no entry")), Orphans: 1, Runs: 1,
		Kinds: []artifacts.KindUsage{{Kind: "probe", Entries: 1, Bytes: probe, Seconds: 1.25}, {Kind: "train", Entries: 2, Bytes: train, Seconds: 2.5}},
	}
	if !reflect.DeepEqual(u, want) {
		t.Errorf("got %+v, want %+v", u, want)
	}
}

func TestVerify(t *testing.T) {
	s, disk := openFake(t)
	w := newWork()
	w.write(disk)
	must(t, errors.Join(w.errs...))
	_, err := s.Put([]byte("of no entry"))
	must(t, err)
	var done, total int64
	r, err := s.Verify(t.Context(), func(d, n int64) { done, total = d, n })
	if err != nil || !r.Sound() || r.Entries != 4+8 || r.Blobs != 6+9 || r.Runs != 1 || len(r.Orphans) != 1 || done != total || done != r.Bytes {
		t.Fatalf("got %+v (%v), %d of %d bytes", r, err, done, total)
	}
	disk.Flip(pathOf(s, "blobs", w.jobs[0].m.Outputs[0].Digest), 5, 1)
	disk.Flip(pathOf(s, "manifests", w.jobs[1].m.Key), 100, 1)
	must(t, disk.Remove(pathOf(s, "blobs", w.jobs[2].m.Outputs[0].Digest)))
	disk.Flip(storeDir+"/runs/"+w.run.ID+".run", 50, 1)

	reader, err := artifacts.Open(storeDir, artifacts.Options{FS: disk, ReadOnly: true})
	must(t, err)
	for _, s := range []*artifacts.Store{reader, s} { // with and without setting aside
		r, err = s.Verify(t.Context(), nil)
		if err != nil || r.Sound() || len(r.Damaged) != 3 || len(r.Incomplete) != 2 {
			t.Fatalf("got %+v (%v)", r, err)
		}
		for _, f := range append(r.Damaged[:2], r.Incomplete...) {
			if _, err := disk.Stat(f.Path); err != nil || f.Problem == "" {
				t.Errorf("finding %+v: %v", f, err)
			}
		}
		if r.Damaged[1].Key != w.jobs[1].m.Key {
			t.Errorf("the damaged manifest is reported as %+v", r.Damaged[1])
		}
	}
	if r, err = s.Verify(t.Context(), nil); err != nil || len(r.Damaged) != 0 || len(r.Incomplete) != 2 {
		t.Errorf("afterwards: %+v (%v)", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Verify(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
}

func TestEvict(t *testing.T) {
	s, jobs, _ := storeJobs(t, 3)
	none := artifacts.Sum([]byte("none"))
	r, err := s.Evict(jobs[0].m.Key, none, jobs[2].m.Key, jobs[0].m.Key)
	must(t, err)
	if r.Entries != 2 || r.Blobs != 2 || r.Kept != 0 || !reflect.DeepEqual(r.Missing, []artifacts.Digest{none, jobs[0].m.Key}) {
		t.Errorf("got %+v", r)
	}
	if got := present(t, s, jobs); got != "1" {
		t.Errorf("left: %s", got)
	}
	if r, err := s.Evict(jobs[1].m.Key); err != nil || r.Entries != 1 || r.Blobs != 2 {
		t.Errorf("the last one with the shared blob: %+v, %v", r, err)
	}
	if u, err := s.Usage(t.Context()); err != nil || u.Bytes != 0 {
		t.Errorf("left: %+v (%v)", u, err)
	}
}

func TestGCChoice(t *testing.T) {
	for name, c := range map[string]struct {
		o    artifacts.GCOptions
		want string
	}{
		"all unreferenced":  {artifacts.GCOptions{KeepRuns: 1}, "1 4"},
		"two runs":          {artifacts.GCOptions{KeepRuns: 2}, "0 1 4"},
		"no run":            {artifacts.GCOptions{}, ""},
		"enough room":       {artifacts.GCOptions{KeepRuns: 1, MaxBytes: math.MaxInt64}, "0 1 2 3 4 5"},
		"below nothing":     {artifacts.GCOptions{KeepRuns: 1, MaxBytes: -1}, "1 4"},
		"young ones stay":   {artifacts.GCOptions{KeepRuns: 1, MinAge: 4 * time.Hour}, "1 4 5"},
		"all young":         {artifacts.GCOptions{MinAge: 100 * time.Hour}, "0 1 2 3 4 5"},
		"the oldest go":     {artifacts.GCOptions{KeepRuns: 1, MaxBytes: -2}, "1 3 4 5"},
		"other spec's runs": {artifacts.GCOptions{KeepRuns: 3}, "0 1 4"},
	} {
		t.Run(name, func(t *testing.T) {
			s, jobs, size := storeJobs(t, 6)
			refer := func(i int) artifacts.Entry {
				return artifacts.Entry{Address: jobs[i].m.Address, Key: jobs[i].m.Key, Status: "computed"}
			}
			must(t, s.SaveRun(record("a", "quick", 1, refer(0))))
			must(t, s.SaveRun(record("b", "quick", 2, refer(1), artifacts.Entry{Status: "skipped"})))
			must(t, s.SaveRun(record("c", "paper", 0, refer(4))))
			must(t, s.Close())
			o := c.o
			if o.MaxBytes == -2 { // 0 and 2, the least recently used, must go: all are of one size
				o.MaxBytes = size - 2*(size-int64(len(jobs[0].data[1])))/6
			}
			plan, err := s.GC(t.Context(), o)
			must(t, err)
			if got := present(t, s, jobs); plan.Deleted || got != "0 1 2 3 4 5" {
				t.Fatalf("a report took something: left %s", got)
			}
			o.Delete = true
			report, err := s.GC(t.Context(), o)
			must(t, err)
			if got := present(t, s, jobs); got != c.want {
				t.Errorf("left %q, want %q", got, c.want)
			}
			plan.Deleted = true
			if !reflect.DeepEqual(plan, report) {
				t.Errorf("planned %+v, did %+v", plan, report)
			}
			u, err := s.Usage(t.Context())
			must(t, err)
			if u.Bytes != report.KeptBytes || u.Bytes != size-report.Bytes || u.Entries != report.KeptEntries || u.Orphans != 0 {
				t.Errorf("reported %+v, left %+v of %d bytes", report, u, size)
			}
			if u.Runs != 3-len(report.Runs) {
				t.Errorf("%d runs left after %v went", u.Runs, report.Runs)
			}
			if v, err := s.Verify(t.Context(), nil); err != nil || !v.Sound() {
				t.Errorf("Verify finds %+v (%v)", v, err)
			}
		})
	}
}

// TestGCWithoutLists: where no list of a spec's runs can be read nobody knows what they need, so that what the spec computed stays.
func TestGCWithoutLists(t *testing.T) {
	for name, c := range map[string]struct {
		damaged, want string // the runs whose lists are damaged, and the jobs that are left
	}{
		"all are read":            {"", "1 4"},
		"the only one of a spec":  {"c", "1 3 4"},
		"an older one serves":     {"b", "0 4"},
		"none of a spec is there": {"a b", "0 1 2 4"},
	} {
		t.Run(name, func(t *testing.T) {
			s, disk := openFake(t)
			var jobs []*job
			for i := range 5 {
				j := newJob(i)
				if j.m.Spec = "quick"; i > 2 {
					j.m.Spec = "paper"
				}
				must(t, j.store(s))
				jobs = append(jobs, j)
			}
			for i, run := range []struct {
				id, spec string
				job      int
			}{{"a", "quick", 0}, {"b", "quick", 1}, {"c", "paper", 4}} {
				must(t, s.SaveRun(record(run.id, run.spec, i, artifacts.Entry{Address: jobs[run.job].m.Address, Key: jobs[run.job].m.Key, Status: "computed"})))
			}
			for _, id := range strings.Fields(c.damaged) {
				disk.Flip(storeDir+"/entries/"+artifacts.Sum(listOf(t, s, disk, id)).String(), 40, 2)
			}
			must(t, s.Close())
			disk.Advance(24 * time.Hour)
			for range 2 { // the second time a damaged list is gone
				_, err := s.GC(t.Context(), artifacts.GCOptions{KeepRuns: 1, Delete: true})
				must(t, err)
				if got := present(t, s, jobs); got != c.want {
					t.Errorf("left %q, want %q", got, c.want)
				}
			}
		})
	}
}

// TestGCSparesTheLiving lets GC work beside a store that is in the middle of things.
func TestGCSparesTheLiving(t *testing.T) {
	s, jobs, _ := storeJobs(t, 3)
	disk := artifacts.FSOf(s).(*fakedisk.Disk)
	other, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	must(t, err)
	all := artifacts.GCOptions{Delete: true}

	// It has planned with entry 0, long unused, and put one new blob and one that 1 has, and is yet to publish.
	if _, err := other.Get(jobs[0].m.Key); err != nil {
		t.Fatal(err)
	}
	late := newJob(9)
	late.data[1] = jobs[1].data[0]
	late.m.Outputs[1].Digest, late.m.Outputs[1].Size = jobs[1].m.Outputs[0].Digest, jobs[1].m.Outputs[0].Size
	for _, data := range late.data {
		_, err := other.Put(data)
		must(t, err)
	}
	report, err := s.GC(t.Context(), all)
	must(t, err)
	if got := present(t, s, jobs); got != "0" || len(report.Entries) != 2 {
		t.Errorf("left %q: %+v", got, report)
	}
	must(t, other.Publish(&late.m))
	must(t, late.checkWhole(other))

	// An eviction spares the blobs of others, too.
	blob := []byte("put, and not yet published")
	d, err := other.Put(blob)
	must(t, err)
	if r, err := s.Evict(late.m.Key); err != nil || r.Entries != 1 || r.Kept != 2 {
		t.Errorf("evicted %+v (%v)", r, err)
	}
	if _, err := other.Blob(d); err != nil {
		t.Error(err)
	}
	must(t, other.Close())
	if _, err := s.GC(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if u, err := s.Usage(t.Context()); err != nil || u.Entries != 0 || u.Orphans != 3 {
		t.Errorf("at the other's end, young blobs are not spared: %+v (%v)", u, err)
	}
	disk.Advance(time.Hour)
	if _, err := s.GC(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	if u, err := s.Usage(t.Context()); err != nil || u.Bytes != 0 {
		t.Errorf("after the other's end: %+v (%v)", u, err)
	}
}

// TestGCOfOwnStore does not take what its own store is about to publish.
func TestGCOfOwnStore(t *testing.T) {
	s, disk := openFake(t)
	j := newJob(1)
	for _, data := range j.data {
		_, err := s.Put(data)
		must(t, err)
	}
	disk.Advance(time.Hour)
	_, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true})
	must(t, err)
	must(t, s.Publish(&j.m))
	must(t, j.checkWhole(s))
	disk.Advance(time.Hour)
	r, err := s.GC(t.Context(), artifacts.GCOptions{Delete: true})
	if err != nil || len(r.Entries) != 1 || r.Blobs != 2 {
		t.Errorf("got %+v (%v)", r, err)
	}
}

func TestGCLeftovers(t *testing.T) {
	s, disk := openFake(t)
	const whole, crashed = "20240306T120000Z-00c0de", "20240306T130000Z-0ddba1"
	must(t, s.SaveRun(record(whole, "quick", 1)))
	for _, id := range []string{whole, crashed} {
		log, err := s.EventLog(id)
		must(t, err)
		must(t, log.Close())
	}
	// In temp/ programs ran once, in folders.
	dead := storeDir + "/temp/0123456789abcdef-1"
	must(t, disk.Mkdir(dead))
	must(t, disk.Mkdir(dead+"/inside"))
	// A reboot leaves the session, the lock and the folder of a process that is no more.
	_, err := s.Lock(t.Context(), artifacts.Sum([]byte("key")), nil)
	must(t, err)
	after := disk.Reboot(1)
	s, err = artifacts.Open(storeDir, artifacts.Options{FS: after})
	must(t, err)
	files := func(folder string) (n int) {
		list, err := after.ReadDir(storeDir + "/" + folder)
		must(t, err)
		return len(list)
	}
	r, err := s.GC(t.Context(), artifacts.GCOptions{KeepRuns: 1, Delete: true})
	must(t, err)
	if files("temp") != 1 || files("runs") != 3 || files("locks/sessions") != 0 || files("locks/keys") != 0 {
		t.Errorf("at once: %+v", r)
	}
	after.Advance(25 * time.Hour)
	r, err = s.GC(t.Context(), artifacts.GCOptions{KeepRuns: 1, Delete: true})
	must(t, err)
	if files("temp") != 0 || files("runs") != 2 || r.Temporary != 2 {
		t.Errorf("after a day: %+v, runs/ holds %d", r, files("runs"))
	}
}

// TestGCRefusesBlindness takes nothing if it cannot read what a run refers to.
func TestGCRefusesBlindness(t *testing.T) {
	s, jobs, _ := storeJobs(t, 1)
	must(t, s.SaveRun(record("a", "quick", 1, artifacts.Entry{Key: jobs[0].m.Key, Status: "computed"})))
	fs := &unreadable{FS: artifacts.FSOf(s), suffix: ".run"}
	blind, err := artifacts.Open(storeDir, artifacts.Options{FS: fs})
	must(t, err)
	if r, err := blind.GC(t.Context(), artifacts.GCOptions{KeepRuns: 1, Delete: true}); !errors.Is(err, errUnreadable) || len(r.Entries) != 0 {
		t.Errorf("got %+v, %v", r, err)
	}
	must(t, jobs[0].checkWhole(s))
}

var errUnreadable = errors.New("bad sector")

type unreadable struct {
	artifacts.FS
	suffix string
}

func (u *unreadable) ReadFile(name string) ([]byte, time.Time, error) {
	if strings.HasSuffix(name, u.suffix) {
		return nil, time.Time{}, errUnreadable
	}
	return u.FS.ReadFile(name)
}
