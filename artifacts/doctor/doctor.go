// Package doctor tries out the disk that a store lies on: what can be proved by one process is proved by Examine, what takes
// two, on one host or on two, by Meet. What they find are values, which can be printed, or sent from another host as JSON.
// Nothing outside of a folder in the store's temp/ is written, and that is removed.
package doctor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"

	"spurion/artifacts"
)

// Status says how good what was found is.
type Status string

// The statuses.
const (
	OK   Status = "ok"
	Warn Status = "warn" // it works, but not as well as it could, or it could not be tried
	Bad  Status = "bad"  // something is to be done
)

// A Finding is what a check found.
type Finding struct {
	Check  string `json:"check"` // what was tried, in a word or two
	Status Status `json:"status"`
	Found  string `json:"found"`            // what was seen, and what it means
	Remedy string `json:"remedy,omitempty"` // what to do; empty if nothing
}

// Options say what to try.
type Options struct {
	Dir  string             // the store, which exists
	Lock artifacts.LockKind // that its settings name
	Temp string             // the folder of temporary files; "" stands for the system's
	// Disk gives the disk with locks of a kind; nil stands for the real one.
	Disk func(artifacts.LockKind) artifacts.FS
}

func (o Options) disk(kind artifacts.LockKind) artifacts.FS {
	if o.Disk == nil {
		return artifacts.Disk(kind)
	}
	return o.Disk(kind)
}

// real reports whether it is the real disk, of which the system can be asked.
func (o Options) real() bool { return o.Disk == nil }

func (o Options) temp() string {
	if o.Temp == "" {
		return os.TempDir()
	}
	return o.Temp
}

// workplace makes a folder in the store's temp/, by a name that a collection takes for a leftover when it is a day old.
// Another may have made it.
func workplace(disk artifacts.FS, o Options, name string) (string, error) {
	temp := filepath.Join(o.Dir, "temp")
	dir := filepath.Join(temp, name+"-0")
	err := disk.Mkdir(dir)
	if os.IsNotExist(err) {
		if err = disk.Mkdir(temp); err == nil || errors.Is(err, os.ErrExist) {
			err = disk.Mkdir(dir)
		}
	}
	if errors.Is(err, os.ErrExist) {
		err = nil
	}
	return dir, err
}

func randomName() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return hex.EncodeToString(random[:])
}

// write makes a file, durably as to its content.
func write(disk artifacts.FS, name, text string) error {
	f, err := disk.Create(name)
	if err != nil {
		return err
	}
	_, err = f.Write([]byte(text))
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// replace writes a file under another name and gives it its own, in the place of what had it.
func replace(disk artifacts.FS, name, text string) error {
	if err := write(disk, name+".new", text); err != nil {
		return err
	}
	err := disk.Rename(name+".new", name)
	if errors.Is(err, os.ErrNotExist) {
		if data, _, readErr := disk.ReadFile(name); readErr == nil && string(data) == text {
			err = nil // it was done, and the answer was lost
		}
	}
	return err
}

// Examine tries what one process can.
func Examine(ctx context.Context, o Options) []Finding {
	var found []Finding
	if o.real() {
		found = append(found, mountOf(o)...)
		found = append(found, room(o.Dir, "room"))
	}
	e := examiner{o: o, disk: o.disk(artifacts.None)}
	var err error
	if e.dir, err = workplace(e.disk, o, randomName()); err != nil {
		return append(found, Finding{"writing", Bad, "nothing can be written in the store: " + err.Error(),
			"let this user write " + o.Dir + ", or choose another store with --store"})
	}
	defer e.disk.RemoveAll(e.dir)
	for _, check := range []func() Finding{e.writing, e.names, e.links, e.renames, e.times, e.syncs} {
		if ctx.Err() != nil {
			return found
		}
		found = append(found, check())
	}
	if o.real() {
		found = append(found, e.scratch()...)
	}
	return append(found, e.leftovers())
}
