package artifacts

import (
	"context"
	"errors"
	"io/fs"
)

// printed takes the logs of programs whose entry is gone, or never came to be, unless a kept run refers to it or the
// log is younger than a leftover.
func (g *collector) printed() error {
	taken := map[Digest]bool{}
	for i := range g.report.Entries {
		taken[g.report.Entries[i].Key] = true
	}
	return g.s.eachLog(func(f logFile, info fs.FileInfo) error {
		if err := g.ctx.Err(); err != nil || g.kept[f.key] || !g.leftover(info) {
			return err
		}
		if _, err := g.s.fs.Stat(g.s.manifestPath(f.key)); err == nil && !taken[f.key] {
			return nil
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return explainRead("looking for the manifest of a log", err)
		}
		if err := g.removes(g.s.logPath(f)); err != nil {
			return err
		}
		g.report.Bytes += info.Size()
		if f.segment == 0 {
			g.report.Logs++
		}
		return nil
	})
}

// eachLog calls f for every file of a log.
func (s *Store) eachLog(f func(logFile, fs.FileInfo) error) error {
	return s.eachPart(context.Background(), logsDir, func(part string) error {
		files, err := s.list(part)
		if err != nil {
			return err
		}
		for _, file := range files {
			log, ok := parseLogName(file.Name())
			if !ok || !file.Type().IsRegular() {
				continue
			}
			info, err := file.Info()
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return explainRead("looking at "+s.logPath(log), err)
			}
			if err := f(log, info); err != nil {
				return err
			}
		}
		return nil
	})
}
