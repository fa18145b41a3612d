package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// A fake is as much of an S3 server as the program asks for. What it is sent and answers can be changed.
type fake struct {
	mu       sync.Mutex
	objects  map[string][]byte
	requests []*http.Request
	// before may answer a request in its place.
	before func(w http.ResponseWriter, r *http.Request) (done bool)
}

// newFake starts a server, and sets the environment as its users would.
func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{objects: map[string][]byte{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3": server.URL, "AWS_ACCESS_KEY_ID": "AKIDFORTESTS", "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
		"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": t.TempDir() + "/none", "AWS_SHARED_CREDENTIALS_FILE": t.TempDir() + "/none", "AWS_REGION": "",
	} {
		t.Setenv(name, value)
	}
	return f
}

const secret = "very-secret-key"

// refuse answers as S3 does.
func refuse(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code><Message>no to %s</Message></Error>", code, secret)
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests = append(f.requests, r)
	if f.before != nil && f.before(w, r) {
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/bucket/")
	data, there := f.objects[name]
	switch {
	case r.URL.Query().Get("list-type") == "2":
		f.list(w, r)
	case r.Method == http.MethodPut:
		body, _ := io.ReadAll(r.Body)
		sum := sha256.Sum256(body)
		switch {
		case there && r.Header.Get("If-None-Match") == "*":
			refuse(w, http.StatusPreconditionFailed, "PreconditionFailed")
		case r.Header.Get("X-Amz-Checksum-Sha256") != base64.StdEncoding.EncodeToString(sum[:]):
			refuse(w, http.StatusBadRequest, "BadDigest")
		default:
			f.objects[name] = body
		}
	case r.Method == http.MethodDelete:
		delete(f.objects, name)
		w.WriteHeader(http.StatusNoContent)
	case !there && r.Method == http.MethodHead:
		w.WriteHeader(http.StatusNotFound)
	case !there:
		refuse(w, http.StatusNotFound, "NoSuchKey")
	default:
		w.Header().Set("Last-Modified", "Tue, 01 Dec 2026 10:00:00 GMT")
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		if r.Method == http.MethodGet {
			_, _ = w.Write(data)
		}
	}
}

// list gives two objects a page.
func (f *fake) list(w http.ResponseWriter, r *http.Request) {
	type object struct {
		Key          string
		Size         int
		LastModified string
	}
	var page struct {
		XMLName               xml.Name `xml:"ListBucketResult"`
		IsTruncated           bool
		NextContinuationToken string
		Contents              []object
	}
	for name, data := range f.objects {
		if strings.HasPrefix(name, r.URL.Query().Get("prefix")) && name > r.URL.Query().Get("continuation-token") {
			page.Contents = append(page.Contents, object{name, len(data), "2026-12-01T10:00:00.000Z"})
		}
	}
	if n := len(page.Contents); n > 2 {
		for i := range page.Contents {
			for j := i; j > 0 && page.Contents[j].Key < page.Contents[j-1].Key; j-- {
				page.Contents[j], page.Contents[j-1] = page.Contents[j-1], page.Contents[j]
			}
		}
		page.Contents, page.IsTruncated, page.NextContinuationToken = page.Contents[:2], true, page.Contents[1].Key
	}
	_ = xml.NewEncoder(w).Encode(page)
}
