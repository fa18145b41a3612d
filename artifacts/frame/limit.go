package frame

import (
	"fmt"
	"strconv"
	"sync/atomic"
)

// A Limit bounds the memory that the values of one decoded table may take.
type Limit struct {
	Bytes int64
	// Remedy ends the error of a table that is larger: how to raise the limit.
	Remedy string
}

// defaultLimit holds until SetLimit is called.
var limit atomic.Pointer[Limit]

const defaultLimit = 4 << 30

// SetLimit sets the limit of Decode and its kin from now on, for the whole process. It is for a program's
// start; until then the limit is 4 GiB.
func SetLimit(l Limit) { limit.Store(&l) }

func currentLimit() Limit {
	if l := limit.Load(); l != nil {
		return *l
	}
	return Limit{Bytes: defaultLimit}
}

// A TooLargeError says that a table was not decoded because of its size.
type TooLargeError struct{ Limit Limit }

func (e *TooLargeError) Error() string {
	text := "its values take more than " + size(e.Limit.Bytes) + " of memory, the limit for one table"
	if e.Limit.Remedy != "" {
		text += "; " + e.Limit.Remedy
	}
	return text
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
type budget struct {
	limit      Limit
	held, work int64
}

// hold counts bytes that stay.
func (b *budget) hold(bytes int64) error {
	if bytes > b.limit.Bytes-b.held {
		return &TooLargeError{b.limit}
	}
	b.held += bytes
	return nil
}

// spend counts bytes that are gone through.
func (b *budget) spend(bytes int64) error {
	if bytes > b.limit.Bytes {
		return fmt.Errorf("a page unpacks to %s: %w", size(bytes), &TooLargeError{b.limit})
	}
	if b.work += bytes; b.work/workFactor > b.limit.Bytes {
		return fmt.Errorf("its pages unpack to more than %d times that: %w", workFactor, &TooLargeError{b.limit})
	}
	return nil
}
