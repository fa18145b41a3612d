package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A log is what a program printed while it computed a key. It is for people: nothing in the store rests on it, it is
// not part of the entry, and losing it loses no result. So it is written as the program prints, without waiting for
// the disk.
//
// Its files are logs/xx/KEY-ID.N: ID is the moment at which it began, N counts segments. The first segments and the
// last are kept, so that a program which never stops printing does not fill the disk. KEY-ID.lock is locked while it
// is being written, so that who follows it sees a writer die. A segment is a line, then records:
//
//	spurion log 1 OFFSET      how many bytes of records the segments before hold
//	o 1250 6                  a record: what it is, milliseconds since the beginning, length
//	hello
//
// and it is read up to the first record that is not whole: more may follow while the log is written.
const (
	logsDir    = "logs"
	logFormat  = "spurion log 1 "
	lockSuffix = ".lock"

	logSegment = 1 << 20 // bytes of a segment, and the one record that passes it
	logHead    = 8       // segments kept from the beginning
	logTail    = 24      // segments kept from the end
)

// A LogKind says what a record of a log is.
type LogKind byte

// The kinds of records.
const (
	LogStdout LogKind = 'o'
	LogStderr LogKind = 'e'
	LogNote   LogKind = 'n' // what whoever ran the program had to say
	LogEnd    LogKind = 'x' // the last record: an outcome, and after a newline what went wrong

	logHeader LogKind = 'h' // the first record
	logMore   LogKind = 'c' // the last record of a segment: the next one goes on
)

// The outcomes of a program, as the end of a log has them.
const (
	LogSucceeded = "succeeded"
	LogFailed    = "failed"
	LogCanceled  = "canceled"
)

// A LogRecord is a piece of a log. What a program prints is cut into records wherever it came in pieces.
type LogRecord struct {
	Kind LogKind
	At   time.Duration // since the log began
	Data []byte
}

// A LogHeader says what a log is of.
type LogHeader struct {
	Key           Digest
	Address, Spec string    // informative, as in a manifest
	Command       []string  // the program as the spec has it, and its arguments
	Program       string    // the file that was run
	Digest        Digest    // of that file
	Started       time.Time // to the nanosecond, in UTC
	Owner         string    // process and host
}

// Elsewhere reports whether another machine ran the program, going by its name.
func (h *LogHeader) Elsewhere() bool { return !strings.HasSuffix(h.Owner, " on "+host()) }

func (h *LogHeader) encode() []byte {
	b := appendText(nil, "key", h.Key.String())
	b = appendText(b, "address", h.Address)
	b = appendText(b, "spec", h.Spec)
	b = appendText(b, "program", h.Program)
	b = appendText(b, "digest", h.Digest.String())
	b = appendTime(b, "started", h.Started)
	b = appendText(b, "owner", h.Owner)
	b = appendInt(b, "words", int64(len(h.Command)))
	for _, word := range h.Command {
		b = appendText(b, "word", word)
	}
	return b
}

func parseLogHeader(data []byte) (LogHeader, error) {
	c := scanner{rest: string(data)}
	h := LogHeader{
		Key: c.digest("key"), Address: c.text("address"), Spec: c.text("spec"), Program: c.text("program"),
		Digest: c.digest("digest"), Started: c.time("started"), Owner: c.text("owner"),
	}
	for n := c.count("words"); n > 0 && !c.bad; n-- {
		h.Command = append(h.Command, c.text("word"))
	}
	if c.bad || c.rest != "" {
		return LogHeader{}, errMalformed
	}
	return h, nil
}

func appendLogRecord(b []byte, kind LogKind, at time.Duration, data []byte) []byte {
	b = append(b, byte(kind))
	b = fmt.Appendf(b, " %d %d\n", max(at.Milliseconds(), 0), len(data))
	return append(append(b, data...), '\n')
}

// cutLogRecord takes a whole record from the beginning of data; ok is false if there is none.
func cutLogRecord(data []byte) (r LogRecord, rest []byte, ok bool) {
	const longest = len("o 9223372036854775807 9223372036854775807\n")
	head := string(data[:min(len(data), longest)])
	line, _, found := strings.Cut(head, "\n")
	fields := strings.Split(line, " ")
	if !found || len(fields) != 3 || len(fields[0]) != 1 {
		return r, data, false
	}
	ms, ok1 := parseNumber(fields[1])
	n, ok2 := parseNumber(fields[2])
	body := data[len(line)+1:]
	if !ok1 || !ok2 || n >= int64(len(body)) || body[n] != '\n' || ms > int64(1<<63-1)/int64(time.Millisecond) {
		return r, data, false
	}
	return LogRecord{Kind: LogKind(fields[0][0]), At: time.Duration(ms) * time.Millisecond, Data: body[:n]}, body[n+1:], true
}

// A logFile is a file of a log, by its name.
type logFile struct {
	key     Digest
	id      string
	segment int // -1: the lock
}

// parseLogName reads KEY-ID.N and KEY-ID.lock.
func parseLogName(name string) (f logFile, ok bool) {
	key, rest, found := strings.Cut(name, "-")
	id, last, cut := strings.Cut(rest, ".")
	if !found || !cut || !parseDigest(&f.key, key) || len(id) != logIDLength || strings.Trim(id, "0123456789") != "" {
		return f, false
	}
	f.id, f.segment = id, -1
	if "."+last != lockSuffix {
		n, ok := parseNumber(last)
		if !ok || n > 1<<30 {
			return f, false
		}
		f.segment = int(n)
	}
	return f, true
}

// logIDLength is the length of an ID, nanoseconds since 1970: equal, so that the order of names is that of time.
const logIDLength = 19

func (s *Store) logPath(f logFile) string {
	last := lockSuffix
	if f.segment >= 0 {
		last = fmt.Sprintf(".%d", f.segment)
	}
	return s.part(logsDir, f.key) + string(filepath.Separator) + f.key.String() + "-" + f.id + last
}

// logFiles lists the files of a key's logs, the newest log first, its lock before its segments in order.
func (s *Store) logFiles(key Digest) ([]logFile, error) {
	entries, err := s.fs.ReadDir(s.part(logsDir, key))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var files []logFile
	for _, e := range entries {
		if f, ok := parseLogName(e.Name()); ok && f.key == key {
			files = append(files, f)
		}
	}
	slices.SortFunc(files, func(a, b logFile) int {
		if c := strings.Compare(b.id, a.id); c != 0 {
			return c
		}
		return a.segment - b.segment
	})
	return files, err
}
