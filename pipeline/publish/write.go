package publish

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// The layout of the folder.
const (
	indexPath     = "index.json"
	tablesFolder  = "tables"
	figuresFolder = "figures"
	filesFolder   = "files"
)

// A publisher is one call of Write.
type publisher struct {
	out      Out
	folder   folder
	previous *Index
	old      map[string]*Entry // of previous, by path
	state    state
	report   Report
}

// A job is one file to make.
type job struct {
	entry Entry // what is known before: path, stage, content, ...
	// make writes the file; it may hold so many bytes of tables.
	make func(ctx context.Context, e *Entry, f *pending, keep int64) error

	made bool // anew
	err  error
}

func (p *publisher) write(ctx context.Context, sources []Source) error {
	index := p.newIndex()
	jobs := p.jobs(sources, index)
	known := state{Spec: p.state.Spec, Files: maps.Clone(p.state.Files), damaged: p.state.damaged}
	defer func() {
		if !known.equal(&p.state) {
			p.folder.saveState(p.state)
		}
	}()
	if err := p.announce(jobs); err != nil {
		return fmt.Errorf("write %s: %w", indexPath, err)
	}
	if err := p.clearWay(jobs); err != nil {
		return err
	}
	p.do(ctx, jobs)
	var errs []error
	for i := range jobs {
		j := &jobs[i]
		switch {
		case j.err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", j.entry.Path, j.err))
			// what an earlier run made is still there, and known to be older by its content
			if old := p.old[j.entry.Path]; old != nil {
				index.Files = append(index.Files, *old)
			}
			continue
		case j.made:
			p.state.remember(p.folder, j.entry.Path, j.entry.SHA256)
		}
		p.reported(&j.entry, j.made)
		index.Files = append(index.Files, j.entry)
	}
	if p.out.Page != nil {
		if err := p.page(index); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", pagePath, err))
		}
	}
	if len(errs) == 0 {
		errs = append(errs, p.clean(index, sources))
	} else {
		p.keepOthers(index)
	}
	index.hide(p.out.Hide)
	data, err := index.encode()
	if err == nil {
		err = p.folder.write(indexPath, data)
	}
	if err != nil {
		errs = append(errs, fmt.Errorf("write %s: %w", indexPath, err))
	} else {
		p.state.remember(p.folder, indexPath, digestOf(data))
	}
	p.forget(index)
	return errors.Join(errs...)
}

// clearWay removes files of earlier runs that stand where a folder is to be, or in a folder where a file
// is to be: those of a stage that has got its first axis, or lost its last. Nothing else of theirs is
// touched before all files are made.
func (p *publisher) clearWay(jobs []job) error {
	files, folders := map[string]bool{}, map[string]bool{}
	for i := range jobs {
		name := jobs[i].entry.Path
		files[name] = true
		for name = path.Dir(name); name != "."; name = path.Dir(name) {
			folders[name] = true
		}
	}
	inWay := func(name string) bool {
		if folders[name] {
			return true
		}
		for name = path.Dir(name); name != "."; name = path.Dir(name) {
			if files[name] {
				return true
			}
		}
		return false
	}
	kept := p.previous.Files[:0:0]
	for i := range p.previous.Files {
		old := &p.previous.Files[i]
		if !inWay(old.Path) {
			kept = append(kept, *old)
			continue
		}
		if info, err := p.folder.Lstat(old.Path); err != nil || !info.Mode().IsRegular() {
			continue // a killed program has got further
		}
		gone, err := p.folder.remove(old.Path)
		if err != nil {
			return err
		}
		if gone {
			p.report.Removed = append(p.report.Removed, old.Path)
		}
	}
	p.previous.Files = kept
	return nil
}

func (p *publisher) newIndex() *Index {
	return &Index{
		FormatVersion: IndexVersion, Spec: p.out.Spec, Description: p.out.Description,
		Program: p.out.Program, Variables: p.out.Variables, Files: []Entry{}, Partial: p.out.Partial,
	}
}

// jobs says which files there are to be, in the order of the sources, the verdicts last. It notes in
// the index which outputs have none.
func (p *publisher) jobs(sources []Source, index *Index) []job {
	var jobs []job
	verdicts := make([][]*Source, len(roles))
	names := fileNames{}
	for i := range sources {
		s := &sources[i]
		have := s.present()
		switch {
		case s.Claim != nil:
			k := slices.IndexFunc(roles, func(r role) bool { return r.kind == s.Kind })
			verdicts[k] = append(verdicts[k], s)
		case len(have) == 0:
			p.absent(index, Absent{Stage: s.Kind + "." + s.Name, Output: s.Output, Missing: len(s.Instances)})
		case have[0].Extension != "":
			jobs = append(jobs, p.rawJobs(s, names)...)
		default:
			jobs = append(jobs, p.tableJob(s, have, names))
		}
	}
	for k, claims := range verdicts {
		if len(claims) == 0 {
			continue
		}
		if j := p.verdictsJob(roles[k], claims); j.entry.Instances > 0 {
			jobs = append(jobs, j)
		} else {
			p.absent(index, Absent{Output: roles[k].output, Missing: j.entry.Missing})
		}
	}
	return jobs
}

