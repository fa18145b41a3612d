// Package head is the kind "head": last-layer methods on the networks that a debiasing method gave.
package head

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

// Kind puts a new last layer on the network of every row of a debiasing stage's summary.
//
//	in   model    networks: those that the rules of the base selected
//	in   base     summary of the stage debias that trained them
//	in   data     the data set that they were trained on
//	in   early    optional: a model whose first network "self" compares with
//	out  summary  a row for each row of base
//	out  by_group a row for each row of summary and group
//	out  model    the networks with their new last layers
//	out  predictions  a row for each row of summary and validation or test sample, if asked for
//	out  groups   a row for each row of summary and sample of the split that is fitted on, if asked for
//	out  repeats  a row for each row of summary and repeat of what is measured, if there are several
//
// Equal settings and inputs give equal bytes, on any machine.
var Kind = stages.Define(stages.Kind{
	Name:    "head",
	Version: 7,
	Doc: `Puts a new last layer on the networks that a debiasing method gave, by a published last-layer method.

It works on top of every method of the kind debias, once for each selection rule: the network that
the rule selected gets the new layer, and where the layer's fit itself has steps to choose from, the
same rule chooses them, on held-out points. The rows have the columns of debias's summary, with what
method and head read together in label_access, so that a table can hold both.

Heads:

dfr (Kirichenko, Izmailov and Wilson 2023): L1 logistic regression on features scaled to variance 1
over the set that is fitted on, with a penalised intercept as in liblinear. C is chosen from the grid
on one random half, by the worst group's accuracy of a fit to a group-balanced subset of the other;
then fits to fresh group-balanced subsets of the whole set are averaged. on = "validation" is DFR-Val,
on = "train" DFR-Tr. Features are scaled by the fitted set alone; published codes differ in this.
The kind retrain is one L2 fit, the kind probe decodes features: neither is this.

afr (Qiu, Potapczynski, Izmailov and Wilson 2023): gradient descent on all points at once from the
network's own last layer, on the losses weighted by β exp(-γ p), p the network's probability of the
label, plus anchor times the squared distance from where it started. γ = 0 without balance_class is
a plain refit. Group labels are read by the rule that selects by groups alone.

self (LaBonte, Muthukumar and Kumar 2023): class-balanced descent on the few points of a half of the
validation set on which an early network and this one disagree most; the other half selects.

There may be any number of classes and of groups. Of more than two classes dfr fits each against all others, as liblinear does,
and their margins are the logits; afr takes the softmax probability of the label; self the divergence of the two softmax
distributions. A group without points has no part, and the note names it. dfr reads groups; afr and self run on data without attributes
too, where the rule best_validation_worst_class stands for that by groups.

groups = true tells which samples each new layer was fitted on, in which cell each is, and how much its loss counts.

repeats is evaluation.repeats of the kind train, for the points that networks are measured on.`,
	Inputs: []stages.Input{
		{Name: "model", Type: model.Type, Doc: "The networks that the rules of the base selected."},
		{Name: "base", Type: stages.AnyType, Doc: "The summary of the stage debias that trained them."},
		{Name: "data", Type: dataset.Type, Doc: "The data set that they were trained on."},
		{Name: "early", Type: model.Type, Cardinality: stages.Optional, Doc: "A model whose first network self compares with, such as that of the same stage with fewer steps."},
	},
	Outputs: []stages.Output{
		{Name: "summary", Doc: "One row for each row of the base.", Fields: summaryFields, Values: summaryValues, Diverged: "Try a lower head.rate, or head.clip."},
		groupOutput,
		{Name: "model", Type: model.Type, Doc: "The networks with their new last layers, at the step of the base that each comes from; of rules that selected one step, that of the first. One row for each neuron.", Fields: model.Fields, Internal: true},
	},
	DynamicOutputs: func(settings any) []stages.Output { return settings.(*Settings).outputs() },
	Parts:          parts(),
	Labels:         slices.Concat(labels, dataset.Reading),
}, run)

// labels is what heads, rules and evaluations may read.
var labels = []stages.LabelUse{
	{Mark: frame.MarkGroup, Purpose: dataset.Training},
	{Mark: frame.MarkSplit, Purpose: dataset.Training},
	{Mark: frame.MarkGroup, Purpose: dataset.Selection},
	{Mark: frame.MarkSplit, Purpose: dataset.Selection},
	{Mark: frame.MarkGroup, Purpose: dataset.Evaluation},
	{Mark: frame.MarkSplit, Purpose: dataset.Evaluation},
}

// The rules of the base.
const (
	lastRule     = "last"
	accuracyRule = "best_validation_accuracy"
	worstRule    = "best_validation_worst_group"
	classRule    = "best_validation_worst_class" // of data without attributes
)

// headOf tells what the column head holds.
func headOf(settings any) map[string][]string {
	return map[string][]string{"head": {settings.(*Settings).Head.Name}}
}

