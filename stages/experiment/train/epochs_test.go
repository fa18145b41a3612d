package train

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// A training in epochs is the one in as many steps: 70 samples in batches of 16 are 5 steps.
func TestEpochsAreSteps(t *testing.T) {
	in := inputs(t, finite(t, 70, 40))
	const settings = `{"seed": 4, "network": {"hidden": [8]}, "batch": %d, "sampling": %q, %s}`
	for _, sampling := range []string{"auto", "shuffle", "replacement", "full"} {
		batch, epochs, steps := 16,
			`"epochs": 3.5, "evaluation": {"every_epochs": 0.5}, "checkpoints": {"every_epochs": 2, "at_epochs": [0.2]},
				"optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "step", "milestone_epochs": [1, 2.2], "warmup_epochs": 0.4}}`,
			`"steps": 18, "evaluation": {"every": %s}, "checkpoints": {"at": [1, 10]},
				"optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "step", "milestones": [5, 11], "warmup": 2}}`
		if sampling == "full" {
			batch, epochs = 64, `"epochs": 18, "evaluation": {"every_epochs": 3}, "checkpoints": {"at_epochs": [1, 10]},
				"optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "step", "milestone_epochs": [5, 11], "warmup_epochs": 2}}`
			steps = fmt.Sprintf(steps, "3")
		} else {
			// Every half epoch is at 3, 5, 8, 10, 13, 15 and 18, which no distance in steps gives.
			epochs = strings.Replace(epochs, `"every_epochs": 0.5`, `"every_epochs": 1`, 1)
			steps = fmt.Sprintf(steps, "5")
		}
		a := stagetest.Run(t, Kind, fmt.Sprintf(settings, batch, sampling, epochs), in)
		b := stagetest.Run(t, Kind, fmt.Sprintf(settings, batch, sampling, steps), in)
		for name := range b {
			if stagetest.Digest(a[name]) != stagetest.Digest(b[name]) {
				t.Errorf("%s: output %s differs from that of the same training in steps", sampling, name)
			}
		}
	}
	out := stagetest.Run(t, Kind, fmt.Sprintf(settings, 16, "auto", `"epochs": 2, "evaluation": {"every_epochs": 0.5}, "optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "cosine"}}`), in)
	if got := stagetest.Value(t, out["history"], "epoch", -1); got != 2.0 {
		t.Errorf("after 2 epochs the column epoch says %v", got)
	}
	if got := stagetest.Value(t, out["history"], "rate", -1).(float64); !(got > 0 && got < .01) {
		t.Errorf("a descent over 2 epochs ends at the rate %v", got)
	}
}

// Whether there are epochs may be known only once the data are.
func TestEpochsOfFreshSamples(t *testing.T) {
	in := inputs(t, datasettest.Fresh(.9))
	const sgd = `"optimizer": {"type": "sgd", "rate": 0.1}`
	for settings, path := range map[string]string{
		`"epochs": 2, ` + sgd: "epochs: ",
		`"steps": 9, "evaluation": {"every_epochs": 1}, ` + sgd:                                                               "evaluation.every_epochs: ",
		`"steps": 9, "checkpoints": {"at_epochs": [1]}, ` + sgd:                                                               "checkpoints.at_epochs: ",
		`"steps": 9, "optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "cosine", "epochs": 1}}`:                  "optimizer.schedule.epochs: ",
		`"steps": 9, "optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "cosine", "warmup": 1, "epochs": 0.001}}`: "optimizer.schedule.epochs: ",
	} {
		_, err := stagetest.Try(t.Context(), Kind, "{"+settings+"}", in)
		if !errors.Is(err, trainloop.ErrNoEpoch) || !strings.HasPrefix(err.Error(), path) {
			t.Errorf("%s: %v", settings, err)
		}
	}
	for settings, want := range map[string]string{
		`"stop": {"training_set_loss": 0.1}`:                                     "stop.training_set_loss: ",
		`"stop": {"no_gain": {"of": "training_set_accuracy", "evaluations": 3}}`: "stop.no_gain: ",
		`"training_set": "evaluations"`:                                          `training_set = "evaluations": `,
	} {
		_, err := stagetest.Try(t.Context(), Kind, `{"steps": 9, `+sgd+`, `+settings+`}`, in)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v", settings, err)
		}
	}
	long := `{"epochs": 1, "optimizer": {"type": "sgd", "rate": 0.1, "schedule": {"type": "cosine", "warmup": 5}}}`
	if _, err := stagetest.Try(t.Context(), Kind, long, inputs(t, finite(t, 70, 0))); err == nil || !strings.HasPrefix(err.Error(), "optimizer.schedule.warmup: ") {
		t.Errorf("a warm-up of more steps than an epoch has: %v", err)
	}
}

