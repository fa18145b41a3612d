package kernel

//go:generate go run -C _gen . -out ../loops_amd64.s -stubs ../loops_amd64.go -pkg kernel

// A pathLevel is a way to run the loops. The levels give the same bits.
type pathLevel uint8

// Each processor family names its own above this one, in dispatch_*.go.
const portable pathLevel = 0

// path is chosen once; tests change it.
var path = bestPath()

// Path says how the loops run on this machine: "avx512", "avx2", "neon" or "portable". It is for
// logs and tests; results do not depend on it.
func Path() string { return path.String() }

func (p pathLevel) String() string { return pathNames[p] }

// Burst runs about n fused multiply-adds that depend on no memory and little on each other, on the
// path of the loops, and gives their exact number: for benchmarks to measure the peak of the machine.
func Burst(n int) (operations int) { return burst(n) }

// first gives the first n elements of x, and panics if there are fewer: x[:n] would go on into spare capacity.
func first[T any](x []T, n int) []T { return x[:n:len(x)] }
