package arrayfile

import (
	"bufio"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
)

// A source is a file of a known size.
type source struct {
	r    io.ReaderAt // a *watch
	size int64
}

// A watch marks what its reader itself says is wrong, since gzip and zip between pass it on like damage of theirs.
type watch struct {
	r    io.ReaderAt
	size int64
}

// A readFault is an error of a file's reader, or says that the file has become shorter.
type readFault struct{ error }

func (e readFault) Unwrap() error { return e.error }

func isReadFault(err error) bool { return errors.As(err, new(readFault)) }

func (w *watch) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 { // a damaged zip file has it read there; its reader is not to blame
		return 0, errors.New("it points to what is before the file")
	}
	n, err := w.r.ReadAt(p, offset)
	switch {
	case n == len(p):
		return n, nil
	case err != nil && !errors.Is(err, io.EOF):
		err = readFault{fmt.Errorf("reading from byte %d: %w", offset, err)}
	case offset+int64(n) < w.size:
		err = readFault{cut(offset+int64(n), "the file ends, though it had %d bytes when it was opened", w.size)}
	}
	return n, err
}

// section is the file from an offset on.
func (s source) section(offset int64) *io.SectionReader {
	return io.NewSectionReader(s.r, offset, max(0, s.size-offset))
}

// A stream gives the bytes of an array's values, in the file's order.
type stream struct {
	io.Reader
	at int64 // the offset of its first byte, for errors

	// present is how many bytes there surely are; -1 if they are unpacked, from packed bytes.
	present, packed int64
	// checked says that the stream has to be read to its end, where damage is found by a checksum.
	checked bool
}

// plain is the stream of the bytes from an offset of the file up to another.
func (s source) plain(from, to int64) stream {
	return stream{Reader: io.NewSectionReader(s.r, from, to-from), at: from, present: to - from}
}

// unpacked gives the file as a stream from its first byte on, without gzip.
func (s source) unpacked(gzipped bool) (stream, error) {
	if !gzipped {
		return s.plain(0, s.size), nil
	}
	r, err := gzip.NewReader(bufio.NewReaderSize(s.section(0), 1<<16))
	if err != nil {
		return stream{}, shortRead(0, "the header of gzip", err)
	}
	return stream{Reader: r, present: -1, packed: s.size, checked: true}, nil
}

// head reads n bytes of what the stream has in front of the values; what names them in errors.
func (s *stream) head(n int, what string) ([]byte, error) {
	buf := make([]byte, n)
	got, err := io.ReadFull(s.Reader, buf)
	if err != nil {
		return nil, shortRead(s.at+int64(got), what, err)
	}
	s.at += int64(n)
	if s.present >= 0 {
		s.present -= int64(n)
	}
	return buf, nil
}

// skip passes over n bytes.
func (s *stream) skip(n int64) error {
	if n == 0 {
		return nil
	}
	if seeker, ok := s.Reader.(io.Seeker); ok {
		_, err := seeker.Seek(n, io.SeekCurrent)
		s.at += n
		return err
	}
	var got int64
	var err error
	if buffered, ok := s.Reader.(*bufio.Reader); ok && n < window {
		var few int
		few, err = buffered.Discard(int(n))
		got = int64(few)
	} else {
		got, err = io.CopyN(io.Discard, s.Reader, n)
	}
	s.at += got
	if err != nil {
		return shortRead(s.at, "the values", err)
	}
	return nil
}

// fill reads as much as dst holds.
func (s *stream) fill(dst []byte) error {
	n, err := io.ReadFull(s.Reader, dst)
	s.at += int64(n)
	if err != nil {
		return shortRead(s.at, "the values", err)
	}
	return nil
}

// end wants the stream to end, where that was not seen from its size.
func (s *stream) end() error {
	if !s.checked {
		return nil
	}
	var one [1]byte
	switch n, err := io.ReadFull(s.Reader, one[:]); {
	case n > 0:
		return surplus(s.at, "bytes follow")
	case !errors.Is(err, io.EOF):
		return shortRead(s.at, "its checksum", err)
	}
	return nil
}

// surplus says that there is more than the header says.
func surplus(at int64, what string) error {
	return &Error{Offset: at, Summary: what + " the last value", Remedy: "The file is damaged, or holds several arrays one behind the other: write one array in a file, or an .npz", Err: ErrFormat}
}
