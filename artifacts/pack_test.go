package artifacts_test

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// packOf stores jobs in one pack, and gives them and the pack's path.
func packOf(t *testing.T, s *artifacts.Store, first, n int) (jobs []*job, path string) {
	t.Helper()
	before := packs(t, s)
	for i := range n {
		jobs = append(jobs, newJob(first+i))
	}
	must(t, errors.Join(saveGroup(s, jobs)...))
	for _, name := range packs(t, s) {
		if !slices.Contains(before, name) {
			path = filepath.Join(s.Dir(), "packs", name)
		}
	}
	if path == "" {
		t.Fatalf("%d results saved at once are in no pack", n)
	}
	return jobs, path
}

func packs(t *testing.T, s *artifacts.Store) (names []string) {
	t.Helper()
	files, err := artifacts.FSOf(s).ReadDir(filepath.Join(s.Dir(), "packs"))
	if !errors.Is(err, fs.ErrNotExist) {
		must(t, err)
	}
	for _, f := range files {
		names = append(names, f.Name())
	}
	return names
}

// Those who save while a result is on its way to the disk are stored together: five syncs for a hundred.
func TestSaveSharesSyncs(t *testing.T) {
	disk := &slowFirst{FS: fakedisk.New(), begun: make(chan struct{}), door: make(chan struct{})}
	s := openOn(t, disk)
	_, err := s.Put([]byte("begins the session"))
	must(t, err)
	disk.armed = true
	var saved sync.WaitGroup
	save := func(n int) {
		saved.Go(func() {
			j := newJob(n)
			for i := range j.m.Outputs {
				j.m.Outputs[i].Digest, j.m.Outputs[i].Size = artifacts.Digest{}, 0
			}
			if err := s.Save(&j.m, j.data); err != nil {
				t.Error(err)
			}
			if want := newJob(n).m; fmt.Sprint(j.m) != fmt.Sprint(want) {
				t.Errorf("Save makes the manifest\n%+v, want\n%+v", j.m, want)
			}
		})
	}
	save(0)
	<-disk.begun // it is being synced
	for n := 1; n <= 100; n++ {
		save(n)
	}
	for artifacts.Waiting(s) < 100 {
		time.Sleep(time.Millisecond)
	}
	disk.count()
	close(disk.door)
	saved.Wait()
	if n := disk.count(); n > 12 { // of the first one, too
		t.Errorf("%d syncs", n)
	}
	if got := packs(t, s); len(got) != 1 {
		t.Errorf("there are the packs %v", got)
	}
	for n := range 101 {
		must(t, newJob(n).checkWhole(s))
	}
}

// slowFirst is a disk whose next sync, once it is armed, waits for a door to open.
type slowFirst struct {
	artifacts.FS
	armed       bool
	begun, door chan struct{}
	once        sync.Once
	mu          sync.Mutex
	syncs       int
}

func (d *slowFirst) sync() {
	d.mu.Lock()
	d.syncs++
	d.mu.Unlock()
	if d.armed {
		d.once.Do(func() { close(d.begun); <-d.door })
	}
}

func (d *slowFirst) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.syncs
	d.syncs = 0
	return n
}

func (d *slowFirst) SyncDir(name string) error { d.sync(); return d.FS.SyncDir(name) }

func (d *slowFirst) Create(name string) (artifacts.File, error) {
	f, err := d.FS.Create(name)
	return syncedFile{f, d}, err
}

type syncedFile struct {
	artifacts.File
	d *slowFirst
}

func (f syncedFile) Sync() error { f.d.sync(); return f.File.Sync() }

// A result that is too large for a pack, and one that comes alone, has files of its own.
func TestSaveAlone(t *testing.T) {
	s, _ := openFake(t)
	large := newJob(1)
	large.data[0] = bytes.Repeat([]byte("x"), artifacts.Packable+1)
	for _, j := range []*job{large, newJob(2)} {
		must(t, s.Save(&j.m, j.data))
		must(t, j.checkWhole(s))
	}
	if got := packs(t, s); len(got) != 0 {
		t.Errorf("there are the packs %v", got)
	}
	if err := s.Save(&large.m, nil); err == nil {
		t.Error("outputs without bytes are saved")
	}
}

