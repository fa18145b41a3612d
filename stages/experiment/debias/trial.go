package debias

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

// A Trial is one run of a method: the data that it may see, its budget of gradient steps, and where
// its results go. Privileged information goes through methods that note its use.
type Trial struct {
	Method MethodSettings

	settings *Settings
	network  neuralnet.NetworkSettings // of settings, with the outputs that the loss and the data ask for
	dataset  *dataset.Dataset
	law      *datalaw.Compiled // nil for external data
	batch    int
	budget   int64
	taken    int64 // gradient steps
	earlier  int64 // of them, before the stage whose network is selected from
	ledger   *dataset.Ledger
	progress func(done, total int64)

	visits []int64 // scheduled evaluations, by steps taken
	record *record
	truth  *truth // for the quality of inferred groups
	notes  []string

	used         *samplesUse    // for the output groups; nil if nothing is known
	groupWeights *frame.Builder // for the output group_weights

	diverged evaluation.Optional
}

// errDiverged ends a method whose numbers overflowed; the trial keeps what was found before.
var errDiverged = errors.New("the training diverged")

// Ledger notes what the method reads for training.
func (t *Trial) Ledger() *dataset.Ledger { return t.ledger }

// Taken gives the gradient steps taken so far, Remaining those left of the budget.
func (t *Trial) Taken() int64 { return t.taken }

// Remaining gives the gradient steps left of the budget.
func (t *Trial) Remaining() int64 { return t.budget - t.taken }

// fresh reports whether batches are fresh samples.
func (t *Trial) fresh() bool {
	return t.settings.Sampling == trainloop.SampleFresh || t.settings.Sampling == trainloop.SampleAuto && t.dataset.Fresh()
}

// Rows gives the number of training samples; 0 with fresh samples.
func (t *Trial) Rows() int {
	if t.fresh() || t.dataset.Train == nil {
		return 0
	}
	return t.dataset.Train.Rows
}

// Classes gives K, the number of classes.
func (t *Trial) Classes() int { return t.dataset.ClassCount() }

// Labels gives the training samples' labels, [Rows].
func (t *Trial) Labels() []int16 { return t.dataset.Train.Labels(t.ledger, dataset.Training) }

// Groups gives the training samples' groups A y + s, [Rows], and notes that the method read them.
func (t *Trial) Groups() []int16 { return t.dataset.Train.Groups(t.ledger, dataset.Training) }

// Network gives a network with initial weights of its own for each name. The one that the method
// returns has the name "", and starts as the kind train's would.
func (t *Trial) Network(name string) *neuralnet.Network {
	net, err := neuralnet.New(t.network, t.dataset.Dimensions, trainloop.InitStream(t.settings.Seed, name))
	if err != nil {
		panic(fmt.Sprintf("debias: network: %v", err)) // run has made one with these settings
	}
	return net
}

// networkOf is Network for other classes than the data's.
func (t *Trial) networkOf(name string, classes int) (*neuralnet.Network, error) {
	s, err := trainloop.NetworkFor(t.settings.Network, t.settings.Loss, classes, &t.dataset.Description)
	if err != nil {
		return nil, fmt.Errorf("a network for %d values: %w", classes, err)
	}
	net, err := neuralnet.New(s, t.dataset.Dimensions, trainloop.InitStream(t.settings.Seed, name))
	if err != nil {
		return nil, fmt.Errorf("network: %w", err)
	}
	return net, nil
}

// Natural gives batches of the data as it is, in an order of its own for each name.
func (t *Trial) Natural(name string) (trainloop.Source, error) {
	return trainloop.Natural(t.dataset, t.law, t.settings.Sampling, t.batch, trainloop.OrderStream(t.settings.Seed, name))
}

// Listed gives batches of listed training samples, as the setting sampling has it: a sample that
// is listed m times counts m times. It keeps the list, which must not be empty.
func (t *Trial) Listed(name string, list []int32) (trainloop.Source, error) {
	stream := trainloop.OrderStream(t.settings.Seed, name)
	if t.settings.Sampling == trainloop.SampleReplacement {
		return trainloop.Drawn(t.dataset.Train, [][]int32{list}, t.batch, stream), nil
	}
	return trainloop.Shuffled(t.dataset.Train, list, t.batch, stream), nil
}

