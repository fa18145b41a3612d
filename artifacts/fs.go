package artifacts

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"time"
)

// FS is the disk as the store uses it, so that tests can fail, fill and crash it. Names are as
// package path/filepath makes them. Errors are those of package os: errors.Is with fs.ErrNotExist,
// fs.ErrExist, fs.ErrPermission and the syscall package's numbers must work. On a network an operation
// may have been done although its answer was lost: then it is tried again, and fails because it was done.
type FS interface {
	// Now is the time by the clock of this machine. The one that stamps files may be another's.
	Now() time.Time
	// Sleep waits for a while by the clock of this machine, or until ctx ends, whose error it gives then.
	Sleep(ctx context.Context, d time.Duration) error
	// Mkdir makes one folder; fs.ErrExist if something has that name.
	Mkdir(name string) error
	// ReadFile gives a file's content and the time of its last change. ErrNotFile if it is a folder, a
	// pipe, a socket or a device, for which it never waits.
	ReadFile(name string) ([]byte, time.Time, error)
	// ReadPart is ReadFile for the n bytes of a file that begin at a place, or as many of them as there are.
	ReadPart(name string, at, n int64) ([]byte, error)
	// Stat describes a file. It follows symbolic links.
	Stat(name string) (fs.FileInfo, error)
	// ReadDir lists a folder, sorted by name.
	ReadDir(name string) ([]fs.DirEntry, error)
	// Remote reports whether a folder may be on a disk that other hosts use: then their locks, and what they have done, may
	// not be seen at once.
	Remote(folder string) bool
	// Refresh makes this host forget what it remembers of a folder, so that it sees the names that other hosts have
	// made in it by now, as far as the system lets it.
	Refresh(folder string) error
	// Create makes a file that must not exist.
	Create(name string) (File, error)
	// Append opens a file for writing at its end, and makes it if need be.
	Append(name string) (File, error)
	// SameFile reports whether two names are those of one file.
	SameFile(a, b string) (bool, error)
	// Rename replaces new, if it exists, in one step. It is durable after SyncDir of new's folder.
	Rename(old, new string) error
	// Link gives a file a second name; fs.ErrExist if something has it. On systems that cannot, any
	// other error will do.
	Link(old, new string) error
	// Remove removes a name of a file, or an empty folder.
	Remove(name string) error
	// RemoveAll removes a folder with all in it; no error if there is none.
	RemoveAll(name string) error
	// Touch sets the time of a file's last change; the zero time stands for now, by the clock that
	// stamps files.
	Touch(name string, t time.Time) error
	// SyncDir makes the names in a folder durable.
	SyncDir(name string) error
	// TryLock takes a kernel lock on a file, which it makes if need be, or returns ErrLocked at
	// once. Locks exclude each other within a process as well as between processes, unless both
	// are shared. The file that is locked is the one with that name when TryLock returns. ErrNotFile if
	// something else has the name.
	TryLock(name string, shared bool) (Lock, error)
}

// ErrLocked is what FS.TryLock returns if another has the lock.
var ErrLocked = errors.New("locked")

// ErrNotFile says that a folder, a pipe, a socket or a device is where a file should be.
var ErrNotFile = errors.New("not a file")

// A File is being written. Its content is durable after Sync.
type File interface {
	io.WriteCloser
	Sync() error
}

// A Lock is held until Unlock, or until its process dies.
type Lock interface {
	// Note replaces the content of the locked file, for those who wait to read.
	Note(text string) error
	// Unlock lets go, and first removes the file if asked to and if the system can.
	Unlock(remove bool) error
}
