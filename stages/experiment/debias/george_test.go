package debias

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/cluster"
	"spurion/stages/numeric/neuralnet"
)

// The easy control: clusters of an early network's features are the groups. With one hidden layer they are
// along the output alone: the largest variances of its features are those of the initial weights. With two
// they are along the principal axes, and in all features.
func TestGeorgeFindsTheGroupsInTheEasyControl(t *testing.T) {
	for _, c := range []struct{ rest, network string }{
		{`"reduction": "hardness"`, `{"hidden": [32]}`},
		{`"reduction": "hardness", "clusters": 2, "clustering": "kmeans"`, `{"hidden": [32]}`},
		{`"reduction": "hardness", "components": 2`, `{"hidden": [32, 32]}`},
		{`"clusters": 2`, `{"hidden": [100, 100]}`},
		{`"max_clusters": 4`, `{"hidden": [100, 100]}`},
		{`"clusters": 2, "clustering": "kmeans"`, `{"hidden": [100, 100]}`},
		{`"clusters": 2, "clustering": "kmeans", "reduction": "none"`, `{"hidden": [100, 100]}`},
	} {
		if best := easyControl(t, `{"name": "george", "first_steps": 189, `+c.rest+`}`, c.network); best <= .95 {
			t.Errorf("%s, %s: the best Jaccard index with the minority is %v", c.rest, c.network, best)
		}
	}
}

// With one cluster a class and rate 0 it is balancing of classes by strata, bit for bit.
func TestGeorgeWithOneClusterIsClassBalancing(t *testing.T) {
	d := biasedData(t, 300)
	balanced := lastModel(t, run1(t, d, `{"name": "class_balance", "by": "strata"}`, ""))
	out := run1(t, d, `{"name": "george", "first_steps": 20, "clusters": 1, "rate": 0}`, `"steps": 80`)
	if lastModel(t, out) != balanced {
		t.Error("another network than by balancing classes")
	}
	if s := out["summary"]; value(t, s, "note", 0) != nil || value(t, s, "label_access", 0) != "none" || value(t, s, "earlier_steps", 0) != int64(20) {
		t.Errorf("the note says %v, access %v", value(t, s, "note", 0), value(t, s, "label_access", 0))
	}
	if lastModel(t, run1(t, d, `{"name": "george", "first_steps": 20, "rate": 0}`, `"steps": 80`)) == balanced {
		t.Error("clusters change nothing")
	}
}

// Features that are all equal are one cluster a class, and the row says so.
func TestGeorgeOfEqualFeatures(t *testing.T) {
	rest := `"steps": 80, "network": {"hidden": [4], "init": "zeros"}, "optimizer": {"type": "sgd", "rate": 1e-9}`
	out := run1(t, biasedData(t, 300), `{"name": "george", "first_steps": 20}`, rest)
	want := "Of the clusters, for label 0: all features are equal, 1 cluster; label 1: all features are equal, 1 cluster."
	if note, _ := value(t, out["summary"], "note", 0).(string); !contains(note, want) {
		t.Errorf("the note says %q", note)
	}
	if i := out["inference"]; value(t, i, "size", -1) != int64(0) || value(t, i, "cells", -1) != int64(2) || value(t, i, "set", -1) != "clusters" {
		t.Errorf("a minority of %v, %v cells", value(t, i, "size", -1), value(t, i, "cells", -1))
	}
}

// Along the output's weights, features give the margin less its bias, for one output and for two.
func TestOutputWeights(t *testing.T) {
	one := randomNetwork(6, 8)
	last := &one.Layers[1]
	*last = neuralnet.Layer{In: 8, Out: 1, Weights: last.Weights[:8], Biases: last.Biases[:1]}
	for _, net := range []*neuralnet.Network{randomNetwork(6, 8), one} {
		last := net.Layers[1]
		x, h, margin := []float32{1, -1, 1, 1, -1, 1}, make([]float32, 8), make([]float32, 1)
		net.Features(h, x, 1)
		net.Margins(margin, x, 1)
		got := float64(last.Biases[last.Out-1])
		if last.Out == 2 {
			got -= float64(last.Biases[0])
		}
		for i, w := range outputWeights(net, 1) {
			got += w * float64(h[i])
		}
		if math.Abs(got-float64(margin[0])) > 1e-5 {
			t.Errorf("%d outputs: %v along the weights, the margin is %v", last.Out, got, margin[0])
		}
	}
}

