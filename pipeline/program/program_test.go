package program_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"spurion/pipeline/program"
	"spurion/stages"
)

// TestMain keeps programs of these tests out of the real folder.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "program-test-")
	if err != nil {
		panic(err)
	}
	os.Setenv("TMPDIR", dir)
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

func shell(script string) stages.Command {
	return stages.Command{Args: []string{"sh", "-c", script}, MaxBytes: 1 << 20}
}

func run(ctx context.Context, dir string, c stages.Command) (*stages.CommandResult, error) {
	p, err := program.Find(c, nil)
	if err != nil {
		return nil, err
	}
	return p.Try(ctx, &program.Scratch{Dir: dir}, nil)
}

// A program finds its files and the folders of what it writes; what it wrote, printed and left is given back.
func TestRun(t *testing.T) {
	c := shell(`tr a-z A-Z < in/words.txt > out/deep/words.txt; echo printed; echo wrong >&2; echo x > left.txt; mkdir out/folder; exit 3`)
	c.Files = map[string]stages.Source{"in/words.txt": stages.SourceOf([]byte("some words"))}
	c.Collect = []string{"out/deep/words.txt", "out/none.txt", "out/folder"}
	got, err := run(t.Context(), t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	if got.ExitCode != 3 || got.Signal != "" || !slices.Equal(got.Stdout.Last, []string{"printed"}) || !slices.Equal(got.Stderr.Last, []string{"wrong"}) {
		t.Errorf("code %d, stdout %q, stderr %q", got.ExitCode, got.Stdout.Last, got.Stderr.Last)
	}
	if len(got.Collected) != 1 || string(got.Collected["out/deep/words.txt"]) != "SOME WORDS" {
		t.Errorf("collected %q: only regular files that are there are", got.Collected)
	}
	if want := []string{"left.txt", "out/deep/words.txt"}; !slices.Equal(got.Left, want) {
		t.Errorf("left %q, want %q", got.Left, want)
	}
}

// What a program took is that of all that it started.
func TestUsage(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("other systems tell less")
	}
	const size = 64 << 20
	c := shell(`dd if=/dev/zero of=/dev/null bs=64M count=1 2>&1; true`)
	used := func(c stages.Command) program.Usage {
		p, err := program.Find(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		scratch, err := program.NewScratch("used")
		if err != nil {
			t.Fatal(err)
		}
		defer scratch.Close()
		if _, err := p.Try(t.Context(), scratch, nil); err != nil {
			t.Fatal(err)
		}
		return p.Used()
	}
	once := used(c)
	if once.Memory < size || once.Memory > 4*size || once.CPU <= 0 {
		t.Errorf("it took %+v, want at least %d bytes, and some time", once, size)
	}
	if small := used(shell("true")); small.Memory >= size || small.Memory <= 0 || small.CPU <= 0 {
		t.Errorf("next to nothing took %+v", small)
	}
	if got, want := once.Add(program.Usage{CPU: 1, Memory: 1}), (program.Usage{CPU: once.CPU + 1, Memory: once.Memory}); got != want {
		t.Errorf("the sum is %+v, want %+v", got, want)
	}
}

// What cannot be started is an error; it is no exit code.
func TestNoProgram(t *testing.T) {
	for _, args := range [][]string{nil, {"no-such-program-here"}, {"/no/such/program"}} {
		if _, err := program.Find(stages.Command{Args: args}, nil); err == nil {
			t.Errorf("%q is found", args)
		}
	}
	_, err := program.Find(stages.Command{Args: []string{"sh"}, Env: map[string]string{"PATH": "/nowhere:bin"}}, nil)
	if err == nil || err.Error() != "sh is not found on the PATH (/nowhere:bin): install it, or name it by its full path" {
		t.Error(err)
	}
}

// A time limit and the end of the context stop a program, each with its cause; what it had printed is told.
func TestStopped(t *testing.T) {
	c := shell("echo begun; sleep 600")
	c.Timeout = 200 * time.Millisecond
	got, err := run(t.Context(), t.TempDir(), c)
	if !errors.Is(err, program.ErrTimeout) || got == nil {
		t.Fatalf("its time limit: %v", err)
	}
	c.Timeout = time.Hour
	cause := errors.New("the user wants it")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(20*time.Millisecond, func() { cancel(cause) })
	if _, err := run(ctx, t.TempDir(), c); !errors.Is(err, cause) || errors.Is(err, program.ErrTimeout) {
		t.Errorf("the context's end: %v", err)
	}
}

// The program is the one that it would find itself: on its own PATH, by its full path, through links; what it is
// is told.
func TestFind(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho active $0\n"
	if err := errors.Join(
		os.MkdirAll(filepath.Join(dir, "venv", "bin"), 0o755),
		os.WriteFile(filepath.Join(dir, "real"), []byte(script), 0o755),
		os.WriteFile(filepath.Join(dir, "venv", "note"), []byte("no program"), 0o644),
		os.Symlink(filepath.Join(dir, "real"), filepath.Join(dir, "venv", "bin", "python3")),
	); err != nil {
		t.Skip(err)
	}
	path := filepath.Join(dir, "venv") + ":" + filepath.Join(dir, "venv", "bin") + ":" + os.Getenv("PATH")
	here, _ := exec.LookPath("python3")
	for name, c := range map[string]stages.Command{
		"its own PATH":      {Args: []string{"python3"}, Env: map[string]string{"PATH": path}},
		"one that it calls": {Args: []string{"sh", "-c", "python3"}, Env: map[string]string{"PATH": path}},
	} {
		p, err := program.Find(c, nil)
		if err != nil {
			t.Fatal(err)
		}
		if name == "its own PATH" && (p.Path != filepath.Join(dir, "venv", "bin", "python3") || p.Path == here) {
			t.Errorf("%s is run", p.Path)
		}
		got, err := p.Try(t.Context(), &program.Scratch{Dir: t.TempDir()}, nil)
		if err != nil || len(got.Stdout.Last) != 1 || got.Stdout.Last[0] != "active "+filepath.Join(dir, "venv", "bin", "python3") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if p.Digest == [32]byte{} {
			t.Errorf("%s: %s has no digest", name, p.Path)
		}
	}
	t.Setenv("PATH", path)
	p, err := program.Find(stages.Command{Args: []string{"python3"}}, nil)
	if err != nil || p.Path != filepath.Join(dir, "venv", "bin", "python3") {
		t.Errorf("the active environment's is not run: %+v, %v", p, err)
	}
}
