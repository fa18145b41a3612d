package debias

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/cluster"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// spare separates early and resamples.
var spare = &Method{
	Name:    "spare",
	Version: 1,
	Doc: "Trains a first network by ERM for a short time; then divides the training samples of each class into clusters of its output, by k-means: into `clusters` or, with 0, into as many of 2 to `max_clusters` as have the largest mean silhouette. The output of two classes is the probability of label 1 (the sigmoid of the margin): in one dimension the best clusters are found exactly, so that there are no random restarts. " +
		"Of more classes it is the probabilities of all: clusters are the best of 10 k-means, fitted to at most 4096 samples of a class, evenly spread, and silhouettes are those of 1024 of these; all samples are then put into the nearest clusters. " +
		"A second network starts afresh and is trained by ERM on samples drawn with replacement: with n_c the size of a sample's cluster its probability is proportional to n_c^-p within its class, and all classes are equally likely. The power p is 1, so that clusters are equally likely, if the class's silhouette is at least `silhouette`, else `power`. " +
		"A class whose outputs have fewer distinct values has fewer clusters, and the note says so. (The published code reads the powers of classes in the order in which classes first occur; here each has its own. It chooses the length of the first stage by how well clusters of validation samples match their groups; here that is a setting, to be searched as others are.)",
	Source: "Yang, Gan, Dziugaite and Mirzasoleiman 2024",
	Finite: true,
	Check:  checkFirst,
	Run: func(ctx context.Context, t *Trial) error {
		var found *outputClusters
		var p Partition
		_, err := t.firstStage(ctx, func(ctx context.Context, first *neuralnet.Network, _ bool) (Set, error) {
			var err error
			if found, err = t.clusterOutputs(ctx, first); err != nil {
				return Set{}, err
			}
			if p, err = found.partition(); err != nil {
				return Set{}, err
			}
			set := t.minorityOf("clusters", p)
			set.Note = found.note()
			return set, nil
		})
		if err != nil {
			return err
		}
		for y, c := range found.classes {
			if least := cmp.Or(t.Method.Clusters, 2); len(c.rows) > 0 && c.count < least {
				t.Say("After %d steps the outputs for label %d have %d distinct values, fewer than the %d clusters that they should be divided into.", t.Taken(), y, c.count, least)
			}
		}
		pools, masses := found.importance()
		t.use(byCells("cluster", numbered(p.Count), p.Cells), func() []float64 { return likely(t.Rows(), pools, masses) })
		source := trainloop.Weighted(t.dataset.Train, pools, masses, t.batch, trainloop.OrderStream(t.settings.Seed, ""))
		return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Steps: t.Remaining()})
	},
}

// outputClusters are the clusters of a network's outputs for the training samples.
type outputClusters struct {
	samples int
	classes []classClusters
}

// classClusters are those of one class.
type classClusters struct {
	rows       []int32 // its training samples
	clusters   []int   // of each, [len(rows)]
	count      int
	silhouette float64
	power      float64
}

// clusterOutputs divides the training samples of each class by the network's output.
func (t *Trial) clusterOutputs(ctx context.Context, net *neuralnet.Network) (*outputClusters, error) {
	found := &outputClusters{samples: t.Rows(), classes: make([]classClusters, t.Classes())}
	outputs := make([][]float64, t.Classes())
	labels := t.Labels()
	err := t.scores(ctx, net, func(row int, scores []float32) {
		y := labels[row]
		found.classes[y].rows = append(found.classes[y].rows, int32(row))
		outputs[y] = appendProbabilities(outputs[y], scores)
	})
	if err != nil {
		return nil, err
	}
	for y := range found.classes {
		switch width := net.ScoreWidth(); {
		case len(outputs[y]) == 0:
		case width == 1:
			found.classes[y].divide(outputs[y], &t.Method)
		default:
			stream := trainloop.MethodStream(t.settings.Seed, fmt.Sprintf("clusters/%d", y))
			found.classes[y].divideVectors(cluster.Points{X: outputs[y], D: width}, &t.Method, stream)
		}
	}
	return found, nil
}

