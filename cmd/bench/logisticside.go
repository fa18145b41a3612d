package main

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"time"
	"unsafe"

	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/logistic"
)

// A logisticJob is a task of `bench logistic`.
type logisticJob struct {
	Name    string    `json:"name"`
	Says    string    `json:"says"`
	Rows    int       `json:"rows"`
	Columns int       `json:"columns"`
	Inputs  int       `json:"inputs"`  // of the network whose activations the features are like
	Targets int       `json:"targets"` // labels that are fitted, one after the other
	C       float64   `json:"c"`
	Subset  int       `json:"subset"` // rows of a fit of DFR's recipe; 0 for all, with an L2 penalty
	Grid    []float64 `json:"grid"`   // its penalties, for the first subset; each of the others is fitted with C
	Ratio   float64   `json:"goal"`   // that scikit-learn's time over Spurion's should have

	X     string `json:"x"` // files: float32 [rows, columns]
	Y     string `json:"y"` // int8 [targets, rows]
	Index string `json:"index"`

	variants []string // of scikit-learn
	large    bool
}

const (
	dfrRefits = 20
	lean      = 4 // what the core neurons' weights are times as large
)

// A logisticRequest asks a side to fit a job so many rounds, and Spurion's to draw its data, to judge models, or to
// give them for scaled columns.
type logisticRequest struct {
	Do         string      `json:"do"`
	Job        logisticJob `json:"job"`
	Variant    string      `json:"variant"`
	Rounds     int         `json:"rounds"`
	Weights    [][]float64 `json:"weights,omitempty"`
	Intercepts []float64   `json:"intercepts,omitempty"`
}

// A logisticAnswer has a model for each fit of a round. F is the sum of the objectives, without the intercepts'
// penalty, and Gradient the largest component of a gradient, or violation of the optimality conditions.
type logisticAnswer struct {
	Seconds    float64     `json:"seconds"`
	CPU        float64     `json:"cpu"`
	Weights    [][]float64 `json:"weights,omitempty"`
	Intercepts []float64   `json:"intercepts,omitempty"`
	Iterations int         `json:"iterations"`
	F          float64     `json:"f"`
	Gradient   float64     `json:"gradient"`
}

// logisticData is a job's data in memory.
type logisticData struct {
	job           string
	x             []float32
	labels        [][]int16
	subsets       [][]int32
	center, scale []float64 // of the recipe
}

// serveLogistic is the hidden side command that fits as the kinds do.
func serveLogistic(in io.Reader, out io.Writer) error {
	d := &logisticData{}
	return serve(in, out, func(r *logisticRequest) (any, error) {
		if r.Do == "draw" {
			*d = *drawLogistic(&r.Job)
			return logisticAnswer{}, d.write(&r.Job)
		}
		if d.job != r.Job.Name {
			return nil, fmt.Errorf("the data of %s have not been drawn", r.Job.Name)
		}
		switch r.Do {
		case "judge":
			return d.judge(r), nil
		case "scale":
			return d.scaled(r), nil
		}
		return d.fit(r)
	})
}

// drawLogistic draws activations of a ReLU network on signs, a quarter of whose neurons lean on the four core
// coordinates, and the parities of four and of two coordinates.
func drawLogistic(j *logisticJob) *logisticData {
	s := kernel.NewStream(1, "bench/logistic")
	d := &logisticData{job: j.Name, x: make([]float32, j.Rows*j.Columns), labels: make([][]int16, j.Targets)}
	uniform := func() float32 { return float32((2*s.Float64() - 1) / math.Sqrt(float64(j.Inputs))) }
	weights, biases := make([]float32, j.Inputs*j.Columns), make([]float32, j.Columns)
	for i := range weights {
		if weights[i] = uniform(); i/j.Columns < 4 && i%j.Columns < j.Columns/4 {
			weights[i] *= lean
		}
	}
	for i := range biases {
		biases[i] = uniform()
	}
	for t := range d.labels {
		d.labels[t] = make([]int16, j.Rows)
	}
	row := make([]float32, j.Inputs)
	for r := range j.Rows {
		for i := range row {
			row[i] = float32(1 - 2*s.IntN(2))
		}
		for t := range d.labels {
			if product := row[0] * row[1]; t == 0 && product*row[2]*row[3] > 0 || t == 1 && row[4]*row[5] > 0 {
				d.labels[t][r] = 1
			}
		}
		h := d.x[r*j.Columns : (r+1)*j.Columns]
		kernel.MatMul(h, j.Columns, row, j.Inputs, 1, weights, j.Columns, 1, j.Columns, j.Inputs, biases, false)
		kernel.Relu(h)
	}
	if j.Subset > 0 {
		order := make([]int32, j.Rows)
		for i := range order {
			order[i] = int32(i)
		}
		for range 1 + dfrRefits {
			s.Shuffle(len(order), func(a, b int) { order[a], order[b] = order[b], order[a] })
			d.subsets = append(d.subsets, append([]int32(nil), order[:j.Subset]...))
		}
		d.moments(j)
	}
	return d
}

// moments finds what scales columns to mean 0 and variance 1.
func (d *logisticData) moments(j *logisticJob) {
	d.center, d.scale = make([]float64, j.Columns), make([]float64, j.Columns)
	for i, v := range d.x {
		d.center[i%j.Columns] += float64(v) / float64(j.Rows)
	}
	for i, v := range d.x {
		c := float64(v) - d.center[i%j.Columns]
		d.scale[i%j.Columns] += c * c / float64(j.Rows)
	}
	for i, v := range d.scale {
		if d.scale[i] = 1; v > 0 {
			d.scale[i] = 1 / math.Sqrt(v)
		}
	}
}

