package debias

import (
	"spurion/artifacts/frame"
	"spurion/stages/learn"
)

// A Quality compares an inferred minority E with the true one M = {y != s}, both subsets of the
// same n training points (METHODS: "Group-inference quality metrics").
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
func (q Quality) Precision() learn.Optional { return share(q.Overlap, q.Size) }

// Recall is |E and M| / |M|, the containment of M in E; it does not exist for an empty M.
func (q Quality) Recall() learn.Optional { return share(q.Overlap, q.True) }

// Jaccard is |E and M| / |E or M|; it does not exist if both are empty.
func (q Quality) Jaccard() learn.Optional { return share(q.Overlap, q.Size+q.True-q.Overlap) }

// Lift is the precision over that of a random set of the same size, |M| / n. It exists where the
// precision does and M is not empty.
func (q Quality) Lift() learn.Optional {
	precision, chance := q.Precision(), share(q.True, q.Points)
	if !precision.Valid || !chance.Valid || chance.Value == 0 {
		return learn.Optional{}
	}
	return learn.Some(precision.Value / chance.Value)
}

func share(part, whole int64) learn.Optional {
	if whole == 0 {
		return learn.Optional{}
	}
	return learn.Some(float64(part) / float64(whole))
}

// inferenceFields are the columns of the output "inference".
var inferenceFields = []frame.Field{
	{Name: "method", Type: frame.String, Doc: "The method that inferred the set."},
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken when the set was inferred, counted from the start of the method."},
	{Name: "epoch", Type: frame.Float64, Unit: "epochs", Doc: "Passes over the training set taken by then."},
	{Name: "used", Type: frame.Bool, Doc: "Whether the method went on with this set; the others are what it would have been at that step."},
	{Name: "points", Type: frame.Int64, Unit: "points", Doc: "Training points."},
	{Name: "size", Type: frame.Int64, Unit: "points", Doc: "Points in the inferred minority E."},
	{Name: "minority", Type: frame.Int64, Unit: "points", Doc: "Points in the true minority M, where label and spurious attribute differ."},
	{Name: "precision", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Share of E that is in M; null if E is empty."},
	{Name: "recall", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Share of M that is in E; null if M is empty."},
	{Name: "jaccard", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "|E and M| / |E or M|; null if both are empty."},
	{Name: "lift", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Precision over that of a random set of the same size; null if either is undefined."},
}

func (q Quality) append(b *frame.Builder) {
	b.Int64("points", q.Points)
	b.Int64("size", q.Size)
	b.Int64("minority", q.True)
	q.Precision().Float64(b, "precision")
	q.Recall().Float64(b, "recall")
	q.Jaccard().Float64(b, "jaccard")
	q.Lift().Float64(b, "lift")
}
