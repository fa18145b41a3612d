package artifacts_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/fakedisk"
)

// record gives a run that started at a minute.
func record(id, spec string, minute int, entries ...artifacts.Entry) *artifacts.Run {
	started := time.Date(2024, 3, 6, 12, minute, 0, 0, time.UTC)
	return &artifacts.Run{ID: id, Spec: spec, Started: started, Finished: started.Add(time.Second), Outcome: "done", Entries: entries}
}

func ids(runs []artifacts.RunHeader) string {
	var all []string
	for _, r := range runs {
		all = append(all, r.ID)
	}
	return strings.Join(all, " ")
}

func TestRuns(t *testing.T) {
	var warned []error
	disk := fakedisk.New()
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk, Warn: func(err error) { warned = append(warned, err) }})
	must(t, err)
	if r, err := s.LastRun(""); r != nil || err != nil {
		t.Fatalf("the last run of none: %v, %v", r, err)
	}
	entry := artifacts.Entry{Address: "generate.parity[seed=1]", Key: artifacts.Sum(nil), Status: "cached"}
	must(t, s.SaveRun(record("a", "quick", 1, entry)))
	must(t, s.SaveRun(record("c", "quick", 3, entry)))
	must(t, s.SaveRun(record("b", "paper", 2)))
	must(t, s.SaveRun(record("d", "quick", 3, entry)))
	lists, err := disk.ReadDir(storeDir + "/entries")
	if err != nil || len(lists) != 2 {
		t.Errorf("4 runs with 2 lists of entries have %d files (%v)", len(lists), err)
	}
	for spec, want := range map[string]string{"": "d c b a", "quick": "d c a", "paper": "b", "none": ""} {
		runs, err := s.Runs(spec)
		if err != nil || ids(runs) != want {
			t.Errorf("runs of %q: %s (%v), want %s", spec, ids(runs), err, want)
		}
	}
	last, err := s.LastRun("quick")
	if err != nil || !reflect.DeepEqual(last, record("d", "quick", 3, entry)) {
		t.Errorf("the last run: %+v, %v", last, err)
	}

	disk.Flip(storeDir+"/runs/d.run", 40, 2)
	last, err = s.LastRun("quick")
	if err != nil || last.ID != "c" || len(warned) != 1 || !errors.Is(warned[0], artifacts.ErrDamaged) {
		t.Errorf("with a damaged record: %+v, %v, warned %v", last, err, warned)
	}
	disk.Flip(storeDir+"/entries/"+artifacts.Sum(listOf(t, s, disk, "c")).String(), 40, 2)
	if _, err := s.LoadRun("c"); !errors.Is(err, artifacts.ErrDamaged) {
		t.Errorf("with damaged entries: %v", err)
	}
	if _, err := s.LoadRun("c"); !errors.Is(err, artifacts.ErrDamaged) {
		t.Errorf("without entries: %v", err)
	}
	last, err = s.LastRun("")
	if err != nil || last.ID != "b" {
		t.Errorf("with damaged entries: %+v, %v", last, err)
	}
}

// A record whose entries are gone is found by one check of the store, not by every one from then on.
func TestVerifySetsRecordsWithoutEntriesAside(t *testing.T) {
	disk := fakedisk.New()
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk})
	must(t, err)
	for i, id := range []string{"a", "b", "c"} {
		must(t, s.SaveRun(record(id, "quick", i, artifacts.Entry{Address: "generate.data" + id, Status: "failed"})))
	}
	must(t, disk.Remove(storeDir+"/entries/"+artifacts.Sum(listOf(t, s, disk, "a")).String()))
	disk.Flip(storeDir+"/entries/"+artifacts.Sum(listOf(t, s, disk, "b")).String(), 40, 2)
	for i, want := range []int{3, 0} { // two records and a list
		r, err := s.Verify(t.Context(), nil)
		if err != nil || len(r.Damaged) != want {
			t.Fatalf("check %d found %+v, %v, want %d", i+1, r.Damaged, err, want)
		}
		for _, f := range r.Damaged {
			if !strings.HasPrefix(f.Path, storeDir+"/damaged/") {
				t.Errorf("%s is not set aside", f.Path)
			}
		}
	}
	if runs, err := s.Runs(""); err != nil || len(runs) != 1 || runs[0].ID != "c" {
		t.Errorf("the runs are %+v, %v", runs, err)
	}
}

