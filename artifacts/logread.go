package artifacts

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// ErrNoLog says that there is no log of a key.
var ErrNoLog = errors.New("there is no log")

// A LogReader reads a log, and goes on reading while it is written. It is for one goroutine.
type LogReader struct {
	Header LogHeader

	s      *Store
	at     logFile
	data   []byte // of the segment
	read   int    // how much of data
	offset int64  // bytes of the segments before it
	done   bool   // the segment is read to its end
	ended  bool   // the log is
}

// OpenLog opens the newest log of a key, or with failed the newest that ended with a failure; ErrNoLog if there is
// none.
func (s *Store) OpenLog(key Digest, failed bool) (*LogReader, error) {
	doing := "reading the log of " + key.Short()
	files, err := s.logFiles(key)
	if err != nil {
		return nil, explain(doing, err)
	}
	id := ""
	if failed {
		id = s.lastFailure(files)
	} else if len(files) > 0 {
		id = files[0].id
	}
	if id == "" {
		return nil, fmt.Errorf("artifacts: %s: %w", doing, ErrNoLog)
	}
	r := &LogReader{s: s, at: logFile{key: key, id: id}}
	if _, err := r.load(); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("artifacts: %s: its beginning is gone: %w", doing, ErrNoLog)
	} else if err != nil {
		return nil, explain(doing, err)
	}
	first, rest, ok := cutLogRecord(r.data[r.read:])
	if !ok || first.Kind != logHeader {
		return nil, fmt.Errorf("artifacts: %s: %s does not begin as a log: %w", doing, s.logPath(r.at), ErrDamaged)
	}
	r.read = len(r.data) - len(rest)
	if r.Header, err = parseLogHeader(first.Data); err != nil {
		return nil, fmt.Errorf("artifacts: %s: %s: %w: %w", doing, s.logPath(r.at), err, ErrDamaged)
	}
	return r, nil
}

// Next gives the next record; ok is false if there is none yet, or none any more. Where segments were left out, a
// note says so.
func (r *LogReader) Next() (record LogRecord, ok bool, err error) {
	for !r.ended {
		if r.done {
			note, more, err := r.turn(record)
			if note.Kind != 0 || !more || err != nil {
				return note, note.Kind != 0, explain("reading "+r.s.logPath(r.at), err)
			}
		}
		var rest []byte
		if record, rest, ok = cutLogRecord(r.data[r.read:]); ok {
			r.read = len(r.data) - len(rest)
			switch record.Kind {
			case logMore:
				r.done = true
				continue
			case LogEnd:
				r.ended = true
			}
			return record, true, nil
		}
		grown, err := r.load()
		switch {
		case errors.Is(err, fs.ErrNotExist): // it was left out meanwhile
			r.done = true
		case err != nil:
			return LogRecord{}, false, explain("reading "+r.s.logPath(r.at), err)
		case !grown:
			return LogRecord{}, false, nil
		}
	}
	return LogRecord{}, false, nil
}

// load reads the segment again if it has grown.
func (r *LogReader) load() (grown bool, err error) {
	path := r.s.logPath(r.at)
	if r.data != nil {
		if info, err := r.s.fs.Stat(path); err != nil || info.Size() <= int64(len(r.data)) {
			return false, err
		}
	}
	data, _, err := r.s.fs.ReadFile(path)
	if err != nil || len(data) <= len(r.data) {
		return false, err
	}
	if r.read == 0 {
		line, _, whole := bytes.Cut(data, []byte("\n"))
		if !whole {
			return false, nil
		}
		text, ok := strings.CutPrefix(string(line), logFormat)
		offset, number := parseNumber(text)
		if !ok || !number {
			return false, fmt.Errorf("%s does not begin as a log: %w", path, ErrDamaged)
		}
		r.read, r.offset = len(line)+1, offset
	}
	r.data = data
	return true, nil
}

// turn goes on to the next segment that there is; more is false if there is none yet. The note says how much lies
// between.
func (r *LogReader) turn(last LogRecord) (note LogRecord, more bool, err error) {
	files, err := r.s.logFiles(r.at.key)
	if err != nil {
		return note, false, err
	}
	for _, f := range files {
		if f.id != r.at.id || f.segment <= r.at.segment {
			continue
		}
		expected := r.offset + int64(r.read)
		next := LogReader{s: r.s, at: f}
		grown, err := next.load()
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil || !grown { // not begun yet
			return note, false, err
		}
		r.at, r.data, r.read, r.offset, r.done = f, next.data, next.read, next.offset, false
		if gap := r.offset - expected; gap > 0 {
			note = LogRecord{Kind: LogNote, At: last.At, Data: fmt.Appendf(nil, "%d bytes are left out here: of a log only the beginning and the end are kept", gap)}
		}
		return note, true, nil
	}
	return note, false, nil
}

// Alive reports whether the log is still being written, as far as this host can know: where the store is on another's
// disk without locks, it takes a log that has no end for one that is written.
func (r *LogReader) Alive() bool {
	if r.ended {
		return false
	}
	lock := r.at
	lock.segment = -1
	path := r.s.logPath(lock)
	if _, err := r.s.fs.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return false
	}
	if r.s.settings.Lock == None { // whoever lives may be writing it
		living, err := r.s.Living()
		return err == nil && living
	}
	held, err := r.s.fs.TryLock(path, true)
	if err != nil {
		return true
	}
	_ = held.Unlock(!r.s.readOnly)
	return false
}

// logEnd gives the outcome of a log, or "" if it has none.
func (s *Store) logEnd(files []logFile, id string) (outcome string, err error) {
	last := logFile{segment: -1}
	for _, f := range files {
		if f.id == id && f.segment > last.segment {
			last = f
		}
	}
	r := LogReader{s: s, at: last}
	if _, err := r.load(); err != nil {
		return "", err
	}
	for {
		record, ok, err := r.Next()
		if err != nil || !ok {
			return "", err
		}
		if record.Kind == LogEnd {
			outcome, _, _ := strings.Cut(string(record.Data), "\n")
			return outcome, nil
		}
	}
}

// LogOf gives the header of the newest log of a key that begins as given: with at least the two letters that its
// folder is called by.
func (s *Store) LogOf(prefix string) (h LogHeader, ok bool) {
	if len(prefix) < 2 {
		return h, false
	}
	files, err := s.list(logsDir + "/" + prefix[:2])
	if err != nil {
		return h, false
	}
	for _, f := range files {
		at, known := parseLogName(f.Name())
		if !known || !strings.HasPrefix(f.Name(), prefix) {
			continue
		}
		if r, err := s.OpenLog(at.key, false); err == nil {
			return r.Header, true
		}
	}
	return h, false
}
