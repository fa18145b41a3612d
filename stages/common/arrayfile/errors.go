package arrayfile

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// What can be wrong with a file, for whoever branches on it.
var (
	ErrFormat      = errors.New("not of this format, or damaged")
	ErrTruncated   = errors.New("cut short")
	ErrUnsupported = errors.New("not supported")
	ErrLimit       = errors.New("over the limit")
	ErrName        = errors.New("no such array")
	ErrRow         = errors.New("no such row")
	ErrValue       = errors.New("value out of range")
)

// An Error says what is wrong with a file, where, and what to do about it.
type Error struct {
	Entry   string // the member or tensor; "" for the file, or its only array
	Offset  int64  // the byte of the file, of the member, or of what gzip unpacks to; -1 if it is no matter of a byte
	Place   string // which value: "row 7, column 12"; "" if it is no matter of a value
	Row     int    // its row, where Place is set
	Summary string
	Remedy  string // what to do, a sentence without its full stop; "" if nothing is to be said
	Err     error  // one of the Err values
}

func (e *Error) Error() string {
	var where []string
	if e.Entry != "" {
		where = append(where, quoted(e.Entry))
	}
	if e.Offset >= 0 {
		where = append(where, "byte "+strconv.FormatInt(e.Offset, 10))
	}
	if e.Place != "" {
		where = append(where, e.Place)
	}
	text := e.Summary
	if len(where) > 0 {
		text = strings.Join(where, ", ") + ": " + text
	}
	if e.Remedy != "" {
		text += ". " + e.Remedy
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// damaged says that the bytes from offset on are not what the format has there.
func damaged(offset int64, format string, args ...any) *Error {
	return &Error{Offset: offset, Summary: fmt.Sprintf(format, args...), Remedy: "The file is damaged, or of another format than its name says: copy or write it again", Err: ErrFormat}
}

// cut says that the file ends too early.
func cut(offset int64, format string, args ...any) *Error {
	return &Error{Offset: offset, Summary: fmt.Sprintf(format, args...), Remedy: "The file was cut short: copy or write it again", Err: ErrTruncated}
}

// tooLarge says that something takes more than the limit.
func tooLarge(what string, bytes uint64, limit int64) *Error {
	return &Error{Offset: -1, Summary: fmt.Sprintf("%s take %d bytes, more than the limit of %d", what, bytes, limit),
		Remedy: "Read fewer rows, or raise the limit if the file is sound and there is memory", Err: ErrLimit}
}

// within names the entry in an error that is about it.
func within(name string, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Entry == "" {
		e.Entry = name
		return err
	}
	if name != "" && e == nil {
		return fmt.Errorf("%s: %w", quoted(name), err)
	}
	return err
}

// shortRead says what an error of io.ReadFull means at an offset: the end, or another fault.
func shortRead(offset int64, what string, err error) error {
	if isReadFault(err) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return cut(offset, "the file ends in %s", what)
	}
	return unpacking(offset, err)
}

// unpacking says what an error of gzip or zip means.
func unpacking(offset int64, err error) error {
	if isReadFault(err) {
		return err
	}
	return &Error{Offset: offset, Summary: "it cannot be unpacked: " + err.Error(), Remedy: "The file is damaged: copy or write it again", Err: ErrFormat}
}

// quoted makes a name of a file fit to be printed; a very long one is shortened.
func quoted(name string) string {
	if len(name) > 100 {
		name = name[:100] + "..."
	}
	return strconv.Quote(name)
}

// counted is a number and its word.
func counted(n int, word string) string { return strconv.Itoa(n) + " " + word }

// shapeText writes a shape: "160000 x 2048".
func shapeText(shape []int) string {
	if len(shape) == 0 {
		return "1"
	}
	var b strings.Builder
	for i, n := range shape {
		if i == 8 && len(shape) > 9 {
			fmt.Fprintf(&b, " x ... (%d dimensions)", len(shape))
			break
		}
		if i > 0 {
			b.WriteString(" x ")
		}
		b.WriteString(strconv.Itoa(n))
	}
	return b.String()
}
