package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"spurion/artifacts"
)

// A request is what one side wants the other to do. Path names a file in the folder where they meet.
type request struct {
	Do       string
	Path     string
	Kind     artifacts.LockKind
	Refresh  bool
	Findings []Finding
}

// An answer is what came of it.
type answer struct {
	Yes     bool
	Problem string
	Won     []bool
	Reading reading
	Stamp   time.Time     // of a file that was made
	Took    time.Duration // by the clock of who answers
}

// The most that is waited for a name to be seen, and how many names are made at the same time by both.
const (
	seenWithin = 90 * time.Second
	races      = 50
)

// A partner does what it is asked to.
type partner struct {
	*talk
	o     Options
	locks map[string]artifacts.Lock
	n     int
}

// serve answers until it is told what was found.
func (p *partner) serve() ([]Finding, error) {
	for {
		var r request
		if err := p.hear(&r); err != nil {
			return nil, err
		}
		a, err := p.do(r)
		if err != nil {
			a.Problem = err.Error()
		}
		if err := p.say(a); err != nil {
			return nil, err
		}
		if r.Do == "end" {
			return r.Findings, nil
		}
	}
}

func (p *partner) do(r request) (a answer, err error) {
	path := filepath.Join(p.dir, r.Path)
	switch r.Do {
	case "lock":
		lock, err := p.o.disk(r.Kind).TryLock(path, false)
		if errors.Is(err, artifacts.ErrLocked) {
			return answer{}, nil
		}
		if err == nil {
			p.locks[r.Path] = lock
		}
		return answer{Yes: err == nil}, err
	case "unlock":
		lock := p.locks[r.Path]
		delete(p.locks, r.Path)
		if lock == nil {
			return answer{}, nil
		}
		return answer{}, lock.Unlock(false)
	case "create":
		return answer{Won: p.race(r.Path, p.create)}, nil
	case "link":
		return answer{Won: p.race(r.Path, p.link)}, nil
	case "read":
		return answer{Reading: p.readUntil(path)}, nil
	case "stamp":
		a.Stamp, err = p.stamp()
		return a, err
	case "look":
		_, err := p.disk.Stat(path)
		return answer{Yes: err == nil}, nil
	case "wait":
		return p.wait(path, r.Refresh)
	}
	return answer{}, nil
}

// race makes names that the other side makes as well, and tells which of them it made.
func (p *partner) race(path string, try func(path string) error) []bool {
	won := make([]bool, races)
	for n := range won {
		won[n] = try(filepath.Join(p.dir, fmt.Sprintf("%s-%d", path, n))) == nil
	}
	return won
}

func (p *partner) create(path string) error {
	f, err := p.disk.Create(path)
	if err == nil {
		err = f.Close()
	}
	return err
}

// link makes a second name of a file of its own. That its own answer was lost is known by the file.
func (p *partner) link(path string) error {
	own := path + "." + p.me
	if err := p.create(own); err != nil {
		return err
	}
	err := p.disk.Link(own, path)
	if errors.Is(err, fs.ErrExist) {
		if same, sameErr := p.disk.SameFile(own, path); sameErr == nil && same {
			err = nil
		}
	}
	return err
}

// readUntil reads a file until another says that the writing has ended.
func (p *partner) readUntil(path string) (r reading) {
	_ = p.until(answersLate, func() (bool, error) {
		for range 50 {
			r.read(p.disk, path)
		}
		_ = p.disk.Refresh(p.dir)
		_, err := p.disk.Stat(path + ".end")
		return err == nil, nil
	})
	return r
}

// stamp makes a file and gives its time.
func (p *partner) stamp() (time.Time, error) {
	p.n++
	path := filepath.Join(p.dir, fmt.Sprintf("%s.stamp-%d", p.me, p.n))
	if err := write(p.disk, path, "x"); err != nil {
		return time.Time{}, err
	}
	info, err := p.disk.Stat(path)
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
}

// wait measures how long it takes to see a name that is there.
func (p *partner) wait(path string, refresh bool) (answer, error) {
	began := p.disk.Now()
	err := p.until(seenWithin, func() (bool, error) {
		if refresh {
			_ = p.disk.Refresh(p.dir)
		}
		_, err := p.disk.Stat(path)
		return err == nil, nil
	})
	return answer{Yes: err == nil, Took: p.disk.Now().Sub(began)}, nil
}