// summaryValues tells what the columns head and ended hold.
func summaryValues(settings any) map[string][]string {
	values := headOf(settings)
	values["ended"] = []string{endedSteps, endedDiverged}
	if settings.(*Settings).Head.Name == "dfr" {
		values["ended"] = []string{endedConverged, endedCapped}
	}
	return values
}

var summaryFields = slices.Concat([]frame.Field{
	{Name: "method", Type: frame.String, Doc: "The base's method and the head, joined by +."},
	{Name: "base_method", Type: frame.String, Doc: "The base's method."},
	{Name: "head", Type: frame.String, Doc: "The head."},
	{Name: "selection", Type: frame.String, Doc: "The rule that selected the network's step, and that of the head's fit."},
	{Name: "label_access", Type: frame.String, Doc: "What base, head and rule read beyond training labels, as of the kind debias."},
	{Name: "step", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The step of the base's network."},
	{Name: "steps", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps that the base took; those on the last layer are not among them."},
	{Name: "earlier_steps", Type: frame.Int64, Unit: "steps", Doc: "Those of stages before the one that is selected from."},
	{Name: "head_points", Type: frame.Int64, Unit: "samples", Doc: "Size of the set that the head chooses its points from."},
	{Name: "head_chosen", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "What was chosen for the head: C of dfr, else the step of the descent."},
	{Name: "ended", Type: frame.String, Nullable: true, Doc: "How the fit of the new layer ended: steps (all of the descent's taken, as they are to be) or diverged; of dfr converged, or iterations if some fit took all its iterations without reaching its tolerance. Null without a network."},
	{Name: "converged", Type: frame.Bool, Nullable: true, Doc: "Whether every fit of dfr reached its tolerance; null for a descent, which takes the steps that it is given."},
	{Name: "validation_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Accuracy on the held-out points that choose for the head, to choose its settings by: of afr and self with the chosen layer; of dfr with the fit to the other half that chose C, since the layer itself is fitted on all points."},
	{Name: "validation_worst_group_accuracy", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Least accuracy of the groups that these points have, likewise."},
	{Name: "worst_group_gain", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Worst-group accuracy less that of the base."},
}, evaluation.OptionalMeasureFields(""), evaluation.ScoredFields(""), evaluation.FloorFields(), evaluation.UnseenFields(), evaluation.SplitFields(), evaluation.PointFields(), []frame.Field{
	{Name: "note", Type: frame.String, Nullable: true, Doc: "What happened that a reader must know; null if nothing."},
})

// How a fit ended.
const (
	endedSteps     = "steps"
	endedDiverged  = "diverged"
	endedConverged = "converged"
	endedCapped    = "iterations"
)

// A head is one last-layer method.
type head struct {
	name string
	// version is raised by whoever changes what this head computes: it enters the keys of the head's instances alone.
	version int
	fit     func(ctx context.Context, t *trial, net *neuralnet.Network, rule string) (*neuralnet.Network, error)
}

// heads are all heads, in the order of HeadSettings.Name.
var heads = []head{{"dfr", 2, dfr}, {"afr", 1, afr}, {"self", 1, self}}

func headNamed(name string) *head {
	for i := range heads {
		if heads[i].name == name {
			return &heads[i]
		}
	}
	return nil
}

// parts gives the heads as parts of the kind.
func parts() []stages.Part {
	var list []stages.Part
	for _, h := range heads {
		list = append(list, stages.Part{Setting: "head.name", Name: h.name, Version: h.version})
	}
	return list
}

// A trial is one run of a head; from ledger on it is what became of one row.
type trial struct {
	settings   *Settings
	dataset    *dataset.Dataset
	law        *datalaw.Compiled // nil for external data
	networks   *model.Model
	validation *dataset.Samples
	fresh      bool
	early      *neuralnet.Network
	evaluator  *evaluation.Evaluator
	splits     *evaluation.SplitEvaluator
	unseen     *evaluation.UnseenEvaluator
	measured   dataset.Ledger // what measures read

	predictions *frame.Builder
	samples     *frame.Builder
	repeats     *frame.Builder
	groups      *frame.Builder

	ledger    dataset.Ledger
	chosen    evaluation.Optional
	validated score
	ended     string      // "" if nothing was fitted
	used      *samplesUse // nil without the setting groups, and if nothing was fitted
	notes     []string
}

func (t *trial) say(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(t.notes, note) {
		t.notes = append(t.notes, note)
	}
}

// sayMissing tells which groups, or without attributes which classes, are not among points of a use.
func (t *trial) sayMissing(use string, cells []int16) {
	d := &t.dataset.Description
	what, count, name := "group", d.GroupCount(), d.GroupName
	if !t.validation.HasAttributes() {
		what, count, name = "class", d.ClassCount(), d.ClassName
	}
	sizes := make([]int, count)
	for _, c := range cells {
		sizes[c]++
	}
	if none := evaluation.Missing(sizes, name); none != "" {
		t.say("There are no points of the %s %s among those that %s.", what, none, use)
	}
}

// loss gives the log-loss in the form that fits the network's outputs.
func (t *trial) loss(net *neuralnet.Network) string {
	if net.Outputs() == 1 {
		return "logistic"
	}
	return "cross_entropy"
}

// fitted gives the split that the head is fitted on.
func (t *trial) fitted() (*dataset.Samples, bool, error) {
	if t.settings.Head.On != train {
		return t.validation, t.fresh, nil
	}
	if t.dataset.Train == nil {
		return nil, false, errors.New(`on = "train" needs a finite training set: give the stage that makes the data set a number of training samples, or use on = "validation"`)
	}
	return t.dataset.Train, false, nil
}

// pool gives the points of the split that the head is fitted on.
func (t *trial) pool(net *neuralnet.Network) (*points, error) {
	s, fresh, err := t.fitted()
	if err != nil {
		return nil, err
	}
	return featuresOf(net, s, fresh)
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	t, base, err := prepare(s, r)
	if err != nil {
		return err
	}
	summary, after := frame.NewBuilder(summaryFields), model.New(t.networks.Network, t.networks.Data)
	for row := range base.Rows() {
		net, err := t.row(ctx, base, row, summary)
		if err != nil {
			return fmt.Errorf("row %d of the base: %w", row+1, err)
		}
		step, _ := base.Column("step").Value(row).(int64)
		if net != nil && !slices.ContainsFunc(after.Checkpoints, func(c model.Checkpoint) bool { return c.Step == step }) {
			after.Add(step, net)
		}
		r.Progress(int64(row+1), int64(base.Rows()))
	}
	if err := t.measured.Check(labels); err != nil {
		return err
	}
	if len(after.Checkpoints) == 0 {
		after.Add(t.networks.Last().Step, t.networks.Last().Net)
	}
	if s.repeats() > 1 {
		if err := r.WriteBuilt("repeats", t.repeats); err != nil {
			return err
		}
	}
	if s.perSample() {
		if err := r.WriteBuilt("predictions", t.predictions); err != nil {
			return err
		}
	}
	if s.groups() {
		if err := r.WriteBuilt("groups", t.samples); err != nil {
			return err
		}
	}
	return errors.Join(r.WriteBuilt("summary", summary), r.WriteBuilt("by_group", t.groups), r.WriteBuilt("model", after))
}

func prepare(s *Settings, r *stages.Run) (*trial, *frame.Table, error) {
	t := &trial{settings: s, predictions: frame.NewBuilder(slices.Concat(rowFields[:4], evaluation.PredictionFields)), samples: frame.NewBuilder(sampleFields), repeats: frame.NewBuilder(repeatFields), groups: frame.NewBuilder(groupOutput.Fields)}
	var err error
	if t.networks, err = model.Read(r, "model"); err != nil {
		return nil, nil, err
	}
	early, err := model.Read(r, "early")
	if err != nil {
		return nil, nil, err
	}
	base, err := r.Table("base")
	if err != nil {
		return nil, nil, err
	}
	for _, name := range []string{"method", "selection", "label_access", "step", "steps", "earlier_steps", "worst_group_accuracy"} {
		if base.Column(name) == nil {
			return nil, nil, fmt.Errorf("the base has no column %q: give it the summary of a stage debias", name)
		}
	}
	if t.dataset, t.law, err = trainloop.AnyData(r, "data"); err != nil {
		return nil, nil, err
	}
	if err := t.networks.Fits(&t.dataset.Description); err != nil {
		return nil, nil, err
	}
	if early != nil {
		if err := early.Fits(&t.dataset.Description); err != nil {
			return nil, nil, fmt.Errorf("early: %w", err)
		}
		t.early = early.Checkpoints[0].Net
	}
	if t.validation, t.fresh, err = validationOf(s, t.dataset, t.law); err != nil {
		return nil, nil, err
	}
	if fit, _, err := t.fitted(); err != nil {
		return nil, nil, err
	} else if s.Head.Name == "dfr" && !(fit.HasAttributes() && t.validation.HasAttributes()) {
		return nil, nil, errors.New("dfr fits on group-balanced points, and this data set has no attributes: give it the column attribute (or group), or use afr or self, which read labels alone")
	}
	t.evaluator, err = evaluation.EvaluatorFor(t.dataset, t.law, s.Points, "cross_entropy", trainloop.EvaluationStream(s.Seed), &t.measured)
	if err != nil {
		return nil, nil, err
	}
	if err := t.evaluator.Repeat(trainloop.EvaluationStreams(s.Seed, s.repeats())); err != nil {
		return nil, nil, fmt.Errorf("repeats = %d: %w", s.repeats(), err)
	}
	if t.unseen, err = evaluation.NewUnseenEvaluator(t.dataset.Train, t.law, s.Points, trainloop.UnseenStream(s.Seed), &t.measured); err != nil {
		return nil, nil, err
	}
	if err := t.unseen.Repeat(trainloop.UnseenStreams(s.Seed, s.repeats())); err != nil {
		return nil, nil, err
	}
	t.splits, err = evaluation.NewSplitEvaluator(t.dataset, &t.measured)
	return t, base, err
}
