package remote

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Protocol is the number of the protocol between spurion and spurion-s3, which docs/remote.md describes. It is raised when a program
// that speaks it would be misunderstood by one that does not know of the change.
const Protocol = 1

// A hello is the first line that spurion-s3 says.
type hello struct {
	Protocol int    `json:"protocol"`
	Program  string `json:"program"`
}

// A request is a line to spurion-s3, with Size bytes behind it.
type request struct {
	ID   int64  `json:"id"`
	Do   string `json:"do"` // open, get, has, put, list, delete
	URL  string `json:"url,omitempty"`
	Name string `json:"name,omitempty"` // of list: a prefix
	Most int64  `json:"most,omitempty"` // of get
	Size int64  `json:"size,omitempty"` // of put
	Sum  string `json:"sha256,omitempty"`
	Over bool   `json:"over,omitempty"`
}

// An answer is a line from spurion-s3, with Size bytes behind it.
type answer struct {
	ID      int64    `json:"id"`
	Cause   string   `json:"cause,omitempty"` // one of causes; another, with Error: what has no cause
	Error   string   `json:"error,omitempty"`
	Size    int64    `json:"size,omitempty"` // of get
	Object  *Object  `json:"object,omitempty"`
	Objects []Object `json:"objects,omitempty"`
	// Opened says of a place how it is called for people, and what cannot be done there.
	Opened *Opened `json:"opened,omitempty"`
}

// Opened says what was found when a place was opened.
type Opened struct {
	Name     string `json:"name"`
	ReadOnly bool   `json:"read_only,omitempty"`
	Listless bool   `json:"listless,omitempty"`
	// Published says that others are shown what is there: only who asks for it puts something there, and no run by itself.
	Published bool `json:"published,omitempty"`
	// Note is what people may want to know, such as that no credentials were found.
	Note string `json:"note,omitempty"`
}

// longest is how long a line, and how large an object, may be: both are in memory.
const (
	longestLine = 64 << 20
	largest     = 5 << 30
)

// readLine reads a line into v, and how many bytes follow it.
func readLine(r *bufio.Reader, v any) error {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		if len(line) > longestLine {
			return fmt.Errorf("a line has more than %d bytes", longestLine)
		}
		if err == nil {
			break
		}
		if errors.Is(err, io.EOF) && len(line) > 0 {
			return io.ErrUnexpectedEOF
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
	return json.Unmarshal(line, v)
}

// readBytes reads what follows a line.
func readBytes(r io.Reader, size int64) ([]byte, error) {
	if size < 0 || size > largest {
		return nil, fmt.Errorf("%d bytes are more than an object can have", size)
	}
	if size == 0 {
		return nil, nil
	}
	data := make([]byte, size)
	_, err := io.ReadFull(r, data)
	return data, err
}

// A lineWriter writes lines with the bytes behind them, each pair undivided.
type lineWriter struct {
	mu sync.Mutex
	w  *bufio.Writer
}

func (l *lineWriter) write(v any, data []byte) error {
	line, err := json.Marshal(v)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.w.Write(append(line, '\n'))
	_, _ = l.w.Write(data)
	return l.w.Flush() // it keeps the first error
}