// What is told of the training set is what the kept network does on it, computed here from the samples one by one.
func TestTrainingSetIsMeasured(t *testing.T) {
	external := finite(t, 70, 40)
	external.Law = nil
	for _, c := range []struct {
		d               *dataset.Dataset
		loss, settings  string
		lossOf          func(margin float64) float64
		rows, told      int
		network, sample string
	}{
		{finite(t, 70, 40), "cross_entropy", ``, softplus, 4, 1, "", "auto"},
		{finite(t, 70, 40), "logistic", `"training_set": "evaluations", `, softplus, 4, 4, `, "outputs": 1`, "replacement"},
		{external, "hinge", `"training_set": "evaluations", `, func(m float64) float64 { return max(0, 1-m) }, 4, 4, `, "outputs": 1`, "full"},
		{external, "squared", `"stop": {"training_set_loss": 0.0001}, `, func(m float64) float64 { return (m - 1) * (m - 1) }, 4, 4, `, "outputs": 1`, "auto"},
		{finite(t, 70, 40), "cross_entropy", `"training_set": "never", `, softplus, 4, 0, "", "auto"},
		{finite(t, 70, 40), "cross_entropy", ``, softplus, 4, 0, "", "fresh"},
	} {
		out := stagetest.Run(t, Kind, fmt.Sprintf(`{"steps": 12, "seed": 4, "loss": %q, "sampling": %q, %s"network": {"hidden": [8]%s}, "optimizer": {"type": "sgd", "rate": 0.1},
			"evaluation": {"every": 4}, "checkpoints": {"every": 4}}`, c.loss, c.sample, c.settings, c.network), inputs(t, c.d))
		m, err := model.FromTable(out["model"])
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for i, k := range m.Checkpoints {
			wantLoss, wantAccuracy := fitOf(k.Net, c.d.Train, c.lossOf)
			loss, accuracy := stagetest.Value(t, out["history"], "training_set_loss", i), stagetest.Value(t, out["history"], "training_set_accuracy", i)
			if loss == nil && accuracy == nil {
				continue
			}
			told++
			if math.Abs(loss.(float64)-wantLoss) > 1e-6 || math.Abs(accuracy.(float64)-wantAccuracy) > 1e-12 {
				t.Errorf("%s: step %d: loss %v and accuracy %v, want %v and %v", c.loss, k.Step, loss, accuracy, wantLoss, wantAccuracy)
			}
		}
		if rows := out["history"].Rows(); rows != c.rows || told != c.told {
			t.Errorf("%s %s%s: the training set was measured at %d of %d evaluations, want %d", c.loss, c.settings, c.sample, told, rows, c.told)
		}
		for _, column := range []string{"training_set_loss", "training_set_accuracy"} {
			if a, b := stagetest.Value(t, out["summary"], column, 0), stagetest.Value(t, out["history"], column, -1); a != b {
				t.Errorf("%s: %s is %v in summary, and %v at the end of history", c.loss, column, a, b)
			}
		}
	}
}

func softplus(margin float64) float64 { return math.Log1p(math.Exp(-margin)) }

// fitOf gives the mean of a loss of the margin of the label, and the accuracy.
func fitOf(net *neuralnet.Network, s *dataset.Samples, lossOf func(float64) float64) (loss, accuracy float64) {
	x, f := make([]float32, s.Dimensions), make([]float32, 1)
	labels := s.Labels(&dataset.Ledger{}, dataset.Evaluation)
	for row, y := range labels {
		s.Inputs(x, row, 1)
		net.Margins(f, x, 1)
		margin := float64(f[0])
		if (margin >= 0) == (y == 1) {
			accuracy++
		}
		if y == 0 {
			margin = -margin
		}
		loss += lossOf(margin)
	}
	n := float64(len(labels))
	return loss / n, accuracy / n
}

