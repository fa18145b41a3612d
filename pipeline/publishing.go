package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"spurion/artifacts"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/pipeline/results"
)

// publish brings out/ up to date with everything that is in the store, also what a run of some targets
// did not ask for, or one that was stopped did not come to, and completes the report with tables and verdicts.
func (e *Experiment) publish(ctx context.Context, p *plan.Plan, result *engine.Result, r *results.Report) (err error) {
	if !p.Whole() || r.Counts.Canceled > 0 {
		if p, err = e.Plan(ctx, Selection{}); err != nil {
			return err
		}
	}
	outputs, err := results.Outputs(p)
	if err != nil {
		return err
	}
	out := e.out(result.Reader(ctx))
	leave, err := e.alone(ctx, out.Dir)
	if err != nil {
		return err
	}
	defer leave()
	out.Partial = p.Partial()
	out.Page = results.Page(p, r, e.stored, e.shown(out.ReadBlob), e.config.Program)
	written, err := publish.Write(ctx, out, outputs)
	r.AddFiles(out.Dir, written)
	if err != nil {
		err = fmt.Errorf("write %s: %w", out.Dir, err)
		if r.Run != "" || !unwritable(err) { // what is served from a store that may not be written needs no out/ either
			return err
		}
		e.config.note(err.Error() + "; --out names another folder")
	}
	return r.AddFindings(p, e.shown(out.ReadBlob))
}

// alone waits until no other run on this store writes the folder: its state is of one that wrote all of it. Who may not
// write the store goes on.
func (e *Experiment) alone(ctx context.Context, dir string) (leave func(), err error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	leave, err = e.store.Lock(ctx, artifacts.Sum([]byte("out "+abs)), func(owner string) {
		e.config.note(fmt.Sprintf("%s is being written by %s; this run waits for it", dir, owner))
	})
	if errors.Is(err, artifacts.ErrReadOnly) {
		return func() {}, nil
	}
	return leave, err
}

func unwritable(err error) bool {
	return errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS)
}

// out describes what people open, whose outputs are read by their digests.
func (e *Experiment) out(read results.Reader) publish.Out {
	out := publish.Out{
		Dir: filepath.Join(e.config.outDir(), e.Spec.Name), Spec: e.Spec.Name,
		SpecPath: publish.SpecPath(e.config.Path), Description: e.Spec.Description,
		Program: e.config.Program, Variables: map[string]string{}, ReadBlob: read, Hide: e.screen.Hide,
	}
	for _, v := range e.Spec.Variables {
		out.Variables[v.Name] = v.Value
	}
	return out
}
