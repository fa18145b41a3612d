package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spurion/stages"
)

// launched gives a launcher with an array of so many batches in a folder.
func launched(t *testing.T, l Launcher, tasks int) (*Launcher, Array) {
	t.Helper()
	if _, err := exec.LookPath("/bin/sh"); err != nil {
		t.Skip("there is no /bin/sh")
	}
	l.Folder, l.Where = Folder(t.TempDir()), "executors.hcl:1"
	if l.Index == "" {
		l.Index = "TASK"
	}
	a := Array{Name: "spurion-X-a0001", Tasks: tasks, Running: 2, Each: stages.Resources{CPUs: 3, Memory: 1<<30 + 1, GPUs: 1, Time: 90*time.Second + 1}}
	var err error
	if a.Dir, err = l.Folder.Make(a.Name); err != nil {
		t.Fatal(err)
	}
	for n := range tasks {
		if err := l.Folder.WriteBatch(a.Name, n, []byte("[]")); err != nil {
			t.Fatal(err)
		}
	}
	return &l, a
}

func TestLauncherSubmits(t *testing.T) {
	l, a := launched(t, Launcher{First: 1, SubmitBy: `cmp -s - {script} && cat >&2 <<END || exit 9
{name} {tasks} {first} {last} {running} {cpus} {gpus} {memory_mb} {minutes} {seconds}
END
echo 12.server`}, 5)
	// What goes to standard error shows in an error alone.
	l.SubmitBy += "; exit 3"
	err := l.Submit(t.Context(), a)
	if err == nil || !strings.Contains(err.Error(), "spurion-x-a0001 5 1 5 2 3 1 1225 2 91") || !refused(err) || !strings.Contains(err.Error(), "executors.hcl:1") {
		t.Errorf("%v", err)
	}
	l.SubmitBy = "echo 12.server"
	if err := l.Submit(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(a.Dir, submittedFile)); string(data) != "12.server\n" {
		t.Errorf("what submit printed is %q, %v", data, err)
	}
	for command, want := range map[string]bool{"exit 75": false, "exit 1": true, "no-such-program": true, "sleep 3 &": true} {
		l.SubmitBy = Template(command)
		if err := l.Submit(t.Context(), a); err == nil || refused(err) != want {
			t.Errorf("%s: %v, which is for good: %v", command, err, refused(err))
		}
	}
}

// TestLauncherScript runs scripts as launchers do.
func TestLauncherScript(t *testing.T) {
	for name, c := range map[string]struct {
		tasks, first int
		env          string
		want         string // in 0.out
	}{
		"first":     {2, 0, "TASK=0", "setup work 0.batch"},
		"from one":  {2, 1, "TASK=1", "setup work 0.batch"},
		"alone":     {1, 1, "TASK=undefined", "setup work 0.batch"},
		"no number": {2, 0, "OTHER=1", "the variable TASK, which the executor has as its index, is not set in tasks"},
	} {
		t.Run(name, func(t *testing.T) {
			l, a := launched(t, Launcher{
				First: c.first, SubmitBy: "env " + Template(c.env) + " /bin/sh {script} || true",
				Script: Script{Setup: []string{"printf 'setup '"}, Program: "/bin/echo", Args: []string{"work"}},
			}, c.tasks)
			if err := l.Submit(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			if got := strings.ReplaceAll(l.Folder.Printed(a.Name, 0), a.Dir+"/", ""); got != c.want {
				t.Errorf("it printed %q, want %q", got, c.want)
			}
		})
	}
}

func TestLauncherAsks(t *testing.T) {
	for name, c := range map[string]struct {
		printed string
		want    string // NUMBER PHASE END NEVER REASON, a line each
		err     string
	}{
		"words":      {"1 pending too many\n2 running\n", "0 1 0 false too many,1 2 0 false ", ""},
		"translated": {"[1-2,4] Q\n3\tE\n", "0 1 0 false ,1 1 0 false ,3 1 0 false ,2 1 0 true ", ""},
		"last":       {"1 pending\n1 out_of_memory\n", "0 3 3 false ", ""},
		"nothing":    {"", "", ""},
		"a word":     {"1 X\n", "", `a task is "X": add that to states in executors.hcl:1`},
		"no task":    {"Job not found\n", "", `"Job not found", which is not TASK STATE`},
		"too few":    {"1\n", "", `"1", which is not TASK STATE`},
		"below":      {"0 running\n", "", "with tasks from 1"},
	} {
		t.Run(name, func(t *testing.T) {
			l, a := launched(t, Launcher{First: 1, AskBy: Template("printf '" + c.printed + "'"), States: map[string]string{"Q": "pending", "E": "never"}}, 4)
			list, err := l.Ask(t.Context(), []string{a.Name})
			var got []string
			for _, s := range list {
				got = append(got, fmt.Sprint(s.Task, s.Phase, s.End, s.Never, " ", s.Reason))
				if s.Array != a.Name {
					t.Errorf("it is of the array %q", s.Array)
				}
			}
			if strings.Join(got, ",") != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("it is %q, %v", strings.Join(got, ","), err)
			}
		})
	}
	l, a := launched(t, Launcher{AskBy: "echo no server >&2; exit 1"}, 1)
	if list, err := l.Ask(t.Context(), []string{a.Name}); err == nil || !strings.Contains(err.Error(), "status: no server") {
		t.Errorf("a command that fails gives %v, %v", list, err)
	}
}

