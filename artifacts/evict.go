package artifacts

import (
	"context"
	"errors"
	"io/fs"
	"slices"
)

// An EvictReport says what Evict removed.
type EvictReport struct {
	Entries int
	Blobs   int
	Bytes   int64
	Missing []Digest // keys that had no entry, in the order given
	Kept    int      // blobs left to a later GC: they are young, or a running process may be about to use them
}

// Evict removes the entries of keys, whole or damaged, and the blobs that they alone used. A run that
// is under way and has planned with them fails to read them, says so, and can be started again.
func (s *Store) Evict(keys ...Digest) (EvictReport, error) {
	const doing = "evicting entries"
	var report EvictReport
	if err := s.writable(doing); err != nil {
		return report, err
	}
	s.removal.Lock()
	defer s.removal.Unlock()
	leave, err := s.brief(s.path(gateFile), false)
	if err != nil {
		return report, explain(doing, err)
	}
	defer leave()
	now, err := s.askNow()
	if err != nil {
		return report, explain(doing, err)
	}
	others, err := s.company(now)
	if err != nil {
		return report, explain(doing, err)
	}
	v, err := s.inventory(context.Background(), refuse)
	if err != nil {
		return report, err
	}
	entries := v.byKey()
	for _, p := range v.packs {
		p.used = now
	}
	g := collector{s: s, ctx: context.Background(), o: GCOptions{Delete: true}, meant: true, now: now, company: others}
	for _, key := range keys {
		all := slices.DeleteFunc(entries[key], func(e *holding) bool { return e.lent })
		delete(entries, key)
		if len(all) == 0 { // damaged, evicted just before, never there, or only a link
			switch err := s.fs.Remove(s.manifestPath(key)); {
			case err == nil:
				report.Entries++
			case errors.Is(err, fs.ErrNotExist):
				report.Missing = append(report.Missing, key)
			default:
				return report, explain(doing, err)
			}
			continue
		}
		for _, e := range all {
			e.used = now // whoever used it: it is meant
			freed, err := g.takeEntry(e, v)
			report.Bytes += freed
			if err != nil {
				return report, explain(doing, err)
			}
			report.Kept += v.leftBy(e)
		}
		report.Entries++
	}
	kept, err := g.repack(v)
	report.Bytes -= kept
	if err != nil {
		return report, explain(doing, err)
	}
	report.Blobs = g.report.Blobs
	report.Kept -= report.Blobs
	return report, nil
}

// leftBy counts the blobs of an entry that no entry uses any more.
func (v *inventory) leftBy(e *holding) int {
	n := 0
	for _, d := range e.blobs {
		if b := v.blob(e, d); b != nil && b.users == 0 {
			n++
		}
	}
	return n
}

// byKey gives the entries of each key.
func (v *inventory) byKey() map[Digest][]*holding {
	entries := make(map[Digest][]*holding, len(v.entries))
	for i := range v.entries {
		entries[v.entries[i].key] = append(entries[v.entries[i].key], &v.entries[i])
	}
	return entries
}
