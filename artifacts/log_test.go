package artifacts_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
)

func logHeader(n int) artifacts.LogHeader {
	return artifacts.LogHeader{
		Key: newJob(n).m.Key, Address: "exec.a[name=\"a\tb\"]", Spec: "quick", Command: []string{"sh", "-c", "echo\n", ""},
		Program: "/bin/sh", Digest: artifacts.Sum([]byte("sh")),
	}
}

// readLog reads what there is of a log, each record as "kind data".
func readLog(t *testing.T, r *artifacts.LogReader) (records []string) {
	t.Helper()
	for {
		record, ok, err := r.Next()
		must(t, err)
		if !ok {
			return records
		}
		records = append(records, fmt.Sprintf("%c %s", record.Kind, record.Data))
	}
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// A log is read while it is written, and after its end.
func TestLog(t *testing.T) {
	s, disk := openFake(t)
	if _, err := s.OpenLog(newJob(1).m.Key, false); !errors.Is(err, artifacts.ErrNoLog) {
		t.Errorf("no log: %v", err)
	}
	w, err := s.StartLog(logHeader(1))
	must(t, err)
	r, err := s.OpenLog(newJob(1).m.Key, false)
	must(t, err)
	header := logHeader(1)
	header.Started, header.Owner = r.Header.Started, r.Header.Owner
	if !reflect.DeepEqual(r.Header, header) || header.Started.IsZero() || !strings.Contains(header.Owner, "process") {
		t.Errorf("the header is %+v", r.Header)
	}
	want(t, "nothing yet", readLog(t, r))
	disk.Advance(1500 * time.Millisecond)
	w.Print(artifacts.LogStdout, []byte("one\n\ntwo"))
	w.Print(artifacts.LogStderr, []byte("o 1 1\nx\n\x00\xff"))
	w.Print(artifacts.LogStdout, nil)
	record, ok, err := r.Next()
	must(t, err)
	if !ok || record.At < 1500*time.Millisecond || string(record.Data) != "one\n\ntwo" {
		t.Errorf("%+v", record)
	}
	want(t, "while it is written", readLog(t, r), "e o 1 1\nx\n\x00\xff", "o ")
	if !r.Alive() {
		t.Error("a log that is being written is dead")
	}
	w.Print(artifacts.LogNote, []byte("attempt 2"))
	w.End(artifacts.LogFailed, "out of luck\nand more")
	want(t, "its end", readLog(t, r), "n attempt 2", "x failed\nout of luck\nand more")
	if r.Alive() {
		t.Error("it lives after its end")
	}
	w.Print(artifacts.LogStdout, []byte("late"))
	w.End(artifacts.LogSucceeded, "")
	want(t, "after its end", readLog(t, r))
}

// The newest log is kept, and that of the last failure until the key is computed or fails again.
func TestLogOfTheLastFailure(t *testing.T) {
	s, disk := openFake(t)
	key := newJob(1).m.Key
	run := func(text, outcome string) {
		t.Helper()
		w, err := s.StartLog(logHeader(1))
		must(t, err)
		w.Print(artifacts.LogStdout, []byte(text))
		if outcome != "" {
			w.End(outcome, "")
		}
	}
	first := func(failed bool) string {
		t.Helper()
		r, err := s.OpenLog(key, failed)
		if errors.Is(err, artifacts.ErrNoLog) {
			return ""
		}
		must(t, err)
		return strings.Join(readLog(t, r)[:1], "")
	}
	for _, step := range []struct{ text, outcome, newest, failed string }{
		{"a", artifacts.LogSucceeded, "o a", ""},
		{"b", artifacts.LogFailed, "o b", "o b"},
		{"c", artifacts.LogCanceled, "o c", "o b"},
		{"d", "", "o d", "o b"}, // its process was killed
		{"e", artifacts.LogFailed, "o e", "o e"},
		{"f", artifacts.LogCanceled, "o f", "o e"},
		{"g", artifacts.LogSucceeded, "o g", ""},
	} {
		disk.Advance(-time.Minute) // the clock is set back: the newest is the newest all the same
		run(step.text, step.outcome)
		if got := first(false); got != step.newest {
			t.Errorf("after %s the newest log is %q", step.text, got)
		}
		if got := first(true); got != step.failed {
			t.Errorf("after %s the last failure is %q", step.text, got)
		}
	}
	files, err := disk.ReadDir(storeDir + "/logs/" + key.String()[:2])
	must(t, err)
	if len(files) != 1 {
		t.Errorf("%d files stay", len(files))
	}
}

// A program that prints without end fills no disk: the beginning and the end are kept, and what lies between is counted.
func TestLogIsBounded(t *testing.T) {
	s, disk := openFake(t)
	w, err := s.StartLog(logHeader(1))
	must(t, err)
	slow, err := s.OpenLog(newJob(1).m.Key, false) // reads the beginning only, and finds the rest gone
	must(t, err)
	piece := bytes.Repeat([]byte("x"), 1<<16)
	const pieces = 1000 // 64 MiB
	for i := range pieces {
		w.Print(artifacts.LogStdout, append(fmt.Appendf(nil, "%d ", i), piece...))
	}
	w.End(artifacts.LogSucceeded, "")
	files, err := disk.ReadDir(storeDir + "/logs/" + newJob(1).m.Key.String()[:2])
	must(t, err)
	var size int64
	for _, f := range files {
		info, err := f.Info()
		must(t, err)
		size += info.Size()
	}
	if size > 36<<20 || size < 30<<20 {
		t.Errorf("the log takes %d bytes", size)
	}
	fresh, err := s.OpenLog(newJob(1).m.Key, false)
	must(t, err)
	for name, r := range map[string]*artifacts.LogReader{"slow": slow, "fresh": fresh} {
		read, left, notes := 0, 0, 0
		var last string
		for _, record := range readLog(t, r) {
			if strings.HasPrefix(record, "n ") {
				notes++
				if _, err := fmt.Sscanf(record, "n %d bytes are left out here", &left); err != nil {
					t.Error(err)
				}
				continue
			}
			read += len(record)
			last = record
		}
		if total := pieces * len(piece); notes != 1 || read < 30<<20 || read+left < total || read+left > total+total/100 {
			t.Errorf("%s: read %d and left out %d of %d, in %d notes", name, read, left, total, notes)
		}
		if !strings.HasPrefix(last, "x "+artifacts.LogSucceeded) {
			t.Errorf("%s: the last record is %.20q", name, last)
		}
	}
}

// Whatever operation fails while a log is written: the program is told nothing, somebody is warned, and what was
// written before can be read.
func TestLogOnAFailingDisk(t *testing.T) {
	for k := 0; ; k++ {
		_, disk := openFake(t)
		warned := 0
		s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk, Warn: func(error) { warned++ }})
		must(t, err)
		disk.FailAt(disk.Ops()+k, errors.New("bad disk"))
		w, err := s.StartLog(logHeader(1))
		if err == nil {
			w.Print(artifacts.LogStdout, []byte("one"))
			w.Print(artifacts.LogStderr, []byte("two"))
			w.End(artifacts.LogSucceeded, "")
		}
		if !disk.Failed() {
			return
		}
		if r, err := s.OpenLog(newJob(1).m.Key, false); err == nil {
			for i, record := range readLog(t, r) {
				if all := []string{"o one", "e two", "x succeeded\n"}; record != all[i] {
					t.Errorf("failure %d: record %d is %q", k, i, record)
				}
			}
		} else if !errors.Is(err, artifacts.ErrNoLog) && !errors.Is(err, artifacts.ErrDamaged) {
			t.Errorf("failure %d: %v", k, err)
		}
	}
}