// In a group too, the first of two results of one key is kept, wherever it is.
func TestConflictsInGroups(t *testing.T) {
	other := func(n int) *job { // of the same key
		j := newJob(n)
		j.data[0] = append(j.data[0], '!')
		j.m.Outputs[0].Digest, j.m.Outputs[0].Size = artifacts.Sum(j.data[0]), int64(len(j.data[0]))
		return j
	}
	s, _ := openFake(t)
	must(t, newJob(1).store(s))
	packOf(t, s, 10, 4)
	jobs := []*job{other(1), newJob(1), other(10), newJob(11), newJob(20), other(20), newJob(20), newJob(21), newJob(22), newJob(23)}
	got := ""
	for _, err := range saveGroup(s, jobs) {
		switch {
		case err == nil:
			got += "."
		case errors.Is(err, artifacts.ErrConflict):
			got += "!"
		default:
			t.Error(err)
		}
	}
	if got != "!.!..!...." {
		t.Errorf("conflicts are %s", got)
	}
	for _, n := range []int{1, 10, 11, 20, 21, 22, 23} {
		must(t, newJob(n).checkWhole(s))
	}
	if err := other(21).store(s); !errors.Is(err, artifacts.ErrConflict) {
		t.Errorf("Publish of another result than that in a pack: %v", err)
	}
	must(t, newJob(21).store(s))
}

// A manifest may name blobs of results that were saved: it does not depend on their pack.
func TestPublishOfSavedBlobs(t *testing.T) {
	s, disk := openFake(t)
	jobs, path := packOf(t, s, 0, 4)
	again := newJob(50)
	again.m.Outputs, again.data = jobs[2].m.Outputs, jobs[2].data
	must(t, s.Publish(&again.m))
	must(t, disk.Remove(path))
	after := openOn(t, disk.Reboot(fakedisk.LoseAll))
	must(t, again.checkWhole(after))
}

// The file that holds a blob is its own, or a pack.
func TestWhere(t *testing.T) {
	s, disk := openFake(t)
	own, err := s.Put([]byte("alone"))
	must(t, err)
	if path, packed := s.Where(own); packed || !strings.HasSuffix(path, own.String()) {
		t.Errorf("%s, a pack: %t", path, packed)
	}
	jobs, path := packOf(t, s, 0, 4)
	for _, reader := range []*artifacts.Store{s, openOn(t, disk)} {
		if got, packed := reader.Where(jobs[1].m.Outputs[0].Digest); got != path || !packed {
			t.Errorf("%s, a pack: %t; want %s", got, packed, path)
		}
	}
}

// What is wrong with a pack is found when it is read, whatever it is; all that is whole in it stays.
func TestDamagedPack(t *testing.T) {
	for what, damage := range map[string]func(disk *fakedisk.Disk, path string, data []byte){
		"manifest": func(disk *fakedisk.Disk, path string, data []byte) {
			disk.Flip(path, bytes.Index(data, []byte("address train.erm[seed=1]"))+20, 1)
		},
		"blob": func(disk *fakedisk.Disk, path string, data []byte) {
			disk.Flip(path, bytes.Index(data, []byte("weights of seed 1,"))+20, 1)
		},
		"head":  func(disk *fakedisk.Disk, path string, data []byte) { disk.Flip(path, 100, 1) },
		"size":  func(disk *fakedisk.Disk, path string, data []byte) { disk.Truncate(path, len(data)-1) },
		"empty": func(disk *fakedisk.Disk, path string, data []byte) { disk.Truncate(path, 0) },
	} {
		for _, how := range []string{"same", "other", "reader", "verify"} {
			t.Run(what+"/"+how, func(t *testing.T) {
				s, disk := openFake(t)
				jobs, path := packOf(t, s, 0, 5)
				data, _, err := disk.ReadFile(path)
				must(t, err)
				damage(disk, path, data)
				looks := s
				if how != "same" {
					looks, err = artifacts.Open(storeDir, artifacts.Options{FS: disk, ReadOnly: how == "reader"})
					must(t, err)
				}
				if how == "verify" {
					r, err := looks.Verify(t.Context(), nil)
					if err != nil || len(r.Damaged) != 1 || len(r.Incomplete) != 0 {
						t.Fatalf("Verify: %+v, %v", r, err)
					}
					if what == "blob" && (r.Damaged[0].Key != jobs[1].m.Key || r.Damaged[0].Address != jobs[1].m.Address) {
						t.Errorf("Verify: %+v", r.Damaged)
					}
				}
				lost := 0
				for n, j := range jobs {
					err := j.checkWhole(looks)
					if err == nil {
						continue
					}
					lost++
					if !errors.Is(err, artifacts.ErrMiss) && !errors.Is(err, artifacts.ErrDamaged) {
						t.Fatalf("job %d: %v", n, err)
					}
				}
				most := map[string]int{"manifest": 1, "blob": 1}[what]
				if most == 0 {
					most = 5
				}
				if lost > most || lost == 0 && !(how == "same" && what == "head") {
					t.Errorf("%d are lost", lost)
				}
				if how == "reader" {
					if _, _, err := disk.ReadFile(path); err != nil {
						t.Errorf("a reader removed the pack: %v", err)
					}
					return
				}
				for _, j := range jobs { // computed again
					if _, err := looks.Get(j.m.Key); err != nil {
						must(t, looks.Save(&j.m, j.data))
					}
				}
				for _, j := range jobs {
					must(t, j.checkWhole(looks))
				}
				if how == "same" && what == "head" { // it had read it before
					return
				}
				if r, err := looks.Verify(t.Context(), nil); err != nil || !r.Sound() || r.Entries != 5 {
					t.Errorf("afterwards Verify finds %+v, %v", r, err)
				}
				if aside, err := disk.ReadDir(storeDir + "/damaged"); err != nil || len(aside) != 1 {
					t.Errorf("%d files were set aside (%v)", len(aside), err)
				}
			})
		}
	}
}

