package retrain

import (
	"fmt"
	"math"

	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/logistic"
	"spurion/stages/numeric/neuralnet"
)

// refit fits the last layer to features [len(labels), width] and labels from 0 to classes-1. Without bias intercepts are 0.
func refit(s *Settings, features []float32, width int, labels []int16, classes int, bias bool) (*logistic.Classifier, error) {
	fit, err := logistic.FitClasses(logistic.Rows{X: features, D: width, Labels: labels}, classes,
		logistic.Options{C: s.C, Standardize: s.Standardize, NoIntercept: !bias})
	if err != nil {
		return nil, fmt.Errorf("last layer: %w", err)
	}
	return fit, nil
}

// install gives the network with a fit as its last layer.
func install(net *neuralnet.Network, fit *logistic.Classifier) *neuralnet.Network {
	out := net.Clone()
	out.SetScores(fit.Weights, fit.Intercepts)
	return out
}

// spuriousShare gives the share of the last layer's weight that rests on spurious neurons: those
// whose incoming weights w have |w_c|² < |w_s|², for the coordinates of the core and of the spurious
// block. A neuron counts with |a_j| sd_j, its weight in the margin times the standard deviation of
// its activation, [width]. It does not exist for networks with other than one hidden layer, for a CNN, or if
// no neuron counts.
func spuriousShare(net *neuralnet.Network, law datalaw.Law, deviations []float64) (share float64, ok bool) {
	if len(net.Layers) != 2 || net.Image != nil {
		return 0, false
	}
	hidden, last := &net.Layers[0], &net.Layers[1]
	var spurious, total float64
	w := make([]float32, hidden.In)
	for j := range hidden.Out {
		hidden.NeuronWeights(w, j)
		core, other := w[:law.CoreLength], w[law.CoreLength:law.CoreLength+law.SpuriousLength]
		a := float64(last.Weights[j*last.Out+last.Out-1])
		if last.Out == 2 {
			a -= float64(last.Weights[j*last.Out])
		}
		weight := float64(math.Abs(a) * deviations[j])
		total += weight
		if kernel.Dot64(core, core) < kernel.Dot64(other, other) {
			spurious += weight
		}
	}
	if total == 0 {
		return 0, false
	}
	return spurious / total, true
}

// deviations gives the standard deviation of each column of x, [rows, d].
func deviations(x []float32, rows, d int) []float64 {
	mean, sd := make([]float64, d), make([]float64, d)
	for r := range rows {
		for j, v := range x[r*d : (r+1)*d] {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= float64(rows)
	}
	for r := range rows {
		for j, v := range x[r*d : (r+1)*d] {
			c := float64(v) - mean[j]
			sd[j] += float64(c * c)
		}
	}
	for j := range sd {
		sd[j] = math.Sqrt(sd[j] / float64(rows))
	}
	return sd
}
