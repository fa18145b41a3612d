package boolean

import (
	"cmp"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
)

// A Spectrum is the Fourier expansion f = Σ_S f̂(S) χ_S of a function of d <= MaxListed coordinates,
// with χ_S(x) the product of the coordinates in S and f̂(S) = E[f χ_S] for uniform inputs (O'Donnell,
// "Analysis of Boolean Functions", 2014, ch. 1). A set is a bit mask: bit i stands for x_{i+1}.
// Coefficients are kept as whole numbers, f̂(S) 2^d, so that all that follows from them is exact.
type Spectrum struct {
	reads      int
	numerators []int32 // [2^d]
}

// Spectrum expands a function without problems. The error says that it reads too many coordinates.
func (f Function) Spectrum() (*Spectrum, error) {
	d := f.Reads()
	if d > MaxListed {
		return nil, fmt.Errorf("%v reads %d coordinates, more than the %d whose inputs are listed", f, d, MaxListed)
	}
	v := make([]int32, 1<<d)
	for i, table := 0, f.tabulate(); i < len(v); i++ {
		v[i] = 2*int32(table[i>>6]>>(i&63)&1) - 1
	}
	Walsh(v)
	return &Spectrum{d, v}, nil
}

// Walsh replaces values at the inputs of a cube, bit i of an index being set where x_{i+1} = +1, by
// the sums over all inputs of the value times χ_S, S being the index: the fast Walsh-Hadamard
// transform, d 2^(d-1) additions and as many subtractions, of numbers in a fixed order. len(v) must be
// a power of two; sums of int32 must not overflow.
func Walsh[T int32 | float64](v []T) {
	if len(v)&(len(v)-1) != 0 {
		panic(fmt.Sprintf("boolean: Walsh of %d values", len(v)))
	}
	h := 1
	for ; 4*h <= len(v); h <<= 2 { // two coordinates at a time, for fewer passes over memory
		for from := 0; from < len(v); from += 4 * h {
			a, b, c, d := v[from:from+h], v[from+h:from+2*h], v[from+2*h:from+3*h], v[from+3*h:from+4*h]
			for i := range a {
				ab, ba, cd, dc := a[i]+b[i], b[i]-a[i], c[i]+d[i], d[i]-c[i]
				a[i], b[i], c[i], d[i] = ab+cd, ba+dc, cd-ab, dc-ba
			}
		}
	}
	if h < len(v) {
		a, b := v[:h], v[h:]
		for i := range a {
			a[i], b[i] = a[i]+b[i], b[i]-a[i]
		}
	}
}

// Coordinates lists the coordinates of a set, counted from 1.
func Coordinates(set uint64) []int {
	var list []int
	for ; set != 0; set &= set - 1 {
		list = append(list, bits.TrailingZeros64(set)+1)
	}
	return list
}

