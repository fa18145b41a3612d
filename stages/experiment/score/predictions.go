package score

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/gather"
)

// A reader takes the table of predictions apart.
type reader struct {
	table   *frame.Table
	data    *dataset.Dataset
	ledger  *dataset.Ledger
	scores  numbers // zero if there is no such column
	classes numbers
	shares  *frame.Column // probabilities of the classes; nil if there is no such column
	rules   *frame.Column // the rule of each row; nil if all rows stand for any rule
	labels  map[dataset.Split][]int16
}

// Numbers are those of a column.
type numbers struct {
	values []float64
	valid  []bool
}

func newReader(t *frame.Table, d *dataset.Dataset, l *dataset.Ledger) (*reader, error) {
	r := &reader{table: t, data: d, ledger: l, shares: t.Column("probabilities"), rules: t.Column("selection"), labels: map[dataset.Split][]int16{}}
	wanted := []string{"split", "score"}
	switch {
	case d.ClassCount() > 2 && t.Column("prediction") == nil:
		return nil, fmt.Errorf("there are %d classes, which one score does not tell apart, and %w", d.ClassCount(), stages.NoColumn("prediction", gather.Names(t)))
	case t.Column("prediction") != nil:
		wanted = wanted[:1]
	}
	for _, name := range wanted {
		if t.Column(name) == nil {
			return nil, stages.NoColumn(name, gather.Names(t))
		}
	}
	if d.ClassCount() == 2 {
		if err := r.scores.read(t, "score"); err != nil {
			return nil, err
		}
	}
	if c := r.shares; c != nil && c.Type != frame.Float32List && c.Type != frame.Float64List {
		return nil, fmt.Errorf("the column probabilities is of type %v: it holds a list of a number for each class; give it another name if it is something else", c.Type)
	}
	return r, r.classes.read(t, "prediction")
}

// read reads a column, if there is one of the name.
func (n *numbers) read(t *frame.Table, name string) (err error) {
	if t.Column(name) != nil {
		n.values, n.valid, err = gather.Numbers(t, name, nil)
	}
	return err
}

// of reads the rows that stand for a rule, for each split that has some: in its order, with margins if there are two classes
// and every sample has one, and likewise with the probability of the predicted class.
func (r *reader) of(rule string) (map[dataset.Split]*evaluation.Predicted, error) {
	given := map[dataset.Split]*evaluation.Predicted{}
	rows := 0
	for row := range r.table.Rows() {
		if r.rules != nil && gather.Text(r.rules, row) != rule {
			continue
		}
		rows++
		if err := r.add(given, row); err != nil {
			return nil, err
		}
	}
	if rows == 0 && r.rules != nil {
		return nil, fmt.Errorf("there are none of the rule %s in the column selection; there are those of %s", rule, r.ruleNames())
	}
	for split, p := range given {
		if n := r.data.Split(split).Rows; len(p.Classes) < n {
			return nil, fmt.Errorf("there are %d for the %d samples of the split %s: give each sample one row, in the order of the data set", len(p.Classes), n, split)
		}
		if len(p.Margins) < len(p.Classes) {
			p.Margins = nil
		}
		if len(p.Confidence) < len(p.Classes) {
			p.Confidence = nil
		}
	}
	if given[dataset.TestSplit] == nil {
		return nil, errors.New("there are none of the split test: give each test sample one row")
	}
	return given, nil
}

