package remote_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/remote"
)

// What one pushes another takes, small results and large ones, from a folder, from memory, and through the protocol of two programs.
func TestRoundTrip(t *testing.T) {
	for name, objects := range map[string]remote.Objects{"folder": remote.OpenFolder(t.TempDir()), "shelf": newShelf(), "two programs": serve(t, newShelf())} {
		t.Run(name, func(t *testing.T) {
			r, err := remote.OpenObjects(t.Context(), objects, remote.Opened{Name: "there"})
			must(t, err)
			if !r.Empty() {
				t.Error("there is something before the first push")
			}
			author := openStore(t, artifacts.Options{})
			small, big, none := save(t, author, "small", []byte("a"), []byte{}), save(t, author, "big", large(1), []byte("b")), save(t, author, "none")
			for _, key := range []artifacts.Digest{small, big, none} {
				if done := push(t, r, author, key); !done.New || done.Differs != nil {
					t.Errorf("%+v", done)
				}
				if done := push(t, r, author, key); done.New || done.Bytes != 0 {
					t.Errorf("pushed again: %+v", done)
				}
			}
			reader := newClone(t, r)
			must(t, reader.cache.Expect(t.Context(), []artifacts.Digest{small, big, none}))
			for _, key := range []artifacts.Digest{small, big, none} {
				want, err := author.Get(key)
				must(t, err)
				m, err := reader.Get(key)
				if err != nil {
					m = reader.cache.Find(key)
				}
				if m == nil || artifacts.Differences(m, want) != nil || m.Text != want.Text {
					t.Fatalf("%v, want %v", m, want)
				}
				for _, o := range m.Outputs {
					got, err := reader.Blob(o.Digest)
					must(t, err)
					if artifacts.Sum(got) != o.Digest {
						t.Errorf("%s has other bytes", o.Name)
					}
				}
				if _, err := reader.Get(key); err != nil {
					t.Errorf("what was fetched is not in the local store: %v", err)
				}
			}
			if n := reader.cache.Fetched(); n != 3 || len(reader.told) > 0 {
				t.Errorf("fetched %d; told %q", n, reader.told)
			}
			if reader.cache.Find(artifacts.Sum([]byte("other"))) != nil {
				t.Error("found what nobody pushed")
			}
		})
	}
}

// Of 32 who push different results of one key at the same time one wins, and the others are told.
func TestRace(t *testing.T) {
	for name, objects := range map[string]remote.Objects{"folder": remote.OpenFolder(t.TempDir()), "shelf": newShelf()} {
		t.Run(name, func(t *testing.T) {
			r, err := remote.OpenObjects(t.Context(), objects, remote.Opened{Name: "there"})
			must(t, err)
			must(t, r.MakeWritable(t.Context()))
			const writers = 32
			var stores [writers]*artifacts.Store
			var key artifacts.Digest
			for i := range stores {
				stores[i] = openStore(t, artifacts.Options{})
				key = save(t, stores[i], "key", []byte(fmt.Sprint("writer ", i)))
			}
			var done [writers]remote.Pushed
			var errs [writers]error
			var all sync.WaitGroup
			for i := range writers {
				all.Go(func() { done[i], errs[i] = r.Push(t.Context(), stores[i], key, i%2 == 0) })
			}
			all.Wait()
			winner := -1
			for i := range writers {
				must(t, errs[i])
				switch {
				case done[i].New && winner < 0:
					winner = i
				case done[i].New || !slices.Equal(done[i].Differs, []string{"out0"}):
					t.Errorf("writer %d: %+v", i, done[i])
				}
			}
			p, err := r.Result(t.Context(), key)
			must(t, err)
			if want := fmt.Sprint("writer ", winner); string(p.Data[0]) != want {
				t.Errorf("%q is there, want %q", p.Data[0], want)
			}
		})
	}
}

