package main

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"spurion/artifacts/remote"
)

// serveWeb opens a web server of one object, which answers as it is told.
func serveWeb(t *testing.T, before func(w http.ResponseWriter, r *http.Request) bool) remote.Objects {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case before != nil && before(w, r):
		case r.URL.Path == "/published/format":
			_, _ = w.Write([]byte("text"))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(server.Close)
	o, opened, err := open(t.Context(), server.URL+"/published/")
	if err != nil {
		t.Fatal(err)
	}
	if !opened.ReadOnly || !opened.Listless {
		t.Errorf("%+v", opened)
	}
	return o
}

func TestWeb(t *testing.T) {
	o := serveWeb(t, nil)
	if data, err := o.Get(t.Context(), "format", 4); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := o.Get(t.Context(), "format", 3); !errors.Is(err, remote.ErrLong) {
		t.Error(err)
	}
	if got, err := o.Has(t.Context(), "format"); err != nil || got.Size != 4 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := o.Get(t.Context(), "other", 4); !errors.Is(err, remote.ErrMissing) {
		t.Error(err)
	}
	if err := put(t, o, "x", "text", false); !errors.Is(err, remote.ErrUnsupported) || !strings.Contains(err.Error(), "file:///FOLDER") {
		t.Error(err)
	}
	if _, err := o.List(t.Context(), "x/"); !errors.Is(err, remote.ErrUnsupported) {
		t.Error(err)
	}
}

func TestWebAnswers(t *testing.T) {
	for status, cause := range map[int]error{403: remote.ErrDenied, 410: remote.ErrMissing, 400: remote.ErrUnreachable} {
		o := serveWeb(t, func(w http.ResponseWriter, _ *http.Request) bool {
			w.WriteHeader(status)
			return true
		})
		if _, err := o.Get(t.Context(), "format", 4); !errors.Is(err, cause) {
			t.Errorf("%d: %v", status, err)
		}
	}
	busy := 2
	o := serveWeb(t, func(w http.ResponseWriter, _ *http.Request) bool {
		if busy--; busy >= 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return busy >= 0
	})
	if data, err := o.Get(t.Context(), "format", 4); err != nil || string(data) != "text" {
		t.Errorf("a server that was busy twice: %q, %v", data, err)
	}
	o = serveWeb(t, func(w http.ResponseWriter, r *http.Request) bool {
		http.Redirect(w, r, "http://example.invalid/format", http.StatusFound)
		return true
	})
	if _, err := o.Get(t.Context(), "format", 4); err == nil || !strings.Contains(err.Error(), "nothing is encrypted") {
		t.Errorf("a redirection to http: %v", err)
	}
}
