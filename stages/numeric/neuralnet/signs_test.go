package neuralnet

import (
	"testing"

	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// packed gives rows of n numbers -1 and +1 as bits.
func packed(x []float32, rows, n int) []uint64 {
	words := (n + 63) / 64
	bits := make([]uint64, rows*words)
	for r := range rows {
		for i, v := range x[r*n : (r+1)*n] {
			if v > 0 {
				bits[r*words+i/64] |= 1 << (i % 64)
			}
		}
	}
	return bits
}

// Neither chunks of rows nor the batch's size show in margins, and evaluation rounds as training does.
// Gradients over many chunks are one sum in groups of four rows, from the left.
func TestChunksOfSignsDoNotShow(t *testing.T) {
	for _, hidden := range [][]int{nil, {37}, {6, 5}} {
		for _, rows := range []int{3, chunkRows, 2*chunkRows + 37} {
			const inputs = 71
			net, err := New(NetworkSettings{Hidden: hidden, Activation: "tanh", Bias: true, Outputs: 2, InitScale: 1}, inputs, kernel.NewStream(1, "weights"))
			if err != nil {
				t.Fatal(err)
			}
			x, labels := make([]float32, rows*inputs), make([]int16, rows)
			parityBatch(kernel.NewStream(1, "data"), x, labels, inputs, 2)
			bits := packed(x, rows, inputs)
			o := OptimizerSettings{Type: "sgd", Rate: 1}
			tr, err := NewTrainer(net, "cross_entropy", o, rows)
			if err != nil {
				t.Fatal(err)
			}
			one, err := NewTrainer(net, "cross_entropy", o, 1)
			if err != nil {
				t.Fatal(err)
			}
			tr.ForwardSigns(bits, labels, rows)
			evaluated := make([]float32, rows)
			net.MarginsOfSigns(evaluated, bits, rows)
			for r, margin := range tr.Scores() {
				one.ForwardSigns(bits[2*r:], labels[r:], 1)
				if one.Scores()[0] != margin || evaluated[r] != margin {
					t.Fatalf("row %d of %d: margin %v, alone %v, evaluated %v", r, rows, margin, one.Scores()[0], evaluated[r])
				}
			}
			if hidden != nil {
				tr.Backward(nil)
				checkSignGradients(t, tr, one, bits, labels, rows)
			}
		}
	}
}

// checkSignGradients recomputes the first layer's gradients from those of single rows.
func checkSignGradients(t *testing.T, tr, one *Trainer, bits []uint64, labels []int16, rows int) {
	t.Helper()
	in := tr.net.Inputs()
	got, _ := tr.Gradients(0)
	want, terms := make([]float32, len(got)), make([][4]float32, len(got))
	for r := range rows {
		one.ForwardSigns(bits[2*r:], labels[r:], 1)
		one.Backward([]float32{1 / float32(rows)})
		d, _ := one.Gradients(0) // the input, which is -1 or +1, times delta
		for i := range d {
			terms[i][r%4] = d[i]
			if r%4 == 3 || r == rows-1 {
				want[i] += (terms[i][0] + terms[i][1]) + (terms[i][2] + terms[i][3])
				terms[i] = [4]float32{}
			}
		}
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%d rows of %d: gradient %d is %v, want %v", rows, in, i, got[i], want[i])
		}
	}
}

// A batch of signs allocates nothing after the first.
func TestStepsOnSignsDoNotAllocate(t *testing.T) {
	if stagetest.Raced {
		t.Skip("the race detector drops pooled memory")
	}
	const inputs, rows = 50, 64
	for _, hidden := range [][]int{nil, {100}} {
		net, err := New(NetworkSettings{Hidden: hidden, Activation: "relu", Bias: true, Outputs: 2, InitScale: 1}, inputs, kernel.NewStream(1, "weights"))
		if err != nil {
			t.Fatal(err)
		}
		x, labels := make([]float32, rows*inputs), make([]int16, rows)
		parityBatch(kernel.NewStream(1, "data"), x, labels, inputs, 2)
		bits := packed(x, rows, inputs)
		tr, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: .1}, rows)
		if err != nil {
			t.Fatal(err)
		}
		n := testing.AllocsPerRun(5, func() {
			tr.ForwardSigns(bits, labels, rows)
			tr.Backward(nil)
			if err := tr.Update(); err != nil {
				t.Fatal(err)
			}
		})
		if n != 0 {
			t.Errorf("hidden %v: %v allocations a step", hidden, n)
		}
	}
}
