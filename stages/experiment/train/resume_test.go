package train

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

// everyTraining has trainings leave what later ones need, however little work they are.
func everyTraining(t testing.TB) {
	t.Helper()
	least, worth := leastWork, workPerByte
	leastWork, workPerByte = 0, 0
	t.Cleanup(func() { leastWork, workPerByte = least, worth })
}

// outcome is what a run gave: the digests of its tables, what it left, and how far it got without training.
type outcome struct {
	digests map[string]string
	left    *stages.Left
	from    int64 // 0 if it began at the start
	trained int64 // steps
}

// follow runs a training as an engine does, after one that left something.
func follow(t *testing.T, settings string, in stagetest.Inputs, after *stages.Left) outcome {
	t.Helper()
	return until(t, settings, in, after, 0)
}

// until is follow, but stops the training after so many steps of its own, unless 0 or that is its end; below 0 before
// the first, once it goes on from another.
func until(t *testing.T, settings string, in stagetest.Inputs, after *stages.Left, stop int64) outcome {
	t.Helper()
	var o outcome
	files := map[string][]byte{}
	var kept stages.Leaving
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stopped := int64(0)
	out, err := stagetest.Try(ctx, Kind, settings, in, func(r *stages.Run) {
		r.Keep = func(l stages.Leaving) { kept = l }
		report := r.Progress
		r.Progress = func(done, total int64) {
			report(done, total)
			if stop > 0 && done-o.from == stop && done < total {
				stopped = done
				cancel()
			}
		}
		if after == nil {
			return
		}
		if w, ok := Kind.Continuation.Way(r.Settings, after.About); ok {
			r.Left = &stages.Left{About: after.About, Read: after.Read, Used: func() {
				o.from = w.From
				if stop < 0 {
					stopped = o.from
					cancel()
				}
			}}
		}
	})
	if err != nil && (stopped == 0 || !errors.Is(err, context.Canceled)) {
		t.Fatalf("%s: %v", settings, err)
	}
	if n := len(out.Progress); n > 1 {
		o.trained = out.Progress[n-2].Done - o.from // the last report is of the end
	}
	o.digests = map[string]string{}
	for name, table := range out.Tables {
		o.digests[name] = stagetest.Digest(table)
	}
	if kept.About == nil {
		return o
	}
	for name, data := range kept.Files {
		files[name] = data
	}
	for _, name := range kept.Outputs {
		if files[name], err = frame.Encode(out.Tables[name]); err != nil {
			t.Fatal(err)
		}
	}
	o.left = &stages.Left{About: kept.About, Read: func(name string) ([]byte, error) {
		if data, ok := files[name]; ok {
			return data, nil
		}
		return nil, errors.New("it is gone")
	}}
	return o
}

// sameAsNew fails unless a training that followed another gave what it gives by itself.
func sameAsNew(t *testing.T, settings string, in stagetest.Inputs, got outcome) {
	t.Helper()
	want := follow(t, settings, in, nil)
	for name, digest := range want.digests {
		if got.digests[name] != digest {
			t.Errorf("from step %d: output %s has other bytes than without an earlier training; settings %s", got.from, name, settings)
		}
	}
}

