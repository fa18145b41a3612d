package artifacts

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"
)

// Some network disks (Lustre, some settings of others) stamp a file with the time of the host that writes it. So a
// session that was last touched long ago, as its file says, may be that of a host whose clock is behind. Before it
// counts as dead it is watched by this host's clock alone: whether it is touched at all.

const (
	// watched is how long a session must stay as it is.
	watched = 3 * heartbeat
	// hostsDiffer is by how much clocks of hosts may differ. What is older is dead.
	hostsDiffer = 24 * time.Hour
)

// sights are what a store has seen of others' sessions.
type sights struct {
	mu   sync.Mutex
	seen map[string]sight // by what the file says of its owner
}

// A sight is when a sign of life was first seen, by this machine's clock.
type sight struct{ beat, at time.Time }

// A glance is what a session's file says, and when.
type glance struct {
	text string
	beat time.Time // by the clock that stamps files
	// from and to are when the file was read, by this machine's clock: it may have stood still in between.
	from, to time.Time
}

func (s *Store) glance(path string) (glance, error) {
	from := s.fs.Now()
	text, beat, err := s.fs.ReadFile(path)
	return glance{string(text), beat, from, s.fs.Now()}, err
}

// A lifeSign says what is known of a session.
type lifeSign uint8

const (
	dead     lifeSign = iota
	doubtful          // it seems dead, and is to be watched
	alive             // it was touched, and its lock, if it has one, does not reach
	locked            // it has its lock
)

// lifeOf tells from a session's file whether its process lives, as far as its lock does not tell.
func (s *Store) lifeOf(g glance, now time.Time) lifeSign {
	if parseOwner(g.text).diedHere() {
		return dead
	}
	s.sights.mu.Lock()
	defer s.sights.mu.Unlock()
	before, known := s.sights.seen[g.text]
	moved := known && !before.beat.Equal(g.beat)
	if !known || moved {
		s.sights.seen[g.text] = sight{g.beat, g.to}
	}
	age := now.Sub(g.beat)
	switch {
	case age.Abs() <= silence || moved:
		return alive
	case !s.remote || age > hostsDiffer || known && g.from.Sub(before.at) >= watched:
		return dead
	}
	return doubtful
}

// watch waits until no session of others is in doubt. It holds no lock meanwhile.
func (s *Store) watch(ctx context.Context) error {
	doubt, err := s.anyDoubtful()
	if err != nil || !doubt {
		return err
	}
	if err := s.fs.Sleep(ctx, watched); err != nil {
		return err
	}
	_, err = s.anyDoubtful()
	return err
}

func (s *Store) anyDoubtful() (bool, error) {
	if !s.remote {
		return false, nil
	}
	others, err := s.otherSessions()
	if err != nil || len(others) == 0 {
		return false, err
	}
	now, err := s.askNow()
	if err != nil {
		return false, err
	}
	doubt := false
	for _, path := range others {
		g, err := s.glance(path)
		if err == nil {
			doubt = s.lifeOf(g, now) == doubtful || doubt
		} else if !errors.Is(err, fs.ErrNotExist) {
			return false, explainRead("reading "+path, err)
		}
	}
	return doubt, nil
}
