package cluster

import (
	"crypto/rand"
	"encoding/hex"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// A JournalWriter writes a journal. Lines reach the disk together, once a second and at the end, since on a network disk each way there
// takes milliseconds. Its methods may be called from any goroutine.
type JournalWriter struct {
	mu       sync.Mutex
	file     *os.File
	lines    []byte
	wrote    time.Time
	progress time.Time
	closed   chan struct{}
	ended    sync.WaitGroup
}

const (
	flushEvery    = time.Second
	beatEvery     = 30 * time.Second
	progressEvery = 10 * time.Second
)

// StartJournal begins the journal of a task's run, beside its batch.
func StartJournal(dir string, task int) (*JournalWriter, error) {
	var b [6]byte
	if _, err := rand.Read(b[:]); err != nil {
		return nil, err
	}
	name := strconv.Itoa(task) + "-" + hex.EncodeToString(b[:]) + journalSuffix
	f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	w := &JournalWriter{file: f, wrote: time.Now(), closed: make(chan struct{})}
	w.ended.Go(w.flushes)
	return w, nil
}

// Note adds a line. The first one, by which the driver sees that the task runs, is written at once.
func (w *JournalWriter) Note(n Note) {
	n.Time = time.Now().UTC()
	w.mu.Lock()
	w.lines = append(w.lines, n.Line()...)
	w.mu.Unlock()
	if n.Type == NoteBegin {
		w.flush()
	}
}

// Progress adds how far an instance is, at most every ten seconds.
func (w *JournalWriter) Progress(at int, done, total int64) {
	w.mu.Lock()
	said := time.Since(w.progress) >= progressEvery
	if said {
		w.progress = time.Now()
	}
	w.mu.Unlock()
	if said {
		w.Note(Note{Type: NoteProgress, At: at, Done: done, Total: total})
	}
}

func (w *JournalWriter) flushes() {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-w.closed:
			return
		case <-tick.C:
			if w.quiet() {
				w.Note(Note{Type: NoteBeat})
			}
			w.flush()
		}
	}
}

// quiet reports whether nothing was written for a while.
func (w *JournalWriter) quiet() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Since(w.wrote) > beatEvery
}

// flush writes what there is. What cannot be written now is tried again: the disk may be full for a while.
func (w *JournalWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.lines) == 0 {
		return
	}
	n, err := w.file.Write(w.lines)
	w.lines = w.lines[n:]
	if err == nil && w.file.Sync() == nil {
		w.wrote = time.Now()
	}
}

// End adds the last line and closes the journal.
func (w *JournalWriter) End(n Note) {
	n.Type = NoteEnd
	w.Note(n)
	close(w.closed)
	w.ended.Wait()
	w.flush()
	_ = w.file.Close()
}
