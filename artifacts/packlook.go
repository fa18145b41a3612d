package artifacts

import (
	"errors"
	"io/fs"
	"time"
)

// A moment is when a folder was last changed, as it was when it was looked at. If it is not settled, the folder may have
// changed since without the time saying so: clocks of file systems have a grain.
type moment struct {
	changed time.Time
	settled bool
}

func (s *Store) momentOf(folder string) (moment, error) {
	now := s.now()
	info, err := s.fs.Stat(s.path(folder))
	if errors.Is(err, fs.ErrNotExist) {
		return moment{}, nil
	}
	if err != nil {
		return moment{}, err
	}
	grain := 50 * time.Millisecond
	if info.ModTime().Nanosecond() == 0 {
		grain = 3 * time.Second
	}
	return moment{info.ModTime(), now.Sub(info.ModTime()) > grain}, nil
}

func (m moment) still(now moment) bool { return m.settled && m.changed.Equal(now.changed) }

// lookFor is holding, after a look for new packs if the known ones have it not.
func (s *Store) lookFor(d Digest, blobs bool) (*pack, error) {
	if p := s.packs.holding(d, blobs); p != nil {
		return p, nil
	}
	if err := s.look(); err != nil {
		return nil, err
	}
	return s.packs.holding(d, blobs), nil
}

// look finds out what packs there are, unless it is known.
func (s *Store) look() error {
	x := s.packs
	x.looking.Lock()
	defer x.looking.Unlock()
	company, err := s.momentOf(sessionsDir)
	if err != nil {
		return err
	}
	if x.looked && x.alone && x.company.still(company) {
		return nil
	}
	folder, err := s.momentOf(packsDir)
	if err != nil {
		return err
	}
	if x.looked && x.folder.still(folder) && x.company.still(company) {
		return nil
	}
	if !x.looked || !x.company.still(company) {
		if x.alone, err = s.alone(); err != nil {
			return err
		}
	}
	if !x.looked || !x.folder.still(folder) {
		if err := s.listPacks(); err != nil {
			return err
		}
	}
	x.looked, x.folder, x.company = true, folder, company
	return nil
}

// lookAgain looks although nothing seems to have changed: a pack that was known is gone.
func (s *Store) lookAgain() error {
	s.packs.looking.Lock()
	s.packs.looked = false
	s.packs.looking.Unlock()
	return s.look()
}

// alone reports whether no other process has a session, but for those known to be dead.
func (s *Store) alone() (bool, error) {
	others, err := s.otherSessions()
	if err != nil {
		return false, err
	}
	for _, path := range others {
		text, _, err := s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || !parseOwner(string(text)).diedHere() {
			return false, nil
		}
	}
	return true, nil
}

// listings is how often packs are listed in a row because one was gone before it was read.
const listings = 10

// listPacks reads the heads of new packs and forgets those that are gone. A pack that is listed and gone was merged with others, into one that
// may have come after the list was read: then it is read again.
func (s *Store) listPacks() error {
	for range listings {
		if whole, err := s.listPacksOnce(); whole || err != nil {
			return err
		}
	}
	return nil
}

// listPacksOnce is not whole if a pack was gone before it was read.
func (s *Store) listPacksOnce() (whole bool, err error) {
	files, err := s.list(packsDir)
	if err != nil {
		return false, err
	}
	whole = true
	x := s.packs
	there := make(map[string]bool, len(files))
	for _, f := range files {
		name := f.Name()
		if !isPackName(name) {
			continue
		}
		there[name] = true
		x.mu.RLock()
		known := x.byName[name] != nil || x.refused[name]
		x.mu.RUnlock()
		if known {
			continue
		}
		p, err := s.openPack(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			delete(there, name)
			whole = false
		case err != nil && isOurs(err):
			return false, err
		case err != nil:
			s.warn(err)
			x.refuse(name)
		case p != nil:
			x.add(p)
		}
	}
	x.keepOnly(there)
	return whole, nil
}
