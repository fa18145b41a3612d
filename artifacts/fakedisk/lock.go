package fakedisk

import (
	"io/fs"
	"sync"
	"time"

	"spurion/artifacts"
)

// TryLock implements artifacts.FS. A crash lets go of all locks, as it does of all processes.
func (d *Disk) TryLock(name string, shared bool) (artifacts.Lock, error) {
	return d.tryLock(d.locks, name, shared, 0)
}

func (d *Disk) tryLock(table lockTable, name string, shared bool, skew time.Duration) (artifacts.Lock, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.operation("lock", name, true); err != nil {
		return nil, err
	}
	n, err := d.touchFile(name, false, skew)
	if err != nil {
		return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
	}
	state := table[n]
	if state == nil {
		state = &lockState{}
		table[n] = state
	}
	if state.exclusive > 0 || !shared && state.shared > 0 {
		return nil, artifacts.ErrLocked
	}
	if shared {
		state.shared++
	} else {
		state.exclusive++
	}
	return &lock{d: d, table: table, n: n, name: name, shared: shared, skew: skew}, nil
}

type lock struct {
	d      *Disk
	table  lockTable
	n      *node
	name   string
	shared bool
	skew   time.Duration // of the clock that stamps what it notes
	once   sync.Once
}

func (l *lock) Note(text string) error {
	return l.d.at("note", l.name, true, func() error {
		l.n.content, l.n.dirty, l.n.changed = []byte(text), true, l.d.now.Add(l.skew)
		return nil
	})
}

// Unlock lets go whatever happens, as a process does in the end.
func (l *lock) Unlock(remove bool) error {
	l.d.mu.Lock()
	defer l.d.mu.Unlock()
	l.once.Do(func() {
		state := l.table[l.n]
		if l.shared {
			state.shared--
		} else {
			state.exclusive--
		}
		if *state == (lockState{}) {
			delete(l.table, l.n)
		}
	})
	if _, err := l.d.operation("unlock", l.name, true); err != nil {
		return err
	}
	if n, base, err := l.d.parent(l.name); remove && err == nil && n.names[base] == l.n {
		n.drop(base, l.d.now)
	}
	return nil
}
