package artifacts

// Where gives the path of the file that holds a blob, and whether it is a pack, which holds others as well. The path is the
// blob's own if there is no such blob.
func (s *Store) Where(d Digest) (path string, packed bool) {
	path = s.blobPath(d)
	if _, err := s.fs.Stat(path); err == nil {
		return path, false
	}
	if p, err := s.lookFor(d, true); err == nil && p != nil {
		return p.path, true
	}
	return path, false
}
