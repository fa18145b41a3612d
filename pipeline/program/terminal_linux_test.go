package program_test

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

const onTerminal = "SPURION_TEST_TERMINAL"

// A program that asks a question on the terminal from which it was started gets no answer at once: it is not stopped
// until its time is over.
func TestQuestionOnTerminal(t *testing.T) {
	if os.Getenv(onTerminal) != "" {
		if f, err := os.Open("/dev/tty"); err != nil {
			t.Fatal("the test itself has no terminal: ", err)
		} else {
			f.Close()
		}
		c := shell(`read answer < /dev/tty || exit 3`)
		c.Timeout = time.Minute
		got, err := run(t.Context(), t.TempDir(), c)
		if err != nil || got.ExitCode == 0 {
			t.Fatalf("%+v, %v", got, err)
		}
		return
	}
	t.Parallel()
	terminal := newTerminal(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run", "^TestQuestionOnTerminal$")
	cmd.Env = append(os.Environ(), onTerminal+"=1")
	cmd.Stdin = terminal
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// newTerminal gives the end of a new pseudo-terminal that programs hold.
func newTerminal(t *testing.T) *os.File {
	t.Helper()
	ours, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { ours.Close() })
	if err := unix.IoctlSetPointerInt(int(ours.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(ours.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { theirs.Close() })
	return theirs
}
