package datalaw

import (
	"errors"
	"fmt"
	"math"
	"math/big"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/problem"
)

// The variants of D_λ.
const (
	// Paper is the law of the paper: D_same is uniform on {f_c = f_s}, D_diff on {f_c != f_s}, and
	// D_λ is D_same with probability λ, else D_diff.
	Paper = "paper"
	// Repository is the law of the published code: x_c is uniform, s equals y with probability λ,
	// and x_s is uniform on {f_s = s}. It differs from the paper's if f_s is biased.
	Repository = "repository"
)

// A Law is a distribution D_λ of inputs, labels and attributes. Within each of the four groups
// inputs are uniform, so a law is its functions and four group masses.
type Law struct {
	Core           boolean.Function `json:"core"`
	Spurious       boolean.Function `json:"spurious"`
	CoreLength     int              `json:"core_length"`     // coordinates of the core block, at least the core's degree
	SpuriousLength int              `json:"spurious_length"` // coordinates of the spurious block
	Independent    int              `json:"independent"`     // coordinates in neither block
	Strength       float64          `json:"strength"`        // the confounder strength λ in [0, 1]
	Variant        string           `json:"variant"`         // Paper or Repository
}

// Dimensions gives the number n of coordinates of an input.
func (l Law) Dimensions() int { return l.CoreLength + l.SpuriousLength + l.Independent }

// Check says what is wrong with the law; nil if nothing is. Paths are those of its JSON form.
func (l Law) Check() []problem.Problem {
	var problems []problem.Problem
	add := func(path, summary, format string, args ...any) {
		problems = append(problems, problem.Problem{Path: path, Summary: summary, Detail: fmt.Sprintf(format, args...)})
	}
	for _, p := range l.Core.Check() {
		add("core."+p.Path, p.Summary, "%s", p.Detail)
	}
	for _, p := range l.Spurious.Check() {
		add("spurious."+p.Path, p.Summary, "%s", p.Detail)
	}
	if len(problems) == 0 {
		if d := l.Core.Reads(); l.CoreLength < d {
			add("core_length", "Block shorter than its function", "The core block has %d coordinates, but %v reads %d.", l.CoreLength, l.Core, d)
		}
		if d := l.Spurious.Reads(); l.SpuriousLength < d {
			add("spurious_length", "Block shorter than its function", "The spurious block has %d coordinates, but %v reads %d.", l.SpuriousLength, l.Spurious, d)
		}
	}
	if l.Independent < 0 {
		add("independent", "Negative number of coordinates", "There cannot be %d independent coordinates.", l.Independent)
	}
	if n := l.Dimensions(); len(problems) == 0 && (n < 1 || n > boolean.MaxDimensions) {
		add("dimensions", "Number of dimensions out of range", "An input has from 1 to %d coordinates, but this one has %d.", boolean.MaxDimensions, n)
	}
	if !(l.Strength >= 0 && l.Strength <= 1) {
		add("strength", "Strength out of range", "The confounder strength must be from 0 to 1, but is %v.", l.Strength)
	}
	if l.Variant != Paper && l.Variant != Repository {
		add("variant", "Unknown law", "There is no law %q; there are %q and %q.", l.Variant, Paper, Repository)
	}
	// Only constant functions leave groups without inputs; else there is no need for exact masses.
	if len(problems) == 0 && (l.Core.Constant() || l.Spurious.Constant()) {
		if _, err := l.masses(); err != nil {
			add("strength", "Impossible strength", "%s", problem.Sentence(err))
		}
	}
	return problems
}

// ErrEmptyGroup says that no input belongs to a group from which samples were asked for.
var ErrEmptyGroup = errors.New("no input belongs to the group")

// masses gives the exact masses of the groups under D_λ.
func (l Law) masses() ([4]*big.Rat, error) {
	return l.massesOf(l.Core.Probability(), l.Spurious.Probability())
}

// massesOf is masses, given the functions' probabilities of +1.
func (l Law) massesOf(pc, ps *big.Rat) ([4]*big.Rat, error) {
	uniform := uniformMasses(pc, ps)
	agree := new(big.Rat).Add(uniform[0], uniform[3])
	disagree := new(big.Rat).Add(uniform[1], uniform[2])
	lambda := new(big.Rat)
	if lambda.SetFloat64(l.Strength) == nil || math.Signbit(l.Strength) && l.Strength != 0 {
		return uniform, fmt.Errorf("strength %v is not a probability", l.Strength)
	}
	rest := new(big.Rat).Sub(big.NewRat(1, 1), lambda)
	var m [4]*big.Rat
	if l.Variant == Repository {
		qc := new(big.Rat).Sub(big.NewRat(1, 1), pc)
		m = [4]*big.Rat{product(lambda, qc), product(rest, qc), product(rest, pc), product(lambda, pc)}
	} else {
		if agree.Sign() == 0 && lambda.Sign() != 0 {
			return m, fmt.Errorf("%v and %v never agree, so the strength can only be 0: %w", l.Core, l.Spurious, ErrEmptyGroup)
		}
		if disagree.Sign() == 0 && rest.Sign() != 0 {
			return m, fmt.Errorf("%v and %v always agree, so the strength can only be 1: %w", l.Core, l.Spurious, ErrEmptyGroup)
		}
		for g, share := range [4]*big.Rat{lambda, rest, rest, lambda} {
			m[g] = product(share, uniform[g])
			if part := [4]*big.Rat{agree, disagree, disagree, agree}[g]; part.Sign() != 0 {
				m[g].Quo(m[g], part)
			}
		}
	}
	for g := range m {
		if m[g].Sign() != 0 && uniform[g].Sign() == 0 {
			return m, fmt.Errorf("with %v and %v, group %d (label %d, attribute %d) has a share of the law but no inputs: %w",
				l.Core, l.Spurious, g, g/2, g%2, ErrEmptyGroup)
		}
	}
	return m, nil
}