// A process that dies leaves what was printed, up to the last whole record, and whoever follows it sees that it died.
func TestLogOfADeadProcess(t *testing.T) {
	s, disk := openFake(t)
	w, err := s.StartLog(logHeader(1))
	must(t, err)
	w.Print(artifacts.LogStdout, []byte("one"))
	w.Print(artifacts.LogStdout, []byte("two"))
	path := storeDir + "/logs/" + newJob(1).m.Key.String()[:2]
	files, err := disk.ReadDir(path)
	must(t, err)
	for _, f := range files {
		info, err := f.Info()
		must(t, err)
		if info.Size() > 0 {
			disk.Truncate(path+"/"+f.Name(), int(info.Size())-2)
		}
	}
	r, err := s.OpenLog(newJob(1).m.Key, false)
	must(t, err)
	want(t, "a torn log", readLog(t, r), "o one")
	if !r.Alive() {
		t.Error("its writer lives")
	}
	after, err := artifacts.Open(storeDir, artifacts.Options{FS: disk.Reboot(1)})
	must(t, err)
	if r, err := after.OpenLog(newJob(1).m.Key, false); err == nil && r.Alive() {
		t.Error("a dead process writes")
	}
}

// GC takes logs that are old and whose entry is gone, unless a kept run refers to them.
func TestGCOfLogs(t *testing.T) {
	s, disk := openFake(t)
	log := func(n int) {
		t.Helper()
		w, err := s.StartLog(logHeader(n))
		must(t, err)
		w.Print(artifacts.LogStdout, []byte("text"))
		w.End(artifacts.LogFailed, "")
	}
	must(t, newJob(1).store(s))
	must(t, newJob(2).store(s))
	run := record("a", "quick", 1)
	run.Entries = []artifacts.Entry{{Address: "exec.a", Key: newJob(1).m.Key, Status: "computed"}, {Address: "exec.b", Key: newJob(3).m.Key, Status: "failed"}}
	must(t, s.SaveRun(run))
	for n := 1; n <= 4; n++ {
		log(n)
	}
	disk.Advance(25 * time.Hour)
	log(5)
	must(t, s.Close())
	left := func() (all string) {
		for n := 1; n <= 5; n++ {
			if _, err := s.OpenLog(newJob(n).m.Key, false); err == nil {
				all += fmt.Sprint(n)
			}
		}
		return all
	}
	for _, o := range []artifacts.GCOptions{{KeepRuns: 1}, {KeepRuns: 1, Delete: true}} {
		r, err := s.GC(context.Background(), o)
		must(t, err)
		if r.Logs != 2 || len(r.Entries) != 1 {
			t.Errorf("takes %d logs, %d entries", r.Logs, len(r.Entries))
		}
		if got := left(); got != map[bool]string{false: "12345", true: "135"}[o.Delete] {
			t.Errorf("left %s", got)
		}
	}
	if u, err := s.Usage(context.Background()); err != nil || u.Logs == 0 {
		t.Errorf("%+v, %v", u, err)
	}
}
