package engine

import (
	"container/list"
	"context"
	"errors"
	"sync"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// besideShare is the part of frame.Limit that decoded inputs may take which no run uses while another is decoded: that takes its room
// twice, as a file and as values.
const besideShare = 4

// A decodedCache keeps what decoders made of inputs, so that instances with the same data set decode it once, and hold it
// once. What a run uses stays, however large. Of the rest it keeps so many bytes, and gives up what was not asked for longest.
type decodedCache struct {
	limit  int64 // of what no run uses
	beside int64 // the same while a value is made

	mu     sync.Mutex
	bytes  int64 // of what no run uses
	values map[decodedKey]*decodedEntry
	order  list.List // of *decodedEntry; those asked for last are first
}

// A decodedKey names a value by the digest of the content and by who decodes it.
type decodedKey struct {
	digest  string
	decoder *stages.Decoder
}

type decodedEntry struct {
	key   decodedKey
	at    *list.Element // nil once it is given up
	users int           // runs that were given it, or wait for it
	ready chan struct{} // closed when the rest is known
	made  *stages.Decoded
	err   error
}

func newDecodedCache(limit, beside int64) *decodedCache {
	return &decodedCache{limit: limit, beside: beside, values: map[decodedKey]*decodedEntry{}}
}

// get gives the value, of the table that read gives if it is not there, and what to call once it is no longer used. Whoever asks
// meanwhile waits for it. An error is not kept; that another run was stopped while it decoded is no error of this one's.
func (c *decodedCache) get(ctx context.Context, key decodedKey, read func() (*frame.Table, error)) (*stages.Decoded, func(), error) {
	for {
		e, mine := c.entry(key)
		if mine {
			c.make(e, read)
		} else {
			select {
			case <-e.ready:
			case <-ctx.Done():
				c.release(e)
				return nil, nil, context.Cause(ctx)
			}
		}
		if e.err == nil {
			return e.made, sync.OnceFunc(func() { c.release(e) }), nil
		}
		c.release(e)
		if mine || ctx.Err() != nil || !errors.Is(e.err, context.Canceled) && !errors.Is(e.err, context.DeadlineExceeded) && !errors.Is(e.err, errUnmade) {
			return nil, nil, e.err
		}
	}
}

// entry gives the key's entry, which counts the caller among its users, and whether the caller is to make it.
func (c *decodedCache) entry(key decodedKey) (e *decodedEntry, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e := c.values[key]; e != nil {
		c.order.MoveToFront(e.at)
		if e.users++; e.users == 1 {
			c.bytes -= e.made.Bytes
		}
		return e, false
	}
	c.shrink(c.beside)
	e = &decodedEntry{key: key, users: 1, ready: make(chan struct{}), err: errUnmade}
	e.at = c.order.PushFront(e)
	c.values[key] = e
	return e, true
}

// errUnmade is what those who wait get if a decoder panics.
var errUnmade = errors.New("the decoder did not end")

func (c *decodedCache) make(e *decodedEntry, read func() (*frame.Table, error)) {
	var made *stages.Decoded
	err := errUnmade
	defer func() { c.settle(e, made, err) }()
	t, failed := read()
	if err = failed; err == nil {
		made, err = e.key.decoder.Of(t)
	}
}

// settle lets those who wait go on.
func (c *decodedCache) settle(e *decodedEntry, made *stages.Decoded, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.made, e.err = made, err; err != nil {
		c.drop(e)
	}
	close(e.ready)
}

// release says that a user has done with an entry.
func (c *decodedCache) release(e *decodedEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e.users--; e.users == 0 && e.at != nil {
		c.bytes += e.made.Bytes
		c.shrink(c.limit)
	}
}

// shrink gives up what no run uses until it takes so many bytes.
func (c *decodedCache) shrink(limit int64) {
	for at := c.order.Back(); at != nil && c.bytes > limit; {
		e := at.Value.(*decodedEntry)
		if at = at.Prev(); e.users == 0 {
			c.bytes -= e.made.Bytes
			c.drop(e)
		}
	}
}

// drop gives an entry up; its users keep what they were given.
func (c *decodedCache) drop(e *decodedEntry) {
	if e.at == nil {
		return // cleared meanwhile
	}
	c.order.Remove(e.at)
	delete(c.values, e.key)
	e.at = nil
}

// clear gives everything up; what is being made is not kept.
func (c *decodedCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.values {
		e.at = nil
	}
	clear(c.values)
	c.order.Init()
	c.bytes, c.limit, c.beside = 0, 0, 0
}

// uses are the decoded values that one run of a kind was given.
type uses struct {
	mu    sync.Mutex
	over  bool
	ended []func()
}

// add takes what to call once the run is over; at once if it is, as when the kind was left behind.
func (u *uses) add(release func()) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.over {
		release()
		return
	}
	u.ended = append(u.ended, release)
}

// end says that the run is over.
func (u *uses) end() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.over = true
	for _, release := range u.ended {
		release()
	}
	u.ended = nil
}
