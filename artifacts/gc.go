package artifacts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"
	"time"
)

// GCOptions say what GC may take.
type GCOptions struct {
	KeepRuns int           // the newest runs of every spec that are kept, with all they refer to
	MaxBytes int64         // entries are taken until the store is at most this large; 0: all that may be
	MinAge   time.Duration // entries and blobs used more recently are left alone
	Delete   bool          // false: only report what would be taken
}

// A GCReport says what GC took, or would take.
type GCReport struct {
	Deleted     bool      // false if it only reports
	Entries     []GCEntry // least recently used first
	Blobs       int
	Bytes       int64    // of these entries and blobs, and of logs
	Logs        int      // of programs
	Runs        []string // ids of run records, newest first
	Temporary   int      // leftovers in temp/, locks/ and runs/
	KeptEntries int
	KeptBytes   int64
}

// A GCEntry is an entry that GC took, or would take.
type GCEntry struct {
	Key     Digest
	Kind    string
	Address string
	Bytes   int64 // of the manifest and of the blobs that went with it
	Used    time.Time
}

// GC removes run records beyond the newest, then the least recently used entries that no kept run
// refers to until the store is small enough, blobs that no entry uses and that are not young, and leftovers and logs
// of programs without an entry that are older than a day. Of these only what has a name and a form that stores give is
// removed; parts of the store may be links to folders on other disks, but nothing else that is a link is followed or
// removed. A run record that is damaged is not counted among the newest; where the entries of none of a spec's can be read,
// what that spec first computed stays. It is safe beside concurrent runs of other
// stores, in this process or another, and takes nothing that one of them may be using: see session.go. Of what this
// very store is used for meanwhile it spares what is being published, but not what was only read. The entries of a
// pack have been used when any of them was.
//
// It refuses (ErrBusy) while a process may be at work that no lock keeps out: one on another host whose locks do not reach
// this one, or any if the store's settings say that there are none.
func (s *Store) GC(ctx context.Context, o GCOptions) (GCReport, error) {
	return s.collect(ctx, o, false)
}

// collect is GC; beside says that it is to go on although others are at work, of whom it still takes nothing.
func (s *Store) collect(ctx context.Context, o GCOptions, beside bool) (GCReport, error) {
	const doing = "collecting garbage"
	if o.Delete {
		if err := s.writable(doing); err != nil {
			return GCReport{}, err
		}
	}
	g := collector{s: s, ctx: ctx, o: o, now: s.fs.Now(), report: GCReport{Deleted: o.Delete}}
	if o.Delete {
		if err := s.watch(ctx); err != nil {
			return GCReport{}, explain(doing, err)
		}
	}
	s.removal.Lock()
	defer s.removal.Unlock()
	if !s.readOnly {
		leave, err := s.brief(s.path(gateFile), false)
		if err == nil {
			defer leave()
			if g.now, err = s.askNow(); err == nil {
				g.company, err = s.company(g.now)
			}
		}
		if err == nil && o.Delete && g.beyond != "" && !beside {
			return GCReport{}, fmt.Errorf("artifacts: %s: %w: %s, and no lock that it has keeps others out: wait for its end, or, if it was killed, for two minutes",
				doing, ErrBusy, g.beyond)
		}
		if err = explain(doing, err); err != nil && (o.Delete || !errors.Is(err, ErrReadOnly)) {
			return GCReport{}, err
		}
	}
	for _, step := range []func() error{g.chooseRuns, g.entries, g.printed, g.runs, g.logs, g.leftovers} {
		if err := step(); err != nil {
			return g.report, explain(doing, err)
		}
	}
	return g.report, nil
}

type collector struct {
	s   *Store
	ctx context.Context
	o   GCOptions
	now time.Time
	company
	kept   map[Digest]bool
	lists  map[Digest]bool // files in entries/ that kept runs need
	headed map[string]bool // ids that have a record
	blind  map[string]bool // specs of which there are records, but of none the entries
	report GCReport
	meant  bool // what is taken is named, whoever used it until now
}

// refuse ends an inventory at the first manifest that cannot be read: the blobs that it needs must not be taken.
func refuse(err error) error { return err }

