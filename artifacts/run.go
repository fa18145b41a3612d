package artifacts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
	"strings"
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

	list Digest // of the file in entries/
}

// A Run is the record of a run. Records are only ever added, so nothing that is machine-written
// needs merging.
type Run struct {
	ID, Spec, SpecPath, Program string // see RunHeader
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
	Status  string // cached, computed, failed, skipped, canceled, later
	Error   string
	Seconds float64 // finite
	// CPU is the processors' time in seconds, finite, and Memory the most that it had at once in bytes, not negative; zero if not known.
	CPU    float64
	Memory int64
}

const (
	runSuffix = ".run"
	logSuffix = ".jsonl"
)

func (s *Store) runPath(id, suffix string) string {
	return s.path(runsDir) + string(filepath.Separator) + id + suffix
}

func (s *Store) listPath(d Digest) string {
	return s.path(entriesDir) + string(filepath.Separator) + d.String()
}

// SaveRun records a run, durably. Its ID must be new (fs.ErrExist), unless the record is equal.
// Entries go to a file that runs with equal entries share.
func (s *Store) SaveRun(r *Run) error {
	doing := "recording the run " + shorten(r.ID)
	if err := s.writable(doing); err != nil {
		return err
	}
	if err := r.check(); err != nil {
		return fmt.Errorf("artifacts: %s: %w", doing, err)
	}
	s.removal.RLock()
	defer s.removal.RUnlock()
	if _, err := s.begin(); err != nil {
		return explain(doing, err)
	}
	list := encodeEntries(r.Entries)
	header := r.header(Sum(list))
	path := s.runPath(r.ID, runSuffix)
	if old, err := s.readHeader(r.ID); err == nil && !bytes.Equal(old.encode(), header.encode()) {
		return fmt.Errorf("artifacts: %s: %s is the record of another run: %w", doing, path, fs.ErrExist)
	}
	if err := s.writeRun(&header, list, path); err != nil {
		return explain(doing, err)
	}
	return nil
}