// By hand: the silhouettes are 1 - 1/11 and 1 - 1/10 in one cluster, and 1 in the other. Clusters count alike, and one
// without points does not.
func TestMeanSilhouette(t *testing.T) {
	p := cluster.Points{X: []float64{0, 1, 11, 11, 11}, D: 1}
	want := ((1-1/11.)+(1-1/10.))/2/2 + 1./2
	if got := meanSilhouette(cluster.Means{{.5}, {11}, {99}}, p); math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}

// The smallest clusters go first, until all that are left are large enough; one is always left.
func TestDissolve(t *testing.T) {
	m := cluster.Means{{0}, {5}, {6}, {9}}
	p := cluster.Points{X: []float64{0, 0, 1, 5, 6, 6, 9, 9, 9}, D: 1}
	for _, c := range []struct {
		least   int
		want    []int
		dropped int
	}{
		{0, []int{0, 0, 0, 1, 2, 2, 3, 3, 3}, 0},
		{2, []int{0, 0, 0, 1, 1, 1, 2, 2, 2}, 1}, // 5 goes to 6, which has three then
		{4, []int{0, 0, 0, 0, 0, 0, 0, 0, 0}, 3}, // then {0} goes, of three clusters of three, and {9}
		{99, []int{0, 0, 0, 0, 0, 0, 0, 0, 0}, 3},
	} {
		got, dropped := dissolve(m, p, c.least)
		if !slices.Equal(got, c.want) || dropped != c.dropped {
			t.Errorf("at least %d: %v, %d dissolved; want %v, %d", c.least, got, dropped, c.want, c.dropped)
		}
	}
	if got, dropped := dissolve(cluster.Means{{0}, {50}}, p, 0); dropped != 1 || slices.Max(got) != 0 {
		t.Errorf("a cluster without points: %v, %d dissolved", got, dropped)
	}
}

// A cluster with a small share of its class is dissolved, and the row says so.
func TestGeorgeDissolvesSmallClusters(t *testing.T) {
	out := run1(t, finiteData(t, easyControlLaw(), 2000), `{"name": "george", "first_steps": 189, "reduction": "hardness", "clusters": 2, "least_share": 0.2}`,
		`"steps": 300, "batch": 32, "network": {"hidden": [32]}, "optimizer": {"type": "sgd", "rate": 0.1}`)
	if note, _ := value(t, out["summary"], "note", 0).(string); !contains(note, "label 0: 1 clusters") || !contains(note, "1 too small and dissolved; label 1") {
		t.Errorf("the note says %q", note)
	}
}

// The least share is that of all samples of a class, more of which are assigned than fitted to.
func TestLeastShareIsOfAllSamples(t *testing.T) {
	p := cluster.Points{X: make([]float64, 10000), D: 1}
	for i := range p.X {
		p.X[i] = float64(i%13) / 100
		if i%50 == 7 { // 200 of 10000, about 82 of the 4096 that are fitted to
			p.X[i] += 9
		}
	}
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 30), Settings{Batch: 8, Method: MethodSettings{Name: "george", Clusters: 2, Clustering: "kmeans"}})
	for share, want := range map[float64]int{.015: 2, .03: 1} {
		trial.Method.LeastShare = share
		if got := trial.subclass(p, "x"); got.count != want {
			t.Errorf("least_share = %v: %d clusters, want %d", share, got.count, want)
		}
	}
}
