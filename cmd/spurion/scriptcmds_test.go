package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"spurion/artifacts"
)

// scriptCommands are the commands that scripts have besides testscript's own.
//
//	exits CODE PROGRAM ARG...              run a program, which must end with this code
//	edit FILE OLD NEW                      replace the only occurrence of a text in a file
//	during FILE SIGNAL CODE PROGRAM ARG... start a program, send it the signal once FILE exists, and wait for it to end
//	                                       with the code; INT+INT sends the second when the first was answered
//	crash PROGRAM ARG...                   run a program again and again, killing it (SIGKILL) a little later each time, until
//	                                       it ends by itself, with 0; after every kill the store must be whole
//	gone FILE                              wait until the process whose number FILE holds has ended
//	await FILE [TEXT]                      wait until a file exists, and holds the text
//	flip OUTPUT                            flip a bit in the stored output that the last `show --json` printed
//	recorded SPEC ADDRESS=SECONDS...       record a run of the spec in which these instances took so long; one that took "cached"
//	                                       was found in the store
//	same-bytes A B                         two files are equal; the first difference is told
//	count-files N GLOB                     so many files match, not counting hidden ones
var scriptCommands = map[string]func(ts *testscript.TestScript, neg bool, args []string){
	"exits": exits_, "edit": edit, "during": during, "await": await, "flip": flip, "same-bytes": sameBytes,
	"count-files": countFiles, "crash": crash, "gone": gone, "recorded": recorded,
}

// deadline bounds every wait of a script; nothing takes nearly as long.
const deadline = 30 * time.Second

func want(ts *testscript.TestScript, neg bool, args []string, least int, usage string) {
	if neg || len(args) < least {
		ts.Fatalf("usage: %s", usage)
	}
}

func exits_(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "exits CODE PROGRAM ARG...")
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	if got := codeOf(ts, ts.Exec(args[1], args[2:]...)); got != code {
		ts.Fatalf("%s ended with exit code %d, want %d", args[1], got, code)
	}
}

// codeOf gives the exit code of a process, -1 if a signal ended it.
func codeOf(ts *testscript.TestScript, err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	ts.Fatalf("%v", err)
	return 0
}

func edit(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 3, "edit FILE OLD NEW")
	text := ts.ReadFile(args[0])
	if n := strings.Count(text, args[1]); n != 1 {
		ts.Fatalf("%s holds %q %d times, not once", args[0], args[1], n)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o644))
}

func await(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "await FILE [TEXT]")
	path := ts.MkAbs(args[0])
	ts.Check(awaitFile(path))
	if len(args) > 1 {
		ts.Check(poll(func() bool {
			data, err := os.ReadFile(path)
			return err == nil && strings.Contains(string(data), args[1])
		}, args[0]+" never holds "+args[1]))
	}
}

func awaitFile(path string) error {
	return poll(func() bool { _, err := os.Stat(path); return err == nil }, path+" does not appear")
}

func poll(done func() bool, otherwise string) error {
	for end := time.Now().Add(deadline); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			return errors.New(otherwise)
		}
	}
	return nil
}

// A safeBuffer is written by one goroutine and read by another.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func during(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 4, "during FILE SIGNAL CODE PROGRAM ARG...")
	code, err := strconv.Atoi(args[2])
	ts.Check(err)
	var stdout, stderr safeBuffer
	cmd := command(ts, args[3:])
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	// What is caught here is not ignored there, even if these tests run under nohup.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ts.Check(awaitFile(ts.MkAbs(args[0])))
	for i, name := range strings.Split(args[1], "+") {
		if i > 0 {
			ts.Check(poll(func() bool { return strings.Contains(stderr.String(), "press again") }, "the first signal is not answered"))
		}
		s, ok := signals[name]
		if !ok {
			ts.Fatalf("no signal %q", name)
		}
		ts.Check(cmd.Process.Signal(s))
	}
	select {
	case err = <-ended:
	case <-time.After(deadline):
		_ = cmd.Process.Kill()
		err = errors.New("the program does not end")
	}
	fmt.Fprint(ts.Stdout(), stdout.String())
	fmt.Fprint(ts.Stderr(), stderr.String())
	if got := codeOf(ts, err); got != code {
		ts.Fatalf("%s ended with exit code %d, want %d\n%s", args[3], got, code, stderr.String())
	}
}

var signals = map[string]syscall.Signal{
	"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "QUIT": syscall.SIGQUIT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL,
}

