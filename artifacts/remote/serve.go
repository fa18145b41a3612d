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

// atOnce is how many requests are under way at a time.
const atOnce = 64

// Serve answers requests for the objects that open opens, until r ends. Requests are answered as they are done, not in their
// order.
func Serve(r io.Reader, w io.Writer, program string, open func(ctx context.Context, url string) (Objects, Opened, error)) error {
	ctx, cancel := context.WithCancel(context.Background())
	s := &server{open: open, out: &lineWriter{w: bufio.NewWriter(w)}, slots: make(chan bool, atOnce)}
	defer func() { // who asks no more wants no answers
		cancel()
		s.all.Wait()
		if s.objects != nil {
			_ = s.objects.Close()
		}
	}()
	if err := s.out.write(hello{Protocol, program}, nil); err != nil {
		return err
	}
	in := bufio.NewReaderSize(r, 1<<16)
	for {
		var q request
		if err := readLine(in, &q); err != nil {
			if errors.Is(err, io.EOF) {
				return nil
			}
			return fmt.Errorf("reading a request: %w", err)
		}
		data, err := readBytes(in, q.Size)
		if err != nil {
			return fmt.Errorf("reading the bytes of a request: %w", err)
		}
		if q.Do == "open" { // what follows needs it
			if err := s.out.write(s.answer(ctx, q, nil)); err != nil {
				return err
			}
			continue
		}
		s.slots <- true
		s.all.Go(func() {
			a, body := s.answer(ctx, q, data)
			_ = s.out.write(a, body) // a reader that is gone ends r, too
			<-s.slots
		})
	}
}

type server struct {
	open    func(ctx context.Context, url string) (Objects, Opened, error)
	objects Objects
	out     *lineWriter
	all     sync.WaitGroup
	slots   chan bool
}

// answer does what a request asks for.
func (s *server) answer(ctx context.Context, q request, data []byte) (answer, []byte) {
	a := answer{ID: q.ID}
	body, err := s.do(ctx, q, data, &a)
	if err != nil {
		a.Error, a.Cause = err.Error(), "other"
		for name, cause := range causes {
			if errors.Is(err, cause) {
				a.Cause = name
			}
		}
	}
	a.Size = int64(len(body))
	return a, body
}

func (s *server) do(ctx context.Context, q request, data []byte, a *answer) (body []byte, err error) {
	if s.objects == nil && q.Do != "open" {
		return nil, errors.New("nothing is open")
	}
	switch q.Do {
	case "open":
		objects, opened, err := s.open(ctx, q.URL)
		if err == nil {
			s.objects, a.Opened = objects, &opened
		}
		return nil, err
	case "get":
		return s.objects.Get(ctx, q.Name, q.Most)
	case "has":
		o, err := s.objects.Has(ctx, q.Name)
		a.Object = &o
		return nil, err
	case "put":
		sum, err := artifacts.ParseDigest(q.Sum)
		if err != nil {
			return nil, err
		}
		return nil, s.objects.Put(ctx, q.Name, data, sum, q.Over)
	case "list":
		a.Objects, err = s.objects.List(ctx, q.Name)
		return nil, err
	case "delete":
		return nil, s.objects.Delete(ctx, q.Name)
	}
	return nil, &Error{ErrUnsupported, fmt.Sprintf("this spurion-s3 does not know %q: build it from the sources of the same release", q.Do)}
}
