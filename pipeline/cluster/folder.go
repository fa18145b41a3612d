package cluster

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A Folder is a Disk: a folder that the driver and the tasks both see. An array is a folder in it, with these files for the task N:
//
//	N.batch          what it computes; only its owner may read it, since it may hold secrets
//	N-RANDOM.journal what a run of it tells
//	N.out            what it printed beside; removed if it ended well
type Folder string

const (
	batchSuffix   = ".batch"
	journalSuffix = ".journal"
	printedSuffix = ".out"
)

// Arrays implements Disk.
func (f Folder) Arrays() ([]string, error) {
	entries, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), "spurion-") {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Make implements Disk.
func (f Folder) Make(array string) (string, error) {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return "", err
	}
	dir := filepath.Join(string(f), array)
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return "", errTaken
	}
	return dir, err
}

func (f Folder) path(array string, task int, suffix string) string {
	return filepath.Join(string(f), array, strconv.Itoa(task)+suffix)
}

// WriteBatch implements Disk.
func (f Folder) WriteBatch(array string, task int, data []byte) error {
	return writeWhole(f.path(array, task, batchSuffix), 0o600, data)
}

// writeWhole is WriteWhole for what is at hand.
func writeWhole(path string, mode fs.FileMode, data []byte) error {
	return WriteWhole(path, mode, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// WriteWhole writes a file that is not seen before it is whole, and is durable. Its folder must be there.
func WriteWhole(path string, mode fs.FileMode, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	err = write(f)
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// ReadBatch gives the batch of a task; an error that wraps fs.ErrNotExist says that there is none.
func (f Folder) ReadBatch(array string, task int) ([]byte, error) {
	return os.ReadFile(f.path(array, task, batchSuffix))
}

// Journals implements Disk.
func (f Folder) Journals(array string) ([]Journal, error) {
	entries, err := os.ReadDir(filepath.Join(string(f), array))
	if err != nil {
		return nil, err
	}
	var list []Journal
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), journalSuffix)
		task, _, found := strings.Cut(name, "-")
		if n, err := strconv.Atoi(task); ok && found && err == nil {
			list = append(list, Journal{e.Name(), n})
		}
	}
	return list, nil
}

// ReadJournal implements Disk. The file is opened anew each time: on NFS that is when others' lines are seen.
func (f Folder) ReadJournal(array string, j Journal, from int64) ([]byte, error) {
	file, err := os.Open(filepath.Join(string(f), array, j.Name))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return nil, err
	}
	return io.ReadAll(file)
}

// printedLines is how much of what a task printed is shown.
const printedLines, printedBytes = 20, 4 << 10

// Printed implements Disk.
func (f Folder) Printed(array string, task int) string {
	file, err := os.Open(f.path(array, task, printedSuffix))
	if err != nil {
		return ""
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.Size() > printedBytes {
		_, _ = file.Seek(-printedBytes, io.SeekEnd)
	}
	data, _ := io.ReadAll(io.LimitReader(file, printedBytes))
	lines := strings.Split(strings.TrimRight(string(data), "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-printedLines):], "\n")
}

// Forget implements Disk.
func (f Folder) Forget(array string) { _ = os.RemoveAll(filepath.Join(string(f), array)) }

// BatchPlace takes the path of a batch apart: the folder of its array, and its task.
func BatchPlace(path string) (dir string, task int, err error) {
	name, ok := strings.CutSuffix(filepath.Base(path), batchSuffix)
	task, err = strconv.Atoi(name)
	if !ok || err != nil {
		return "", 0, fmt.Errorf("%s is not called N%s, as the batches of an array are", path, batchSuffix)
	}
	return filepath.Dir(path), task, nil
}
