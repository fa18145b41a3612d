package boolean

import (
	"encoding/json"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// MaxDimensions is the largest number of coordinates of an input.
const MaxDimensions = 1 << 16

// MaxListed is the largest number of coordinates that a function may read if all that is known of it
// is its table: its inputs are listed by value, and its Fourier expansion is that of the table.
const MaxListed = 20

// maxTableDegree bounds the degree of a truth table, which a spec writes out.
const maxTableDegree = 16

// maxConjunction bounds the degree of and and or: what is not all ones is drawn as one number.
const maxConjunction = 62

// The types of functions.
const (
	Parity     = "parity"
	Staircase  = "staircase"
	Majority   = "majority"
	TruthTable = "truth_table"
	Threshold  = "threshold"
	And        = "and"
	Or         = "or"
	Tribes     = "tribes"
	Random     = "random"
	Polynomial = "polynomial"
	Not        = "not"
	Xor        = "xor"
	Compose    = "compose"
)

// A Function is a Boolean function of the first coordinates of a block, written in a spec as a call,
// such as parity(4) or xor(parity(2), majority(3)). With sign(0) = +1, +1 for true, and x_1 the
// block's first coordinate:
//
//	parity(d)          x_1 x_2 ... x_d
//	staircase(d)       sign(x_1 + x_1 x_2 + ... + x_1 x_2 ... x_d), the threshold staircase
//	majority(d)        sign(x_1 + x_2 + ... + x_d)
//	truth_table(t)     t[i] for the input whose bits, x_1 first, spell i in binary; 1 stands for +1
//	threshold(w, t)    sign(w_1 x_1 + ... + w_d x_d - t); t is 0 if not given
//	and(d), or(d)      +1 if all (some) of d coordinates are +1
//	tribes(w, s)       or of s ands of w coordinates each, one after the other (Ben-Or, Linial 1985)
//	random(d, seed)    a function drawn uniformly from all of d coordinates: its value at an input
//	                   whose bits, x_1 lowest, make the number i is bit i%64 of word i/64 of the
//	                   random stream of the seed for the purpose "boolean/random"
//	polynomial(S, c)   sign(sum of c_k times the product of the coordinates in S_k), which are
//	                   counted from 1; c is all ones if not given
//	not(f)             -f
//	xor(f, g)          f(x) g(x'): the product; g reads the coordinates that follow those of f
//	compose(f, [g...]) f(g_1, g_2, ...); each g reads the coordinates that follow those of the one
//	                   before it, and f has as many as it reads
//
// Staircases and majorities of even degree are biased to +1, because of their ties. Weights,
// thresholds and coefficients are taken as the decimals that a spec writes, so that ties are exact:
// 0.1 + 0.2 - 0.3 is 0.
type Function struct {
	Type         string     `json:"type" name:"type" label:"parity,staircase,majority,truth_table,threshold,and,or,tribes,random,polynomial,not,xor,compose" doc:"parity(d) is the product of d coordinates; staircase(d) the threshold staircase sign(x1 + x1·x2 + ... + x1···xd); majority(d) the sign of the sum of d coordinates; truth_table(t) any function; threshold(weights, t) the sign of a weighted sum less t; and(d), or(d): +1 is true; tribes(w, s) the or of s ands of w coordinates; random(d, seed) one of all functions of d coordinates; polynomial(monomials, coefficients) the sign of a polynomial; not(f); xor(f, g) the product, g reading on after f; compose(f, [g, ...]) f of functions that read one after the other; sign(0) is +1"`
	Degree       int        `json:"degree,omitempty" name:"degree" for:"parity,staircase,majority,and,or,random" min:"1" max:"65536" unit:"coordinates" doc:"number of coordinates that the function reads, the first of its block; at most 62 for and and or, 20 for random"`
	Table        string     `json:"table,omitempty" name:"table" for:"truth_table" doc:"2^d characters 0 or 1: the value (1 for +1) at the input whose bits, x1 first, spell the character's index in binary; d is at most 16"`
	Weights      []float64  `json:"weights,omitempty" name:"weights" for:"threshold" doc:"one weight for each coordinate that the function reads, at most 20"`
	Threshold    float64    `json:"threshold,omitempty" name:"threshold" for:"threshold" default:"0" doc:"what the weighted sum must reach to be +1"`
	Width        int        `json:"width,omitempty" name:"width" for:"tribes" min:"1" max:"20" unit:"coordinates" doc:"coordinates of a tribe"`
	Count        int        `json:"count,omitempty" name:"count" for:"tribes" min:"1" max:"20" unit:"tribes" doc:"number of tribes; all together read at most 20 coordinates"`
	Seed         int64      `json:"seed,omitempty" name:"seed" for:"random" doc:"which function: seeds give independent ones"`
	Monomials    [][]int    `json:"monomials,omitempty" name:"monomials" for:"polynomial" doc:"for each monomial the coordinates that it multiplies, counted from 1 and at most 20; [] is the constant 1"`
	Coefficients []float64  `json:"coefficients,omitempty" name:"coefficients" for:"polynomial" doc:"one coefficient for each monomial; all are 1 if not given"`
	Of           *Function  `json:"of,omitempty" name:"of" for:"not,xor" call:"true" doc:"the function that is negated; of xor, the first factor"`
	With         *Function  `json:"with,omitempty" name:"with" for:"xor" call:"true" doc:"the second factor, which reads the coordinates that follow those of the first"`
	Outer        *Function  `json:"outer,omitempty" name:"outer" for:"compose" call:"true" doc:"the function of the inner functions' values"`
	Inner        []Function `json:"inner,omitempty" name:"inner" for:"compose" call:"true" doc:"the inner functions, as many as the outer one reads; together they read at most 20 coordinates"`
}

// String gives the function as a spec writes it, such as parity(4): what an axis of functions shows.
func (f Function) String() string {
	var args []string
	switch f.Type {
	case TruthTable:
		args = []string{strconv.Quote(f.Table)}
	case Threshold:
		args = []string{numbers(f.Weights)}
		if f.Threshold != 0 {
			args = append(args, numbers(f.Threshold))
		}
	case Tribes:
		args = []string{strconv.Itoa(f.Width), strconv.Itoa(f.Count)}
	case Random:
		args = []string{strconv.Itoa(f.Degree), strconv.FormatInt(f.Seed, 10)}
	case Polynomial:
		args = []string{numbers(f.Monomials)}
		if len(f.Coefficients) > 0 {
			args = append(args, numbers(f.Coefficients))
		}
	case Not:
		args = []string{nested(f.Of)}
	case Xor:
		args = []string{nested(f.Of), nested(f.With)}
	case Compose:
		inner := make([]string, len(f.Inner))
		for i, g := range f.Inner {
			inner[i] = g.String()
		}
		args = []string{nested(f.Outer), "[" + strings.Join(inner, ", ") + "]"}
	default:
		args = []string{strconv.Itoa(f.Degree)}
	}
	return f.Type + "(" + strings.Join(args, ", ") + ")"
}

// numbers gives a value as canonical settings have it: JSON.
func numbers(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v) // not a number
	}
	return string(text)
}

func nested(f *Function) string {
	if f == nil {
		return ""
	}
	return f.String()
}

// Reads gives the number of coordinates that the function reads, inert ones among them if its
// parameters say so: the degree of a parity, the binary logarithm of a truth table's length, the
// largest coordinate of a polynomial.
func (f Function) Reads() int {
	reads := 0
	switch f.Type {
	case TruthTable:
		return bits.Len(uint(len(f.Table))) - 1
	case Threshold:
		return len(f.Weights)
	case Tribes:
		return f.Width * f.Count
	case Polynomial:
		for _, set := range f.Monomials {
			for _, i := range set {
				reads = max(reads, i)
			}
		}
		return reads
	case Not, Xor:
		for _, g := range []*Function{f.Of, f.With} {
			if g != nil {
				reads += g.Reads()
			}
		}
		return reads
	case Compose:
		for _, g := range f.Inner {
			reads += g.Reads()
		}
		return reads
	}
	return f.Degree
}
