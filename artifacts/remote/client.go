package remote

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"spurion/artifacts"
)

// A client is Objects that another program gives: see Serve.
type client struct {
	out  *lineWriter
	stop func() error  // closes what the program reads, which ends it
	wait func() error  // waits for its end
	done chan struct{} // closed when it has said its last

	mu      sync.Mutex
	last    int64 // number of a request
	waiting map[int64]chan reply
	gone    error // why there are no answers any more
}

type reply struct {
	answer
	body []byte
}

// newClient greets a program, of which r is what it says and w what it reads. wait waits for its end.
func newClient(r io.Reader, w io.WriteCloser, wait func() error) (*client, error) {
	in := bufio.NewReaderSize(r, 1<<16)
	end := func() {
		_ = w.Close()
		_, _ = io.Copy(io.Discard, in)
		_ = wait()
	}
	var h hello
	if err := readLine(in, &h); err != nil {
		end()
		return nil, &Error{ErrProgram, fmt.Sprintf("the program that was started is no spurion-s3: its first line is none of the protocol (%v)", err)}
	}
	if h.Protocol != Protocol {
		end()
		return nil, &Error{ErrProgram, fmt.Sprintf("%s speaks protocol %d and this program %d: take both from one release", h.Program, h.Protocol, Protocol)}
	}
	c := &client{out: &lineWriter{w: bufio.NewWriterSize(w, 1<<16)}, stop: w.Close, wait: wait, done: make(chan struct{}), waiting: map[int64]chan reply{}}
	go c.read(in)
	return c, nil
}

// read hands answers to those who wait for them.
func (c *client) read(in *bufio.Reader) {
	defer close(c.done)
	var err error
	for {
		var r reply
		if err = readLine(in, &r.answer); err != nil {
			break
		}
		if r.body, err = readBytes(in, r.Size); err != nil {
			break
		}
		c.mu.Lock()
		to := c.waiting[r.ID]
		delete(c.waiting, r.ID)
		c.mu.Unlock()
		if to != nil {
			to <- r
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gone = &Error{ErrUnreachable, fmt.Sprintf("spurion-s3 ended while it was needed (%v)", err)}
	for _, to := range c.waiting {
		close(to)
	}
	c.waiting = nil
}

// ask sends a request and waits for its answer.
func (c *client) ask(ctx context.Context, q request, data []byte) (reply, error) {
	to := make(chan reply, 1)
	c.mu.Lock()
	if c.gone != nil {
		c.mu.Unlock()
		return reply{}, c.gone
	}
	c.last++
	q.ID = c.last
	c.waiting[q.ID] = to
	c.mu.Unlock()
	if err := c.out.write(q, data); err != nil {
		c.forget(q.ID)
		return reply{}, &Error{ErrUnreachable, fmt.Sprintf("spurion-s3 takes no requests any more (%v)", err)}
	}
	select {
	case r, ok := <-to:
		if !ok {
			c.mu.Lock()
			defer c.mu.Unlock()
			return reply{}, c.gone
		}
		if r.Cause != "" {
			return r, &Error{causes[r.Cause], r.Error}
		}
		return r, nil
	case <-ctx.Done():
		c.forget(q.ID)
		return reply{}, context.Cause(ctx)
	}
}

func (c *client) forget(id int64) {
	c.mu.Lock()
	delete(c.waiting, id)
	c.mu.Unlock()
}

func (c *client) open(ctx context.Context, url string) (Opened, error) {
	r, err := c.ask(ctx, request{Do: "open", URL: url}, nil)
	if err == nil && r.Opened == nil {
		err = &Error{ErrProgram, "spurion-s3 did not say what it opened: take both programs from one release"}
	}
	if err != nil {
		return Opened{}, err
	}
	return *r.Opened, nil
}

func (c *client) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	r, err := c.ask(ctx, request{Do: "get", Name: name, Most: most}, nil)
	if err == nil {
		err = TooLong(name, int64(len(r.body)), most)
	}
	return r.body, err
}

func (c *client) Has(ctx context.Context, name string) (Object, error) {
	r, err := c.ask(ctx, request{Do: "has", Name: name}, nil)
	if err != nil || r.Object == nil {
		return Object{}, err
	}
	return *r.Object, nil
}

func (c *client) Put(ctx context.Context, name string, data []byte, sum artifacts.Digest, over bool) error {
	_, err := c.ask(ctx, request{Do: "put", Name: name, Size: int64(len(data)), Sum: sum.String(), Over: over}, data)
	return err
}

func (c *client) List(ctx context.Context, prefix string) ([]Object, error) {
	r, err := c.ask(ctx, request{Do: "list", Name: prefix}, nil)
	return r.Objects, err
}

func (c *client) Delete(ctx context.Context, name string) error {
	_, err := c.ask(ctx, request{Do: "delete", Name: name}, nil)
	return err
}

func (c *client) Close() error {
	err := c.stop()
	<-c.done
	return errors.Join(err, c.wait())
}