// write writes the data for the other side.
func (d *logisticData) write(j *logisticJob) error {
	if err := os.WriteFile(j.X, unsafe.Slice((*byte)(unsafe.Pointer(&d.x[0])), 4*len(d.x)), 0o644); err != nil {
		return err
	}
	var labels []byte
	for _, y := range d.labels {
		for _, label := range y {
			labels = append(labels, byte(label))
		}
	}
	var index []byte
	for _, rows := range d.subsets {
		var err error
		if index, err = binary.Append(index, binary.NativeEndian, rows); err != nil {
			return err
		}
	}
	if err := os.WriteFile(j.Index, index, 0o644); err != nil {
		return err
	}
	return os.WriteFile(j.Y, labels, 0o644)
}

// fit fits so many rounds with the package of the kinds.
func (d *logisticData) fit(r *logisticRequest) (*logisticAnswer, error) {
	var models []*logistic.Model
	begin := time.Now()
	for range r.Rounds {
		var err error
		if models, err = d.round(&r.Job); err != nil {
			return nil, err
		}
	}
	a := &logisticAnswer{Seconds: time.Since(begin).Seconds()}
	for _, m := range models {
		if !m.Converged {
			return nil, fmt.Errorf("a fit of %s ended with a gradient of %g", r.Job.Name, m.GradientNorm)
		}
		a.Weights, a.Intercepts = append(a.Weights, m.Weights), append(a.Intercepts, m.Intercept)
		a.Iterations += m.Iterations
	}
	return a, nil
}

func (d *logisticData) round(j *logisticJob) (models []*logistic.Model, err error) {
	if j.Subset == 0 {
		for _, y := range d.labels {
			m, err := logistic.Fit(logistic.Rows{X: d.x, D: j.Columns, Labels: y}, logistic.Options{C: j.C})
			if err != nil {
				return nil, err
			}
			models = append(models, m)
		}
		return models, nil
	}
	var start *logistic.Model
	for _, c := range j.Grid {
		if start, err = d.sparse(j, d.subsets[0], c, start); err != nil {
			return nil, err
		}
		models = append(models, start)
	}
	for _, rows := range d.subsets[1:] {
		m, err := d.sparse(j, rows, j.C, nil)
		if err != nil {
			return nil, err
		}
		models = append(models, m)
	}
	return models, nil
}

func (d *logisticData) sparse(j *logisticJob, rows []int32, c float64, start *logistic.Model) (*logistic.Model, error) {
	labels := make([]int16, len(rows))
	for i, r := range rows {
		labels[i] = d.labels[0][r]
	}
	return logistic.FitSparse(logistic.Rows{X: d.x, D: j.Columns, Index: rows, Labels: labels},
		logistic.SparseOptions{C: c, PenalizeIntercept: true, Center: d.center, Scale: d.scale, Start: start})
}

// scaled gives models of the columns as they are as those of scaled columns.
func (d *logisticData) scaled(r *logisticRequest) logisticAnswer {
	for k, w := range r.Weights {
		for i := range w {
			r.Intercepts[k] += w[i] * d.center[i]
			w[i] /= d.scale[i]
		}
		if math.Abs(r.Intercepts[k]) < 1e-12 { // it was 0, but for rounding on the way here and back
			r.Intercepts[k] = 0
		}
	}
	return logisticAnswer{Weights: r.Weights, Intercepts: r.Intercepts}
}

// judge computes what the models of a round reached, by definition. The recipe's are of scaled columns.
func (d *logisticData) judge(r *logisticRequest) logisticAnswer {
	a, j := logisticAnswer{}, &r.Job
	for k, w := range r.Weights {
		labels, rows, c := d.labels[0], []int32(nil), j.C
		switch {
		case j.Subset == 0:
			labels = d.labels[k]
		case k < len(j.Grid):
			rows, c = d.subsets[0], j.Grid[k]
		default:
			rows = d.subsets[1+k-len(j.Grid)]
		}
		f, g := d.objective(j, w, r.Intercepts[k], labels, rows, c)
		a.F += f
		a.Gradient = max(a.Gradient, g)
	}
	return a
}

func (d *logisticData) objective(j *logisticJob, w []float64, b float64, labels []int16, rows []int32, c float64) (f, worst float64) {
	n := j.Rows
	if rows != nil {
		n = len(rows)
	}
	gradient, slope, x := make([]float64, j.Columns), 0.0, make([]float64, j.Columns)
	for i := range n {
		r := i
		if rows != nil {
			r = int(rows[i])
		}
		z := b
		for k, v := range d.x[r*j.Columns : (r+1)*j.Columns] {
			if x[k] = float64(v); rows != nil {
				x[k] = (x[k] - d.center[k]) * d.scale[k]
			}
			z += w[k] * x[k]
		}
		sign := float64(2*labels[r] - 1)
		f += math.Max(0, -sign*z) + math.Log1p(math.Exp(-math.Abs(z)))
		s := -sign / (1 + math.Exp(sign*z))
		for k, v := range x {
			gradient[k] += s * v
		}
		slope += s
	}
	f /= float64(n)
	charge := 1 / (c * float64(n))
	violation := func(g, w float64) float64 {
		if w == 0 {
			return max(0, math.Abs(g)-charge)
		}
		return math.Abs(g + math.Copysign(charge, w))
	}
	for k, g := range gradient {
		g /= float64(n)
		if rows != nil {
			f += charge * math.Abs(w[k])
			worst = max(worst, violation(g, w[k]))
			continue
		}
		f += charge * w[k] * w[k] / 2
		worst = max(worst, math.Abs(g+charge*w[k]))
	}
	if slope /= float64(n); rows != nil {
		return f + charge*math.Abs(b), max(worst, violation(slope, b))
	}
	return f, max(worst, math.Abs(slope))
}
