package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"spurion/artifacts"
)

// fresh is how young a blob is that a new result relies on: an older one is put again. See GC.
const fresh = 7 * 24 * time.Hour

// Pushed says what became of a result that was to be pushed.
type Pushed struct {
	New      bool     // it was put there
	Repaired bool     // in the place of one that was damaged
	Differs  []string // the outputs in which the one that was there, and is kept, differs
	Bytes    int64    // that were put
}

// Push puts a result of a store there, unless there is one; listed says that there was one a moment ago, so that it is not sent for
// nothing. MakeWritable comes before.
func (r *Remote) Push(ctx context.Context, from *artifacts.Store, key artifacts.Digest, listed bool) (Pushed, error) {
	var done Pushed
	m, err := from.Get(key)
	if err != nil {
		return done, err
	}
	p := &artifacts.Parcel{Manifest: m}
	var size int64
	for i := range m.Outputs {
		size += m.Outputs[i].Size
	}
	if size <= inline {
		p.Data = make([][]byte, len(m.Outputs))
		for i := range m.Outputs {
			if p.Data[i], err = from.Blob(m.Outputs[i].Digest); err != nil {
				return done, err
			}
		}
	}
	if listed {
		if done, err := r.compare(ctx, from, p, done); !errors.Is(err, ErrMissing) {
			return done, err
		}
	} else if p.Data == nil { // if the result is there, it needs no blobs of ours
		if _, err := r.objects.Has(ctx, resultName(key)); err == nil {
			return r.compare(ctx, from, p, done)
		} else if !errors.Is(err, ErrMissing) && !errors.Is(err, ErrDenied) {
			return done, err
		}
	}
	if p.Data == nil {
		if done.Bytes, err = r.putBlobs(ctx, from, m, false); err != nil {
			return done, err
		}
	}
	return r.putResult(ctx, from, p, done)
}

// putResult puts the object of a result whose blobs are there.
func (r *Remote) putResult(ctx context.Context, from *artifacts.Store, p *artifacts.Parcel, done Pushed) (Pushed, error) {
	data := p.Bytes()
	err := r.objects.Put(ctx, resultName(p.Manifest.Key), data, artifacts.Sum(data), done.Repaired)
	if errors.Is(err, ErrExists) {
		return r.compare(ctx, from, p, done)
	}
	if err == nil {
		done.New, done.Bytes = true, done.Bytes+int64(len(data))
	}
	return done, err
}

// compare says how the result that is there differs from ours. One that cannot be read is replaced: nobody can use it.
func (r *Remote) compare(ctx context.Context, from *artifacts.Store, p *artifacts.Parcel, done Pushed) (Pushed, error) {
	there, err := r.Result(ctx, p.Manifest.Key)
	var damage *DamageError
	switch {
	case errors.As(err, &damage):
		if p.Data == nil {
			if done.Bytes, err = r.putBlobs(ctx, from, p.Manifest, true); err != nil {
				return done, err
			}
		}
		done.Repaired = true
		return r.putResult(ctx, from, p, done)
	case err != nil:
		return done, err
	}
	done.Differs = artifacts.Differences(there.Manifest, p.Manifest)
	if done.Differs == nil && there.Data == nil {
		done.Repaired, done.Bytes, err = r.complete(ctx, from, p.Manifest)
	}
	return done, err
}

// complete puts those blobs of a result that is there which are gone, have another size, or were found damaged.
func (r *Remote) complete(ctx context.Context, from *artifacts.Store, m *artifacts.Manifest) (some bool, bytes int64, err error) {
	for i := range m.Outputs {
		o := &m.Outputs[i]
		found, err := r.objects.Has(ctx, blobName(o.Digest))
		if _, damaged := r.damaged.Load(blobName(o.Digest)); err == nil && found.Size == o.Size && !damaged {
			continue
		}
		if err != nil && !errors.Is(err, ErrMissing) && !errors.Is(err, ErrDenied) {
			return some, bytes, err
		}
		if err := r.putBlob(ctx, from, o); err != nil {
			return some, bytes, err
		}
		some, bytes = true, bytes+o.Size
	}
	return some, bytes, nil
}

// putBlobs puts the blobs of a result: all, or those that are not there or are old.
func (r *Remote) putBlobs(ctx context.Context, from *artifacts.Store, m *artifacts.Manifest, all bool) (bytes int64, err error) {
	for i := range m.Outputs {
		o := &m.Outputs[i]
		if !all {
			found, err := r.objects.Has(ctx, blobName(o.Digest))
			if err == nil && found.Size == o.Size && time.Since(found.Time) < fresh {
				continue
			}
			if err != nil && !errors.Is(err, ErrMissing) && !errors.Is(err, ErrDenied) {
				return bytes, err
			}
		}
		if err := r.putBlob(ctx, from, o); err != nil {
			return bytes, err
		}
		bytes += o.Size
	}
	return bytes, nil
}

// putBlob puts a blob. Over another it is the same bytes, with the time of now, or mends it.
func (r *Remote) putBlob(ctx context.Context, from *artifacts.Store, o *artifacts.Output) error {
	if o.Size > largest {
		return fmt.Errorf("output %q has %d bytes, and an object at most %d", o.Name, o.Size, int64(largest))
	}
	leave, err := r.enter(ctx, o.Size)
	if err != nil {
		return err
	}
	defer leave()
	data, err := from.Blob(o.Digest)
	if err != nil {
		return fmt.Errorf("output %q: %w", o.Name, err)
	}
	return r.objects.Put(ctx, blobName(o.Digest), data, o.Digest, true)
}
