package debias

import (
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
)

// A Set is a minority that a method infers among its training points, or would if it stopped there.
type Set struct {
	What    string    // which points it holds, as the column "set" names it
	Members []bool    // [n]
	Weights []float64 // how much each point counts, [n], for methods that weigh softly; else nil
	// Partition is what Members were made of, for methods that infer cells; else nil.
	Partition *Partition
	Used      bool   // the method goes on with it
	Note      string // what a reader of its row must know; may be empty
}

// What a set holds.
const (
	errorsOf    = "errors"    // the points that a network gets wrong
	weightsOf   = "weights"   // those that weigh more than a half
	attributeOf = "attribute" // those whose inferred attribute is not the label
)

// sizeOf counts the members of a set.
func sizeOf(members []bool) int {
	n := 0
	for _, in := range members {
		if in {
			n++
		}
	}
	return n
}

// A Quality compares an inferred minority E with the true one M, the points whose attribute is not the one that goes with
// their label (of two classes and attributes y != s), both subsets of the same n training points. This file is where its measures are defined, for every method.
type Quality struct {
	Points  int64 // n
	Size    int64 // |E|
	True    int64 // |M|
	Overlap int64 // |E and M|
}

// Compare counts. Both slices have one entry a training point.
func Compare(inferred, minority []bool) Quality {
	q := Quality{Points: int64(len(inferred))}
	for i, e := range inferred {
		if e {
			q.Size++
		}
		if minority[i] {
			q.True++
		}
		if e && minority[i] {
			q.Overlap++
		}
	}
	return q
}

// Precision is |E and M| / |E|, the containment of E in M; it does not exist for an empty E.
func (q Quality) Precision() evaluation.Optional { return share(q.Overlap, q.Size) }

// Recall is |E and M| / |M|, the containment of M in E; it does not exist for an empty M.
func (q Quality) Recall() evaluation.Optional { return share(q.Overlap, q.True) }

// Jaccard is |E and M| / |E or M|; it does not exist if both are empty.
func (q Quality) Jaccard() evaluation.Optional { return share(q.Overlap, q.Size+q.True-q.Overlap) }

// Lift is the precision over that of a random set of the same size, |M| / n. It exists where the
// precision does and M is not empty.
func (q Quality) Lift() evaluation.Optional {
	precision, chance := q.Precision(), q.Chance()
	if !precision.Valid || !chance.Valid || chance.Value == 0 {
		return evaluation.Optional{}
	}
	return evaluation.Some(precision.Value / chance.Value)
}

// F1 is the harmonic mean of precision and recall, 2 |E and M| / (|E| + |M|); it does not exist if
// both sets are empty.
func (q Quality) F1() evaluation.Optional { return share(2*q.Overlap, q.Size+q.True) }

// Chance is |M| / n: what a random set of any size has as precision, and the set of all points as
// precision and Jaccard index. It does not exist without points.
func (q Quality) Chance() evaluation.Optional { return share(q.True, q.Points) }

// F1OfAll is the F1 of the set of all points, 2 |M| / (n + |M|).
func (q Quality) F1OfAll() evaluation.Optional { return share(2*q.True, q.Points+q.True) }

func share(part, whole int64) evaluation.Optional {
	if whole == 0 {
		return evaluation.Optional{}
	}
	return evaluation.Some(float64(part) / float64(whole))
}

// AUC is the probability that a random point of the minority weighs more than a random one of the
// majority, ties counting half (the Mann-Whitney statistic). It does not exist if either is empty or
// a weight is NaN. O(n log n).
func AUC(weights []float64, minority []bool) evaluation.Optional {
	order := make([]int, len(weights))
	for i, w := range weights {
		if w != w {
			return evaluation.Optional{}
		}
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case weights[a] < weights[b]:
			return -1
		case weights[a] > weights[b]:
			return 1
		}
		return 0
	})
	var in, below, twice int64 // of the minority; of the majority with less weight; pairs won, times two
	for from := 0; from < len(order); {
		to := from
		var ours, theirs int64
		for ; to < len(order) && weights[order[to]] == weights[order[from]]; to++ {
			if minority[order[to]] {
				ours++
			} else {
				theirs++
			}
		}
		twice += ours * (2*below + theirs)
		in, below, from = in+ours, below+theirs, to
	}
	return share(twice, 2*in*below)
}

// WeightRatio is the mean weight of the minority over that of the majority. It does not exist if
// either is empty, or if the ratio is not finite.
func WeightRatio(weights []float64, minority []bool) evaluation.Optional {
	var sum [2]float64
	var count [2]float64
	for i, w := range weights {
		of := 0
		if minority[i] {
			of = 1
		}
		sum[of] += w
		count[of]++
	}
	if count[0] == 0 || count[1] == 0 {
		return evaluation.Optional{}
	}
	return evaluation.Finite(float64(sum[1]/count[1]) / float64(sum[0]/count[0]))
}

