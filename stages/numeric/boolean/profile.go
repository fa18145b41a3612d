package boolean

import (
	"fmt"
	"math/big"
)

// closedStaircase bounds the degree of a staircase whose influences are summed from binomials.
const closedStaircase = 64

// A Profile says how complex a function is, before anything learns it. What is nil is not known, for
// the reason given.
type Profile struct {
	Mean     float64 // E f
	Variance float64 // 1 - (E f)²
	// The rest as in Spectrum.
	Degree, Leap, Support *int
	Influences            []float64 // by coordinate
	Stability             *float64  // at the ρ that was asked for
	Spectrum              *Spectrum // nil beyond MaxListed coordinates
	Reason                string    // why something is nil; empty if nothing is
}

// TotalInfluence gives the sum of the influences, the expected number of coordinates that turn the
// function; nil if they are not known.
func (p *Profile) TotalInfluence() *float64 {
	if p.Influences == nil {
		return nil
	}
	sum := 0.0
	for _, x := range p.Influences {
		sum += x
	}
	return &sum
}

// Profile describes a function without problems; rho is where its noise stability is taken. Up to
// MaxListed coordinates all of it comes from the Fourier expansion; beyond, from closed forms where
// there are some:
//
//	parity(d)     one coefficient: everything follows
//	and, or       f̂(S) = ±2^(1-d) but for S = ∅
//	majority(d)   an influence is the probability that the other votes are tied, or (d even) one
//	              vote short of it; the coefficients of single coordinates, which equal the influences,
//	              and that of all coordinates are not 0: leap 1, degree d
//	staircase(d)  the majority of the prefix products p_i, which are independent fair coins: turning
//	              x_i turns p_i to p_d; the coefficient of each prefix is that of a vote: leap 1,
//	              degree d
//	not(f)        as f
func (f Function) Profile(rho float64) Profile {
	probability := f.Probability()
	mean := new(big.Rat).Sub(new(big.Rat).Add(probability, probability), big.NewRat(1, 1))
	p := Profile{}
	p.Mean, _ = mean.Float64()
	p.Variance, _ = new(big.Rat).Sub(big.NewRat(1, 1), product(mean, mean)).Float64()
	if s, err := f.Spectrum(); err == nil {
		degree, leap, support, stability := s.Degree(), s.Leap(), s.Support(), s.Stability(rho)
		p.Degree, p.Leap, p.Support, p.Stability = &degree, &leap, &support, &stability
		p.Influences, p.Spectrum = s.Influences(), s
		return p
	}
	f.closed(&p, rho)
	return p
}

// closed fills in what is known of a function beyond MaxListed coordinates.
func (f Function) closed(p *Profile, rho float64) {
	for f.Type == Not {
		f = *f.Of
	}
	d, leap, support := f.Degree, 1, 1
	switch f.Type {
	case Parity:
		stability := power(rho, d)
		p.Degree, p.Leap, p.Support, p.Stability = &d, &d, &support, &stability
		p.Influences = repeat(1, d)
	case And, Or:
		// Σ_{S≠∅} ρ^|S| 4^(1-d) = 4^(1-d) ((1+ρ)^d - 1), and (E f)² for the empty set.
		rest := float64(power(0.5, 2*d-2) * (power(1+rho, d) - 1))
		stability := float64(p.Mean*p.Mean) + rest
		p.Degree, p.Leap, p.Stability = &d, &leap, &stability
		if d < 63 {
			support = 1 << d
			p.Support = &support
		}
		p.Influences = repeat(power(0.5, d-1), d)
	case Majority:
		p.Degree, p.Leap = &d, &leap
		p.Influences = repeat(tied(d), d)
		p.Reason = "noise stability and support have no closed form here"
	case Staircase:
		p.Degree, p.Leap = &d, &leap
		p.Reason = "noise stability and support have no closed form here"
		if d > closedStaircase {
			p.Reason = fmt.Sprintf("influences of staircases are computed up to degree %d; noise stability and support have no closed form here", closedStaircase)
			return
		}
		p.Influences = make([]float64, d)
		for i := range p.Influences {
			p.Influences[i] = turned(i, d-i)
		}
	default:
		p.Reason = fmt.Sprintf("a %s of more than %d coordinates has no closed forms here", f.Type, MaxListed)
	}
}

func repeat(x float64, n int) []float64 {
	list := make([]float64, n)
	for i := range list {
		list[i] = x
	}
	return list
}

func power(x float64, n int) float64 {
	p := 1.0
	for range n {
		p = float64(p * x)
	}
	return p
}

// tied gives the influence of a vote among d: C(d-1, ⌊(d-1)/2⌋) / 2^(d-1), correctly rounded.
func tied(d int) float64 {
	p, _ := new(big.Rat).SetFrac(new(big.Int).Binomial(int64(d-1), int64((d-1)/2)), new(big.Int).Lsh(big.NewInt(1), uint(d-1))).Float64()
	return p
}

// turned gives the probability that the majority of kept + turning fair votes is another one when
// those that turn do: that the sums A of the first and B of the others have sign(A+B) != sign(A-B).
func turned(kept, turning int) float64 {
	count, term := new(big.Int), new(big.Int)
	for a := 0; a <= kept; a++ {
		for b := 0; b <= turning; b++ {
			sumA, sumB := 2*a-kept, 2*b-turning
			if (sumA+sumB >= 0) != (sumA-sumB >= 0) {
				term.Mul(new(big.Int).Binomial(int64(kept), int64(a)), new(big.Int).Binomial(int64(turning), int64(b)))
				count.Add(count, term)
			}
		}
	}
	p, _ := new(big.Rat).SetFrac(count, new(big.Int).Lsh(big.NewInt(1), uint(kept+turning))).Float64()
	return p
}
