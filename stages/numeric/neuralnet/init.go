package neuralnet

import (
	"fmt"
	"math"

	"spurion/stages/numeric/kernel"
)

// initialise draws a layer's weights (see NetworkSettings); fanOut is out, which of a convolution is the channels times its windows' size. Biases are 0, but for pytorch, where
// they have the weights' distribution. With in inputs, out outputs and a factor c, a weight has mean 0 and variance
//
//	pytorch          c²/(3 in)          uniform; torch.nn.Linear (PyTorch 1.0 and on)
//	he_normal        2 c²/in            torch.nn.init.kaiming_normal_ for ReLU, by fan_in
//	he_uniform       2 c²/in            kaiming_uniform_ likewise; Keras' he_uniform
//	xavier_normal    2 c²/(in + out)    torch.nn.init.xavier_normal_
//	xavier_uniform   2 c²/(in + out)    xavier_uniform_; glorot_uniform, the default of Keras' Dense
//	normal           c²
//	sphere           c²/in              each neuron's weights together have the norm c
//	signs            c²
//	zeros            0
//
// Keras' he_normal and glorot_normal are normal distributions cut off at two standard deviations, widened to these variances.
func initialise(l *Layer, fanOut int, name string, scale float64, stream *kernel.Stream) error {
	in, out := float64(l.In), float64(fanOut)
	switch name {
	case "pytorch", "":
		// torch.nn.Linear: Kaiming uniform with a = sqrt(5), which is U(±1/sqrt(in)).
		bound := scale / math.Sqrt(in)
		fillUniform(l, bound, stream)
		for o := range l.Biases {
			l.Biases[o] = uniform(bound, stream)
		}
	case "he_normal": // He et al. 2015
		fillNormal(l, float64(scale*math.Sqrt(2/in)), stream)
	case "he_uniform":
		fillUniform(l, float64(scale*math.Sqrt(6/in)), stream)
	case "xavier_normal": // Glorot and Bengio 2010
		fillNormal(l, float64(scale*math.Sqrt(2/(in+out))), stream)
	case "xavier_uniform":
		fillUniform(l, float64(scale*math.Sqrt(6/(in+out))), stream)
	case "normal":
		fillNormal(l, scale, stream)
	case "sphere":
		fillSphere(l, scale, stream)
	case "signs":
		fill(l, func() float32 {
			if stream.Uint64()>>63 == 1 {
				return float32(scale)
			}
			return float32(-scale)
		})
	case "zeros":
	default:
		return fmt.Errorf("there is no initialisation %q", name)
	}
	return nil
}

func fill(l *Layer, draw func() float32) {
	for o := range l.Out {
		for i := range l.In {
			l.Weights[i*l.Out+o] = draw()
		}
	}
}

func fillUniform(l *Layer, bound float64, stream *kernel.Stream) {
	fill(l, func() float32 { return uniform(bound, stream) })
}

func uniform(bound float64, stream *kernel.Stream) float32 {
	return float32(bound * (float64(2*stream.Float64()) - 1))
}

func fillNormal(l *Layer, deviation float64, stream *kernel.Stream) {
	fill(l, func() float32 { return float32(deviation * stream.Normal()) })
}

// fillSphere draws each neuron's weights uniformly from the sphere: normal numbers, scaled.
func fillSphere(l *Layer, radius float64, stream *kernel.Stream) {
	w := make([]float64, l.In)
	for o := range l.Out {
		sum := 0.0
		for i := range w {
			w[i] = stream.Normal()
			sum += float64(w[i] * w[i])
		}
		factor := radius / math.Sqrt(sum)
		for i := range w {
			l.Weights[i*l.Out+o] = float32(w[i] * factor)
		}
	}
}
