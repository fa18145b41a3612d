package artifacts

import (
	"context"
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
		if !ok || !f.Type().IsRegular() || !isRunID(id) || g.headed[id] {
			continue
		}
		info, err := f.Info()
		if err != nil || !g.leftover(info) {
			continue
		}
		if err := g.removes(g.s.runPath(id, logSuffix)); err != nil {
			return err
		}
		g.report.Temporary++
	}
	return nil
}

// isRunID reports whether a name is one that runs are given: 20240306T120000Z-00c0de.
func isRunID(id string) bool {
	at, random, ok := strings.Cut(id, "-")
	if _, err := time.Parse("20060102T150405Z", at); err != nil || !ok {
		return false
	}
	return len(random) == 6 && strings.Trim(random, "0123456789abcdef") == ""
}

// leftovers takes what processes that died left in temp/, beside blobs and manifests where these are on other
// disks, and the files of their locks.
func (g *collector) leftovers() error {
	if err := g.temporary(tempDir); err != nil {
		return err
	}
	if err := g.temporary(packsDir); err != nil {
		return err
	}
	for _, root := range fanned {
		if err := g.s.eachPart(context.WithoutCancel(g.ctx), root, g.temporary); err != nil {
			return err
		}
	}
	locks, err := g.s.list(keysDir)
	if err != nil || !g.o.Delete {
		return err
	}
	for _, f := range locks {
		var d Digest
		if !parseDigest(&d, f.Name()) || !f.Type().IsRegular() {
			continue
		}
		if err := g.unused(g.s.path(keysDir + "/" + f.Name())); err != nil {
			return err
		}
	}
	return nil
}

// temporary takes old temporary files and folders, which are known by their names, from a folder.
func (g *collector) temporary(folder string) error {
	files, err := g.s.list(folder)
	if err != nil {
		return err
	}
	for _, f := range files {
		if !isTempName(f.Name()) || !f.Type().IsRegular() && !f.IsDir() {
			continue
		}
		info, err := f.Info()
		if err != nil || !g.leftover(info) {
			continue
		}
		g.report.Temporary++
		if !g.o.Delete {
			continue
		}
		path := g.s.path(folder) + string(filepath.Separator) + f.Name()
		remove := g.s.fs.Remove
		if f.IsDir() {
			remove = g.s.fs.RemoveAll
		}
		if err := remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// unused removes the file of a key that nobody has.
func (g *collector) unused(path string) error {
	if gone, err := g.s.abandoned(path); err != nil || !gone {
		return err
	}
	lock, err := g.s.fs.TryLock(path, false)
	if errors.Is(err, ErrLocked) {
		return nil
	}
	if err != nil {
		return err
	}
	g.report.Temporary++
	return lock.Unlock(true)
}
