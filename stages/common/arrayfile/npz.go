package arrayfile

import (
	"archive/zip"
	"errors"
	"fmt"
	"strings"
)

// openNPZ looks at numpy's format for several arrays: a zip file whose members are .npy files, stored or deflated. A member
// that cannot be read is no reason not to read others: its entry says why.
func openNPZ(f *File, _ bool) error {
	z, err := zip.NewReader(f.src.r, f.src.size)
	switch {
	case errors.Is(err, zip.ErrInsecurePath): // names are keys here, never paths
	case isReadFault(err):
		return err
	case err != nil:
		return &Error{Offset: -1, Summary: "the list of members, at the end of the zip file, cannot be read: " + err.Error(),
			Remedy: "The file was cut short or damaged: copy or write it again", Err: ErrTruncated}
	}
	seen, arrays := map[string]bool{}, 0
	for _, m := range z.File {
		e, err := f.member(m)
		switch {
		case isReadFault(err):
			return err
		case seen[e.Name]:
			return &Error{Entry: e.Name, Offset: -1, Summary: "two members have this name", Remedy: "Write the file again with np.savez", Err: ErrFormat}
		case err != nil:
			e.Err = within(e.Name, err)
		}
		if seen[e.Name] = true; strings.HasSuffix(m.Name, ".npy") {
			arrays++
		}
		f.Entries = append(f.Entries, e)
	}
	if arrays == 0 && len(z.File) > 0 {
		return &Error{Offset: -1, Summary: "the zip file holds no array: no member's name ends in .npy", Remedy: "Write arrays with np.savez, or unpack the file first", Err: ErrFormat}
	}
	return nil
}

// member describes a member.
func (f *File) member(m *zip.File) (Entry, error) {
	name, ok := strings.CutSuffix(m.Name, ".npy")
	if !ok {
		return Entry{Name: name}, &Error{Offset: -1, Summary: "the member is no array: its name does not end in .npy", Remedy: "Write arrays with np.savez", Err: ErrUnsupported}
	}
	return npyEntry(name, func() (stream, error) { return openMember(m, f.src.size) })
}

// openMember gives a member's bytes. Their number is known if they are stored, and are all in the file.
func openMember(m *zip.File, size int64) (stream, error) {
	if m.Flags&1 != 0 {
		return stream{}, &Error{Offset: -1, Summary: "the member is encrypted", Remedy: "Write the file again with np.savez", Err: ErrUnsupported}
	}
	r, err := m.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return stream{}, &Error{Offset: -1, Summary: fmt.Sprintf("the member is compressed by method %d of zip", m.Method),
			Remedy: "Write the file again with np.savez or np.savez_compressed", Err: ErrUnsupported}
	}
	if err != nil {
		return stream{}, unpacking(-1, err)
	}
	s := stream{Reader: r, present: -1, packed: int64(min(m.CompressedSize64, uint64(size))), checked: true}
	if from, err := m.DataOffset(); err == nil && m.Method == zip.Store && m.CompressedSize64 == m.UncompressedSize64 &&
		from <= size && m.CompressedSize64 <= uint64(size-from) {
		s.present = int64(m.CompressedSize64)
	}
	return s, nil
}

// zipHolds tells what the members of a zip file make of it.
func zipHolds(src source) Format {
	z, err := zip.NewReader(src.r, src.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return Zip
	}
	for _, m := range z.File {
		switch {
		case strings.HasSuffix(m.Name, "/data.pkl"):
			return PyTorch
		case strings.HasSuffix(m.Name, ".npy"):
			return NPZ
		}
	}
	return Zip
}