// inferenceFields are the columns of the output "inference".
var inferenceFields = []frame.Field{
	{Name: "method", Type: frame.String, Doc: "The method that inferred the set."},
	{Name: "set", Type: frame.String, Doc: "Which points the set E holds: errors (those that the network gets wrong), weights (those that weigh more than a half), environment or clusters (those outside the largest inferred cell of their class; of equal cells the first counts as the largest), or attribute (those whose inferred attribute is not the one that goes with the label; where none does, those outside the largest cell of their class)."},
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken when the set was inferred, counted from the start of the method."},
	{Name: "epoch", Type: frame.Float64, Unit: "epochs", Doc: "Passes over the stage's training set taken by then."},
	{Name: "used", Type: frame.Bool, Doc: "Whether the method went on with this set; the others are what it would have been at that step. For erm, which infers nothing, it is the error set that a method built on it would find."},
	{Name: "points", Type: frame.Int64, Unit: "points", Doc: "Training points."},
	{Name: "size", Type: frame.Int64, Unit: "points", Doc: "Points in the inferred minority E."},
	{Name: "minority", Type: frame.Int64, Unit: "points", Nullable: true, Doc: "Points in the true minority M, whose attribute is not the one that goes with their label: of two classes and attributes, where they differ. Null, as all columns that need M, without attributes, and where none goes with a class."},
	{Name: "overlap", Type: frame.Int64, Unit: "points", Nullable: true, Doc: "Points in both."},
	{Name: "precision", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Share of E that is in M, the containment of E in M; null if E is empty."},
	{Name: "recall", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Share of M that is in E, the containment of M in E; null if M is empty."},
	{Name: "jaccard", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "|E and M| / |E or M|; null if both are empty."},
	{Name: "f1", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Harmonic mean of precision and recall, 2 |E and M| / (|E| + |M|); null if both are empty."},
	{Name: "lift", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Precision over that of a random set of the same size; null if either is undefined."},
	{Name: "chance", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "|M| / n: precision of a random set, precision and Jaccard index of the set of all points. (The empty set has recall, Jaccard index and F1 of 0.)"},
	{Name: "f1_of_all", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "F1 of the set of all points."},
	{Name: "auc", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Probability that a random point of M weighs more than a random one outside it, ties counting half; null for methods that do not weigh points softly."},
	{Name: "weight_ratio", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Mean weight of M over that of the other points; null for methods that do not weigh points softly."},
	{Name: "cells", Type: frame.Int64, Unit: "cells", Nullable: true, Doc: "Cells that the method divides the training points into; null for methods that infer a set alone."},
	{Name: "rand_index", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Adjusted Rand index (Hubert and Arabie 1985) of the cells and the spurious attribute within a class, its mean over classes weighted by their points: 1 if cells are the groups, 0 on average for random cells. Null without cells, and where neither divides a class."},
	{Name: "note", Type: frame.String, Nullable: true, Doc: "What happened that a reader must know, in a sentence; null if nothing."},
}

// A truth is what inferred sets are compared with, of the training points.
type truth struct {
	labels, attributes []int16 // attributes are nil if there are none
	minority           []bool  // M; nil if it is not known
}

func newTruth(d *dataset.Description, labels, attributes []int16) *truth {
	return &truth{labels, attributes, minorityOf(d, labels, attributes)}
}

// minorityOf tells which samples have an attribute that is not the one that goes with their label; nil without attributes,
// and where none goes with some class.
func minorityOf(d *dataset.Description, labels, attributes []int16) []bool {
	if attributes == nil {
		return nil
	}
	pairs := make([]int16, d.ClassCount())
	for y := range pairs {
		var ok bool
		if pairs[y], ok = d.Pair(int16(y)); !ok {
			return nil
		}
	}
	minority := make([]bool, len(labels))
	for i, y := range labels {
		minority[i] = attributes[i] != pairs[y]
	}
	return minority
}

// append writes what is known of a set; the row's other columns are the caller's.
func (t *truth) append(b *frame.Builder, s *Set) {
	size := int64(sizeOf(s.Members))
	b.String("set", s.What)
	b.Bool("used", s.Used)
	b.Int("points", len(s.Members))
	b.Int64("size", size)
	t.appendQuality(b, s)
	var cells, rand evaluation.Optional
	if s.Partition != nil {
		cells = evaluation.Some(float64(s.Partition.Used()))
		if t.attributes != nil {
			rand = s.Partition.RandIndex(t.labels, t.attributes)
		}
	}
	cells.Int64(b, "cells")
	rand.Float64(b, "rand_index")
	note := s.Note
	if note == "" && size == 0 {
		note = "The set is empty."
	}
	if note == "" && size == int64(len(s.Members)) {
		note = "The set is the whole training set."
	}
	b.StringUnlessEmpty("note", note)
}

// appendQuality writes how good a set is, as far as the true minority is known.
func (t *truth) appendQuality(b *frame.Builder, s *Set) {
	if t.minority == nil {
		for _, column := range []string{"minority", "overlap", "precision", "recall", "jaccard", "f1", "lift", "chance", "f1_of_all", "auc", "weight_ratio"} {
			b.Null(column)
		}
		return
	}
	q := Compare(s.Members, t.minority)
	b.Int64("minority", q.True)
	b.Int64("overlap", q.Overlap)
	q.Precision().Float64(b, "precision")
	q.Recall().Float64(b, "recall")
	q.Jaccard().Float64(b, "jaccard")
	q.F1().Float64(b, "f1")
	q.Lift().Float64(b, "lift")
	q.Chance().Float64(b, "chance")
	q.F1OfAll().Float64(b, "f1_of_all")
	var auc, ratio evaluation.Optional
	if s.Weights != nil {
		auc, ratio = AUC(s.Weights, t.minority), WeightRatio(s.Weights, t.minority)
	}
	auc.Float64(b, "auc")
	ratio.Float64(b, "weight_ratio")
}
