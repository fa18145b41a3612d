package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"time"

	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// A trainRequest asks a side for something of a job.
type trainRequest struct {
	// Of all sides: about; train, for so many steps; check, which gives the losses of so many first steps.
	// Of Spurion's: matrix; peak; write, the fixed set and the weights to start from, to the job's files.
	// Of a peer's: variants; draw, to files beside the job's, so many rows as its own loop draws them.
	Do      string `json:"do"`
	Job     job    `json:"job"`
	Variant string `json:"variant"` // of a peer
	Steps   int    `json:"steps"`
}

// A trainAnswer says how long it took.
type trainAnswer struct {
	Seconds    float64 `json:"seconds"`
	Steps      int     `json:"steps"`      // that were taken, of all seeds together
	Loss       float64 `json:"loss"`       // of the last batch or batches, in nats
	Operations float64 `json:"operations"` // of peak: fused multiply-adds

	Path     string    `json:"path,omitempty"`     // of about: Spurion's loops
	Variants []string  `json:"variants,omitempty"` // of a peer: its ways to do the job
	Losses   []float64 `json:"losses,omitempty"`   // of check: each step's, before it
}

// serveTraining is the hidden side command that trains as the kind train does.
func serveTraining(in io.Reader, out io.Writer) error {
	trainings := map[string]*training{}
	return serve(in, out, func(r *trainRequest) (any, error) {
		switch r.Do {
		case "about":
			return trainAnswer{Path: kernel.Path()}, nil
		case "peak":
			return peak(), nil
		case "matrix":
			return trainAnswer{Seconds: newReplay(&r.Job).run(r.Steps)}, nil
		case "write":
			return trainAnswer{}, r.Job.write()
		case "check":
			return r.Job.check(r.Steps)
		}
		t := trainings[r.Job.Name]
		if t == nil {
			var err error
			if t, err = newTraining(&r.Job); err != nil {
				return nil, err
			}
			trainings[r.Job.Name] = t
		}
		return t.run(r.Steps)
	})
}

// peak gives the fastest of short bursts of multiply-adds.
func peak() trainAnswer {
	var best trainAnswer
	for range 40 {
		begin := time.Now()
		n := float64(kernel.Burst(500_000))
		if s := time.Since(begin).Seconds(); best.Seconds == 0 || n/s > best.Operations/best.Seconds {
			best = trainAnswer{Seconds: s, Operations: n}
		}
	}
	return best
}

// A training goes on from request to request.
type training struct {
	source trainloop.Source
	step   trainloop.Step
	done   int64
}

// start gives the network that trainings start from.
func (j *job) start() (*neuralnet.Network, error) {
	return neuralnet.New(j.network(), j.Inputs, trainloop.InitStream(1, ""))
}

func newTraining(j *job) (*training, error) {
	net, err := j.start()
	if err != nil {
		return nil, err
	}
	trainer, err := neuralnet.NewTrainer(net, "cross_entropy", j.optimizer(), j.Batch)
	if err != nil {
		return nil, err
	}
	t := &training{step: trainloop.Descend(trainer, nil)}
	t.source, err = j.source()
	return t, err
}

// run takes steps with the loop of the kinds that train.
func (t *training) run(steps int) (*trainAnswer, error) {
	end := t.done + int64(steps)
	a := &trainAnswer{Steps: steps}
	phase := trainloop.Phase{
		Source: t.source, Step: t.step, First: t.done, Last: end, Visits: []int64{end},
		Visit: func(v trainloop.Visit) (bool, error) {
			a.Loss = v.TrainingLoss.Value
			return false, nil
		},
	}
	begin := time.Now()
	out, err := trainloop.Fit(context.Background(), phase)
	a.Seconds = time.Since(begin).Seconds()
	if err == nil && out.Diverged.Valid {
		err = fmt.Errorf("the training diverged at step %v", out.Diverged.Value)
	}
	t.done = end
	return a, err
}

// check gives the losses of the first steps, each before its step.
func (j *job) check(steps int) (*trainAnswer, error) {
	t, err := newTraining(j)
	if err != nil {
		return nil, err
	}
	losses, err := t.losses(steps)
	if err != nil {
		return nil, err
	}
	return &trainAnswer{Losses: losses}, nil
}

