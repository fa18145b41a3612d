package artifacts

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// patience is how long the store's own short locks are waited for. They are held for moments, and by
// GC for seconds, so that whoever waits longer waits for a stopped process or a disk that is stuck.
const patience = 2 * time.Minute

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
		err := s.tryIn(filepath.Dir(path), try)
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

// tryIn tries once more if the folder is not there: somebody tidied up.
func (s *Store) tryIn(folder string, try func() error) error {
	err := try()
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.makeFolder(folder); err == nil {
			err = try()
		}
	}
	return err
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
