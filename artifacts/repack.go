package artifacts

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// packName gives a name for a pack that nothing has: the time by the disk's clock, so that names are in the order in
// which packs were made, and something random. What is left of a pack keeps its time.
func packName(at string) string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	return at + "-" + hex.EncodeToString(random[:]) + packSuffix
}

func (s *Store) packTime() string { return fmt.Sprintf("%016x", max(0, s.now().UnixNano())) }

// writePack makes a pack of results, durable when it returns. It was last used at a time, the zero time
// stands for now; at is the first half of its name.
func (s *Store) writePack(results []result, at string, used time.Time) (*pack, error) {
	data := encodePack(results)
	p, err := parseHead(data, int64(len(data)))
	if err != nil {
		return nil, err
	}
	p.name = packName(at)
	p.path = s.packPath(p.name)
	temp, err := s.writeTemp(data)
	if err != nil {
		return nil, err
	}
	if !used.IsZero() {
		if err := s.fs.Touch(temp, used); err != nil {
			_ = s.fs.Remove(temp)
			return nil, err
		}
	}
	if err := s.place(temp, p.path, data); err != nil {
		return nil, err
	}
	if !s.packsAnchored.Load() { // another process may have made the folder, and not have come to syncing its name
		if err := s.fs.SyncDir(s.dir); err != nil {
			return nil, err
		}
		s.packsAnchored.Store(true)
	}
	if err := s.fs.SyncDir(s.path(packsDir)); err != nil {
		return nil, err
	}
	return p, nil
}

// salvage takes a damaged pack apart: what is whole in it becomes another pack, and the file is set aside, as setAside does
// it. If nothing is wrong with it, or not any more, the path is empty.
func (s *Store) salvage(path string) (aside string, losses []loss, err error) {
	if s.readOnly {
		return path, nil, nil
	}
	unlock, err := s.lockPack(path)
	if err != nil {
		return path, nil, nil
	}
	defer unlock()
	info, err := s.fs.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, nil
	}
	var results []result
	what := ""
	if err == nil {
		var data []byte
		data, _, err = s.fs.ReadFile(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return "", nil, nil
		case errors.Is(err, ErrNotFile):
			what = "it is " + ErrNotFile.Error()
		case err == nil:
			var headErr error
			results, losses, headErr = unpack(data)
			if headErr != nil {
				what = headErr.Error()
			} else if len(losses) > 0 {
				what = losses[0].problem
			} else {
				return "", nil, nil
			}
		}
	}
	if err != nil && what == "" {
		if isOurs(err) {
			return "", nil, err
		}
		what = fmt.Sprintf("it cannot be read (%v)", err)
	}
	var left *pack
	if len(results) > 0 {
		if left, err = s.writePack(results, packTimeOf(path), info.ModTime()); err != nil {
			if err = explain("taking apart the pack "+path, err); errors.Is(err, ErrReadOnly) {
				return path, losses, nil
			}
			return "", losses, err
		}
	}
	if aside, err = s.moveAside(path, what); err != nil {
		return path, losses, nil
	}
	s.packs.takenApart(path, left)
	return aside, losses, nil
}

// packTimeOf gives the first half of a pack's name.
func packTimeOf(path string) string {
	at, _, _ := strings.Cut(filepath.Base(path), "-")
	return at
}

// lockPack keeps others from taking the same pack apart.
func (s *Store) lockPack(path string) (unlock func(), err error) {
	return s.lockStripe(Sum([]byte(filepath.Base(path))))
}

// takeHidden takes the entries that readers do not see, because another one counts.
func (g *collector) takeHidden(v *inventory) (freed int64, err error) {
	for i := range v.entries {
		if e := &v.entries[i]; e.hidden && !e.lent && g.idleLong(e.used) {
			n, err := g.takeEntry(e, v)
			if err != nil {
				return freed, err
			}
			freed += n
		}
	}
	return freed, nil
}

// repack removes from packs the entries that takeEntry has chosen, and gives the bytes of those that stay after all.
func (g *collector) repack(v *inventory) (kept int64, err error) {
	for _, p := range v.packs {
		if len(p.drop) == 0 {
			continue
		}
		taken, err := g.dropFrom(p.path, p.drop, p.used)
		if err != nil {
			return kept, err
		}
		if taken {
			continue
		}
		for i := range v.entries {
			if e := &v.entries[i]; e.pack == p && p.drop[e.key] {
				g.report.Bytes -= e.size
				g.report.KeptEntries++
				kept += e.size
			}
		}
		for _, b := range p.blobs {
			if b.users == 0 {
				g.report.Blobs--
				g.report.Bytes -= b.size
				kept += b.size
			}
		}
		g.report.Entries = slices.DeleteFunc(g.report.Entries, func(e GCEntry) bool { return p.drop[e.Key] })
	}
	return kept, nil
}

// dropFrom removes entries from a pack that was last used at a time: what is left becomes another pack, then the file is
// taken (see collector.takes). taken is false if it was used since, or others took it apart meanwhile.
func (g *collector) dropFrom(path string, drop map[Digest]bool, used time.Time) (taken bool, err error) {
	if !g.o.Delete {
		return true, nil
	}
	unlock, err := g.s.lockPack(path)
	if err != nil {
		return false, err
	}
	defer unlock()
	data, _, err := g.s.fs.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	all, losses, err := unpack(data)
	if err != nil || len(losses) > 0 {
		return false, nil // damaged since: Get and Verify see to it
	}
	var left []result
	for i := range all {
		if !drop[all[i].key] {
			left = append(left, all[i])
		}
	}
	var kept *pack
	if len(left) > 0 {
		if kept, err = g.s.writePack(left, packTimeOf(path), used); isFull(err) || errors.Is(err, fs.ErrNotExist) {
			return false, nil // what has files of its own goes all the same, and makes room; another host may have taken what is left
		} else if err != nil {
			return false, err
		}
	}
	taken, err = g.takes(path, used)
	if taken {
		g.s.packs.takenApart(path, kept)
	} else if kept != nil {
		if gone := g.s.fs.Remove(kept.path); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return taken, err
}

// takenApart forgets a pack, and makes known the one that has what is left of it; nil if nothing is.
func (x *packs) takenApart(path string, left *pack) {
	var old []*pack
	x.mu.RLock()
	if p := x.byName[filepath.Base(path)]; p != nil {
		old = []*pack{p}
	}
	x.mu.RUnlock()
	x.replace(old, left)
}
