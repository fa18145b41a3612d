package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"spurion/artifacts"
)

// A folder is Objects in files, as they are published: what a web server shows may be made so.
type folder struct{ dir string }

func (f folder) path(name string) string { return filepath.Join(f.dir, filepath.FromSlash(name)) }

func (f folder) Get(_ context.Context, name string, most int64) ([]byte, error) {
	file, err := os.Open(f.path(name))
	if err != nil {
		return nil, f.explain("read", name, err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, most+1))
	if err != nil {
		return nil, f.explain("read", name, err)
	}
	return data, TooLong(name, int64(len(data)), most)
}

// TooLong is the error of an object that has more bytes than it can have; nil if it does not.
func TooLong(name string, size, most int64) error {
	if size <= most {
		return nil
	}
	return &Error{ErrLong, fmt.Sprintf("%s has more than %d bytes", name, most)}
}

func (f folder) Has(_ context.Context, name string) (Object, error) {
	info, err := os.Stat(f.path(name))
	if err != nil {
		return Object{}, f.explain("look for", name, err)
	}
	return Object{name, info.Size(), info.ModTime()}, nil
}

func (f folder) Put(_ context.Context, name string, data []byte, _ artifacts.Digest, over bool) error {
	target := f.path(name)
	if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
		return f.explain("write", name, err)
	}
	temp, err := os.CreateTemp(filepath.Dir(target), ".part-*")
	if err != nil {
		return f.explain("write", name, err)
	}
	defer os.Remove(temp.Name())
	_, err = io.Copy(temp, bytes.NewReader(data))
	if err == nil && runtime.GOOS != "windows" {
		err = temp.Chmod(0o644) // a web server reads it
	}
	if err == nil {
		err = temp.Sync()
	}
	if err = errors.Join(err, temp.Close()); err != nil {
		return f.explain("write", name, err)
	}
	if over {
		err = os.Rename(temp.Name(), target)
	} else if err = os.Link(temp.Name(), target); errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission) {
		if _, err = os.Stat(target); errors.Is(err, fs.ErrNotExist) { // a disk without links
			err = os.Rename(temp.Name(), target)
		} else if err == nil {
			err = fs.ErrExist
		}
	}
	if err != nil {
		return f.explain("write", name, err)
	}
	return nil
}

func (f folder) List(ctx context.Context, prefix string) ([]Object, error) {
	var list []Object
	err := filepath.WalkDir(f.path(prefix), func(path string, e fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(f.dir, path)
		list = append(list, Object{filepath.ToSlash(rel), info.Size(), info.ModTime()})
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, f.explain("list", prefix, err)
	}
	return list, nil
}

func (f folder) Delete(_ context.Context, name string) error {
	if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return f.explain("remove", name, err)
	}
	return nil
}

func (f folder) Close() error { return nil }

func (f folder) explain(verb, name string, err error) error {
	path := f.path(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Error{ErrMissing, path + " does not exist"}
	case errors.Is(err, fs.ErrExist):
		return &Error{ErrExists, path + " exists already"}
	case errors.Is(err, fs.ErrPermission):
		return &Error{ErrDenied, fmt.Sprintf("you may not %s %s: change who may, or name another folder", verb, path)}
	}
	return &Error{ErrUnreachable, fmt.Sprintf("cannot %s %s: %v", verb, path, err)}
}
