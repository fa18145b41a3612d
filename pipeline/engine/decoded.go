package engine

import (
	"container/list"
	"context"
	"errors"
	"sync"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// decodedShare is the part of frame.Limit, itself a part of the program's memory, that decoded inputs may take which no run
// needs at the moment.
const decodedShare = 4

// A decodedCache keeps what decoders made of inputs, so that instances with the same data set decode it once. It holds
// values of so many bytes, and gives up those that were not asked for longest.
type decodedCache struct {
	limit int64

	mu     sync.Mutex
	bytes  int64
	values map[decodedKey]*list.Element // of *decodedEntry; those asked for last are first
	order  list.List
}

// A decodedKey names a value by the digest of the content and by who decodes it.
type decodedKey struct {
	digest  string
	decoder *stages.Decoder
}

type decodedEntry struct {
	key   decodedKey
	ready chan struct{} // closed when the rest is known
	made  *stages.Decoded
	err   error
}

func newDecodedCache(limit int64) *decodedCache {
	return &decodedCache{limit: limit, values: map[decodedKey]*list.Element{}}
}

// get gives the value, of the table that read gives if it is not there. Whoever asks meanwhile waits for it. An error
// is not kept; that another run was stopped while it decoded is no error of this one's.
func (c *decodedCache) get(ctx context.Context, key decodedKey, read func() (*frame.Table, error)) (*stages.Decoded, error) {
	for {
		e, mine := c.entry(key)
		if mine {
			return c.make(e, read)
		}
		select {
		case <-e.ready:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
		if e.err == nil || ctx.Err() != nil || !errors.Is(e.err, context.Canceled) && !errors.Is(e.err, context.DeadlineExceeded) && !errors.Is(e.err, errUnmade) {
			return e.made, e.err
		}
	}
}

// entry gives the key's entry, and whether the caller is to make it.
func (c *decodedCache) entry(key decodedKey) (e *decodedEntry, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if at, ok := c.values[key]; ok {
		c.order.MoveToFront(at)
		return at.Value.(*decodedEntry), false
	}
	e = &decodedEntry{key: key, ready: make(chan struct{}), err: errUnmade}
	c.values[key] = c.order.PushFront(e)
	return e, true
}

// errUnmade is what those who wait get if a decoder panics.
var errUnmade = errors.New("the decoder did not end")

func (c *decodedCache) make(e *decodedEntry, read func() (*frame.Table, error)) (made *stages.Decoded, err error) {
	defer c.settle(e)
	t, err := read()
	if err == nil {
		made, err = e.key.decoder.Of(t)
	}
	e.made, e.err = made, err
	return made, err
}

// settle lets those who wait go on, and makes room.
func (c *decodedCache) settle(e *decodedEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	close(e.ready)
	if e.err != nil {
		c.drop(c.values[e.key])
		return
	}
	c.bytes += e.made.Bytes
	for at := c.order.Back(); at != nil && c.bytes > c.limit; {
		before := at.Prev()
		select {
		case <-at.Value.(*decodedEntry).ready:
			c.drop(at)
		default: // is being made
		}
		at = before
	}
}

func (c *decodedCache) drop(at *list.Element) {
	if at == nil {
		return // cleared meanwhile
	}
	e := c.order.Remove(at).(*decodedEntry)
	delete(c.values, e.key)
	if e.made != nil {
		c.bytes -= e.made.Bytes
	}
}

// clear gives everything up; what is being made is not kept.
func (c *decodedCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.values)
	c.order.Init()
	c.bytes, c.limit = 0, 0
}