// uniformMasses gives the exact masses of the groups under the uniform distribution.
func uniformMasses(pc, ps *big.Rat) [4]*big.Rat {
	one := big.NewRat(1, 1)
	qc, qs := new(big.Rat).Sub(one, pc), new(big.Rat).Sub(one, ps)
	return [4]*big.Rat{product(qc, qs), product(qc, ps), product(pc, qs), product(pc, ps)}
}

func product(a, b *big.Rat) *big.Rat { return new(big.Rat).Mul(a, b) }

// A Compiled law is ready to be asked and sampled. It never changes, and may be used by several
// goroutines at once.
type Compiled struct {
	law             Law
	masses, uniform [4]float64
	core, spurious  float64 // P(f = +1)
	confounded      Mixture
	coreForm        boolean.Form
	spuriousForm    boolean.Form
	dimensions      int
	words           int // per row
	lastMask        uint64
}

// Compile makes the law ready. Its error joins all problems that Check finds.
func (l Law) Compile() (*Compiled, error) {
	if problems := l.Check(); len(problems) > 0 {
		var errs []error
		for _, p := range problems {
			errs = append(errs, fmt.Errorf("law: %s: %s", p.Path, p.Detail))
		}
		return nil, errors.Join(errs...)
	}
	pc, ps := l.Core.Probability(), l.Spurious.Probability()
	exact, err := l.massesOf(pc, ps)
	if err != nil {
		return nil, fmt.Errorf("law: %w", err)
	}
	c := &Compiled{
		law: l, dimensions: l.Dimensions(), words: (l.Dimensions() + 63) / 64,
		coreForm: l.Core.Form(), spuriousForm: l.Spurious.Form(),
		confounded: Mixture{cuts: cutsOf(exact)},
	}
	c.lastMask = boolean.LowMask(c.dimensions - 64*(c.words-1))
	for g, m := range uniformMasses(pc, ps) {
		c.uniform[g], _ = m.Float64()
		c.masses[g], _ = exact[g].Float64()
	}
	c.core, _ = pc.Float64()
	c.spurious, _ = ps.Float64()
	return c, nil
}

// Law gives the law that was compiled.
func (c *Compiled) Law() Law { return c.law }

// Dimensions gives the number n of coordinates of an input.
func (c *Compiled) Dimensions() int { return c.dimensions }

// Words gives the number of 64-bit words of a packed row, ceil(n/64).
func (c *Compiled) Words() int { return c.words }

// Masses gives the probability of each group g = 2y + s under D_λ, each correctly rounded.
func (c *Compiled) Masses() [4]float64 { return c.masses }

// UniformMasses gives the probability of each group under the uniform distribution on the cube.
func (c *Compiled) UniformMasses() [4]float64 { return c.uniform }

// Densities gives the density of D_λ against the uniform distribution in each group: the weight
// with which an enumerated input stands for D_λ. It is 0 for a group without inputs.
func (c *Compiled) Densities() [4]float64 {
	var d [4]float64
	for g := range d {
		if c.uniform[g] > 0 {
			d[g] = c.masses[g] / c.uniform[g]
		}
	}
	return d
}

// CoreProbability gives P(f_c = +1) under the uniform distribution.
func (c *Compiled) CoreProbability() float64 { return c.core }

// SpuriousProbability gives P(f_s = +1) under the uniform distribution.
func (c *Compiled) SpuriousProbability() float64 { return c.spurious }

// CoreFloor gives the core correlation |E f_c| that a constant predictor reaches on the uniform
// distribution.
func (c *Compiled) CoreFloor() float64 { return math.Abs(float64(2*c.core) - 1) }

// SpuriousFloor gives the spurious correlation |E f_s| that a constant predictor reaches on the
// uniform distribution.
func (c *Compiled) SpuriousFloor() float64 { return math.Abs(float64(2*c.spurious) - 1) }

// GroupOf gives the group 2y + s of a label and an attribute, each 0 or 1.
func GroupOf(label, attribute int16) int16 { return 2*label + attribute }
