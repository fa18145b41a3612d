package remote_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"spurion/artifacts"
	"spurion/artifacts/remote"
)

// Causes and sentences of errors cross the pipe.
func TestErrorsCross(t *testing.T) {
	s := newShelf()
	c := serve(t, s)
	for _, cause := range []error{remote.ErrMissing, remote.ErrExists, remote.ErrDenied, remote.ErrUnsupported, remote.ErrUnreachable, remote.ErrLong, remote.ErrURL} {
		s.fail = func(string, string) error { return &remote.Error{Cause: cause, Text: "because"} }
		if _, err := c.Get(t.Context(), "x", 1); !errors.Is(err, cause) || err.Error() != "because" {
			t.Errorf("%v: %v", cause, err)
		}
	}
	s.fail = func(string, string) error { return errors.New("anything else") }
	if _, err := c.List(t.Context(), "x/"); err == nil || err.Error() != "anything else" {
		t.Error(err)
	}
	s.fail = nil
	if err := c.Put(t.Context(), "x", []byte("data"), artifacts.Sum([]byte("other")), false); err == nil {
		t.Error("bytes of another digest were put")
	}
}

// A program that is not the one expected is told apart from one that is.
func TestGreeting(t *testing.T) {
	for greeting, want := range map[string]string{
		`{"protocol":99,"program":"spurion-s3"}` + "\n": "protocol 99",
		"hello\n": "no spurion-s3",
		"":        "no spurion-s3",
		`{"protocol":1,"program":"spurion-s3"}` + "\n" + `{"id":1}` + "\n":           "did not say what it opened",
		`{"protocol":1,"program":"spurion-s3"}` + "\n":                               "ended while it was needed",
		`{"protocol":1,"program":"spurion-s3"}` + "\n" + `{"id":1,"size":-1}` + "\n": "ended while it was needed",
	} {
		_, _, err := remote.Connect(t.Context(), strings.NewReader(greeting), discard{}, "s3://x")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", greeting, err, want)
		}
	}
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }

// Whoever stops waiting gets no answer, and those after get theirs.
func TestStopWaiting(t *testing.T) {
	s := newShelf()
	s.objects["a"] = []byte("a")
	hold, held := make(chan bool), make(chan bool)
	slow := &slowShelf{s, hold, held}
	c := serve(t, slow)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() {
		_, err := c.Get(ctx, "slow", 1)
		done <- err
	}()
	<-held
	if data, err := c.Get(t.Context(), "a", 1); err != nil || string(data) != "a" {
		t.Errorf("%q, %v", data, err)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	close(hold)
	if data, err := c.Get(t.Context(), "a", 1); err != nil || string(data) != "a" {
		t.Errorf("%q, %v", data, err)
	}
}

type slowShelf struct {
	*shelf
	hold, held chan bool
}

func (s *slowShelf) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	if name == "slow" {
		close(s.held)
		<-s.hold
	}
	return s.shelf.Get(ctx, name, most)
}

// FuzzServe: whatever is asked, each whole request has one answer, and nothing crashes.
func FuzzServe(f *testing.F) {
	f.Add([]byte(`{"id":1,"do":"open","url":"s3://b"}` + "\n" + `{"id":2,"do":"put","name":"a","size":3,"sha256":"00"}` + "\nabc"))
	f.Add([]byte(`{"id":1,"do":"get","name":"a"}` + "\n" + `{"id":2,"do":"dance"}` + "\n{"))
	f.Add([]byte(`{"id":1,"do":"put","size":99999999999}` + "\n"))
	f.Fuzz(func(t *testing.T, asked []byte) {
		var out bytes.Buffer
		_ = remote.Serve(bytes.NewReader(asked), &out, "test", func(context.Context, string) (remote.Objects, remote.Opened, error) {
			return newShelf(), remote.Opened{Name: "there"}, nil
		})
		in := bufio.NewReader(&out)
		line, err := in.ReadString('\n')
		if err != nil || !strings.Contains(line, fmt.Sprint(`"protocol":`, remote.Protocol)) {
			t.Errorf("the greeting is %q", line)
		}
		if rest, err := io.ReadAll(in); err != nil || len(rest) > 0 && rest[0] != '{' {
			t.Errorf("what follows is %q", rest)
		}
	})
}
