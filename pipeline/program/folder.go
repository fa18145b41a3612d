package program

import (
	"archive/tar"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"time"
)

// readFolder packs a folder into a tar that is equal for equal contents: entries sorted by name, folders too (so that
// empty ones are kept), no owners, times or modes but whether a file may be executed. Hidden files are part of it.
func readFolder(root *os.Root, name string, most int64) ([]byte, error) {
	info, err := plain(root, name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, unfitError("is a file: say format = \"file\"")
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	// WalkDir visits a folder's entries in the order of their names.
	err = fs.WalkDir(root.FS(), name, func(at string, d fs.DirEntry, err error) error {
		if err != nil || at == name {
			return err
		}
		if what := unfit(d.Type()); what != "" {
			return unfitError("holds " + at + ", which is " + what)
		}
		return pack(w, root, name, at, most-int64(b.Len()))
	})
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

// pack adds a file or folder under its name in the folder.
func pack(w *tar.Writer, root *os.Root, folder, at string, most int64) error {
	info, err := root.Lstat(filepath.FromSlash(at))
	if err != nil {
		return err
	}
	rel := at
	if folder != "." {
		rel = at[len(path.Clean(folder))+1:]
	}
	h := &tar.Header{Name: rel, Mode: 0o644, ModTime: time.Unix(0, 0), Format: tar.FormatPAX, Typeflag: tar.TypeReg}
	if info.IsDir() {
		h.Name, h.Mode, h.Typeflag = rel+"/", 0o755, tar.TypeDir
		return w.WriteHeader(h)
	}
	data, err := readFile(root, at, most)
	var wrong unfitError
	if errors.As(err, &wrong) {
		return unfitError("holds " + at + ", which " + string(wrong))
	}
	if err != nil {
		return err
	}
	if info.Mode()&0o111 != 0 {
		h.Mode = 0o755
	}
	h.Size = int64(len(data))
	if err := w.WriteHeader(h); err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
