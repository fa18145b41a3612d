package debias

import (
	"context"
	"fmt"

	"spurion/stages"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// lff trains a network on the samples that another, which is led to what is easy, fails on.
var lff = &Method{
	Name:    "lff",
	Version: 1,
	Doc: "Two networks with initial weights of their own learn from the same batches. The biased one goes down the mean generalised cross-entropy (1 - p^q)/q, p being the probability that it gives to the label: its gradient is that of the cross-entropy times p^q, and q = 0 is ERM (the published code has a further factor q, which only scales the rate). " +
		"The debiased one, which is selected from, goes down the mean of w l, with l the cross-entropy and w = L_b / (L_b + L_d + 1e-8), where L_b and L_d are the sample's losses by either network, averaged over its visits (the first loss as it is; then the average so far weighs α) and divided by the largest average in the sample's class at that step, 0 if that is 0. " +
		"An update of either network is a gradient step: a batch takes two, the debiased network's first, so that it gets half of the budget. Both use the losses from before either.",
	Source: "Nam, Cha, Ahn, Lee and Shin 2020, algorithm 1; averages and their scale from the published code",
	Finite: true,
	Check: func(s *Settings) []stages.Problem {
		problems := needsProbabilities(s, "weighs losses by the probability of the label")
		if s.total() == 1 {
			problems = append(problems, stages.Problem{Path: "steps", Summary: "No steps for the second network",
				Detail: "A batch takes a step of each of two networks. Write 2 steps or more."})
		}
		return problems
	},
	Run: func(ctx context.Context, t *Trial) error {
		source, err := t.Natural("")
		if err != nil {
			return err
		}
		f, err := newFailures(t, t.Network("biased"), t.Network(""), source)
		if err != nil {
			return err
		}
		err = t.Train(ctx, Stage{Net: f.net, Source: &twice{Source: source}, Step: f.step, Steps: t.Remaining(),
			Visit: func(v trainloop.Visit) error { return t.Infer(v, f.set()) }})
		t.use(nil, func() []float64 { return f.set().Weights })
		return err
	},
}

// twice gives every batch of a source two times, for two networks that learn from it in turn.
type twice struct {
	trainloop.Source
	again bool
}

func (s *twice) Next(b *trainloop.Batch) {
	if !s.again {
		s.Source.Next(b)
	}
	s.again = !s.again
}

func (s *twice) EpochRows() int { return 2 * s.Source.EpochRows() }

// failures are the two networks of LfF, and what each sample's losses by them were.
type failures struct {
	trial            *Trial
	net              *neuralnet.Network // the debiased one
	biased, debiased *neuralnet.Trainer
	easy, hard       *averages // of the losses by the biased, by the debiased network

	turn             bool    // of the biased network
	loss             float64 // of the batch by the debiased network
	general, weights []float32
	silent           []bool // the note tells that a label's samples weighed nothing
}

func newFailures(t *Trial, biased, debiased *neuralnet.Network, source trainloop.Source) (*failures, error) {
	f := &failures{trial: t, net: debiased, silent: make([]bool, t.Classes())}
	steps := t.Remaining()
	var err error
	if f.biased, err = t.trainer(biased, steps/2, source); err != nil {
		return nil, err
	}
	if f.debiased, err = t.trainer(debiased, steps-steps/2, source); err != nil {
		return nil, err
	}
	f.easy, f.hard = newAverages(t.Labels(), t.Classes(), t.Method.LossDecay), newAverages(t.Labels(), t.Classes(), t.Method.LossDecay)
	return f, nil
}

// step updates the debiased network, and with the same batch given again the biased one.
func (f *failures) step(b *trainloop.Batch) (float64, error) {
	f.turn = !f.turn
	if !f.turn {
		f.biased.Backward(f.general)
		return f.loss, f.biased.Update()
	}
	f.weigh(b, b.Forward(f.biased), b.Forward(f.debiased))
	f.debiased.Backward(f.weights)
	return f.loss, f.debiased.Update()
}

// weigh sets the weights of a batch's losses for both networks.
func (f *failures) weigh(b *trainloop.Batch, easy, hard []float32) {
	var sum float64
	for i, row := range b.Index {
		f.easy.add(row, float64(easy[i]))
		f.hard.add(row, float64(hard[i]))
		sum += float64(hard[i])
	}
	f.loss = sum / float64(b.Rows)
	f.general, f.weights = f.general[:0], f.weights[:0]
	for i, row := range b.Index {
		power := kernel.Exp64(-float64(f.trial.Method.Exponent * float64(easy[i]))) // p^q, for a loss of -log p
		f.general = append(f.general, float32(power/float64(b.Rows)))
		f.weights = append(f.weights, float32(f.weight(row)/float64(b.Rows)))
		if silent := &f.silent[b.Labels[i]]; !*silent && f.easy.largest(b.Labels[i]) == 0 {
			*silent = true
			f.trial.Say("In some batches the biased network's losses of all samples of the label %d were 0, and these samples weighed nothing.", b.Labels[i])
		}
	}
}

// weight gives the relative difficulty of a sample that has been in a batch, in [0, 1].
func (f *failures) weight(row int32) float64 {
	easy, hard := f.easy.relative(row), f.hard.relative(row)
	return easy / (easy + hard + 1e-8)
}

// set gives the samples that weigh more than a half.
func (f *failures) set() Set {
	n := len(f.easy.values)
	s := Set{What: weightsOf, Members: make([]bool, n), Weights: make([]float64, n), Used: true}
	unseen := 0
	for row := range s.Weights {
		s.Weights[row] = .5
		if !f.easy.seen(int32(row)) {
			unseen++
			continue
		}
		s.Weights[row] = f.weight(int32(row))
		s.Members[row] = s.Weights[row] > .5
	}
	if unseen > 0 {
		s.Note = fmt.Sprintf("%d samples have been in no batch yet, and stand here with a weight of a half.", unseen)
	}
	return s
}