// listOf gives the file of the entries of a run.
func listOf(t *testing.T, s *artifacts.Store, disk *fakedisk.Disk, id string) []byte {
	t.Helper()
	header, _, err := disk.ReadFile(s.Dir() + "/runs/" + id + ".run")
	must(t, err)
	_, rest, _ := strings.Cut(string(header), "\nentries ")
	list, _, err := disk.ReadFile(s.Dir() + "/entries/" + rest[:64])
	must(t, err)
	return list
}

// Entries come newest first, those that several runs share once; damaged ones are passed over, and told of.
func TestEachEntries(t *testing.T) {
	var warned []error
	disk := fakedisk.New()
	s, err := artifacts.Open(storeDir, artifacts.Options{FS: disk, Warn: func(err error) { warned = append(warned, err) }})
	must(t, err)
	for i, took := range []float64{1, 2, 2, 3, 2} { // 2 is the newest
		must(t, s.SaveRun(record(fmt.Sprint("r", i), "quick", i, artifacts.Entry{Address: "a.b", Status: "computed", Seconds: took})))
	}
	must(t, s.SaveRun(record("other", "paper", 9, artifacts.Entry{Address: "a.b", Status: "computed", Seconds: 9})))
	seconds := func(most int) (list []float64) {
		must(t, s.EachEntries("quick", func(entries []artifacts.Entry) bool {
			list = append(list, entries[0].Seconds)
			return len(list) < most
		}))
		return list
	}
	for most, want := range map[int]string{9: "[2 3 1]", 2: "[2 3]"} {
		if got := seconds(most); fmt.Sprint(got) != want {
			t.Errorf("up to %d lists: %v, want %s", most, got, want)
		}
	}
	disk.Flip(storeDir+"/entries/"+artifacts.Sum(listOf(t, s, disk, "r3")).String(), 20, 2)
	if got := seconds(9); fmt.Sprint(got) != "[2 1]" || len(warned) != 1 || !errors.Is(warned[0], artifacts.ErrDamaged) {
		t.Errorf("with damaged entries: %v, warned %v", got, warned)
	}
}

func TestSaveRunTwice(t *testing.T) {
	s, _ := openFake(t)
	r := newWork().run
	must(t, s.SaveRun(r))
	must(t, s.SaveRun(r))
	changed := *r
	changed.Outcome = "failed"
	if err := s.SaveRun(&changed); !errors.Is(err, fs.ErrExist) {
		t.Errorf("another run of the same id: %v", err)
	}
	got, err := s.LoadRun(r.ID)
	if err != nil || !reflect.DeepEqual(got, r) {
		t.Errorf("got %+v (%v)", got, err)
	}
}

func TestRunIDs(t *testing.T) {
	s, _ := openFake(t)
	for _, id := range []string{"", ".", "..", ".run", "a/b", `a\b`, "a b", "a\n", "ü", strings.Repeat("x", 129)} {
		if err := s.SaveRun(record(id, "quick", 1)); err == nil {
			t.Errorf("SaveRun took the id %q", id)
		}
		if _, err := s.EventLog(id); err == nil {
			t.Errorf("EventLog took the id %q", id)
		}
		if _, err := s.LoadRun(id); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("LoadRun of %q: %v", id, err)
		}
	}
	bad := record("a", "quick", 1, artifacts.Entry{Seconds: 1})
	bad.Entries[0].Seconds /= 0 * bad.Entries[0].Seconds
	if err := s.SaveRun(bad); err == nil {
		t.Error("a run of infinite length was recorded")
	}
}

func TestEventLog(t *testing.T) {
	s := openDisk(t)
	for i := range 2 { // what is opened again goes on
		log, err := s.EventLog("a")
		must(t, err)
		_, err = fmt.Fprintf(log, "{\"line\":%d}\n", i)
		must(t, err)
		must(t, log.Close())
	}
	data, err := os.ReadFile(filepath.Join(s.Dir(), "runs", "a.jsonl"))
	if err != nil || string(data) != "{\"line\":0}\n{\"line\":1}\n" {
		t.Errorf("got %q (%v)", data, err)
	}
	if runs, err := s.Runs(""); err != nil || len(runs) != 0 {
		t.Errorf("a log alone is a run: %v (%v)", runs, err)
	}
}
