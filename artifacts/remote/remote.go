package remote

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"spurion/artifacts"
)

// FormatName is the name of the object that is asked for first.
const FormatName = "format"

const (
	format     = "spurion remote 1\n"
	resultsDir = "results/"
	blobsDir   = "blobs/"

	// inline is how many bytes of outputs a result may have to be one object. What looks for a result reads all of that object.
	inline = 64 << 10
	// mostResult is how large the object of a result can be: its text names the files that it was made of.
	mostResult = 1 << 30

	// openingTime bounds how long somebody without a network waits.
	openingTime = 20 * time.Second
)

// A Remote is an opened remote store. Its methods may be called by several goroutines.
type Remote struct {
	objects Objects
	opened  Opened
	empty   atomic.Bool         // there is no format yet
	damaged sync.Map            // names of blobs that were found so: a push mends them
	room    *semaphore.Weighted // bytes of blobs on their way
}

// roomBytes bounds what blobs on their way take in memory, here and in spurion-s3; a larger one goes alone.
const roomBytes = 256 << 20

// Open opens the remote store at a URL: s3://BUCKET/PREFIX, https://HOST/PATH or file:///FOLDER.
func Open(ctx context.Context, place string) (*Remote, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, openingTime, &Error{ErrUnreachable, fmt.Sprintf("no answer in %s", openingTime)})
	defer cancel()
	dir, err := Check(place)
	if err != nil {
		return nil, err
	}
	if dir != "" {
		return opening(ctx, folder{dir}, Opened{Name: place, Published: true})
	}
	c, err := start()
	if err != nil {
		return nil, err
	}
	opened, err := c.open(ctx, place)
	if err != nil {
		_ = c.Close()
		return nil, err
	}
	return opening(ctx, c, opened)
}

// opening reads the format.
func opening(ctx context.Context, objects Objects, opened Opened) (*Remote, error) {
	r := &Remote{objects: objects, opened: opened, room: semaphore.NewWeighted(roomBytes)}
	data, err := objects.Get(ctx, FormatName, 4096)
	switch {
	case errors.Is(err, ErrMissing):
		r.empty.Store(true)
		err = nil
	case err == nil && string(data) != format:
		err = &Error{ErrURL, fmt.Sprintf("the object format at %s is not that of a remote store which this program knows: "+
			"if a newer Spurion made it, update this one; else name another place", opened.Name)}
	}
	if err != nil {
		_ = objects.Close()
		return nil, err
	}
	return r, nil
}

