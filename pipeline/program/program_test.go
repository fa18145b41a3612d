package program_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"spurion/pipeline/program"
	"spurion/stages"
)

func shell(script string) stages.Command {
	return stages.Command{Args: []string{"sh", "-c", script}, Env: map[string]string{"PATH": os.Getenv("PATH")}}
}

// A program finds its files and the folders of what it writes; what it wrote, printed and left is given back.
func TestRun(t *testing.T) {
	c := shell(`tr a-z A-Z < in/words.txt > out/deep/words.txt; echo printed; echo wrong >&2; echo x > left.txt; mkdir out/folder; exit 3`)
	c.Files = map[string][]byte{"in/words.txt": []byte("some words")}
	c.Collect = []string{"out/deep/words.txt", "out/none.txt", "out/folder"}
	got, err := program.Run(t.Context(), t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	if got.ExitCode != 3 || string(got.Stdout) != "printed\n" || string(got.Stderr) != "wrong\n" {
		t.Errorf("code %d, stdout %q, stderr %q", got.ExitCode, got.Stdout, got.Stderr)
	}
	if len(got.Collected) != 1 || string(got.Collected["out/deep/words.txt"]) != "SOME WORDS" {
		t.Errorf("collected %q: only regular files that are there are", got.Collected)
	}
	if want := []string{"left.txt", "out/deep/words.txt"}; !slices.Equal(got.Left, want) {
		t.Errorf("left %q, want %q", got.Left, want)
	}
}

// Nothing of this process's environment reaches a program but what is listed.
func TestEnvironment(t *testing.T) {
	t.Setenv("SPURION_SECRET", "x")
	c := shell(`echo "[$SPURION_SECRET] [$GIVEN]"`)
	c.Env["GIVEN"] = "a b"
	got, err := program.Run(t.Context(), t.TempDir(), c)
	if err != nil || string(got.Stdout) != "[] [a b]\n" {
		t.Errorf("%q, %v", got.Stdout, err)
	}
}

// What cannot be started is an error; it is no exit code.
func TestNoProgram(t *testing.T) {
	for _, args := range [][]string{nil, {"no-such-program-here"}} {
		if got, err := program.Run(t.Context(), t.TempDir(), stages.Command{Args: args}); err == nil {
			t.Errorf("%q: %+v", args, got)
		}
	}
}

// A time limit and the end of the context stop a program, each with its cause.
func TestStopped(t *testing.T) {
	c := shell("sleep 600")
	c.Timeout = 20 * time.Millisecond
	if _, err := program.Run(t.Context(), t.TempDir(), c); !errors.Is(err, program.ErrTimeout) {
		t.Errorf("its time limit: %v", err)
	}
	c.Timeout = time.Hour
	cause := errors.New("the user wants it")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(20*time.Millisecond, func() { cancel(cause) })
	if _, err := program.Run(ctx, t.TempDir(), c); !errors.Is(err, cause) || errors.Is(err, program.ErrTimeout) {
		t.Errorf("the context's end: %v", err)
	}
}
