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
	small := runs([]float64{0.6, 0.9}, spread(1, 9), spread(2, 9))
	stagetest.Conform(t, Compare, stagetest.Case{Name: "compare", Settings: "{" + sides + `, "effect": "ratio", "min_effect": 1.1}`, Inputs: small})
	stagetest.Conform(t, Paired, stagetest.Case{Name: "paired", Settings: "{" + sides + `, "effect": "ratio"}`, Inputs: data})
	stagetest.Conform(t, Equivalent, stagetest.Case{Name: "equivalent", Settings: `{"first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "y": "t95", "margin": 1}`, Inputs: small})
	stagetest.Conform(t, Always, stagetest.Case{Name: "always", Settings: `{"y": "t95", "is": "above", "value": 3}`, Inputs: data})
	stagetest.Conform(t, Threshold, stagetest.Case{
		Name: "mean", Settings: `{"column": "t95", "statistic": "mean", "interval": "bootstrap-t", "above": 20}`, Inputs: data,
	})
	stagetest.Conform(t, Trend, stagetest.Case{
		Name: "permuted", Settings: `{"x": "strength", "y": "t95", "direction": "increasing", "min_ratio": 1.1}`, Inputs: data,
	}, stagetest.Case{
		Name: "blocked", Settings: `{"x": "strength", "y": "t95", "direction": "increasing", "block": "seed"}`, Inputs: data,
	})
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
	few := runs([]float64{0.6, 0.9}, []float64{10, 30, 20, 40, 20, 25, 28}, []float64{30, 50, 60, 40, null, 55, 70})
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
		in       stagetest.Inputs
		want     map[string]string
	}{
		{Compare, "{" + sides + `, "effect": "ratio", "min_effect": 1.1}`, data, map[string]string{"verdict": "e7dc070cafad01d6b05cf2bb9b58fc62b495486c5d24cb9793ac34747bd3c4e8"}},
		{Compare, "{" + sides + `, "effect": "superiority", "min_effect": 0.9}`, data, map[string]string{"verdict": "678bbd2fefe6c9344735a0f16ed0395341d605141b9a53576d336c30fc1fd8e4"}},
		{Compare, "{" + sides + `, "statistic": "mean", "min_effect": 30}`, data, map[string]string{"verdict": "93185771295a6e5305eaab82f8dc7fea98de625fd191143c6ad924f0a4698ee4"}},
		{Compare, "{" + sides + `, "missing": "above", "min_effect": 25}`, few, map[string]string{"verdict": "4b617f3b5335d7fcd6e0cafe0b8a53fcf54ff605c6ea6136f2668b48693b56d3"}},
		{Paired, "{" + sides + `, "effect": "ratio"}`, data, map[string]string{"verdict": "589cca4468fd69c82966b7111947221c65f4453c411c69280f6c606daee3e86e"}},
		{Paired, "{" + sides + `, "statistic": "mean", "min_effect": 29}`, data, map[string]string{"verdict": "a16efe153690bd5f884bf012954b955aacd6c0c27ba3f974bd3cc4da70a4c600"}},
		{Equivalent, `{"first": {"strength": "0.7"}, "second": {"strength": "0.6"}, "y": "t95", "margin_ratio": 3}`, data, map[string]string{"verdict": "25957aecef0c7110e1f10982441c94f123b48c3fc04f2d9ff54610d99aae88f5"}},
		{Always, `{"y": "t95", "is": "above", "value": 3}`, data, map[string]string{"verdict": "9a234f2f815d8b1eeb91c2f59309cd6339f79db75d50f80d51f6705c8fe9251d"}},
		{Fit, `{"x": "strength", "y": "t95", "law": "power"}`, data, map[string]string{"verdict": "c05d6f74e136867dbe9acdcc77489847b404b914343a915fc982f37f6129392b", "fits": "6821724bd1336c3edc69119bc5339045ed6457fba904ef7f3ce29be2b8891ec8"}},
		{Threshold, `{"column": "t95", "statistic": "median", "at_least": 25, "missing": "fail"}`, few, map[string]string{"verdict": "ba0b37009829668f74696ce8ce4260a0180a3c142011da72eaa51b7dd461c6dc"}},
		{Threshold, `{"column": "t95", "statistic": "mean", "interval": "bootstrap-t", "at_least": 25}`, data, map[string]string{"verdict": "15e6bf167e7799e6d4cd7660f12ff220d4a2a73b3e6063fd4d69c4d629f040a6"}},
		{Threshold, `{"column": "t95", "at_least": 25}`, data, map[string]string{"verdict": "cd9e1b398fe0f0a2484547625f348fc7bf5f03ac37ad8881b32a1b51340b5052"}},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing", "missing": "above", "min_ratio": 1.5}`, few, map[string]string{"verdict": "4abd7e553062141af66c95c63a03adbccaf6f683c377d9bee2ba134a0fb6f3bb"}},
		{Trend, `{"x": "strength", "y": "t95", "direction": "decreasing", "block": "seed"}`, data, map[string]string{"verdict": "2198a6061a840d8be4e5b9c141bbe5fb8f4bb7a0080cf4027253d29beb7899bc"}},
	} {
		stagetest.Golden(t, c.kind, stagetest.Case{Settings: c.settings, Inputs: c.in}, c.want)
	}
}

// TestGoldenShares keeps the bytes of exact intervals of few and many units, in the middle and in the tails.
func TestGoldenShares(t *testing.T) {
	for _, c := range []struct {
		units int
		value string // that a share of the units is above
		alpha string
		want  string
	}{
		{3, "-1", "0.05", "63d0c39d9e6e7c93e6bbca4cfc4ac2e6e561349bdf6de44531f9c934054308ab"}, {33, "0.9", "0.001", "aac9e4789617d05744d4187b29069ff565800b48afc1b6003a404611dba317d1"}, {33, "0.5", "0.5", "abedfa181af7786fda255c25cf262736fd7e179b937e079c114be4ee047fe81a"}, {400, "0.5", "0.05", "eecf2b79be1d544cb51e472ae7b1117c50dc77867fb466956fdb2c4b5e1139bf"}, {1000, "0.998", "0.0001", "e27fc9fe68a5809318abc32b3c612cc0d9c69dea14a65815d7000e12af418408"}, {1003, "0.002", "0.05", "e13a13e94cb6ddc09a6c9aa487acb3374988e288388ef692cdf847abd136fc2a"},
	} {
		stream := kernel.NewStream(int64(c.units), "test/shares")
		values := make([]float64, c.units)
		for i := range values {
			values[i] = stream.Float64()
		}
		settings := `{"y": "t95", "is": "above", "value": ` + c.value + `, "at_least_share": 0.3, "alpha": ` + c.alpha + `}`
		stagetest.Golden(t, Always, stagetest.Case{Settings: settings, Inputs: runs([]float64{0.9}, values)}, map[string]string{"verdict": c.want})
	}
}