// A pack that may not be read is passed over: what is in it is computed again.
func TestUnreadablePack(t *testing.T) {
	s, disk := openFake(t)
	jobs, path := packOf(t, s, 0, 4)
	_, other := packOf(t, s, 10, 4)
	var told []error
	again, err := artifacts.Open(storeDir, artifacts.Options{FS: &sealedPart{disk, path}, Warn: func(err error) { told = append(told, err) }})
	must(t, err)
	wantMiss(t, again, jobs[0].m.Key, artifacts.Absent)
	must(t, newJob(10).checkWhole(again))
	if len(told) != 1 || !strings.Contains(told[0].Error(), path) || !errors.Is(told[0], artifacts.ErrUnreadable) {
		t.Errorf("told %v", told)
	}
	must(t, jobs[0].store(again))
	must(t, jobs[0].checkWhole(again))
	_ = other
}

type sealedPart struct {
	artifacts.FS
	path string
}

func (d *sealedPart) ReadPart(name string, at, n int64) ([]byte, error) {
	if name == d.path {
		return nil, syscall.EACCES
	}
	return d.FS.ReadPart(name, at, n)
}

// Evict takes an entry out of a pack, and the others stay, for all who have the store open.
func TestEvictFromPack(t *testing.T) {
	s, disk := openFake(t)
	jobs, path := packOf(t, s, 0, 5)
	other := openOn(t, disk)
	for _, j := range jobs {
		must(t, j.checkWhole(other))
	}
	r, err := s.Evict(jobs[1].m.Key, jobs[3].m.Key, newJob(9).m.Key)
	must(t, err)
	if r.Entries != 2 || r.Blobs != 2 || len(r.Missing) != 1 || r.Kept != 0 || r.Bytes < int64(len(jobs[1].data[0])) {
		t.Errorf("Evict: %+v", r)
	}
	if _, _, err := disk.ReadFile(path); err == nil {
		t.Error("the old pack is still there")
	}
	for _, reader := range []*artifacts.Store{s, other, openOn(t, disk)} {
		for n, j := range jobs {
			if n == 1 || n == 3 {
				wantMiss(t, reader, j.m.Key, artifacts.Absent)
				if _, err := reader.Blob(j.m.Outputs[0].Digest); !errors.Is(err, artifacts.ErrMissing) {
					t.Errorf("its blob: %v", err)
				}
				continue
			}
			must(t, j.checkWhole(reader))
		}
	}
	_, err = s.Evict(jobs[0].m.Key, jobs[2].m.Key, jobs[4].m.Key)
	must(t, err)
	if got := packs(t, s); len(got) != 0 {
		t.Errorf("an empty pack is left: %v", got)
	}
}

