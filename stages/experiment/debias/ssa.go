package debias

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// ssa is Spread Spurious Attribute.
var ssa = &Method{
	Name:    "ssa",
	Version: 1,
	Doc: "Learns to predict the spurious attribute from the validation split, and trains by GroupDRO on the groups of label and predicted attribute. The training samples are divided into K = `splits` random parts, and the validation samples into two halves. For each part a predictor starts afresh and takes `split_steps` steps; half of a batch is drawn from the first half of the validation samples, with their attributes, and half from the training samples outside the part, both with replacement. " +
		"It goes down the mean loss of the former, plus that of those of the latter that it is sure enough of, under the attribute that it predicts for them. Sure enough is, in the smallest group g of the labelled half, a confidence of τ = `confidence`; in every other group (of label and prediction; there are as many predictions as the attribute has values) the least threshold with which its labelled and its sure samples are together no more than those of g. " +
		"Thresholds are found anew, with all samples, every `split_every` steps. Then, too, but not before its first step, and after its last, the predictor is tried on the second half of the validation samples, and the one with the best worst-group accuracy, the earliest of equals, labels the part. The steps of all predictors count; their stages are in history only if there are as many values as classes. " +
		"The published objective is followed by means over the samples that it sums; the code of a benchmark that is often used (SpuCo) compares logits with τ and never clears its gradients. The validation split that rules select on is the one that is learned from, as published.",
	Source: "Nam, Kim, Lee and Shin 2022, algorithm 1",
	Reads:  []Access{{frame.MarkGroup, dataset.ValidationSplit}},
	Finite: true,
	Check: func(s *Settings) []stages.Problem {
		var problems []stages.Problem
		first, total, epochs := s.Method.Splits*s.Method.SplitSteps, int(s.total()), s.Method.SplitEpochs
		switch {
		case epochs == nil && total > 0 && first >= total:
			problems = append(problems, stages.Problem{Path: "method.split_steps", Summary: "No steps left for the second stage",
				Detail: fmt.Sprintf("The predictors take %d of %d steps, and their steps count. Write smaller split_steps, or more steps.", first, total)})
		case epochs != nil && s.Epochs != nil && float64(s.Method.Splits)**epochs >= *s.Epochs:
			problems = append(problems, stages.Problem{Path: "method.split_epochs", Summary: "No epochs left for the second stage",
				Detail: fmt.Sprintf("The %d predictors take %s of %s epochs each, and their steps count. Write smaller split_epochs, or more epochs.",
					s.Method.Splits, stages.FormatFloat(*epochs), stages.FormatFloat(*s.Epochs))})
		}
		problems = append(problems, needsProbabilities(s, "asks how sure a predictor is")...)
		if s.Method.Batches != natural {
			problems = append(problems, checkBalanced(s, "batches", s.Method.Batches)...)
		}
		return problems
	},
	Run: runSSA,
}

func runSSA(ctx context.Context, t *Trial) error {
	l, err := t.labelled()
	if err != nil {
		return err
	}
	parts := trainloop.All(t.Rows())
	kernel.Shuffle(parts, trainloop.MethodStream(t.settings.Seed, "splits"))
	attributes := make([]int16, t.Rows())
	k := t.Method.Splits
	var last trainloop.Visit
	for i := range k {
		part := parts[i*len(parts)/k : (i+1)*len(parts)/k]
		if last, err = t.predictAttributes(ctx, l, part, fmt.Sprintf("split %d", i+1), attributes); err != nil {
			return err
		}
	}
	d := &t.dataset.Description
	p, err := Partition{d.ValueCount(), attributes}.crossed(t.Labels(), d.ClassCount())
	if err != nil {
		return err
	}
	set := attributeSet(d, t.Labels(), attributes)
	set.Used = true
	if err := t.Infer(last, set); err != nil {
		return err
	}
	return t.robust(ctx, byCells("label and predicted attribute", crossedNames(d, d.ValueCount(), d.AttributeName), p.Cells))
}

// attributeSet is the minority that predicted attributes stand for: where they are not those that go with the labels or, if
// there are no such, outside the largest group of the label.
func attributeSet(d *dataset.Description, labels, attributes []int16) Set {
	s := Set{What: attributeOf, Partition: &Partition{d.ValueCount(), attributes}}
	if s.Members = minorityOf(d, labels, attributes); s.Members == nil {
		s.Members = s.Partition.Minority(labels)
	}
	return s
}

