package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"time"
)

// A LogWriter writes a log. Its methods may be called from any goroutine. A disk that fails ends the log, of which
// Options.Warn is told, and nothing else: a program is not stopped for what it prints.
type LogWriter struct {
	s *Store

	mu     sync.Mutex
	at     logFile // the segment that is written
	file   File
	lock   Lock
	start  time.Time
	size   int64 // of the segment
	offset int64 // bytes of records before it
	broken bool
}

// StartLog begins a log of h.Key, and removes those before it but the last one of a failure. It sets Started
// and Owner of the header.
func (s *Store) StartLog(h LogHeader) (*LogWriter, error) {
	doing := "beginning the log of " + h.Key.Short()
	if err := s.writable(doing); err != nil {
		return nil, err
	}
	old, err := s.logFiles(h.Key)
	if err != nil {
		return nil, explain(doing, err)
	}
	w := &LogWriter{s: s, start: s.fs.Now()}
	h.Started = w.start.UTC()
	h.Owner, _, _ = strings.Cut(s.owner(), ", since ")
	w.at = logFile{key: h.Key, id: fmt.Sprintf("%0*d", logIDLength, max(w.start.UnixNano(), 0))}
	if len(old) > 0 && w.at.id <= old[0].id { // the clock was set back
		n, _ := parseLogID(old[0].id)
		w.at.id = fmt.Sprintf("%0*d", logIDLength, n+1)
	}
	s.removeLogs(old, s.lastFailure(old))
	if err := w.open(); err != nil {
		return nil, explain(doing, err)
	}
	lock := w.at
	lock.segment = -1
	if w.lock, err = s.fs.TryLock(s.logPath(lock), false); err != nil {
		w.lock = nil // those who follow take the log for ended; not worth a failure
	}
	w.Print(logHeader, h.encode())
	return w, nil
}

func parseLogID(id string) (int64, bool) {
	for len(id) > 1 && id[0] == '0' {
		id = id[1:]
	}
	return parseNumber(id)
}

// open makes the segment. The caller has w.mu, or is the only one to know w.
func (w *LogWriter) open() error {
	path := w.s.logPath(w.at)
	f, err := w.s.fs.Create(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = w.s.makeFolder(w.s.part(logsDir, w.at.key)); err == nil {
			f, err = w.s.fs.Create(path)
		}
	}
	if err != nil {
		return err
	}
	w.file, w.size = f, 0
	return w.write(fmt.Appendf(nil, "%s%d\n", logFormat, w.offset))
}

func (w *LogWriter) write(b []byte) error {
	n, err := w.file.Write(b)
	w.size += int64(n)
	return err
}

// Print adds a record.
func (w *LogWriter) Print(kind LogKind, data []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil || w.broken {
		return
	}
	err := w.turn()
	if err == nil {
		err = w.write(appendLogRecord(nil, kind, w.s.fs.Now().Sub(w.start), data))
	}
	if err != nil {
		w.broken = true
		w.s.warn(explain("writing the log "+w.s.logPath(w.at)+", which ends here", err))
	}
}

// turn goes on to the next segment if this one is full, and removes the one that no longer counts among the last.
func (w *LogWriter) turn() error {
	if w.size < logSegment {
		return nil
	}
	if err := w.write(appendLogRecord(nil, logMore, w.s.fs.Now().Sub(w.start), nil)); err != nil {
		return err
	}
	if err := w.file.Close(); err != nil {
		return err
	}
	w.offset += w.size
	w.at.segment++
	if err := w.open(); err != nil {
		return err
	}
	if gone := w.at.segment - logTail; gone >= logHead {
		old := w.at
		old.segment = gone
		return w.s.fs.Remove(w.s.logPath(old))
	}
	return nil
}

// End ends the log with an outcome, one of LogSucceeded, LogFailed and LogCanceled, and what went wrong. After a
// success or a failure the failure before it is forgotten.
func (w *LogWriter) End(outcome, problem string) {
	w.Print(LogEnd, []byte(outcome+"\n"+problem))
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.file == nil {
		return
	}
	_ = w.file.Close() // every record was written when it was printed
	w.file = nil
	if outcome != LogCanceled {
		if files, err := w.s.logFiles(w.at.key); err == nil {
			w.s.removeLogs(files, w.at.id)
		}
	}
	if w.lock != nil {
		_ = w.lock.Unlock(true)
	}
}

// removeLogs removes the files of a key's logs, but of those with the ids; what cannot be removed stays until the
// next log of the key, or for GC.
func (s *Store) removeLogs(files []logFile, but ...string) {
	for _, f := range files {
		keep := false
		for _, id := range but {
			keep = keep || f.id == id
		}
		if !keep {
			_ = s.fs.Remove(s.logPath(f))
		}
	}
}

// lastFailure gives the id of the newest log that ended with a failure, or "".
func (s *Store) lastFailure(files []logFile) string {
	for i, f := range files {
		if i > 0 && files[i-1].id == f.id {
			continue
		}
		if end, err := s.logEnd(files, f.id); err == nil && end == LogFailed {
			return f.id
		}
	}
	return ""
}