// GC takes from a pack what no kept run refers to, once none of its entries has been used for long; an entry that
// readers do not see goes first.
func TestGCOfPacks(t *testing.T) {
	s, disk := openFake(t)
	jobs, path := packOf(t, s, 0, 4)
	run := record("20240306T120000Z-00c0de", "quick", 1, artifacts.Entry{Key: jobs[2].m.Key, Status: "computed"})
	must(t, s.SaveRun(run))
	data, _, err := disk.ReadFile(path)
	must(t, err)
	must(t, s.Close())
	twin := filepath.Join(filepath.Dir(path), "ffffffffffffffff-0123456789abcdef.pack") // as a crash may leave it
	f, err := disk.Create(twin)
	must(t, err)
	_, err = f.Write(data)
	must(t, errors.Join(err, f.Close()))
	gc := func(o artifacts.GCOptions) artifacts.GCReport {
		t.Helper()
		r, err := s.GC(t.Context(), o)
		must(t, err)
		return r
	}
	if r := gc(artifacts.GCOptions{KeepRuns: 1, MinAge: time.Hour, Delete: true}); len(r.Entries) != 0 {
		t.Errorf("takes what was just used: %+v", r)
	}
	disk.Advance(2 * time.Hour)
	told := gc(artifacts.GCOptions{KeepRuns: 1, MinAge: time.Hour})
	did := gc(artifacts.GCOptions{KeepRuns: 1, MinAge: time.Hour, Delete: true})
	if told.Deleted = true; fmt.Sprint(told) != fmt.Sprint(did) {
		t.Errorf("it said\n%+v and did\n%+v", told, did)
	}
	if len(did.Entries) != 4+3 || did.KeptEntries != 1 || did.Blobs != 5+3 {
		t.Errorf("GC: %+v", did)
	}
	if got := present(t, s, jobs); got != "2" {
		t.Errorf("left is %s", got)
	}
	if u, err := s.Usage(t.Context()); err != nil || u.Entries != 1 || u.Blobs != 2 || u.Packs != 1 || u.Bytes != did.KeptBytes {
		t.Errorf("usage is %+v, %v; GC said %d bytes", u, err, did.KeptBytes)
	}
}

// A pack that is used just before it is taken apart stays.
func TestPackUsedMeanwhile(t *testing.T) {
	s, other, disk, m := openMeddled(t)
	jobs, path := packOf(t, s, 0, 4)
	must(t, s.Close())
	must(t, other.Close())
	disk.Advance(2 * time.Hour)
	m.before = func(op, name string) bool {
		if op != "rename" || name != path {
			return false
		}
		must(t, disk.Touch(path, time.Time{}))
		return true
	}
	run := record("20240306T120000Z-00c0de", "quick", 1, artifacts.Entry{Key: jobs[2].m.Key, Status: "computed"})
	must(t, s.SaveRun(run))
	r, err := s.GC(t.Context(), artifacts.GCOptions{KeepRuns: 1, Delete: true})
	must(t, err)
	if len(r.Entries) != 0 || r.Blobs != 0 || r.Bytes != 0 || r.KeptEntries != 4 {
		t.Errorf("GC: %+v", r)
	}
	if got := present(t, s, jobs); got != "0 1 2 3" {
		t.Errorf("left is %s", got)
	}
	if got := packs(t, s); len(got) != 1 {
		t.Errorf("there are the packs %v", got)
	}
}

// What one process stores in packs another finds at once, also after the packs were merged; so does a host whose
// clock is wrong.
func TestPacksOfOthers(t *testing.T) {
	for _, skew := range []time.Duration{0, -time.Hour, time.Hour} {
		a, b, _ := openHosts(t, func(_, b *fakedisk.Host) { b.Skew = skew })
		wantMiss(t, b, newJob(0).m.Key, artifacts.Absent)
		for n := 0; n < 200; n += 4 {
			jobs, _ := packOf(t, a, n, 4)
			for _, j := range jobs {
				must(t, j.checkWhole(b))
			}
		}
		must(t, a.Close())
		if got := packs(t, b); len(got) > 2 {
			t.Errorf("%d packs are left", len(got))
		}
		for n := range 200 {
			must(t, newJob(n).checkWhole(b))
			must(t, newJob(n).checkWhole(a))
		}
	}
}

