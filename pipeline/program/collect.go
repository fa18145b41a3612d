package program

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"spurion/pipeline/fileinfo"
	"spurion/stages"
)

// collect reads what the program left. Nothing is followed that leads elsewhere, and nothing is opened that could keep
// its reader waiting: links, FIFOs and devices are told as what they are.
func collect(dir string, c *stages.Command, result *stages.CommandResult) error {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	result.Collected, result.Wrong = map[string][]byte{}, map[string]string{}
	for _, list := range []struct {
		paths []string
		read  func(root *os.Root, name string, most int64) ([]byte, error)
	}{{c.Collect, readFile}, {c.Folders, readFolder}} {
		for _, name := range list.paths {
			data, err := list.read(root, name, c.MaxBytes)
			var wrong unfitError
			switch {
			case err == nil:
				result.Collected[name] = data
			case errors.As(err, &wrong):
				result.Wrong[name] = string(wrong)
			case !errors.Is(err, fs.ErrNotExist):
				return err
			}
		}
	}
	result.Left, err = left(dir, c.Files)
	return err
}

// An unfitError says why something that the program left is no output, to end "PATH ..." with.
type unfitError string

func (e unfitError) Error() string { return string(e) }

// readFile reads a regular file. Its size is looked at first, so that a sparse file of terabytes is not read.
func readFile(root *os.Root, name string, most int64) ([]byte, error) {
	info, err := plain(root, name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, unfitError("is a folder: say format = \"folder\" to keep it whole, or name a file in it")
	}
	if info.Size() > most {
		return nil, tooLarge(info.Size(), most)
	}
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|fileinfo.NotWaiting, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err = f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(err, unfitError("changed while it was read"))
	}
	data := make([]byte, 0, info.Size()+1)
	for {
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			return data, nil
		}
		if err != nil {
			return nil, err
		}
		if int64(len(data)) > most {
			return nil, tooLarge(int64(len(data)), most)
		}
	}
}

func tooLarge(size, most int64) error {
	return unfitError(fmt.Sprintf("has %.1f GB, and an output may have %.1f, a third of the program's memory, in which it is held until it is stored: --memory or SPURION_MEMORY raises it, or write less, or several outputs",
		float64(size)/1e9, float64(most)/1e9))
}

// plain tells what lies at a path, if it is a file or a folder and no link leads there.
func plain(root *os.Root, name string) (fs.FileInfo, error) {
	for i := range len(name) {
		if name[i] != '/' {
			continue
		}
		info, err := root.Lstat(filepath.FromSlash(name[:i]))
		if err != nil {
			return nil, err
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return nil, unfitError(fmt.Sprintf("lies behind the link %s, and outputs are no links: write the file where it is declared", name[:i]))
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
		}
	}
	info, err := root.Lstat(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	if what := unfit(info.Mode()); what != "" {
		return nil, unfitError("is " + what)
	}
	return info, nil
}

// unfit says what something is that is neither a file nor a folder.
func unfit(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeSymlink != 0:
		return "a link, and outputs are no links: write or copy the file itself (cp -L)"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO, not a file"
	case mode&fs.ModeSocket != 0:
		return "a socket, not a file"
	case mode&fs.ModeDevice != 0:
		return "a device, not a file"
	case mode&fs.ModeIrregular != 0:
		return "not a regular file"
	}
	return ""
}

// left lists the regular files that the program added, sorted, with forward slashes.
func left(dir string, given map[string]stages.Source) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if _, ok := given[rel]; !ok {
			paths = append(paths, rel)
		}
		return nil
	})
	sort.Strings(paths)
	return paths, err
}
