package evaluation

import (
	"context"
	"errors"
	"fmt"
	"math"

	"spurion/stages/numeric/neuralnet"
)

// tallies are what a network did on points: by group, or, of points without groups, on all of them.
type tallies struct {
	groups [Groups]Tally
	all    Tally
}

// Evaluate measures a network. The error is neuralnet.ErrDiverged if an output is not a number, or ctx's.
func (e *Evaluator) Evaluate(ctx context.Context, net *neuralnet.Network) (Measures, error) {
	return e.measure(func(on *Evaluator) (tallies, error) { return on.count(ctx, net) })
}

// Follow measures a predictor that knows label and spurious attribute of each point instead of a
// network. It has no losses: they are NaN. The points must have attributes.
func (e *Evaluator) Follow(predict func(label, attribute int16) int16) (Measures, error) {
	if e.groups == nil {
		return Measures{}, errors.New("the points have no attributes")
	}
	return e.measure(func(on *Evaluator) (tallies, error) { return on.follow(predict), nil })
}

// measure makes measures of what was counted on the points, in each repeat if there are several.
func (e *Evaluator) measure(count func(on *Evaluator) (tallies, error)) (Measures, error) {
	t, err := count(e)
	if err != nil {
		return Measures{}, err
	}
	if e.groups == nil {
		return ungrouped(&t.all), nil
	}
	m := Summarise(&t.groups, &e.population)
	if e.again == nil {
		return m, nil
	}
	sums, each := t.groups, []Measures{m}
	for _, a := range e.again {
		if t, err = count(a); err != nil {
			return Measures{}, err
		}
		each = append(each, Summarise(&t.groups, &a.population))
		for g := range sums {
			sums[g].add(&t.groups[g])
		}
	}
	return pool(&sums, &e.pooled, each), nil
}

// count runs a network on the points.
func (e *Evaluator) count(ctx context.Context, net *neuralnet.Network) (found tallies, err error) {
	for first := 0; first < e.rows; first += chunkRows {
		if err := ctx.Err(); err != nil {
			return found, err
		}
		rows := min(chunkRows, e.rows-first)
		if err := e.predict(net, first, rows); err != nil {
			return found, err
		}
		for i, predicted := range e.predicted[:rows] {
			y := e.labels[first+i]
			t := &found.all
			if e.groups != nil {
				t = &found.groups[e.groups[first+i]]
			}
			t.Points++
			if predicted == y {
				t.Correct++
			}
			loss := float64(e.losses[i])
			t.Loss += loss
			t.Squares += float64(loss * loss)
		}
	}
	if e.loss == "" {
		found.lossless()
	}
	return found, nil
}

// predict sets predictions of the points first to first+rows-1, and losses if they are measured.
func (e *Evaluator) predict(net *neuralnet.Network, first, rows int) error {
	width := net.ScoreWidth()
	if n := len(e.predicted) * width; len(e.scores) < n {
		e.scores, e.slopes = make([]float32, n), make([]float32, n)
	}
	scores := e.scores[:rows*width]
	if e.packed != nil {
		net.ScoresOfSigns(scores, e.packed[first*((e.dimensions+63)/64):], rows)
	} else {
		e.inputs(e.x, first, rows)
		net.Scores(scores, e.x, rows)
	}
	for _, score := range scores {
		if score != score {
			return fmt.Errorf("evaluation: an output is not a number: %w", neuralnet.ErrDiverged)
		}
	}
	neuralnet.Predict(e.predicted[:rows], scores)
	if e.loss != "" {
		neuralnet.ScoreLosses(e.loss, e.losses[:rows], e.slopes[:rows*width], scores, e.labels[first:first+rows])
	}
	return nil
}

// follow runs a predictor on points with groups.
func (e *Evaluator) follow(predict func(label, attribute int16) int16) (found tallies) {
	found.lossless()
	for i, g := range e.groups {
		t := &found.groups[g]
		t.Points++
		if predict(e.labels[i], g&1) == e.labels[i] {
			t.Correct++
		}
	}
	return found
}

// lossless says that losses were not measured.
func (t *tallies) lossless() {
	t.all.Loss = math.NaN()
	for g := range t.groups {
		t.groups[g].Loss = math.NaN()
	}
}
