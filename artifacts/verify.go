package artifacts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// A Finding is something that Verify found.
type Finding struct {
	Path    string // where it is, or where it was set aside
	Problem string // what is wrong, for people
	Key     Digest // of the entry that is affected; zero if it is none, or not known
	Address string // of that entry, if known
}

// A VerifyReport says what Verify checked and found. Each list is in order of names.
type VerifyReport struct {
	Entries, Blobs, Runs int // checked
	Bytes                int64
	Damaged              []Finding // manifests, blobs and run records that fail their check
	Incomplete           []Finding // whole manifests with a blob that is gone or damaged
	Orphans              []Finding // whole blobs that no whole manifest uses; harmless, GC takes them
}

// Sound reports whether nothing is damaged or incomplete.
func (r *VerifyReport) Sound() bool { return len(r.Damaged) == 0 && len(r.Incomplete) == 0 }

// Verify reads every manifest, blob and run record, checks it against its name, and sets damaged
// ones aside (unless the store is read-only). progress, which may be nil, is told of bytes. What is
// published meanwhile may be missed.
func (s *Store) Verify(ctx context.Context, progress func(done, total int64)) (VerifyReport, error) {
	v := verifier{s: s, ctx: ctx, progress: progress, blobs: map[Digest]int64{}}
	for _, step := range []func() error{v.measure, v.checkBlobs, v.checkManifests, v.checkPacks, v.checkRuns} {
		if err := step(); err != nil {
			return v.report, err
		}
	}
	for _, o := range v.orphans {
		if !v.used[o.digest] {
			v.report.Orphans = append(v.report.Orphans, Finding{Path: o.path, Problem: "no entry uses it"})
		}
	}
	return v.report, nil
}

type verifier struct {
	s        *Store
	ctx      context.Context
	progress func(done, total int64)
	total    int64
	blobs    map[Digest]int64 // the sizes of whole blobs
	used     map[Digest]bool
	orphans  []wholeBlob // all whole blobs, in order
	report   VerifyReport
}

type wholeBlob struct {
	digest Digest
	path   string
}

// measure finds out how many bytes there are to read.
func (v *verifier) measure() error {
	add := func(_ string, _ Digest, info fileInfo) error {
		v.total += info.Size()
		return nil
	}
	for _, root := range fanned {
		if err := v.s.eachFanned(v.ctx, root, add); err != nil {
			return err
		}
	}
	err := v.s.eachPack(func(_ string, info fileInfo) error { return add("", Digest{}, info) })
	if err != nil {
		return err
	}
	return v.s.each(entriesDir, add)
}

// advance tells how far the work is, and whether it is to stop.
func (v *verifier) advance(bytes int64) error {
	v.report.Bytes += bytes
	v.total = max(v.total, v.report.Bytes)
	if v.progress != nil {
		v.progress(v.report.Bytes, v.total)
	}
	return v.ctx.Err()
}

// content checks a file that is named by its digest; whole is false if it is damaged or gone.
func (v *verifier) content(path string, d Digest) (size int64, whole bool, err error) {
	for {
		data, _, err := v.s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return 0, false, nil
		}
		if err != nil && isOurs(err) {
			return 0, false, explainRead("verifying "+path, err)
		}
		size = int64(len(data))
		if err == nil && Sum(data) == d {
			return size, true, v.advance(size)
		}
		problem := "does not hold what it is named for"
		if err != nil {
			problem = "cannot be read: " + err.Error()
		}
		if aside := v.s.setAside(path, d, v.s.blobProblem(path, d)); aside != "" {
			v.report.Damaged = append(v.report.Damaged, Finding{Path: aside, Problem: path + " " + problem})
			return size, false, v.advance(size)
		}
	}
}

func (v *verifier) checkBlobs() error {
	return v.s.eachFanned(v.ctx, blobsDir, func(path string, d Digest, _ fileInfo) error {
		v.report.Blobs++
		size, whole, err := v.content(path, d)
		if whole {
			v.blobs[d] = size
			v.orphans = append(v.orphans, wholeBlob{d, path})
		}
		return err
	})
}

