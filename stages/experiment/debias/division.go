package debias

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// A division puts samples into the cells that shall count alike: by their groups, or as a method
// inferred it.
type division struct {
	cell  string   // what a cell is, in words
	names []string // of the cells, 0 and on; some may have no samples
	// of gives the cell of a group; nil if the cells are inferred.
	of func(group int) int
	// private says that the cells are read from labels alone, which is no privileged access.
	private bool

	inferred []int16 // the cells of the training samples, [Rows]; nil if they follow from groups
	batch    []int16 // inferred cells of a batch
}

// byGroup divides samples by their groups.
func (t *Trial) byGroup() *division {
	d := &t.dataset.Description
	return &division{cell: "group", names: named(d.GroupCount(), d.GroupName), of: func(g int) int { return g }}
}

// byClass divides samples by their labels.
func (t *Trial) byClass() *division {
	d := &t.dataset.Description
	values := d.ValueCount()
	return &division{cell: "class", names: named(d.ClassCount(), d.ClassName), of: func(g int) int { return g / values }, private: true}
}

// byAttribute divides samples by their attributes, which are called environments.
func (t *Trial) byAttribute() *division {
	d := &t.dataset.Description
	values := d.ValueCount()
	return &division{cell: "environment", names: named(values, d.AttributeName), of: func(g int) int { return g % values }}
}

// named gives the names of 0 to count-1.
func named(count int, name func(int) string) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = name(i)
	}
	return names
}

// crossedNames names the cells within classes that Partition.crossed makes of so many with names: label, then cell, as
// groups are named.
func crossedNames(d *dataset.Description, count int, name func(int) string) []string {
	between := "/"
	if d.Classes == nil && d.Attributes == nil {
		between = ""
	}
	return named(d.ClassCount()*count, func(c int) string { return d.ClassName(c/count) + between + name(c%count) })
}

// byCells divides the training samples by inferred cells with names, [Rows], which it keeps. Fresh samples
// have none.
func byCells(cell string, names []string, cells []int16) *division {
	return &division{cell: cell, names: names, inferred: cells}
}

// numbered gives names to cells that have none.
func numbered(count int) []string { return named(count, strconv.Itoa) }

// cells gives the training samples' cells, [Rows], and notes what was read.
func (t *Trial) cells(d *division) []int16 {
	if d.inferred != nil {
		return d.inferred
	}
	if d.private {
		return t.Labels()
	}
	cells := t.Groups()
	for i, g := range cells {
		cells[i] = int16(d.of(int(g)))
	}
	return cells
}

// batchCells gives the cells of a batch, [Rows], valid as long as the batch.
func (t *Trial) batchCells(d *division, b *trainloop.Batch) []int16 {
	if d.inferred != nil {
		d.batch = d.batch[:0]
		for _, row := range b.Index {
			d.batch = append(d.batch, d.inferred[row])
		}
		return d.batch
	}
	if d.private {
		return b.Labels
	}
	cells := b.Groups(t.ledger)
	for i, g := range cells {
		cells[i] = int16(d.of(int(g)))
	}
	return cells
}

// sizes counts the training samples of each cell, and notes what was read.
func (t *Trial) sizes(d *division) []int {
	sizes := make([]int, len(d.names))
	for _, c := range t.cells(d) {
		sizes[c]++
	}
	return sizes
}

// shares gives the cells' shares in what is trained on: counted in a finite set, else the law's. It
// says which cells do not exist.
func (t *Trial) shares(d *division) []float64 {
	shares := make([]float64, len(d.names))
	if t.fresh() {
		if !d.private {
			t.ledger.Note(frame.MarkGroup, dataset.Training, "")
		}
		for g, mass := range t.law.Masses() {
			shares[d.of(g)] += mass
		}
	} else {
		for c, n := range t.sizes(d) {
			shares[c] = float64(n) / float64(t.Rows())
		}
	}
	t.sayMissing("training", d, shares)
	return shares
}

