package artifacts

// FSOf gives the disk of a store, for tests that look at it from outside.
func FSOf(s *Store) FS { return s.fs }
