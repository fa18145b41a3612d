package artifacts

import (
	"context"
	"time"
)

// Usage says what a store holds.
type Usage struct {
	Entries int   // manifests
	Blobs   int   // each counted once, however many entries share it
	Bytes   int64 // of manifests and blobs
	Kinds   []KindUsage
	Damaged int // files set aside
	Runs    int
}

// KindUsage is the part of one kind, or, with Kind empty, of blobs that no entry uses.
type KindUsage struct {
	Kind    string
	Entries int
	Bytes   int64   // of its manifests and of the blobs it uses, each once; kinds may share some
	Seconds float64 // what it took to compute its entries
}

// Usage counts what the store holds, by kind in order of names.
func (s *Store) Usage(ctx context.Context) (Usage, error) { return Usage{}, errStub }

// A Finding is something that Verify found wrong.
type Finding struct {
	Path    string // where it is, or where it was set aside
	Problem string // what is wrong, for people
	Key     Digest // of the entry that is affected; zero if none is known
}

// A VerifyReport says what Verify checked and found.
type VerifyReport struct {
	Entries, Blobs, Runs int
	Bytes                int64
	Damaged              []Finding // manifests, blobs and run records that fail their check, by path
	Incomplete           []Finding // whole manifests whose blobs are gone or damaged, by path
	Orphans              []Finding // whole blobs that no entry uses; harmless, GC takes them
}

// Verify reads every manifest, blob and run record, checks it against its name, and sets damaged
// ones aside (unless the store is read-only). progress, which may be nil, is told of bytes.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (VerifyReport, error) {
	return VerifyReport{}, errStub
}

// An EvictReport says what Evict removed.
type EvictReport struct {
	Entries int
	Blobs   int
	Bytes   int64
	Missing []Digest // keys that had no entry
	Kept    int      // blobs left to a later GC because a running process may be using them
}

// Evict removes the entries of keys, and the blobs that no other entry uses.
func (s *Store) Evict(keys ...Digest) (EvictReport, error) { return EvictReport{}, errStub }

// GCOptions say what GC may take.
type GCOptions struct {
	KeepRuns int           // the newest runs of every spec that are kept, with all they refer to
	MaxBytes int64         // entries are taken until the store is at most this large; 0: all that may be
	MinAge   time.Duration // entries and blobs used more recently are left alone
	Delete   bool          // false: only report what would be taken
}

// A GCReport says what GC took, or would take.
type GCReport struct {
	Deleted     bool // false if it only reports
	Entries     []GCEntry
	Blobs       int
	Runs        []string // ids of run records
	Temporary   int      // leftovers in temp/ and locks/
	Bytes       int64    // freed
	KeptEntries int
	KeptBytes   int64
}

// A GCEntry is an entry that GC took, or would take.
type GCEntry struct {
	Key     Digest
	Kind    string
	Address string
	Bytes   int64 // of the manifest and of the blobs that went with it
	Used    time.Time
}

// GC removes run records beyond the newest, then the least recently used entries that no kept run
// refers to until the store is small enough, blobs that no entry uses, and temporary files older
// than a day. It is safe beside concurrent runs: see session.go.
func (s *Store) GC(ctx context.Context, o GCOptions) (GCReport, error) { return GCReport{}, errStub }