// Whenever a push ends, a reader finds the whole result or none.
func TestCutShort(t *testing.T) {
	author := openStore(t, artifacts.Options{})
	key := save(t, author, "big", large(1), large(2))
	for k := 0; ; k++ {
		s := newShelf()
		puts := 0
		s.fail = func(method, _ string) error {
			if method == "put" {
				puts++
			}
			if puts > k {
				return &remote.Error{Cause: remote.ErrUnreachable, Text: "gone"}
			}
			return nil
		}
		r := openRemote(t, s)
		err := r.MakeWritable(t.Context())
		if err == nil {
			_, err = r.Push(t.Context(), author, key, false)
		}
		s.fail = nil
		reader := newClone(t, openRemote(t, s))
		if m := reader.cache.Find(key); m != nil {
			for _, o := range m.Outputs {
				if _, err := reader.Blob(o.Digest); err != nil {
					t.Errorf("after %d puts the result can be seen, but not its output %s: %v", k, o.Name, err)
				}
			}
		} else if err == nil {
			t.Errorf("after %d puts the push has succeeded, but nothing can be seen", k)
		}
		if err == nil {
			if k < 4 {
				t.Errorf("a format, two blobs and a result took %d puts", k)
			}
			return
		}
	}
}

// Every flipped byte of a result is found: it is not used, told once, and the next push mends it.
func TestDamagedResult(t *testing.T) {
	s := newShelf()
	r := openRemote(t, s)
	author := openStore(t, artifacts.Options{})
	key := save(t, author, "small", []byte("abc"))
	push(t, r, author, key)
	name := s.names("results/")[0]
	whole := s.objects[name]
	for i := range whole {
		s.objects[name] = bytes.Clone(whole)
		s.objects[name][i] ^= 1
		var damage *remote.DamageError
		if _, err := r.Result(t.Context(), key); !errors.As(err, &damage) {
			t.Errorf("byte %d is changed: %v", i, err)
		}
	}
	for _, data := range [][]byte{{}, whole[:len(whole)/2], append(bytes.Clone(whole), 0), []byte("<html>not found</html>")} {
		s.objects[name] = data
		reader := newClone(t, r)
		for range 2 {
			if reader.cache.Find(key) != nil {
				t.Errorf("%.20q is taken for a result", data)
			}
		}
		if len(reader.told) != 1 || !strings.Contains(reader.told[0], "is damaged") {
			t.Errorf("%.20q: told %q", data, reader.told)
		}
	}
	if done := push(t, r, author, key); !done.Repaired || !bytes.Equal(s.objects[name], whole) {
		t.Errorf("%+v", done)
	}
}

// A result whose blob is damaged, short or gone is absent from then on, so that it is computed. A push of it then mends what is there.
func TestDamagedBlob(t *testing.T) {
	for what, spoil := range map[string]func(s *shelf, name string){
		"other bytes": func(s *shelf, name string) { s.objects[name][7] ^= 1 },
		"short":       func(s *shelf, name string) { s.objects[name] = s.objects[name][:9] },
		"long":        func(s *shelf, name string) { s.objects[name] = append(s.objects[name], 1) },
		"gone":        func(s *shelf, name string) { delete(s.objects, name) },
	} {
		t.Run(what, func(t *testing.T) {
			s := newShelf()
			r := openRemote(t, s)
			author := openStore(t, artifacts.Options{})
			key := save(t, author, "big", large(1))
			push(t, r, author, key)
			name := s.names("blobs/")[0]
			spoil(s, name)
			reader := newClone(t, r)
			m := reader.cache.Find(key)
			if m == nil {
				t.Fatal("there is no manifest")
			}
			if _, err := reader.Blob(m.Outputs[0].Digest); !errors.Is(err, artifacts.ErrMissing) {
				t.Errorf("%v", err)
			}
			if reader.cache.Find(key) != nil {
				t.Error("a result that is not whole is found again")
			}
			want := "is damaged"
			if what == "gone" {
				want = "lacks outputs"
			}
			if len(reader.told) != 1 || !strings.Contains(reader.told[0], want) {
				t.Errorf("told %q, want one with %q", reader.told, want)
			}
			if done := push(t, r, author, key); !done.Repaired || !bytes.Equal(s.objects[name], large(1)) {
				t.Errorf("%+v", done)
			}
		})
	}
}