// losses takes steps, and gives the loss before each.
func (t *training) losses(steps int) ([]float64, error) {
	var all []float64
	for range steps {
		a, err := t.run(1)
		if err != nil {
			return nil, err
		}
		all = append(all, a.Loss)
	}
	return all, nil
}

// source gives where the job's batches come from.
func (j *job) source() (trainloop.Source, error) {
	law, err := j.law().Compile()
	if err != nil {
		return nil, err
	}
	if j.Data == "fresh" {
		return trainloop.Fresh(law, j.Batch, trainloop.OrderStream(1, ""), law.Confounded()), nil
	}
	s, err := j.samples(law)
	switch {
	case err != nil:
		return nil, err
	case j.Data == "epochs":
		return trainloop.Shuffled(s, trainloop.All(s.Rows), j.Batch, trainloop.OrderStream(1, "")), nil
	case j.Rows == j.Batch:
		return trainloop.Whole(s), nil
	}
	return newCycle(s, j.Batch, !j.Reals), nil
}

func (j *job) samples(law *datalaw.Compiled) (*dataset.Samples, error) {
	packed := make([]uint64, j.Rows*law.Words())
	labels, attributes := make([]int16, j.Rows), make([]int16, j.Rows)
	law.SampleBits(kernel.NewStream(1, "bench/set"), law.Confounded(), j.Rows, packed, labels, attributes)
	return dataset.Pack(dataset.TrainSplit, j.Inputs, packed, labels, attributes)
}

// write writes what the other sides are given: the fixed set, and the weights to start from.
func (j *job) write() error {
	net, err := j.start()
	if err != nil {
		return err
	}
	var flat []float32
	for _, l := range net.Layers {
		flat = append(append(flat, l.Weights...), l.Biases...)
	}
	if err := writeNumbers(j.Start, flat); err != nil || j.Data == "fresh" {
		return err
	}
	law, err := j.law().Compile()
	if err != nil {
		return err
	}
	s, err := j.samples(law)
	if err != nil {
		return err
	}
	x := make([]float32, s.Rows*s.Dimensions)
	s.Inputs(x, 0, s.Rows)
	if err := writeNumbers(j.X, x); err != nil {
		return err
	}
	return writeLabels(j.Y, s.Labels(&dataset.Ledger{}, dataset.Training))
}

// writeLabels writes labels as int8.
func writeLabels(path string, labels []int16) error {
	bytes := make([]byte, len(labels))
	for i, y := range labels {
		bytes[i] = byte(y)
	}
	return os.WriteFile(path, bytes, 0o644)
}

// writeNumbers writes numbers as this machine has them.
func writeNumbers(path string, numbers []float32) error {
	bytes, err := binary.Append(nil, binary.NativeEndian, numbers)
	if err != nil {
		return err
	}
	return os.WriteFile(path, bytes, 0o644)
}

// A cycle gives prepared batches one after the other: real numbers to job e, which stands for images,
// and signs to the others.
type cycle struct {
	x      []float32 // nil if there are signs
	signs  []uint64
	words  int
	labels []int16
	rows   int
	n      int
	next   int
}

func newCycle(s *dataset.Samples, rows int, signs bool) *cycle {
	c := &cycle{labels: s.Labels(&dataset.Ledger{}, dataset.Training), rows: rows, n: s.Dimensions}
	if signs {
		c.signs, c.words = s.Packed(), s.Words()
		return c
	}
	c.x = make([]float32, s.Rows*s.Dimensions)
	s.Inputs(c.x, 0, s.Rows)
	return c
}

// Next implements trainloop.Source.
func (c *cycle) Next(b *trainloop.Batch) {
	i := c.next
	b.Rows, b.Labels = c.rows, c.labels[i:i+c.rows]
	if c.signs != nil {
		b.Signs = c.signs[i*c.words : (i+c.rows)*c.words]
	} else {
		b.X = c.x[i*c.n : (i+c.rows)*c.n]
	}
	c.next = (i + c.rows) % len(c.labels)
}

// MaxRows implements trainloop.Source.
func (c *cycle) MaxRows() int { return c.rows }

// EpochRows implements trainloop.Source.
func (c *cycle) EpochRows() int { return len(c.labels) }
