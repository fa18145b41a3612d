package artifacts

import (
	"context"
	"errors"
	"time"
)

// A host remembers for a while what a network disk told it, also that a name is not there. So what another host has
// stored may be missing here for up to a minute, unless the folder is looked at again.

const (
	// lag is for how long Await waits for what was announced: twice as long as NFS remembers, unless told otherwise.
	lag = 2 * time.Minute
	// firstLook and lastLook are the pauses between its looks, which become longer.
	firstLook, lastLook = 10 * time.Millisecond, 5 * time.Second
)

// refresh makes this host look at folders of the store anew, if others may have changed them. Where that fails they stay
// as they were seen.
func (s *Store) refresh(folders ...string) {
	if !s.remote {
		return
	}
	for _, folder := range folders {
		_ = s.fs.Refresh(folder)
	}
}

// refreshEntry is refresh for where the entry of a key may be.
func (s *Store) refreshEntry(key Digest) {
	if s.remote {
		s.refresh(s.part(manifestsDir, key), s.path(sessionsDir), s.path(packsDir))
	}
}

// Await is Get for an entry that another process is known to have stored. Where this host does not see it yet, it
// looks again, less and less often, for two minutes. Then the error is Get's, a *MissError: compute the entry.
func (s *Store) Await(ctx context.Context, key Digest) (*Manifest, error) {
	pause, waited := firstLook, time.Duration(0)
	for {
		s.refreshEntry(key)
		m, err := s.Get(key)
		if errors.Is(err, ErrMiss) && s.remote {
			if err := s.lookAgain(); err != nil { // the folder's time may be known before its names
				return nil, err
			}
			m, err = s.Get(key)
		}
		var miss *MissError
		late := errors.As(err, &miss) && (miss.Reason == Absent || miss.Reason == Incomplete)
		if !late || !s.remote || waited >= lag {
			return m, err
		}
		if err := s.fs.Sleep(ctx, pause); err != nil {
			return nil, err
		}
		waited += pause
		pause = min(2*pause, lastLook)
	}
}
