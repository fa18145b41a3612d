package remote

import (
	"context"
	"sync"
	"time"
)

// blobsLonger is how much longer than results blobs stay: a result may rely on a blob that was fresh when it was pushed, which may
// have taken a day.
const blobsLonger = fresh + 24*time.Hour

// A Collection says what is old there.
type Collection struct {
	Results, Blobs         int // to be removed
	Bytes                  int64
	KeptResults, KeptBlobs int
	KeptBytes              int64
	Oldest                 time.Time // of what is kept
	names                  []string
}

// Old lists the results that were put there before minAge, and blobs that no younger result can need.
func (r *Remote) Old(ctx context.Context, minAge time.Duration) (*Collection, error) {
	c := &Collection{}
	now := time.Now()
	var mu sync.Mutex
	err := together(ctx, 2*parts, func(ctx context.Context, i int) error {
		dir, age := resultsDir, minAge
		if i >= parts {
			dir, age = blobsDir, minAge+blobsLonger
		}
		list, err := r.objects.List(ctx, partOf(dir, i%parts))
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		for _, o := range list {
			c.add(o, dir == resultsDir, now.Sub(o.Time) > age)
		}
		return nil
	})
	return c, err
}

func (c *Collection) add(o Object, result, old bool) {
	results, blobs, bytes := &c.KeptResults, &c.KeptBlobs, &c.KeptBytes
	if old {
		results, blobs, bytes = &c.Results, &c.Blobs, &c.Bytes
		c.names = append(c.names, o.Name)
	} else if c.Oldest.IsZero() || o.Time.Before(c.Oldest) {
		c.Oldest = o.Time
	}
	if result {
		*results++
	} else {
		*blobs++
	}
	*bytes += o.Size
}

// Remove removes what was listed, results before blobs.
func (r *Remote) Remove(ctx context.Context, c *Collection) error {
	for _, results := range []bool{true, false} {
		var names []string
		for _, name := range c.names {
			if (name[:len(resultsDir)] == resultsDir) == results {
				names = append(names, name)
			}
		}
		if err := together(ctx, len(names), func(ctx context.Context, i int) error { return r.objects.Delete(ctx, names[i]) }); err != nil {
			return err
		}
	}
	return nil
}
