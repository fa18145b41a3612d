package neuralnet

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"spurion/stages/numeric/kernel"
)

var update = flag.Bool("update", false, "rewrite golden files")

const goldenFile = "testdata/trainings.golden"

// trainings digests the losses and weights of whole short trainings: every activation, loss,
// optimizer, initialisation and output scale comes up, batches with and without tails of vectors.
func trainings(t *testing.T) string {
	adam := OptimizerSettings{Rate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01, DecayBiases: true}
	of := func(kind string) OptimizerSettings { o := adam; o.Type = kind; return o }
	var text strings.Builder
	for i, c := range []struct {
		s            NetworkSettings
		loss         string
		o            OptimizerSettings
		inputs, rows int
	}{
		{NetworkSettings{Hidden: []int{32}, Activation: "relu", Bias: true, Init: "pytorch", InitScale: 1}, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 0.3}, 16, 32},
		{NetworkSettings{Hidden: []int{50}, Activation: "relu", Bias: true, Init: "he_normal", InitScale: 1}, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 1e-3, DecayBiases: true}, 50, 64},
		{NetworkSettings{Hidden: []int{13, 7}, Activation: "tanh", Bias: true, Init: "xavier_uniform", InitScale: 1}, "logistic", of("adam"), 11, 29},
		{NetworkSettings{Hidden: []int{20, 20}, Activation: "leaky_relu", Slope: 0.01, Bias: true, Init: "he_uniform", InitScale: 1}, "hinge", of("adamw"), 17, 300},
		{NetworkSettings{Hidden: []int{19}, Activation: "quadratic", Init: "sphere", InitScale: 1, OutputInit: "signs", OutputScale: "1/sqrt(width)"}, "squared", OptimizerSettings{Type: "sgd", Rate: 0.02, ClipNorm: 1}, 9, 33},
		{NetworkSettings{Hidden: []int{64}, Activation: "relu", Init: "normal", InitScale: 0.2, OutputScale: "1/width"}, "correlation", of("sign"), 20, 64},
		{NetworkSettings{Activation: "identity", Bias: true, Init: "xavier_normal", InitScale: 1}, "logistic", OptimizerSettings{Type: "sgd", Rate: 0.1}, 70, 5},
		{NetworkSettings{Hidden: []int{24, 12}, Activation: "relu", Bias: true, LayerInits: []string{"sphere", "he_normal", "signs"}, LayerInitScales: []float64{1, 0.5, 0.25}}, "cross_entropy",
			OptimizerSettings{Type: "sgd", Rate: 0.2, Momentum: 0.9, WeightDecay: 0.01, Decoupled: true, Schedule: &RateSchedule{Type: Cosine, Warmup: 7, Final: 0.1, Steps: 33}}, 10, 21},
		{NetworkSettings{Hidden: []int{18}, Activation: "leaky_relu", Slope: 0.2, Bias: true, InitScale: 1}, "squared",
			OptimizerSettings{Type: "sign", Rate: 0.01, WeightDecay: 0.1, Decoupled: true, DecayBiases: true, Schedule: &RateSchedule{Type: Step, Milestones: []int{10, 20}, Factor: 0.3}}, 12, 16},
		{NetworkSettings{Hidden: []int{21}, Activation: "relu", Bias: true, Outputs: 3, InitScale: 1}, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 0.2, Momentum: 0.5}, 12, 140},
		{NetworkSettings{Activation: "identity", Outputs: 19, InitScale: 1, OutputScale: "1/sqrt(width)"}, "cross_entropy", of("adam"), 30, 17},
	} {
		classes := 2
		if c.s.Outputs > 0 {
			classes = c.s.Outputs
		}
		c.s.Outputs = outputsOf(c.loss, classes)
		for _, signs := range []bool{false, true} {
			net, err := New(c.s, c.inputs, kernel.NewStream(int64(i), "weights"))
			if err != nil {
				t.Fatal(err)
			}
			tr, err := NewTrainer(net, c.loss, c.o, c.rows)
			if err != nil {
				t.Fatal(err)
			}
			hash, stream := sha256.New(), kernel.NewStream(int64(i), "data")
			x, labels, weights := make([]float32, c.rows*c.inputs), make([]int16, c.rows), make([]float32, c.rows)
			for range 40 {
				parityBatch(stream, x, labels, c.inputs, 2)
				for r := range labels {
					if classes > 2 {
						labels[r] = (2*labels[r] + int16(r)) % int16(classes)
					}
				}
				for r := range weights {
					weights[r] = float32(stream.Float64()) / float32(c.rows)
				}
				if signs {
					digest(hash, tr.ForwardSigns(packed(x, c.rows, c.inputs), labels, c.rows))
				} else {
					digest(hash, tr.Forward(x, labels, c.rows))
				}
				tr.Backward(weights)
				if err := tr.Update(); err != nil {
					t.Fatal(err)
				}
			}
			for _, l := range net.Layers {
				digest(hash, l.Weights)
				digest(hash, l.Biases)
			}
			fmt.Fprintf(&text, "training %d signs %t norm %x %s\n", i, signs, tr.GradientNorm(), hex.EncodeToString(hash.Sum(nil)[:12]))
		}
	}
	for i, name := range slices.Sorted(maps.Keys(imageCases)) {
		o := of("adamw")
		if i%2 == 0 {
			o = OptimizerSettings{Type: "sgd", Rate: .05, Momentum: .9, WeightDecay: .01}
		}
		fmt.Fprintf(&text, "images, %s %s\n", name, trainingOnImages(t, imageCases[name], o))
	}
	return text.String()
}

