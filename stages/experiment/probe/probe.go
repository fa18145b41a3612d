// Package probe holds the kind "probe": what a linear classifier reads off a network's last hidden
// layer.
package probe

import (
	"context"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// Kind probes a network.
//
//	in   model    the network at its checkpoints, and perhaps the law of its data
//	in   data     optional: samples to probe on, if there is no law
//	out  decoded  a row a checkpoint
//	out  targets  a row a checkpoint and target, if asked for
//	out  parts    a row a checkpoint and part of the first hidden layer, if asked for
//	out  repeats  a row a checkpoint and repeat, if there are several
//
// All checkpoints are probed on the same points: the stream "probe", of repeats from the second on "probe/repeat/K".
var Kind = stages.Define(stages.Kind{
	Name:    "probe",
	Version: 5,
	Doc: `Measures what a linear classifier reads off a network's last hidden layer, at each checkpoint.

Points are uniform on the cube. The decoded core correlation is 2a - 1, where a is the accuracy on
held-out points of a logistic regression from the activations of the last hidden layer to the core
function f_c, fitted on the other points (L2 penalty, C = 1, intercept not penalised; scikit-learn's
defaults without their early stop); the decoded spurious correlation likewise with f_s (Qiu, Kuang and
Goel 2024; Kirichenko, Izmailov and Wilson 2023). Beside them stand the correlations of the network
itself, E[f_c sign(net)] and E[f_s sign(net)], on all points, and the floors that a constant predictor
reaches. A network without a hidden layer is probed on its inputs.

All checkpoints are probed on the same points, so an error persists along the whole curve. A standard error is that of a
share a of n points, 2 sqrt(a (1 - a) / n): of the network's own correlations with all points, of decoded ones with those
held out. The latter says how well the classifier was scored, and not how much depends on the points that it was fitted on.
With repeats = 5 the whole probe is done five times on points drawn anew. Decoded correlations are then means over the
repeats, and their standard errors s / sqrt(5), s being the standard deviation over the repeats: both sources of error are in
it. As five values may lie together by luck, a standard error is at least what the numbers of held-out points give. The
network's own correlations are those on all points of all repeats. What each repeat gave is the output repeats; its first
row of a checkpoint is what a probe without repeats finds.

Without a law, the points are samples of a split of the input data: equally many of each group, so that neither
feature tells of the other and a constant decodes at 0; drawn once, and within each group divided into points to fit and to
score on. What f_c and f_s are there is the label, and the class that the attribute goes with (the attribute itself if it
goes with none, of two). Of K > 2 classes the regression is a softmax regression, with one penalty on all weights, and a correlation
is (K a - 1) / (K - 1), its standard error K / (K - 1) sqrt(a (1 - a) / n); where no attribute goes with one class alone, decoded has no rows.
A decoded correlation of pixels or embeddings means little by itself, as random features may give as much:
controls tell what decodes from the network at step 0, from networks of the same settings with other random weights, and of
targets in a random order. With a law they are there if asked for.

With targets = ["label", "attribute"] there is an output targets too: how well a linear classifier of the same kind tells the
classes of each target apart, of any number, by accuracy and balanced accuracy on the same held-out points, with the same controls.
On a law the label is f_c and the attribute f_s. Data without attributes have the target label alone, on equally many samples of each class.

With parts = true there is an output parts too: what decodes from parts of the first hidden layer (the
last one too, if there is only one): from all neurons; from those with r > 0.5 (part core) and the others
(part spurious), where r = |w_c|² / (|w_c|² + |w_s|²) of the neuron's weights at that checkpoint on
the core and on the spurious block; and from random splits of the neurons into parts of the same
sizes (random_core, random_spurious). A neuron without weight on either block has no r, and is in
neither part. The order of neurons that a random split cuts is drawn once, and is the same at all
checkpoints, and in all repeats. Points and targets are those of decoded. A row is a checkpoint and a part; its columns are
step, part, split (which random split, from 0; else null), neurons (how many), those of decoded about
decoding, floors and points, and missing: why nothing was decoded ("no neurons", "activations not
finite"), else null.`,
	Inputs: []stages.Input{
		{Name: "model", Type: model.Type, Doc: "The model to probe."},
		{Name: "data", Type: dataset.Type, Cardinality: stages.Optional, Doc: "A data set with a split to probe on, for a model whose data has no law."},
	},
	Outputs: []stages.Output{
		{Name: "decoded", Doc: "One row for each checkpoint: decoded correlations, the network's own, floors.", Fields: fields},
	},
	DynamicOutputs: func(settings any) []stages.Output { return settings.(*Settings).outputs() },
	Labels:         slices.Concat(uses, dataset.Reading),
}, run)

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m, err := model.Read(r, "model")
	if err != nil {
		return err
	}
	draw, err := sampler(s, m, r)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	checkpoints := m.Checkpoints
	if s.Checkpoints == "last" {
		checkpoints = checkpoints[len(checkpoints)-1:]
	}
	all := make([][]*row, len(checkpoints))
	for k := range s.repeats() {
		p, err := draw(k)
		if err != nil {
			return fmt.Errorf("probe: %w", err)
		}
		if err := p.prepare(ctx, m); err != nil {
			return fmt.Errorf("probe: controls: %w", err)
		}
		for i, c := range checkpoints {
			found, err := p.measure(ctx, c)
			if err != nil {
				return fmt.Errorf("probe: step %d: %w", c.Step, err)
			}
			all[i] = append(all[i], found)
			r.Progress(int64(k*len(checkpoints)+i+1), int64(s.repeats()*len(checkpoints)))
		}
	}
	return write(r, s, all)
}

