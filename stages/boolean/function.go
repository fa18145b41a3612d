package boolean

import (
	"fmt"
	"math/big"
	"math/bits"
	"strconv"
	"strings"
)

// MaxDimensions is the largest number of coordinates of an input.
const MaxDimensions = 1 << 16

// maxTableDegree bounds the degree of a truth table: its preimages are held as lists of uint16.
const maxTableDegree = 16

// The types of functions.
const (
	Parity     = "parity"
	Staircase  = "staircase"
	Majority   = "majority"
	TruthTable = "truth_table"
)

// A Function is a Boolean function of the first coordinates of a block, written in a spec as
// parity(4), staircase(10), majority(3) or truth_table("0110"). With sign(0) = +1 and x_1 the
// block's first coordinate:
//
//	parity(d)       x_1 x_2 ... x_d
//	staircase(d)    sign(x_1 + x_1 x_2 + ... + x_1 x_2 ... x_d), the threshold staircase
//	majority(d)     sign(x_1 + x_2 + ... + x_d)
//	truth_table(t)  t[i] for the input whose bits, x_1 first, spell i in binary; 1 stands for +1
//
// Staircases and majorities of even degree are biased to +1, because of their ties.
type Function struct {
	Type   string `json:"type" name:"type" label:"parity,staircase,majority,truth_table" doc:"parity(d) is the product of d coordinates; staircase(d) the threshold staircase sign(x1 + x1·x2 + ... + x1···xd); majority(d) the sign of the sum of d coordinates; truth_table(t) any function; sign(0) is +1"`
	Degree int    `json:"degree,omitempty" name:"degree" for:"parity,staircase,majority" min:"1" max:"65536" unit:"coordinates" doc:"number of coordinates that the function reads, the first of its block"`
	Table  string `json:"table,omitempty" name:"table" for:"truth_table" doc:"2^d characters 0 or 1: the value (1 for +1) at the input whose bits, x1 first, spell the character's index in binary; d is at most 16"`
}

// String gives the function as a spec writes it, such as parity(4).
func (f Function) String() string {
	if f.Type == TruthTable {
		return f.Type + "(" + strconv.Quote(f.Table) + ")"
	}
	return f.Type + "(" + strconv.Itoa(f.Degree) + ")"
}

// Reads gives the number of coordinates that the function reads: its degree, and for a truth table
// the binary logarithm of its length.
func (f Function) Reads() int {
	if f.Type == TruthTable {
		return bits.Len(uint(len(f.Table))) - 1
	}
	return f.Degree
}

// A Problem is something that makes no sense in a Function or a Law; Path is the dotted name of
// the field at fault as its JSON form has it, empty for the function's type itself.
type Problem struct {
	Path, Summary, Detail string
}

// Check says what is wrong with the function; nil if nothing is.
func (f Function) Check() []Problem {
	switch f.Type {
	case Parity, Staircase, Majority:
		if f.Degree < 1 || f.Degree > MaxDimensions {
			return []Problem{{"degree", "Degree out of range",
				fmt.Sprintf("The degree of %s must be from 1 to %d, but is %d.", f.Type, MaxDimensions, f.Degree)}}
		}
		return nil
	case TruthTable:
		return f.checkTable()
	}
	return []Problem{{"type", "Unknown function",
		fmt.Sprintf("There is no function %q; there are parity, staircase, majority and truth_table.", f.Type)}}
}

func (f Function) checkTable() []Problem {
	n := len(f.Table)
	if n == 0 || n&(n-1) != 0 || n > 1<<maxTableDegree {
		return []Problem{{"table", "Length of a truth table",
			fmt.Sprintf("A truth table of d coordinates has 2^d characters, with d from 0 to %d; this one has %d.", maxTableDegree, n)}}
	}
	for i := range n {
		if c := f.Table[i]; c != '0' && c != '1' {
			return []Problem{{"table", "Character in a truth table",
				fmt.Sprintf("Character %d of the truth table is %q; it must be 0 or 1.", i+1, c)}}
		}
	}
	return nil
}

// Constant reports whether the function has one value only, as a truth table may. The function must
// be without problems.
func (f Function) Constant() bool {
	return f.Type == TruthTable && strings.Count(f.Table, f.Table[:1]) == len(f.Table)
}

// Probability gives P(f = +1) for uniform inputs, exactly. The function must be without problems.
//
// The prefix products x_1...x_i of uniform coordinates are independent and uniform, so a staircase
// is +1 as often as a majority of the same degree: 1/2, plus half the probability of a tie.
func (f Function) Probability() *big.Rat {
	p := big.NewRat(1, 2)
	switch f.Type {
	case Staircase, Majority:
		if d := int64(f.Degree); d%2 == 0 {
			ties := new(big.Int).Binomial(d, d/2)
			p.Add(p, new(big.Rat).SetFrac(ties, new(big.Int).Lsh(big.NewInt(1), uint(d)+1)))
		}
	case TruthTable:
		ones := int64(0)
		for i := range len(f.Table) {
			ones += int64(f.Table[i] - '0')
		}
		p.SetFrac64(ones, int64(len(f.Table)))
	}
	return p
}
