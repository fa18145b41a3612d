package head

import (
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

func withGroups(settings string) string {
	return strings.Replace(settings, `"seed"`, `"groups": true, "seed"`, 1)
}

// samplesOf gives cells, -1 for null, and weights of the samples that the layer of the first row of summary was fitted on, after
// checking that nothing else changes.
func samplesOf(t *testing.T, settings string, in stagetest.Inputs, split *dataset.Samples) (cells []int64, weights []float64) {
	t.Helper()
	plain, out := stagetest.Run(t, Kind, settings, in), stagetest.Run(t, Kind, withGroups(settings), in)
	for name, table := range plain {
		if stagetest.Digest(table) != stagetest.Digest(out[name]) {
			t.Errorf("%s: %s is another with groups", settings, name)
		}
	}
	of := out["groups"]
	if of.Rows() != 3*split.Rows {
		t.Fatalf("%s: %d rows for 3 x %d samples", settings, of.Rows(), split.Rows)
	}
	sum := 0.0
	for row := range split.Rows {
		if stagetest.Value(t, of, "row", row) != int64(row) || stagetest.Value(t, of, "split", row) != string(split.Split) || stagetest.Value(t, of, "selection", row) != lastRule {
			t.Fatalf("%s: row %d is of another sample", settings, row)
		}
		cell, ok := stagetest.Value(t, of, "cell", row).(int64)
		if !ok {
			cell = -1
		}
		w := stagetest.Value(t, of, "weight", row).(float64)
		cells, weights, sum = append(cells, cell), append(weights, w), sum+w
	}
	if math.Abs(sum/float64(split.Rows)-1) > 1e-9 {
		t.Errorf("%s: the mean weight is %v", settings, sum/float64(split.Rows))
	}
	return cells, weights
}

// dfr counts every group as much as another, afr by exp(-γ p) over the number of the class's points, self the picked ones by class.
func TestGroupsOfHeads(t *testing.T) {
	d := sixGroups(t)
	in := classInputs(t, d, "")
	total := func(cells []int64, weights []float64) map[int64]float64 {
		sums := map[int64]float64{}
		for i, c := range cells {
			sums[c] += weights[i]
		}
		return sums
	}

	groups := d.Train.Groups(&dataset.Ledger{}, dataset.Evaluation)
	cells, weights := samplesOf(t, dfrTr, in, d.Train)
	for row, g := range groups {
		if cells[row] != int64(g) {
			t.Fatalf("dfr: sample %d of the group %d is in the cell %d", row, g, cells[row])
		}
	}
	for c, sum := range total(cells, weights) {
		if math.Abs(sum-25) > 1e-9 { // of 150
			t.Errorf("dfr: group %d counts %v", c, sum)
		}
	}

	net := trainedOn(t, d, 120).Last().Net
	labels, scores := d.Train.Labels(&dataset.Ledger{}, dataset.Evaluation), make([]float32, 3*d.Train.Rows)
	x := make([]float32, d.Train.Rows*d.Dimensions)
	d.Train.Inputs(x, 0, d.Train.Rows)
	net.Scores(scores, x, d.Train.Rows)
	of, count, all := make([]float64, len(labels)), [3]float64{}, 0.0
	for _, y := range labels {
		count[y]++
	}
	for i, y := range labels {
		sum := 0.0
		for _, z := range scores[3*i : 3*i+3] {
			sum += math.Exp(float64(z))
		}
		of[i] = math.Exp(-10*math.Exp(float64(scores[3*i+int(y)]))/sum) / count[y] // the default γ
		all += of[i]
	}
	cells, weights = samplesOf(t, afrTr, in, d.Train)
	for i, w := range weights {
		if want := of[i] / all * 150; cells[i] != -1 || math.Abs(w-want) > 1e-4*want {
			t.Errorf("afr: sample %d has the weight %v, want %v", i, w, want)
		}
	}

	validation := d.Validation.Labels(&dataset.Ledger{}, dataset.Evaluation)
	cells, weights = samplesOf(t, selfOn, in, d.Validation)
	var picked, others, unseen int
	byClass := map[int64]float64{}
	for i, c := range cells {
		switch {
		case c == 1:
			picked++
			byClass[int64(validation[i])] += weights[i]
		case weights[i] != 0:
			t.Errorf("self: sample %d is not picked, and has the weight %v", i, weights[i])
		case c == 0:
			others++
		default:
			unseen++
		}
	}
	if picked != 30 || others != 30 || unseen != 60 {
		t.Errorf("self: %d are picked, %d not, %d are of the other half", picked, others, unseen)
	}
	for y, sum := range byClass {
		if math.Abs(sum*float64(len(byClass))-120) > 1e-4 {
			t.Errorf("self: the class %d counts %v", y, sum)
		}
	}
}

// Where the validation set is drawn from the law, its samples are nobody's rows.
func TestNoGroupsOfFreshSamples(t *testing.T) {
	out := stagetest.Run(t, Kind, withGroups(strings.Replace(afrOn, `"seed"`, `"validation": 300, "seed"`, 1)), inputs(t, 1, datasettest.Fresh(.9), 120))
	if n := out["groups"].Rows(); n != 0 {
		t.Errorf("%d rows", n)
	}
	if m := out["groups"].Column("weight").Mark; !m.Includes(frame.MarkGroup) || !m.Includes(frame.MarkSplit) {
		t.Errorf("weights have the mark %q", m)
	}
}

func groupsCase(t testing.TB) stagetest.Case {
	return stagetest.Case{Name: "groups", Settings: withGroups(afrOn), Inputs: classInputs(t, sixGroups(t), "")}
}