// A local blob that is damaged comes anew from the remote store.
func TestLocalDamage(t *testing.T) {
	r := openRemote(t, newShelf())
	author := openStore(t, artifacts.Options{})
	key := save(t, author, "big", large(1))
	push(t, r, author, key)
	reader := newClone(t, r)
	blob := reader.cache.Find(key).Outputs[0].Digest
	if _, ok := reader.cache.Blob(artifacts.Sum([]byte("x"))); ok {
		t.Error("there is a blob of no result")
	}
	_, err := reader.Blob(blob)
	must(t, err)
	path, _ := reader.Where(blob)
	for what, spoil := range map[string]func() error{
		"damaged": func() error { return os.WriteFile(path, []byte("damage"), 0o666) },
		"gone":    func() error { return os.Remove(path) },
	} {
		must(t, spoil())
		if data, err := reader.Blob(blob); err != nil || artifacts.Sum(data) != blob {
			t.Errorf("%s: %v", what, err)
		}
		if data, err := os.ReadFile(path); err != nil || artifacts.Sum(data) != blob {
			t.Errorf("%s: it is not in its place again: %v", what, err)
		}
	}
}

// A store that replaces what it should refuse is not written to.
func TestCareless(t *testing.T) {
	s := newShelf()
	s.careless = true
	err := openRemote(t, s).MakeWritable(t.Context())
	if !errors.Is(err, remote.ErrUnsupported) || !strings.Contains(err.Error(), "If-None-Match") {
		t.Error(err)
	}
}

// What fails is told once, and then nothing more is asked.
func TestUnreachable(t *testing.T) {
	s := newShelf()
	r := openRemote(t, s)
	reader := newClone(t, r)
	author := openStore(t, artifacts.Options{})
	push(t, r, author, save(t, author, "a", []byte("a")))
	s.fail = func(string, string) error { return &remote.Error{Cause: remote.ErrUnreachable, Text: "no network"} }
	s.asked = map[string]int{}
	for i := range 5 {
		if reader.cache.Find(artifacts.Sum([]byte{byte(i)})) != nil {
			t.Error("found something")
		}
	}
	if s.asked["get"] != 1 || len(reader.told) != 1 || !strings.Contains(reader.told[0], "no network") || !strings.Contains(reader.told[0], "spurion cache push") {
		t.Errorf("asked %v, told %q", s.asked, reader.told)
	}
	p := remote.NewPusher(t.Context(), r, author, func(err error) { t.Error(err) })
	for range 40 {
		p.Add(artifacts.Sum([]byte("a")))
	}
	done, err := p.End(t.Context())
	if done.Left != 40 || !errors.Is(err, remote.ErrUnreachable) || s.asked["put"] > 2 {
		t.Errorf("%+v, %v, asked %v", done, err, s.asked)
	}
}

// Where nothing may be listed, buckets deny what is not there.
func TestDenied(t *testing.T) {
	s := newShelf()
	r := openRemote(t, s)
	author := openStore(t, artifacts.Options{})
	there := save(t, author, "there", []byte("a"))
	push(t, r, author, there)
	s.fail = func(method, name string) error {
		if _, ok := s.objects[name]; method == "get" && !ok {
			return &remote.Error{Cause: remote.ErrDenied, Text: "denied"}
		}
		return nil
	}
	reader := newClone(t, r)
	if reader.cache.Find(artifacts.Sum([]byte("other"))) != nil || reader.cache.Find(there) == nil || len(reader.told) > 0 {
		t.Errorf("told %q", reader.told)
	}
}

// Few keys are asked for one by one; of many a list is taken, and only what is there is fetched.
func TestManyKeys(t *testing.T) {
	s := newShelf()
	r := openRemote(t, s)
	author := openStore(t, artifacts.Options{})
	there := []artifacts.Digest{save(t, author, "a", []byte("a")), save(t, author, "b", []byte("b"))}
	for _, key := range there {
		push(t, r, author, key)
	}
	for _, c := range []struct{ keys, gets, lists int }{{100, 100, 0}, {remote.MostAsked, remote.MostAsked, 0}, {remote.MostAsked + 1, 2, 256}} {
		s.asked = map[string]int{}
		keys := slices.Clone(there)
		for i := len(keys); i < c.keys; i++ {
			keys = append(keys, artifacts.Sum([]byte(fmt.Sprint(i))))
		}
		reader := newClone(t, r)
		must(t, reader.cache.Expect(t.Context(), keys))
		if s.asked["get"] != c.gets || s.asked["list"] != c.lists || reader.cache.Fetched() != 2 {
			t.Errorf("%d keys: asked %v, fetched %d", c.keys, s.asked, reader.cache.Fetched())
		}
		reader.cache.Find(keys[len(keys)-1])
		if s.asked["get"] != c.gets {
			t.Errorf("%d keys: what is known not to be there is asked for again", c.keys)
		}
	}
}

