package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sync/atomic"
	"time"
)

// How removal stays clear of those who use the store.
//
// Every store that reads or writes entries has a session: a locked file in locks/sessions that says when it
// began, and is touched every few seconds. A removal (GC, Evict) works under the exclusive gate, and looks at the
// living sessions of others first. It spares
//
//   - an entry used since an hour before the oldest session began: Get notes a use at most once an
//     hour, so that an entry which a session has seen is at least as new as that (GC only: who evicts
//     an entry by name means it);
//   - a blob, or a list of entries, written since the oldest session began: its manifest, or its run
//     record, may be still to come. Put, Publish and SaveRun note the use of older ones;
//   - a blob, or a list of entries, younger than youth, whoever wrote it.
//
// What could race is done under the shared gate: beginning a session, and noting a use. So whoever
// begins later, or notes a use later, finds what is about to be removed gone already. Reading and
// writing need no gate otherwise, and go on meanwhile.
//
// Kernel locks may not reach all hosts that share a store, and what one host does may be seen late by another. So a
// session whose file can be locked counts as dead only after a silence, unless it is known to have died on this
// machine; what was written moments ago is spared even if nobody seems to live; and what is removed first loses its
// name, and gets it back if it was used since it was looked at.
//
// All times are the disk's own, also those that are compared with now: hosts need not agree on the time, and a
// clock that is set meanwhile does no harm.

const (
	// sessionsDir holds a locked file for each running process.
	sessionsDir = locksDir + "/sessions"
	// useInterval is how precisely the times of use are kept, as in Go's build cache: noting every use
	// would make reading a write.
	useInterval = time.Hour
	// heartbeat is how often a session's file is touched.
	heartbeat = 15 * time.Second
	// silence is how long a session may go without, before it is taken for dead if it has no lock either.
	silence = 2 * time.Minute
	// youth is the age below which nothing is taken for unused: longer than a network disk may show a folder
	// as it was, and than it takes from a blob to its manifest.
	youth = 10 * time.Minute
)

// A session is a store's presence on the disk.
type session struct {
	lock  Lock
	path  string
	start time.Time // by the disk's clock, as all that follows
	clock atomic.Pointer[clock]
	old   *session // that this one goes on with: keys that are held are names of its file
	ended chan struct{}
}

// A clock is a moment by the disk's clock and by this machine's, which goes on in between.
type clock struct{ disk, local time.Time }

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
	open, err := s.newSession(time.Time{})
	if err != nil {
		return nil, err
	}
	s.session.Store(open)
	return open, nil
}

