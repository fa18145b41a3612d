package debias

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/cluster"
	"spurion/stages/numeric/neuralnet"
)

// george clusters the features of a first network.
var george = &Method{
	Name:    "george",
	Version: 1,
	Doc: "Trains a first network by ERM; then divides the training samples of each class into clusters of their features, the activations of its last hidden layer. These are reduced: by \"pca\" to the class's first `components` principal axes; by \"hardness\" to the coordinate along the output's weights (of more than two classes those of the class's logit less the mean of the others') and, with more components, principal axes of what is left; or not (\"none\"). (Published are hardness, none, and UMAP, which is left out: a random embedding.) " +
		"Clusters are those of a mixture of Gaussians with full covariances, from the best of three k-means, or of k-means itself (clustering = \"kmeans\"): `clusters` or, with 0, as many of 2 to `max_clusters` as have the largest mean over clusters of their mean silhouettes. Axes and clusters are fitted to at most 4096 samples of a class, evenly spread, and silhouettes to 1024 of these; all samples are then put into the clusters that fit them best. " +
		"A cluster with less than `least_share` of its class is dissolved, its samples going to the next best ones, and the note says so; the published code can split clusters further and then drops small parts, which is left out. A second network starts afresh and is trained by GroupDRO on the clusters, with the size adjustment. (As published, a step is selected by the worst cluster of validation samples; here by the rules that all methods have.)",
	Source: "Sohoni, Dunnmon, Angus, Gu and Ré 2020",
	Finite: true,
	Check:  checkFirst,
	Run: func(ctx context.Context, t *Trial) error {
		set, err := t.firstStage(ctx, t.subclasses)
		if err != nil {
			return err
		}
		return t.robust(ctx, byCells("cluster", numbered(set.Partition.Count), set.Partition.Cells))
	},
}

// How many samples of a class clusters are fitted to, and silhouettes taken from.
const (
	fittedSamples     = 4096
	silhouetteSamples = 1024
)

// subclasses divides the training samples of each class by the network's features.
func (t *Trial) subclasses(ctx context.Context, net *neuralnet.Network, last bool) (Set, error) {
	rows, features := make([][]int32, t.Classes()), make([]cluster.Points, t.Classes())
	labels, width := t.Labels(), net.Width()
	err := t.features(ctx, net, func(row int, h []float32) {
		y := labels[row]
		rows[y] = append(rows[y], int32(row))
		for _, x := range h {
			features[y].X = append(features[y].X, float64(x))
		}
	})
	if err != nil {
		return Set{}, err
	}
	p := Partition{0, make([]int16, t.Rows())}
	var notes []string
	odd := false
	for y := range rows {
		if features[y].D = width; len(rows[y]) == 0 {
			continue
		}
		s := t.subclass(t.reduce(features[y], net, y), fmt.Sprintf("clusters/%d", y))
		if err := p.addClass(rows[y], s.clusters, s.count); err != nil {
			return Set{}, err
		}
		notes = append(notes, fmt.Sprintf("label %d: %s", y, s.note))
		odd = odd || s.odd
	}
	set := t.minorityOf("clusters", p)
	set.Note = strings.Join(notes, "; ")
	if last && odd {
		t.Say("Of the clusters, for %s.", set.Note)
	}
	return set, nil
}

// reduce gives fewer coordinates of the features of class y.
func (t *Trial) reduce(p cluster.Points, net *neuralnet.Network, y int) cluster.Points {
	principal := func(p cluster.Points, count int) cluster.Points {
		return cluster.NewAxes(p.Spread(fittedSamples), count).Project(p)
	}
	switch count := t.Method.Components; t.Method.Reduction {
	case "pca":
		return principal(p, *cmp.Or(count, new(2)))
	case "hardness":
		scores, rest := p.Along(outputWeights(net, y))
		if count != nil && *count > 1 {
			return scores.Beside(principal(rest, *count-1))
		}
		return scores
	}
	return p
}

