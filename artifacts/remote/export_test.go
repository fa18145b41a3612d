package remote

import (
	"context"
	"io"
)

// OpenObjects opens a remote store in objects of a test's own.
func OpenObjects(ctx context.Context, objects Objects, opened Opened) (*Remote, error) {
	return opening(ctx, objects, opened)
}

// OpenFolder gives the objects of a folder.
func OpenFolder(dir string) Objects { return folder{dir} }

// Connect asks for objects over a pair of pipes, as start does.
func Connect(ctx context.Context, r io.Reader, w io.WriteCloser, url string) (Objects, Opened, error) {
	c, err := newClient(r, w, func() error { return nil })
	if err != nil {
		return nil, Opened{}, err
	}
	opened, err := c.open(ctx, url)
	return c, opened, err
}

// MostAsked is how many keys are asked for one by one.
const MostAsked = mostAsked
