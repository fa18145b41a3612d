package main

import (
	"bytes"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/remote"
)

// openFake opens a bucket of the fake server.
func openFake(t *testing.T) (remote.Objects, remote.Opened) {
	t.Helper()
	o, opened, err := open(t.Context(), "s3://bucket/some/prefix/")
	if err != nil {
		t.Fatal(err)
	}
	return o, opened
}

func put(t *testing.T, o remote.Objects, name, text string, over bool) error {
	t.Helper()
	return o.Put(t.Context(), name, []byte(text), artifacts.Sum([]byte(text)), over)
}

func TestBucket(t *testing.T) {
	f := newFake(t)
	o, opened := openFake(t)
	if opened.Name != "s3://bucket/some/prefix" || opened.ReadOnly || opened.Note != "" {
		t.Errorf("%+v", opened)
	}
	if _, err := o.Get(t.Context(), "a/1", 10); !errors.Is(err, remote.ErrMissing) {
		t.Errorf("get of nothing: %v", err)
	}
	if _, err := o.Has(t.Context(), "a/1"); !errors.Is(err, remote.ErrMissing) {
		t.Errorf("has of nothing: %v", err)
	}
	for _, name := range []string{"a/1", "a/2", "a/3", "a/4", "a/5", "b/1"} {
		if err := put(t, o, name, "text", false); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(t, o, "a/1", "other", false); !errors.Is(err, remote.ErrExists) {
		t.Errorf("put of what is there: %v", err)
	}
	if err := put(t, o, "a/2", "other", true); err != nil {
		t.Errorf("put over what is there: %v", err)
	}
	if data, err := o.Get(t.Context(), "a/1", 4); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := o.Get(t.Context(), "a/1", 3); !errors.Is(err, remote.ErrLong) {
		t.Errorf("get of more than there may be: %v", err)
	}
	if got, err := o.Has(t.Context(), "a/2"); err != nil || got.Size != 5 || !got.Time.Equal(time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v, %v", got, err)
	}
	list, err := o.List(t.Context(), "a/")
	var names []string
	for _, x := range list {
		names = append(names, x.Name)
	}
	if slices.Sort(names); err != nil || !slices.Equal(names, []string{"a/1", "a/2", "a/3", "a/4", "a/5"}) {
		t.Errorf("%q, %v", names, err)
	}
	if err := o.Delete(t.Context(), "a/1"); err != nil || f.objects["some/prefix/a/1"] != nil {
		t.Error(err)
	}
	if _, ok := f.objects["some/prefix/b/1"]; !ok {
		t.Error("objects are not below the prefix")
	}
}

// What stores that only resemble S3 refuse is not sent.
func TestRequests(t *testing.T) {
	f := newFake(t)
	o, _ := openFake(t)
	_ = put(t, o, "a", "text", false)
	_, _ = o.Get(t.Context(), "a", 10)
	for _, r := range f.requests {
		for header := range r.Header {
			if lower := strings.ToLower(header); strings.Contains(lower, "crc") || strings.Contains(lower, "checksum-mode") || strings.Contains(lower, "trailer") {
				t.Errorf("%s has the header %s", r.Method, header)
			}
		}
	}
}

// Bytes that are changed on their way are refused by the server.
func TestChangedBytes(t *testing.T) {
	newFake(t)
	o, _ := openFake(t)
	err := o.Put(t.Context(), "a", []byte("text"), artifacts.Sum([]byte("other")), false)
	if err == nil || !strings.Contains(err.Error(), "changed on their way") {
		t.Error(err)
	}
}

// A busy server is asked again; one that stays so is an error that says so. Each answer of a server has a sentence with a
// remedy, and no sentence shows a secret.
func TestAnswers(t *testing.T) {
	defer func(pause time.Duration) { mostPause = pause }(mostPause)
	mostPause = time.Millisecond
	for _, c := range []struct {
		status int
		code   string
		times  int // 0: always
		cause  error
		text   string
	}{
		{503, "SlowDown", 2, nil, ""},
		{500, "InternalError", 1, nil, ""},
		{503, "SlowDown", 0, remote.ErrUnreachable, "too busy"},
		{409, "ConditionalRequestConflict", 2, nil, ""},
		{409, "ConditionalRequestConflict", 0, remote.ErrExists, ""},
		{403, "AccessDenied", 0, remote.ErrDenied, "s3:PutObject"},
		{403, "InvalidAccessKeyId", 0, remote.ErrUnreachable, "AWS_ACCESS_KEY_ID"},
		{403, "SignatureDoesNotMatch", 0, remote.ErrUnreachable, "AWS_SECRET_ACCESS_KEY"},
		{403, "RequestTimeTooSkewed", 0, remote.ErrUnreachable, "clock"},
		{400, "ExpiredToken", 0, remote.ErrUnreachable, "log in again"},
		{404, "NoSuchBucket", 0, remote.ErrURL, "make it"},
		{301, "PermanentRedirect", 0, remote.ErrURL, "AWS_REGION"},
		{501, "NotImplemented", 0, remote.ErrUnsupported, "If-None-Match"},
		{418, "Teapot", 0, remote.ErrUnreachable, "418"},
	} {
		f := newFake(t)
		o, _ := openFake(t)
		left := c.times
		f.before = func(w http.ResponseWriter, _ *http.Request) bool {
			if c.times > 0 && left == 0 {
				return false
			}
			left--
			refuse(w, c.status, c.code)
			return true
		}
		err := put(t, o, "a", "text", false)
		if c.cause == nil {
			if err != nil || !bytes.Equal(f.objects["some/prefix/a"], []byte("text")) {
				t.Errorf("%s %d times: %v", c.code, c.times, err)
			}
			continue
		}
		if !errors.Is(err, c.cause) || !strings.Contains(err.Error(), c.text) || !strings.Contains(err.Error(), "s3://bucket/some/prefix/a") {
			t.Errorf("%s: %v, want %q of %v", c.code, err, c.text, c.cause)
		}
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error shows the secret: %v", c.code, err)
		}
	}
}

