package artifacts

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// EventLog opens a run's log, runs/ID.jsonl, for adding to it. Writes go to the file at once, so
// that they survive the process, and are durable after Close.
func (s *Store) EventLog(id string) (io.WriteCloser, error) {
	doing := "opening the event log of the run " + shorten(id)
	if err := s.writable(doing); err != nil {
		return nil, err
	}
	if err := checkID(id); err != nil {
		return nil, fmt.Errorf("artifacts: %s: %w", doing, err)
	}
	if _, err := s.begin(); err != nil { // so that GC knows the log is being written
		return nil, explain(doing, err)
	}
	path := s.runPath(id, logSuffix)
	f, err := s.fs.Append(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.makeFolder(s.path(runsDir)); err == nil {
			f, err = s.fs.Append(path)
		}
	}
	if err != nil {
		return nil, explain(doing, err)
	}
	return &eventLog{f, s}, nil
}

type eventLog struct {
	File
	s *Store
}

func (l *eventLog) Write(p []byte) (int, error) {
	n, err := l.File.Write(p)
	return n, explain("writing the event log", err)
}

func (l *eventLog) Close() error {
	err := errors.Join(l.Sync(), l.File.Close())
	if err == nil {
		err = l.s.fs.SyncDir(l.s.path(runsDir))
	}
	return explain("closing the event log", err)
}