// SetText gives a set of coordinates as tables show it, such as {1,2}; {} is the empty one.
func SetText(coordinates []int) string {
	parts := make([]string, len(coordinates))
	for i, c := range coordinates {
		parts[i] = strconv.Itoa(c)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// Reads gives the number d of coordinates.
func (s *Spectrum) Reads() int { return s.reads }

// Numerators gives f̂(S) 2^d by S, [2^d]; not to be changed.
func (s *Spectrum) Numerators() []int32 { return s.numerators }

// Coefficient gives f̂(S), exactly; 0 for sets with coordinates that the function does not read.
func (s *Spectrum) Coefficient(set uint64) float64 {
	if set >= uint64(len(s.numerators)) {
		return 0
	}
	return float64(s.numerators[set]) / float64(uint64(1)<<s.reads)
}

// A Term is a coefficient that is not 0.
type Term struct {
	Set         uint64
	Coefficient float64
}

// Largest gives the k terms of the largest size, or all if there are fewer; among equals those of
// smaller sets first, and of those the ones whose sets come first as numbers.
func (s *Spectrum) Largest(k int) []Term {
	abs := func(set int32) int32 { return max(s.numerators[set], -s.numerators[set]) }
	var sets []int32
	for set, c := range s.numerators {
		if c != 0 {
			sets = append(sets, int32(set))
		}
	}
	slices.SortFunc(sets, func(a, b int32) int {
		return cmp.Or(cmp.Compare(abs(b), abs(a)), cmp.Compare(bits.OnesCount32(uint32(a)), bits.OnesCount32(uint32(b))), cmp.Compare(a, b))
	})
	terms := make([]Term, min(k, len(sets)))
	for i := range terms {
		terms[i] = Term{uint64(sets[i]), s.Coefficient(uint64(sets[i]))}
	}
	return terms
}

// Support gives the number of coefficients that are not 0.
func (s *Spectrum) Support() int {
	n := 0
	for _, c := range s.numerators {
		if c != 0 {
			n++
		}
	}
	return n
}

// Degree gives the largest size of a set whose coefficient is not 0: the degree of the polynomial
// that the function is.
func (s *Spectrum) Degree() int {
	degree := 0
	for set, c := range s.numerators {
		if c != 0 {
			degree = max(degree, bits.OnesCount(uint(set)))
		}
	}
	return degree
}

// Leap gives the leap complexity: the sets whose coefficients are not 0 are put in the order in which
// the largest number of coordinates that a set adds to those before it is least, and that number is
// the leap (Abbe, Boix-Adsera and Misiakiewicz, "SGD learning on neural networks: leap complexity and
// saddle-to-saddle dynamics", 2023, definition 1). A staircase has leap 1, a parity its degree, a
// constant 0. Taking a set that adds least is best at each turn: nothing is lost by knowing more.
func (s *Spectrum) Leap() int {
	known, leap := 0, 0
	for {
		least, add := s.reads+1, 0
		for set, c := range s.numerators {
			if c == 0 || set&^known == 0 {
				continue
			}
			if n := bits.OnesCount(uint(set &^ known)); n < least {
				least, add = n, set
			}
		}
		if least > s.reads {
			return leap
		}
		known |= add
		leap = max(leap, least)
	}
}

// Weights gives the weight at each level k from 0 to d: the sum of f̂(S)² over the sets of k
// coordinates, exactly. They sum to 1 (Parseval).
func (s *Spectrum) Weights() []float64 {
	sums := make([]int64, s.reads+1)
	for set, c := range s.numerators {
		sums[bits.OnesCount(uint(set))] += int64(c) * int64(c)
	}
	return s.shares(sums)
}

// Influences gives the influence of each coordinate: the probability that turning it alone turns the
// function, Σ_{S ∋ i} f̂(S)² (O'Donnell 2014, §2.2), exactly.
func (s *Spectrum) Influences() []float64 {
	sums := make([]int64, s.reads)
	for set, c := range s.numerators {
		for rest := uint(set); rest != 0; rest &= rest - 1 {
			sums[bits.TrailingZeros(rest)] += int64(c) * int64(c)
		}
	}
	return s.shares(sums)
}

// shares divides by 4^d: the numbers are at most that, 2^40.
func (s *Spectrum) shares(sums []int64) []float64 {
	list := make([]float64, len(sums))
	for i, n := range sums {
		list[i] = float64(n) / float64(uint64(1)<<(2*s.reads))
	}
	return list
}

// Stability gives the noise stability at ρ in [-1, 1]: E[f(x) f(x')] where each coordinate of x' is
// that of x, turned with probability (1-ρ)/2 on its own; Σ_S ρ^|S| f̂(S)² (O'Donnell 2014, §2.4). The
// noise sensitivity at δ, P(f(x) != f(x')) with δ the probability of a turn, is half of 1 less the
// stability at 1-2δ.
func (s *Spectrum) Stability(rho float64) float64 {
	sum, power := 0.0, 1.0
	for _, w := range s.Weights() {
		sum += float64(w * power)
		power = float64(power * rho)
	}
	return sum
}