// Two hosts that do not see each other store other results of one key: everybody reads the same one.
func TestPacksOfTwoHosts(t *testing.T) {
	a, b, disk := openHosts(t, func(a, b *fakedisk.Host) { a.Delay, b.Delay = time.Hour, time.Hour })
	packOf(t, a, 0, 4)
	var jobs []*job
	for n := range 4 {
		j := newJob(n)
		j.data[0] = append(j.data[0], '!')
		j.m.Outputs[0].Digest, j.m.Outputs[0].Size = artifacts.Sum(j.data[0]), int64(len(j.data[0]))
		jobs = append(jobs, j)
	}
	must(t, errors.Join(saveGroup(b, jobs)...))
	disk.Advance(2 * time.Hour)
	for _, s := range []*artifacts.Store{a, openOn(t, disk), openOn(t, disk.Host())} {
		must(t, newJob(1).checkWhole(s))
	}
}

// A store of an earlier release has no folder for packs.
func TestStoreWithoutPacks(t *testing.T) {
	s, disk := openFake(t)
	must(t, newJob(1).store(s))
	must(t, s.Close())
	must(t, disk.RemoveAll(storeDir+"/packs"))
	s = openOn(t, disk)
	must(t, newJob(1).checkWhole(s))
	jobs, _ := packOf(t, s, 10, 4)
	after := openOn(t, disk.Reboot(fakedisk.LoseAll))
	for _, j := range append(jobs, newJob(1)) {
		must(t, j.checkWhole(after))
	}
}

// TestPacksOfKilledProcess kills -9 a process that stores packs and merges them, again and again: what it said to be
// stored is there.
func TestPacksOfKilledProcess(t *testing.T) {
	s := openDisk(t)
	for turn := range 6 {
		c, out := startChild(t, "pack", s.Dir())
		last := -1
		for wait := (turn + 1) * 12; wait > 0 && out.Scan(); wait-- {
			last, _ = strconv.Atoi(out.Text())
		}
		must(t, c.Process.Kill())
		for out.Scan() {
			last, _ = strconv.Atoi(out.Text())
		}
		_ = c.Wait()
		for n := range last + 1 {
			if err := newJob(n).checkWhole(s); err != nil {
				t.Fatalf("turn %d, %d of %d: %v", turn, n, last, err)
			}
		}
		if r, err := s.Verify(t.Context(), nil); err != nil || !r.Sound() {
			t.Fatalf("turn %d: %+v, %v", turn, r, err)
		}
	}
}

// FuzzPack: what is read without a loss is what it is written as, and nothing makes reading fail.
func FuzzPack(f *testing.F) {
	var ms []*artifacts.Manifest
	var data [][][]byte
	for n := range 3 {
		j := newJob(n)
		ms, data = append(ms, &j.m), append(data, j.data)
	}
	whole := artifacts.EncodePack(ms, data)
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(artifacts.EncodePack(nil, nil))
	f.Add(bytes.Replace(whole, []byte("entries 3"), []byte("entries 9223372036854775807"), 1))
	f.Add(bytes.Replace(whole, []byte("head "), []byte("head 9223372036854775807"), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		again, losses, err := artifacts.ReadPack(data)
		if err == nil && losses == 0 && !bytes.Equal(again, data) {
			t.Errorf("%q re-encodes to %q", data, again)
		}
	})
}

// The form of a pack is a promise to later releases.
func TestPackForm(t *testing.T) {
	j := newJob(1)
	got := artifacts.EncodePack([]*artifacts.Manifest{&j.m}, [][][]byte{j.data})
	head := `spurion pack 1
head 314
entries 1
entry b3295a82a761ebbc31822434be00667b28f79130769d2083fb6fb88aabff4ddb 537
blobs 2
blob 5277254bd555cc704c331cce0653f01b7f9dfb0b6f82ea0ee7fbb91faa136af8 380
blob eeae2c054ff4c76adc02152561c347687224ec792f8bdadeef9f54f936371fdc 27
checksum `
	text, ok := strings.CutPrefix(string(got), head)
	if !ok || text[64:64+len("\nspurion manifest 1\n")] != "\nspurion manifest 1\n" ||
		!strings.HasSuffix(text, string(j.data[0])+string(j.data[1])) {
		t.Errorf("a pack is now\n%s", got)
	}
}