// trainingOnImages digests the losses, weights and scores of a short training, in batches of which the last is small.
func trainingOnImages(t *testing.T, s NetworkSettings, o OptimizerSettings) string {
	t.Helper()
	stream := kernel.NewStream(8, "images")
	net := imageNetwork(t, s, stream)
	loss := "cross_entropy"
	if s.Outputs == 1 {
		loss = "squared"
	}
	const rows = 23
	tr, err := NewTrainer(net, loss, o, rows)
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	for step := range 20 {
		n := rows - 16*(step%2)
		x, labels := randomImages(stream, n, net.Inputs(), max(2, s.Outputs))
		digest(hash, tr.Forward(x, labels, n))
		tr.Backward(nil)
		if err := tr.Update(); err != nil {
			t.Fatal(err)
		}
	}
	for _, l := range net.All() {
		for _, x := range [][]float32{l.Weights, l.Biases, l.Mean, l.Variance} {
			digest(hash, x)
		}
	}
	x, _ := randomImages(stream, rows, net.Inputs(), 2)
	scores := make([]float32, rows*net.ScoreWidth())
	net.Scores(scores, x, rows)
	digest(hash, scores)
	return hex.EncodeToString(hash.Sum(nil)[:12])
}

func digest(to interface{ Write([]byte) (int, error) }, x []float32) {
	for _, v := range x {
		_, _ = to.Write(binary.LittleEndian.AppendUint32(nil, math.Float32bits(v)))
	}
}

func TestTrainingsGolden(t *testing.T) {
	got := trainings(t)
	if *update {
		if err := os.MkdirAll("testdata", 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(goldenFile, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("bits changed on the path %s: raise the Version of kinds that train\ngot:\n%swant:\n%s", kernel.Path(), got, want)
	}
}

// The same digests come out on every path that this machine can take; the test runs itself with
// GODEBUG, and requires that the path was taken.
func TestTrainingsGoldenOnEveryPath(t *testing.T) {
	const childVariable = "SPURION_TEST_WANT_PATH"
	if want := os.Getenv(childVariable); want != "" {
		if got := kernel.Path(); got != want {
			t.Fatalf("the path is %s, want %s", got, want)
		}
		TestTrainingsGolden(t)
		return
	}
	settings := map[string]string{
		"avx2":     "cpu.avx512f=off",
		"portable": "cpu.avx512f=off,cpu.avx2=off",
	}
	var below []string
	switch kernel.Path() {
	case "avx512":
		below = []string{"avx2", "portable"}
	case "avx2":
		below = []string{"portable"}
	}
	for _, path := range below {
		cmd := exec.Command(os.Args[0], "-test.run=^TestTrainingsGoldenOnEveryPath$", "-test.v")
		cmd.Env = append(os.Environ(), "GODEBUG="+settings[path], childVariable+"="+path)
		out, err := cmd.CombinedOutput()
		if err != nil || !bytes.Contains(out, []byte("--- PASS: TestTrainingsGoldenOnEveryPath")) {
			t.Errorf("%s: %v\n%s", path, err, out)
		}
	}
}