// write writes what the repeats found at each checkpoint.
func write(r *stages.Run, s *Settings, all [][]*row) error {
	b, targets := frame.NewBuilder(fields), frame.NewBuilder(targetFields)
	parts, repeats := frame.NewBuilder(partFields), frame.NewBuilder(repeatFields)
	for _, rows := range all {
		pooled := pool(rows)
		pooled.append(b)
		pooled.appendTargets(targets)
		pooled.appendParts(parts)
		if s.repeats() > 1 { // on a law, which pairs them
			for k, found := range rows {
				found.appendRepeat(repeats, k)
			}
		}
	}
	if s.Targets != nil {
		if err := r.WriteBuilt("targets", targets); err != nil {
			return err
		}
	}
	if s.Parts {
		if err := r.WriteBuilt("parts", parts); err != nil {
			return err
		}
	}
	if s.repeats() > 1 {
		if err := r.WriteBuilt("repeats", repeats); err != nil {
			return err
		}
	}
	return r.WriteBuilt("decoded", b)
}

// A probe is the sample of one repeat with its targets.
type probe struct {
	purpose   string            // of the sample's random stream
	law       *datalaw.Compiled // nil without one
	on        string            // where the points are from
	floors    [2]float64
	c         float64
	byPart    bool
	fit, held int
	// points gives the inputs of the points first to first+rows-1, until the next call.
	points func(first, rows int) []float32
	most   int // points that are asked for at once

	targets   []target
	paired    bool  // whether the first two of them are core and spurious
	asked     []int // which of them the setting targets names, in its order
	features  []float32
	scores    []float32 // of so many points as are asked for at once
	predicted []int16

	seed   int64
	splits int
	orders [][]int // of the first layer's neurons, one for each split
	picked []float32

	controlled int // random networks
	initial    []*decoded
	random     []*decoded
	order      []int // of permuted targets
}

// The places of the two targets that the output decoded is about.
const (
	core = iota
	spurious
)

// newProbe draws the sample of a repeat, counted from 0.
func newProbe(s *Settings, law *datalaw.Compiled, repeat int) (*probe, error) {
	p := begin(s, s.controls(true), repeat)
	p.law, p.on, p.floors = law, evaluation.OnLaw, [2]float64{law.CoreFloor(), law.SpuriousFloor()}
	p.fit, p.held = s.split()
	n := law.Dimensions()
	inputs := make([]float32, s.Points*n)
	p.points, p.most = func(first, rows int) []float32 { return inputs[first*n : (first+rows)*n] }, s.Points
	labels, attributes := make([]int16, s.Points), make([]int16, s.Points)
	law.SampleUniform(kernel.NewStream(s.Seed, p.purpose), s.Points, inputs, labels, attributes)
	return p, p.aim(s, &dataset.Description{}, labels, attributes)
}

// begin makes a probe without points.
func begin(s *Settings, controls, repeat int) *probe {
	p := &probe{purpose: "probe", c: s.C, byPart: s.Parts, seed: s.Seed, splits: s.Splits, controlled: controls}
	if repeat > 0 {
		p.purpose = fmt.Sprintf("probe/repeat/%d", repeat)
	}
	return p
}

// A row is what was measured at one checkpoint: on the points of a repeat, or of all of them.
type row struct {
	step    int64
	targets []target
	paired  bool // as of the probe
	asked   []int
	network [2]correlation
	decoded []*decoded // by target; nil if the activations are not finite
	floors  [2]float64
	fit     int
	held    int
	on      string
	parts   []part // those of the first hidden layer, if asked for

	controls controls
}

func (p *probe) measure(ctx context.Context, c model.Checkpoint) (*row, error) {
	r := &row{step: c.Step, targets: p.targets, paired: p.paired, asked: p.asked, floors: p.floors, fit: p.fit, held: p.held, on: p.on}
	if p.paired {
		r.network = p.network(c.Net)
	}
	features := p.activations(c.Net)
	var err error
	if c.Step == 0 && p.controlled > 0 {
		r.decoded = p.initial // the same network on the same points: prepare
	} else if r.decoded, err = p.decodeAll(ctx, features, c.Net.Width(), p.targets); err != nil {
		return nil, err
	}
	if r.controls, err = p.controls(ctx, features, c.Net.Width()); err != nil || !p.byPart {
		return r, err
	}
	r.parts, err = p.parts(ctx, c, r)
	return r, err
}

// network gives the network's own correlations with core and spurious, on all points.
func (p *probe) network(net *neuralnet.Network) (own [2]correlation) {
	width, right := net.ScoreWidth(), [2]int{}
	p.scores, p.predicted = slices.Grow(p.scores[:0], p.most*width)[:p.most*width], slices.Grow(p.predicted[:0], p.most)[:p.most]
	for first := 0; first < p.size(); first += p.most {
		rows := min(p.most, p.size()-first)
		scores, predicted := p.scores[:rows*width], p.predicted[:rows]
		net.Scores(scores, p.points(first, rows), rows)
		neuralnet.Predict(predicted, scores)
		for i, y := range predicted {
			for t := range right {
				if p.targets[t].values[first+i] == y {
					right[t]++
				}
			}
		}
	}
	for t, n := range right {
		own[t] = correlationOf(n, p.size(), p.targets[t].classes)
	}
	return own
}

// size gives the number of points.
func (p *probe) size() int { return p.fit + p.held }

// activations gives those of the last hidden layer, [points, width]: until the next call.
func (p *probe) activations(net *neuralnet.Network) []float32 {
	n := p.size()
	need := n * net.Width()
	if cap(p.features) < need {
		p.features = make([]float32, need)
	}
	p.features = p.features[:need]
	for first := 0; first < n; first += p.most {
		rows := min(p.most, n-first)
		net.Features(p.features[first*net.Width():(first+rows)*net.Width()], p.points(first, rows), rows)
	}
	return p.features
}
