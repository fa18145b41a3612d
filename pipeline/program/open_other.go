//go:build !unix

package program

// notWaiting keeps the opening of a FIFO from waiting for a writer; there are none here.
const notWaiting = 0
