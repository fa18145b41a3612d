package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"spurion/pipeline/cluster"
	"spurion/pipeline/site"
)

// ErrDetached is the cause of a context whose run lets go of what runs on a cluster, and leaves it there.
var ErrDetached = errors.New("detached: what runs on the cluster goes on")

// ErrCanceled is the cause of the end of a run that another process canceled.
var ErrCanceled = errors.New("canceled by spurion cancel")

// An Ongoing is a run of which something is, or was when its driver died, on a cluster. A spec has at most one in a store.
type Ongoing struct {
	Run     string    `json:"run"`
	Spec    string    `json:"spec"`
	On      string    `json:"on"`     // the executor
	Root    string    `json:"root"`   // the project
	Folder  string    `json:"folder"` // in which the program was started
	Args    []string  `json:"args"`   // with which it was
	Host    string    `json:"host"`
	Process int       `json:"process"`
	Started time.Time `json:"started"`
	dir     string
}

const (
	ongoingFile  = "run.json"
	canceledFile = "canceled"
)

// note writes the run down, for others to attach to it and to cancel it.
func (o *Ongoing) note(dir string) error {
	data, err := json.MarshalIndent(o, "", "  ")
	if err != nil {
		return err
	}
	o.dir = dir
	_ = os.Remove(filepath.Join(dir, canceledFile)) // of an earlier one
	return copyWhole(filepath.Join(dir, ongoingFile), 0o600, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// over removes what note wrote.
func (o *Ongoing) over() {
	_ = os.Remove(filepath.Join(o.dir, ongoingFile))
	_ = os.Remove(o.dir) // if nothing is left in it
}

// AllOngoing lists the runs of a store that have something on a cluster, the newest first.
func AllOngoing(c Config) ([]Ongoing, error) {
	c = c.located()
	runs := filepath.Join(c.storeDir(), clusterDir, "runs")
	entries, err := os.ReadDir(runs)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var list []Ongoing
	for _, e := range entries {
		path := filepath.Join(runs, e.Name(), ongoingFile)
		data, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has ended, or just does
		}
		if err != nil {
			return nil, err
		}
		o := Ongoing{dir: filepath.Dir(path)}
		if err := json.Unmarshal(data, &o); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b Ongoing) int { return b.Started.Compare(a.Started) })
	return list, nil
}

// FindOngoing gives the run whose ID or spec has this name, or begins with it; the only one if the name is "".
func FindOngoing(c Config, name string) (*Ongoing, error) {
	list, err := AllOngoing(c)
	if err != nil {
		return nil, err
	}
	var all []string
	var found []*Ongoing
	for i := range list {
		o := &list[i]
		all = append(all, fmt.Sprintf("%s (%s, on %s)", o.Run, o.Spec, o.On))
		if name == "" || o.Spec == name || strings.HasPrefix(o.Run, name) {
			found = append(found, o)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(all) == 0:
		return nil, errors.New("no run of this store has anything on a cluster")
	case len(found) == 0:
		return nil, fmt.Errorf("no run is called %q; there are %s", name, strings.Join(all, ", "))
	}
	return nil, fmt.Errorf("there are several; say which: %s", strings.Join(all, ", "))
}

// Cancel ends a run that another process drives, or drove: its tasks are canceled, and its driver, if it lives, ends as one that
// was interrupted. What is stored stays.
func (o *Ongoing) Cancel(ctx context.Context) error {
	if err := os.WriteFile(filepath.Join(o.dir, canceledFile), nil, 0o600); err != nil {
		return err
	}
	x, err := site.Find(o.On, o.Root)
	if err != nil {
		return err
	}
	disk := cluster.Folder(o.dir)
	names, err := disk.Arrays()
	if err != nil {
		return err
	}
	if err := x.Cluster(cluster.Script{}, disk).Cancel(ctx, append(names, driverName(o.dir))); err != nil {
		return err
	}
	for _, name := range names {
		disk.Forget(name)
	}
	_ = os.Remove(filepath.Join(o.dir, ongoingFile))
	return nil
}

// canceled reports whether someone canceled the run.
func (o *Ongoing) canceled() bool {
	_, err := os.Stat(filepath.Join(o.dir, canceledFile))
	return err == nil
}
