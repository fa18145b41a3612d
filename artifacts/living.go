package artifacts

// Living reports whether another process works with the store, such as a run, as far as this host can know. It changes
// nothing.
func (s *Store) Living() (bool, error) {
	files, err := s.list(sessionsDir)
	if err != nil {
		return false, err
	}
	var own string
	if open := s.session.Load(); open != nil {
		own = open.path
	}
	for _, f := range files {
		path := s.path(sessionsDir + "/" + f.Name())
		if path == own || !isTempName(f.Name()) || !f.Type().IsRegular() {
			continue
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
