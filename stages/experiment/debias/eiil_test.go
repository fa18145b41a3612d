package debias

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// violation is what assignments maximise, from its definition.
func violation(a, c []float64) float64 {
	var g, h float64
	for i := range c {
		g += a[i] * c[i] / float64(len(c))
		h += (1 - a[i]) * c[i] / float64(len(c))
	}
	return (g*g + h*h) / 2
}

// No assignment to two environments is more violated than that in closed form. (The objective is
// convex, so a soft one is not either.)
func TestClosedFormIsTheBestAssignment(t *testing.T) {
	stream := kernel.NewStream(1, "c")
	for range 20 {
		c := make([]float64, 10)
		closed := make([]float64, len(c))
		for i := range c {
			c[i] = stream.Normal()
			if c[i] > 0 {
				closed[i] = 1
			}
		}
		best := 0.0
		a := make([]float64, len(c))
		for bits := range 1 << len(c) {
			for i := range a {
				a[i] = float64(bits >> i & 1)
			}
			best = max(best, violation(a, c))
		}
		if got := violation(closed, c); math.Abs(got-best) > 1e-15 {
			t.Fatalf("c = %v: in closed form %v, the best is %v", c, got, best)
		}
	}
}

// The gradient of the assignments, by differences of the definition.
func TestAssignmentGradient(t *testing.T) {
	stream := kernel.NewStream(1, "c")
	c := make([]float64, 7)
	for i := range c {
		c[i] = stream.Normal()
	}
	s := newAssignment(c, kernel.NewStream(2, "u"))
	s.descent()
	for i := range c {
		at := func(step float64) float64 {
			a := make([]float64, len(c))
			for j, u := range s.u {
				a[j] = float64(u)
				if j == i {
					a[j] += step
				}
				a[j] = 1 / (1 + math.Exp(-a[j]))
			}
			return -violation(a, c)
		}
		const h = 1e-4
		want := (at(h) - at(-h)) / (2 * h)
		if math.Abs(float64(s.gradient[i])-want) > 1e-7 {
			t.Errorf("gradient %d is %v, by differences %v", i, s.gradient[i], want)
		}
	}
}

// Adam comes to the closed form, or to the same with the environments' names exchanged; and samples whose
// gradient is nothing next to its ε stay where they started.
func TestAssignmentComesToTheClosedForm(t *testing.T) {
	stream := kernel.NewStream(1, "c")
	c := make([]float64, 300)
	for i := range c {
		if c[i] = stream.Normal(); i >= 200 {
			c[i] *= 1e-9
		}
	}
	s := newAssignment(c, kernel.NewStream(2, "u"))
	start := s.cells()
	for range 1000 {
		s.step(.01)
	}
	end := s.cells()
	agree := [2]int{}
	for i := range 200 {
		if (end[i] == 1) == (c[i] > 0) {
			agree[0]++
		} else {
			agree[1]++
		}
	}
	if max(agree[0], agree[1]) != 200 {
		t.Errorf("%d of 200 samples are as in closed form, %d the other way round", agree[0], agree[1])
	}
	if !slices.Equal(start[200:], end[200:]) {
		t.Error("samples without a gradient have moved")
	}
}

// With two logits z, d/dv CE(v z) at 1 is Σ p_k z_k - z_y; it is positive where the network is wrong, so
// that the environments of the cross-entropy are JTT's error set and the rest.
func TestScaleGradients(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	trial := newTestTrial(t, d, Settings{Batch: 8, Seed: 5, Method: MethodSettings{Name: "eiil"}})
	net := randomNetwork(6, 8)
	last := net.Layers[len(net.Layers)-1]
	c, err := trial.scaleGradients(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	labels := trial.Labels()
	x, h := make([]float32, 300*6), make([]float32, 300*net.Width())
	d.Train.Inputs(x, 0, 300)
	net.Features(h, x, 300)
	for row := range c {
		var z [2]float64
		for o := range z {
			z[o] = float64(last.Biases[o])
			for i, f := range h[row*last.In : (row+1)*last.In] {
				z[o] += float64(f) * float64(last.Weights[i*last.Out+o])
			}
		}
		p := 1 / (1 + math.Exp(z[0]-z[1]))
		if want := (1-p)*z[0] + p*z[1] - z[labels[row]]; math.Abs(c[row]-want) > 1e-5 {
			t.Fatalf("row %d: %v, by definition %v", row, c[row], want)
		}
	}
	set, err := trial.environments(t.Context(), net, true)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := trial.Wrong(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	for row, cell := range set.Partition.Cells {
		if (cell == 1) != wrong[row] {
			t.Fatalf("row %d is in environment %d; wrong: %v", row, cell, wrong[row])
		}
	}
	if set.Partition.Used() != 2 {
		t.Error("the network is right everywhere, or wrong: the test shows nothing")
	}
}

// A network that says nothing has no gradient by its scale: all samples are in the environment 0.
func TestEnvironmentsOfASilentNetwork(t *testing.T) {
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 30), Settings{Batch: 8, Method: MethodSettings{Name: "eiil"}})
	net := randomNetwork(6, 8)
	clear(net.Layers[1].Weights)
	clear(net.Layers[1].Biases)
	set, err := trial.environments(t.Context(), net, true)
	if err != nil || slices.Max(set.Partition.Cells) != 0 {
		t.Errorf("environments %v, error %v", set.Partition, err)
	}
}

