package pages

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRunsAreReadBack packs random numbers of every width in runs of random length, in no more bytes than the bound, and reads them.
func TestRunsAreReadBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for width := range 33 {
		for n := range 1200 {
			if n > 70 && n%97 != 0 {
				continue
			}
			values := make([]uint32, n)
			for i := range values {
				if i == 0 || r.IntN(n) > 5*i%n { // fewer and fewer repeat
					values[i] = uint32(r.Uint64() & (1<<width - 1))
				} else {
					values[i] = values[i-1]
				}
			}
			packed := AppendRuns(nil, values, width)
			if bound := RunsBound(n, width); len(packed) > bound {
				t.Fatalf("%d numbers of %d bits take %d bytes, more than %d", n, width, len(packed), bound)
			}
			got := make([]uint32, n)
			if err := fill(&hybrid{data: packed, width: uint(width)}, got); err != nil || !slices.Equal(got, values) {
				t.Fatalf("%d numbers of %d bits: %v, not %v; %v", n, width, got, values, err)
			}
		}
	}
}
