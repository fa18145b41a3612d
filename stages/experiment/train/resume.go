package train

import (
	"context"
	"errors"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// What is left costs a write to disk and room, so little trainings leave nothing: those that a processor does in a
// fraction of a second, and those that would leave more than it is worth. By what is computed, not by a clock, as
// it is to be the same everywhere: in products of a weight and an input.
var (
	leastWork   = float64(1 << 32) // of a training that leaves something
	workPerByte = float64(1 << 13) // of what is left
)

// resume tells again what an earlier run knows, and puts everything where it stood. After an error the training is of
// no use.
func (t *training) resume(ctx context.Context, r *stages.Run, phase *trainloop.Phase) (known, error) {
	if r.Left == nil {
		return known{}, nil
	}
	a, err := readAbout(r.Left.About)
	if err != nil {
		return known{}, err
	}
	k, ok := a.serves(t.settings)
	if !ok {
		return known{}, errors.New("what an earlier training left does not serve")
	}
	weights, err := keptNetworks(r.Left)
	if err != nil {
		return known{}, err
	}
	told, err := t.retell(ctx, a, k, weights)
	if err != nil {
		return known{}, err
	}
	if !k.whole {
		if err := t.restore(r.Left, a, weights); err != nil {
			return known{}, err
		}
		phase.First = a.End
		t.count(a, told)
	}
	r.Left.Used()
	return k, nil
}

// count puts the tally to where it would be at the end, after the looks at the steps told.
func (t *training) count(a *about, told []int64) {
	t.tally.Rows = a.Rows
	if last := len(told) - 1; told[last] == a.End {
		t.tally.Visits, t.tally.Sums, told = []int64{a.End}, []float64{0}, told[:last]
	}
	for i, sum := range a.sums(a.find(a.End), told) {
		if len(t.tally.Sums) == lookBack {
			break
		}
		t.tally.Visits, t.tally.Sums = append(t.tally.Visits, told[len(told)-1-i]), append(t.tally.Sums, sum)
	}
}

// retell takes the looks that are due up to where the training is known, and gives their steps.
func (t *training) retell(ctx context.Context, a *about, k known, weights map[int64]*neuralnet.Network) (told []int64, err error) {
	same := a.Measured == t.settings.measured()
	for _, step := range t.settings.visits().all {
		if step > k.end {
			break
		}
		at := a.find(step)
		l := a.Looks[at]
		if len(l.Layers) != len(t.net.All()) {
			return nil, errors.New("it is of another network")
		}
		if l.Sums = a.sums(at, told); len(l.Sums) > 0 != (len(told) > 0) {
			return nil, errors.New("it lacks losses")
		}
		var loss evaluation.Optional
		if len(told) > 0 {
			loss = evaluation.Finite(l.Sums[0] / float64(step-told[len(told)-1]))
		}
		if net := weights[step]; net != nil {
			if model.Layers(net) != model.Layers(t.net) {
				return nil, errors.New("it is of another network")
			}
			t.net.CopyFrom(net)
		}
		switch {
		case !t.measures(step):
			l.Found = nil
		case l.Found == nil || !same:
			if l.Found, err = t.measure(ctx); err != nil {
				return nil, err
			}
		}
		told = append(told, step)
		stops, err := t.take(ctx, &l, loss)
		if err != nil {
			return nil, err
		}
		if step < t.settings.total() && stops != (k.whole && step == k.end) {
			return nil, errors.New("it ends elsewhere")
		}
	}
	return told, nil
}

// restore puts weights, optimizer and data where they stood at the end.
func (t *training) restore(left *stages.Left, a *about, weights map[int64]*neuralnet.Network) error {
	net := weights[a.End]
	if net == nil || model.Layers(net) != model.Layers(t.net) {
		return errors.New("the weights of the last step are missing")
	}
	t.net.CopyFrom(net)
	state, err := left.Read("state")
	if err != nil {
		return err
	}
	if state, err = t.trainer.SetState(state); err != nil {
		return err
	}
	if state, err = trainloop.SetSource(t.source, state); err != nil {
		return err
	}
	if len(state) > 0 {
		return errors.New("the state is too long")
	}
	return nil
}

// leave hands over what a later run of the thread needs, if that is worth it.
func (t *training) leave(r *stages.Run) {
	if l, ok := t.leaving(r); ok {
		l.Outputs = []string{"model"}
		r.Keep(l)
	}
}

// leaveMidway hands over the same of a training that began after first and is stopped after a step.
func (t *training) leaveMidway(r *stages.Run, first, step int64, err error) {
	if !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) || step == first {
		return // before its first step nothing is new, and a trainer that was restored does not know the last gradient
	}
	t.steps = step
	if t.looks[len(t.looks)-1].Step < step {
		t.looks = append(t.looks, t.look(trainloop.Visit{Step: step, Epoch: trainloop.EpochOf(t.source, t.tally.Rows)}))
	}
	t.model.Add(step, t.net)
	l, ok := t.leaving(r)
	if !ok {
		return
	}
	table, err := t.model.Table()
	if err != nil {
		return
	}
	if l.Files["model"], err = frame.Encode(table); err == nil {
		r.Keep(l)
	}
}

// leaving makes what is to be left but for the networks; ok is false if it is not worth it, or cannot be.
func (t *training) leaving(r *stages.Run) (l stages.Leaving, ok bool) {
	if r.Keep == nil || t.diverged.Valid {
		return l, false
	}
	parameters := 0
	for _, l := range t.net.All() {
		parameters += len(l.Weights)
	}
	work := float64(float64(float64(t.steps)*float64(t.source.MaxRows())) * float64(parameters))
	if work < leastWork {
		return l, false
	}
	state, ok := trainloop.AppendSource(t.trainer.AppendState(nil), t.source)
	if !ok {
		return l, false
	}
	a := about{End: t.steps, Rows: t.tally.Rows, Pass: t.pass, Measured: t.settings.measured(), Looks: t.looks}
	for _, c := range t.model.Checkpoints {
		a.Kept = append(a.Kept, c.Step)
	}
	text, err := a.encode()
	networks := 4 * parameters * len(a.Kept)
	if err != nil || float64(len(text)+len(state)-networks) > work/workPerByte {
		return l, false // JSON has no form for a loss that is infinite
	}
	return stages.Leaving{About: text, Files: map[string][]byte{"state": state}}, true
}

// keptNetworks gives the networks that were kept, by their steps.
func keptNetworks(left *stages.Left) (map[int64]*neuralnet.Network, error) {
	data, err := left.Read("model")
	if err != nil {
		return nil, err
	}
	t, err := frame.Decode(data)
	if err != nil {
		return nil, err
	}
	m, err := model.FromTable(t)
	if err != nil {
		return nil, err
	}
	nets := map[int64]*neuralnet.Network{}
	for _, c := range m.Checkpoints {
		nets[c.Step] = c.Net
	}
	return nets, nil
}
