package claimtests

import (
	"testing"

	"spurion/stages"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// TestConformAll checks what every kind promises.
func TestConformAll(t *testing.T) {
	data := runs([]float64{0.6, 0.7, 0.8, 0.9}, spread(1, 40), spread(2, 40), spread(3, 40), spread(4, 40))
	const groups = `"larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "y": "t95"`
	stagetest.Conform(t, Compare, stagetest.Case{Name: "compare", Settings: "{" + groups + `, "effect": "ratio", "min_effect": 1.1}`, Inputs: data})
	stagetest.Conform(t, Paired, stagetest.Case{Name: "paired", Settings: "{" + groups + `, "effect": "ratio"}`, Inputs: data})
	stagetest.Conform(t, Ratio, stagetest.Case{Name: "ratio", Settings: "{" + groups + `, "at_least": 1.5}`, Inputs: data})
	stagetest.Conform(t, Equivalent, stagetest.Case{Name: "equivalent", Settings: `{"first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "y": "t95", "margin": 1}`, Inputs: data})
	stagetest.Conform(t, Always, stagetest.Case{Name: "always", Settings: `{"y": "t95", "is": "above", "value": 3}`, Inputs: data})
	stagetest.Conform(t, Fit, stagetest.Case{Name: "fit", Settings: `{"x": "strength", "y": "t95", "law": "linear", "scale": "linear"}`, Inputs: data})
}

// spread gives n values that rise and fall.
func spread(k, n int) []float64 {
	var values []float64
	for i := range n {
		values = append(values, float64(10*k+(i*7+k)%13))
	}
	return values
}

func TestGoldenAll(t *testing.T) {
	data := runs([]float64{0.6, 0.7, 0.8, 0.9}, spread(1, 7), spread(2, 7), spread(3, 7), spread(4, 7))
	const groups = `"larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "y": "t95"`
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
		want     map[string]string
	}{
		{Compare, "{" + groups + `, "effect": "ratio", "min_effect": 1.1}`, map[string]string{"verdict": "53ba83acb840d700c18381ee06b219f5e58f05053dca6b365f42451075f27251"}},
		{Paired, "{" + groups + `, "effect": "ratio", "every": true}`, map[string]string{"verdict": "40cb1fe7e70f69c931dda2a557a8ea0c9c2d076f9abb3af1ab0c49ede01cddaf"}},
		{Ratio, "{" + groups + `, "at_least": 1.5}`, map[string]string{"verdict": "c797850ae7dcc0848a900f4c30958077eac1217264cbb226e56f4b8d90f7f55e"}},
		{Equivalent, `{"first": {"strength": "0.7"}, "second": {"strength": "0.6"}, "y": "t95", "margin_ratio": 3}`, map[string]string{"verdict": "6a2067710e4874068b465f16dcf86cacc7384447ec45748dfa0cb5ae6612779d"}},
		{Always, `{"y": "t95", "is": "above", "value": 3}`, map[string]string{"verdict": "49eedfd46d0c0bf397278aaabdcc7d99dc43d98ddb6b3756a22968e40692f364"}},
		{Fit, `{"x": "strength", "y": "t95", "law": "power"}`, map[string]string{"verdict": "de31ab00bfc0ba3279fcf9bd32af56fe93e681f7d902f9a8c62da708c0938c81", "fits": "6821724bd1336c3edc69119bc5339045ed6457fba904ef7f3ce29be2b8891ec8"}},
	} {
		stagetest.Golden(t, c.kind, stagetest.Case{Settings: c.settings, Inputs: data}, c.want)
	}
}

// TestGoldenShares keeps the bytes of exact intervals of few and many units, in the middle and in the tails.
func TestGoldenShares(t *testing.T) {
	for _, c := range []struct {
		units      int
		value      string // that a share of the units is above
		confidence string
		want       string
	}{
		{3, "-1", "0.95",
			"e4c183d9707bf85af60e1dc0edb2cbb1779013659578d3de85b8f4ccb7cce1a5"},
		{33, "0.9", "0.999",
			"4d1197edff2f2fb2600124aa661bc4eb229292d82b5fb47479e2d5301f843f61"},
		{33, "0.5", "0.5",
			"fe55135eb634799daf3a7b38554adeb29dd18f135bc1f98d5b2cd174d1ae1ee6"},
		{400, "0.5", "0.95",
			"3730e16e8f8cfcad09d6f90e255ea5158b46e7c83831524e6e9e447d1ed0f0f8"},
		{1000, "0.998", "0.9999",
			"f3a35e5f4d424a317e19a0109630ae7ca7fa5f0a4d0292f4e5ab81b9853c8fa3"},
		{1003, "0.002", "0.95",
			"3c26d4d31c561777a0d79d806be5009c6c78351df19ddfdbd8c67e11c40067d7"},
	} {
		stream := kernel.NewStream(int64(c.units), "test/shares")
		values := make([]float64, c.units)
		for i := range values {
			values[i] = stream.Float64()
		}
		settings := `{"y": "t95", "is": "above", "value": ` + c.value + `, "share": 0.3, "confidence": ` + c.confidence + `}`
		stagetest.Golden(t, Always, stagetest.Case{Settings: settings, Inputs: runs([]float64{0.9}, values)}, map[string]string{"verdict": c.want})
	}
}