// appendProbabilities appends those of all classes for logits, or that of label 1 for a margin.
func appendProbabilities(to []float64, scores []float32) []float64 {
	if len(scores) == 1 {
		return append(to, kernel.Sigmoid64(float64(scores[0])))
	}
	largest, sum, first := slices.Max(scores), 0.0, len(to)
	for _, z := range scores {
		to = append(to, kernel.Exp64(float64(z-largest)))
		sum += to[len(to)-1]
	}
	for i := range to[first:] {
		to[first+i] /= sum
	}
	return to
}

// divideVectors is divide for outputs of several coordinates.
func (c *classClusters) divideVectors(outputs cluster.Points, s *MethodSettings, stream *kernel.Stream) {
	const starts = 10 // of scikit-learn's k-means in the published code
	fitted := outputs.Spread(fittedSamples)
	seen := fitted.Spread(silhouetteSamples)
	fewest, most := s.clusterRange()
	most = min(most, fitted.Distinct(most))
	best, silhouette := mostSeparate(min(fewest, most), most, func(k int) (cluster.Means, float64) {
		model := cluster.NewMeans(fitted, k, starts, stream)
		return model, pointSilhouette(model, seen)
	})
	c.set(cluster.Assign(best, outputs, nil), best.Count(), silhouette, s)
}

// pointSilhouette gives the mean silhouette of points; 0, as for one cluster, if there are not two.
func pointSilhouette(m cluster.Model, p cluster.Points) float64 {
	clusters := cluster.Assign(m, p, nil)
	sizes := make([]float64, m.Count())
	for _, c := range clusters {
		sizes[c]++
	}
	sum := 0.0
	for c, s := range cluster.Silhouettes(p, clusters, m.Count()) {
		if s == s {
			sum += float64(s * sizes[c])
		}
	}
	return sum / float64(len(clusters))
}

// divide chooses clusters of a class's outputs, and the power.
func (c *classClusters) divide(outputs []float64, s *MethodSettings) {
	fewest, most := s.clusterRange()
	divisions := cluster.NewLine(outputs).Divide(most)
	best, silhouette := mostSeparate(min(fewest, len(divisions)), len(divisions), func(k int) (cluster.Division, float64) {
		return divisions[k-1], divisions[k-1].Silhouette()
	})
	c.set(best.Clusters(), best.Count(), silhouette, s)
}

// set notes the clusters of the samples, and gives them the power that goes with their silhouette.
func (c *classClusters) set(clusters []int, count int, silhouette float64, s *MethodSettings) {
	c.clusters, c.count, c.silhouette, c.power = clusters, count, silhouette, s.Power
	if silhouette >= s.Silhouette {
		c.power = 1
	}
}

// partition gives the clusters as cells within classes.
func (o *outputClusters) partition() (Partition, error) {
	p := Partition{0, make([]int16, o.samples)}
	for _, c := range o.classes {
		if err := p.addClass(c.rows, c.clusters, c.count); err != nil {
			return p, err
		}
	}
	return p, nil
}

// importance gives pools of equally likely samples and their masses.
func (o *outputClusters) importance() (pools [][]int32, masses []float64) {
	for _, c := range o.classes {
		if len(c.rows) == 0 {
			continue
		}
		if c.power == 0 { // all samples of the class are equally likely
			pools, masses = append(pools, c.rows), append(masses, 1)
			continue
		}
		first := len(pools)
		pools = append(pools, make([][]int32, c.count)...)
		for i, row := range c.rows {
			pool := &pools[first+c.clusters[i]]
			*pool = append(*pool, row)
		}
		var sum float64
		for _, pool := range pools[first:] {
			masses = append(masses, kernel.Pow64(float64(len(pool)), 1-c.power))
			sum += masses[len(masses)-1]
		}
		for i := range masses[first:] {
			masses[first+i] /= sum
		}
	}
	return pools, masses
}

// likely gives how likely each of so many rows is, if pools are as likely as their masses.
func likely(rows int, pools [][]int32, masses []float64) []float64 {
	weights := make([]float64, rows)
	for i, pool := range pools {
		for _, row := range pool {
			weights[row] = masses[i] / float64(len(pool))
		}
	}
	return weights
}

// note tells what was found.
func (o *outputClusters) note() string {
	text := ""
	for y, c := range o.classes {
		if len(c.rows) == 0 {
			continue
		}
		if text != "" {
			text += "; "
		}
		text += fmt.Sprintf("label %d: %d clusters, silhouette %.3f, power %v", y, c.count, c.silhouette, c.power)
	}
	return text
}
