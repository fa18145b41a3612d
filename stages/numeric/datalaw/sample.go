package datalaw

import (
	"fmt"
	"math"
	"math/big"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/kernel"
)

// A Mixture says with which probabilities samples come from the four groups; within a group they
// are uniform. Its zero value stands for group 3 alone: make one with Compiled's methods.
type Mixture struct {
	uniform bool
	// A word u of 63 random bits stands for the group whose number is the count of cuts at most u.
	cuts [3]uint64
}

// cutsOf gives the cuts for masses, which must sum to 1.
func cutsOf(masses [4]*big.Rat) [3]uint64 {
	var cuts [3]uint64
	sum := new(big.Rat)
	for g := range cuts {
		sum.Add(sum, masses[g])
		scaled := new(big.Int).Lsh(sum.Num(), 63)
		cuts[g] = scaled.Quo(scaled, sum.Denom()).Uint64()
	}
	return cuts
}

// Confounded gives D_λ.
func (c *Compiled) Confounded() Mixture { return c.confounded }

// Uniform gives the uniform distribution on the cube.
func (c *Compiled) Uniform() Mixture { return Mixture{uniform: true} }

// Mixture gives the distribution with the given group masses, which are scaled to sum to 1. Masses
// must be finite and not negative, and some positive; a group without inputs must have none
// (ErrEmptyGroup).
func (c *Compiled) Mixture(masses [4]float64) (Mixture, error) {
	var exact [4]*big.Rat
	sum := new(big.Rat)
	for g, m := range masses {
		if math.IsNaN(m) || math.IsInf(m, 0) || m < 0 {
			return Mixture{}, fmt.Errorf("group %d has mass %v", g, m)
		}
		if m > 0 && c.uniform[g] == 0 {
			return Mixture{}, c.emptyGroup(g)
		}
		exact[g] = new(big.Rat).SetFloat64(m)
		sum.Add(sum, exact[g])
	}
	if sum.Sign() == 0 {
		return Mixture{}, fmt.Errorf("all groups have mass 0")
	}
	for g := range exact {
		exact[g].Quo(exact[g], sum)
	}
	return Mixture{cuts: cutsOf(exact)}, nil
}

func (c *Compiled) emptyGroup(g int) error {
	return fmt.Errorf("group %d (label %d, attribute %d) with core %v and spurious %v: %w",
		g, g/2, g%2, c.law.Core, c.law.Spurious, ErrEmptyGroup)
}

// Rows are drawn in chunks, so that scratch memory stays on the stack.
const (
	chunkRows  = 64
	chunkWords = 256
)

func (c *Compiled) chunk() int { return min(chunkRows, max(1, chunkWords/c.words)) }

// SampleBits draws rows from the mixture: packed is [rows, Words()], labels and attributes are
// [rows] and 0 or 1; either may be nil. Equal streams give equal samples; how many random words a
// row takes depends on the draws.
func (c *Compiled) SampleBits(stream *kernel.Stream, from Mixture, rows int, packed []uint64, labels, attributes []int16) {
	step := c.chunk()
	for r := 0; r < rows; r += step {
		k := min(step, rows-r)
		c.draw(stream, from, packed[r*c.words:(r+k)*c.words], slice(labels, r, k), slice(attributes, r, k))
	}
}

// Sample draws rows from D_λ: x is [rows, n] row-major and -1 or +1, labels and attributes are
// [rows] and 0 or 1; either may be nil. It allocates nothing up to 16,384 dimensions.
func (c *Compiled) Sample(stream *kernel.Stream, rows int, x []float32, labels, attributes []int16) {
	c.SampleFrom(stream, c.confounded, rows, x, labels, attributes)
}

// SampleUniform is Sample from the uniform distribution on the cube.
func (c *Compiled) SampleUniform(stream *kernel.Stream, rows int, x []float32, labels, attributes []int16) {
	c.SampleFrom(stream, Mixture{uniform: true}, rows, x, labels, attributes)
}

