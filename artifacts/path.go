package artifacts

// BlobPath gives the path at which a blob is, or would be.
func (s *Store) BlobPath(d Digest) string { return s.blobPath(d) }
