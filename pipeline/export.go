package pipeline

import (
	"context"
	"io"
	"strings"

	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/pipeline/spec"
)

// ExportOptions say what to export, and how.
type ExportOptions struct {
	Format      string // "parquet", "arrow", "csv", "jsonl"
	Compression string // "" stands for the format's default
	// Output is the path of a file or, with Partition, of a folder; it is not used if Writer is set.
	Output string
	Writer io.Writer
	// Partition names axes: the result is a folder of files, hive-partitioned.
	Partition []string
	Columns   []string // nil stands for all
	Where     []string // AXIS=VALUE, with * and ?; several of one axis are alternatives
	Force     bool     // replace the files of an earlier export
}

// An Exported is what was exported.
type Exported = publish.Exported

// Export writes one output of a stage, given as KIND.NAME.OUTPUT, with the axes as columns, from what is
// in the store. Instances that are not computed are left out and counted.
func (e *Experiment) Export(ctx context.Context, target string, o ExportOptions) (Exported, error) {
	if e.store == nil {
		return Exported{}, ErrNoStore
	}
	options := publish.ExportOptions{
		Format: frame.Format(o.Format), Compression: o.Compression, Columns: o.Columns, Partition: o.Partition, Force: o.Force,
	}
	var err error
	if options.Where, err = parseWhere(o.Where); err != nil {
		return Exported{}, err
	}
	source, err := e.exportSource(ctx, target)
	if err != nil {
		return Exported{}, err
	}
	out := e.outFolder(e.blobReader(ctx, nil, nil))
	switch {
	case len(o.Partition) > 0:
		return publish.ExportFolder(ctx, o.Output, out, source, options)
	case o.Writer != nil:
		return publish.Export(ctx, o.Writer, out, source, options)
	}
	return publish.ExportFile(ctx, o.Output, out, source, options)
}

func parseWhere(texts []string) (map[string][]string, error) {
	where := map[string][]string{}
	for _, text := range texts {
		axis, value, ok := strings.Cut(text, "=")
		if !ok || axis == "" {
			return nil, plan.Targetf("filter %q is not of the form AXIS=VALUE", text)
		}
		where[axis] = append(where[axis], value)
	}
	return where, nil
}

// exportSource finds the output that a target names. KIND.NAME alone stands for a stage's only table
// for people.
func (e *Experiment) exportSource(ctx context.Context, target string) (publish.Source, error) {
	parts := strings.Split(target, ".")
	if len(parts) != 2 && len(parts) != 3 {
		return publish.Source{}, plan.Targetf("%q is not of the form KIND.NAME.OUTPUT", target)
	}
	st, err := e.stage(parts[0] + "." + parts[1])
	if err != nil {
		return publish.Source{}, err
	}
	outputs, err := stageOutputs(st)
	if err != nil {
		return publish.Source{}, err
	}
	var names, fits []string
	chosen := -1
	for i, o := range outputs {
		names = append(names, o.Name)
		if len(parts) == 3 && o.Name == parts[2] || len(parts) == 2 && !o.Internal && o.Extension == "" {
			fits = append(fits, o.Name)
			chosen = i
		}
	}
	if len(fits) != 1 {
		return publish.Source{}, plan.Targetf("%q names no single output of %s; it has %s", target, st.ID(), strings.Join(names, ", "))
	}
	if o := outputs[chosen]; o.Extension != "" {
		where := "it is under the out folder"
		if o.Internal {
			where = "spurion show gives the path of each instance's in the store"
		}
		return publish.Source{}, plan.Targetf("%s is a %s file, not a table; %s", target, o.Extension, where)
	}
	p, err := e.Plan(ctx, Selection{Targets: []string{st.ID()}})
	if err != nil {
		return publish.Source{}, err
	}
	return source(p, st, outputs[chosen]), nil
}

func (e *Experiment) stage(id string) (*spec.Stage, error) {
	var ids []string
	for _, st := range plan.StageOrder(e.Spec) {
		if st.ID() == id {
			return st, nil
		}
		ids = append(ids, st.ID())
	}
	return nil, plan.Targetf("there is no stage %s; there are %s", id, strings.Join(ids, ", "))
}
