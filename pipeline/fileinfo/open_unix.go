//go:build unix

package fileinfo

import "syscall"

// NotWaiting is a flag for opening what may be a FIFO: it keeps that from waiting for a writer.
const NotWaiting = syscall.O_NONBLOCK