// A server that breaks off in the middle has sent nothing.
func TestBrokenOff(t *testing.T) {
	f := newFake(t)
	o, _ := openFake(t)
	f.before = func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Length", "100")
		_, _ = w.Write([]byte("half"))
		return true
	}
	if data, err := o.Get(t.Context(), "a", 100); !errors.Is(err, remote.ErrUnreachable) {
		t.Errorf("%q, %v", data, err)
	}
}

// Without credentials a bucket is read as anybody may, unsigned.
func TestAnonymous(t *testing.T) {
	f := newFake(t)
	t.Setenv("AWS_ACCESS_KEY_ID", "")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	o, opened := openFake(t)
	if !opened.ReadOnly || !strings.Contains(opened.Note, "no credentials were found") {
		t.Errorf("%+v", opened)
	}
	f.objects["some/prefix/a"] = []byte("text")
	if data, err := o.Get(t.Context(), "a", 10); err != nil || string(data) != "text" {
		t.Errorf("%q, %v", data, err)
	}
	for _, r := range f.requests {
		if r.Header.Get("Authorization") != "" {
			t.Error("a request is signed")
		}
	}
	f.before = func(w http.ResponseWriter, _ *http.Request) bool {
		refuse(w, http.StatusForbidden, "AccessDenied")
		return true
	}
	if _, err := o.Get(t.Context(), "a", 10); !errors.Is(err, remote.ErrDenied) || !strings.Contains(err.Error(), "AWS_PROFILE") {
		t.Error(err)
	}
}

// A profile that does not exist is told by its name.
func TestNoProfile(t *testing.T) {
	newFake(t)
	t.Setenv("AWS_PROFILE", "lab")
	if _, _, err := open(t.Context(), "s3://bucket"); err == nil || !strings.Contains(err.Error(), `no profile "lab"`) {
		t.Error(err)
	}
}

// Whoever has no network is told so at once.
func TestNoServer(t *testing.T) {
	newFake(t)
	t.Setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
	o, _ := openFake(t)
	if _, err := o.Get(t.Context(), remote.FormatName, 10); !errors.Is(err, remote.ErrUnreachable) || !strings.Contains(err.Error(), "does the server run") {
		t.Error(err)
	}
}
