// Package theory holds the kind "theory": the exact gradient of a network under D_λ, at initialisation
// or later, by Fourier analysis, beside gradients of samples.
package theory

import (
	"context"
	"errors"
	"fmt"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/neuralnet"
)

// Kind computes gradients at initialisation, or at a checkpoint of a model.
//
//	in   data       the law D_λ, of at most 20 dimensions
//	in   model      optional: whose checkpoint to look at
//	out  gradients  a row a hidden weight: exact terms, population and sampled gradient
//	out  gaps       a row a neuron and feature: the gradient gap
//	out  summary    1 row
//	out  blocks     a row a neuron and kind of coordinates, if asked for: the gradient along the weights
//
// # Derivation
//
// The network is f(x) = c + Σ_j a_j relu(w_j·x + b_j), f being the margin, with a_j and c the output
// scale times the output weights (of +1 less those of -1, if there are two outputs). Every loss here
// has a slope of the form
//
//	ℓ'(f) = -κ y + r(f)     correlation  -yf             κ = 1,    r = 0
//	                        logistic     log(1+e^(-yf))  κ = 1/2,  r = σ(f) - 1/2
//	                        squared      (f-y)²          κ = 2,    r = 2f
//
// exactly, because -y σ(-yf) is σ(f) - 1 for y = 1 and σ(f) for y = -1; the cross-entropy of two logits
// is the logistic loss of their difference. With τ_j(x) = 1 where w_j·x + b_j > 0, else 0, the neuron's
// threshold, the population gradient of the hidden weight w_ji is
//
//	E_D[ℓ'(f) a_j τ_j x_i] = -κ a_j E_D[y τ_j x_i] + a_j E_D[r(f) τ_j x_i].
//
// D_λ has a density against the uniform distribution that depends on the group alone, so y times it is
//
//	y density = α + β f_c + γ f_s + δ f_c f_s
//
// with coefficients from the four groups' densities; for unbiased functions the density is
// 1 + (2λ-1) f_c f_s, so β = 1, γ = 2λ-1 and α = δ = 0. Hence, with T_F(i) = E[F τ_j x_i] for uniform x,
//
//	E_D[y τ_j x_i] = β T_{f_c}(i) + γ T_{f_s}(i) + α T_1(i) + δ T_{f_c f_s}(i),
//
// and by Plancherel's theorem T_F(i) = Σ_S F̂(S) τ̂_j(S Δ {i}): for a parity on S, the coefficient of
// τ_j at S without i for a coordinate of S, and at S with i for another. That the former is larger, by
// the Fourier gap, is how gradient descent tells them apart (Barak, Edelman, Goel, Kakade, Malach and
// Zhang, "Hidden Progress in Deep Learning: SGD Learns Parities Near the Computational Limit", 2022,
// §4), and that it shrinks with the degree, why the simpler feature comes first (Qiu, Kuang and Goel
// 2024). κ a_j β T_{f_c} and κ a_j γ T_{f_s}, with a minus, are the core and the spurious term;
// those of α and δ the bias term; that of r, which knows no label, the output term.
//
// Coefficients are sums of whole numbers (see boolean.Walsh), so T_F is exact; so are the terms up to
// the rounding of a few products. The output term is summed over the cube in float64, in pairs.
var Kind = stages.Define(stages.Kind{
	Name:    "theory",
	Version: 2,
	Doc: `Computes the exact gradient of a network's hidden weights under D_λ by Fourier analysis, at initialisation or later, and compares it with sampled ones.

The network has one hidden layer of ReLU neurons. Since D_λ has the density 1 + (2λ-1) f_c f_s against
the uniform distribution if both functions are unbiased (group masses give it otherwise), the
population gradient of a hidden weight is its value for the core feature plus (2λ-1) times its value
for the spurious one, and each is a sum of Fourier coefficients of the neuron's threshold, 1 where the
neuron is active. What a loss other than the correlation adds depends on no label and is a term of its
own. The gap of a feature is how much larger its gradient is on the coordinates that the function
reads than on others (Barak et al. 2022, Hidden Progress in Deep Learning; Qiu, Kuang, Goel 2024). With
the same seed and network block, the network is the one that train starts from. Sampled gradients are
those that training computes; their mean over batches is compared with the exact one by its standard
error.

With the input model the network is one of its checkpoints instead, so that the gradient of a training is looked at while it
lasts; the data may have another law than it was trained on. With blocks = true the output blocks tells
what the gradient does to the weights that there are. Summed over neurons, pull over mass of the spurious block is the rate at
which descent makes these weights grow, to be compared with weight decay: weights stand where the two are
equal, and stay without decay where there is no pull.`,
	Inputs: []stages.Input{
		{Name: "data", Type: dataset.Type, Doc: "The data set whose law D_λ to use; at most 20 dimensions."},
		{Name: "model", Type: model.Type, Cardinality: stages.Optional, Doc: "A model whose checkpoint is looked at, such as that of a train stage; without it the network is that of the start."},
	},
	Outputs: []stages.Output{
		{Name: "gradients", Fields: gradientFields, Doc: "The gradient of each hidden weight: exact terms, their sum, and the mean of sampled gradients; one row for each neuron and coordinate."},
		{Name: "gaps", Fields: gapFields, Doc: "How each neuron's gradient tells the coordinates of a feature from others; one row for each neuron and feature.",
			Values: stages.AlwaysValues(map[string][]string{"feature": features[:]})},
		{Name: "summary", Fields: summaryFields, Doc: "One row: the law's density, how samples and theory agree, and the gaps of both features."},
	},
	DynamicOutputs: func(settings any) []stages.Output { return settings.(*Settings).outputs() },
	Labels:         append([]stages.LabelUse{{Mark: frame.MarkAttribute, Purpose: dataset.Evaluation}}, dataset.Reading...),
}, run)

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, law, err := trainloop.Data(r, "data")
	if err != nil {
		return err
	}
	if law == nil {
		return fmt.Errorf("theory: external data has no law, and so no population")
	}
	if n := law.Dimensions(); n > boolean.MaxListed {
		return fmt.Errorf("theory: the law has %d dimensions; the Fourier expansion of a neuron takes at most %d", n, boolean.MaxListed)
	}
	network, err := s.Network.For(s.Loss, 2)
	if err != nil {
		return fmt.Errorf("theory: %w", err)
	}
	net, err := neuralnet.New(network, law.Dimensions(), trainloop.InitStream(s.Seed, ""))
	if err != nil {
		return fmt.Errorf("theory: network: %w", err)
	}
	if err := restore(net, s, r); err != nil {
		return fmt.Errorf("theory: model: %w", err)
	}
	width, batches := net.Width(), s.batches()
	done := 0
	step := func() error {
		done++
		r.Progress(int64(done), int64(2*width+batches))
		return ctx.Err()
	}
	population, err := newPopulation(law, net, s.Loss)
	if err != nil {
		return fmt.Errorf("theory: %w", err)
	}
	neurons, err := population.gradients(step)
	if err != nil {
		return err
	}
	res := &results{settings: s, law: law.Law(), net: net, population: population, neurons: neurons, contrasts: contrasts(law.Law(), neurons)}
	if res.sampled, err = sample(s, law, net, res.contrasts, step); err != nil {
		return err
	}
	return write(r, res)
}

// restore gives the network the weights of the input model's checkpoint, if there is one.
func restore(net *neuralnet.Network, s *Settings, r *stages.Run) error {
	m, err := model.Read(r, "model")
	if err != nil {
		return err
	}
	if m == nil {
		if s.Step != nil {
			return errors.New("step is given without the input model")
		}
		return nil
	}
	c, err := m.At(s.Step)
	if err != nil {
		return err
	}
	if err := c.Fits(net); err != nil {
		return err
	}
	net.CopyFrom(c.Net)
	return nil
}
