// Package datasettest makes small data sets for tests.
package datasettest

import (
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// Law is a small biased law: every group has another mass.
func Law(t testing.TB) *datalaw.Compiled {
	t.Helper()
	law, err := datalaw.Law{
		Core: boolean.Function{Type: boolean.Staircase, Degree: 4}, Spurious: boolean.Function{Type: boolean.Majority, Degree: 2},
		CoreLength: 5, SpuriousLength: 3, Independent: 2, Strength: .8, Variant: datalaw.Paper,
	}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	return law
}

// Drawn is a training set of a law.
func Drawn(t testing.TB, law *datalaw.Compiled, rows int) *dataset.Samples {
	t.Helper()
	packed, labels, attributes := make([]uint64, rows*law.Words()), make([]int8, rows), make([]int8, rows)
	law.SampleBits(kernel.NewStream(1, "test data"), law.Confounded(), rows, packed, labels, attributes)
	s, err := dataset.Pack(dataset.TrainSplit, law.Dimensions(), packed, labels, attributes)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
