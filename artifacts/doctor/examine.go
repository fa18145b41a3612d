package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"spurion/artifacts"
)

// An examiner tries a disk in a folder of its own.
type examiner struct {
	o    Options
	disk artifacts.FS
	dir  string
	n    int
}

// name gives a name that nothing has.
func (e *examiner) name(what string) string {
	e.n++
	return filepath.Join(e.dir, fmt.Sprintf("%s-%d", what, e.n))
}

// writing writes, reads and removes a file, and makes another twice.
func (e *examiner) writing() Finding {
	const check = "writing"
	failed := func(err error) Finding {
		return Finding{check, Bad, "a file in the store cannot be written, read and removed: " + err.Error(),
			"let this user write all folders of " + e.o.Dir + ", and see that the disk works"}
	}
	path := e.name("file")
	if err := write(e.disk, path, "text"); err != nil {
		return failed(err)
	}
	if data, _, err := e.disk.ReadFile(path); err != nil || string(data) != "text" {
		return failed(errors.Join(err, fmt.Errorf("what was read is %q", data)))
	}
	if f, err := e.disk.Create(path); !errors.Is(err, fs.ErrExist) {
		if err == nil {
			_ = f.Close()
		}
		return Finding{check, Bad, "a file that is to be made anew (O_EXCL) replaces one that is there", "choose another disk for the store"}
	}
	if err := e.disk.Remove(path); err != nil {
		return failed(err)
	}
	for _, folder := range []string{"manifests", "blobs", "packs", "runs", "entries", "locks/keys", "locks/sessions", "logs"} {
		err := write(e.disk, filepath.Join(e.o.Dir, folder, filepath.Base(e.dir)), "")
		if errors.Is(err, fs.ErrNotExist) { // made when it is needed
			continue
		}
		if err == nil {
			err = e.disk.Remove(filepath.Join(e.o.Dir, folder, filepath.Base(e.dir)))
		}
		if err != nil {
			return failed(err)
		}
	}
	return Finding{check, OK, "files can be written, read and removed in all folders of the store", ""}
}

// names looks whether case counts.
func (e *examiner) names() Finding {
	path := e.name("case")
	if err := write(e.disk, path, ""); err != nil {
		return Finding{"names", Bad, err.Error(), ""}
	}
	upper := filepath.Join(e.dir, "CASE"+filepath.Base(path)[len("case"):])
	if _, err := e.disk.Stat(upper); err == nil {
		return Finding{"names", Warn, "capitals do not count in names of files: outputs of stages whose names differ in them alone would overwrite each other",
			"give stages and outputs names that differ in more"}
	}
	return Finding{"names", OK, "capitals count in names of files", ""}
}

// links gives a file a second name, twice.
func (e *examiner) links() Finding {
	path, second := e.name("first"), e.name("second")
	err := write(e.disk, path, "")
	if err == nil {
		err = e.disk.Link(path, second)
	}
	if err != nil {
		return Finding{"links", Warn, fmt.Sprintf("a file cannot have two names (%v): keys are locked by files of their own, and of two hosts the last one to store a result replaces the first", err), ""}
	}
	if same, err := e.disk.SameFile(path, second); err != nil || !same {
		return Finding{"links", Bad, "two names of a file are not known to be one file's", "choose another disk for the store"}
	}
	if err := e.disk.Link(path, second); !errors.Is(err, fs.ErrExist) {
		return Finding{"links", Bad, "a name that is taken can be given again", "choose another disk for the store"}
	}
	return Finding{"links", OK, "a name is given once", ""}
}

// swaps is how often a file is replaced while another reads it.
const swaps = 200

// renames replaces a file while it is read.
func (e *examiner) renames() Finding {
	path := e.name("swapped")
	if err := write(e.disk, path, whole(0)); err != nil {
		return Finding{"renames", Bad, err.Error(), ""}
	}
	stop, seen := make(chan struct{}), make(chan reading)
	go func() {
		var r reading
		for {
			select {
			case <-stop:
				seen <- r
				return
			default:
				r.read(e.disk, path)
			}
		}
	}()
	err := swap(e.disk, path)
	close(stop)
	return (<-seen).finding("renames", err)
}

// swap replaces a file again and again.
func swap(disk artifacts.FS, path string) error {
	for n := range swaps {
		if err := replace(disk, path, whole(n+1)); err != nil {
			return err
		}
	}
	return nil
}

