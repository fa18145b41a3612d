// Package booleantest helps the tests of Boolean functions and of what draws from them: functions by
// their definitions, apart from the code that they check, and whether counts look drawn.
package booleantest

import (
	"fmt"
	"math/big"
	"strconv"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/kernel"
)

// sign is sign(x) with sign(0) = +1.
func sign(x int) int {
	if x >= 0 {
		return 1
	}
	return -1
}

// Reference computes a function of numbers -1 and +1 by its definition.
func Reference(f boolean.Function, x []int) int {
	switch f.Type {
	case boolean.Parity:
		p := 1
		for _, v := range x[:f.Degree] {
			p *= v
		}
		return p
	case boolean.Staircase:
		sum, p := 0, 1
		for _, v := range x[:f.Degree] {
			p *= v
			sum += p
		}
		return sign(sum)
	case boolean.Majority:
		sum := 0
		for _, v := range x[:f.Degree] {
			sum += v
		}
		return sign(sum)
	}
	if f.Type != boolean.TruthTable {
		return compound(f, x)
	}
	spelt := ""
	for _, v := range x[:f.Reads()] {
		spelt += strconv.Itoa((v + 1) / 2)
	}
	i := int64(0)
	if spelt != "" {
		i, _ = strconv.ParseInt(spelt, 2, 64)
	}
	return 2*int(f.Table[i]-'0') - 1
}

// Inputs gives input i of a cube: coordinate j is +1 if bit j of i is set.
func Inputs(i, n int) []int {
	x := make([]int, n)
	for j := range x {
		x[j] = 2*(i>>j&1) - 1
	}
	return x
}

// weighted gives the sign of a sum of products less a threshold, in fractions: a threshold function's weights times coordinates, a
// polynomial's coefficients times monomials.
func weighted(f boolean.Function, x []int) int {
	rational := func(v float64) *big.Rat { r, _ := new(big.Rat).SetString(fmt.Sprint(v)); return r }
	sum := new(big.Rat)
	add := func(v float64, s int) { sum.Add(sum, new(big.Rat).Mul(rational(v), big.NewRat(int64(s), 1))) }
	for i, w := range f.Weights {
		add(w, x[i])
	}
	for k, set := range f.Monomials {
		c, p := 1.0, 1
		if len(f.Coefficients) > 0 {
			c = f.Coefficients[k]
		}
		for _, i := range set {
			p *= x[i-1]
		}
		add(c, p)
	}
	return sign(sum.Cmp(rational(f.Threshold)))
}

// compound computes the functions that are made of others or of numbers, by their definitions.
func compound(f boolean.Function, x []int) int {
	all := func(x []int) int {
		for _, v := range x {
			if v < 0 {
				return -1
			}
		}
		return 1
	}
	switch f.Type {
	case boolean.Threshold, boolean.Polynomial:
		return weighted(f, x)
	case boolean.And:
		return all(x[:f.Degree])
	case boolean.Or:
		some := -1
		for _, v := range x[:f.Degree] {
			some = max(some, v)
		}
		return some
	case boolean.Tribes:
		some := -1
		for k := range f.Count {
			some = max(some, all(x[k*f.Width:(k+1)*f.Width]))
		}
		return some
	case boolean.Random:
		stream, word, i := kernel.NewStream(f.Seed, "boolean/random"), uint64(0), 0
		for j := range f.Degree {
			i |= (x[j] + 1) / 2 << j
		}
		for range i/64 + 1 {
			word = stream.Uint64()
		}
		return 2*int(word>>(i%64)&1) - 1
	case boolean.Not:
		return -Reference(*f.Of, x)
	case boolean.Xor:
		return Reference(*f.Of, x) * Reference(*f.With, x[f.Of.Reads():])
	case boolean.Compose:
		values := make([]int, 0, 20)
		for _, g := range f.Inner {
			values = append(values, Reference(g, x))
			x = x[g.Reads():]
		}
		return Reference(*f.Outer, values)
	}
	panic("no such function: " + f.Type)
}

// Not gives the opposite of f.
func Not(f boolean.Function) boolean.Function { return boolean.Function{Type: boolean.Not, Of: &f} }

// Xor gives the product of f and g as numbers -1 and +1.
func Xor(f, g boolean.Function) boolean.Function {
	return boolean.Function{Type: boolean.Xor, Of: &f, With: &g}
}