func (v *verifier) checkManifests() error {
	v.used = make(map[Digest]bool, len(v.blobs))
	return v.s.eachFanned(v.ctx, manifestsDir, func(path string, key Digest, _ fileInfo) error {
		v.report.Entries++
		data, _, err := v.s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil && isOurs(err) {
			return explainRead("verifying "+path, err)
		}
		var m *Manifest
		if err == nil {
			m, err = parseManifest(data)
		}
		if err == nil && m.Key != key {
			err = errors.New("it is that of another key")
		}
		if err != nil {
			if aside := v.s.setAside(path, key, v.s.manifestProblem(path, key)); aside != "" {
				v.report.Damaged = append(v.report.Damaged, Finding{Path: aside, Problem: path + ": " + err.Error(), Key: key})
			}
			return v.advance(int64(len(data)))
		}
		if err := v.checkOutputs(m, path); err != nil {
			return err
		}
		return v.advance(int64(len(data)))
	})
}

// checkOutputs compares a whole manifest with the blobs found.
func (v *verifier) checkOutputs(m *Manifest, path string) error {
	for i := range m.Outputs {
		o := &m.Outputs[i]
		v.used[o.Digest] = true
		size, whole := v.blobs[o.Digest]
		if !whole { // or it was published since
			info, err := v.s.fs.Stat(v.s.blobPath(o.Digest))
			if err != nil && isOurs(err) {
				return explainRead("verifying "+path, err)
			}
			if err == nil && !v.s.readOnly {
				size, whole = info.Size(), true
			}
		}
		problem := ""
		switch {
		case !whole:
			problem = "is gone or damaged"
		case size != o.Size:
			problem = fmt.Sprintf("has %d bytes instead of %d", size, o.Size)
		default:
			continue
		}
		v.report.Incomplete = append(v.report.Incomplete, Finding{
			Path: path, Problem: fmt.Sprintf("output %q: blob %s %s", o.Name, o.Digest, problem), Key: m.Key, Address: m.Address,
		})
		return nil
	}
	return nil
}

// checkPacks checks all that is in packs.
func (v *verifier) checkPacks() error {
	return v.s.eachPack(func(path string, info fileInfo) error {
		data, _, err := v.s.fs.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil && isOurs(err) {
			return explainRead("verifying "+path, err)
		}
		var losses []loss
		if err == nil {
			if p, headErr := parseHead(data, int64(len(data))); headErr == nil {
				v.report.Entries += len(p.entries)
				v.report.Blobs += len(p.blobs)
			}
			_, losses, err = unpack(data)
		}
		if err != nil {
			losses = []loss{{problem: err.Error()}}
		}
		if len(losses) > 0 {
			aside, _, err := v.s.salvage(path)
			if err != nil {
				return err
			}
			for _, l := range losses {
				if aside != "" {
					v.report.Damaged = append(v.report.Damaged, Finding{Path: aside, Problem: path + ": " + l.problem, Key: l.key, Address: l.address})
				}
			}
		}
		return v.advance(int64(len(data)))
	})
}

// checkRuns checks the headers of run records and the lists of their entries.
func (v *verifier) checkRuns() error {
	err := v.s.each(entriesDir, func(path string, d Digest, _ fileInfo) error {
		_, _, err := v.content(path, d)
		return err
	})
	if err != nil {
		return err
	}
	files, err := v.s.list(runsDir)
	if err != nil {
		return err
	}
	for _, f := range files {
		id, ok := strings.CutSuffix(f.Name(), runSuffix)
		if !ok || checkID(id) != nil {
			continue
		}
		v.report.Runs++
		_, err := v.s.LoadRun(id)
		switch {
		case err == nil || errors.Is(err, fs.ErrNotExist):
		case errors.Is(err, ErrDamaged), errors.Is(err, ErrUnreadable):
			path := v.s.runPath(id, runSuffix)
			if errors.Is(err, ErrDamaged) { // without its entries a record is of no use, and would be found again and again
				path = cmp.Or(v.s.setAside(path, Sum([]byte(id)), func() (string, error) { return v.s.recordProblem(path, id) }), path)
			}
			v.report.Damaged = append(v.report.Damaged, Finding{Path: path, Problem: err.Error()})
		default:
			return err
		}
	}
	return v.ctx.Err()
}
