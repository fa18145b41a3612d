package logistic

import (
	"fmt"

	"spurion/stages/numeric/kernel"
)

// A Classifier is a fitted classifier of K classes. It gives an input S scores, which are linear in its features: of two
// classes the margin alone, S = 1, which predicts label 1 where it is at least 0; else the K logits, S = K, of which the
// largest, the first of equals, is the predicted label.
type Classifier struct {
	Classes    int       // K
	Weights    []float64 // [S, d], for columns as they were given, standardised or not
	Intercepts []float64 // [S]; those of logits sum to 0 over the classes that have rows

	Loss         float64 // mean loss of a row, nats; of FitSparseClasses with K > 2 the sum of the K fits' losses
	Objective    float64 // what was minimised
	GradientNorm float64 // largest component of its gradient; of FitSparseClasses the largest violation of the optimality conditions
	Iterations   int
	Converged    bool // as of a Model
	// Missing lists the classes without rows, ascending. Their weights are 0, and their intercept, in the place of minus
	// infinity, is the log-odds of 1/2 against n+1/2 below 0, so that they are not predicted.
	Missing []int16
}

// FitClasses fits a multinomial logistic regression to labels from 0 to classes-1: softmax cross-entropy with an L2 penalty,
// as Options say, |w|² being the sum over the weights of all classes. It is scikit-learn's LogisticRegression with the solver
// lbfgs; of two classes, as there, it is Fit, with one vector of weights.
//
// The method is Fit's, with a preconditioner for each class: that of the rows' bends p(1-p), p being the probability of
// the class. What classes have to do with each other is left to L-BFGS. Memory grows with K n besides: 4 bytes for each.
func FitClasses(r Rows, classes int, o Options) (*Classifier, error) {
	if classes < 2 {
		return nil, fmt.Errorf("logistic: %d classes; there must be two at least", classes)
	}
	if classes == 2 {
		m, err := Fit(r, o)
		if err != nil {
			return nil, err
		}
		return m.classifier(r.Labels), nil
	}
	p, err := newMultinomial(r, classes, &o)
	if err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	if len(p.present) == 1 {
		if err := p.rows.finite(); err != nil {
			return nil, fmt.Errorf("logistic: %w", err)
		}
		c := p.classifier()
		c.Converged = false
		c.Loss = kernel.Log1p64(float64(float64(classes-1) * kernel.Exp64(c.Intercepts[c.Missing[0]])))
		c.Objective = c.Loss
		return c, nil
	}
	if err := p.rows.standardize(o.Standardize); err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	return p.solve(&o)
}

// FitSparseClasses is FitSparse for labels from 0 to classes-1. Of more than two classes each is fitted against all others,
// and its margin is its logit, as liblinear does it, and with it scikit-learn's LogisticRegression with penalty = "l1"
// and that solver. Start of the options is not used; start, of the same number of classes, is: nil for w = 0.
func FitSparseClasses(r Rows, classes int, o SparseOptions, start *Classifier) (*Classifier, error) {
	if classes < 2 {
		return nil, fmt.Errorf("logistic: %d classes; there must be two at least", classes)
	}
	if classes == 2 {
		o.Start = start.of(0, r.D)
		m, err := FitSparse(r, o)
		if err != nil {
			return nil, err
		}
		return m.classifier(r.Labels), nil
	}
	if err := checkLabels(r.Labels, classes); err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	all := &Classifier{Classes: classes, Converged: true}
	one := r
	one.Labels = make([]int16, len(r.Labels))
	for k := range classes {
		rows := 0
		for i, y := range r.Labels {
			one.Labels[i] = 0
			if int(y) == k {
				one.Labels[i] = 1
				rows++
			}
		}
		o.Start = start.of(k, r.D)
		m, err := FitSparse(one, o)
		if err != nil {
			return nil, fmt.Errorf("class %d against the others: %w", k, err)
		}
		if rows == 0 {
			all.Missing = append(all.Missing, int16(k))
		}
		all.Weights, all.Intercepts = append(all.Weights, m.Weights...), append(all.Intercepts, m.Intercept)
		all.Loss, all.Objective = all.Loss+m.Loss, all.Objective+m.Objective
		all.GradientNorm, all.Iterations = max(all.GradientNorm, m.GradientNorm), all.Iterations+m.Iterations
		all.Converged = all.Converged && (m.Converged || m.OneClass)
	}
	return all, nil
}

// of gives score s as a model; nil of a nil classifier.
func (c *Classifier) of(s, d int) *Model {
	if c == nil {
		return nil
	}
	return &Model{Weights: c.Weights[s*d : (s+1)*d], Intercept: c.Intercepts[s]}
}

// classifier gives a model of two classes, fitted to labels, as a Classifier.
func (m *Model) classifier(labels []int16) *Classifier {
	c := &Classifier{Classes: 2, Weights: m.Weights, Intercepts: []float64{m.Intercept}, Loss: m.Loss, Objective: m.Objective,
		GradientNorm: m.GradientNorm, Iterations: m.Iterations, Converged: m.Converged}
	if m.OneClass {
		c.Missing = []int16{1 - labels[0]}
	}
	return c
}

func checkLabels(labels []int16, classes int) error {
	for i, y := range labels {
		if y < 0 || int(y) >= classes {
			return fmt.Errorf("row %d has label %d; it must be from 0 to %d", i, y, classes-1)
		}
	}
	return nil
}

// Scores writes the scores of rows of x, [.., d], to dst [rows, S]: of those that index names, or of the first if it is nil.
func (c *Classifier) Scores(dst []float64, x []float32, index []int32) {
	width := len(c.Intercepts)
	d, rows := len(c.Weights)/width, len(dst)/width
	z := dst
	if width > 1 {
		z = make([]float64, rows)
	}
	for k := range width {
		kernel.RowDots(z, c.Weights[k*d:(k+1)*d], x, d, index)
		for i, v := range z {
			dst[i*width+k] = v + c.Intercepts[k]
		}
	}
}

// Predict writes the labels that the classifier predicts for rows of x, [.., d], to dst, [rows]: Scores.
func (c *Classifier) Predict(dst []int16, x []float32, index []int32) {
	const chunk = 256
	width := len(c.Intercepts)
	d := len(c.Weights) / width
	scores := make([]float64, min(chunk, len(dst))*width)
	for first := 0; first < len(dst); first += chunk {
		n := min(chunk, len(dst)-first)
		z := scores[:n*width]
		if index != nil {
			c.Scores(z, x, index[first:first+n])
		} else {
			c.Scores(z, x[first*d:], nil)
		}
		for i := range n {
			dst[first+i] = predicted(z[i*width : (i+1)*width])
		}
	}
}

func predicted(scores []float64) int16 {
	if len(scores) == 1 {
		if scores[0] >= 0 {
			return 1
		}
		return 0
	}
	return int16(kernel.Largest(scores))
}

// Right gives the number of rows of x, [len(labels), d], whose label the classifier predicts.
func (c *Classifier) Right(x []float32, labels []int16) int {
	predictions, right := make([]int16, len(labels)), 0
	c.Predict(predictions, x, nil)
	for i, y := range labels {
		if predictions[i] == y {
			right++
		}
	}
	return right
}

// oddsOfNone is the intercept of a class without rows among n.
func oddsOfNone(n int) float64 { return kernel.Log64(0.5) - kernel.Log64(float64(n)+0.5) }