// whole is the content of a file that is replaced.
func whole(n int) string { return fmt.Sprintf("%04d whole %04d\n", n, n) }

// A reading counts what was seen of a file that is replaced.
type reading struct{ Times, Missing, Torn, Stale int }

func (r *reading) read(disk artifacts.FS, path string) {
	data, _, err := disk.ReadFile(path)
	r.Times++
	var n, m int
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.Missing++
	case err != nil:
		r.Stale++ // the store reads again
	default:
		if _, err := fmt.Sscanf(string(data), "%d whole %d\n", &n, &m); err != nil || n != m || string(data) != whole(n) {
			r.Torn++
		}
	}
}

func (r reading) finding(check string, err error) Finding {
	switch {
	case err != nil:
		return Finding{check, Bad, "a file cannot be replaced: " + err.Error(), "choose another disk for the store"}
	case r.Torn > 0 || r.Missing > 0:
		return Finding{check, Bad, fmt.Sprintf("of %d times that a file was read while it was replaced it was missing %d times, and half written %d times", r.Times, r.Missing, r.Torn),
			"choose another disk for the store; sshfs needs the option rename_workaround off, and no cache"}
	}
	return Finding{check, OK, fmt.Sprintf("a file that was replaced %d times was whole each of the %d times that it was read", swaps, r.Times), ""}
}

// times compares the disk's clock with this host's.
func (e *examiner) times() Finding {
	const check = "clock"
	path := e.name("now")
	before := e.disk.Now()
	if err := write(e.disk, path, "x"); err != nil {
		return Finding{check, Bad, err.Error(), ""}
	}
	info, err := e.disk.Stat(path)
	after := e.disk.Now()
	if err != nil {
		return Finding{check, Bad, err.Error(), ""}
	}
	stamp := info.ModTime()
	off := time.Duration(0)
	switch grain := time.Second; { // some disks keep whole seconds
	case stamp.Before(before.Add(-grain)):
		off = stamp.Sub(before)
	case stamp.After(after.Add(grain)):
		off = stamp.Sub(after)
	}
	if off.Abs() > time.Minute {
		return Finding{check, Warn, fmt.Sprintf("the disk's clock is %s this host's: Spurion goes by the disk's alone, but make, rsync and people may not", direction(off)),
			"set the clocks of hosts and file servers by NTP"}
	}
	return Finding{check, OK, "the disk's clock is this host's, to a second or what was seen of it: " + off.Round(time.Second).String(), ""}
}

func direction(off time.Duration) string {
	if off < 0 {
		return (-off).Round(time.Second).String() + " behind"
	}
	return off.Round(time.Second).String() + " ahead of"
}

// syncs measures what it takes to make a small file durable.
func (e *examiner) syncs() Finding {
	const check = "syncing"
	var took []time.Duration
	for range 15 {
		before := time.Now()
		err := write(e.disk, e.name("synced"), "text")
		if err == nil {
			err = e.disk.SyncDir(e.dir)
		}
		if err != nil {
			return Finding{check, Bad, "what is written cannot be made durable: " + err.Error(), "choose another disk for the store"}
		}
		took = append(took, time.Since(before))
	}
	slices.Sort(took)
	median := took[len(took)/2]
	if median > 100*time.Millisecond {
		return Finding{check, Warn, fmt.Sprintf("a small file is durable after %v (median of %d): results that come one by one wait for that",
			median.Round(time.Millisecond), len(took)), "let stages be larger, or choose a faster disk; results that come together share the wait"}
	}
	return Finding{check, OK, fmt.Sprintf("a small file is durable after %v (median of %d)", median.Round(10*time.Microsecond), len(took)), ""}
}

// leftovers looks for what crashes and damage left.
func (e *examiner) leftovers() Finding {
	damaged, err := e.disk.ReadDir(filepath.Join(e.o.Dir, "damaged"))
	if err == nil && len(damaged) > 0 {
		return Finding{"store", Warn, fmt.Sprintf("%d damaged files were set aside in damaged/: their results are computed again", len(damaged)),
			"look at the disk, run spurion cache verify, then remove damaged/*"}
	}
	return Finding{"store", OK, "no damaged file was set aside; spurion cache verify reads everything", ""}
}
