//go:build !unix

package fileinfo

// NotWaiting is a flag for opening what may be a FIFO; there are none here.
const NotWaiting = 0