// sayMissing tells of cells that have no share of the samples of a kind.
func (t *Trial) sayMissing(samples string, d *division, shares []float64) {
	if none := evaluation.Missing(shares, func(c int) string { return d.names[c] }); none != "" {
		t.Say("There are no %s samples of the %s %s.", samples, d.cell, none)
	}
}

// pools gives the training samples of each cell that has any, in the cells' order.
func (t *Trial) pools(d *division) ([][]int32, error) {
	if t.dataset.Train == nil {
		return nil, errors.New("the data set has no training samples")
	}
	t.shares(d) // says what is missing
	pools := trainloop.Pools(t.cells(d), len(d.names))
	if len(pools) == 0 {
		return nil, fmt.Errorf("no %s has any samples", d.cell)
	}
	return pools, nil
}

// Balanced gives batches in which each cell that exists is equally likely or, with strata, in
// which there are equally many of each.
func (t *Trial) Balanced(name string, d *division, strata bool) (trainloop.Source, error) {
	stream := trainloop.OrderStream(t.settings.Seed, name)
	if t.fresh() {
		return t.balancedLaw(d, strata, stream)
	}
	pools, err := t.pools(d)
	if err != nil {
		return nil, err
	}
	if strata {
		return trainloop.Stratified(t.dataset.Train, pools, t.batch, stream), nil
	}
	return trainloop.Drawn(t.dataset.Train, pools, t.batch, stream), nil
}

// balancedLaw gives fresh samples with equal masses of the cells that the law has.
func (t *Trial) balancedLaw(d *division, strata bool, stream *kernel.Stream) (trainloop.Source, error) {
	shares := t.shares(d)
	var parts []datalaw.Mixture
	var all [evaluation.Groups]float64
	for c, share := range shares {
		if share == 0 {
			continue
		}
		var one [evaluation.Groups]float64
		for g, mass := range t.law.Masses() {
			if d.of(g) == c {
				one[g] = mass / share
				all[g] = one[g]
			}
		}
		part, err := t.law.Mixture(one)
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	if !strata {
		mixed, err := t.law.Mixture(all)
		if err != nil {
			return nil, err
		}
		parts = []datalaw.Mixture{mixed}
	}
	return trainloop.Fresh(t.law, t.batch, stream, parts...), nil
}

// balancingWeights gives weights of the rows of a batch, over its size, for samples as they come:
// 1/(K p_c) for K cells, so that the mean over the data is the mean over cells; or, with root,
// 1/(sqrt(p_c) Σ sqrt(p)). Either has mean 1 over the data. A cell without samples has no part.
func (t *Trial) balancingWeights(d *division, root bool) (func(*trainloop.Batch, []float32) []float32, error) {
	shares := t.shares(d)
	weight := make([]float64, len(d.names))
	cells, roots := existing(shares), 0.0
	if cells == 0 {
		return nil, fmt.Errorf("no %s has any samples", d.cell)
	}
	for _, p := range shares {
		roots += math.Sqrt(p)
	}
	for c, p := range shares {
		switch {
		case p == 0:
		case root:
			weight[c] = 1 / float64(math.Sqrt(p)*roots)
		default:
			weight[c] = 1 / float64(float64(cells)*p)
		}
	}
	var weights []float32
	return func(b *trainloop.Batch, _ []float32) []float32 {
		weights = weights[:0]
		for _, c := range t.batchCells(d, b) {
			weights = append(weights, float32(weight[c]/float64(b.Rows)))
		}
		return weights
	}, nil
}

func existing(shares []float64) int {
	n := 0
	for _, p := range shares {
		if p > 0 {
			n++
		}
	}
	return n
}

// upsampled lists every cell as often as the largest: each is shuffled once and repeated, so that
// its samples are listed equally often or, the first of them, once more.
func upsampled(pools [][]int32, stream *kernel.Stream) []int32 {
	most := 0
	for _, pool := range pools {
		most = max(most, len(pool))
	}
	var list []int32
	for _, pool := range pools {
		kernel.Shuffle(pool, stream)
		for i := range most {
			list = append(list, pool[i%len(pool)])
		}
	}
	return list
}
