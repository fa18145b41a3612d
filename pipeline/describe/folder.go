package describe

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
)

// A FileDetail is one file of an output that is a folder.
type FileDetail struct {
	Name  string `json:"name"` // relative to the folder, with forward slashes
	Bytes int64  `json:"bytes"`
}

// fewestFiles are listed of a folder, even where fewer rows of tables are asked for.
const fewestFiles = 20

// listFolder gives the first files of an output that is a folder, as it is stored, and how many there are.
func (l *Look) listFolder(data []byte) (files []FileDetail, total int64, err error) {
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		switch {
		case errors.Is(err, io.EOF):
			return files, total, nil
		case err != nil:
			return nil, 0, err
		case h.Typeflag == tar.TypeDir:
			continue
		}
		if total++; len(files) < max(l.Rows, fewestFiles) {
			files = append(files, FileDetail{l.Secrets.Hide(h.Name), h.Size})
		}
	}
}
