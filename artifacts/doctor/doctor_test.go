package doctor_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/doctor"
	"spurion/artifacts/fakedisk"
)

const storeDir = "/home/somebody/project/.spurion"

// meet lets two hosts of one disk try it, and gives what they found, which must be the same.
func meet(t *testing.T, lock artifacts.LockKind, disks ...artifacts.FS) map[string]doctor.Finding {
	t.Helper()
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disks[0]})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	var found [2][]doctor.Finding
	var errs [2]error
	var both sync.WaitGroup
	v := &virtual{awake: len(disks)}
	for n, disk := range disks {
		disk = onVirtual{disk, v}
		both.Go(func() {
			defer v.leave()
			o := doctor.Options{Dir: storeDir, Lock: lock, Disk: func(artifacts.LockKind) artifacts.FS { return disk }}
			found[n], errs[n] = doctor.Meet(t.Context(), o, "test")
		})
	}
	both.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(found[0], found[1]) {
		t.Errorf("one found %v, the other %v", found[0], found[1])
	}
	if left, err := disks[0].ReadDir(storeDir + "/temp"); err != nil || len(left) > 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
	return byCheck(found[0])
}

// A virtual time goes on when all who live in it are asleep: then who wants to be woken first is.
type virtual struct {
	mu     sync.Mutex
	awake  int
	now    time.Duration
	asleep []sleeper
}

type sleeper struct {
	until time.Duration
	wake  chan time.Duration // how far the time has gone on
}

type onVirtual struct {
	artifacts.FS
	v *virtual
}

func (d onVirtual) Sleep(ctx context.Context, by time.Duration) error {
	d.v.mu.Lock()
	s := sleeper{d.v.now + by, make(chan time.Duration, 1)}
	d.v.asleep = append(d.v.asleep, s)
	d.v.awake--
	d.v.next()
	d.v.mu.Unlock()
	return d.FS.Sleep(ctx, <-s.wake)
}

func (v *virtual) leave() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.awake--
	v.next()
}

// next wakes one if none is awake. The caller has mu.
func (v *virtual) next() {
	if v.awake > 0 || len(v.asleep) == 0 {
		return
	}
	first := 0
	for n := range v.asleep {
		if v.asleep[n].until < v.asleep[first].until {
			first = n
		}
	}
	s := v.asleep[first]
	v.asleep = slices.Delete(v.asleep, first, first+1)
	v.awake++
	s.wake <- s.until - v.now
	v.now = s.until
}

func byCheck(found []doctor.Finding) map[string]doctor.Finding {
	m := map[string]doctor.Finding{}
	for _, f := range found {
		m[f.Check] = f
	}
	return m
}

// expect wants these checks not to be fine, and all others to be; what is bad says what to do.
func expect(t *testing.T, found map[string]doctor.Finding, want map[string]doctor.Status) {
	t.Helper()
	for check, f := range found {
		status := want[check]
		if status == "" {
			status = doctor.OK
		}
		if f.Status != status || f.Found == "" || f.Status == doctor.Bad && f.Remedy == "" {
			t.Errorf("want %s: %+v", status, f)
		}
	}
	for check := range want {
		if _, ok := found[check]; !ok {
			t.Errorf("nothing was found about %s", check)
		}
	}
}

// sameMachine: tests have one machine, so that what they try is never two hosts.
var sameMachine = map[string]doctor.Status{"two hosts": doctor.Warn}

func and(more map[string]doctor.Status) map[string]doctor.Status {
	for check, status := range sameMachine {
		more[check] = status
	}
	return more
}

// TestMeetOnOneKernel finds nothing wrong with two processes that share a kernel.
func TestMeetOnOneKernel(t *testing.T) {
	disk := fakedisk.New()
	expect(t, meet(t, artifacts.Flock, disk, disk), nil)
}

// TestMeetOnTwoHosts finds locks that do not reach, which matters only if the store uses them, and lives with answers
// that are lost and names that are seen late.
func TestMeetOnTwoHosts(t *testing.T) {
	disk := fakedisk.New()
	a, b := disk.Host(), disk.Host()
	b.Absent, b.Delay = 20*time.Second, 100*time.Millisecond
	n := 0
	a.Lose = func(op, _ string) bool { n++; return op == "rename" && n%3 == 0 }
	found := meet(t, artifacts.Flock, a, b)
	expect(t, found, and(map[string]doctor.Status{"flock": doctor.Bad}))
	if remedy := found["flock"].Remedy; !strings.Contains(remedy, `lock = "none"`) || !strings.Contains(remedy, filepath.Join(storeDir, "settings")) {
		t.Errorf("to set: %q", remedy)
	}
	disk = fakedisk.New()
	expect(t, meet(t, artifacts.None, disk.Host(), disk.Host()), and(map[string]doctor.Status{}))
}

// TestMeetWithClocks finds hosts that stamp files by clocks that differ, and no others.
func TestMeetWithClocks(t *testing.T) {
	for skew, want := range map[time.Duration]doctor.Status{0: doctor.OK, 20 * time.Second: doctor.Warn, -time.Hour: doctor.Bad} {
		for _, stamps := range []bool{false, true} {
			disk := fakedisk.New()
			a, b := disk.Host(), disk.Host()
			b.Skew, b.Stamps = skew, stamps
			status := want
			if !stamps {
				status = doctor.OK
			}
			expect(t, meet(t, artifacts.None, a, b), and(map[string]doctor.Status{"file times": status}))
		}
	}
}

