package boolean

import (
	"fmt"
	"math"
	"math/big"
	"strconv"

	"spurion/stages/numeric/problem"
)

func complain(path, summary, format string, args ...any) []problem.Problem {
	return []problem.Problem{{Path: path, Summary: summary, Detail: fmt.Sprintf(format, args...)}}
}

// Check says what is wrong with the function; nil if nothing is.
func (f Function) Check() []problem.Problem {
	switch f.Type {
	case Parity, Staircase, Majority:
		return f.checkDegree(MaxDimensions)
	case And, Or:
		return f.checkDegree(maxConjunction)
	case Random:
		return f.checkDegree(MaxListed)
	case TruthTable:
		return f.checkTable()
	case Threshold:
		return f.checkWeights()
	case Tribes:
		if f.Width < 1 || f.Count < 1 || f.Width > MaxListed || f.Count > MaxListed || f.Reads() > MaxListed {
			return complain("width", "Size of tribes", "Tribes have at least 1 coordinate and there is at least one; together they read at most %d coordinates, not %d times %d.",
				MaxListed, f.Count, f.Width)
		}
		return nil
	case Polynomial:
		return f.checkPolynomial()
	case Not:
		return part("of", f.Of)
	case Xor:
		return f.checkXor()
	case Compose:
		return f.checkCompose()
	}
	return complain("type", "Unknown function", "There is no function %q; there are parity, staircase, majority, truth_table, threshold, and, or, tribes, random, polynomial, not, xor and compose.", f.Type)
}

func (f Function) checkDegree(most int) []problem.Problem {
	if f.Degree < 1 || f.Degree > most {
		return complain("degree", "Degree out of range", "The degree of %s must be from 1 to %d, but is %d.", f.Type, most, f.Degree)
	}
	return nil
}

func (f Function) checkTable() []problem.Problem {
	n := len(f.Table)
	if n == 0 || n&(n-1) != 0 || n > 1<<maxTableDegree {
		return complain("table", "Length of a truth table",
			"A truth table of d coordinates has 2^d characters, with d from 0 to %d; this one has %d.", maxTableDegree, n)
	}
	for i := range n {
		if c := f.Table[i]; c != '0' && c != '1' {
			return complain("table", "Character in a truth table", "Character %d of the truth table is %q; it must be 0 or 1.", i+1, c)
		}
	}
	return nil
}

func (f Function) checkWeights() []problem.Problem {
	if n := len(f.Weights); n < 1 || n > MaxListed {
		return complain("weights", "Number of weights", "A threshold function has from 1 to %d weights, but this one has %d.", MaxListed, n)
	}
	if _, err := wholes(append(f.Weights[:len(f.Weights):len(f.Weights)], f.Threshold)); err != nil {
		return complain("weights", "Weights of too many digits", "%s", problem.Sentence(err))
	}
	return nil
}

func (f Function) checkPolynomial() []problem.Problem {
	if len(f.Monomials) == 0 {
		return complain("monomials", "No monomials", "A polynomial has at least one monomial.")
	}
	for k, set := range f.Monomials {
		seen := map[int]bool{}
		for _, i := range set {
			if i < 1 || i > MaxListed {
				return complain("monomials", "Coordinate out of range", "Monomial %d has the coordinate %d; they are counted from 1 to %d.", k+1, i, MaxListed)
			}
			if seen[i] {
				return complain("monomials", "Coordinate given twice", "Monomial %d has the coordinate %d twice; the square of a coordinate is 1.", k+1, i)
			}
			seen[i] = true
		}
	}
	if n := len(f.Coefficients); n != 0 && n != len(f.Monomials) {
		return complain("coefficients", "Number of coefficients", "There are %d coefficients for %d monomials.", n, len(f.Monomials))
	}
	if _, err := wholes(f.coefficients()); err != nil {
		return complain("coefficients", "Coefficients of too many digits", "%s", problem.Sentence(err))
	}
	return nil
}

func (f Function) coefficients() []float64 {
	if len(f.Coefficients) > 0 {
		return f.Coefficients
	}
	ones := make([]float64, len(f.Monomials))
	for i := range ones {
		ones[i] = 1
	}
	return ones
}

// part checks a function within a function.
func part(path string, g *Function) []problem.Problem {
	if g == nil {
		return complain(path, "A function is missing", "There is no function to apply this to.")
	}
	problems := g.Check()
	for i := range problems {
		problems[i].Path = path + "." + problems[i].Path
	}
	return problems
}

func (f Function) checkXor() []problem.Problem {
	if problems := append(part("of", f.Of), part("with", f.With)...); len(problems) > 0 {
		return problems
	}
	if n := f.Reads(); n > MaxDimensions || n > MaxListed && !f.turns() {
		return complain("of", "Too many coordinates", "%v reads %d coordinates; with more than %d, one factor must be a parity, or a staircase or majority of odd degree, because otherwise there is no exact sampler.",
			f, n, MaxListed)
	}
	return nil
}

func (f Function) checkCompose() []problem.Problem {
	problems := part("outer", f.Outer)
	for k := range f.Inner {
		for _, p := range f.Inner[k].Check() {
			problems = append(problems, problem.Problem{Path: "inner", Summary: p.Summary, Detail: fmt.Sprintf("Inner function %d: %s", k+1, p.Detail)})
		}
	}
	if len(problems) > 0 {
		return problems
	}
	if want := f.Outer.Reads(); want != len(f.Inner) {
		return complain("inner", "Number of inner functions", "%v reads %d values, but there are %d inner functions.", *f.Outer, want, len(f.Inner))
	}
	if n := f.Reads(); n > MaxListed {
		return complain("inner", "Too many coordinates", "The inner functions together read %d coordinates; at most %d have an exact sampler.", n, MaxListed)
	}
	return nil
}

// wholes gives whole numbers in the same ratios as decimals, each the shortest that reads back as the
// number: what a spec wrote. Any sum of them fits an int64.
func wholes(decimals []float64) ([]int64, error) {
	rats, scale := make([]*big.Rat, len(decimals)), big.NewInt(1)
	for i, x := range decimals {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return nil, fmt.Errorf("%v is not a number to compute with", x)
		}
		if x != 0 && (math.Abs(x) > 1e18 || math.Abs(x) < 1e-18) {
			return nil, fmt.Errorf("%v is not between 1e-18 and 1e18 in size", x)
		}
		rats[i], _ = new(big.Rat).SetString(strconv.FormatFloat(x, 'g', -1, 64))
		gcd := new(big.Int).GCD(nil, nil, scale, rats[i].Denom())
		scale.Mul(scale, new(big.Int).Quo(rats[i].Denom(), gcd))
	}
	sum, list := new(big.Int), make([]int64, len(decimals))
	for i, r := range rats {
		n := new(big.Int).Mul(r.Num(), scale)
		n.Quo(n, r.Denom())
		if sum.Add(sum, new(big.Int).Abs(n)); sum.BitLen() > 62 {
			return nil, fmt.Errorf("brought to whole numbers, %v sum to more than 2^62", decimals)
		}
		list[i] = n.Int64()
	}
	return list, nil
}
