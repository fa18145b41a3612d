package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// counted gives a decoder of values of so many bytes, and a function that tells of which tables it made some.
func counted(size int64) (*stages.Decoder, func() []string) {
	var made []string
	return &stages.Decoder{Name: "test", Decode: func(t *frame.Table) (any, int64, error) {
		if why := t.Meta["error"]; why != "" {
			return nil, 0, errors.New(why)
		}
		made = append(made, t.Meta["name"])
		return &made, size, nil
	}}, func() []string { return made }
}

func named(name string) func() (*frame.Table, error) {
	return func() (*frame.Table, error) { return &frame.Table{Meta: map[string]string{"name": name}}, nil }
}

func TestDecodedIsKeptWhileThereIsRoom(t *testing.T) {
	decoder, made := counted(10)
	c := newDecodedCache(25, 25)
	ask := func(name string) {
		t.Helper()
		got, release, err := c.get(t.Context(), decodedKey{name, decoder}, named(name))
		if err != nil || got.Bytes != 10 {
			t.Fatal(got, err)
		}
		release()
	}
	for _, name := range []string{"a", "b", "a", "c", "a", "b", "c"} { // c takes the place of b, b that of c, c that of a
		ask(name)
	}
	if got := fmt.Sprint(made()); got != "[a b c b c]" {
		t.Errorf("made %v", got)
	}
	if c.bytes != 20 || len(c.values) != 2 || c.order.Len() != 2 {
		t.Errorf("holds %d bytes, %d values", c.bytes, len(c.values))
	}
	large, _ := counted(26)
	_, release, err := c.get(t.Context(), decodedKey{"large", large}, named("large"))
	if err != nil {
		t.Fatal(err)
	}
	release()
	if c.bytes > 25 {
		t.Errorf("%d bytes are kept", c.bytes)
	}
	c.clear()
	ask("a")
	if len(c.values) != 0 {
		t.Errorf("a cache that was given up keeps %d values", len(c.values))
	}
}

// TestDecodedInUse: what a run uses is there for others, however large, and does not count; once nobody uses it, it is kept within the
// limit, and makes room for what is decoded next.
func TestDecodedInUse(t *testing.T) {
	decoder, made := counted(100)
	c := newDecodedCache(100, 25)
	get := func(name string) func() {
		t.Helper()
		_, release, err := c.get(t.Context(), decodedKey{name, decoder}, named(name))
		if err != nil {
			t.Fatal(err)
		}
		return release
	}
	first, second := get("a"), get("a")
	other := get("b") // beside a, which is in use
	first()
	first() // a second call does nothing
	third := get("a")
	second()
	third()
	other()
	if got := fmt.Sprint(made()); got != "[a b]" || c.bytes != 100 {
		t.Errorf("made %v, and keeps %d bytes", got, c.bytes)
	}
	get("a")() // asked for last
	var kept int64
	_, release, err := c.get(t.Context(), decodedKey{"c", decoder}, func() (*frame.Table, error) {
		kept = c.bytes
		return named("c")()
	})
	if err != nil {
		t.Fatal(err)
	}
	if kept != 0 {
		t.Errorf("%d bytes are kept while another is made", kept)
	}
	c.clear()
	release()
	if got := fmt.Sprint(made()); got != "[a b c]" || c.bytes != 0 {
		t.Errorf("made %v, and keeps %d bytes", got, c.bytes)
	}
}

// TestUses: what is asked for after a run's end is given back at once.
func TestUses(t *testing.T) {
	u, ended := &uses{}, 0
	u.add(func() { ended++ })
	if ended != 0 {
		t.Error("given back while in use")
	}
	u.end()
	u.add(func() { ended++ })
	u.end()
	if ended != 2 {
		t.Errorf("given back %d times", ended)
	}
}

func TestDecodedErrorsAreNotKept(t *testing.T) {
	decoder, made := counted(1)
	c := newDecodedCache(100, 100)
	key := decodedKey{"a", decoder}
	bad := func() (*frame.Table, error) { return &frame.Table{Meta: map[string]string{"error": "odd"}}, nil }
	if _, _, err := c.get(t.Context(), key, bad); err == nil || err.Error() != "odd" {
		t.Errorf("%v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _, _ = c.get(t.Context(), key, func() (*frame.Table, error) { panic("a bug") })
	}()
	if _, _, err := c.get(t.Context(), key, named("a")); err != nil || len(made()) != 1 {
		t.Errorf("%v, made %v", err, made())
	}
}

// TestDecodedOnce: who asks while a value is made waits for it; one whose maker was stopped makes it himself.
func TestDecodedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		decoder, made := counted(1)
		c := newDecodedCache(100, 100)
		key := decodedKey{"a", decoder}
		stopped, stop := context.WithCancel(t.Context())
		slow := make(chan struct{})
		ask := func(ctx context.Context, read func() (*frame.Table, error), want error) {
			go func() {
				if _, _, err := c.get(ctx, key, read); !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
			}()
			synctest.Wait()
		}
		ask(stopped, func() (*frame.Table, error) { <-stopped.Done(); return nil, stopped.Err() }, context.Canceled)
		ask(t.Context(), func() (*frame.Table, error) { <-slow; return named("second")() }, nil)
		ask(t.Context(), named("third"), nil)
		gone, leave := context.WithCancel(t.Context())
		ask(gone, named("fourth"), context.Canceled)
		leave()
		synctest.Wait()
		if len(made()) != 0 {
			t.Errorf("made %v while the first was at it", made())
		}
		stop()
		close(slow)
		synctest.Wait()
		if len(made()) != 1 {
			t.Errorf("made %v", made())
		}
	})
}
