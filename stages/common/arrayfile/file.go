package arrayfile

import (
	"io"
	"strings"
)

// Options say how a file is read.
type Options struct {
	// Format is what the file is; "" has Sniff find out. CIFAR's batches have no mark of their own, so it is better to name them.
	Format Format
	// Limit is the most bytes that the values of one array, or the header of a file, may take in memory; 0 lets only empty arrays pass.
	// A text takes 16 bytes and its letters, which equal texts share.
	Limit int64
}

// A File is what Open found: arrays by name. It can be used by several goroutines at once if its reader can.
type File struct {
	Format   Format
	Metadata map[string]string // what safetensors calls __metadata__; nil if there is none
	Entries  []Entry           // in the order of the file
	src      source
	limit    int64
}

// An Entry is an array in a file, before it is read.
type Entry struct {
	Name     string // "" for the one of .npy and IDX; labels, coarse_labels, fine_labels, images for CIFAR; without ".npy" in an .npz
	Declared string // the element type as the file has it: "<f4", "BF16"; "uint8" for CIFAR
	Type     Type   // what the values become; 0 if they cannot be read
	Shape    []int  // empty for a single value
	Err      error  // why it cannot be read, an *Error; nil if it can
	layout   layout
	open     func() (stream, error) // at the first value
}

// Open looks at a file of so many bytes. It reads headers, not values. Errors are *Error, or wrap what r gave.
func Open(r io.ReaderAt, size int64, opt Options) (*File, error) {
	f := &File{src: source{&watch{r, size}, size}, limit: opt.Limit}
	found, err := sniff(f.src)
	if err != nil {
		return nil, err
	}
	f.Format = opt.Format
	if f.Format == "" {
		f.Format = found.format
	}
	if found.format == Zip && !found.gzipped && (f.Format == Zip || f.Format == NPZ) {
		f.Format, found.format = NPZ, NPZ // its opener says best what is wrong with it
	}
	open := openers[f.Format]
	if open == nil && opt.Format != "" {
		return nil, &Error{Offset: -1, Summary: "no format is called " + string(opt.Format), Remedy: "Choose one of " + strings.Join(readable, ", "), Err: ErrFormat}
	}
	if open == nil || found.certain && found.format != f.Format {
		return nil, found.mismatch(opt.Format)
	}
	return f, open(f, found.gzipped)
}

// The formats that are read, and what looks at each.
var (
	readable = []string{string(IDX), string(CIFAR10), string(CIFAR100), string(NPY), string(NPZ), string(Safetensors)}
	openers  = map[Format]func(f *File, gzipped bool) error{
		IDX: openIDX, CIFAR10: openCIFAR, CIFAR100: openCIFAR, NPY: openNPY, NPZ: openNPZ, Safetensors: openSafetensors,
	}
)

// Entry gives the entry of a name. The error names those that there are.
func (f *File) Entry(name string) (*Entry, error) {
	var names []string
	for i := range f.Entries {
		if f.Entries[i].Name == name {
			return &f.Entries[i], nil
		}
		names = append(names, quoted(f.Entries[i].Name))
	}
	remedy := "The file is empty: write arrays into it"
	switch {
	case len(names) == 1 && names[0] == `""`:
		remedy = "The file is a single array without a name: name none"
	case len(names) > 12:
		remedy = "It holds " + strings.Join(names[:12], ", ") + " and " + counted(len(names)-12, "more")
	case len(names) > 0:
		remedy = "It holds " + strings.Join(names, ", ")
	}
	return nil, &Error{Offset: -1, Summary: "the file holds no array " + quoted(name), Remedy: remedy, Err: ErrName}
}

// Read reads the array of a name: all of it, or the given rows alone, whose numbers ascend from 0. Rows that are not
// asked for take no memory. Errors are *Error, or wrap what the file's reader gave.
func (f *File) Read(name string, rows []int) (*Array, error) {
	e, err := f.Entry(name)
	if err != nil {
		return nil, err
	}
	if e.Err != nil {
		return nil, e.Err
	}
	if err := e.layout.checkRows(rows); err != nil {
		return nil, within(name, err)
	}
	s, err := e.open()
	if err != nil {
		return nil, within(name, err)
	}
	a, err := s.read(&e.layout, rows, f.limit)
	if err != nil {
		return nil, within(name, err)
	}
	return a, nil
}