// gone waits until the process whose number a file holds has ended.
func gone(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "gone FILE")
	pid, err := strconv.Atoi(strings.TrimSpace(ts.ReadFile(args[0])))
	ts.Check(err)
	p, err := os.FindProcess(pid)
	ts.Check(err)
	ts.Check(poll(func() bool { return p.Signal(syscall.Signal(0)) != nil }, fmt.Sprintf("process %d lives on", pid)))
}

// command makes a process as exec does.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	program, err := exec.LookPath(args[0])
	ts.Check(err)
	cmd := exec.Command(program, args[1:]...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), append(os.Environ(), scriptEnv(ts)...)
	return cmd
}

func crash(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "crash PROGRAM ARG...")
	const step = 3 * time.Millisecond
	kills := 0
	for delay := step; ; delay += step {
		var stdout, stderr safeBuffer
		cmd := command(ts, args)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		ts.Check(cmd.Start())
		timer := time.AfterFunc(delay, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if code := codeOf(ts, err); code == 0 {
			fmt.Fprintf(ts.Stdout(), "%skilled %d times\n", stdout.String(), kills)
			return
		} else if code != -1 {
			ts.Fatalf("after %d kills it ended with exit code %d\n%s", kills, code, stderr.String())
		}
		kills++
		if delay > deadline {
			ts.Fatalf("it never ends")
		}
		if _, err := os.Stat(ts.MkAbs(".spurion/format")); err != nil {
			continue // killed before there was a store
		}
		if out, err := command(ts, []string{"spurion", "cache", "verify"}).CombinedOutput(); err != nil {
			ts.Fatalf("after kill %d: %v\n%s", kills, err, out)
		}
	}
}

// scriptEnv gives the variables of the script that programs need.
func scriptEnv(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "SPURION_STORE", "SPURION_OUT", "NO_COLOR", "TERM", "TZ", "RECORD", "SPOOL", "SLURM_CONF"} {
		env = append(env, name+"="+ts.Getenv(name))
	}
	return env
}

func flip(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 1, "flip OUTPUT")
	var details []struct {
		Outputs []struct{ Name, Path string }
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &details))
	for _, d := range details {
		for _, o := range d.Outputs {
			if o.Name != args[0] || o.Path == "" {
				continue
			}
			path := ts.MkAbs(o.Path)
			data, err := os.ReadFile(path)
			ts.Check(err)
			data[len(data)/2] ^= 4
			ts.Check(os.Chmod(path, 0o644))
			ts.Check(os.WriteFile(path, data, 0o644))
			return
		}
	}
	ts.Fatalf("the last output shows no stored output %q", args[0])
}

func sameBytes(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: same-bytes A B")
	}
	a, b := ts.ReadFile(args[0]), ts.ReadFile(args[1])
	if (a == b) == neg {
		ts.Fatalf("%s (%d bytes) and %s (%d bytes): equal is %v", args[0], len(a), args[1], len(b), a == b)
	}
}

func countFiles(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "count-files N GLOB")
	n, err := strconv.Atoi(args[0])
	ts.Check(err)
	found, err := filepath.Glob(ts.MkAbs(args[1]))
	ts.Check(err)
	if !strings.HasPrefix(filepath.Base(args[1]), ".") {
		found = slices.DeleteFunc(found, func(path string) bool { return strings.HasPrefix(filepath.Base(path), ".") })
	}
	if len(found) != n {
		ts.Fatalf("%d files match %s, want %d: %v", len(found), args[1], n, found)
	}
}

func recorded(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "recorded SPEC ADDRESS=SECONDS...")
	store, err := artifacts.Open(ts.MkAbs(".spurion"), artifacts.Options{})
	ts.Check(err)
	defer store.Close()
	runs, err := store.Runs("")
	ts.Check(err)
	at := time.Date(2026, 1, 1+len(runs), 0, 0, 0, 0, time.UTC)
	run := artifacts.Run{ID: fmt.Sprintf("made-up-%d", len(runs)), Spec: args[0], Started: at, Finished: at, Outcome: "done"}
	for _, arg := range args[1:] {
		at := strings.LastIndexByte(arg, '=')
		e := artifacts.Entry{Address: arg[:at], Key: artifacts.Sum([]byte(arg[:at])), Status: "cached"}
		if arg[at+1:] != e.Status {
			e.Status = "computed"
			e.Seconds, err = strconv.ParseFloat(arg[at+1:], 64)
			ts.Check(err)
		}
		run.Entries = append(run.Entries, e)
	}
	ts.Check(store.SaveRun(&run))
}