func (p *publisher) absent(index *Index, a Absent) {
	index.Absent = append(index.Absent, a)
	p.report.Absent = append(p.report.Absent, a)
}

// present gives the instances that have a result.
func (s *Source) present() []*Instance {
	have := make([]*Instance, 0, len(s.Instances))
	for i := range s.Instances {
		if s.Instances[i].Digest != "" {
			have = append(have, &s.Instances[i])
		}
	}
	return have
}

// announce lists files that are to be new in the index before they are made, so that one that a
// killed program leaves is not taken for somebody else's.
func (p *publisher) announce(jobs []job) error {
	announced := *p.previous
	announced.FormatVersion, announced.Spec = IndexVersion, p.out.Spec
	announced.Files = slices.Clone(p.previous.Files)
	for i := range jobs {
		if e := &jobs[i].entry; p.old[e.Path] == nil {
			announced.Files = append(announced.Files, Entry{Path: e.Path, Stage: e.Stage, Output: e.Output})
		}
	}
	if len(announced.Files) == len(p.previous.Files) {
		return nil
	}
	data, err := announced.encode()
	if err != nil {
		return err
	}
	return p.folder.write(indexPath, data)
}

// atOnce is how many files are made at once at most; they share keepBytes.
const atOnce = 8

// do makes the files that are not up to date, several at once, and notes in each job what became of it. What is up to
// date has its old entry. Each is read by several goroutines.
func (p *publisher) do(ctx context.Context, jobs []job) {
	var due []*job
	for i := range jobs {
		j := &jobs[i]
		old := p.old[j.entry.Path]
		if old != nil && old.Content == j.entry.Content && p.state.whole(p.folder, old.Path, old.SHA256) {
			j.entry = *old
		} else {
			due = append(due, j)
		}
	}
	workers := max(1, min(atOnce, runtime.GOMAXPROCS(0), len(due)))
	keep := keepBytes / int64(workers)
	var g errgroup.Group
	g.SetLimit(workers)
	for _, j := range due {
		g.Go(func() error {
			j.err = p.make(ctx, j, keep)
			j.made = j.err == nil
			return nil // one that fails does not keep the others from being made
		})
	}
	_ = g.Wait()
}

func (p *publisher) make(ctx context.Context, j *job, keep int64) error {
	f, err := p.folder.create(j.entry.Path)
	if err != nil {
		return err
	}
	if err := j.make(ctx, &j.entry, f, keep); err != nil {
		f.discard()
		return err
	}
	j.entry.Bytes, j.entry.SHA256, j.entry.Tail, err = f.commit()
	return err
}

func (p *publisher) reported(e *Entry, written bool) {
	p.report.Files = append(p.report.Files, File{
		Path: e.Path, Stage: e.Stage, Output: e.Output, Rows: e.Rows, Bytes: e.Bytes,
		Missing: e.Missing, Written: written,
	})
}

// forget drops what is not in the folder any more from the state.
func (p *publisher) forget(index *Index) {
	keep := map[string]bool{indexPath: true, pagePath: true}
	for i := range index.Files {
		keep[index.Files[i].Path] = true
	}
	maps.DeleteFunc(p.state.Files, func(path string, _ seen) bool { return !keep[path] })
}

// has reports whether the experiment still has what a file held: it has no result, or had its place in the grid under
// other variables.
func (p *publisher) has(sources []Source, e *Entry) bool {
	for i := range sources {
		s := &sources[i]
		switch {
		case s.Claim != nil:
			if slices.ContainsFunc(roles, func(r role) bool { return r.path == e.Path && r.kind == s.Kind }) {
				return true
			}
		case s.Kind+"."+s.Name != e.Stage || s.Output != e.Output:
		case e.Address == "": // a table of all instances
			return true
		default:
			return !maps.Equal(p.previous.Variables, p.out.Variables) ||
				slices.ContainsFunc(s.Instances, func(in Instance) bool { return in.Address == e.Address && in.Digest == "" })
		}
	}
	return false
}

// clean removes the files that were there before and are not in the index.
func (p *publisher) clean(index *Index, sources []Source) error {
	keep := map[string]bool{}
	for i := range index.Files {
		keep[index.Files[i].Path] = true
	}
	var errs []error
	for i := range p.previous.Files {
		old := &p.previous.Files[i]
		if keep[old.Path] {
			continue
		}
		gone, err := p.folder.remove(old.Path)
		if err != nil {
			errs = append(errs, err)
			index.Files = append(index.Files, *old) // to be removed next time
		}
		switch {
		case !gone:
		case p.has(sources, old):
			p.report.NotComputed = append(p.report.NotComputed, old.Path)
		default:
			p.report.Removed = append(p.report.Removed, old.Path)
		}
	}
	return errors.Join(errs...)
}

// keepOthers keeps what is not made any more in the index: after an error nothing is removed.
func (p *publisher) keepOthers(index *Index) {
	have := map[string]bool{}
	for i := range index.Files {
		have[index.Files[i].Path] = true
	}
	for i := range p.previous.Files {
		if old := &p.previous.Files[i]; !have[old.Path] {
			index.Files = append(index.Files, *old)
		}
	}
}
