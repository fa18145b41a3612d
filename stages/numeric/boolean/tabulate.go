package boolean

import (
	"math/big"
	"math/bits"

	"spurion/stages/numeric/kernel"
)

// randomPurpose names the stream of random functions.
const randomPurpose = "boolean/random"

// tabulate gives the values at all inputs of a function without problems that reads at most MaxListed
// coordinates: bit i of the result is the value at the input whose packed bits are i.
func (f Function) tabulate() []uint64 {
	d := f.Reads()
	table := make([]uint64, (1<<d+63)/64)
	set := func(value func(i uint64) bool) []uint64 {
		for i := range uint64(1) << d {
			if value(i) {
				table[i>>6] |= 1 << (i & 63)
			}
		}
		return table
	}
	switch f.Type {
	case TruthTable:
		// In the table's index x_1 is the highest bit, in a packed row the lowest.
		return set(func(i uint64) bool { return f.Table[bits.Reverse64(i)>>(64-uint(d))] == '1' })
	case Threshold:
		sums := f.weightedSums()
		return set(func(i uint64) bool { return sums[i] >= 0 })
	case Polynomial:
		sums := f.polynomialSums()
		return set(func(i uint64) bool { return sums[i] >= 0 })
	case Tribes:
		return set(func(i uint64) bool {
			for ; i != 0; i >>= uint(f.Width) {
				if i&LowMask(f.Width) == LowMask(f.Width) {
					return true
				}
			}
			return false
		})
	case Random:
		kernel.NewStream(f.Seed, randomPurpose).Fill(table)
		table[len(table)-1] &= LowMask(min(64, 1<<d))
		return table
	case Not:
		of := f.Of.tabulate()
		return set(func(i uint64) bool { return !bitOf(of, i) })
	case Xor:
		of, with, first := f.Of.tabulate(), f.With.tabulate(), f.Of.Reads()
		return set(func(i uint64) bool { return bitOf(of, i&LowMask(first)) == bitOf(with, i>>uint(first)) })
	case Compose:
		return f.tabulateComposition(set)
	}
	m, row := f.Form(), make([]uint64, 1)
	return set(func(i uint64) bool { row[0] = i; return m.Value(row, 0) == 1 })
}

func bitOf(table []uint64, i uint64) bool { return table[i>>6]>>(i&63)&1 == 1 }

func (f Function) tabulateComposition(set func(func(i uint64) bool) []uint64) []uint64 {
	outer := f.Outer.tabulate()
	inner, reads := make([][]uint64, len(f.Inner)), make([]int, len(f.Inner))
	for k, g := range f.Inner {
		inner[k], reads[k] = g.tabulate(), g.Reads()
	}
	return set(func(i uint64) bool {
		values := uint64(0)
		for k, table := range inner {
			values |= table[i&LowMask(reads[k])>>6] >> (i & LowMask(reads[k]) & 63) & 1 << uint(k)
			i >>= uint(reads[k])
		}
		return bitOf(outer, values)
	})
}

// wholeWeights gives the weights and the threshold scaled to whole numbers.
func (f Function) wholeWeights() (weights []int64, threshold int64) {
	w, err := wholes(append(f.Weights[:len(f.Weights):len(f.Weights)], f.Threshold))
	if err != nil {
		panic("boolean: a threshold function that was not checked: " + err.Error())
	}
	return w[:len(w)-1], w[len(w)-1]
}

// weightedSums gives the weighted sum less the threshold at all inputs, scaled to whole numbers.
func (f Function) weightedSums() []int64 {
	w, threshold := f.wholeWeights()
	sums := make([]int64, 1, 1<<len(w))
	sums[0] = -threshold
	for _, x := range w {
		sums[0] -= x
	}
	for _, x := range w {
		for _, s := range sums {
			sums = append(sums, s+2*x)
		}
	}
	return sums
}

// polynomialSums gives the polynomial at all inputs, scaled to whole numbers.
func (f Function) polynomialSums() []int64 {
	c, err := wholes(f.coefficients())
	if err != nil {
		panic("boolean: a polynomial that was not checked: " + err.Error())
	}
	sums := make([]int64, 1<<f.Reads())
	for k, set := range f.Monomials {
		s := 0
		for _, i := range set {
			s |= 1 << (i - 1)
		}
		sums[s] += c[k]
	}
	for h := 1; h < len(sums); h <<= 1 {
		for i := range sums {
			if i&h == 0 { // a + b x for both values of x
				a, b := sums[i], sums[i|h]
				sums[i], sums[i|h] = a-b, a+b
			}
		}
	}
	return sums
}

// Constant reports whether the function has one value only. The function must be without problems.
func (f Function) Constant() bool {
	switch f.Type {
	case Parity, Staircase, Majority, And, Or, Tribes:
		return false
	case Not:
		return f.Of.Constant()
	case Xor:
		return f.Of.Constant() && f.With.Constant()
	case Threshold:
		w, t := f.wholeWeights()
		most := int64(0)
		for _, x := range w {
			most += max(x, -x)
		}
		return -most-t >= 0 || most-t < 0
	case Random:
		if f.Degree >= 6 { // the first word settles nearly all: specs are checked for every instance
			if word := kernel.NewStream(f.Seed, randomPurpose).Uint64(); word != 0 && word != ^uint64(0) {
				return false
			}
		}
	}
	p := f.Probability()
	return p.Sign() == 0 || p.IsInt()
}

// Probability gives P(f = +1) for uniform inputs, exactly. The function must be without problems.
//
// The prefix products x_1...x_i of uniform coordinates are independent and uniform, so a staircase
// is +1 as often as a majority of the same degree: 1/2, plus half the probability of a tie.
func (f Function) Probability() *big.Rat {
	one, p := big.NewRat(1, 1), big.NewRat(1, 2)
	switch f.Type {
	case Parity:
	case Staircase, Majority:
		if d := int64(f.Degree); d%2 == 0 {
			ties := new(big.Int).Binomial(d, d/2)
			p.Add(p, new(big.Rat).SetFrac(ties, new(big.Int).Lsh(big.NewInt(1), uint(d)+1)))
		}
	case And:
		return p.SetFrac64(1, 1<<f.Degree)
	case Or:
		return p.Sub(one, p.SetFrac64(1, 1<<f.Degree))
	case Not:
		return p.Sub(one, f.Of.Probability())
	case Xor:
		a, b := f.Of.Probability(), f.With.Probability()
		return p.Add(product(a, b), product(new(big.Rat).Sub(one, a), new(big.Rat).Sub(one, b)))
	default:
		ones := int64(0)
		for _, word := range f.tabulate() {
			ones += int64(bits.OnesCount64(word))
		}
		return p.SetFrac64(ones, 1<<f.Reads())
	}
	return p
}

func product(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }
