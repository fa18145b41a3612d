package distribution

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Up to this many degrees of freedom gonum's quantile of Student's t is good to 1e-12. It gets worse with
// more: 1e-9 at a million, where builds differ by as much.
const mostFreedom = 1000

// Student gives the p-quantile of Student's t with df degrees of freedom, settled: for 95 % intervals p is
// 0.975. It is for p from 0.75 to 0.9995 and df of at least 1, and panics otherwise. With more than
// 1000 degrees of freedom it comes from the quantile of the normal distribution.
func Student(p float64, df int) float64 {
	if !(p >= 0.75 && p <= 0.9995) || df < 1 {
		panic(fmt.Sprintf("distribution: quantile %v of Student's t with %d degrees of freedom", p, df))
	}
	if df <= mostFreedom {
		return Settle(fromBeta(mathext.InvRegIncBeta(float64(df)/2, 0.5, float64(2*(1-p))), float64(df)))
	}
	return Settle(nearNormal(mathext.NormalQuantile(p), float64(df)))
}

// fromBeta gives the t > 0 for which df/(t² + df) is b, which has a beta distribution where t has Student's with df degrees of
// freedom (Abramowitz, Stegun 1964, Handbook of Mathematical Functions, 26.7.1).
func fromBeta(b, df float64) float64 { return math.Sqrt(float64(df*(1-b)) / b) }

// nearNormal gives the quantile of Student's t with df degrees of freedom where the standard normal
// distribution has z (Abramowitz, Stegun 1964, Handbook of Mathematical Functions, 26.7.5). What is left out
// is of the order of (z²/df)⁴: for z up to 3.3 and df above 1000 less than 3e-11 of the quantile, and at 0.975 less
// than 1e-12.
func nearNormal(z, df float64) float64 {
	y := float64(z * z)
	g1 := polynomial(y, 1, 1) / 4
	g2 := polynomial(y, 5, 16, 3) / 96
	g3 := polynomial(y, 3, 19, 17, -15) / 384
	return float64(z * (1 + (g1+(g2+g3/df)/df)/df))
}

// polynomial gives the value at y, coefficients of the highest power first.
func polynomial(y float64, coefficients ...float64) float64 {
	sum := 0.0
	for _, c := range coefficients {
		sum = float64(sum*y) + c
	}
	return sum
}
