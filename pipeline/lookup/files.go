package lookup

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"spurion/pipeline/fileinfo"
	"spurion/pipeline/plan"
	"spurion/stages"
)

// Files reads what lies outside of the graph: files of the project and of data roots, and environment variables. The
// digest of a file is taken once, when it is first asked for; the engine compares what it reads later with it. Large
// files are not hashed again while nothing about them changed: see Remember.
type Files struct {
	root      string
	dataRoots map[string]string
	digests   sync.Map // path -> *taken
	memory    *memory
}

// A taken digest is of a file as it was when it had the stamp.
type taken struct {
	once    sync.Once
	digest  plan.Digest
	stamp   fileinfo.Stamp
	settled bool // the stamp would be another if the file had changed since
	err     error
}

// NewFiles reads the files of the project at root, and of data roots by their names.
func NewFiles(root string, dataRoots map[string]string) *Files {
	return &Files{root: root, dataRoots: dataRoots, memory: newMemory(time.Now)}
}

// Remember takes digests of large files from a file that Save wrote, where the files are as they were then. A file
// that cannot be read, or is damaged, is taken for an empty one: all it saves is time.
func (f *Files) Remember(path string) { f.memory.load(path) }

// Save keeps the digests of large files for a later Remember.
func (f *Files) Save(path string) error { return f.memory.save(path) }

// File implements plan.External. A path is relative to the project, with forward slashes, or one of stages.External;
// it was checked by the loader.
func (f *Files) File(path string) (plan.Digest, error) {
	t := f.taken(path)
	return t.digest, t.err
}

func (f *Files) taken(path string) *taken {
	v, ok := f.digests.Load(path)
	if !ok {
		v, _ = f.digests.LoadOrStore(path, &taken{})
	}
	t := v.(*taken)
	t.once.Do(func() { t.digest, t.stamp, t.settled, t.err = f.take(path) })
	return t
}

// take gives the digest of a file as it is now, from memory if it is remembered.
func (f *Files) take(path string) (d plan.Digest, at fileinfo.Stamp, settled bool, err error) {
	file, err := f.open(path)
	if err != nil {
		return d, at, false, err
	}
	defer file.Close()
	if at, err = stampOf(file); err != nil {
		return d, at, false, fmt.Errorf("read %s: %w", stages.LaidOut(path), err)
	}
	place := f.place(path)
	if d, ok := f.memory.digest(place, at); ok {
		return d, at, true, nil
	}
	started := f.memory.now()
	if d, err = hashed(io.Discard, file); err != nil {
		return d, at, false, fmt.Errorf("read %s: %w", stages.LaidOut(path), err)
	}
	after, err := stampOf(file)
	settled = err == nil && after == at && at.SettledAt(started)
	if settled {
		f.memory.add(place, at, d, started)
	}
	return d, at, settled, nil
}

// Recheck gives the digest of a file as it is now. One that is as it was when File took its digest is not read again.
func (f *Files) Recheck(path string) (plan.Digest, error) {
	t := f.taken(path)
	if t.err == nil && t.settled {
		if file, err := f.open(path); err == nil {
			now, err := stampOf(file)
			file.Close()
			if err == nil && now == t.stamp {
				return t.digest, nil
			}
		}
	}
	d, _, _, err := f.take(path)
	return d, err
}

// CopyFile writes the content of a file to w, and gives its digest. What is written to an *os.File, new and empty, is
// read back for the digest, so that the kernel can copy, or share, the blocks.
func (f *Files) CopyFile(path string, w io.Writer) (plan.Digest, error) {
	file, err := f.open(path)
	if err != nil {
		return plan.Digest{}, err
	}
	defer file.Close()
	d, err := hashed(w, file)
	if err != nil {
		return d, fmt.Errorf("copy %s: %w", stages.LaidOut(path), err)
	}
	return d, nil
}

// OpenFile gives the content of a file to be read in pieces. Who reads asks Recheck afterwards whether it has changed.
func (f *Files) OpenFile(path string) (stages.File, error) {
	file, err := f.open(path)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("read %s: %w", stages.LaidOut(path), err)
	}
	return opened{file, info.Size()}, nil
}

// opened is an open file of the size that it had when it was opened.
type opened struct {
	*os.File
	size int64
}

func (o opened) Size() int64 { return o.size }

// buffers wait to be used again: a data set may be a million small files.
var buffers = sync.Pool{New: func() any { b := make([]byte, 64<<10); return &b }}

// hashed copies a file and gives the digest of what arrived.
func hashed(w io.Writer, file *os.File) (d plan.Digest, err error) {
	h := sha256.New()
	if to, ok := w.(*os.File); ok {
		var n int64
		if n, err = io.Copy(to, file); err == nil {
			_, err = io.Copy(h, io.NewSectionReader(to, 0, n))
		}
	} else {
		buffer := buffers.Get().(*[]byte)
		defer buffers.Put(buffer)
		_, err = io.CopyBuffer(io.MultiWriter(h, w), struct{ io.Reader }{file}, *buffer) // a file's own WriteTo makes a buffer each time
	}
	h.Sum(d[:0])
	return d, err
}

// open opens a file; what is none is an error, not waited for. A link that leads out of the project is refused here
// too, those of a data root may lead anywhere.
func (f *Files) open(path string) (*os.File, error) {
	file, err := f.openAny(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", stages.LaidOut(path), err)
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		file.Close()
		return nil, fmt.Errorf("read %s: it is not a regular file", stages.LaidOut(path))
	}
	return file, nil
}

func (f *Files) openAny(path string) (*os.File, error) {
	if root, rel, ok := stages.CutExternal(path); ok {
		folder, ok := f.dataRoots[root]
		if !ok {
			return nil, fmt.Errorf("nothing says where the data root %s is: give --data-root %s=PATH", root, root)
		}
		return os.OpenFile(filepath.Join(folder, filepath.FromSlash(rel)), os.O_RDONLY|fileinfo.NotWaiting, 0)
	}
	root, err := os.OpenRoot(f.root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return root.OpenFile(filepath.FromSlash(path), os.O_RDONLY|fileinfo.NotWaiting, 0)
}

// IsFile reports whether a relative path is that of a file in the project, which can be read.
func (f *Files) IsFile(path string) bool {
	file, err := f.open(path)
	if err == nil {
		file.Close()
	}
	return err == nil
}

// stampOf gives the stamp of an open file.
func stampOf(f *os.File) (fileinfo.Stamp, error) {
	info, err := f.Stat()
	if err != nil {
		return fileinfo.Stamp{}, err
	}
	return fileinfo.Of(info), nil
}

// place gives where a file is on this machine, for the memory of digests.
func (f *Files) place(path string) string {
	full := filepath.Join(f.root, filepath.FromSlash(path))
	if root, rel, ok := stages.CutExternal(path); ok {
		full = filepath.Join(f.dataRoots[root], filepath.FromSlash(rel))
	}
	if abs, err := filepath.Abs(full); err == nil {
		return abs
	}
	return full
}

// VariableValue gives the value of an environment variable.
func (*Files) VariableValue(name string) string { return os.Getenv(name) }

// Variable implements plan.External.
func (*Files) Variable(name string) (plan.Digest, error) {
	value, ok := os.LookupEnv(name)
	if !ok {
		return plan.Digest{}, fmt.Errorf("the environment variable %s is not set; set it, or take it out of the list", name)
	}
	return sha256.Sum256([]byte(value)), nil
}
