package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"unsafe"

	"github.com/rogpeppe/go-internal/testscript"
)

// terminal CODE PROGRAM ARG... runs a program whose standard error is a terminal of 100 columns; what it shows there
// becomes the script's stderr.
func init() {
	scriptCommands["terminal"] = terminal
	scriptCommands["plainly"] = plainly
}

func terminal(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "terminal CODE PROGRAM ARG...")
	code, err := strconv.Atoi(args[0])
	ts.Check(err)
	master, slave, err := openTerminal()
	ts.Check(err)
	var stdout bytes.Buffer
	cmd := command(ts, args[1:])
	cmd.Stdout, cmd.Stderr = &stdout, slave
	ts.Check(cmd.Start())
	ts.Check(slave.Close())
	shown := make(chan []byte, 1)
	go func() {
		data, _ := io.ReadAll(master) // ends with EIO when the program does
		shown <- data
	}()
	err = cmd.Wait()
	fmt.Fprint(ts.Stdout(), stdout.String())
	fmt.Fprint(ts.Stderr(), string(<-shown))
	master.Close()
	if got := codeOf(ts, err); got != code {
		ts.Fatalf("%s ended with exit code %d, want %d", args[1], got, code)
	}
}

// openTerminal opens a pseudo-terminal.
func openTerminal() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, nil, err
	}
	// Not Fd: it would make the file blocking, and Close would not end a Read.
	conn, err := master.SyscallConn()
	if err != nil {
		return nil, nil, err
	}
	var unlock, n int32
	size := [4]uint16{40, 100}
	cerr := conn.Control(func(fd uintptr) {
		err = errors.Join(
			ioctl(fd, syscall.TIOCSPTLCK, unsafe.Pointer(&unlock)), ioctl(fd, syscall.TIOCSWINSZ, unsafe.Pointer(&size)),
			ioctl(fd, syscall.TIOCGPTN, unsafe.Pointer(&n)),
		)
	})
	if err = errors.Join(err, cerr); err != nil {
		return nil, nil, err
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|syscall.O_NOCTTY, 0)
	return master, slave, err
}

func ioctl(fd, request uintptr, value unsafe.Pointer) error {
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(value)); e != 0 {
		return e
	}
	return nil
}

// plainly CODE PROGRAM ARG... runs a program without root's right to write what permissions forbid, so that a folder
// can be read-only for tests that run as root too.
func plainly(ts *testscript.TestScript, neg bool, args []string) {
	want(ts, neg, args, 2, "plainly CODE PROGRAM ARG...")
	if os.Getuid() == 0 {
		if _, err := exec.LookPath("setpriv"); err != nil {
			ts.Fatalf("these tests run as root and need setpriv (util-linux)")
		}
		const drop = "=-dac_override,-dac_read_search"
		args = append([]string{args[0], "setpriv", "--bounding-set" + drop, "--inh-caps" + drop}, args[1:]...)
	}
	exits_(ts, neg, args)
}
