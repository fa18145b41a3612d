package artifacts

import (
	"context"
	"time"
)

// FSOf gives the disk of a store, for tests that look at it from outside.
func FSOf(s *Store) FS {
	base := s.fs
	for {
		switch d := base.(type) {
		case willing:
			base = d.FS
		case lockless:
			base = d.FS
		case steady:
			base = d.FS
		default:
			return base
		}
	}
}

// Beat gives a sign of life at once, which a store otherwise does every few seconds.
func Beat(s *Store) {
	if !s.opening.TryLock() {
		return // it is about to
	}
	s.opening.Unlock()
	if open := s.session.Load(); open != nil {
		s.beat(open)
	}
}

// Sign is Beat, but does not begin a session anew that others took for dead: then the error is fs.ErrNotExist.
func Sign(s *Store) error {
	if open := s.session.Load(); open != nil {
		return s.fs.Touch(open.path, time.Time{})
	}
	return nil
}

// GCBeside collects although others work with the store whom no lock keeps out.
func GCBeside(s *Store, ctx context.Context, o GCOptions) (GCReport, error) {
	return s.collect(ctx, o, true)
}

// SaveGroup saves results as if they had come while the store was busy, and gives the error of each.
func SaveGroup(s *Store, ms []*Manifest, data [][][]byte) []error {
	group := make([]*saving, len(ms))
	for i := range group {
		group[i] = &saving{m: ms[i], data: data[i]}
	}
	s.saveGroup(group)
	errs := make([]error, len(group))
	for i := range group {
		errs[i] = group[i].err
	}
	return errs
}

// EncodePack writes a pack of whole results.
func EncodePack(ms []*Manifest, data [][][]byte) []byte {
	var results []result
	for i, m := range ms {
		r := result{key: m.Key, manifest: m.encode()}
		for k := range m.Outputs {
			r.blobs = append(r.blobs, namedBlob{m.Outputs[k].Digest, data[i][k]})
		}
		results = append(results, r)
	}
	return encodePack(results)
}

// ReadPack takes a pack apart and puts it together again.
func ReadPack(data []byte) (again []byte, losses int, err error) {
	results, lost, err := unpack(data)
	if err != nil {
		return nil, 0, err
	}
	return encodePack(results), len(lost), nil
}

// Waiting gives how many results wait for the disk.
func Waiting(s *Store) int {
	s.saver.mu.Lock()
	defer s.saver.mu.Unlock()
	return len(s.saver.waiting)
}
