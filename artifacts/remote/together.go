package remote

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"
)

// parts is how many parts results/ and blobs/ have.
const parts = 256

func partOf(dir string, i int) string { return fmt.Sprintf("%s%02x/", dir, i) }

// together calls do for every number below n, several at a time, until one fails.
func together(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(atOnce)
	for i := range n {
		if ctx.Err() != nil {
			break
		}
		group.Go(func() error { return do(ctx, i) })
	}
	return group.Wait()
}
