package pipeline

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/pipeline/describe"
	"spurion/pipeline/lookup"
	"spurion/pipeline/plan"
	"spurion/pipeline/publish"
	"spurion/pipeline/results"
	"spurion/stages"
)

// The verbs of this file look at what is there: nothing is computed, and the store stays as it is.

// Inspect describes the instances that a pattern selects, with up to rows first rows of each output.
func (e *Experiment) Inspect(ctx context.Context, target string, rows int) ([]describe.InstanceDetail, error) {
	p, nodes, err := e.named(ctx, target)
	if err != nil {
		return nil, err
	}
	details := make([]describe.InstanceDetail, len(nodes))
	for i, n := range nodes {
		if details[i], err = describe.Instance(p, n, describe.Look{Store: e.stored, Rows: rows, Secrets: e.screen, Unset: unset(n.Stage)}); err != nil {
			return nil, fmt.Errorf("%s: %w", n.Address(), err)
		}
	}
	return details, nil
}

// OtherCode gives the kinds of which results were found in the store, by a plan or a run, that this program's code,
// by Config.Code, did not compute; sorted by name. It is for a program that is being changed: by their keys,
// these results are what this version computes.
func (e *Experiment) OtherCode() []*stages.Kind {
	if e.config.Code == nil {
		return nil
	}
	var kinds []*stages.Kind
	for _, m := range e.stored.Makers() {
		for _, k := range []*stages.Kind{e.config.Kinds.Kind(m.Kind), e.config.Kinds.Test(m.Kind)} {
			if k != nil && !slices.Contains(kinds, k) && e.config.Code(k) != "" && m.Program != e.config.program(k) {
				kinds = append(kinds, k)
			}
		}
	}
	slices.SortFunc(kinds, func(a, b *stages.Kind) int { return strings.Compare(a.Name, b.Name) })
	return kinds
}

// named plans what targets need, and gives the instances that they name; no targets name all.
func (e *Experiment) named(ctx context.Context, targets ...string) (*plan.Plan, []*plan.Node, error) {
	p, err := e.Plan(ctx, Selection{Targets: targets})
	if err != nil {
		return nil, nil, err
	}
	patterns, err := plan.ParsePatterns(targets)
	if err != nil {
		return nil, nil, err
	}
	nodes, err := p.Named(patterns)
	return p, nodes, err
}

// Times tells what results took to compute, for every stage that targets select (none: all), in the spec's order;
// with by, for every value of these axes in the stages that have them all.
func (e *Experiment) Times(ctx context.Context, targets, by []string) ([]describe.Times, error) {
	p, patterns, err := e.lay(targets)
	if err != nil {
		return nil, err
	}
	nodes, err := p.Named(patterns)
	if err != nil {
		return nil, err
	}
	took, err := e.took(ctx, targets, p, nodes)
	if err != nil {
		return nil, err
	}
	return describe.TimesOf(nodes, took, by)
}

// Schedule says what keeps all that targets need (none: all) from being computed at once, and how long so many workers
// would take, by what was recorded.
func (e *Experiment) Schedule(ctx context.Context, targets []string, workers []int) (*describe.Schedule, error) {
	p, _, err := e.lay(targets)
	if err != nil {
		return nil, err
	}
	var nodes []*plan.Node
	for i := range p.Nodes {
		if p.Nodes[i].Selected {
			nodes = append(nodes, &p.Nodes[i])
		}
	}
	took, err := e.took(ctx, targets, p, nodes)
	if err != nil {
		return nil, err
	}
	return describe.ScheduleOf(describe.Jobs(p, nodes, took), workers), nil
}

// lay lays out what targets need, without a look at the store.
func (e *Experiment) lay(targets []string) (*plan.Plan, []plan.Pattern, error) {
	patterns, err := plan.ParsePatterns(targets)
	if err != nil {
		return nil, nil, err
	}
	p, err := plan.Lay(e.Spec, patterns)
	return p, patterns, err
}

// took tells what results took to compute, by the records of runs; of instances that no record has, such as those of a run
// that was killed, by what is stored under their keys.
func (e *Experiment) took(ctx context.Context, targets []string, laid *plan.Plan, nodes []*plan.Node) ([]lookup.Took, error) {
	addresses := make([]string, len(nodes))
	for i, n := range nodes {
		addresses[i] = n.Address()
	}
	took, err := e.stored.Took(addresses)
	if err != nil || e.store == nil || !slices.ContainsFunc(took, func(t lookup.Took) bool { return t.Key == (plan.Digest{}) }) {
		return took, err
	}
	p, err := e.Plan(ctx, Selection{Targets: targets})
	if err != nil {
		return nil, err
	}
	for i := range took {
		n := &p.Nodes[laid.ID(nodes[i])]
		if took[i].Key == (plan.Digest{}) && len(n.Outputs) > 0 {
			if took[i], err = e.stored.TookResult(n.Key); err != nil {
				return nil, err
			}
		}
	}
	return took, nil
}

