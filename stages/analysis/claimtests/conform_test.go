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
		{Compare, "{" + sides + `, "effect": "ratio", "min_effect": 1.1}`, data, map[string]string{"verdict": "079a1768d83fc95f7ce0adeeae7dc8fc932c4e82d19cc3e4913f1c378301f2b7"}},
		{Compare, "{" + sides + `, "effect": "superiority", "min_effect": 0.9}`, data, map[string]string{"verdict": "da8020ef15e2aae789bfa3e4ae01d500ae7dd1ae5985fc9463fb56e27a542db8"}},
		{Compare, "{" + sides + `, "statistic": "mean", "min_effect": 30}`, data, map[string]string{"verdict": "34ca99c6cc02e970e808afa8d752b8f647c8fb225f5bde2a36ba3f72a66fb52b"}},
		{Compare, "{" + sides + `, "missing": "above", "min_effect": 25}`, few, map[string]string{"verdict": "e63ebe57fbca370b0dece26dc57e94bd44a9bf6a08d97babbd073dd3744a546e"}},
		{Paired, "{" + sides + `, "effect": "ratio"}`, data, map[string]string{"verdict": "286297398d2dfac1f244940ef71b1384668b645bb5b4b255f49623043fc0c9fa"}},
		{Paired, "{" + sides + `, "statistic": "mean", "min_effect": 29}`, data, map[string]string{"verdict": "b8a433edeac793fcf87afcfc536cd0fc443caf937cb22ce37aa0949985394dc2"}},
		{Equivalent, `{"first": {"strength": "0.7"}, "second": {"strength": "0.6"}, "y": "t95", "margin_ratio": 3}`, data, map[string]string{"verdict": "7ecffb8be938720a49d0c6b91b7ef57c4e339d33e792c3c143caf3a9df30f0d6"}},
		{Always, `{"y": "t95", "is": "above", "value": 3}`, data, map[string]string{"verdict": "ae3827143f343d900f296f30976a204f35626c073b0076ee8ceffdb418c8e8ee"}},
		{Fit, `{"x": "strength", "y": "t95", "law": "power"}`, data, map[string]string{"verdict": "eafe7bf6da7f290d918160ba007d22257addb03c0611f385881804a192b090eb", "fits": "6821724bd1336c3edc69119bc5339045ed6457fba904ef7f3ce29be2b8891ec8"}},
		{Threshold, `{"column": "t95", "statistic": "median", "at_least": 25, "missing": "fail"}`, few, map[string]string{"verdict": "d1006682a2a65323912ba6395f810f2503881b60bd6ed6214a8f4516000607d4"}},
		{Threshold, `{"column": "t95", "statistic": "mean", "interval": "bootstrap-t", "at_least": 25}`, data, map[string]string{"verdict": "a56242c3214fd9d07decf4722a67edaaf9ed537b75d7a836427d6efa01542b28"}},
		{Threshold, `{"column": "t95", "at_least": 25}`, data, map[string]string{"verdict": "9650a333dd5677c777fbc0d54aa67628737c77f68f40d3a225db932f7a93c8ac"}},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing", "missing": "above", "min_ratio": 1.5}`, few, map[string]string{"verdict": "f5b971091ac64539f0daeb5ec3648f42c6c9f447432df958a352547f6311528a"}},
		{Trend, `{"x": "strength", "y": "t95", "direction": "decreasing", "block": "seed"}`, data, map[string]string{"verdict": "85ae62257b2d3a7f3efdeb8657fe42783c3f0ab79ca959ae48a0c380d5ef8281"}},
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
		{3, "-1", "0.05", "c0fba628a1533eba2e892253126044350333902844384280cb6e1d47c31feb96"}, {33, "0.9", "0.001", "85f0724f47ea3ba5d6c50116a8c48418075a555ff089e79079f8ed7a6ad36ff4"}, {33, "0.5", "0.5", "30bcc6d8bad1493b97dad885b5e0fce6d8745887c856f2372a61b9cc704e767c"}, {400, "0.5", "0.05", "61f21551872657a56bee7ce515212a87c9dd26ae85c169f58f0c0a070fc483d0"}, {1000, "0.998", "0.0001", "46f685c85c58f9d38cc90785f91b02177125d5b4414e9270355cda18d89bf1b3"}, {1003, "0.002", "0.05", "6da30cd0ace22ecff899f4f129962453bfc3c936f2c0c54043dd1b0a222f20f0"},
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