// newSession begins a session, or goes on with one that began at a time. The caller has the gate.
func (s *Store) newSession(began time.Time) (open *session, err error) {
	for range 3 { // this host may stand still, and another remove a session that has not signed
		if open, err = s.tryNewSession(began); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return open, err
}

func (s *Store) tryNewSession(began time.Time) (*session, error) {
	path := s.path(fmt.Sprintf("%s/%s-%d", sessionsDir, s.name, s.counter.Add(1)))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	lock, err := s.acquire(ctx, path, false, nil)
	if err != nil {
		return nil, err
	}
	local := s.fs.Now()
	info, err := s.fs.Stat(path)
	if err != nil {
		_ = lock.Unlock(true)
		return nil, err
	}
	if began.IsZero() {
		began = info.ModTime()
	}
	// Written once, before the first touch: where it cannot be read, the file's time is that of its beginning.
	_ = lock.Note(s.ownerSince(began))
	open := &session{lock: lock, path: path, start: began, ended: make(chan struct{})}
	open.clock.Store(&clock{info.ModTime(), local})
	go s.live(open)
	return open, nil
}

// live touches the file of a session until it ends.
func (s *Store) live(open *session) {
	ticker := time.NewTicker(heartbeat)
	defer ticker.Stop()
	for {
		select {
		case <-open.ended:
			return
		case <-ticker.C:
			s.beat(open)
		}
	}
}

// beat gives a sign of life. Where that fails the next one may not.
func (s *Store) beat(open *session) {
	local := s.fs.Now()
	err := s.fs.Touch(open.path, time.Time{})
	if errors.Is(err, fs.ErrNotExist) {
		s.renew(open)
		return
	}
	if err != nil {
		return
	}
	if info, err := s.fs.Stat(open.path); err == nil {
		open.clock.Store(&clock{info.ModTime(), local})
	}
}

// renew makes a session's file anew that somebody has removed: another host that took it for dead, after this
// one had stood still, or people. It reports whether there is one again.
func (s *Store) renew(old *session) bool {
	s.opening.Lock()
	defer s.opening.Unlock()
	if open := s.session.Load(); open != old {
		return open != nil
	}
	leave, err := s.brief(s.path(gateFile), true)
	if err != nil {
		return false
	}
	defer leave()
	open, err := s.newSession(old.start)
	if err != nil {
		return false
	}
	open.old = old
	s.session.Store(open)
	close(old.ended)
	return true
}

// end ends a session.
func (open *session) end() error {
	close(open.ended)
	for old := open.old; old != nil; old = old.old {
		_ = old.lock.Unlock(false)
	}
	return open.lock.Unlock(true)
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

// now is the time by the disk's clock, as far as this store knows it.
func (s *Store) now() time.Time {
	now := s.fs.Now()
	if open := s.session.Load(); open != nil {
		c := open.clock.Load()
		return c.disk.Add(now.Sub(c.local))
	}
	return now
}

// askNow asks the disk for the time, by a file that it makes, or, where there is no room for one, by the gate's, which it
// touches.
func (s *Store) askNow() (now time.Time, err error) {
	for range 3 { // this host may stand still, and another remove what looks left over
		path := s.path(fmt.Sprintf("%s/%s-%d", sessionsDir, s.name, s.counter.Add(1)))
		now, err = s.stamped(path, func() error {
			f, err := s.fs.Create(path)
			if err == nil {
				_ = f.Close() // there is nothing in it
			}
			return err
		})
		_ = s.fs.Remove(path) // if this fails, the next GC does it
		if !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	if isFull(err) {
		path := s.path(gateFile)
		now, err = s.stamped(path, func() error { return s.fs.Touch(path, time.Time{}) })
	}
	return now, err
}

// stamped gives the time that the disk gives a file which write changes.
func (s *Store) stamped(path string, write func() error) (time.Time, error) {
	if err := s.tryIn(filepath.Dir(path), write); err != nil && !errors.Is(err, fs.ErrExist) { // the answer may be lost
		return time.Time{}, err
	}
	info, err := s.fs.Stat(path)
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

// noteUse sets the time of a file's last use to now; fs.ErrNotExist if it was removed.
func (s *Store) noteUse(path string) error {
	leave, err := s.brief(s.path(gateFile), true)
	if err != nil {
		return err
	}
	defer leave()
	return s.touch(path)
}

// touch is noteUse for who has no need of the gate, or must not wait for it. Where hosts stamp files by their own clocks,
// one that is behind does not undo what another noted.
func (s *Store) touch(path string) error {
	if !s.remote {
		return s.fs.Touch(path, time.Time{})
	}
	before, err := s.fs.Stat(path)
	if err == nil {
		err = s.fs.Touch(path, time.Time{})
	}
	if err != nil {
		return err
	}
	if after, err := s.fs.Stat(path); err == nil && after.ModTime().Before(before.ModTime()) {
		_ = s.fs.Touch(path, before.ModTime()) // only its owner may
	}
	return nil
}

// A company are the living sessions other than a store's own.
type company struct {
	living bool      // there is one
	oldest time.Time // when the oldest of them began
	beyond string    // the owner of one that no lock keeps out; "" if there is none
}

// company looks for living sessions, and removes the files of dead ones. The caller has the exclusive gate,
// so that no session that it keeps out is half begun.
func (s *Store) company(now time.Time) (c company, err error) {
	others, err := s.otherSessions()
	if err != nil {
		return c, err
	}
	for _, path := range others {
		start, life, err := s.sessionOf(path, now)
		if err != nil {
			return c, err
		}
		if life == dead {
			continue
		}
		if !c.living || start.Before(c.oldest) {
			c.oldest, c.living = start, true
		}
		if life != locked && (s.remote || s.settings.Lock == None) {
			c.beyond = s.readOwner(path)
		}
	}
	return c, nil
}

// otherSessions gives the paths of the files of sessions other than this store's, living or dead.
func (s *Store) otherSessions() ([]string, error) {
	files, err := s.list(sessionsDir)
	if err != nil {
		return nil, err
	}
	var own string
	if open := s.session.Load(); open != nil {
		own = open.path
	}
	var others []string
	for _, f := range files {
		path := s.path(sessionsDir + "/" + f.Name())
		if path != own && isTempName(f.Name()) && f.Type().IsRegular() {
			others = append(others, path)
		}
	}
	return others, nil
}

// sessionOf tells whether a session lives, and since when; a dead one's file is removed.
func (s *Store) sessionOf(path string, now time.Time) (start time.Time, life lifeSign, err error) {
	g, err := s.glance(path)
	if errors.Is(err, fs.ErrNotExist) { // it has just ended
		return start, dead, nil
	}
	if err != nil {
		return start, dead, explainRead("reading "+path, err)
	}
	if start = parseOwner(g.text).begun; start.IsZero() {
		start = g.beat
	}
	lock, err := s.fs.TryLock(path, false)
	if errors.Is(err, ErrLocked) {
		return start, locked, nil
	}
	if err != nil {
		return start, dead, explainRead("locking "+path, err)
	}
	life = s.lifeOf(g, now)
	if err := lock.Unlock(life == dead); err != nil {
		return start, life, explain("unlocking "+path, err)
	}
	return start, life, nil
}
