package artifacts

// FSOf gives the disk of a store, for tests that look at it from outside.
func FSOf(s *Store) FS { return s.fs }

// Beat gives a sign of life at once, which a store otherwise does every few seconds.
func Beat(s *Store) {
	if open := s.session.Load(); open != nil {
		s.beat(open)
	}
}
