package neuralnet

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// allocateMoments makes room for what the optimizer keeps for a layer.
func (t *Trainer) allocateMoments(s *layerState) {
	// Without momentum and signs, decoupled weight decay is the same as coupled.
	if t.opt.Decoupled && (t.opt.Type == "sign" || t.opt.Momentum != 0) {
		t.zeros = room(t.zeros, max(len(s.dWeights), len(s.dBiases)))
	}
	first := t.opt.Type == "sgd" && t.opt.Momentum != 0
	both := t.opt.Type == "adam" || t.opt.Type == "adamw"
	if s.rate == 0 {
		return
	}
	if first || both {
		s.m = make([]float32, len(s.dWeights))
		s.mBiases = make([]float32, len(s.dBiases))
	}
	if both {
		s.v = make([]float32, len(s.dWeights))
		s.vBiases = make([]float32, len(s.dBiases))
	}
}

// Update changes the weights by one step of the optimizer (see OptimizerSettings). If a loss of the
// last Forward is not finite the weights stay as they are; if a new weight is not finite they
// have changed. Both give an error that wraps ErrDiverged. A batch that a batch normalisation cannot take gives another error,
// and the weights stay.
func (t *Trainer) Update() error {
	if t.image != nil && t.image.fault != nil {
		return fmt.Errorf("network: %w", t.image.fault)
	}
	if losses := t.losses[:t.rows]; !kernel.Finite(losses) {
		i := slices.IndexFunc(losses, func(loss float32) bool { return loss-loss != 0 }) // infinite or NaN
		return fmt.Errorf("network: step %d: the loss of row %d of the batch is %v: %w", t.steps+1, i, losses[i], ErrDiverged)
	}
	t.clip()
	t.steps++
	t.rate = float64(t.opt.Rate * t.opt.Schedule.At(t.steps))
	t.beta1t = float64(t.beta1t * t.opt.Beta1)
	t.beta2t = float64(t.beta2t * t.opt.Beta2)
	var err error
	t.each(func(i int, l *Layer, s *layerState) {
		if err == nil && s.rate != 0 {
			err = t.updateLayer(i, l, s)
		}
	})
	return err
}

// updateLayer changes layer i of Network.All, which is not frozen.
func (t *Trainer) updateLayer(i int, l *Layer, s *layerState) error {
	decay, decayBiases := t.opt.WeightDecay, t.opt.WeightDecay
	if !t.opt.DecayBiases {
		decayBiases = 0
		if l.Mean != nil {
			decay = 0
		}
	}
	var finite bool
	if t.unturned && s == &t.layers[0] {
		finite = t.updateUnturned(decay)
	} else {
		finite = t.updateTensor(l.Weights, s.dWeights, s.m, s.v, s.rate, decay)
	}
	if !finite {
		return fmt.Errorf("network: step %d: a weight of layer %d, or its second moment, is not finite: %w", t.steps, i, ErrDiverged)
	}
	if l.Biases != nil && !t.updateTensor(l.Biases, s.dBiases, s.mBiases, s.vBiases, s.rate, decayBiases) {
		return fmt.Errorf("network: step %d: a bias of layer %d, or its second moment, is not finite: %w", t.steps, i, ErrDiverged)
	}
	return nil
}

// clip scales the gradient down to ClipNorm.
func (t *Trainer) clip() {
	if t.opt.ClipNorm == 0 {
		return
	}
	t.sumGradients()
	norm := t.GradientNorm()
	if !(norm > t.opt.ClipNorm) {
		return
	}
	factor := float32(t.opt.ClipNorm / norm)
	t.each(func(_ int, _ *Layer, s *layerState) {
		kernel.Scale(s.dWeights, factor)
		kernel.Scale(s.dBiases, factor)
	})
	t.clipped = true
}

// updateTensor reports whether all new weights are finite.
func (t *Trainer) updateTensor(w, g, m, v []float32, layerRate, decay float64) bool {
	o := &t.opt
	rate := float64(t.rate * layerRate)
	if o.Decoupled && decay != 0 && t.zeros != nil {
		// By Descend rather than a factor of 1-rate*decay, which as a float32 is coarse next to 1.
		kernel.Descend(w, t.zeros[:len(w)], float32(rate), float32(decay))
		decay = 0
	}
	switch o.Type {
	case "sgd":
		if o.Momentum == 0 {
			return kernel.Descend(w, g, float32(rate), float32(decay))
		}
		return kernel.DescendMomentum(w, g, m, float32(rate), float32(o.Momentum), float32(decay), o.Nesterov)
	case "sign":
		return kernel.DescendSign(w, g, float32(rate), float32(decay))
	}
	p := kernel.AdamStep{
		Rate:         float32(rate / (1 - t.beta1t)),
		RootScale:    float32(1 / math.Sqrt(1-t.beta2t)),
		Epsilon:      float32(o.Epsilon),
		OneLessBeta1: float32(1 - o.Beta1),
		Beta2:        float32(o.Beta2),
		OneLessBeta2: float32(1 - o.Beta2),
	}
	if o.Type == "adamw" {
		p.Shrink = float32(rate * decay)
	} else {
		p.Decay = float32(decay)
	}
	return kernel.Adam(w, g, m, v, p)
}
