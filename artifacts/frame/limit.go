package frame

import (
	"fmt"
	"math"
	"runtime/debug"
	"strconv"
)

// Limit gives the number of bytes that the values of one decoded table may take: a third of the memory
// that Go's runtime may use (GOMEMLIMIT, debug.SetMemoryLimit), 4 GiB if that has no limit. While a table is
// read or written there are its values and the file; the last third is for all else.
func Limit() int64 {
	if all := debug.SetMemoryLimit(-1); all < math.MaxInt64 {
		return all / 3
	}
	return 4 << 30
}

// A TooLargeError says that a table was not decoded because of its size.
type TooLargeError struct {
	What  string // what takes more, and the verb: "its values take"
	Limit int64
}

func (e *TooLargeError) Error() string {
	return e.What + " more than " + size(e.Limit) +
		" of memory, the limit for one table, a third of the program's; --memory or SPURION_MEMORY raises it, or write fewer rows or columns"
}

func size(bytes int64) string {
	for _, unit := range [...]struct {
		bytes int64
		name  string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}} {
		if bytes >= unit.bytes {
			return strconv.FormatFloat(float64(bytes)/float64(unit.bytes), 'f', 1, 64) + " " + unit.name
		}
	}
	return strconv.FormatInt(bytes, 10) + " bytes"
}

// workFactor is how many times the limit all pages together may unpack to. Sound files stay far below:
// what they unpack to becomes values, but for text that repeats.
const workFactor = 16

// A budget counts what reading one file takes.
type budget struct{ limit, held, work int64 }

// hold counts bytes that stay.
func (b *budget) hold(bytes int64) error {
	if bytes > b.limit-b.held {
		return &TooLargeError{"its values take", b.limit}
	}
	b.held += bytes
	return nil
}

// holdRows counts rows that stay; their product may be more than an int64 holds.
func (b *budget) holdRows(rows, bytes int64) error {
	if bytes > 0 && rows > b.limit/bytes {
		return &TooLargeError{"its values take", b.limit}
	}
	return b.hold(rows * bytes)
}

// spend counts bytes that are gone through.
func (b *budget) spend(bytes int64) error {
	if bytes > b.limit {
		return &TooLargeError{"one of its pages, of " + size(bytes) + ", takes", b.limit}
	}
	if b.work += bytes; b.work/workFactor > b.limit {
		return &TooLargeError{fmt.Sprintf("all its pages take %d times as much and", workFactor), b.limit}
	}
	return nil
}
