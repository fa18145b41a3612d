package publish

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Unpack writes an output that is a folder (stages.FolderExtension) as files: into dir, or where the stage has axes
// into a folder AXIS=VALUE for each, one in the other. The folder appears whole or not at all; one that is not empty
// is an error.
func Unpack(ctx context.Context, dir string, out Out, s Source, o ExportOptions) (Exported, error) {
	x := &export{out: &out, source: &s, o: &o}
	err := x.choose()
	if err == nil {
		dir, err = filepath.Abs(dir)
	}
	if err == nil {
		err = x.unpackAll(ctx, dir)
	}
	if err != nil {
		return Exported{}, fmt.Errorf("export %s: %w", s.id(), err)
	}
	x.done.Instances = len(x.have)
	return x.done, nil
}

func (x *export) unpackAll(ctx context.Context, dir string) error {
	if err := mustBeNew(dir); err != nil {
		return err
	}
	return replaceWith(dir, func(temporary string) error {
		return x.each(ctx, func(in *Instance, data []byte) error {
			var parts []string
			for _, a := range in.Axes {
				parts = append(parts, hiveName(a.Name)+"="+hiveName(plainText(a)))
			}
			at := strings.Join(parts, "/")
			return x.unpack(filepath.Join(temporary, filepath.FromSlash(at)), at, data)
		})
	})
}

// unpack writes the files of one folder, which is at a path in the export. No file gets out of the folder, whatever
// its name.
func (x *export) unpack(folder, at string, data []byte) error {
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer root.Close()
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		name := filepath.FromSlash(strings.TrimSuffix(h.Name, "/"))
		if h.Typeflag == tar.TypeDir {
			err = root.MkdirAll(name, 0o777)
		} else {
			x.done.Files = append(x.done.Files, strings.TrimPrefix(at+"/"+h.Name, "/"))
			err = writeEntry(root, name, h, r)
		}
		if err != nil {
			return err
		}
	}
}

func writeEntry(root *os.Root, name string, h *tar.Header, content io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	mode := os.FileMode(0o666)
	if h.Mode&0o111 != 0 {
		mode = 0o777
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	return errors.Join(err, f.Close())
}
