package debias

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/cluster"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// By hand: outputs .1 (six) and .9 (two) have the silhouette 1. Clusters of 6 and 2 to the power -2 have samples
// that are 1/36 and 1/4 as likely: masses 1/4 and 3/4.
func TestSpareImportance(t *testing.T) {
	outputs := []float64{.1, .9, .1, .1, .1, .9, .1, .1}
	c := &classClusters{rows: trainloop.All(8)}
	c.divide(outputs, &MethodSettings{MaxClusters: 5, Silhouette: 1, Power: 2})
	if c.count != 2 || c.silhouette != 1 || c.power != 1 {
		t.Fatalf("%d clusters, silhouette %v, power %v", c.count, c.silhouette, c.power)
	}
	c.power = 2
	o := &outputClusters{samples: 12, classes: []classClusters{*c, {rows: []int32{8, 9, 10, 11}, clusters: []int{0, 1, 1, 0}, count: 2, power: 1}}}
	pools, masses := o.importance()
	for i, want := range [][]int32{{0, 2, 3, 4, 6, 7}, {1, 5}, {8, 11}, {9, 10}} {
		if !slices.Equal(pools[i], want) {
			t.Errorf("pool %d is %v, want %v", i, pools[i], want)
		}
	}
	for i, want := range []float64{.25, .75, .5, .5} {
		if math.Abs(masses[i]-want) > 1e-15 {
			t.Errorf("pool %d has the mass %v, want %v", i, masses[i], want)
		}
	}
	if p, err := o.partition(); err != nil || p.Count != 4 || string8(p.Cells) != "010001002332" {
		t.Errorf("the cells are %v of %d, error %v", p.Cells, p.Count, err)
	}
}

// Drawn by importance, each class has half of a batch's rows, and samples their powers' shares.
func TestSpareFrequencies(t *testing.T) {
	d := biasedData(t, 400)
	trial := newTestTrial(t, d, Settings{Batch: 50, Method: MethodSettings{Name: "spare"}})
	o := &outputClusters{samples: 400, classes: make([]classClusters, 2)}
	labels := trial.Labels()
	for row, y := range labels {
		c := &o.classes[y]
		c.rows, c.clusters = append(c.rows, int32(row)), append(c.clusters, min(2, row%5))
		c.count, c.power = 3, 1.5
	}
	p, err := o.partition()
	if err != nil {
		t.Fatal(err)
	}
	sizes := trial.sizes(byCells("cluster", numbered(p.Count), p.Cells))
	pools, masses := o.importance()
	source := trainloop.Weighted(d.Train, pools, masses, 50, kernel.NewStream(1, "x"))
	var b trainloop.Batch
	count := make([]float64, p.Count)
	const draws = 50 * 4000
	for range 4000 {
		source.Next(&b)
		for _, row := range b.Index {
			count[p.Cells[row]]++
		}
	}
	for y := range 2 {
		var sum float64
		for _, n := range sizes[y*3 : y*3+3] {
			sum += float64(n) * math.Pow(float64(n), -1.5)
		}
		for c, n := range sizes[y*3 : y*3+3] {
			p := float64(n) * math.Pow(float64(n), -1.5) / sum / 2
			if got := count[y*3+c]; math.Abs(got-draws*p) > 6*math.Sqrt(draws*p*(1-p)) {
				t.Errorf("cluster %d of label %d, of %d samples, was drawn %v times, want about %v", c, y, n, got, draws*p)
			}
		}
	}
}

// The number of clusters is that of the largest silhouette; a fixed one is as it says, if it can be.
func TestSpareChoosesClusters(t *testing.T) {
	outputs := []float64{.1, .11, .5, .51, .52, .9, .91}
	for _, c := range []struct{ clusters, most, want int }{{0, 5, 3}, {0, 2, 2}, {2, 5, 2}, {4, 2, 4}, {1, 5, 1}, {9, 5, 7}} {
		var got classClusters
		got.divide(outputs, &MethodSettings{Clusters: c.clusters, MaxClusters: c.most})
		if got.count != c.want {
			t.Errorf("clusters = %d, max_clusters = %d: %d clusters, want %d", c.clusters, c.most, got.count, c.want)
		}
	}
}

