package cluster

import (
	"bytes"
	"encoding/json"
	"time"
)

// A journal is what one task tells of its work: a JSON line each, written by that task alone and read by the driver from where
// it stopped reading. It is no result. A last line without its end is not read yet.

// A NoteType says what a line of a journal tells.
type NoteType string

// The lines of a journal.
const (
	NoteBegin    NoteType = "begin"    // the task runs: Host, Process
	NoteStart    NoteType = "start"    // of the instance At
	NoteProgress NoteType = "progress" // of the instance At: Done of Total
	NoteDone     NoteType = "done"     // the instance At has its result in the store: Seconds
	NoteFail     NoteType = "fail"     // the instance At failed: Text, Cause
	NoteBeat     NoteType = "beat"     // nothing new
	NoteEnd      NoteType = "end"      // the task begins nothing more: Cause
)

// A Cause is why an instance failed, or a task ended, where the driver answers to it.
type Cause string

// The causes. An instance without one failed by itself.
const (
	CauseOwn      Cause = ""
	CauseTime     Cause = "time"     // the task's deadline
	CauseMemory   Cause = "memory"   // more than the task was given
	CauseStopped  Cause = "stopped"  // the task was told to stop
	CauseFinished Cause = "finished" // everything was tried
	CauseUnfit    Cause = "unfit"    // the task cannot do the batch at all: Text
)

// A Note is one line of a journal.
type Note struct {
	Type    NoteType      `json:"note"`
	At      int           `json:"at,omitempty"` // an instance's place in the batch
	Key     string        `json:"key,omitempty"`
	Seconds float64       `json:"seconds,omitempty"`
	Cached  bool          `json:"cached,omitempty"`
	Done    int64         `json:"done,omitempty"`
	Total   int64         `json:"total,omitempty"`
	Text    string        `json:"text,omitempty"`
	Cause   Cause         `json:"cause,omitempty"`
	Host    string        `json:"host,omitempty"`
	Process int           `json:"process,omitempty"`
	Time    time.Time     `json:"time,omitzero"`
	Memory  int64         `json:"memory,omitempty"` // the most that the instance took, in bytes
	CPU     time.Duration `json:"cpu,omitempty"`
}

// Line gives the note as a line of a journal.
func (n Note) Line() []byte {
	b, err := json.Marshal(n)
	if err != nil {
		panic(err) // plain fields alone
	}
	return append(b, '\n')
}

// ReadNotes gives the notes of the whole lines that data begins with, and how many bytes these take. A line that is no
// note is passed over: the disk may have lost a piece of it.
func ReadNotes(data []byte) (notes []Note, used int) {
	for {
		line, _, whole := bytes.Cut(data[used:], []byte("\n"))
		if !whole {
			return notes, used
		}
		used += len(line) + 1
		var n Note
		if json.Unmarshal(line, &n) == nil && n.Type != "" {
			notes = append(notes, n)
		}
	}
}
