package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// How removal stays clear of those who use the store.
//
// Every store that reads or writes entries has a session: a locked file in locks/sessions whose time
// of change is when it began. A removal (GC, Evict) works under the exclusive gate, and looks at the
// living sessions of others first. It spares
//
//   - an entry used since an hour before the oldest session began: Get notes a use at most once an
//     hour, so that an entry which a session has seen is at least as new as that (GC only: who evicts
//     an entry by name means it);
//   - a blob, or a list of entries, written since the oldest session began: its manifest, or its run
//     record, may be still to come. Put, Publish and SaveRun note the use of older ones.
//
// What could race is done under the shared gate: beginning a session, and noting a use. So whoever
// begins later, or notes a use later, finds what is about to be removed gone already. Reading and
// writing need no gate otherwise, and go on meanwhile.
//
// The clock is the file system's own, so that hosts need not agree on the time. Where kernel locks
// do not reach all hosts that share a store, GCOptions.MinAge must be longer than a run.

// sessionsDir holds a locked file for each running process.
const sessionsDir = locksDir + "/sessions"

// useInterval is how precisely the times of use are kept, as in Go's build cache: noting every use
// would make reading a write.
const useInterval = time.Hour

type session struct {
	lock  Lock
	path  string
	start time.Time
}

// begin makes sure that this store has a session.
func (s *Store) begin() (*session, error) {
	if open := s.session.Load(); open != nil {
		return open, nil
	}
	s.opening.Lock()
	defer s.opening.Unlock()
	if open := s.session.Load(); open != nil {
		return open, nil
	}
	leave, err := s.brief(s.path(gateFile), true)
	if err != nil {
		return nil, err
	}
	defer leave()
	open, err := s.newSession()
	if err != nil {
		return nil, err
	}
	s.session.Store(open)
	return open, nil
}

// newSession begins a session. The caller has the gate.
func (s *Store) newSession() (*session, error) {
	path := s.path(fmt.Sprintf("%s/%s-%d", sessionsDir, s.name, s.counter.Add(1)))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	lock, err := s.acquire(ctx, path, false, nil)
	if err != nil {
		return nil, err
	}
	_ = lock.Note(s.owner())
	info, err := s.fs.Stat(path)
	if err != nil {
		_ = lock.Unlock(true)
		return nil, err
	}
	return &session{lock: lock, path: path, start: info.ModTime()}, nil
}

// beginReading is begin for readers, who can do without: on a disk that is full or cannot be written
// they go on, and GC is kept off what they read by its time of use alone.
func (s *Store) beginReading() {
	if s.readOnly || s.session.Load() != nil || s.failed.Load() {
		return
	}
	if _, err := s.begin(); err != nil {
		s.failed.Store(true)
	}
}

// noteUse sets the time of a file's last use to now; fs.ErrNotExist if it was removed.
func (s *Store) noteUse(path string) error {
	leave, err := s.brief(s.path(gateFile), true)
	if err != nil {
		return err
	}
	defer leave()
	return s.fs.Touch(path, s.fs.Now())
}

// oldestSession gives when the oldest living session other than this store's began, and removes the
// files of dead ones; if there is none, the time is that of none. The caller has the exclusive gate,
// so that no session is half begun.
func (s *Store) oldestSession() (oldest time.Time, living bool, err error) {
	files, err := s.fs.ReadDir(s.path(sessionsDir))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, false, err
	}
	var own string
	if open := s.session.Load(); open != nil {
		own = open.path
	}
	for _, f := range files {
		path := s.path(sessionsDir + "/" + f.Name())
		if path == own {
			continue
		}
		info, err := s.fs.Stat(path)
		if errors.Is(err, fs.ErrNotExist) { // it has just ended
			continue
		}
		if err != nil {
			return time.Time{}, false, err
		}
		lock, err := s.fs.TryLock(path, false)
		if err == nil {
			_ = lock.Unlock(true)
			continue
		}
		if !errors.Is(err, ErrLocked) {
			return time.Time{}, false, err
		}
		if !living || info.ModTime().Before(oldest) {
			oldest, living = info.ModTime(), true
		}
	}
	return oldest, living, nil
}
