package evaluation

import (
	"context"
	"errors"
	"fmt"
	"math"

	"spurion/stages/numeric/neuralnet"
)

// A Tally is what a network did on points of one cell.
type Tally struct {
	Points  int64   // 0: nothing was measured there
	Correct int64   // points with the right prediction
	Follow  int64   // points whose prediction is the class that their attribute goes with
	Loss    float64 // sum over the points, nats
	Squares float64 // sum of the squared losses
}

// accuracy gives the share of points with the right prediction.
func (t *Tally) accuracy() float64 { return float64(t.Correct) / float64(t.Points) }

// add adds what was counted on other points.
func (t *Tally) add(other *Tally) {
	t.Points += other.Points
	t.Correct += other.Correct
	t.Follow += other.Follow
	t.Loss += other.Loss
	t.Squares += other.Squares
}

// tallies are what a network did on points.
type tallies struct {
	cells     []Tally                         // in the order of the population's
	ordered   struct{ loss, squares float64 } // of all points in their order, as a simple population has them
	predicted []int64                         // points for which each class was predicted

	masses []float64 // room for setMacroF1, one a class
}

func (p *population) tallies() *tallies {
	k := p.data.ClassCount()
	return &tallies{cells: make([]Tally, len(p.cells)), predicted: make([]int64, k), masses: make([]float64, k)}
}

// empty gives the evaluator's tallies, valid until the next call, with nothing in them.
func (e *Evaluator) empty() *tallies {
	if e.found == nil {
		e.found = e.population.tallies()
	}
	clear(e.found.cells)
	clear(e.found.predicted)
	e.found.ordered.loss, e.found.ordered.squares = 0, 0
	return e.found
}

// count adds a point of the cell at a place.
func (t *tallies) count(p *population, place, predicted int16, loss float64) {
	c, of := &t.cells[place], &p.cells[place]
	c.Points++
	if predicted == of.class {
		c.Correct++
	}
	if predicted == of.follows {
		c.Follow++
	}
	square := float64(loss * loss)
	c.Loss += loss
	c.Squares += square
	t.ordered.loss += loss
	t.ordered.squares += square
	t.predicted[predicted]++
}

// add adds what was counted on other points of the same population.
func (t *tallies) add(other *tallies) {
	for i := range t.cells {
		t.cells[i].add(&other.cells[i])
	}
	t.ordered.loss += other.ordered.loss
	t.ordered.squares += other.ordered.squares
	for y, n := range other.predicted {
		t.predicted[y] += n
	}
}

// lossless says that losses were not measured.
func (t *tallies) lossless() {
	for i := range t.cells {
		t.cells[i].Loss = math.NaN()
	}
	t.ordered.loss = math.NaN()
}

// Evaluate measures a network. The error is neuralnet.ErrDiverged if an output is not a number, or ctx's.
func (e *Evaluator) Evaluate(ctx context.Context, net *neuralnet.Network) (Measures, error) {
	return e.measure(func(on *Evaluator) (*tallies, error) { return on.count(ctx, net) })
}

// Follow measures a predictor that knows label and spurious attribute of each point instead of a
// network. It has no losses: they are NaN. The points must have attributes.
func (e *Evaluator) Follow(predict func(label, attribute int16) int16) (Measures, error) {
	if !e.HasGroups() {
		return Measures{}, errors.New("the points have no attributes")
	}
	return e.measure(func(on *Evaluator) (*tallies, error) { return on.follow(predict), nil })
}

// measure makes measures of what was counted on the points, in each repeat if there are several.
func (e *Evaluator) measure(count func(on *Evaluator) (*tallies, error)) (Measures, error) {
	sums, err := count(e)
	if err != nil {
		return Measures{}, err
	}
	m := e.population.summarise(sums)
	if e.again == nil {
		return m, nil
	}
	each := []Measures{m}
	for _, a := range e.again {
		t, err := count(a)
		if err != nil {
			return Measures{}, err
		}
		each = append(each, a.population.summarise(t))
		sums.add(t)
	}
	return e.pooled.pool(sums, each), nil
}

// count runs a network on the points.
func (e *Evaluator) count(ctx context.Context, net *neuralnet.Network) (*tallies, error) {
	found := e.empty()
	for first := 0; first < e.rows; first += chunkRows {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows := min(chunkRows, e.rows-first)
		c, err := e.chunk(net, first, rows)
		if err != nil {
			return nil, err
		}
		for i, y := range c.predicted {
			found.count(&e.population, e.places[first+i], y, float64(c.losses[i]))
		}
	}
	if e.loss == "" {
		found.lossless()
	}
	return found, nil
}

// A chunk is what a network gave on some points: the predicted classes, losses, which are 0 if they are not measured, and
// scores: a margin for each point, or logits of several classes.
type chunk struct {
	predicted      []int16
	losses, scores []float32
}

// chunk runs a network on the points first to first+rows-1. What it gives is valid until the next call.
func (e *Evaluator) chunk(net *neuralnet.Network, first, rows int) (chunk, error) {
	width := net.ScoreWidth()
	if n := len(e.predicted) * width; len(e.scores) < n {
		e.scores, e.slopes = make([]float32, n), make([]float32, n)
	}
	c := chunk{e.predicted[:rows], e.losses[:rows], e.scores[:rows*width]}
	if e.packed != nil {
		net.ScoresOfSigns(c.scores, e.packed[first*((e.dimensions+63)/64):], rows)
	} else {
		e.inputs(e.x, first, rows)
		net.Scores(c.scores, e.x, rows)
	}
	for _, score := range c.scores {
		if score != score {
			return chunk{}, fmt.Errorf("evaluation: an output is not a number: %w", neuralnet.ErrDiverged)
		}
	}
	neuralnet.Predict(c.predicted, c.scores)
	if e.loss != "" {
		neuralnet.ScoreLosses(e.loss, c.losses, e.slopes[:rows*width], c.scores, e.labels[first:first+rows])
	}
	return c, nil
}

// follow runs a predictor on points with groups.
func (e *Evaluator) follow(predict func(label, attribute int16) int16) *tallies {
	found := e.empty()
	for _, place := range e.places {
		c := &e.population.cells[place]
		found.count(&e.population, place, predict(c.class, c.attribute), 0)
	}
	found.lossless()
	return found
}