// Every way to train goes on where it ended, by all that an optimizer and a source keep.
func TestMoreStepsGoOn(t *testing.T) {
	everyTraining(t)
	fresh, samples := inputs(t, datasettest.Fresh(.9)), inputs(t, finite(t, 70, 40))
	images := inputs(t, datasettest.Images(t, datasettest.Sizes{Train: 40, Test: 30}))
	const network = `"network": {"hidden": [8]}`
	const cnn = `"network": {"type": "cnn", "layers": [{"type": "conv", "channels": 3, "kernel": 3, "padding": 1}, {"type": "batch_norm"}, {"type": "relu"}, {"type": "max_pool", "window": 2}], "hidden": [4]}`
	sgd := network + `, "optimizer": {"type": "sgd", "rate": 0.1}`
	for name, c := range map[string]struct {
		settings string
		in       stagetest.Inputs
	}{
		"fresh":             {sgd, fresh},
		"momentum":          {network + `, "optimizer": {"type": "sgd", "rate": 0.1, "momentum": 0.9, "nesterov": true}`, fresh},
		"adam":              {network + `, "optimizer": {"type": "adam", "rate": 0.01}`, fresh},
		"adamw":             {network + `, "optimizer": {"type": "adamw", "rate": 0.01, "weight_decay": 0.1}`, samples},
		"sign":              {network + `, "optimizer": {"type": "sign", "rate": 0.01, "weight_decay": 0.01, "decoupled": true}`, samples},
		"decoupled":         {network + `, "optimizer": {"type": "sgd", "rate": 0.1, "momentum": 0.5, "weight_decay": 0.01, "decoupled": true, "clip_norm": 0.1}`, samples},
		"milestones":        {network + `, "optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "step", "warmup": 50, "milestones": [30, 45]}}`, samples},
		"a frozen layer":    {`"network": {"hidden": [8, 6]}, "optimizer": {"type": "adam", "rate": 0.01, "layer_rates": [0, 1, 0.5]}`, samples},
		"shuffled":          {sgd + `, "batch": 32`, samples},
		"replacement":       {sgd + `, "sampling": "replacement", "batch": 16`, samples},
		"full":              {sgd + `, "sampling": "full"`, samples},
		"fresh of finite":   {sgd + `, "sampling": "fresh", "spectrum": [[1], []]`, samples},
		"few samples":       {sgd, inputs(t, sparse(t))},
		"no hidden layer":   {`"network": {"hidden": []}, "optimizer": {"type": "adam", "rate": 0.01}`, samples},
		"logistic":          {`"loss": "logistic", "network": {"hidden": [8], "outputs": 1, "bias": false}, "optimizer": {"type": "sgd", "rate": 0.1}`, fresh},
		"hinge":             {`"loss": "hinge", "network": {"hidden": [8], "outputs": 1, "activation": "tanh"}, "optimizer": {"type": "sgd", "rate": 0.1}`, samples},
		"squared":           {`"loss": "squared", "network": {"hidden": [8], "outputs": 1, "activation": "quadratic"}, "optimizer": {"type": "sgd", "rate": 0.01}`, samples},
		"correlation":       {`"loss": "correlation", "network": {"hidden": [8], "outputs": 1}, "optimizer": {"type": "sgd", "rate": 0.01}`, fresh},
		"repeats":           {sgd + `, "evaluation": {"points": 64, "repeats": 3}`, inputs(t, wide(t))},
		"learned":           {sgd + `, "learned": {"core": 0.2}`, samples},
		"a rule not met":    {sgd + `, "stop": {"loss": 0.0001}`, samples},
		"own descent":       {network + `, "optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "cosine", "steps": 80}}`, samples},
		"images":            {cnn + `, "optimizer": {"type": "adam", "rate": 0.01}`, images},
		"augmented":         {cnn + `, "optimizer": {"type": "sgd", "rate": 0.05, "momentum": 0.9}, "augment": {"flip": true, "crop": 1, "noise": 0.1}, "batch": 16`, images},
		"two lines of runs": {sgd + `, "evaluation": {"every": 5}, "checkpoints": {"every": 15}`, fresh},
	} {
		t.Run(name, func(t *testing.T) {
			var before outcome
			for i, steps := range []int64{30, 60, 240} {
				settings := fmt.Sprintf(`{"steps": %d, "seed": 4, %s}`, steps, c.settings)
				now := follow(t, settings, c.in, before.left)
				if want := []int64{0, 30, 60}[i]; now.from != want || now.trained != steps-want {
					t.Errorf("%d steps: %d were trained from step %d on", steps, now.trained, now.from)
				}
				sameAsNew(t, settings, c.in, now)
				before = now
			}
		})
	}
}

