package artifacts

import (
	"io"
	"time"
)

// A RunHeader is a run record without its entries.
type RunHeader struct {
	ID                string // letters, digits, '-', '_' and '.'; at most 128 bytes, not starting with '.'
	Spec              string
	SpecPath          string
	Program           string
	Args              []string
	Started, Finished time.Time // to the nanosecond, in UTC
	Outcome           string
	Variables         map[string]string
	Instances         int // how many entries the run has
}

// A Run is the record of a run. Records are only ever added, so nothing that is machine-written
// needs merging.
type Run struct {
	ID, Spec, SpecPath, Program string
	Args                        []string
	Started, Finished           time.Time
	Outcome                     string
	Variables                   map[string]string
	Entries                     []Entry
}

// An Entry is what a run did with one instance.
type Entry struct {
	Address string
	Key     Digest // zero if it was never known
	Status  string // cached, computed, failed, skipped, canceled
	Error   string
	Seconds float64
}

// SaveRun records a run, durably. Its ID must be new, unless the record is equal. Entries go to a
// file that runs with equal entries share.
func (s *Store) SaveRun(r *Run) error { return errStub }

// Runs gives the headers of a spec's runs ("": of all), newest first. A damaged record is skipped,
// and Options.Warn told.
func (s *Store) Runs(spec string) ([]RunHeader, error) { return nil, errStub }

// LoadRun reads a record; fs.ErrNotExist if there is none, ErrDamaged if it is damaged.
func (s *Store) LoadRun(id string) (*Run, error) { return nil, errStub }

// LastRun gives the newest run of a spec ("": of all) that can be read; nil, nil if there is none.
func (s *Store) LastRun(spec string) (*Run, error) { return nil, errStub }

// EventLog opens a run's log, runs/ID.jsonl, for adding to it. Writes go to the file at once, so
// that they survive the process, and are durable after Close.
func (s *Store) EventLog(id string) (io.WriteCloser, error) { return nil, errStub }