func TestLauncherCancels(t *testing.T) {
	l, a := launched(t, Launcher{CancelBy: "echo {tasks} >{dir}/canceled"}, 3)
	if err := l.Cancel(t.Context(), []string{a.Name}); err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(filepath.Join(a.Dir, "canceled")); string(data) != "3\n" {
		t.Errorf("%q, %v", data, err)
	}
	l.CancelBy = "echo no such job >&2; exit 1"
	if err := l.Cancel(t.Context(), []string{a.Name, a.Name}); err == nil || strings.Count(err.Error(), "cancel: no such job") != 2 {
		t.Errorf("%v", err)
	}
	if err := l.Cancel(t.Context(), []string{"spurion-X-a0002"}); err != nil {
		t.Errorf("an array that is forgotten: %v", err)
	}
	l.CancelBy = ""
	if err := l.Cancel(t.Context(), []string{a.Name}); err == nil || !strings.Contains(err.Error(), "executors.hcl:1") {
		t.Errorf("without the command: %v", err)
	}
}

// A madeClock is a time that passes while someone waits, when steps are taken.
type madeClock struct {
	now   time.Time
	begin time.Time
	steps []step
}

type step struct {
	at time.Duration
	do func()
}

func (c *madeClock) Now() time.Time { return c.now }

func (c *madeClock) Wait(_ context.Context, d time.Duration, _ <-chan struct{}) {
	c.now = c.now.Add(d)
	for len(c.steps) > 0 && c.now.Sub(c.begin) >= c.steps[0].at {
		do := c.steps[0].do
		c.steps = c.steps[1:]
		do()
	}
}

// lonely is work of instances that need nothing, each in a batch of its own.
type lonely struct {
	n      int
	driver *Driver
	done   map[int]bool
	failed map[int]string
}

func (w *lonely) Len() int                                    { return w.n }
func (w *lonely) Ours(int) bool                               { return true }
func (w *lonely) Task(int) Task                               { return Task{} }
func (w *lonely) Encode(ids []int32, _ Batch) ([]byte, error) { return json.Marshal(ids) }
func (w *lonely) Decode(data []byte) (ids []int32)            { _ = json.Unmarshal(data, &ids); return ids }
func (w *lonely) Stored(int) bool                             { return false }
func (w *lonely) Started(int, string)                         {}
func (w *lonely) Progress(int, int64, int64)                  {}
func (w *lonely) Waits(int, string)                           {}
func (w *lonely) Done(i int, _ Note) bool                     { w.done[i] = true; return true }
func (w *lonely) Failed(i int, err error)                     { w.failed[i] = err.Error() }

// TestLauncherWithoutStatus has a driver go by the files of tasks alone: what waits is waited for, what falls silent is lost and goes out again,
// what ends before the program begins is lost likewise, and an array whose submission had no answer is sent again.
func TestLauncherWithoutStatus(t *testing.T) {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	clock := &madeClock{now: begin, begin: begin}
	l, _ := launched(t, Launcher{SubmitBy: "true", Lost: 2 * time.Minute, Clock: clock}, 0)
	w := &lonely{n: 3, done: map[int]bool{}, failed: map[int]string{}}
	var said []string
	w.driver = New(w, Options{Run: "r", Executor: l, Disk: l.Folder, Clock: clock, Silent: 2 * time.Minute, Say: func(text string) { said = append(said, text) }})
	for i := range w.n {
		w.driver.Ready(i)
	}
	write := func(array int, name string, notes ...Note) {
		t.Helper()
		var data []byte
		for _, n := range notes {
			data = append(data, n.Line()...)
		}
		path := filepath.Join(string(l.Folder), w.driver.arrayName(array), name)
		f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if _, err := f.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	arrays := func(want int) {
		t.Helper()
		names, err := l.Folder.Arrays()
		if names = slices.DeleteFunc(names, func(n string) bool { return n == "spurion-X-a0001" }); err != nil || len(names) != want {
			t.Errorf("at %v there are the arrays %v, %v, want %d", clock.now.Sub(begin), names, err, want)
		}
	}
	done := []Note{{Type: NoteStart}, {Type: NoteDone, Seconds: 1}, {Type: NoteEnd, Cause: CauseFinished}}
	clock.steps = []step{
		{10 * time.Hour, func() { // all have waited
			arrays(1)
			write(1, "0.out")
			write(1, "0-a.journal", Note{Type: NoteBegin}, done[0])
			write(1, "1.out") // and nothing more
			l.SubmitBy = "exit 75"
		}},
		{10*time.Hour + time.Minute, func() { write(1, "0-a.journal", Note{Type: NoteBeat}) }},
		{10*time.Hour + 2*time.Minute, func() { arrays(1) }}, // neither is lost
		{11 * time.Hour, func() {
			if names, _ := l.Folder.Arrays(); len(names) < 4 {
				t.Errorf("what was lost did not go out again and again while the launcher had no answer: %v", names)
			}
			l.SubmitBy = "true"
		}},
		{12 * time.Hour, func() {
			write(1, "2-a.journal", append([]Note{{Type: NoteBegin}}, done...)...)
			for number := 2; number <= w.driver.made; number++ {
				for task := range 2 {
					if _, err := l.Folder.ReadBatch(w.driver.arrayName(number), task); err == nil {
						write(number, fmt.Sprint(task, "-b.journal"), append([]Note{{Type: NoteBegin}}, done...)...)
					}
				}
			}
		}},
		{13 * time.Hour, func() { t.Fatalf("it does not end: done %v, failed %v", w.done, w.failed) }},
	}
	if err := w.driver.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.done) != 3 || len(w.failed) != 0 {
		t.Errorf("done are %v, failed %v", w.done, w.failed)
	}
	if !slices.ContainsFunc(said, func(s string) bool { return strings.Contains(s, "whether it has them will show") }) {
		t.Errorf("nobody was told of the launcher: %q", said)
	}
}