// Whatever the schedules of two trainings are, the second gives what it gives by itself; and with both as they are by
// default, or one a part of the other, it trains only what the first did not.
func TestAnySchedulesFollowEachOther(t *testing.T) {
	everyTraining(t)
	rng := rand.New(rand.NewPCG(1, 2))
	in := inputs(t, finite(t, 50, 0))
	draw := func() string {
		steps := 1 + rng.IntN(60)
		length := fmt.Sprintf(`"steps": %d`, steps)
		if rng.IntN(3) == 0 {
			length = fmt.Sprintf(`"epochs": %d.%d`, rng.IntN(14), 1+rng.IntN(9)) // of 4 steps
		}
		parts := []string{length + `, "seed": 1, "batch": 16, "network": {"hidden": [4]}, "optimizer": {"type": "adam", "rate": 0.05}`}
		at := func(n int) string {
			var list []string
			for range n {
				list = append(list, fmt.Sprint(rng.IntN(60)))
			}
			return "[" + strings.Join(list, ", ") + "]"
		}
		switch rng.IntN(5) {
		case 3:
			parts = append(parts, fmt.Sprintf(`"evaluation": {"every_epochs": %d.5}`, rng.IntN(3)))
		case 0:
			parts = append(parts, fmt.Sprintf(`"evaluation": {"every": %d, "points": %d}`, 1+rng.IntN(12), 8*(1+rng.IntN(2))))
		case 1:
			parts = append(parts, fmt.Sprintf(`"evaluation": {"per_decade": %d}`, 1+rng.IntN(4)))
		}
		switch rng.IntN(3) {
		case 0:
			parts = append(parts, fmt.Sprintf(`"checkpoints": {"every": %d}`, 1+rng.IntN(20)))
		case 1:
			parts = append(parts, `"checkpoints": {"at": `+at(3)+`}`)
		}
		if rng.IntN(2) == 0 {
			rule := []string{`"training_set_loss": 0.5`, `"training_set_accuracy": 0.8`, `"no_gain": {"of": "training_set_accuracy", "evaluations": 2}`, `"loss": 0.5`, `"training_loss": 0.6`, `"no_gain": {"evaluations": 3, "min_gain": 0.02}`, `"no_gain": {"of": "training_loss", "evaluations": 2}`}[rng.IntN(7)]
			parts = append(parts, `"stop": {`+rule+`}`)
		} else if rng.IntN(2) == 0 {
			parts = append(parts, fmt.Sprintf(`"training_set": %q`, []string{atEvaluations, atEnd, neverMeasured}[rng.IntN(3)]))
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
	used, whole := 0, 0
	for range 160 {
		first, second := draw(), draw()
		before := follow(t, first, in, nil)
		now := follow(t, second, in, before.left)
		sameAsNew(t, second, in, now)
		if now.from > 0 {
			used++
			if now.left == nil {
				whole++
			}
			third := draw()
			left := now.left
			if left == nil {
				left = before.left
			}
			sameAsNew(t, third, in, follow(t, third, in, left))
		}
	}
	if used < 10 || whole < 3 {
		t.Errorf("only %d of 160 trainings used what another left, %d of them to the end", used, whole)
	}
}

// A training that is stopped, anywhere and again, goes on from there.
func TestStoppedTrainingsGoOn(t *testing.T) {
	everyTraining(t)
	for name, in := range map[string]stagetest.Inputs{"fresh": inputs(t, datasettest.Fresh(.9)), "samples": inputs(t, finite(t, 50, 0))} {
		for stop := int64(1); stop <= 12; stop++ {
			const settings = `{"steps": 30, "seed": 5, "batch": 16, "network": {"hidden": [4]}, "optimizer": {"type": "adam", "rate": 0.05}, "evaluation": {"every": %d}, "checkpoints": {"every": 5}}`
			every, left := fmt.Sprintf(settings, 6), (*stages.Left)(nil)
			at := int64(0)
			for at+stop < 30 {
				o := until(t, every, in, left, stop)
				if o.from != at || o.left == nil {
					t.Fatalf("%s, stopped after %d: it went on from %d of %d", name, stop, o.from, at)
				}
				left, at = o.left, at+stop
			}
			now := follow(t, every, in, left)
			if now.from != at {
				t.Errorf("%s, stopped after %d: it went on from %d of %d", name, stop, now.from, at)
			}
			sameAsNew(t, every, in, now)
			more := fmt.Sprintf(settings, 1) // looks at the step at which it was stopped
			sameAsNew(t, more, in, follow(t, more, in, left))
			if last := follow(t, fmt.Sprintf(settings, 3), in, now.left); last.from != 0 {
				t.Errorf("%s: steps that were not looked at are known", name)
			}
		}
	}
	const odd = `{"steps": %d, "seed": 5, "batch": 16, "network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 0.05}, "evaluation": {"every": %d}, "checkpoints": {"every": %[2]d}}`
	in := inputs(t, finite(t, 50, 0))
	left := until(t, fmt.Sprintf(odd, 30, 7), in, nil, 14)
	left = until(t, fmt.Sprintf(odd, 30, 7), in, left.left, 7)
	left = until(t, fmt.Sprintf(odd, 30, 7), in, left.left, 4) // to step 25
	if again := until(t, fmt.Sprintf(odd, 30, 7), in, left.left, -1); again.from != 25 || again.left != nil {
		t.Errorf("a training that was stopped before its first step, on from step %d, leaves something: %v", again.from, again.left != nil)
	}
	now := follow(t, fmt.Sprintf(odd, 25, 7), in, left.left)
	if now.from != 25 || now.trained > 0 {
		t.Errorf("a training of 25 steps trains from step %d on what one that was stopped there left", now.from)
	}
	sameAsNew(t, fmt.Sprintf(odd, 25, 7), in, now)
}

// Looking otherwise at what is there trains nothing: at fewer steps, or by other points where the weights are kept.
func TestOtherEvaluationsDoNotTrain(t *testing.T) {
	everyTraining(t)
	in := inputs(t, wide(t))
	const training = `{"seed": 2, "network": {"hidden": [8]}, "optimizer": {"type": "sgd", "rate": 0.1}, "steps": %d, "evaluation": {%s}, "checkpoints": {"every": 10}, "spectrum": %s}`
	before := follow(t, fmt.Sprintf(training, 40, `"every": 5, "points": 64`, "[]"), in, nil)
	for name, c := range map[string]struct {
		steps            int
		evaluation, sets string
		from             int64
	}{
		"fewer evaluations":  {40, `"every": 10, "points": 64`, "[]", 40},
		"other points":       {40, `"every": 10, "points": 128`, "[]", 40},
		"repeats":            {40, `"every": 20, "points": 64, "repeats": 2`, "[]", 40},
		"a spectrum":         {40, `"every": 20, "points": 64`, "[[1, 2]]", 40},
		"fewer steps":        {30, `"every": 5, "points": 64`, "[]", 30},
		"more, other points": {80, `"every": 10, "points": 128`, "[]", 40},
		"more evaluations":   {40, `"every": 1, "points": 64`, "[]", 0},
		"weights not kept":   {40, `"every": 5, "points": 128`, "[]", 0},
		"no weights there":   {35, `"every": 5, "points": 64`, "[]", 0},
	} {
		settings := fmt.Sprintf(training, c.steps, c.evaluation, c.sets)
		now := follow(t, settings, in, before.left)
		if now.from != c.from {
			t.Errorf("%s: it goes on from step %d, want %d", name, now.from, c.from)
		}
		sameAsNew(t, settings, in, now)
	}
}

// What depends on the number of steps makes another thread.
func TestThread(t *testing.T) {
	text := func(settings string) string {
		s, err := stagetest.Settings(Kind, settings)
		if err != nil {
			t.Fatal(err)
		}
		free, lines := Kind.Continuation.Thread(s)
		slices.Sort(free)
		return strings.Join(free, " ") + "; " + strings.Join(lines, ", ")
	}
	const with = `{"steps": %d, "network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 0.1%s}}`
	plain := text(fmt.Sprintf(with, 30, ""))
	if plain != text(fmt.Sprintf(with, 60, "")) || plain != "checkpoints epochs evaluation learned per_sample spectrum steps stop training_set; form 2" {
		t.Errorf("without a schedule: %s", plain)
	}
	const descent, ends = `, "schedule": {"type": "cosine"}`, `, "schedule": {"type": "cosine", "steps": 60}`
	if text(fmt.Sprintf(with, 30, descent)) == text(fmt.Sprintf(with, 60, descent)) {
		t.Error("a descent that ends with the training does not depend on its length")
	}
	if a, b := text(fmt.Sprintf(with, 30, ends)), text(fmt.Sprintf(with, 60, descent)); a != b {
		t.Errorf("equal descents are told as %s and %s", a, b)
	}
	stepwise := `, "schedule": {"type": "step", "milestones": [20]}`
	if text(fmt.Sprintf(with, 30, stepwise)) != text(fmt.Sprintf(with, 60, stepwise)) {
		t.Error("milestones depend on the length")
	}
}

// What is damaged, gone or of another training is passed over.
func TestWhatIsLeftNeedNotBeRight(t *testing.T) {
	everyTraining(t)
	in := inputs(t, finite(t, 50, 0))
	const settings = `{"steps": %d, "seed": 3, %s}`
	first, second := fmt.Sprintf(settings, 20, small), fmt.Sprintf(settings, 40, small)
	good := follow(t, first, in, nil).left
	other := follow(t, `{"steps": 20, "network": {"hidden": [16, 4]}, "optimizer": {"type": "adam", "rate": 0.1}}`, in, nil).left
	read := func(name string) []byte {
		data, err := good.Read(name)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	with := func(name string, data []byte) *stages.Left {
		return &stages.Left{About: good.About, Read: func(n string) ([]byte, error) {
			if n != name {
				return good.Read(n)
			}
			if data == nil {
				return nil, errors.New("it is gone")
			}
			return data, nil
		}}
	}
	state := read("state")
	for name, left := range map[string]*stages.Left{
		"no model":          with("model", nil),
		"no state":          with("state", nil),
		"a short state":     with("state", state[:len(state)-1]),
		"a long state":      with("state", append(slices.Clone(state), 0)),
		"an empty state":    with("state", []byte{}),
		"no table":          with("model", []byte("none")),
		"about nothing":     {About: nil, Read: good.Read},
		"about cut short":   {About: good.About[:len(good.About)/2], Read: good.Read},
		"another training":  other,
		"another's weights": {About: good.About, Read: other.Read},
	} {
		now := follow(t, second, in, left)
		if now.from != 0 {
			t.Errorf("%s: it went on from step %d", name, now.from)
		}
		sameAsNew(t, second, in, now)
	}
}

// Little trainings leave nothing, nor do those that diverge.
func TestLeavesOnlyWhatIsWorthIt(t *testing.T) {
	in := inputs(t, datasettest.Fresh(.9))
	if o := follow(t, `{"steps": 40, `+small+`}`, in, nil); o.left != nil {
		t.Error("a training of some milliseconds leaves something")
	}
	everyTraining(t)
	if o := follow(t, `{"steps": 40, "network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 1e30}}`, in, nil); o.left != nil {
		t.Error("a training that diverged leaves something")
	}
	workPerByte = 1 << 40 // what is said of the looks is more than such small networks
	if o := follow(t, `{"steps": 40, `+small+`}`, in, nil); o.left != nil {
		t.Error("a training leaves more than it is worth")
	}
}

// FuzzWay reads what is said of a training, whatever it is.
func FuzzWay(f *testing.F) {
	good, err := (&about{End: 4, Measured: "[]", Kept: []int64{0, 4}, Looks: []look{{Step: 0}, {Step: 4, Sums: []float64{1}}}}).encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte{})
	s, err := stagetest.Settings(Kind, `{"steps": 8, "evaluation": {"every": 4}, `+small+`}`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w, ok := Kind.Continuation.Way(s, data)
		if ok && (w.From < 0 || w.From > 8 || w.Text == "") {
			t.Errorf("a way of %+v", w)
		}
	})
}