// labelled is what SSA learns the attribute from: training samples without theirs, then validation samples with
// theirs.
type labelled struct {
	data    *dataset.Description
	samples *dataset.Samples // as labels: 0 of training samples, the attribute of validation samples
	train   int              // training samples
	labels  []int16          // of training samples
	groups  []int16          // of validation samples

	learned, tried []int32 // the halves of the validation samples, as rows of samples
	sizes          []int   // of the groups among the learned
}

// labelled reads the groups of the validation split.
func (t *Trial) labelled() (*labelled, error) {
	train, validation := t.dataset.Train, t.dataset.Validation
	if validation == nil || validation.Rows < 2 || t.Rows() < t.Method.Splits {
		return nil, fmt.Errorf("the attribute is learned from the validation split and predicted for %d parts of the training split: the data set needs two validation samples, and a training sample for each part", t.Method.Splits)
	}
	d := &t.dataset.Description
	if d.ValueCount() < 2 {
		return nil, errors.New("the attribute has one value, so that there is nothing to learn of it")
	}
	l := &labelled{data: d, train: train.Rows, labels: t.Labels(), groups: validation.Groups(t.ledger, dataset.Training), sizes: make([]int, d.GroupCount())}
	marks := dataset.Marks{Classes: d.ValueCount(), Values: 1, Labels: make([]int16, train.Rows)}
	for _, g := range l.groups {
		marks.Labels = append(marks.Labels, d.AttributeOf(g))
	}
	var err error
	if l.samples, err = dataset.New(dataset.TrainSplit, joined(train, validation), marks); err != nil {
		return nil, err
	}
	rows := trainloop.All(l.samples.Rows)[train.Rows:]
	kernel.Shuffle(rows, trainloop.MethodStream(t.settings.Seed, "labelled"))
	l.learned, l.tried = rows[:(len(rows)+1)/2], rows[(len(rows)+1)/2:]
	for _, row := range l.learned {
		l.sizes[l.group(row)]++
	}
	if none := evaluation.Missing(l.sizes, d.GroupName); none != "" {
		t.Say("There are no samples of the group %s among those that the attribute is learned from.", none)
	}
	return l, nil
}

// joined gives the inputs of two splits, one after the other, in the form that they have in common.
func joined(first, second *dataset.Samples) dataset.Inputs {
	a, b := first.Raw(), second.Raw()
	in := dataset.Inputs{Dimensions: a.Dimensions}
	switch {
	case first.Signs() && second.Signs():
		in.Signs = slices.Concat(a.Signs, b.Signs)
	case a.Bytes != nil && b.Bytes != nil && a.Scale == b.Scale && a.Offset == b.Offset:
		in.Bytes, in.Scale, in.Offset = slices.Concat(a.Bytes, b.Bytes), a.Scale, a.Offset
	default:
		in.Floats = make([]float32, (first.Rows+second.Rows)*a.Dimensions)
		first.Inputs(in.Floats, 0, first.Rows)
		second.Inputs(in.Floats[first.Rows*a.Dimensions:], 0, second.Rows)
	}
	return in
}

// group gives the group of a validation sample, by its row in samples.
func (l *labelled) group(row int32) int16 { return l.groups[int(row)-l.train] }

// predictAttributes trains the predictor of a part of the training samples, and sets their attributes.
// It gives the last look at the training.
func (t *Trial) predictAttributes(ctx context.Context, l *labelled, part []int32, name string, attributes []int16) (last trainloop.Visit, err error) {
	p, err := newPredictor(t, l, part, name)
	if err != nil {
		return last, err
	}
	err = t.Train(ctx, Stage{Name: name, Net: p.net, Source: p.source, Steps: p.steps, Unmeasured: t.Classes() != l.data.ValueCount(),
		Step: func(b *trainloop.Batch) (float64, error) { return p.step(ctx, b) },
		Visit: func(v trainloop.Visit) error {
			last = v
			predicted, err := p.predict(ctx)
			if err != nil {
				return err
			}
			return t.Infer(v, attributeSet(l.data, l.labels, predicted))
		}})
	if err == nil {
		err = p.look(ctx)
	}
	if err != nil {
		return last, err
	}
	p.try()
	p.net.CopyFrom(p.best)
	predicted, err := p.predict(ctx)
	if err != nil {
		return last, err
	}
	for _, row := range part {
		attributes[row] = predicted[row]
	}
	if p.worst == 0 {
		t.Say("The predictor of the %s is right about none of the samples of some group that it is tried on.", name)
	}
	return last, nil
}
