//go:build unix

package program

import "syscall"

// notWaiting keeps the opening of a FIFO from waiting for a writer.
const notWaiting = syscall.O_NONBLOCK
