package artifacts

import (
	"context"
	"errors"
)

var errStub = errors.New("artifacts: not built yet")

// A Store is a folder of artifacts. Its methods may be called from any goroutine.
type Store struct {
	dir string
	fs  FS
}

// Options of Open.
type Options struct {
	FS       FS              // nil: the real disk
	ReadOnly bool            // never write, not even to note that an entry was used
	Warn     func(err error) // told of damage that was found, set aside or skipped; nil: nobody is
}

// Open opens the store in dir, and makes it unless o.ReadOnly. A store that another process makes at
// the same time, or whose making was cut short, is completed. A store of a newer format is refused
// (ErrFormat); a store on a disk that cannot be written opens, and only what must write fails
// (ErrReadOnly).
func Open(dir string, o Options) (*Store, error) { return nil, errStub }

// Close lets go of what the store holds open. It removes nothing that matters: a store that is not
// closed leaves a small file in locks/, which the next GC removes.
func (s *Store) Close() error { return errStub }

// Dir gives the folder that was opened.
func (s *Store) Dir() string { return s.dir }

// Get finds the manifest of a key and checks that each of its blobs exists with its size. Without a
// usable entry the error is a *MissError; other errors are failures of the disk. A damaged manifest
// is set aside and named in the error.
func (s *Store) Get(key Digest) (*Manifest, error) { return nil, errStub }

// Publish makes m the entry of its key, durable when Publish returns. Every blob must have been Put.
// If an entry with the same outputs exists, it is kept and Publish does nothing; one with different
// outputs is kept too, and the error is a *ConflictError; a damaged or incomplete one is replaced.
func (s *Store) Publish(m *Manifest) error { return errStub }

// Put stores a blob and gives its name. Bytes that are there already are not written again. The blob
// may vanish in a crash until a manifest that names it is published; its bytes are whole or absent.
func (s *Store) Put(data []byte) (Digest, error) { return Digest{}, errStub }

// Blob reads a blob and verifies it. ErrMissing if there is none; a damaged one is set aside, and the
// error is a *DamagedError.
func (s *Store) Blob(d Digest) ([]byte, error) { return nil, errStub }

// Lock waits until the caller alone, among all goroutines and processes, has the key, and returns
// the function that lets go of it. If it has to wait, it first calls waiting (if not nil), once,
// with a description of who has it. The error is ctx's, or a failure of the disk.
func (s *Store) Lock(ctx context.Context, key Digest, waiting func(owner string)) (unlock func(), err error) {
	return nil, errStub
}

// TempDir makes an empty folder on the store's disk, for an external command. cleanup removes it
// with all in it.
func (s *Store) TempDir() (dir string, cleanup func(), err error) { return "", nil, errStub }
