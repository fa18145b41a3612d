package theory

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/stagetest"
)

func parity(d int) boolean.Function    { return boolean.Function{Type: boolean.Parity, Degree: d} }
func staircase(d int) boolean.Function { return boolean.Function{Type: boolean.Staircase, Degree: d} }

// lawOf gives a law of n dimensions with an inert coordinate in each block if there is room.
func lawOf(core, spurious boolean.Function, n int, strength float64, variant string) *datalaw.Law {
	l := &datalaw.Law{Core: core, Spurious: spurious, CoreLength: core.Reads(), SpuriousLength: spurious.Reads(), Strength: strength, Variant: variant}
	if rest := n - l.CoreLength - l.SpuriousLength; rest >= 2 {
		l.CoreLength, l.SpuriousLength = l.CoreLength+1, l.SpuriousLength+1
	}
	l.Independent = n - l.CoreLength - l.SpuriousLength
	return l
}

func input(t testing.TB, law *datalaw.Law) stagetest.Inputs {
	t.Helper()
	return stagetest.Inputs{"data": stagetest.Built(t, &dataset.Dataset{Description: dataset.Description{Law: law, Dimensions: law.Dimensions()}})}
}

// laws are of small cubes: unbiased, biased, of both variants, with a function that is constant.
func laws() []*datalaw.Law {
	maj := boolean.Function{Type: boolean.Majority, Degree: 2}
	return []*datalaw.Law{
		lawOf(parity(3), parity(2), 8, 0.9, datalaw.Paper),
		lawOf(parity(4), parity(1), 5, 0.25, datalaw.Paper),
		lawOf(staircase(5), staircase(3), 10, 0.75, datalaw.Paper),
		lawOf(staircase(4), maj, 9, 0.9, datalaw.Paper),
		lawOf(staircase(4), maj, 8, 0.9, datalaw.Repository),
		lawOf(boolean.Function{Type: boolean.And, Degree: 3}, parity(2), 7, 1, datalaw.Paper),
		lawOf(boolean.Function{Type: boolean.TruthTable, Table: "1"}, parity(2), 6, 0.7, datalaw.Paper),
	}
}

const small = `{"network": {"hidden": [9]}, "samples": 1000, "batch": 16, "seed": 3}`

func cases(t *testing.T) []stagetest.Case {
	return []stagetest.Case{
		{Name: "cross_entropy", Settings: small, Inputs: input(t, lawOf(parity(3), parity(1), 9, 0.9, datalaw.Paper))},
		{Name: "correlation", Settings: `{"network": {"hidden": [5], "outputs": 1, "bias": false}, "loss": "correlation", "samples": 300, "seed": 1}`,
			Inputs: input(t, lawOf(staircase(4), staircase(2), 8, 0.8, datalaw.Repository))},
	}
}

func TestKind(t *testing.T) { stagetest.Conform(t, Kind, cases(t)...) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, cases(t)[0], map[string]string{
		"gaps":      "a8e4c1fae6fd55a1bdda9a0b64924d18f0137eea3a9c5c371519788a3d68716f",
		"gradients": "b8329d2a33f7641f88a6c06e2508ed3623096c02814c69af13ef2bfba34d3bbe",
		"summary":   "73fe8271575badcae4d0a4f16935d47b71d82c57535e082d5ce8f662f889b863",
	})
	stagetest.Golden(t, Kind, cases(t)[1], map[string]string{
		"gaps":      "d245472b7167d009add9e58c3341a2a06fce3fb832e627647a3d4921f7823971",
		"gradients": "ec266bb68eb15751573ede024f36b151c50327e7895a3c89f76d022ef0cbf673",
		"summary":   "3c1f54a079f312183b95024a4451796e0e9a9a68047ed5304da3d4efedddb407",
	})
}

func value(t *testing.T, tables map[string]*frame.Table, name string) float64 {
	t.Helper()
	c := tables["summary"].Column(name)
	if c.Null(0) {
		t.Fatalf("%s is null", name)
	}
	return c.Float64s[0]
}

// TestSamplesAgree: z has mean square 1, for each loss; and samples of another strength are found out.
// Neurons see the same samples, so a run's mean square is more like that of one z a coordinate than of
// one a weight: over 30 seeds of 8 coordinates it spreads by sqrt(2/240), .09. With 50 batches it
// is 49/47 on average.
func TestSamplesAgree(t *testing.T) {
	for _, c := range []struct{ loss, outputs string }{{"cross_entropy", "2"}, {"logistic", "1"}, {"squared", "1"}, {"correlation", "1"}} {
		for _, law := range []*datalaw.Law{lawOf(parity(3), parity(2), 8, 0.9, datalaw.Paper), lawOf(staircase(4), staircase(2), 8, 0.9, datalaw.Paper)} {
			in, sum := input(t, law), 0.0
			for seed := range 30 {
				settings := fmt.Sprintf(`{"network": {"hidden": [6], "outputs": %s}, "loss": %q, "samples": 3200, "seed": %d}`, c.outputs, c.loss, seed)
				tables := stagetest.Run(t, Kind, settings, in)
				if tables["gradients"].Rows() != 6*8 || tables["gaps"].Rows() != 12 {
					t.Fatalf("%d and %d rows", tables["gradients"].Rows(), tables["gaps"].Rows())
				}
				sum += value(t, tables, "mean_square_z") / 30
			}
			if math.Abs(sum-1.04) > 0.3 {
				t.Errorf("%s, %v: mean square of z is %v", c.loss, law.Core, sum)
			}
		}
	}
	a := stagetest.Run(t, Kind, `{"network": {"hidden": [32]}, "samples": 40000, "seed": 5}`, input(t, lawOf(parity(4), parity(2), 12, 0.9, datalaw.Paper)))["gradients"]
	b := stagetest.Run(t, Kind, `{"network": {"hidden": [32]}, "samples": 40000, "seed": 5}`, input(t, lawOf(parity(4), parity(2), 12, 0.6, datalaw.Paper)))["gradients"]
	squares := 0.0
	for i := range a.Rows() {
		z := (a.Column("sampled").Float64s[i] - b.Column("population").Float64s[i]) / a.Column("standard_error").Float64s[i]
		squares += z * z
	}
	if squares/float64(a.Rows()) < 3 {
		t.Errorf("samples of strength 0.9 agree with the theory of 0.6: mean square of z is %v", squares/float64(a.Rows()))
	}
}

