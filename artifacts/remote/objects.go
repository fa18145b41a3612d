package remote

import (
	"context"
	"errors"
	"time"

	"spurion/artifacts"
)

// Objects are named bytes, wherever they are. Names have the form of doc.go: small letters, digits and slashes. Their methods may be called
// by several goroutines. Errors have one of the causes below, and say what to do.
type Objects interface {
	// Get gives an object of at most so many bytes; ErrMissing if there is none, ErrLong if it has more.
	Get(ctx context.Context, name string, most int64) ([]byte, error)
	// Has gives what is known of an object; ErrMissing if there is none.
	Has(ctx context.Context, name string) (Object, error)
	// Put makes an object of bytes with a digest, whole or not at all. It fails with ErrExists if there is one, unless over.
	Put(ctx context.Context, name string, data []byte, sum artifacts.Digest, over bool) error
	// List gives all objects whose names begin with a prefix that ends in a slash, in no order; ErrUnsupported if that cannot be known.
	List(ctx context.Context, prefix string) ([]Object, error)
	// Delete removes an object, if it is there.
	Delete(ctx context.Context, name string) error
	// Close ends all that is under way.
	Close() error
}

// An Object is what a list says of one.
type Object struct {
	Name string    `json:"name"`
	Size int64     `json:"size"`
	Time time.Time `json:"time"` // when it was put, by the clock of where it is
}

// The causes of errors of Objects.
var (
	ErrMissing     = errors.New("there is no such object")
	ErrExists      = errors.New("there is such an object already")
	ErrDenied      = errors.New("access is denied")
	ErrUnsupported = errors.New("it cannot do that")
	ErrUnreachable = errors.New("it cannot be reached")
	ErrLong        = errors.New("it has more bytes than it can have")
	ErrURL         = errors.New("this is no place for a remote store")
	ErrProgram     = errors.New("spurion-s3 is needed")
)

// causes are what travels between the programs in place of errors.
var causes = map[string]error{
	"missing": ErrMissing, "exists": ErrExists, "denied": ErrDenied, "unsupported": ErrUnsupported, "unreachable": ErrUnreachable, "long": ErrLong, "url": ErrURL,
}

// An Error is an error of Objects: a sentence for people, and a cause.
type Error struct {
	Cause error
	Text  string
}

func (e *Error) Error() string { return e.Text }

func (e *Error) Unwrap() error { return e.Cause }