// outputWeights gives the weights of the margin's features, [Width]; of more than two classes those of the logit of y, less
// the mean of the others'.
func outputWeights(net *neuralnet.Network, y int) []float64 {
	last := &net.Layers[len(net.Layers)-1]
	weights := make([]float64, last.In)
	for i := range weights {
		w := last.Weights[i*last.Out : (i+1)*last.Out]
		switch {
		case last.Out > 2:
			others := 0.0
			for k, v := range w {
				if k != y {
					others += float64(v)
				}
			}
			weights[i] = float64(w[y]) - others/float64(last.Out-1)
		case last.Out == 2:
			weights[i] = float64(w[1]) - float64(w[0])
		default:
			weights[i] = float64(w[0])
		}
	}
	return weights
}

// A subclass is how the samples of a class are divided.
type subclass struct {
	clusters []int // of each sample
	count    int
	odd      bool // they are not what was asked for, as the note tells
	note     string
}

// subclass divides the samples of a class; randomness has a stream of that name.
func (t *Trial) subclass(p cluster.Points, stream string) subclass {
	fitted := p.Spread(fittedSamples)
	if v := fitted.Variance(); v == 0 || v-v != 0 {
		note := "all features are equal, 1 cluster"
		if v != 0 {
			note = "features are not finite, 1 cluster"
		}
		return subclass{make([]int, p.N()), 1, true, note}
	}
	fewest, most := t.Method.clusterRange()
	seen, random := fitted.Spread(silhouetteSamples), trainloop.MethodStream(t.settings.Seed, stream)
	best, silhouette := mostSeparate(fewest, most, func(k int) (cluster.Model, float64) {
		var model cluster.Model = cluster.NewMeans(fitted, k, 3, random)
		if t.Method.Clustering == "mixture" {
			model = cluster.NewMixture(fitted, model)
		}
		return model, meanSilhouette(model, seen)
	})
	clusters, dropped := dissolve(best, p, int(t.Method.LeastShare*float64(p.N())))
	count := best.Count() - dropped
	note := fmt.Sprintf("%d clusters, silhouette %.3f", count, silhouette)
	if dropped > 0 {
		note += fmt.Sprintf(", %d too small and dissolved", dropped)
	}
	return subclass{clusters, count, dropped > 0, note}
}

// clusterRange gives how few and how many clusters of a class there may be.
func (s *MethodSettings) clusterRange() (fewest, most int) {
	if s.Clusters > 0 {
		return s.Clusters, s.Clusters
	}
	return 2, s.MaxClusters
}

// mostSeparate gives what divide makes of fewest to most clusters with the largest silhouette, the first of equals.
func mostSeparate[M any](fewest, most int, divide func(k int) (M, float64)) (best M, largest float64) {
	for k := fewest; k <= most; k++ {
		if m, silhouette := divide(k); k == fewest || silhouette > largest {
			best, largest = m, silhouette
		}
	}
	return best, largest
}

// meanSilhouette gives the mean over the clusters that have points of their mean silhouettes.
func meanSilhouette(m cluster.Model, p cluster.Points) float64 {
	var sum, count float64
	for _, s := range cluster.Silhouettes(p, cluster.Assign(m, p, nil), m.Count()) {
		if s == s {
			sum += s
			count++
		}
	}
	return sum / count
}

// dissolve puts points into the clusters of a model, without those that have fewer than least points or
// none: the smallest is taken away first, until there is none or one cluster is left. The others are
// numbered anew, in their order.
func dissolve(m cluster.Model, p cluster.Points, least int) (clusters []int, dropped int) {
	keep := slices.Repeat([]bool{true}, m.Count())
	for {
		clusters = cluster.Assign(m, p, keep)
		count := make([]int, m.Count())
		for _, c := range clusters {
			count[c]++
		}
		smallest := -1
		for c, n := range count {
			if keep[c] && (smallest < 0 || n < count[smallest]) {
				smallest = c
			}
		}
		if count[smallest] >= max(1, least) || dropped == m.Count()-1 {
			break
		}
		keep[smallest] = false
		dropped++
	}
	number, next := make([]int, m.Count()), 0
	for c, kept := range keep {
		number[c] = next
		if kept {
			next++
		}
	}
	for i, c := range clusters {
		clusters[i] = number[c]
	}
	return clusters, dropped
}
