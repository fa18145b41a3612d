package publish

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

// tailBytes is how much of a file's end is compared to tell whether it is the one that was written.
const tailBytes = 4096

// A folder is where everything is written. No path leads out of it, whatever links it holds.
type folder struct {
	*os.Root
}

func openFolder(dir string) (folder, error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return folder{}, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return folder{}, err
	}
	return folder{root}, nil
}

const (
	temporaryPrefix = ".spurion-"
	temporarySuffix = ".tmp"
	// staleAfter is how old a temporary file must be to be one that a killed program left.
	staleAfter = time.Hour
)

// sweep removes temporary files that a killed program left.
func (d folder) sweep() {
	entries, err := fs.ReadDir(d.FS(), ".")
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), temporaryPrefix) || !strings.HasSuffix(e.Name(), temporarySuffix) {
			continue
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() && time.Since(info.ModTime()) > staleAfter {
			d.Remove(e.Name())
		}
	}
}

// A pending file is written beside its place, and put there when it is complete.
type pending struct {
	folder folder
	path   string
	name   string // of the temporary file
	file   *os.File
	hash   hash.Hash
	tail   []byte
	bytes  int64
}

// create starts the file with the path.
func (d folder) create(p string) (*pending, error) {
	if dir := path.Dir(p); dir != "." {
		if err := d.MkdirAll(dir, 0o777); err != nil {
			return nil, cmp.Or(d.inWay(p), err)
		}
	}
	for {
		name := randomName()
		f, err := d.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return &pending{folder: d, path: p, name: name, file: f, hash: sha256.New()}, nil
	}
}

func (f *pending) Write(p []byte) (int, error) {
	n, err := f.file.Write(p)
	f.hash.Write(p[:n])
	f.bytes += int64(n)
	f.tail = append(f.tail, p[max(0, n-tailBytes):n]...)
	if len(f.tail) > 2*tailBytes {
		f.tail = append(f.tail[:0], f.tail[len(f.tail)-tailBytes:]...)
	}
	return n, err
}

// discard gives the file up.
func (f *pending) discard() {
	f.file.Close()
	f.folder.Remove(f.name)
}

// commit puts the file in its place and describes it.
func (f *pending) commit() (size int64, digest, tail string, err error) {
	if err := f.file.Close(); err != nil {
		f.folder.Remove(f.name)
		return 0, "", "", err
	}
	if info, err := f.folder.Lstat(f.path); err == nil && info.IsDir() {
		f.folder.Remove(f.path) // if it is empty
	}
	if err := f.folder.Rename(f.name, f.path); err != nil {
		f.folder.Remove(f.name)
		return 0, "", "", cmp.Or(f.folder.inWay(f.path), err)
	}
	last := sha256.Sum256(f.tail[max(0, len(f.tail)-tailBytes):])
	return f.bytes, hex.EncodeToString(f.hash.Sum(nil)), hex.EncodeToString(last[:]), nil
}

// write makes a file of the data, unless it is there with the same bytes.
func (d folder) write(p string, data []byte) error {
	if old, err := d.read(p); err == nil && bytes.Equal(old, data) {
		return nil
	}
	f, err := d.create(p)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		f.discard()
		return err
	}
	_, _, _, err = f.commit()
	return err
}

// inWay says what stands in the way of a file and is not taken away to make it, since it may be somebody's: a folder that
// is not empty, or a file where a folder is to be. nil if nothing does.
func (d folder) inWay(p string) error {
	for i := range len(p) {
		if p[i] != '/' {
			continue
		}
		if _, err := d.Lstat(p[:i]); err != nil {
			return nil
		}
		if info, err := d.Stat(p[:i]); err != nil || !info.IsDir() {
			return &inWayError{p[:i] + " is no folder"}
		}
	}
	if info, err := d.Lstat(p); err != nil || !info.IsDir() {
		return nil
	}
	if entries, err := fs.ReadDir(d.FS(), p); err == nil && len(entries) == 0 {
		return nil
	}
	return &inWayError{"a folder that is not empty stands there"}
}

// An inWayError says that a file can only be made when somebody has moved something away.
type inWayError struct{ what string }

func (e *inWayError) Error() string { return e.what + "; move it away, and run again" }

// errIrregular says that something else stands where a file should: a pipe, which nobody may ever write to, a folder or
// a link.
var errIrregular = errors.New("it is no regular file")

// read gives a file's bytes. The error is fs.ErrNotExist if there is none, and errIrregular if it is none of ours.
func (d folder) read(p string) ([]byte, error) {
	info, err := d.Lstat(p)
	if err == nil && !info.Mode().IsRegular() {
		err = errIrregular
	}
	if err != nil {
		return nil, err
	}
	f, err := d.Open(p)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// isMissing reports whether the error of read says that there is no such file, so that it is to be made.
func isMissing(err error) bool { return errors.Is(err, fs.ErrNotExist) || errors.Is(err, errIrregular) }

// remove takes a file away if it is there, and its folder if that is then empty.
func (d folder) remove(p string) (gone bool, err error) {
	if err := d.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("remove %s: %w", p, err)
	} else {
		gone = err == nil
	}
	for dir := path.Dir(p); dir != "."; dir = path.Dir(dir) {
		// a folder only: a link to one is somebody's, and Remove would take it
		if info, err := d.Lstat(dir); err != nil || !info.IsDir() || d.Remove(dir) != nil {
			break
		}
	}
	return gone, nil
}