// randomNetwork has normal weights and biases, and two outputs.
func randomNetwork(inputs, hidden int) *neuralnet.Network {
	stream := kernel.NewStream(4, "network")
	layer := func(in, out int) neuralnet.Layer {
		l := neuralnet.Layer{In: in, Out: out, Weights: make([]float32, in*out), Biases: make([]float32, out)}
		for _, w := range [][]float32{l.Weights, l.Biases} {
			for i := range w {
				w[i] = float32(stream.Normal())
			}
		}
		return l
	}
	return &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{layer(inputs, hidden), layer(hidden, 2)}}
}

// The scale's derivative is that of every loss, by differences.
func TestScaleGradientsOfLosses(t *testing.T) {
	margins, labels := []float32{-2, -.3, 0, .4, 1.5}, []int16{0, 1, 1, 0, 1}
	loss := func(name string, v float32) []float64 {
		scaled, losses, slopes := make([]float32, 5), make([]float32, 5), make([]float32, 5)
		for i, f := range margins {
			scaled[i] = f * v
		}
		neuralnet.ScoreLosses(name, losses, slopes, scaled, labels)
		sum := make([]float64, 5)
		for i, l := range losses {
			sum[i] = float64(l)
		}
		return sum
	}
	for _, name := range []string{"cross_entropy", "squared", "hinge", "correlation"} {
		losses, slopes := make([]float32, 5), make([]float32, 5)
		neuralnet.ScoreLosses(name, losses, slopes, margins, labels)
		up, down := loss(name, 1.01), loss(name, .99)
		for i, f := range margins {
			if got, want := float64(f)*float64(slopes[i]), (up[i]-down[i])/.02; math.Abs(got-want) > 1e-3 {
				t.Errorf("%s of margin %v: %v, by differences %v", name, f, got, want)
			}
		}
	}
}

// A reference that is right everywhere leaves one environment: ERM, and the row says so.
func TestEIILOfAnInterpolatingReferenceIsERM(t *testing.T) {
	d := finiteData(t, easyLaw(.7), 200)
	erm := lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
	for _, objective := range []string{`"rate": 0.5`, `"objective": "irm", "penalty": 0, "anneal": 0`} {
		out := run1(t, d, `{"name": "eiil", "first_steps": 600, "batches": "natural", `+objective+`}`, `"steps": 660`)
		if note, _ := value(t, out["summary"], "note", 0).(string); !contains(note, "in one environment after 600 steps") || !contains(note, "no training samples of the environment 1") {
			t.Errorf("the note says %q", note)
		}
		if lastModel(t, out) != erm {
			t.Errorf("%s: with one environment the second stage is not ERM", objective)
		}
		i := out["inference"]
		for column, want := range map[string]any{"used": true, "set": "environment", "size": int64(0), "cells": int64(1), "jaccard": 0., "rand_index": 0.} {
			if got := value(t, i, column, -1); got != want {
				t.Errorf("%s of one environment is %v, want %v", column, got, want)
			}
		}
	}
}

// Each setting changes the training: crossing, the objective, and how environments are found.
func TestEIILSettingsMatter(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	seen := map[string]string{}
	for _, rest := range []string{``, `, "crossed": true`, `, "objective": "irm"`, `, "batches": "natural"`, `, "rate": 1`, `, "inference": "adam", "inference_steps": 3`} {
		out := run1(t, d, fmt.Sprintf(`{"name": "eiil", "first_steps": 20%s}`, rest), "")
		model := lastModel(t, out)
		if other, ok := seen[model]; ok {
			t.Errorf("%q trains as %q", rest, other)
		}
		seen[model] = rest
		if s := out["summary"]; value(t, s, "label_access", 0) != "none" || value(t, s, "earlier_steps", 0) != int64(20) {
			t.Errorf("%q: access %v, %v earlier steps", rest, value(t, s, "label_access", 0), value(t, s, "earlier_steps", 0))
		}
		if rows := out["inference"].Rows(); (rows == 1) != contains(rest, "adam") {
			t.Errorf("%q: %d inferred partitions", rest, rows)
		}
	}
}

// The easy control: the environments of an early reference are the majority and the minority.
func TestEIILFindsTheMinorityInTheEasyControl(t *testing.T) {
	for _, inference := range []string{"closed", "adam"} {
		best := easyControl(t, `{"name": "eiil", "first_steps": 189, "inference_rate": 0.01, "inference_steps": 2000, "inference": "`+inference+`"}`)
		if best <= .95 {
			t.Errorf("%s: the best Jaccard index with the minority is %v", inference, best)
		}
	}
}