// Verdicts gives the verdict on each claim and each check of the spec.
func (e *Experiment) Verdicts(ctx context.Context) (claims, checks []results.Claim, err error) {
	p, err := e.Plan(ctx, Selection{})
	if err != nil {
		return nil, nil, err
	}
	return results.Verdicts(p, e.shown(e.stored.Blob))
}

// Text gives what one instance left as an output of text, such as "markdown" of "comparison.methods[depth=2]", as it
// may be seen.
func (e *Experiment) Text(ctx context.Context, address, output string) (string, error) {
	_, nodes, err := e.named(ctx, address)
	if err != nil {
		return "", err
	}
	if len(nodes) != 1 {
		return "", plan.Targetf("%s is %d instances, and one is wanted", address, len(nodes))
	}
	n := nodes[0]
	if len(n.Outputs) == 0 {
		return "", fmt.Errorf("%s is not computed", n.Address())
	}
	o := n.Output(output)
	if o == nil {
		return "", plan.Targetf("%s has no output %q", n.Address(), output)
	}
	data, err := e.stored.Blob(o.Digest.String())
	return e.screen.Hide(string(data)), err
}

// ExportOptions say what to export, and how.
type ExportOptions struct {
	Format      string // one of publish.FormatNames
	Compression string // "" stands for the format's default
	// Output is the path of a file or, with Partition, of a folder; it is not used if Writer is set.
	Output string
	Writer io.Writer
	// Partition names axes: the result is a folder of files, hive-partitioned.
	Partition []string
	Columns   []string // nil stands for all
	Where     []string // AXIS=VALUE, with * and ?; several of one axis are alternatives
	AsIs      bool     // no ' before texts of CSV and TSV that a spreadsheet would compute
	Force     bool     // replace the files of an earlier export
	// Convert makes a file of each instance's table; nil for the tables as one.
	Convert *Conversion
}

// A Conversion makes a file of an instance's table.
type Conversion = publish.Conversion

// A Shape is what an output is for those who export it.
type Shape string

// The shapes.
const (
	TableShape  Shape = "table"
	FileShape   Shape = "file"   // raw bytes
	FolderShape Shape = "folder" // of files that a program left
)

// ShapeOf gives the shape of a target of Export; an error says why it is none.
func (e *Experiment) ShapeOf(target string) (Shape, error) {
	_, output, err := results.FindOutput(e.Spec, target)
	if err != nil {
		return "", err
	}
	return shapeOf(output), nil
}

func shapeOf(o stages.Output) Shape {
	switch o.Extension {
	case "":
		return TableShape
	case stages.FolderExtension:
		return FolderShape
	}
	return FileShape
}

// Export writes one output of a stage, given as KIND.NAME.OUTPUT, from what is in the store: a table with the axes as
// columns, files and folders as they are. Instances that are not computed are left out and counted.
func (e *Experiment) Export(ctx context.Context, target string, o ExportOptions) (publish.Exported, error) {
	if e.store == nil {
		return publish.Exported{}, ErrNoStore
	}
	options := publish.ExportOptions{
		Format: frame.Format(o.Format), Compression: o.Compression, Columns: o.Columns, Partition: o.Partition, AsIs: o.AsIs, Force: o.Force,
		Convert: o.Convert, Where: map[string][]string{},
	}
	for _, text := range o.Where {
		axis, value, ok := strings.Cut(text, "=")
		if !ok || axis == "" {
			return publish.Exported{}, plan.Targetf("filter %q is not of the form AXIS=VALUE", text)
		}
		options.Where[axis] = append(options.Where[axis], value)
	}
	st, output, err := results.FindOutput(e.Spec, target)
	if err != nil {
		return publish.Exported{}, err
	}
	p, err := e.Plan(ctx, Selection{Targets: []string{st.ID()}})
	if err != nil {
		return publish.Exported{}, err
	}
	out, source := e.out(e.stored.Blob), results.Output(p, st, output)
	shape := shapeOf(output)
	if o.Convert != nil {
		shape = FileShape
	}
	if shape != TableShape && (len(o.Partition) > 0 || len(o.Columns) > 0) {
		return publish.Exported{}, plan.Targetf("%s is a %s, not a table: --columns and --partition do not go with it", target, shape)
	}
	switch {
	case shape == FolderShape && o.Writer != nil:
		return publish.Exported{}, plan.Targetf("%s is a folder: name a new one to unpack it to with --output", target)
	case shape == FolderShape:
		return publish.Unpack(ctx, o.Output, out, source, options)
	case shape == FileShape && o.Writer != nil:
		return publish.ExportBytes(o.Writer, out, source, options)
	case shape == FileShape:
		return publish.ExportFiles(ctx, o.Output, out, source, options)
	case len(o.Partition) > 0:
		return publish.ExportFolder(ctx, o.Output, out, source, options)
	case o.Writer != nil:
		return publish.Export(ctx, o.Writer, out, source, options)
	}
	return publish.ExportFile(ctx, o.Output, out, source, options)
}
