package kernel

import "math"

// The functions of this file are one step of an optimizer on weights w with gradients g, element
// by element. All slices have the length of w. They report whether all new weights are finite.
// g is only read.
//
// Weights, velocities and moments that would be denormal are 0 (see Settle). They come about where a
// gradient stays 0, as of a unit that is never active, while momentum, Adam's decays or weight
// decay wear numbers down: for ever, since 0.9 times a few times 2^-149 rounds to itself; and with
// a tenth of its weights denormal a training step takes ten times as long on some processors.

// Descend is gradient descent with weight decay:
//
//	s := FMA32(decay, w[i], g[i])
//	w[i] = Settle(FMA32(-rate, s, w[i]))
func Descend(w, g []float32, rate, decay float32) (finite bool) {
	g = first(g, len(w))
	return descend(w, g, rate, decay)
}

func descendPortable(w, g []float32, rate, decay float32) bool {
	finite := true
	for i, x := range w {
		s := FMA32(decay, x, g[i])
		x = Settle(FMA32(-rate, s, x))
		w[i] = x
		finite = finite && isFinite(x)
	}
	return finite
}

// DescendMomentum is gradient descent with momentum; v is the velocity:
//
//	s := FMA32(decay, w[i], g[i])
//	v[i] = Settle(FMA32(momentum, v[i], s))
//	w[i] = Settle(FMA32(-rate, v[i], w[i]))                   // or, if nesterov is set,
//	w[i] = Settle(FMA32(-rate, FMA32(momentum, v[i], s), w[i]))
func DescendMomentum(w, g, v []float32, rate, momentum, decay float32, nesterov bool) (finite bool) {
	g, v = first(g, len(w)), first(v, len(w))
	return descendMomentum(w, g, v, rate, momentum, decay, nesterov)
}

func descendMomentumPortable(w, g, v []float32, rate, momentum, decay float32, nesterov bool) bool {
	finite := true
	for i, x := range w {
		s := FMA32(decay, x, g[i])
		v[i] = Settle(FMA32(momentum, v[i], s))
		if nesterov {
			s = FMA32(momentum, v[i], s)
		} else {
			s = v[i]
		}
		x = Settle(FMA32(-rate, s, x))
		w[i] = x
		finite = finite && isFinite(x)
	}
	return finite
}

// DescendSign moves each weight by rate against the sign of its gradient; none at 0:
//
//	s := FMA32(decay, w[i], g[i])
//	w[i] = Settle(w[i] - sign(s)*rate)
//
// Where s is NaN, so is the weight.
func DescendSign(w, g []float32, rate, decay float32) (finite bool) {
	g = first(g, len(w))
	return descendSign(w, g, rate, decay)
}

func descendSignPortable(w, g []float32, rate, decay float32) bool {
	finite := true
	for i, x := range w {
		s := FMA32(decay, x, g[i])
		switch {
		case s > 0:
			x -= rate
		case s < 0:
			x += rate
		default:
			x += s // 0 or NaN
		}
		x = Settle(x)
		w[i] = x
		finite = finite && isFinite(x)
	}
	return finite
}

// An AdamStep holds the numbers of one step of Adam. Rate and RootScale carry the corrections of
// the moments' bias: Rate = rate/(1-beta1^t), RootScale = 1/sqrt(1-beta2^t).
type AdamStep struct {
	Rate, RootScale, Epsilon float32
	// OneLessBeta1 = 1-beta1, Beta2, OneLessBeta2 = 1-beta2.
	OneLessBeta1, Beta2, OneLessBeta2 float32
	Decay                             float32 // added to the gradient, times the weight
	Shrink                            float32 // taken off the weight, times the weight: rate*decay of AdamW
}

// Adam is one step of Adam (Kingma and Ba, 2015) or AdamW; m and v are the moments:
//
//	x := FMA32(-Shrink, w[i], w[i])
//	s := FMA32(Decay, w[i], g[i])
//	m[i] = Settle(FMA32(OneLessBeta1, s-m[i], m[i]))
//	v[i] = Settle(FMA32(OneLessBeta2*s, s, Beta2*v[i]))
//	d := FMA32(sqrt(v[i]), RootScale, Epsilon)
//	w[i] = Settle(FMA32(-Rate, m[i]/d, x))
//
// A second moment that is not finite counts as a weight that is not: its weight would stand still
// from then on.
func Adam(w, g, m, v []float32, p AdamStep) (finite bool) {
	g, m, v = first(g, len(w)), first(m, len(w)), first(v, len(w))
	return adam(w, g, m, v, p)
}

func adamPortable(w, g, m, v []float32, p AdamStep) bool {
	finite := true
	for i, old := range w {
		x := FMA32(-p.Shrink, old, old)
		s := FMA32(p.Decay, old, g[i])
		m[i] = Settle(FMA32(p.OneLessBeta1, s-m[i], m[i]))
		v[i] = Settle(FMA32(float32(p.OneLessBeta2*s), s, float32(p.Beta2*v[i])))
		// A float64 root rounded to float32 is the float32 root, correctly rounded.
		d := FMA32(float32(math.Sqrt(float64(v[i]))), p.RootScale, p.Epsilon)
		x = Settle(FMA32(-p.Rate, m[i]/d, x))
		w[i] = x
		finite = finite && isFinite(x) && isFinite(v[i])
	}
	return finite
}

// Settle gives x, but 0 (of positive sign) if x is denormal or zero.
func Settle(x float32) float32 {
	if math.Float32bits(x)&0x7f800000 == 0 {
		return 0
	}
	return x
}

// Finite reports whether no element of z is infinite or NaN.
func Finite(z []float32) bool { return finite(z) }

func finitePortable(z []float32) bool {
	for _, x := range z {
		if !isFinite(x) {
			return false
		}
	}
	return true
}

func isFinite(x float32) bool {
	return math.Float32bits(x)&0x7f800000 != 0x7f800000
}