// TestSimplerFeatureHasTheLargerGap, finding R7: the gap falls with the degree, whichever feature has it.
func TestSimplerFeatureHasTheLargerGap(t *testing.T) {
	settings := `{"network": {"hidden": [64]}, "samples": 128, "seed": 1}`
	for _, c := range []struct {
		core, spurious int
		less           bool
	}{{4, 1, false}, {4, 2, false}, {3, 1, false}, {3, 2, false}, {1, 3, true}, {2, 4, true}} {
		tables := stagetest.Run(t, Kind, settings, input(t, lawOf(parity(c.core), parity(c.spurious), 14, 0.9, datalaw.Paper)))
		core, spurious := value(t, tables, "core_gap"), value(t, tables, "spurious_gap")
		if (spurious < core) != c.less {
			t.Errorf("parity(%d) with parity(%d): gaps %v and %v", c.core, c.spurious, core, spurious)
		}
	}
}

// TestGapsOfSamples: population gaps are the means of sizes that they are said to be, and samples' gaps
// agree with them; there is none if every coordinate is read.
func TestGapsOfSamples(t *testing.T) {
	law := lawOf(parity(3), parity(2), 10, 0.9, datalaw.Paper)
	squares, count := 0.0, 0
	for seed := range 10 {
		tables := stagetest.Run(t, Kind, fmt.Sprintf(`{"network": {"hidden": [6]}, "samples": 6400, "seed": %d}`, seed), input(t, law))
		gradients, gaps := tables["gradients"], tables["gaps"]
		for row := range gaps.Rows() {
			sums, counts := map[string]float64{}, map[string]float64{}
			for i := range 10 {
				at := int(gaps.Column("neuron").Int64s[row])*10 + i
				b := gradients.Column("block").Strings.At(at)
				if b != "core" && b != "spurious" {
					b = "neither"
				}
				sums[b] += math.Abs(gradients.Column("population").Float64s[at])
				counts[b]++
			}
			f := gaps.Column("feature").Strings.At(row)
			if got, want := gaps.Column("population_gap").Float64s[row], sums[f]/counts[f]-sums["neither"]/counts["neither"]; math.Abs(got-want) > 1e-15 {
				t.Fatalf("population gap %v, want %v", got, want)
			}
			z := gaps.Column("z").Float64s[row]
			squares, count = squares+z*z, count+1
			if math.Abs(z) > 5 {
				t.Errorf("seed %d, row %d of gaps: z is %v", seed, row, z)
			}
		}
	}
	if got := squares / float64(count); math.Abs(got-1.02) > 0.5 {
		t.Errorf("mean square of the gaps' z is %v", got)
	}
	gaps := stagetest.Run(t, Kind, small, input(t, lawOf(parity(4), parity(1), 5, 0.9, datalaw.Paper)))["gaps"]
	for _, name := range []string{"population_gap", "sampled_gap", "standard_error", "z"} {
		if gaps.Column(name).Nulls() != gaps.Rows() {
			t.Errorf("%s is not null without independent coordinates", name)
		}
	}
}

func TestRefusals(t *testing.T) {
	for text, paths := range map[string][]string{
		`{"network": {"hidden": []}}`:                                       {"network.hidden"},
		`{"network": {"hidden": [4, 4], "activation": "tanh"}}`:             {"network.hidden", "network.activation"},
		`{"network": {"hidden": [4]}, "samples": 100}`:                      {"samples"},
		`{"network": {"hidden": [4], "outputs": 1}}`:                        {"loss"},
		`{"network": {"hidden": [4], "layer_inits": ["zeros"]}}`:            {"network.layer_inits"},
		`{"network": {"hidden": [4], "outputs": 1}, "loss": "correlation"}`: nil,
	} {
		var got []string
		if _, err := stagetest.Settings(Kind, text); err != nil {
			for _, line := range strings.Split(err.Error(), "\n") {
				path, _, _ := strings.Cut(line, ":")
				got = append(got, path)
			}
		}
		if !slices.Equal(got, paths) {
			t.Errorf("%s: problems with %v, want %v", text, got, paths)
		}
	}
	if _, err := stagetest.Try(t.Context(), Kind, small, input(t, lawOf(parity(3), parity(1), 21, 0.9, datalaw.Paper))); err == nil || !strings.Contains(err.Error(), "at most 20") {
		t.Errorf("21 dimensions: %v", err)
	}
	samples, err := dataset.Pack(dataset.TrainSplit, 3, []uint64{1, 2}, []int16{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := (&dataset.Dataset{Description: dataset.Description{Dimensions: 3}, Train: samples}).Table()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stagetest.Try(t.Context(), Kind, small, stagetest.Inputs{"data": stagetest.Tables(table)}); err == nil || !strings.Contains(err.Error(), "no law") {
		t.Errorf("external data: %v", err)
	}
}

func BenchmarkTheory(b *testing.B) {
	in := input(b, lawOf(parity(4), parity(2), 20, 0.9, datalaw.Paper))
	for b.Loop() {
		stagetest.Run(b, Kind, `{"network": {"hidden": [64]}, "seed": 1}`, in)
	}
}
