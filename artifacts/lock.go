package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The folders and files of kernel locks.
const (
	keysDir    = locksDir + "/keys"    // one file for each key being computed: see Lock
	stripesDir = locksDir + "/stripes" // 16 files, by the first digit of a digest: see lockStripe
	gateFile   = locksDir + "/gate"    // see session.go
)

// A holder is a key that goroutines of this store have or wait for; guarded by Store.mu.
type holder struct {
	turn  chan struct{} // holds one token, taken by whoever has the key
	users int           // the one that has it and those that wait
	since time.Time
}

// Lock waits until the caller alone, among all goroutines and processes, has the key, and returns
// the function that lets go of it, which may be called more than once. If it has to wait, it first
// calls waiting (if not nil), once, with a description of who has it: process, host and since when.
// The lock dies with its process. The error is ctx's, or a failure of the disk. Get sees then what others
// stored before they let go of the key, also if this host had looked for it in vain just before.
//
// Between hosts that do not see each other's kernel locks it is a help, not a promise: see claim.
func (s *Store) Lock(ctx context.Context, key Digest, waiting func(owner string)) (unlock func(), err error) {
	var once sync.Once
	tell := func(owner string) {
		if waiting != nil {
			once.Do(func() { waiting(owner) })
		}
	}
	return s.lock(key,
		func() (func(), error) { return s.takeTurn(ctx, key, tell) },
		func(path string, try func() error) error { return s.poll(ctx, path, tell, try) })
}

// TryLock is Lock for who has something else to do: if another has the key, unlock is nil, and owner
// describes who it is.
func (s *Store) TryLock(key Digest) (unlock func(), owner string, err error) {
	unlock, err = s.lock(key,
		func() (func(), error) { return s.tryTurn(key, &owner) },
		func(path string, try func() error) error {
			err := s.tryIn(filepath.Dir(path), try)
			if errors.Is(err, ErrLocked) {
				owner = s.readOwner(path)
			}
			return err
		})
	if errors.Is(err, ErrLocked) {
		return nil, owner, nil
	}
	return unlock, "", err
}

// lock takes the key from the goroutines of this store, then from other processes.
func (s *Store) lock(key Digest, turn func() (func(), error), attempt func(string, func() error) error) (unlock func(), err error) {
	doing := "locking " + key.Short()
	if err := s.writable(doing); err != nil {
		return nil, err
	}
	leave, err := turn()
	if err != nil {
		return nil, err
	}
	release, err := s.claim(s.path(keysDir+"/"+key.String()), attempt)
	if err != nil {
		leave()
		if errors.Is(err, ErrLocked) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			return nil, err
		}
		return nil, explain(doing, err)
	}
	s.refreshEntry(key)
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
// hundred times longer than a name, and it dies with its process. A file of a key whose owner has
// given no sign of life (see abandoned) and that is not locked was left by one that died: whoever locks it may
// remove it, for nobody gives such a file new names.
//
// Where a file cannot have two names, the key's own file is made and locked instead. The two ways go
// together: a key is held as long as the file that has its name is locked.
//
// Where kernel locks do not reach other hosts, two that look at an abandoned file at the same time may both get
// the key. Then both compute it, and Publish keeps the first.
func (s *Store) claim(path string, attempt func(string, func() error) error) (release func() error, err error) {
	err = attempt(path, func() error {
		for {
			session, err := s.begin()
			if err != nil {
				return err
			}
			err = s.fs.Link(session.path, path)
			if errors.Is(err, fs.ErrExist) {
				if same, sameErr := s.fs.SameFile(session.path, path); sameErr == nil && same {
					err = nil // the answer to our own link was lost, or that to its removal
				} else if gone, readErr := s.abandoned(path); readErr != nil {
					return readErr
				} else if !gone {
					return ErrLocked
				}
			}
			if err == nil {
				release = func() error { return s.unclaim(path) }
				return nil
			}
			if errors.Is(err, fs.ErrNotExist) {
				if there, _ := s.fs.SameFile(session.path, session.path); there || !s.renew(session) {
					return err
				}
				continue
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

// abandoned reports whether the owner of a key's file seems to be dead. One that lives touches it again and
// again; one that is known to have died on this machine need not be waited for.
func (s *Store) abandoned(path string) (bool, error) {
	g, err := s.glance(path)
	if errors.Is(err, fs.ErrNotExist) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return s.lifeOf(g, s.now()) == dead, nil
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
	h, owner := s.queue(key)
	select {
	case <-h.turn:
	default:
		tell(owner)
		select {
		case <-h.turn:
		case <-ctx.Done():
			s.drop(key, h)
			return nil, ctx.Err()
		}
	}
	leave = s.took(key, h)
	if err := ctx.Err(); err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// tryTurn is takeTurn without the waiting.
func (s *Store) tryTurn(key Digest, owner *string) (leave func(), err error) {
	h, who := s.queue(key)
	select {
	case <-h.turn:
		return s.took(key, h), nil
	default:
		s.drop(key, h)
		*owner = who
		return nil, ErrLocked
	}
}

// queue enters the caller among those that want a key, and describes who has it.
func (s *Store) queue(key Digest) (h *holder, owner string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h = s.held[key]
	if h == nil {
		h = &holder{turn: make(chan struct{}, 1)}
		h.turn <- struct{}{}
		s.held[key] = h
	}
	h.users++
	owner = fmt.Sprintf("this process (%d)", os.Getpid())
	if !h.since.IsZero() { // it may be waiting for another process itself
		owner += ", since " + h.since.UTC().Format(time.RFC3339)
	}
	return h, owner
}

func (s *Store) drop(key Digest, h *holder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h.users--; h.users == 0 {
		delete(s.held, key)
	}
}

// took notes that the caller has the turn, and gives the function that hands it on.
func (s *Store) took(key Digest, h *holder) (leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.since = s.fs.Now()
	return func() {
		h.turn <- struct{}{}
		s.drop(key, h)
	}
}
