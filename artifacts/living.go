package artifacts

import (
	"errors"
	"io/fs"
)

// Living reports whether another process works with the store, such as a run, as far as this host can know. It changes
// nothing.
func (s *Store) Living() (bool, error) {
	others, err := s.otherSessions()
	if err != nil {
		return false, err
	}
	for _, path := range others {
		g, err := s.glance(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil && s.lifeOf(g, s.now()) == alive {
			return true, nil
		}
		held, err := s.fs.TryLock(path, true)
		if err != nil { // locked, or gone meanwhile
			if _, err := s.fs.Stat(path); err == nil {
				return true, nil
			}
			continue
		}
		_ = held.Unlock(false)
	}
	return false, nil
}