// Of many results those that are there are compared, not sent.
func TestPushMany(t *testing.T) {
	s := newShelf()
	r := openRemote(t, s)
	author := openStore(t, artifacts.Options{})
	var keys []artifacts.Digest
	for i := range 20 {
		keys = append(keys, save(t, author, fmt.Sprint(i), []byte{byte(i)}))
	}
	for len(keys) <= remote.MostAsked {
		keys = append(keys, keys[:20]...)
	}
	push := func(keys []artifacts.Digest) remote.PushReport {
		p := remote.NewPusher(t.Context(), r, author, func(err error) { t.Error(err) })
		p.AddAll(keys)
		done, err := p.End(t.Context())
		must(t, err)
		return done
	}
	if done := push(keys[:20]); done.New != 20 || s.asked["list"] > 0 {
		t.Errorf("%+v, asked %v", done, s.asked)
	}
	s.asked = map[string]int{}
	if done := push(keys); done.There != len(keys) || s.asked["list"] != 256 || s.asked["put"] > 2 { // of the format
		t.Errorf("%+v, asked %v", done, s.asked)
	}
}

// GC takes what is old, and blobs only when they are older by more than a week: what a young result needs stays.
func TestOld(t *testing.T) {
	s := newShelf()
	r := openRemote(t, s)
	author := openStore(t, artifacts.Options{})
	old, young := save(t, author, "old", large(1), large(2)), save(t, author, "young", large(2), large(3))
	push(t, r, author, old)
	const day = 24 * time.Hour
	for name := range s.times {
		s.times[name] = time.Now().Add(-100 * day)
	}
	push(t, r, author, young) // puts the blob that both have again
	c, err := r.Old(t.Context(), 90*day)
	must(t, err)
	if c.Results != 1 || c.Blobs != 1 || c.KeptResults != 1 || c.KeptBlobs != 2 {
		t.Errorf("%+v", c)
	}
	if len(s.names("blobs/")) != 3 {
		t.Error("a plan has removed something")
	}
	must(t, r.Remove(t.Context(), c))
	reader := newClone(t, r)
	if reader.cache.Find(old) != nil {
		t.Error("the old result is still there")
	}
	for _, o := range reader.cache.Find(young).Outputs {
		if _, err := reader.Blob(o.Digest); err != nil {
			t.Errorf("the young result lacks %s: %v", o.Name, err)
		}
	}
	if _, ok := s.objects["format"]; !ok {
		t.Error("the format is gone")
	}
}

// Something else is not taken for a remote store, nor is one of a newer format.
func TestFormat(t *testing.T) {
	s := newShelf()
	for _, text := range []string{"spurion remote 2\n", "<html>", ""} {
		s.objects["format"] = []byte(text)
		if _, err := remote.OpenObjects(t.Context(), s, remote.Opened{Name: "shelf"}); !errors.Is(err, remote.ErrURL) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestCheck(t *testing.T) {
	for place, want := range map[string]string{
		"s3://b": "", "s3://b/p/q": "", "https://example.org/x": "", "http://127.0.0.1:80/x": "", "http://localhost/x": "", "file:///tmp/x": "",
		"s3:///p": "names no bucket", "https:///x": "names no host", "http://example.org/x": "without encryption", "file://tmp/x": "no folder from the root",
		"ftp://x/y": "is no remote store", "bucket/prefix": "is no remote store", "": "is no remote store",
		"s3://key:secret@b/p": "credentials come from", "https://example.org/x?X-Amz-Signature=secret": "has a ?", "s3://b/%zz": "is no URL",
	} {
		_, err := remote.Check(place)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, remote.ErrURL)) {
			t.Errorf("%s: %v, want %q", place, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error shows the secret: %v", place, err)
		}
	}
}

// serve puts a server between a test and objects.
func serve(t *testing.T, objects remote.Objects) remote.Objects {
	t.Helper()
	fromClient, toServer := io.Pipe()
	fromServer, toClient := io.Pipe()
	go func() {
		err := remote.Serve(fromClient, toClient, "test", func(context.Context, string) (remote.Objects, remote.Opened, error) {
			return objects, remote.Opened{Name: "there"}, nil
		})
		_ = toClient.CloseWithError(err)
	}()
	c, _, err := remote.Connect(t.Context(), fromServer, toServer, "s3://x")
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}
