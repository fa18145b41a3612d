package artifacts

import (
	"context"
	"io/fs"
	"sort"
	"strings"
)

// Usage says what a store holds.
type Usage struct {
	Entries int         // whole manifests
	Blobs   int         // each counted once, however many entries share it; once more for each pack that has it
	Packs   int         // files of many entries and blobs
	Bytes   int64       // of manifests and blobs
	Kinds   []KindUsage // by name
	Orphans int         // blobs that no entry uses
	Damaged int         // files set aside
	Runs    int         // run records
	Logs    int64       // bytes of the logs of programs
}

// KindUsage is the part of one kind.
type KindUsage struct {
	Kind    string
	Entries int
	Bytes   int64   // of its manifests and of the blobs it uses, each once; kinds may share some
	Seconds float64 // what it took to compute its entries
}

// Usage counts what the store holds, also behind links. It changes nothing; what cannot be read is left out, and
// Options.Warn told.
func (s *Store) Usage(ctx context.Context) (Usage, error) {
	v, err := s.inventory(ctx, func(err error) error { s.warn(err); return nil })
	if err != nil {
		return Usage{}, err
	}
	u := Usage{Entries: len(v.entries), Blobs: len(v.blobs), Packs: len(v.packs), Bytes: v.bytes(), Kinds: v.kinds()}
	for _, b := range v.blobs {
		if b.users == 0 {
			u.Orphans++
		}
	}
	for _, p := range v.packs {
		u.Blobs += len(p.blobs)
	}
	damaged, err := s.list(damagedDir)
	if err != nil {
		return Usage{}, err
	}
	u.Damaged = len(damaged)
	runs, err := s.list(runsDir)
	if err != nil {
		return Usage{}, err
	}
	for _, f := range runs {
		if strings.HasSuffix(f.Name(), runSuffix) {
			u.Runs++
		}
	}
	err = s.eachLog(func(_ logFile, info fs.FileInfo) error {
		u.Logs += info.Size()
		return nil
	})
	return u, err
}

// kinds adds up entries and blobs by kind, in order of names.
func (v *inventory) kinds() []KindUsage {
	type use struct {
		kind string
		blob *blobFile
	}
	index := map[string]int{}
	counted := map[use]bool{}
	var kinds []KindUsage
	for i := range v.entries {
		e := &v.entries[i]
		at, ok := index[e.kind]
		if !ok {
			at = len(kinds)
			index[e.kind] = at
			kinds = append(kinds, KindUsage{Kind: e.kind})
		}
		k := &kinds[at]
		k.Entries++
		k.Bytes += e.size
		k.Seconds += e.seconds
		for _, d := range e.blobs {
			if b := v.blob(e, d); b != nil && !counted[use{e.kind, b}] {
				counted[use{e.kind, b}] = true
				k.Bytes += b.size
			}
		}
	}
	sort.Slice(kinds, func(i, j int) bool { return kinds[i].Kind < kinds[j].Kind })
	return kinds
}
