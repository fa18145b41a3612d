package importing

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/arrayfile"
)

// The formats that are no arrays.
const (
	csvFormat      = "csv"
	tsvFormat      = "tsv"
	parquetFormat  = "parquet"
	arrowFormat    = "arrow"
	picturesFormat = "pictures"
)

// A file is one that the stage was given.
type file struct {
	*stages.Artifact
	format string // "" until looked at
	text   bool   // told to be CSV by its bytes alone, which any text may have
	used   bool   // something of it is in the data set
	held   []byte // of what a stage made, which is read whole and checked each time: its bytes, from the first reading to the last
}

// formatNamed tells a format by a file's name; "" if it does not.
func formatNamed(name string) string {
	name = strings.ToLower(path.Base(name))
	switch path.Ext(name) {
	case ".csv":
		return csvFormat
	case ".tsv":
		return tsvFormat
	case ".parquet", ".pq":
		return parquetFormat
	case ".arrow", ".arrows", ".feather", ".ipc":
		return arrowFormat
	case ".png", ".jpg", ".jpeg", ".webp":
		return picturesFormat
	case ".npy":
		return string(arrayfile.NPY)
	case ".npz":
		return string(arrayfile.NPZ)
	case ".safetensors":
		return string(arrayfile.Safetensors)
	}
	if name == "test_batch.bin" || strings.HasPrefix(name, "data_batch") && strings.HasSuffix(name, ".bin") {
		return string(arrayfile.CIFAR10)
	}
	if bare := strings.TrimSuffix(name, ".gz"); strings.HasSuffix(bare, "-ubyte") || strings.HasSuffix(bare, ".idx") || strings.Contains(bare, "-idx") {
		return string(arrayfile.IDX)
	}
	return ""
}

// isTable reports whether a format is that of a table.
func isTable(format string) bool {
	return format == csvFormat || format == tsvFormat || isColumns(format)
}

// isColumns reports whether a format has columns with types.
func isColumns(format string) bool { return format == parquetFormat || format == arrowFormat }

// look finds out what the file is.
func (f *file) look(named string) error {
	f.format = formatNamed(f.Path)
	if named != "" && (f.format == "" || !isTable(f.format) && f.format != picturesFormat) {
		f.format = named
	}
	if f.format != "" {
		return nil
	}
	return f.read(func(r io.ReaderAt, size int64) error {
		found, _, err := arrayfile.Sniff(r, size)
		if err != nil {
			return err
		}
		switch found {
		case arrayfile.PNG, arrayfile.JPEG, arrayfile.WebP:
			f.format = picturesFormat
		case arrayfile.Parquet:
			f.format = parquetFormat
		case arrayfile.Arrow:
			f.format = arrowFormat
		case arrayfile.PlainText:
			f.format, f.text = csvFormat, true
		case arrayfile.IDX, arrayfile.CIFAR10, arrayfile.CIFAR100, arrayfile.NPY, arrayfile.NPZ, arrayfile.Safetensors:
			f.format = string(found)
		default:
			_, err := arrayfile.Open(r, size, arrayfile.Options{}) // says what it is, and what to do
			if e := (*arrayfile.Error)(nil); found.Advice() == "" && errors.As(err, &e) {
				e.Remedy = "Give tables, array files, or pictures that are PNG, JPEG or WebP: name these in files, and the format if it cannot be told"
			}
			return err
		}
		return nil
	})
}

// read opens the file for a while. Errors name it.
func (f *file) read(use func(r io.ReaderAt, size int64) error) error {
	if f.Open == nil {
		data, err := f.content()
		if err != nil {
			return err
		}
		return f.named(use(bytes.NewReader(data), int64(len(data))))
	}
	opened, err := f.Open()
	if err != nil {
		return err
	}
	defer opened.Close()
	return f.named(use(opened, opened.Size()))
}

// named names the file in an error.
func (f *file) named(err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", f.Path, err)
	}
	return nil
}

// content gives all bytes of the file, which are not to be changed.
func (f *file) content() (data []byte, err error) {
	if f.Open == nil {
		if f.held == nil {
			f.held, err = f.Bytes()
		}
		return f.held, err
	}
	err = f.read(func(r io.ReaderAt, size int64) error {
		data = make([]byte, size)
		_, err := io.ReadFull(io.NewSectionReader(r, 0, size), data)
		return err
	})
	return data, err
}

// matches holds a pattern against as many names at the end of a path as it has itself.
func matches(pattern, name string) bool {
	names := strings.Split(name, "/")
	n := 1 + strings.Count(pattern, "/")
	if n > len(names) {
		return false
	}
	ok, _ := path.Match(pattern, strings.Join(names[len(names)-n:], "/"))
	return ok
}

// matching gives the files that a pattern stands for, in order.
func matching(files []*file, pattern string) (list []*file) {
	for _, f := range files {
		if matches(pattern, f.Path) {
			list = append(list, f)
		}
	}
	return list
}

// folderOf gives the name of a folder around a file, counted from it; "" if there is none.
func folderOf(name string, level int) string {
	names := strings.Split(path.Dir(name), "/")
	if level > len(names) || names[len(names)-level] == "." {
		return ""
	}
	return names[len(names)-level]
}

func without(files, those []*file) []*file {
	out := make(map[*file]bool, len(those)) // both may be a million
	for _, f := range those {
		out[f] = true
	}
	return slices.DeleteFunc(slices.Clone(files), func(f *file) bool { return out[f] })
}
