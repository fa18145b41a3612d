package score

import (
	"math"
	"regexp"
	"strconv"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

// FuzzPredictions edits a good table of predictions at places of the fuzzer's choice. score must not panic; an error names a row
// that there is, a column or a split; and what is accepted has the accuracy that its rows have.
func FuzzPredictions(f *testing.F) {
	f.Add(false, []byte{})
	f.Add(true, []byte{})
	f.Add(true, []byte{0, 2, 3})                          // another split
	f.Add(true, []byte{1, 0, 1})                          // another class
	f.Add(true, []byte{1, 0, 200})                        // none that there is
	f.Add(false, []byte{2, 1, 5, 1, 203, 0})              // another score, without predictions
	f.Add(true, []byte{3, 4, 2})                          // another label
	f.Add(true, []byte{4, 3, 7})                          // other probabilities
	f.Add(true, []byte{4, 110, 0})                        // a list that is shorter
	f.Add(true, []byte{1, 190, 0})                        // nulls
	f.Add(false, []byte{1, 195, 0, 4, 191, 0})            // nulls beside scores
	f.Add(true, []byte{2, 203, 0, 3, 203, 0, 3, 203, 0})  // few columns
	f.Add(false, []byte{5, 1, 1, 5, 203, 0, 4, 120, 200}) // rules
	two := datasettest.Mixed(f, 2, 2, datasettest.Sizes{Train: 8, Validation: 4, Test: 6})
	three := datasettest.Mixed(f, 3, 2, datasettest.Sizes{Train: 8, Validation: 4, Test: 6})
	f.Fuzz(func(t *testing.T, more bool, edits []byte) {
		d := two
		if more {
			d = three
		}
		table := goodPredictions(d)
		for ; len(edits) >= 3; edits = edits[3:] {
			edit(table, int(edits[0]), int(edits[1]), int8(edits[2]))
		}
		if table.Check(nil) != nil {
			return // not a table that an engine lets pass
		}
		out, err := stagetest.Try(t.Context(), Kind, `{"method": "m"}`, inputs(t, d, table))
		if err != nil {
			checkPlace(t, err.Error(), table.Rows())
			return
		}
		want, ok := accuracyOf(d, table)
		if got := out.Tables["summary"].Column("test_accuracy").Value(0).(float64); !ok || math.Abs(got-want) > 1e-12 {
			t.Errorf("the accuracy is %v, of the rows %v, %v", got, want, ok)
		}
	})
}

var rowOf = regexp.MustCompile(`row (\d+)`)

func checkPlace(t *testing.T, text string, rows int) {
	t.Helper()
	if at := rowOf.FindStringSubmatch(text); at != nil {
		if row, err := strconv.Atoi(at[1]); err != nil || row < 1 || row > rows {
			t.Errorf("there is no such row: %s", text)
		}
		return
	}
	if !regexp.MustCompile(`column|split`).MatchString(text) {
		t.Errorf("no row, column or split is named: %s", text)
	}
}

// goodPredictions are right for test and validation samples, with all columns that are read.
func goodPredictions(d *dataset.Dataset) *frame.Table {
	var splits, rules []string
	var labels []int64
	var scores []float64
	var probabilities []float32
	for _, s := range []*dataset.Samples{d.Test, d.Validation} {
		for _, y := range s.Labels(&dataset.Ledger{}, dataset.Evaluation) {
			splits, rules, labels, scores = append(splits, string(s.Split)), append(rules, "last"), append(labels, int64(y)), append(scores, float64(y)-.5)
			for k := range d.ClassCount() {
				if k == int(y) {
					probabilities = append(probabilities, 1)
				} else {
					probabilities = append(probabilities, 0)
				}
			}
		}
	}
	predictions := append([]int64{}, labels...)
	return &frame.Table{Columns: []frame.Column{
		frame.Strings(frame.Field{Name: "split"}, splits),
		frame.Int64s(frame.Field{Name: "prediction"}, predictions),
		frame.Float64s(frame.Field{Name: "score"}, scores),
		frame.Int64s(frame.Field{Name: "label"}, labels),
		frame.Float32Lists(frame.Field{Name: "probabilities"}, probabilities, frame.EqualOffsets(len(labels), d.ClassCount())),
		frame.Strings(frame.Field{Name: "selection"}, rules),
	}}
}

// edit changes one thing of a table.
func edit(table *frame.Table, what, where int, to int8) {
	if len(table.Columns) == 0 || table.Rows() == 0 {
		return
	}
	i := what % len(table.Columns)
	c := &table.Columns[i]
	row := where % table.Rows()
	switch {
	case where >= 200: // drop the column
		table.Columns = append(table.Columns[:i:i], table.Columns[i+1:]...)
	case where >= 190: // a null
		valid := make([]bool, table.Rows())
		for k := range valid {
			valid[k] = k != row
		}
		if c.Type != frame.Float32List {
			*c = c.WithValid(valid)
		}
	case c.Type == frame.String:
		c.Strings.Set(row, []string{"test", "validation", "train", "other", "last"}[uint8(to)%5])
	case c.Type == frame.Int64:
		c.Int64s[row] = int64(to)
	case c.Type == frame.Float64:
		c.Float64s[row] = float64(to) / 8
	case where >= 100: // a list takes from the next one, or gives to it
		if k := 1 + row; k < table.Rows() {
			c.Offsets[k] = min(max(c.Offsets[k]+int32(to%2), c.Offsets[k-1]), c.Offsets[k+1])
		}
	default:
		c.Float32s[where%len(c.Float32s)] = float32(to) / 64
	}
}

// accuracyOf gives the accuracy of the test rows of a table that is accepted.
func accuracyOf(d *dataset.Dataset, table *frame.Table) (accuracy float64, ok bool) {
	labels, at := d.Test.Labels(&dataset.Ledger{}, dataset.Evaluation), 0
	for row := range table.Rows() {
		if rule := table.Column("selection"); rule != nil && rule.Value(row) != "last" || table.Column("split").Value(row) != "test" {
			continue
		}
		predicted := int64(-1)
		if c := table.Column("prediction"); c != nil {
			predicted, _ = c.Value(row).(int64)
		} else if s, _ := table.Column("score").Value(row).(float64); s >= 0 {
			predicted = 1
		} else {
			predicted = 0
		}
		if at == len(labels) {
			return 0, false
		}
		if predicted == int64(labels[at]) {
			accuracy += 1 / float64(len(labels))
		}
		at++
	}
	return accuracy, at == len(labels)
}
