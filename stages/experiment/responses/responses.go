// Package responses holds the kind "responses": what units of a network respond to, and what it does without them.
package responses

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
)

// Kind looks at the units of networks on inputs that are put together of core and spurious parts.
//
//	in   model      the network at its checkpoints
//	in   data       optional: samples to take parts of; without it, the model's law is drawn from
//	out  units      a row a checkpoint, hidden layer and unit
//	out  summary    a row a checkpoint and hidden layer
//	out  ablations  a row a checkpoint and ablation
//
// All checkpoints are looked at on the same inputs. Streams: "responses/law" for what is drawn from a law, "responses/grid",
// "responses/points", "responses/permutation", "responses/random units/L" for layer L. Equal settings and inputs give equal bytes.
var Kind = stages.Define(stages.Kind{
	Name:    "responses",
	Version: 1,
	Doc: `Tells which units of a network respond to the core feature and which to the spurious one, and what the network does without them.

A grid of inputs is put together: each of core_inputs core parts with each of spurious_inputs spurious parts, from samples that
know where either feature lies (what compose makes, or Boolean data with a law, whose blocks these are). The variance of a unit's
response on the grid has three components: what is due to the core part alone, to the spurious part alone, and to both together.
With mean squares MS of a two-way analysis of variance without replication, for n core and m spurious inputs, they are

    core = (MS_core - MS_interaction) / m,  spurious = (MS_spurious - MS_interaction) / n,  interaction = MS_interaction,

or 0 where that is negative (two crossed random factors: Searle, Casella and McCulloch 1992, Variance Components, ch. 4), so
that a larger grid gives the same but for chance. Then r = core / (core + spurious). A unit with r above core_above belongs to the
core subnetwork, one with r below spurious_below to the spurious subnetwork. Coordinates in neither part are those of another
sample in each cell, and count as interaction. Classes are balanced, not drawn, which makes variances between them too large by n/(n-1).
On a linear unit of uniform Boolean inputs r is core_share of train's neurons, |w_c|² / (|w_c|² + |w_s|²); elsewhere it tells
what weights do not: on images much of them lies on pixels that hardly vary.

Two subnetworks exist if the network does without one what the other is for. So the output ablations has core and spurious
correlation, and accuracy, of the network as it is, without a part of its inputs, without the units of either subnetwork of a hidden
layer, and without as many units at random: means over the draws, with their spread. What is ablated is replaced as part_ablation and unit_ablation say
(zero: Morcos et al. 2018, On the Importance of Single Directions for Generalization). Points for that are put together
too, equally many in each group, so that core and spurious feature are independent whatever the strength of the data. A standard error is that of shares of so many
points; points are the same for all checkpoints and ablations, so differences between these are more exact.

A network whose inputs go through its first layer is the sum of what each part gives to it, so its numbers may differ from those of
train in the last digit.`,
	Inputs: []stages.Input{
		{Name: "model", Type: model.Type, Doc: "The networks to look at."},
		{Name: "data", Type: dataset.Type, Cardinality: stages.Optional, Doc: "The data set whose samples' parts are put together, with attributes; not needed if the model's data has a law."},
	},
	Outputs: outputs,
	Labels:  slices.Concat(labels, dataset.Reading),
}, run)

// labels is what balancing and measures read.
var labels = []stages.LabelUse{
	{Mark: frame.MarkAttribute, Purpose: dataset.Evaluation},
	{Mark: frame.MarkSplit, Purpose: dataset.Evaluation},
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m, p, err := read(s, r)
	if err != nil {
		return fmt.Errorf("responses: %w", err)
	}
	g, err := p.newGrid(s, 2*widest(m))
	if err != nil {
		return fmt.Errorf("responses: %w", err)
	}
	t, err := newTester(s, p)
	if err != nil {
		return fmt.Errorf("responses: %w", err)
	}
	v := &viewer{settings: s, grid: g, anova: newAnova(g.n, g.m)}
	checkpoints := m.Checkpoints
	if s.Checkpoints == "last" {
		checkpoints = checkpoints[len(checkpoints)-1:]
	}
	units, summary, ablations := frame.NewBuilder(unitFields), frame.NewBuilder(summaryFields), frame.NewBuilder(ablationFields)
	for i, c := range checkpoints {
		f := stemOf(c.Net, p.parts)
		layers, err := v.view(ctx, c.Net, f)
		if err != nil {
			return err
		}
		for l, list := range layers {
			appendUnits(units, c.Step, l+1, list)
			appendSummary(summary, c.Step, l+1, take(list), g)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		t.append(ablations, c.Step, t.ablate(c.Net, f, layers))
		r.Progress(int64(i+1), int64(len(checkpoints)))
	}
	return errors.Join(r.WriteBuilt("units", units), r.WriteBuilt("summary", summary), r.WriteBuilt("ablations", ablations))
}

// read reads the model and the samples.
func read(s *Settings, r *stages.Run) (*model.Model, *pool, error) {
	m, err := model.Read(r, "model")
	if err != nil {
		return nil, nil, err
	}
	made, err := r.Decoded("data", dataset.Decoder)
	if err != nil {
		return nil, nil, err
	}
	about := &m.Data
	var d *dataset.Dataset
	if made != nil {
		d = made.(*dataset.Dataset)
		about = &d.Description
	}
	if err := m.Fits(about); err != nil {
		return nil, nil, err
	}
	ledger := &dataset.Ledger{}
	p, err := newPool(s, d, about, ledger)
	if err != nil {
		return nil, nil, err
	}
	return m, p, ledger.Check(labels)
}

// widest gives the width of a model's widest layer.
func widest(m *model.Model) int {
	most := 0
	if image := m.Last().Net.Image; image != nil {
		most = image.Out.Size()
	}
	for _, l := range m.Last().Net.Layers {
		most = max(most, l.Out)
	}
	return most
}