// Check says what is wrong with a URL. Of one that begins with file:// it gives the folder.
func Check(place string) (dir string, err error) {
	wrong := func(text string, args ...any) (string, error) {
		return "", &Error{ErrURL, fmt.Sprintf(text, args...) + ": write s3://BUCKET/PREFIX, https://HOST/PATH or file:///FOLDER"}
	}
	u, err := url.Parse(place)
	switch {
	case err != nil:
		return wrong("the remote store is no URL") // which may hold a password
	case u.User != nil:
		return wrong("the URL of the remote store holds a name or a password, which others would see; credentials come from the environment or a profile")
	case u.RawQuery != "" || u.Fragment != "":
		return wrong("the URL of the remote store has a ? or a #")
	case u.Scheme == "file" && (u.Host != "" || !strings.HasPrefix(u.Path, "/")):
		return wrong("%s names no folder from the root on", place)
	case u.Scheme == "file":
		dir := filepath.FromSlash(u.Path)
		if runtime.GOOS == "windows" { // file:///C:/x
			dir = strings.TrimPrefix(dir, `\`)
		}
		return dir, nil
	case u.Scheme == "s3" && u.Host == "":
		return wrong("%s names no bucket", place)
	case u.Scheme == "http" && !Loopback(u.Hostname()):
		return wrong("%s would be read without encryption: use https", place)
	case (u.Scheme == "https" || u.Scheme == "http") && u.Host == "":
		return wrong("%s names no host", place)
	case u.Scheme != "s3" && u.Scheme != "https" && u.Scheme != "http":
		return wrong("%s is no remote store", place)
	}
	return "", nil
}

// Loopback reports whether a host is this machine, to which http is safe.
func Loopback(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// Name gives what people call it.
func (r *Remote) Name() string { return r.opened.Name }

// Note gives what people may want to know of how it was opened; empty for most.
func (r *Remote) Note() string { return r.opened.Note }

// Empty reports whether nothing was ever pushed there.
func (r *Remote) Empty() bool { return r.empty.Load() }

// ReadOnly reports whether it is known that nothing can be put there.
func (r *Remote) ReadOnly() bool { return r.opened.ReadOnly }

// Published reports whether runs are to put nothing there by themselves.
func (r *Remote) Published() bool { return r.opened.Published }

// Close lets go of it.
func (r *Remote) Close() error { return r.objects.Close() }

// MakeWritable makes sure that results can be put there, and makes the store if there is none. The error says why not.
func (r *Remote) MakeWritable(ctx context.Context) error {
	if r.opened.ReadOnly {
		return &Error{ErrUnsupported, fmt.Sprintf("%s can only be read here", r.Name())}
	}
	sum := artifacts.Sum([]byte(format))
	for range 2 { // the second one is refused if the first is not
		err := r.objects.Put(ctx, FormatName, []byte(format), sum, false)
		if errors.Is(err, ErrExists) {
			r.empty.Store(false)
			return nil
		}
		if err != nil {
			return err
		}
	}
	return &Error{ErrUnsupported, fmt.Sprintf("%s replaces an object although it was asked to put it only if there is none (If-None-Match: *), so a result of another could be lost: "+
		"nothing is put there. Use a server that honours it, such as Amazon S3 or versitygw, or publish a folder: spurion cache push --remote file:///FOLDER SPEC", r.Name())}
}

func resultName(key artifacts.Digest) string { return fanned(resultsDir, key) }

func blobName(d artifacts.Digest) string { return fanned(blobsDir, d) }

func fanned(dir string, d artifacts.Digest) string {
	name := d.String()
	return dir + name[:2] + "/" + name
}

// digestOf gives the digest that a name ends with.
func digestOf(name string) (artifacts.Digest, bool) {
	d, err := artifacts.ParseDigest(name[strings.LastIndexByte(name, '/')+1:])
	return d, err == nil
}

// A DamageError says that an object is not what was put there. It is not used.
type DamageError struct{ Name, Problem string }

func (e *DamageError) Error() string { return fmt.Sprintf("%s is damaged: %s", e.Name, e.Problem) }

// Result fetches the result of a key and verifies it; an error of ErrMissing or ErrDenied if it is not there to be had, which
// buckets that may not be listed call the same, and a *DamageError if it cannot be used.
func (r *Remote) Result(ctx context.Context, key artifacts.Digest) (*artifacts.Parcel, error) {
	name := resultName(key)
	data, err := r.get(ctx, name, mostResult)
	if err != nil {
		return nil, err
	}
	p, err := artifacts.ParseParcel(data, key)
	if err != nil {
		return nil, &DamageError{r.Name() + "/" + name, err.Error()}
	}
	return p, nil
}

// Blob fetches an output of a result that is not one object, and verifies it, with the errors of Result.
func (r *Remote) Blob(ctx context.Context, o artifacts.Output) ([]byte, error) {
	name := blobName(o.Digest)
	leave, err := r.enter(ctx, o.Size)
	if err != nil {
		return nil, err
	}
	defer leave()
	data, err := r.get(ctx, name, o.Size)
	if err == nil && artifacts.Sum(data) != o.Digest {
		err = &DamageError{r.Name() + "/" + name, "its bytes are not those it is named for"}
	}
	if err != nil {
		var damage *DamageError
		if errors.As(err, &damage) {
			r.damaged.Store(name, true)
		}
		return nil, err
	}
	return data, nil
}

// enter waits until there is room for a blob.
func (r *Remote) enter(ctx context.Context, size int64) (leave func(), err error) {
	size = min(size, roomBytes)
	if err := r.room.Acquire(ctx, size); err != nil {
		return nil, err
	}
	return func() { r.room.Release(size) }, nil
}

func (r *Remote) get(ctx context.Context, name string, most int64) ([]byte, error) {
	data, err := r.objects.Get(ctx, name, most)
	if errors.Is(err, ErrLong) {
		return nil, &DamageError{r.Name() + "/" + name, fmt.Sprintf("it has more than %d bytes", most)}
	}
	return data, err
}

// Keys lists the keys of all results. ErrUnsupported if they cannot be known.
func (r *Remote) Keys(ctx context.Context) (map[artifacts.Digest]bool, error) {
	if r.opened.Listless {
		return nil, &Error{ErrUnsupported, fmt.Sprintf("%s cannot be listed", r.Name())}
	}
	parts := make([][]Object, parts)
	err := together(ctx, len(parts), func(ctx context.Context, i int) (err error) {
		parts[i], err = r.objects.List(ctx, partOf(resultsDir, i))
		return err
	})
	if err != nil {
		return nil, err
	}
	keys := map[artifacts.Digest]bool{}
	for _, list := range parts {
		for _, o := range list {
			if d, ok := digestOf(o.Name); ok {
				keys[d] = true
			}
		}
	}
	return keys, nil
}
