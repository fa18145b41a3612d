package arrayfile

import "fmt"

// pixels is the size of a CIFAR image: red, green and blue, 32 x 32 each.
const pixels = 3 * 32 * 32

// openCIFAR looks at a binary batch, records of one label (CIFAR-100: a coarse and a fine one) and 3 x 32 x 32 pixels. There
// is no mark: what tells is the size, and labels that are in range, so they are looked at first.
func openCIFAR(f *File, gzipped bool) error {
	labels, other, record := []string{"labels"}, CIFAR100, 1+pixels
	if f.Format == CIFAR100 {
		labels, other, record = []string{"coarse_labels", "fine_labels"}, CIFAR10, 2+pixels
	}
	size := f.src.size
	switch {
	case gzipped:
		return damaged(0, "the file is packed by gzip").advised("Unpack it: gzip -d")
	case size%int64(record) != 0:
		err := damaged(-1, "the file has %d bytes, no multiple of the %d of a record of %s", size, record, f.Format)
		if likely := recordsOf(f.src, other); likely {
			return err.advised(fmt.Sprintf("It looks like %s", other))
		}
		return err.advised("The file was cut short, or is no binary batch of CIFAR: the archive cifar-10-binary.tar.gz or cifar-100-binary.tar.gz holds them")
	}
	n := int(size / int64(record))
	for i, name := range labels {
		l := layout{typ: Uint8, width: 1, shape: []int{n}, before: i, after: record - 1 - i, check: labelsBelow(f.Format, name, record, i)}
		f.add(name, l)
	}
	f.add("images", layout{typ: Uint8, width: 1, shape: []int{n, 3, 32, 32}, before: len(labels)})
	for i, name := range labels {
		s := f.src.plain(0, size)
		if _, err := s.read(&f.Entries[i].layout, nil, size); err != nil {
			return within(name, err)
		}
	}
	return nil
}

// add adds an entry of the whole file.
func (f *File) add(name string, l layout) {
	if err := l.settle(); err != nil {
		panic(err) // the shape is that of a file's size
	}
	f.Entries = append(f.Entries, Entry{Name: name, Declared: l.typ.String(), Type: l.typ, Shape: l.shape, layout: l,
		open: func() (stream, error) { return f.src.plain(0, f.src.size), nil }})
}

// classes is how many a format has, by the place of the label.
func classes(format Format, place int) int {
	switch {
	case format == CIFAR10:
		return 10
	case place == 0:
		return 20
	}
	return 100
}

func labelsBelow(format Format, name string, record, place int) func(*Array) error {
	return func(a *Array) error {
		for i, label := range a.Values.([]uint8) {
			if most := classes(format, place); int(label) >= most {
				row := a.FileRow(i)
				return &Error{Offset: int64(row)*int64(record) + int64(place), Place: a.Place(i), Row: row,
					Summary: fmt.Sprintf("the label is %d; %s of %s are from 0 to %d", label, name, format, most-1),
					Remedy:  "The file is damaged, or is no binary batch of " + string(format), Err: ErrFormat}
			}
		}
		return nil
	}
}

// recordsOf reports whether a file looks like a batch: records of the right size whose labels, of up to 64 of them, are in range.
func recordsOf(src source, format Format) bool {
	record, labels := int64(1+pixels), 1
	if format == CIFAR100 {
		record, labels = 2+pixels, 2
	}
	n := src.size / record
	if n == 0 || src.size%record != 0 {
		return false
	}
	var buf [2]byte
	for i := range min(n, 64) {
		if _, err := src.r.ReadAt(buf[:labels], i*n/min(n, 64)*record); err != nil {
			return false
		}
		for place, label := range buf[:labels] {
			if int(label) >= classes(format, place) {
				return false
			}
		}
	}
	return true
}

// advised adds what to do.
func (e *Error) advised(remedy string) *Error {
	e.Remedy = remedy
	return e
}
