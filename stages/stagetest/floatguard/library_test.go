package floatguard

import "testing"

// gonum stands for the library, and uses for how it is used.
const gonum = `package distuv

type T struct{ Nu float64 }

func (t T) Quantile(p float64) float64 { return p }
func (t T) Both(p float64) (a, b float64) { return p, p }
func Beta(a, b float64) float64 { return a }
func Fill(to []float64) []float64 { return to }
func Count() int { return 1 }
`

const uses = `package distribution

import "gonum.org/v1/gonum/stat/distuv"

type quantiler interface{ Quantile(p float64) float64 }

func Settle(x float64) float64 { return settle(x, 9) }

func settle(x float64, digits int) float64 { return x }

func other(x float64) float64 { return x }

type roller struct{}

func (roller) Settle(x float64) float64 { return x }

func f(p float64) float64 {
	a := Settle(distuv.T{Nu: 1}.Quantile(p))
	a += settle(1-other(distuv.Beta(a, p)), 6)
	a += Settle((distuv.Beta)(a, p)) // found
	b := distuv.T{Nu: 2}.Quantile(p) // found
	b = Settle(b)
	b += Settle(p) + distuv.Beta(1, 2) // found
	b += other(distuv.Beta(1, 2)) // found
	b += roller{}.Settle(distuv.Beta(1, 2)) // found
	g := distuv.Beta // found
	b += Settle(g(1, 2))
	b += Settle(func() float64 { return distuv.Beta(1, 2) }()) // found
	x, y := distuv.T{}.Both(p) // found
	z := distuv.Fill([]float64{p}) // found
	if Settle(distuv.Beta(1, 2)) > 0 || distuv.Beta(3, 4) > 0 { // found
		return Settle(other(distuv.T{}.Quantile(p)))
	}
	return a + b + x + y + z[0] + float64(distuv.Count()) // found
}
`

func TestLibraries(t *testing.T) {
	dir := folder(t, map[string]string{
		"go.mod":                                 "module spurion\n\ngo 1.26\n\nrequire gonum.org/v1/gonum v0.0.0\n\nreplace gonum.org/v1/gonum => ./gonum\n",
		"gonum/go.mod":                           "module gonum.org/v1/gonum\n\ngo 1.26\n",
		"gonum/stat/distuv/distuv.go":            gonum,
		"stages/numeric/distribution/settled.go": uses,
	})
	expect(t, dir, "./stages/numeric/distribution", uses)
}

// TestDistribution: the one package that uses gonum settles its numbers, and this check looks at them.
func TestDistribution(t *testing.T) {
	findings, err := Check("../../..", "./stages/numeric/distribution")
	if err != nil || len(findings) > 0 {
		t.Fatal(findings, err)
	}
	defer func(names []string) { settling = names }(settling)
	settling = nil
	if findings, err = Check("../../..", "./stages/numeric/distribution"); err != nil || len(findings) < 3 {
		t.Errorf("with nothing that settles there are %v, %v", findings, err)
	}
}