// A run that a rule ends is told from one that ended at its cap.
func TestCapped(t *testing.T) {
	in := inputs(t, finite(t, 70, 40))
	run := func(settings string) *frame.Table {
		return stagetest.Run(t, Kind, `{"steps": 60, "seed": 4, "evaluation": {"every": 5}, `+small+settings+`}`, in)["summary"]
	}
	for _, c := range []struct {
		settings string
		ended    string
		capped   any
	}{
		{``, "steps", nil},
		{`, "stop": {"training_set_accuracy": 0.9}`, "training_set_accuracy", false},
		{`, "stop": {"training_set_loss": 0.3}`, "training_set_loss", false},
		{`, "stop": {"training_set_loss": 1e-9}`, "steps", true},
		{`, "stop": {"no_gain": {"of": "training_set_loss", "evaluations": 3, "min_gain": 0.2}}`, "no_gain", false},
		{`, "stop": {"no_gain": {"of": "training_set_accuracy", "evaluations": 50}}`, "steps", true},
	} {
		s := run(c.settings)
		if got := stagetest.Value(t, s, "ended", 0); got != c.ended {
			t.Errorf("%s: ended by %v, want %s", c.settings, got, c.ended)
		}
		if got := stagetest.Value(t, s, "capped", 0); got != c.capped {
			t.Errorf("%s: capped is %v, want %v", c.settings, got, c.capped)
		}
		if c.ended == "training_set_accuracy" {
			if got := stagetest.Value(t, s, "training_set_accuracy", 0).(float64); got < .9 {
				t.Errorf("ended at an accuracy of %v", got)
			}
		}
	}
	diverging := stagetest.Run(t, Kind, `{"steps": 40, "stop": {"loss": 0.001}, "network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 1e30}}`, in)["summary"]
	if ended, capped := stagetest.Value(t, diverging, "ended", 0), stagetest.Value(t, diverging, "capped", 0); ended != "diverged" || capped != false {
		t.Errorf("a training that diverged: ended %v, capped %v", ended, capped)
	}
}

// More epochs of a training go on from it, as do steps, and the training set is measured only where it is not known.
func TestMoreEpochsGoOn(t *testing.T) {
	everyTraining(t)
	in := inputs(t, finite(t, 70, 40))
	const training = `{"seed": 4, "batch": 16, "network": {"hidden": [8]}, "optimizer": {"type": "adam", "rate": 0.01%s}, %s}`
	for _, c := range []struct {
		name, first, second string
		from                int64
	}{
		{"epochs", `"epochs": 6`, `"epochs": 12`, 30},
		{"epochs after steps", `"steps": 30`, `"epochs": 12`, 30},
		{"steps after epochs", `"epochs": 6`, `"steps": 60`, 30},
		{"the same in steps", `"epochs": 6`, `"steps": 30`, 30},
		{"every epoch", `"epochs": 6, "evaluation": {"every_epochs": 1}, "checkpoints": {"every_epochs": 3}`, `"epochs": 9, "evaluation": {"every_epochs": 1}, "checkpoints": {"every_epochs": 3}`, 30},
		{"measured at each evaluation, unknown", `"epochs": 6`, `"epochs": 12, "training_set": "evaluations"`, 0},
		{"measured at each evaluation, from kept weights", `"epochs": 6, "checkpoints": {"every_epochs": 1}, "evaluation": {"every_epochs": 1}`,
			`"epochs": 12, "training_set": "evaluations", "checkpoints": {"every_epochs": 1}, "evaluation": {"every_epochs": 1}`, 30},
		{"measured at each evaluation, known", `"epochs": 6, "training_set": "evaluations"`, `"epochs": 12, "training_set": "evaluations"`, 30},
		{"no longer measured", `"epochs": 6, "training_set": "evaluations"`, `"epochs": 12, "training_set": "never"`, 30},
		{"a rule on it, met where no weights are kept", `"epochs": 6, "training_set": "evaluations"`, `"epochs": 12, "stop": {"training_set_accuracy": 0.6}`, 0},
		{"a rule on it, met where weights are kept", `"epochs": 6, "training_set": "evaluations", "checkpoints": {"every": 1}, "evaluation": {"every": 1}`,
			`"epochs": 6, "stop": {"training_set_accuracy": 0.75}, "evaluation": {"every": 1}, "checkpoints": {"every": 1}`, -1},
	} {
		first, second := fmt.Sprintf(training, "", c.first), fmt.Sprintf(training, "", c.second)
		now := follow(t, second, in, follow(t, first, in, nil).left)
		if c.from >= 0 && now.from != c.from || c.from < 0 && (now.from == 0 || now.trained > 0) {
			t.Errorf("%s: it goes on from step %d, and trains %d", c.name, now.from, now.trained)
		}
		sameAsNew(t, second, in, now)
	}
	const descent = `, "schedule": {"type": "cosine", "epochs": 12}`
	before := follow(t, fmt.Sprintf(training, descent, `"epochs": 6`), in, nil)
	whole := fmt.Sprintf(training, `, "schedule": {"type": "cosine"}`, `"epochs": 12`)
	now := follow(t, whole, in, before.left)
	if now.from != 30 {
		t.Errorf("a descent over 12 epochs goes on from step %d", now.from)
	}
	sameAsNew(t, whole, in, now)
}
