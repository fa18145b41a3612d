package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/remote"
)

const (
	connectTime = 5 * time.Second
	answerTime  = 30 * time.Second
	together    = 64 // connections to a host
)

// tune fits connections for many requests at a time to one host.
func tune(t *http.Transport) {
	t.DialContext = (&net.Dialer{Timeout: connectTime}).DialContext
	t.TLSHandshakeTimeout, t.ResponseHeaderTimeout = connectTime, answerTime
	t.MaxIdleConns, t.MaxIdleConnsPerHost, t.MaxConnsPerHost = together, together, together
}

// slowest is how many bytes a second a connection must give, after a minute: one that gives fewer is stuck.
const slowest = 50_000

// readBody reads what a server sends, one byte more than most at most. A body of a length that takes too long is given up by cancel.
func readBody(body io.Reader, length, most int64, cancel func()) ([]byte, error) {
	stuck := time.AfterFunc(time.Minute+time.Duration(max(0, min(length, most))/slowest)*time.Second, cancel)
	defer stuck.Stop()
	return io.ReadAll(io.LimitReader(body, most+1))
}

func newHTTP() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	tune(t)
	return &http.Client{Transport: t, CheckRedirect: func(to *http.Request, via []*http.Request) error {
		if len(via) >= 5 || to.URL.Scheme != "https" && !remote.Loopback(to.URL.Hostname()) {
			return errors.New("it is redirected too often, or to where nothing is encrypted")
		}
		return nil
	}}
}

// A web is Objects below a URL, which are only read.
type web struct {
	client *http.Client
	base   string // ends in a slash
}

func openWeb(u *url.URL) (remote.Objects, remote.Opened, error) {
	base := strings.TrimRight(u.String(), "/")
	return &web{newHTTP(), base + "/"}, remote.Opened{Name: base, ReadOnly: true, Listless: true}, nil
}

// ask tries a request again, with growing pauses, while the server is too busy.
func (w *web) ask(ctx context.Context, method, name string) (*http.Response, error) {
	what := "reading " + w.base + name + ": "
	for pause := 250 * time.Millisecond; ; pause *= 2 {
		q, err := http.NewRequestWithContext(ctx, method, w.base+name, nil)
		if err != nil {
			return nil, err
		}
		r, err := w.client.Do(q)
		if err != nil {
			return nil, ofNetwork(what, err)
		}
		if r.StatusCode == http.StatusOK {
			return r, nil
		}
		r.Body.Close()
		busy := r.StatusCode == http.StatusTooManyRequests || r.StatusCode >= 500 && r.StatusCode != http.StatusNotImplemented
		if !busy || pause > 2*time.Second {
			return nil, ofStatus(what, r.StatusCode)
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (w *web) Get(ctx context.Context, name string, most int64) ([]byte, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r, err := w.ask(ctx, http.MethodGet, name)
	if err != nil {
		return nil, err
	}
	defer r.Body.Close()
	data, err := readBody(r.Body, r.ContentLength, most, cancel)
	if err != nil {
		return nil, ofNetwork("reading "+w.base+name+": ", err)
	}
	return data, remote.TooLong(name, int64(len(data)), most)
}

func (w *web) Has(ctx context.Context, name string) (remote.Object, error) {
	r, err := w.ask(ctx, http.MethodHead, name)
	if err != nil {
		return remote.Object{}, err
	}
	r.Body.Close()
	changed, _ := http.ParseTime(r.Header.Get("Last-Modified"))
	return remote.Object{Name: name, Size: r.ContentLength, Time: changed}, nil
}

func (w *web) List(context.Context, string) ([]remote.Object, error) { return nil, readOnly("listed") }

func (w *web) Put(context.Context, string, []byte, artifacts.Digest, bool) error {
	return readOnly("written to")
}

func (w *web) Delete(context.Context, string) error { return readOnly("written to") }

func (w *web) Close() error { return nil }

func readOnly(done string) error {
	return &remote.Error{Cause: remote.ErrUnsupported, Text: "a web server cannot be " + done + ": push to s3:// or to file:///FOLDER, and publish that"}
}
