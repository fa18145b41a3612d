package score

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/gather"
)

// Predictions are what was predicted for the samples of a split, in its order.
type predictions struct {
	classes []int16
	scores  []float64 // margins; nil unless there are two classes and every sample has one
}

// A reader takes the table of predictions apart.
type reader struct {
	table   *frame.Table
	data    *dataset.Dataset
	ledger  *dataset.Ledger
	scores  numbers // zero if there is no such column
	classes numbers
	rules   *frame.Column // the rule of each row; nil if all rows stand for any rule
	labels  map[dataset.Split][]int16
}

// Numbers are those of a column.
type numbers struct {
	values []float64
	valid  []bool
}

func newReader(t *frame.Table, d *dataset.Dataset, l *dataset.Ledger) (*reader, error) {
	r := &reader{table: t, data: d, ledger: l, rules: t.Column("selection"), labels: map[dataset.Split][]int16{}}
	wanted := []string{"split", "score"}
	switch {
	case d.ClassCount() > 2 && t.Column("prediction") == nil:
		return nil, fmt.Errorf("there are %d classes, which one score does not tell apart, and %w", d.ClassCount(), gather.NoColumn("prediction", gather.Names(t)))
	case t.Column("prediction") != nil:
		wanted = wanted[:1]
	}
	for _, name := range wanted {
		if t.Column(name) == nil {
			return nil, gather.NoColumn(name, gather.Names(t))
		}
	}
	if d.ClassCount() == 2 {
		if err := r.scores.read(t, "score"); err != nil {
			return nil, err
		}
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

// of reads the rows that stand for a rule, for each split that has some.
func (r *reader) of(rule string) (map[dataset.Split]*predictions, error) {
	given := map[dataset.Split]*predictions{}
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
		if n := r.data.Split(split).Rows; len(p.classes) < n {
			return nil, fmt.Errorf("there are %d for the %d samples of the split %s", len(p.classes), n, split)
		}
		if len(p.scores) < len(p.classes) {
			p.scores = nil
		}
	}
	if given[dataset.TestSplit] == nil {
		return nil, errors.New("there are none of the split test")
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
func (r *reader) add(given map[dataset.Split]*predictions, row int) error {
	split := dataset.Split(gather.Text(r.table.Column("split"), row))
	samples := r.data.Split(split)
	if samples == nil {
		return fmt.Errorf("row %d is of the split %q, which the data set does not have", row+1, split)
	}
	if given[split] == nil {
		given[split] = &predictions{}
	}
	p := given[split]
	if len(p.classes) == samples.Rows {
		return fmt.Errorf("there are more than the %d samples of the split %s", samples.Rows, split)
	}
	if err := r.checkLabel(split, len(p.classes), row); err != nil {
		return err
	}
	class, err := r.class(row)
	if err != nil {
		return err
	}
	p.classes = append(p.classes, class)
	if r.scores.has(row) {
		p.scores = append(p.scores, r.scores.values[row])
	}
	return nil
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
			return 0, fmt.Errorf("row %d has no prediction", row+1)
		case !r.scores.has(row):
			return 0, fmt.Errorf("row %d has no score", row+1)
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
