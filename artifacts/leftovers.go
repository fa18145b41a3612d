package artifacts

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"
)

// leftoverAge is how old a file has to be to be taken for a leftover of a process that died.
const leftoverAge = 24 * time.Hour

// leftover reports whether a file that nothing refers to is one that nobody is writing.
func (g *collector) leftover(info fs.FileInfo) bool {
	age := g.now.Sub(info.ModTime())
	return age > leftoverAge && (!g.living || info.ModTime().Before(g.oldest))
}

// logs takes the event logs of runs that left no record.
func (g *collector) logs() error {
	files, err := g.s.list(runsDir)
	if err != nil {
		return err
	}
	for _, f := range files {
		id, ok := strings.CutSuffix(f.Name(), logSuffix)
		info, err := f.Info()
		if !ok || err != nil || g.headed[id] || !g.leftover(info) {
			continue
		}
		if err := g.takes(g.s.runPath(id, logSuffix)); err != nil {
			return err
		}
		g.report.Temporary++
	}
	return nil
}

// leftovers takes what processes that died left in temp/, and the files of their locks.
func (g *collector) leftovers() error {
	files, err := g.s.list(tempDir)
	if err != nil {
		return err
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil || !g.leftover(info) {
			continue
		}
		g.report.Temporary++
		if g.o.Delete {
			if err := g.s.fs.RemoveAll(g.s.path(tempDir) + string(filepath.Separator) + f.Name()); err != nil {
				return err
			}
		}
	}
	locks, err := g.s.list(keysDir)
	if err != nil || !g.o.Delete {
		return err
	}
	for _, f := range locks {
		lock, err := g.s.fs.TryLock(g.s.path(keysDir+"/"+f.Name()), false)
		if errors.Is(err, ErrLocked) {
			continue
		}
		if err != nil {
			return err
		}
		if err := lock.Unlock(true); err != nil {
			return err
		}
		g.report.Temporary++
	}
	return nil
}