// Clusters are those of probabilities, not of margins: of a network with large margins they differ.
func TestSpareClustersProbabilities(t *testing.T) {
	d := biasedData(t, 100)
	trial := newTestTrial(t, d, Settings{Batch: 8, Method: MethodSettings{Name: "spare", Clusters: 2}})
	net := &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{{In: 6, Out: 1, Weights: []float32{9, 7, 4, 3, 2, 1}, Biases: []float32{-1}}}}
	found, err := trial.clusterOutputs(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	labels, x, margins := trial.Labels(), make([]float32, 600), make([]float32, 100)
	d.Train.Inputs(x, 0, 100)
	net.Margins(margins, x, 100)
	differ := false
	for y, c := range found.classes {
		var probabilities, plain []float64
		for row, m := range margins {
			if int(labels[row]) == y {
				probabilities, plain = append(probabilities, 1/(1+math.Exp(-float64(m)))), append(plain, float64(m))
			}
		}
		if !slices.Equal(c.clusters, cluster.NewLine(probabilities).Divide(2)[1].Clusters()) {
			t.Errorf("label %d: other clusters than of the probabilities", y)
		}
		differ = differ || !slices.Equal(c.clusters, cluster.NewLine(plain).Divide(2)[1].Clusters())
	}
	if !differ {
		t.Error("clusters of margins are the same: the test shows nothing")
	}
}

// With power 0, or one cluster a class, it is class balancing, bit for bit.
func TestSpareWithoutPowerIsClassBalancing(t *testing.T) {
	d := biasedData(t, 300)
	balanced := lastModel(t, run1(t, d, `{"name": "class_balance"}`, ""))
	for _, rest := range []string{`"power": 0, "silhouette": 1`, `"clusters": 1`} {
		out := run1(t, d, `{"name": "spare", "first_steps": 20, `+rest+`}`, `"steps": 80`)
		if lastModel(t, out) != balanced {
			t.Errorf("%s: another network than by balancing classes", rest)
		}
	}
	if lastModel(t, run1(t, d, `{"name": "spare", "first_steps": 20}`, `"steps": 80`)) == balanced {
		t.Error("clusters change nothing")
	}
}

// A first network that says the same everywhere has one cluster a class: class balancing, and the row
// says so.
func TestSpareOfAConstantNetwork(t *testing.T) {
	d := biasedData(t, 300)
	rest := `"steps": 80, "network": {"hidden": [4], "init": "zeros"}, "optimizer": {"type": "sgd", "rate": 1e-9}`
	out := run1(t, d, `{"name": "spare", "first_steps": 20}`, rest)
	note, _ := value(t, out["summary"], "note", 0).(string)
	for _, want := range []string{"After 20 steps the outputs for label 0 have 1 distinct values", "for label 1 have 1 distinct values", "predicts one class"} {
		if !contains(note, want) {
			t.Errorf("the note %q lacks %q", note, want)
		}
	}
	if size, cells := value(t, out["inference"], "size", -1), value(t, out["inference"], "cells", -1); size != int64(0) || cells != int64(2) {
		t.Errorf("a minority of %v, %v cells", size, cells)
	}
}

// The easy control: the clusters of an early network's outputs are the groups, so that with power 1 the second
// network is that of balancing the groups, bit for bit.
func TestSpareFindsTheGroupsInTheEasyControl(t *testing.T) {
	if best := easyControl(t, `{"name": "spare", "first_steps": 189, "clusters": 2}`); best <= .95 {
		t.Errorf("the best Jaccard index with the minority is %v", best)
	}
	if best := easyControl(t, `{"name": "spare", "first_steps": 189}`); best <= .95 {
		t.Errorf("with the silhouette's number of clusters the best Jaccard index is %v", best)
	}
	const rest = `"network": {"hidden": [32]}, "optimizer": {"type": "sgd", "rate": 0.1}`
	d := finiteData(t, easyControlLaw(), 2000)
	balanced := lastModel(t, run1(t, d, `{"name": "group_balance"}`, `"steps": 100, `+rest))
	if lastModel(t, run1(t, d, `{"name": "spare", "first_steps": 189, "clusters": 2, "power": 1}`, `"steps": 289, `+rest)) != balanced {
		t.Error("with the groups for clusters another network than by balancing groups")
	}
}
