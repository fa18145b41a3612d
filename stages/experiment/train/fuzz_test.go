package train

import (
	"bytes"
	"compress/flate"
	"io"
	"testing"

	"spurion/stages"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

// Whatever a training is said to have left, a plan gets an answer, and one that lies within the training.
func FuzzWayByLooks(f *testing.F) {
	const training = `"seed": 4, "batch": 16, "network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 0.1}`
	kinds := []string{
		`{"steps": 30, ` + training + `}`,
		`{"epochs": 6, ` + training + `, "evaluation": {"every_epochs": 0.5}, "checkpoints": {"at_epochs": [1, 2]}}`,
		`{"epochs": 3, ` + training + `, "stop": {"training_set_loss": 0.1, "no_gain": {"of": "training_set_accuracy", "evaluations": 2}}}`,
		`{"steps": 30, ` + training + `, "stop": {"no_gain": {"of": "training_set_loss", "evaluations": 2}}}`,
	}
	everyTraining(f)
	in := inputs(f, finite(f, 70, 0))
	for i, k := range kinds {
		f.Add(i, left(f, k, in))
		f.Add(i, []byte(`{"End": 5, "Pass": 1, "Kept": [0, 5], "Looks": [{"Step": 0}, {"Step": 5, "Sums": [1], "Found": {}}]}`))
		f.Add(i, []byte(`{"End": -1, "Pass": -5}`))
	}
	f.Add(len(kinds)-1, left(f, kinds[0], inputs(f, datasettest.Fresh(.9)))) // without a training set to measure
	f.Fuzz(func(t *testing.T, kind int, text []byte) {
		s, err := stagetest.Settings(Kind, kinds[uint(kind)%uint(len(kinds))])
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		w, err := flate.NewWriter(&b, flate.BestSpeed)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(text); err != nil || w.Close() != nil {
			t.Fatal(err)
		}
		a, err := readAbout(b.Bytes())
		way, ok := Kind.Continuation.Way(s, b.Bytes())
		if ok && (err != nil || way.From < 0 || way.From > max(a.End, 0)) {
			t.Errorf("a training goes on from step %d of %+v, %v", way.From, a, err)
		}
	})
}

// left gives what a training says of itself, as JSON.
func left(t testing.TB, settings string, in stagetest.Inputs) []byte {
	t.Helper()
	var kept stages.Leaving
	stagetest.Run(t, Kind, settings, in, func(r *stages.Run) { r.Keep = func(l stages.Leaving) { kept = l } })
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(kept.About)))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