// SampleGroup is Sample from one group, 0 to 3. The error is ErrEmptyGroup if it has no inputs.
func (c *Compiled) SampleGroup(stream *kernel.Stream, group, rows int, x []float32, labels, attributes []int16) error {
	var masses [4]float64
	masses[group] = 1
	from, err := c.Mixture(masses)
	if err != nil {
		return err
	}
	c.SampleFrom(stream, from, rows, x, labels, attributes)
	return nil
}

// SampleFrom is Sample from a mixture. It draws what SampleBits draws.
func (c *Compiled) SampleFrom(stream *kernel.Stream, from Mixture, rows int, x []float32, labels, attributes []int16) {
	var scratch [chunkWords]uint64
	packed := scratch[:]
	if c.words > len(scratch) {
		packed = make([]uint64, c.words)
	}
	step := c.chunk()
	for r := 0; r < rows; r += step {
		k := min(step, rows-r)
		part := packed[:k*c.words]
		c.draw(stream, from, part, slice(labels, r, k), slice(attributes, r, k))
		boolean.Expand(x[r*c.dimensions:(r+k)*c.dimensions], part, k, c.dimensions)
	}
}

// SampleGiven draws rows whose labels and attributes are given: row r uniform on its group. packed is
// [rows, Words()]. The error is ErrEmptyGroup, before anything is drawn, if a group that is asked for
// has no inputs.
func (c *Compiled) SampleGiven(stream *kernel.Stream, packed []uint64, labels, attributes []int16) error {
	for r, y := range labels {
		if g := GroupOf(y, attributes[r]); c.uniform[g] == 0 {
			return c.emptyGroup(int(g))
		}
	}
	stream.Fill(packed)
	c.conform(stream, packed, labels, attributes)
	c.clearTails(packed)
	return nil
}

func slice(s []int16, from, n int) []int16 {
	if s == nil {
		return nil
	}
	return s[from : from+n]
}

// draw draws one chunk: at most chunkRows rows.
func (c *Compiled) draw(stream *kernel.Stream, from Mixture, packed []uint64, labels, attributes []int16) {
	var y, s [chunkRows]int16
	rows := len(packed) / c.words
	if labels == nil {
		labels = y[:rows]
	}
	if attributes == nil {
		attributes = s[:rows]
	}
	stream.Fill(packed)
	if from.uniform {
		c.evaluate(packed, labels, attributes)
	} else {
		var words [chunkRows]uint64
		stream.Fill(words[:rows])
		for r, u := range words[:rows] {
			u >>= 1
			g := reached(u, from.cuts[0]) + reached(u, from.cuts[1]) + reached(u, from.cuts[2])
			labels[r], attributes[r] = int16(g>>1), int16(g&1)
		}
		c.conform(stream, packed, labels, attributes)
	}
	c.clearTails(packed)
}

// clearTails clears the bits past the last coordinate of each row.
func (c *Compiled) clearTails(packed []uint64) {
	if c.lastMask == ^uint64(0) {
		return
	}
	for i := c.words - 1; i < len(packed); i += c.words {
		packed[i] &= c.lastMask
	}
}

// reached gives 1 if u >= cut, else 0; both are below 2^63+1. It compiles to no branch.
func reached(u, cut uint64) uint64 { return 1 - (u-cut)>>63 }

// conform makes uniform rows uniform on their groups.
func (c *Compiled) conform(stream *kernel.Stream, packed []uint64, labels, attributes []int16) {
	c.coreForm.Force(packed, c.words, 0, labels, stream)
	c.spuriousForm.Force(packed, c.words, c.law.CoreLength, attributes, stream)
}

// evaluate gives labels and attributes to rows.
func (c *Compiled) evaluate(packed []uint64, labels, attributes []int16) {
	for r := range labels {
		row := packed[r*c.words : (r+1)*c.words]
		labels[r] = c.coreForm.Value(row, 0)
		attributes[r] = c.spuriousForm.Value(row, c.law.CoreLength)
	}
}