// plain is ERM with the network that is returned. On a finite training set it notes the points that
// the network gets wrong, although it does nothing with them.
func (t *Trial) plain(ctx context.Context, steps int64) error {
	source, err := t.Natural("")
	if err != nil {
		return err
	}
	net := t.Network("")
	stage := Stage{Net: net, Source: source, Steps: steps}
	if t.Rows() > 0 {
		stage.Visit = func(v trainloop.Visit) error {
			wrong, err := t.Wrong(ctx, net)
			if err != nil {
				return err
			}
			return t.Infer(v, Set{What: errorsOf, Members: wrong})
		}
	}
	return t.Train(ctx, stage)
}

// Say adds a sentence to the note in the method's rows: what happened that a reader must know.
func (t *Trial) Say(format string, args ...any) {
	if note := fmt.Sprintf(format, args...); !slices.Contains(t.notes, note) {
		t.notes = append(t.notes, note)
	}
}

// minorityOf gives the set that a partition of the training samples stands for.
func (t *Trial) minorityOf(what string, p Partition) Set {
	return Set{What: what, Members: p.Minority(t.Labels()), Partition: &p}
}

// Infer notes a set that the method infers at a visit. Its quality is for the tables: the method
// learns nothing of it.
func (t *Trial) Infer(v trainloop.Visit, set Set) error {
	if t.truth == nil {
		s, l := t.dataset.Train, t.record.ledger
		if s.HasAttributes() {
			l.Note(frame.MarkGroup, dataset.Evaluation, s.Split) // which is attribute and label
		}
		t.truth = newTruth(&t.dataset.Description, s.Labels(l, dataset.Evaluation), s.Attributes(&dataset.Ledger{}, dataset.Evaluation))
	}
	b := t.record.inference
	b.String("method", t.Method.Name)
	b.Int64("step", v.Step)
	v.Epoch.Float64(b, "epoch")
	t.truth.append(b, &set)
	b.EndRow()
	return nil
}

// scores gives the network's scores on each training sample, as scoresOf does.
func (t *Trial) scores(ctx context.Context, net *neuralnet.Network, use func(row int, scores []float32)) error {
	return scoresOf(ctx, net, t.dataset.Train, use)
}

// scoresOf gives the network's scores on each sample, [ScoreWidth], valid until use returns: the margin of two classes, or
// the logits of more. The error is neuralnet.ErrDiverged if one is not a number.
func scoresOf(ctx context.Context, net *neuralnet.Network, s *dataset.Samples, use func(row int, scores []float32)) error {
	odd := false
	err := evaluation.EachScore(ctx, net, s, func(row int, scores []float32) {
		for _, score := range scores {
			odd = odd || score != score
		}
		use(row, scores)
	})
	if err == nil && odd {
		return fmt.Errorf("training samples: an output is not a number: %w", neuralnet.ErrDiverged)
	}
	return err
}

// features gives the activations of the network's last hidden layer on each training sample,
// [Width], valid until use returns.
func (t *Trial) features(ctx context.Context, net *neuralnet.Network, use func(row int, h []float32)) error {
	s, w := t.dataset.Train, net.Width()
	x, h := make([]float32, chunkRows*s.Dimensions), make([]float32, chunkRows*w)
	return inChunks(ctx, s.Rows, func(first, rows int) {
		s.Inputs(x, first, rows)
		net.Features(h, x, rows)
		for i := range rows {
			use(first+i, h[i*w:(i+1)*w])
		}
	})
}

// chunkRows is how many samples are looked at between two looks at the context.
const chunkRows = 512

// inChunks calls use for so many rows, some at a time. The error is ctx's.
func inChunks(ctx context.Context, rows int, use func(first, rows int)) error {
	for first := 0; first < rows; first += chunkRows {
		if err := ctx.Err(); err != nil {
			return err
		}
		use(first, min(chunkRows, rows-first))
	}
	return nil
}

// access gives what the method and a selection rule read, in words.
func (t *Trial) access(selection *dataset.Ledger) string {
	var both dataset.Ledger
	for _, l := range []*dataset.Ledger{t.ledger, selection} {
		for _, u := range l.Uses() {
			both.Note(u.Mark, u.Purpose, u.Split)
		}
	}
	return both.Access()
}
