package debias

import (
	"context"
	"math"
	"testing"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// focal is the example of docs/debiasing.md: a method whose update is a Shape. No spec can name it.
func focal(gamma float64) *Method {
	return &Method{
		Name:    "focal",
		Version: 1,
		Doc:     "Steps on the mean of (1-p)^γ times the loss, p the probability of the label: samples that the network is sure of count less. γ = 0 is ERM.",
		Source:  "Lin, Goyal, Girshick, He and Dollár 2017",
		Run: func(ctx context.Context, t *Trial) error {
			source, err := t.Natural("")
			if err != nil {
				return err
			}
			return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Shape: focalShape(gamma), Steps: t.Remaining()})
		},
	}
}

// focalShape gives q^γ times the loss l, q = 1 - exp(-l); its derivative by l is q^γ (1 + γ l (1-q) / q).
func focalShape(gamma float64) trainloop.Shape {
	return func(_ *trainloop.Batch, _, losses, slopes []float32) {
		for i, loss := range losses {
			l, q := float64(loss), max(-kernel.Expm1(-float64(loss)), 1e-300)
			w := kernel.Exp64(float64(gamma * kernel.Log64(q)))
			losses[i] = float32(w * l)
			slopes[i] = float32(float64(slopes[i]) * float64(w*(1+float64(gamma*l*(1-q)/q))))
		}
	}
}

// By definition, and by differences of the loss: along the margin f of a logistic loss.
func TestFocalShape(t *testing.T) {
	of := func(gamma, f float64) float64 { // the focal loss of the label 1
		p := 1 / (1 + math.Exp(-f))
		return math.Pow(1-p, gamma) * -math.Log(p)
	}
	for _, gamma := range []float64{0, .5, 1, 2, 5} {
		for _, f := range []float64{-6, -1, 0, .3, 2, 8} {
			p := 1 / (1 + math.Exp(-f))
			losses, slopes := []float32{float32(-math.Log(p))}, []float32{float32(p - 1)}
			focalShape(gamma)(nil, nil, losses, slopes)
			const h = 1e-5
			loss, slope := of(gamma, f), (of(gamma, f+h)-of(gamma, f-h))/(2*h)
			if math.Abs(float64(losses[0])-loss) > 1e-6*(1+loss) || math.Abs(float64(slopes[0])-slope) > 1e-5*(1+math.Abs(slope)) {
				t.Errorf("γ = %v at the margin %v: loss %v and slope %v, want %v and %v", gamma, f, losses[0], slopes[0], loss, slope)
			}
		}
	}
	// A sample without a loss, as a margin of 100 has, is no trouble.
	losses, slopes := []float32{0}, []float32{0}
	if focalShape(.5)(nil, nil, losses, slopes); losses[0] != 0 || slopes[0] != 0 {
		t.Errorf("loss %v, slope %v", losses[0], slopes[0])
	}
}

// With γ = 0 it is ERM, bit for bit; with another γ it is not.
func TestFocalWithoutFocusIsERM(t *testing.T) {
	defer func(m []*Method) { methods = m }(methods)
	d := finiteData(t, easyLaw(.9), 200)
	network := func(m *Method) string {
		named := *m
		named.Name = "erm"
		methods = []*Method{&named}
		return lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
	}
	want := network(erm)
	if network(focal(0)) != want {
		t.Error("γ = 0 gives another network than ERM")
	}
	if network(focal(2)) == want {
		t.Error("γ = 2 gives the network of ERM")
	}
}
