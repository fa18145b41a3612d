package inference

import (
	"math"

	"spurion/stages/numeric/kernel"
)

// A Question is what a test is asked.
type Question struct {
	Null         float64      // the bound on the effect
	Alpha        float64      // two-sided, in (0, 1); the interval covers 1 - Alpha
	Permutations int          // random ones, where a p-value cannot be had exactly; 0 for 9,999
	Purpose      string       // of the random stream
	NoInterval   bool         // leaves Low and High NaN, which saves most of the work
	rough        bool         // takes quicker ways to P, which are good enough for the power of a test
	Step         func() error // is called after each unit of work; nil for none; its error ends the test
}

// An Answer is an effect with its interval and p-value against Question.Null, both from one test.
type Answer struct {
	Estimate     float64 // NaN where there is none; the least that it may be where values are censored
	Low, High    float64 // ±Inf for an end that does not exist (of a ratio, 0 for the low one; of a share, 0 and 1)
	P            float64 // two-sided; 1 where nothing can be told
	Below, Above float64 // one-sided p-values: that the effect is below Null, that it is above
	Method       Method
	LeastP       float64 // the smallest P that so many values could give
	LeastUnits   int     // with so many values (in each group) alpha can be reached; 0 if with none
}

// A Method says where a p-value comes from.
type Method string

// The methods. Exact ones count all outcomes, or know their distribution.
const (
	Exact        Method = "exact"
	Permutations Method = "permutations" // random ones
	Student      Method = "t"            // Student's distribution
	Normal       Method = "normal"       // the normal distribution, for many values
	Bootstrap    Method = "bootstrap"    // resampled values
)

// A Value is a measured number, or what is known of one that is censored: bounds.
type Value struct {
	Score       float64 // what counts for P; +Inf for "above every value", all of which are equal
	Least, Most float64 // what the low and the high end of an interval take it for
}

// Measured makes values of numbers that are known.
func Measured(numbers []float64) []Value {
	values := make([]Value, len(numbers))
	for i, x := range numbers {
		values[i] = Value{x, x, x}
	}
	return values
}

// Above is the value of what is only known to be above every one that was measured, of which largest is the largest.
func Above(largest float64) Value { return Value{math.Inf(1), largest, math.Inf(1)} }

// Scores gives what counts for P.
func Scores(values []Value) []float64 { return pick(values, func(v Value) float64 { return v.Score }) }

func pick(values []Value, f func(Value) float64) []float64 {
	numbers := make([]float64, len(values))
	for i, v := range values {
		numbers[i] = f(v)
	}
	return numbers
}

func least(v Value) float64 { return v.Least }
func most(v Value) float64  { return v.Most }

// defaultPermutations are drawn where a question does not say.
const defaultPermutations = 9999

func (q *Question) permutations() int {
	if q.Permutations > 0 {
		return q.Permutations
	}
	return defaultPermutations
}

func (q *Question) stream() *kernel.Stream { return kernel.NewStream(0, q.Purpose) }

func (q *Question) step() error {
	if q.Step == nil {
		return nil
	}
	return q.Step()
}

// unknown is the answer where nothing can be told.
func unknown(estimate float64, q Question, leastUnits int) Answer {
	a := Answer{Estimate: estimate, P: 1, Below: 1, Above: 1, LeastP: 1, LeastUnits: leastUnits, Method: Exact}
	return a.open(q)
}

// open takes both ends away.
func (a Answer) open(q Question) Answer {
	a.Low, a.High = math.Inf(-1), math.Inf(1)
	return a.without(q)
}

// without leaves the interval out if the question does not ask for it.
func (a Answer) without(q Question) Answer {
	if q.NoInterval {
		a.Low, a.High = math.NaN(), math.NaN()
	}
	return a
}

// snapped makes an end equal to Null that is so but for rounding: the interval then holds it.
func (a Answer) snapped(q Question, slack float64) Answer {
	if math.Abs(a.Low-q.Null) <= slack {
		a.Low = q.Null
	}
	if math.Abs(a.High-q.Null) <= slack {
		a.High = q.Null
	}
	return a
}

func twice(p float64) float64 { return p + p }

// sided sets all three p-values from the one-sided ones.
func (a Answer) sided(below, above float64) Answer {
	a.Below, a.Above = min(below, 1), min(above, 1)
	a.P = min(1, twice(min(a.Below, a.Above)))
	return a
}