// removes removes a file, or only pretends to. One that is gone already counts as removed.
func (g *collector) removes(path string) error {
	if !g.o.Delete {
		return nil
	}
	if err := g.s.fs.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// takes removes a file that was last used at a time, or only pretends to. The file first loses its name, so that
// whoever uses it from then on finds it gone; if it turns out to have been used since, by a host that the gate
// does not keep out, it gets the name back, and taken is false.
func (g *collector) takes(path string, used time.Time) (taken bool, err error) {
	if !g.o.Delete {
		return true, nil
	}
	aside := g.s.tempName()
	err = g.s.tryIn(g.s.path(tempDir), func() error { return g.s.fs.Rename(path, aside) })
	if isElsewhere(err) { // the folder is a link to another disk
		aside = g.s.tempIn(filepath.Dir(path))
		err = g.s.fs.Rename(path, aside)
	}
	if errors.Is(err, fs.ErrNotExist) {
		if _, statErr := g.s.fs.Stat(aside); statErr != nil {
			return true, nil // gone already
		}
		err = nil // it was done, and the answer was lost
	}
	if err != nil {
		return false, err
	}
	info, err := g.s.fs.Stat(aside)
	// A host whose clock is behind, and that stamps files itself, makes a use look like an earlier one.
	if err != nil || info.ModTime().After(used) || info.ModTime().Before(used) && !g.meant {
		backErr := g.s.fs.Rename(aside, path)
		if errors.Is(backErr, fs.ErrNotExist) {
			backErr = nil // it was done, the answer was lost, and another may have removed it since
		}
		return false, errors.Join(err, backErr)
	}
	return true, g.removes(aside)
}

// chooseRuns decides which run records stay, and notes what they refer to.
func (g *collector) chooseRuns() error {
	g.kept, g.lists, g.headed, g.blind = map[Digest]bool{}, map[Digest]bool{}, map[string]bool{}, map[string]bool{}
	headers, unread, err := g.s.headers("")
	if err = errors.Join(append(unread, err)...); err != nil {
		return err // what such a run refers to must not be taken
	}
	count := map[string]int{}
	for i := range headers {
		h := &headers[i]
		g.headed[h.ID] = true
		if count[h.Spec] >= g.o.KeepRuns {
			g.report.Runs = append(g.report.Runs, h.ID)
			continue
		}
		entries, err := g.s.readEntries(h)
		if err != nil {
			if !errors.Is(err, ErrDamaged) {
				return err
			}
			g.s.warn(err)
			g.lists[h.list] = true // left for people to look at
			g.blind[h.Spec] = count[h.Spec] == 0
			continue
		}
		count[h.Spec]++
		g.blind[h.Spec] = false
		g.lists[h.list] = true
		for j := range entries {
			g.kept[entries[j].Key] = true
		}
	}
	return g.ctx.Err()
}

// entries takes entries, the least recently used first, and blobs that none uses.
func (g *collector) entries() error {
	v, err := g.s.inventory(g.ctx, refuse)
	if err != nil {
		return err
	}
	total := v.bytes()
	g.report.KeptEntries = len(v.entries)
	for _, d := range v.order {
		if v.blobs[d].users == 0 {
			freed, err := g.takeBlob(d, v.blobs[d])
			if err != nil {
				return err
			}
			total -= freed
		}
	}
	freed, err := g.takeHidden(v)
	if err != nil {
		return err
	}
	total -= freed
	candidates := make([]*holding, 0, len(v.entries))
	for i := range v.entries {
		if e := &v.entries[i]; !g.kept[e.key] && !g.blind[e.spec] && !e.hidden && !e.lent && g.idle(e.used, useInterval) {
			candidates = append(candidates, e)
		}
	}
	sort.SliceStable(candidates, func(i, j int) bool {
		if !candidates[i].used.Equal(candidates[j].used) {
			return candidates[i].used.Before(candidates[j].used)
		}
		return bytes.Compare(candidates[i].key[:], candidates[j].key[:]) < 0
	})
	for _, e := range candidates {
		if total <= g.o.MaxBytes {
			break
		}
		freed, err := g.takeEntry(e, v)
		if err != nil {
			return err
		}
		total -= freed
	}
	kept, err := g.repack(v)
	g.report.KeptBytes = total + kept
	if err != nil {
		return err
	}
	return g.ctx.Err()
}

// idle reports whether something that was used at a time may be taken: before MinAge, and before
// what living sessions may have seen, whose uses are noted to within slack.
func (g *collector) idle(used time.Time, slack time.Duration) bool {
	if g.o.MinAge > 0 && g.now.Sub(used) < g.o.MinAge {
		return false
	}
	return !g.living || used.Before(g.oldest.Add(-slack))
}

// idleLong is idle for what may be about to get its first user.
func (g *collector) idleLong(used time.Time) bool {
	return g.now.Sub(used) >= youth && g.idle(used, 0)
}

// takeEntry takes a manifest, and then the blobs that it alone used: a crash in between leaves blobs
// without a manifest, which the next GC takes.
func (g *collector) takeEntry(e *holding, v *inventory) (freed int64, err error) {
	if err := g.ctx.Err(); err != nil {
		return 0, err
	}
	if e.lent {
		return 0, nil
	}
	if e.pack != nil {
		e.pack.drop[e.key] = true // see repack
	} else if taken, err := g.takes(g.s.manifestPath(e.key), e.used); err != nil || !taken {
		return 0, err
	}
	freed = e.size
	g.report.Bytes += e.size
	g.report.KeptEntries--
	for _, d := range e.blobs {
		b := v.blob(e, d)
		if b == nil {
			continue
		}
		if b.users--; b.users > 0 {
			continue
		}
		if e.pack != nil {
			freed += b.size
			g.report.Blobs++
			g.report.Bytes += b.size
			continue
		}
		size, err := g.takeBlob(d, b)
		if err != nil {
			return freed, err
		}
		freed += size
	}
	g.report.Entries = append(g.report.Entries, GCEntry{Key: e.key, Kind: e.kind, Address: e.address, Bytes: freed, Used: e.used})
	return freed, nil
}

// takeBlob takes a blob that no entry uses, unless one that is yet to be published may use it.
func (g *collector) takeBlob(d Digest, b *blobFile) (freed int64, err error) {
	if b.lent || !g.idleLong(b.changed) || g.s.isPending(d) {
		return 0, nil
	}
	if taken, err := g.takes(g.s.blobPath(d), b.changed); err != nil || !taken {
		return 0, err
	}
	g.report.Blobs++
	g.report.Bytes += b.size
	return b.size, nil
}

// isPending reports whether this store put a blob that it has not published yet.
func (s *Store) isPending(d Digest) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pending[d] > 0
}

// runs takes the records that were not chosen, then the lists of entries that none needs.
func (g *collector) runs() error {
	for _, id := range g.report.Runs {
		for _, suffix := range []string{runSuffix, logSuffix} {
			if err := g.removes(g.s.runPath(id, suffix)); err != nil {
				return err
			}
		}
	}
	return g.s.each(entriesDir, func(path string, d Digest, info fileInfo) error {
		if g.lists[d] || info.lent || !info.Mode().IsRegular() || !g.idleLong(info.ModTime()) {
			return nil
		}
		_, err := g.takes(path, info.ModTime())
		return err
	})
}
