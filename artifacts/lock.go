package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// The folders and files of kernel locks.
const (
	keysDir    = locksDir + "/keys"    // one file for each key being computed: see Lock
	stripesDir = locksDir + "/stripes" // 16 files, by the first digit of a digest: see lockStripe
	gateFile   = locksDir + "/gate"    // see session.go
)

// patience is how long the store's own short locks are waited for. They are held for moments, and by
// GC for seconds, so that whoever waits longer waits for a stopped process or a disk that is stuck.
const patience = 2 * time.Minute

// A holder is a key that goroutines of this store have or wait for; guarded by Store.mu.
type holder struct {
	turn  chan struct{} // holds one token, taken by whoever has the key
	users int           // the one that has it and those that wait
	since time.Time
}

// Lock waits until the caller alone, among all goroutines and processes, has the key, and returns
// the function that lets go of it, which may be called more than once. If it has to wait, it first
// calls waiting (if not nil), once, with a description of who has it: process, host and since when.
// The lock dies with its process. The error is ctx's, or a failure of the disk.
func (s *Store) Lock(ctx context.Context, key Digest, waiting func(owner string)) (unlock func(), err error) {
	doing := "locking " + key.Short()
	if err := s.writable(doing); err != nil {
		return nil, err
	}
	var once sync.Once
	tell := func(owner string) {
		if waiting != nil {
			once.Do(func() { waiting(owner) })
		}
	}
	leave, err := s.takeTurn(ctx, key, tell)
	if err != nil {
		return nil, err
	}
	release, err := s.claim(ctx, s.path(keysDir+"/"+key.String()), tell)
	if err != nil {
		leave()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, explain(doing, err)
	}
	var done sync.Once
	return func() {
		done.Do(func() {
			if err := release(); err != nil {
				s.warn(explain("unlocking "+key.Short(), err))
			}
			leave()
		})
	}, nil
}

// claim is the lock among processes. The file of a key that is held is another name of the file that
// its owner's session keeps locked: so a claim makes and removes no file, which takes file systems a
// hundred times longer than a name, and it dies with its process. A file of a key that is not locked
// was left by one that died: whoever locks it may remove it, for nobody gives such a file new names.
//
// Where a file cannot have two names, the key's own file is made and locked instead. The two ways go
// together: a key is held as long as the file that has its name is locked.
func (s *Store) claim(ctx context.Context, path string, tell func(owner string)) (release func() error, err error) {
	session, err := s.begin()
	if err != nil {
		return nil, err
	}
	err = s.poll(ctx, path, tell, func() error {
		for {
			err := s.fs.Link(session.path, path)
			if err == nil {
				release = func() error { return s.unclaim(path) }
				return nil
			}
			lock, lockErr := s.fs.TryLock(path, false)
			if lockErr != nil {
				return lockErr
			}
			if !errors.Is(err, fs.ErrExist) {
				_ = lock.Note(s.owner()) // for people only: not worth a failure
				release = func() error { return lock.Unlock(true) }
				return nil
			}
			if err := lock.Unlock(true); err != nil {
				return err
			}
		}
	})
	return release, err
}

// unclaim tries more than once: a claim that stays would last as long as the process.
func (s *Store) unclaim(path string) (err error) {
	for range 3 {
		if err = s.fs.Remove(path); err == nil || errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return err
}

// takeTurn is the lock among the goroutines of this store: unlike the kernel's it is handed on at once.
func (s *Store) takeTurn(ctx context.Context, key Digest, tell func(string)) (leave func(), err error) {
	s.mu.Lock()
	h := s.held[key]
	if h == nil {
		h = &holder{turn: make(chan struct{}, 1)}
		h.turn <- struct{}{}
		s.held[key] = h
	}
	h.users++
	since := h.since
	s.mu.Unlock()

	drop := func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if h.users--; h.users == 0 {
			delete(s.held, key)
		}
	}
	select {
	case <-h.turn:
	default:
		owner := fmt.Sprintf("this process (%d)", os.Getpid())
		if !since.IsZero() { // it may be waiting for another process itself
			owner += ", since " + since.UTC().Format(time.RFC3339)
		}
		tell(owner)
		select {
		case <-h.turn:
		case <-ctx.Done():
			drop()
			return nil, ctx.Err()
		}
	}
	if err := ctx.Err(); err != nil {
		h.turn <- struct{}{}
		drop()
		return nil, err
	}
	s.mu.Lock()
	h.since = s.fs.Now()
	s.mu.Unlock()
	return func() {
		h.turn <- struct{}{}
		drop()
	}, nil
}

// acquire takes a kernel lock as soon as it is free.
func (s *Store) acquire(ctx context.Context, path string, shared bool, tell func(owner string)) (lock Lock, err error) {
	err = s.poll(ctx, path, tell, func() error {
		lock, err = s.fs.TryLock(path, shared)
		return err
	})
	return lock, err
}

// poll tries to lock path again and again: a wait in the kernel could not be interrupted.
func (s *Store) poll(ctx context.Context, path string, tell func(owner string), try func() error) error {
	const shortest, longest = time.Millisecond, 50 * time.Millisecond
	pause := shortest
	for n := 0; ; n++ {
		err := try()
		if errors.Is(err, fs.ErrNotExist) && n == 0 { // somebody tidied up
			if err = s.makeFolder(filepath.Dir(path)); err == nil {
				continue
			}
		}
		if !errors.Is(err, ErrLocked) {
			return err
		}
		// Not at the first try: the owner may not have signed yet.
		if n == 1 && tell != nil {
			tell(s.readOwner(path))
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		pause = min(2*pause, longest)
	}
}

// lockStripe excludes the other processes that are about to give a manifest with d's first digit its
// name, or to set such a file aside. It is held for moments, never while something is computed.
func (s *Store) lockStripe(d Digest) (unlock func(), err error) {
	stripe := d[0] >> 4
	s.stripes[stripe].Lock() // the kernel's lock alone would do, but is waited for less precisely
	unlockFile, err := s.brief(s.path(fmt.Sprintf("%s/%x", stripesDir, stripe)), false)
	if err != nil {
		s.stripes[stripe].Unlock()
		return nil, err
	}
	return func() {
		unlockFile()
		s.stripes[stripe].Unlock()
	}, nil
}

// brief takes one of the store's own locks. Its file stays.
func (s *Store) brief(path string, shared bool) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	lock, err := s.acquire(ctx, path, shared, nil)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%s was locked for %v by %s: see whether that process hangs", path, patience, s.readOwner(path))
	}
	if err != nil {
		return nil, err
	}
	return func() {
		if err := lock.Unlock(false); err != nil {
			s.warn(explain("unlocking "+path, err))
		}
	}, nil
}

// owner describes this process to those who wait for it.
func (s *Store) owner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown host"
	}
	return fmt.Sprintf("process %d on %s, since %s\n", os.Getpid(), host, s.fs.Now().UTC().Format(time.RFC3339))
}

func (s *Store) readOwner(path string) string {
	data, _, err := s.fs.ReadFile(path)
	owner := strings.TrimSpace(string(data))
	if err != nil || owner == "" {
		return "another process"
	}
	return shorten(owner)
}