// writeRun stores the entries before the header that names them.
func (s *Store) writeRun(h *RunHeader, list []byte, path string) error {
	listPath := s.listPath(h.list)
	there, err := s.holds(listPath, h.list, list)
	if err != nil {
		return err
	}
	if there { // GC may be about to take it, if no run of its reading refers to it
		err := s.noteUse(listPath)
		there = err == nil
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	if !there {
		if err := s.writeFile(listPath, list); err != nil {
			return err
		}
	}
	if err := s.fs.SyncDir(s.path(entriesDir)); err != nil {
		return err
	}
	if err := s.writeFile(path, h.encode()); err != nil {
		return err
	}
	return s.fs.SyncDir(s.path(runsDir))
}

// Runs gives the headers of a spec's runs ("": of all), newest first. A record that is damaged, or
// cannot be read, is skipped, and Options.Warn told; a damaged one is set aside.
func (s *Store) Runs(spec string) ([]RunHeader, error) {
	runs, unread, err := s.headers(spec)
	for _, err := range unread {
		s.warn(err)
	}
	return runs, err
}

// headers is Runs, with the errors of records that could not be read.
func (s *Store) headers(spec string) (runs []RunHeader, unread []error, err error) {
	files, err := s.list(runsDir)
	if err != nil {
		return nil, nil, err
	}
	for _, f := range files {
		id, ok := strings.CutSuffix(f.Name(), runSuffix)
		if !ok || checkID(id) != nil {
			continue
		}
		h, err := s.readHeader(id)
		if err != nil {
			if !errors.Is(err, ErrDamaged) && !errors.Is(err, fs.ErrNotExist) { // damage was told when it was set aside
				unread = append(unread, err)
			}
			continue
		}
		if spec == "" || h.Spec == spec {
			runs = append(runs, h)
		}
	}
	sort.Slice(runs, func(i, j int) bool {
		if !runs[i].Started.Equal(runs[j].Started) {
			return runs[i].Started.After(runs[j].Started)
		}
		return runs[i].ID > runs[j].ID
	})
	return runs, unread, nil
}

// LoadRun reads a record; fs.ErrNotExist if there is none, ErrDamaged if it is damaged, or its
// entries are gone.
func (s *Store) LoadRun(id string) (*Run, error) {
	if err := checkID(id); err != nil {
		return nil, fmt.Errorf("artifacts: reading a run: %w: %w", err, fs.ErrNotExist)
	}
	h, err := s.readHeader(id)
	if err != nil {
		return nil, err
	}
	entries, err := s.readEntries(&h)
	if err != nil {
		return nil, err
	}
	return &Run{
		ID: h.ID, Spec: h.Spec, SpecPath: h.SpecPath, Program: h.Program, Args: h.Args,
		Started: h.Started, Finished: h.Finished, Outcome: h.Outcome, Variables: h.Variables, Entries: entries,
	}, nil
}

// EachEntries yields the entries of a spec's runs, newest first, those of runs with equal entries once, until it is told
// to stop. A run whose entries cannot be read is passed over, and Options.Warn told.
func (s *Store) EachEntries(spec string, yield func([]Entry) bool) error {
	runs, err := s.Runs(spec)
	if err != nil {
		return err
	}
	seen := map[Digest]bool{}
	for i := range runs {
		if seen[runs[i].list] {
			continue
		}
		seen[runs[i].list] = true
		entries, err := s.readEntries(&runs[i])
		switch {
		case errors.Is(err, ErrDamaged): // told when it was set aside
		case err != nil:
			s.warn(err)
		case !yield(entries):
			return nil
		}
	}
	return nil
}

// LastRun gives the newest run of a spec ("": of all) that can be read; nil, nil if there is none.
// Options.Warn is told of those that cannot.
func (s *Store) LastRun(spec string) (*Run, error) {
	runs, err := s.Runs(spec)
	if err != nil {
		return nil, err
	}
	for i := range runs {
		r, err := s.LoadRun(runs[i].ID)
		if err == nil {
			return r, nil
		}
		s.warn(err)
	}
	return nil, nil
}

// readHeader reads a header; a damaged one is set aside.
func (s *Store) readHeader(id string) (RunHeader, error) {
	path := s.runPath(id, runSuffix)
	for {
		h, problem, err := s.tryHeader(path, id)
		if err != nil {
			return RunHeader{}, explainRead("reading the run record "+path, err)
		}
		if problem == "" {
			return h, nil
		}
		aside := s.setAside(path, Sum([]byte(id)), func() (string, error) {
			_, problem, err := s.tryHeader(path, id)
			return problem, err
		})
		if aside != "" {
			return RunHeader{}, fmt.Errorf("artifacts: the run record %s is skipped: %s: it is now %s: %w", path, problem, aside, ErrDamaged)
		}
	}
}

func (s *Store) tryHeader(path, id string) (h RunHeader, problem string, err error) {
	data, _, err := s.fs.ReadFile(path)
	if errors.Is(err, ErrNotFile) {
		return h, "it is not a file", nil
	}
	if err != nil {
		return h, "", err
	}
	h, err = parseHeader(data)
	if err == nil && h.ID != id {
		err = errors.New("it is that of another run")
	}
	if err != nil {
		return RunHeader{}, err.Error(), nil
	}
	return h, "", nil
}

// readEntries reads the entries of a run; damaged ones are set aside.
func (s *Store) readEntries(h *RunHeader) ([]Entry, error) {
	path := s.listPath(h.list)
	doing := fmt.Sprintf("reading the entries of the run %s in %s", h.ID, path)
	for {
		data, _, err := s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("artifacts: %s: they are gone: %w", doing, ErrDamaged)
		}
		if err != nil && !errors.Is(err, ErrNotFile) {
			return nil, explainRead(doing, err)
		}
		if err != nil || Sum(data) != h.list {
			if aside := s.setAside(path, h.list, s.blobProblem(path, h.list)); aside != "" {
				return nil, fmt.Errorf("artifacts: %s: they are damaged, and now %s: %w", doing, aside, ErrDamaged)
			}
			continue
		}
		entries, err := h.parseEntries(data)
		if err != nil {
			return nil, fmt.Errorf("artifacts: %s: %w: %w", doing, err, ErrDamaged)
		}
		return entries, nil
	}
}

// parseEntries reads the list of a run's entries, whose digest is known to be right.
func (h *RunHeader) parseEntries(data []byte) ([]Entry, error) {
	entries, err := parseEntries(data)
	if err == nil && len(entries) != h.Instances {
		err = fmt.Errorf("there are %d instead of %d", len(entries), h.Instances)
	}
	return entries, err
}

// recordProblem says what is wrong with a record or the list of its entries, and sets nothing aside.
func (s *Store) recordProblem(path, id string) (problem string, err error) {
	h, problem, err := s.tryHeader(path, id)
	if problem != "" || err != nil {
		return problem, err
	}
	data, _, err := s.fs.ReadFile(s.listPath(h.list))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "its entries are gone", nil
	case err != nil && !errors.Is(err, ErrNotFile):
		return "", err
	case err != nil || Sum(data) != h.list:
		return "its entries are damaged", nil
	}
	if _, err := h.parseEntries(data); err != nil {
		return "its entries: " + err.Error(), nil
	}
	return "", nil
}
