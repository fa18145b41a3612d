//go:build unix

package program_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"spurion/pipeline/program"
)

// children are ways in which a program starts another that would outlive it. Each holds the pipe $w open for writing.
var children = map[string]string{
	"a child":                           `sleep 120 > $w &`,
	"a child of a child":                `sh -c 'sleep 120 > $w & wait' &`,
	"one that ignores signals":          `sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done' > $w &`,
	"one whose output goes elsewhere":   `sleep 120 > $w 2> /dev/null < /dev/null &`,
	"one that holds the program's pipe": `sh -c 'exec 3> $w; exec sleep 120' &`,
	"one in a session of its own":       `setsid sleep 120 > $w &`,
	"an orphan in one of its own":       `sh -c 'setsid sleep 120 > $w &';`,
}

// A witness sees whether a process of the program has its end of a pipe.
type witness struct {
	child       string
	ready, gone chan struct{}
}

// witnesses makes a pipe for each child in dir, and gives the script that starts all children.
func witnesses(t *testing.T, dir string) (script string, all []*witness) {
	t.Helper()
	_, err := exec.LookPath("setsid")
	sessions := err == nil && runtime.GOOS == "linux"
	for name, start := range children {
		if strings.Contains(start, "setsid") && !sessions {
			continue
		}
		w := &witness{name, make(chan struct{}), make(chan struct{})}
		pipe := filepath.Join(dir, fmt.Sprint("witness", len(all)))
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip(err)
		}
		go func() {
			f, err := os.Open(pipe) // waits for the child
			if err != nil {
				t.Error(err)
				return
			}
			defer f.Close()
			close(w.ready)
			if _, err := io.ReadAll(f); err != nil {
				t.Error(err)
			}
			close(w.gone)
		}()
		script += "export w=" + filepath.Base(pipe) + "; " + start + "\n"
		all = append(all, w)
	}
	return script, all
}

func awaitReady(all []*witness) {
	for _, w := range all {
		<-w.ready
	}
}

func awaitGone(t *testing.T, all []*witness) {
	t.Helper()
	limit := time.After(time.Minute)
	for _, w := range all {
		select {
		case <-w.gone:
		case <-limit:
			t.Errorf("%s outlives its program", w.child)
		}
	}
}

// A program that ends well succeeds whatever it leaves running, and that is ended.
func TestProgramThatLeavesChildren(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script, all := witnesses(t, dir)
	c := shell(script + `echo printed; echo made > made; until [ -e begun ]; do sleep .01; done`)
	c.Collect = []string{"made"}
	go func() {
		awaitReady(all)
		_ = os.WriteFile(filepath.Join(dir, "begun"), nil, 0o600)
	}()
	got, err := run(t.Context(), dir, c)
	if err != nil || got.ExitCode != 0 || strings.Join(got.Stdout.Last, "") != "printed" || string(got.Collected["made"]) != "made\n" {
		t.Errorf("%+v, %v", got, err)
	}
	awaitGone(t, all)
}

// What a program started ends with it when it is stopped.
func TestStoppedProgramWithChildren(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	script, all := witnesses(t, dir)
	ctx, cancel := context.WithCancelCause(t.Context())
	cause := errors.New("the user wants it")
	go func() {
		awaitReady(all)
		cancel(cause)
	}()
	if _, err := run(ctx, dir, shell(script+`trap "" TERM; while :; do sleep 1; done`)); !errors.Is(err, cause) {
		t.Errorf("a program that was stopped ends with %v", err)
	}
	awaitGone(t, all)
}

const parentFolder, parentScript = "SPURION_TEST_PARENT", "SPURION_TEST_SCRIPT"

// A program and its children end with the process that runs it, however that dies.
func TestKilledParent(t *testing.T) {
	if dir := os.Getenv(parentFolder); dir != "" {
		_, err := run(t.Context(), dir, shell(os.Getenv(parentScript)))
		t.Fatal("the program ended: ", err)
	}
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	script, all := witnesses(t, dir)
	cmd := exec.Command(self, "-test.run", "^TestKilledParent$")
	cmd.Env = append(os.Environ(), parentFolder+"="+dir, parentScript+"="+script+"sleep 120")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	awaitReady(all)
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
	awaitGone(t, all)
}

const heldFolder = "SPURION_TEST_HELD"

// Nobody gets the folder of a program whose run was killed before the program is gone, however long that takes.
func TestFolderOfKilledParent(t *testing.T) {
	if file := os.Getenv(heldFolder); file != "" {
		t.Setenv("TMPDIR", filepath.Dir(file))
		p, err := program.Find(shell(`echo $PPID > `+file+`.new; kill -STOP $PPID; mv `+file+`.new `+file+`; sleep 120`), nil)
		if err != nil {
			t.Fatal(err)
		}
		scratch, err := program.NewScratch("held")
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Try(t.Context(), scratch, nil)
		t.Fatal("the program ended: ", err)
	}
	file := filepath.Join(t.TempDir(), "supervisor")
	t.Setenv("TMPDIR", filepath.Dir(file))
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestFolderOfKilledParent$")
	cmd.Env = append(os.Environ(), heldFolder+"="+file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var supervisor int
	for ; supervisor == 0; time.Sleep(time.Millisecond) {
		if pid, err := os.ReadFile(file); err == nil {
			supervisor, _ = strconv.Atoi(strings.TrimSpace(string(pid)))
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = cmd.Wait()
	another := scratchName(t)
	if err := syscall.Kill(supervisor, syscall.SIGCONT); err != nil {
		t.Error(err)
	}
	if another == "held" {
		t.Error("the folder of a program that runs was given away")
	}
	for limit := time.Now().Add(time.Minute); scratchName(t) != "held"; time.Sleep(time.Millisecond) {
		if time.Now().After(limit) {
			t.Fatal("the folder stays locked")
		}
	}
}

// scratchName takes the folder of the name "held", or what there is instead, and gives its name.
func scratchName(t *testing.T) string {
	t.Helper()
	scratch, err := program.NewScratch("held")
	if err != nil {
		t.Fatal(err)
	}
	scratch.Close()
	return filepath.Base(scratch.Dir)
}

// A supervisor that is killed takes the program with it and all that this has started, and that is an error; so is the
// death of what guards the supervisor.
func TestKilledSupervisor(t *testing.T) {
	t.Parallel()
	for who, pid := range map[string]string{"the supervisor": "$PPID", "its guard": "`sed 's/.*) . //; s/ .*//' /proc/$PPID/stat`"} {
		if who != "the supervisor" && runtime.GOOS != "linux" {
			continue
		}
		dir := t.TempDir()
		script, all := witnesses(t, dir)
		go func() {
			awaitReady(all)
			_ = os.WriteFile(filepath.Join(dir, "begun"), nil, 0o600)
		}()
		got, err := run(t.Context(), dir, shell(script+`until [ -e begun ]; do sleep .01; done; kill -9 `+pid+`; sleep 120`))
		if err == nil || !strings.Contains(err.Error(), "the process that watches over the program was killed") {
			t.Errorf("%s: %+v, %v", who, got, err)
		}
		awaitGone(t, all)
	}
}

// A program that a signal ends has the exit code that a shell would give it, and the signal's name.
func TestSignal(t *testing.T) {
	got, err := run(t.Context(), t.TempDir(), shell("kill -9 $$"))
	if err != nil || got.ExitCode != 137 || got.Signal != "killed" {
		t.Errorf("%+v, %v", got, err)
	}
}