// A torn disk shows a file that is replaced half now and then, and lets anybody have any name.
type torn struct{ *fakedisk.Host }

func (d torn) ReadFile(name string) ([]byte, time.Time, error) {
	data, changed, err := d.Host.ReadFile(name)
	if strings.HasSuffix(name, "swapped") && d.Ops()%3 == 0 {
		data = data[:len(data)/2]
	}
	return data, changed, err
}

func (d torn) Create(name string) (artifacts.File, error) {
	f, err := d.Host.Create(name)
	if errors.Is(err, fs.ErrExist) {
		return d.Host.Append(name)
	}
	return f, err
}

// TestMeetOnTornDisk finds names that are given twice, and a file that is half written while it is replaced.
func TestMeetOnTornDisk(t *testing.T) {
	disk := fakedisk.New()
	found := meet(t, artifacts.None, torn{disk.Host()}, torn{disk.Host()})
	expect(t, found, and(map[string]doctor.Status{"created once": doctor.Bad, "replaced": doctor.Bad}))
}

// A lockless disk answers as Lustre does that is mounted without locks.
type lockless struct{ artifacts.FS }

func (lockless) TryLock(name string, _ bool) (artifacts.Lock, error) {
	return nil, &fs.PathError{Op: "lock", Path: name, Err: syscall.ENOSYS}
}

// TestMeetWithoutLocks tells what to set where the kernel gives no locks.
func TestMeetWithoutLocks(t *testing.T) {
	disk := lockless{fakedisk.New()}
	expect(t, meet(t, artifacts.Flock, disk, disk), map[string]doctor.Status{"flock": doctor.Bad})
	expect(t, meet(t, artifacts.None, disk, disk), nil)
}

// TestMeetAlone does not wait for ever, and leaves nothing.
func TestMeetAlone(t *testing.T) {
	disk := fakedisk.New()
	if _, err := artifacts.Open(storeDir, artifacts.Options{FS: disk}); err != nil {
		t.Fatal(err)
	}
	o := doctor.Options{Dir: storeDir, Disk: func(artifacts.LockKind) artifacts.FS { return disk }}
	if _, err := doctor.Meet(t.Context(), o, "test"); !errors.Is(err, doctor.ErrAlone) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := doctor.Meet(ctx, o, "test"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, err := disk.ReadDir(storeDir + "/temp"); err != nil || len(left) > 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
}

// TestExamineRealDisk finds nothing bad with the disk of the tests, of which the system is asked as well.
func TestExamineRealDisk(t *testing.T) {
	dir := t.TempDir()
	if _, err := artifacts.Open(dir, artifacts.Options{}); err != nil {
		t.Fatal(err)
	}
	found := doctor.Examine(t.Context(), doctor.Options{Dir: dir, Lock: artifacts.Flock})
	for _, f := range found {
		if f.Status == doctor.Bad || f.Found == "" {
			t.Errorf("%+v", f)
		}
	}
	for _, check := range []string{"disk", "room", "writing", "names", "links", "renames", "clock", "syncing", "scratch", "store"} {
		if _, ok := byCheck(found)[check]; !ok {
			t.Errorf("nothing was found about %s", check)
		}
	}
	if left, err := os.ReadDir(filepath.Join(dir, "temp")); err != nil || len(left) > 0 {
		t.Errorf("left: %v (%v)", left, err)
	}
}

// TestExamineFaults finds a full disk, one that cannot be written, a clock that is wrong, and damage.
func TestExamineFaults(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(disk *fakedisk.Disk, host *fakedisk.Host)
		want  map[string]doctor.Status
	}{
		"full":      {func(d *fakedisk.Disk, _ *fakedisk.Host) { d.SetFull(syscall.EDQUOT) }, map[string]doctor.Status{"writing": doctor.Bad}},
		"read-only": {func(d *fakedisk.Disk, _ *fakedisk.Host) { d.SetReadOnly(true) }, map[string]doctor.Status{"writing": doctor.Bad}},
		"clock":     {func(_ *fakedisk.Disk, h *fakedisk.Host) { h.Skew = -time.Hour }, map[string]doctor.Status{"clock": doctor.Warn}},
		"damage": {func(d *fakedisk.Disk, _ *fakedisk.Host) {
			if err := d.Mkdir(storeDir + "/damaged/x"); err != nil {
				panic(err)
			}
		}, map[string]doctor.Status{"store": doctor.Warn}},
		"fine": {func(*fakedisk.Disk, *fakedisk.Host) {}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			disk := fakedisk.New()
			host := disk.Host()
			if _, err := artifacts.Open(storeDir, artifacts.Options{FS: disk}); err != nil {
				t.Fatal(err)
			}
			c.spoil(disk, host)
			o := doctor.Options{Dir: storeDir, Lock: artifacts.Flock, Disk: func(artifacts.LockKind) artifacts.FS { return host }}
			expect(t, byCheck(doctor.Examine(t.Context(), o)), c.want)
		})
	}
}