func (r *reader) ruleNames() string {
	var names []string
	for row := range r.table.Rows() {
		if name := gather.Text(r.rules, row); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// add reads a row.
func (r *reader) add(given map[dataset.Split]*evaluation.Predicted, row int) error {
	split := dataset.Split(gather.Text(r.table.Column("split"), row))
	samples := r.data.Split(split)
	if samples == nil {
		return fmt.Errorf("row %d is of the split %q, which the data set does not have: write test, or validation if it has that", row+1, split)
	}
	if given[split] == nil {
		given[split] = &evaluation.Predicted{}
	}
	p := given[split]
	if len(p.Classes) == samples.Rows {
		return fmt.Errorf("row %d is one more than the %d samples of the split %s: give each sample one row, or a column selection where rows are of several rules", row+1, samples.Rows, split)
	}
	if err := r.checkLabel(split, len(p.Classes), row); err != nil {
		return err
	}
	class, err := r.class(row)
	if err != nil {
		return err
	}
	p.Classes = append(p.Classes, class)
	if r.scores.has(row) {
		p.Margins = append(p.Margins, r.scores.values[row])
	}
	if r.shares == nil || r.shares.Null(row) {
		return nil
	}
	confidence, err := r.confidence(row, class)
	p.Confidence = append(p.Confidence, confidence)
	return err
}

func (n *numbers) has(row int) bool { return n.valid != nil && n.valid[row] }

// class gives the label that a row predicts.
func (r *reader) class(row int) (int16, error) {
	by := int16(0)
	if r.scores.has(row) && r.scores.values[row] >= 0 {
		by = 1
	}
	if !r.classes.has(row) {
		switch {
		case r.classes.valid != nil:
			return 0, fmt.Errorf("row %d has no prediction: give each sample one, or leave the column out", row+1)
		case !r.scores.has(row):
			return 0, fmt.Errorf("row %d has no score: give each sample one, or a prediction", row+1)
		}
		return by, nil
	}
	class := int16(r.classes.values[row])
	if float64(class) != r.classes.values[row] || class < 0 || int(class) >= r.data.ClassCount() {
		return 0, fmt.Errorf("row %d has the prediction %v; there are the classes 0 to %d", row+1, r.classes.values[row], r.data.ClassCount()-1)
	}
	if r.scores.has(row) && class != by {
		return 0, fmt.Errorf("row %d has the score %v, which predicts %d, but the prediction %d; leave one of the columns out, or make them agree", row+1, r.scores.values[row], by, class)
	}
	return class, nil
}

// confidence gives the probability of the class that a row predicts.
func (r *reader) confidence(row int, class int16) (float64, error) {
	var list []float64
	if r.shares.Type == frame.Float64List {
		list = r.shares.Float64List(row)
	} else {
		for _, p := range r.shares.Float32List(row) {
			list = append(list, float64(p))
		}
	}
	if k := r.data.ClassCount(); len(list) != k {
		return 0, fmt.Errorf("row %d has %d probabilities; there are %d classes, and each needs one", row+1, len(list), k)
	}
	sum := 0.0
	for _, p := range list {
		if !(p >= 0 && p <= 1) {
			return 0, fmt.Errorf("row %d has the probability %v; give numbers from 0 to 1, such as the softmax of logits", row+1, p)
		}
		sum += p
	}
	if math.Abs(sum-1) > .01 {
		return 0, fmt.Errorf("row %d has probabilities that sum to %v; they must sum to 1, as the softmax of logits does", row+1, sum)
	}
	if top := slices.Max(list); list[class] < top {
		return 0, fmt.Errorf("row %d has the prediction %d, but the class %d has the largest probability; leave one of the columns out, or make them agree", row+1, class, slices.Index(list, top))
	}
	return list[class], nil
}

// checkLabel holds a row's label, if it has one, against that of the sample at a place, from 0.
func (r *reader) checkLabel(split dataset.Split, at, row int) error {
	claimed := r.table.Column("label")
	if claimed == nil {
		return nil
	}
	if r.labels[split] == nil {
		r.labels[split] = r.data.Split(split).Labels(r.ledger, dataset.Evaluation)
	}
	if want := r.labels[split][at]; gather.Text(claimed, row) != fmt.Sprint(want) {
		return fmt.Errorf("row %d has the label %s, but sample %d of the split %s has %d: predictions must be in the order of the data set's rows",
			row+1, gather.Text(claimed, row), at+1, split, want)
	}
	return nil
}
