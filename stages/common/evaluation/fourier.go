package evaluation

import (
	"context"
	"fmt"
	"math"
	"math/bits"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// maxSets bounds the sets of one spectrum: each is a row of every evaluation.
const maxSets = 1024

// A Fourier measures Fourier coefficients of networks on chosen sets S: E[g(x) χ_S(x)] for x uniform
// on {-1,+1}^n, χ_S being the product of the coordinates in S, and g the network's margin or its sign
// (sign(0) = +1). It serves one goroutine.
type Fourier struct {
	dimensions, words int
	rows              int  // of the cube, or points drawn
	exact             bool // rows are the cube
	sets              []fourierSet
	points            []uint64   // drawn, [rows, words]; of a cube, room for a chunk
	again             []*Fourier // the second repeat and on, each with its points

	margins []float32 // of a chunk
	values  []float64 // of a chunk of a cube: margins, then their transform
	signs   []int32   // likewise
	found   []Coefficient
}

type fourierSet struct {
	mask []uint64 // [words]
	text string
	size int
}

// A Coefficient is what a Fourier finds of one set. Errors are standard errors, 0 where exact.
type Coefficient struct {
	Set               string
	Size              int
	Margin, MarginErr Optional // nothing if a margin is infinite
	Sign, SignErr     float64
}

// CheckSets says what is wrong with sets of coordinates, which are counted from 1; path is theirs.
func CheckSets(path string, sets [][]int) []stages.Problem {
	if len(sets) > maxSets {
		return []stages.Problem{{Path: path, Summary: "Too many sets",
			Detail: fmt.Sprintf("There are %d sets, and at most %d are measured.", len(sets), maxSets)}}
	}
	seen := map[string]bool{}
	for _, set := range sets {
		sorted := slices.Sorted(slices.Values(set))
		text := boolean.SetText(sorted)
		switch {
		case len(sorted) > 0 && sorted[0] < 1:
			return []stages.Problem{{Path: path, Summary: "Coordinate out of range",
				Detail: fmt.Sprintf("Coordinates are counted from 1, but a set is %s.", text)}}
		case len(slices.Compact(slices.Clone(sorted))) < len(sorted):
			return []stages.Problem{{Path: path, Summary: "Repeated coordinate",
				Detail: fmt.Sprintf("The set %s has a coordinate twice. Its square is 1: leave both out.", text)}}
		case seen[text]:
			return []stages.Problem{{Path: path, Summary: "Repeated set",
				Detail: fmt.Sprintf("The set %s is listed twice.", text)}}
		}
		seen[text] = true
	}
	return nil
}

// NewFourier measures sets without problems on inputs of so many dimensions. A cube of at most 2^20
// inputs is enumerated; else as many uniform points as asked for are drawn once from the stream. The
// error names a coordinate that inputs do not have.
func NewFourier(sets [][]int, dimensions, points int, stream *kernel.Stream) (*Fourier, error) {
	f := &Fourier{dimensions: dimensions, words: (dimensions + 63) / 64, rows: points, found: make([]Coefficient, len(sets))}
	for _, set := range sets {
		s := fourierSet{mask: make([]uint64, f.words), text: boolean.SetText(slices.Sorted(slices.Values(set))), size: len(set)}
		for _, c := range set {
			if c < 1 || c > dimensions {
				return nil, fmt.Errorf("the set %s has coordinate %d, but inputs have %d", s.text, c, dimensions)
			}
			s.mask[(c-1)/64] |= 1 << ((c - 1) % 64)
		}
		f.sets = append(f.sets, s)
	}
	if dimensions <= boolean.MaxListed {
		f.rows, f.exact = 1<<dimensions, true
		chunk := min(chunkRows, f.rows)
		f.points, f.values, f.signs = make([]uint64, chunk), make([]float64, chunk), make([]int32, chunk)
	} else {
		f.draw(stream)
	}
	f.margins = make([]float32, min(chunkRows, f.rows))
	return f, nil
}

// draw takes uniform points.
func (f *Fourier) draw(stream *kernel.Stream) {
	f.points = make([]uint64, f.rows*f.words)
	stream.Fill(f.points)
	if tail := f.dimensions % 64; tail != 0 {
		for i := f.words - 1; i < len(f.points); i += f.words {
			f.points[i] &= 1<<tail - 1
		}
	}
}

// Repeat adds a repeat for each stream, as Evaluator.Repeat does. Where the cube is enumerated there is nothing to do.
func (f *Fourier) Repeat(streams []*kernel.Stream) {
	if f.exact {
		return
	}
	for _, stream := range streams {
		a := *f
		a.again, a.found = nil, make([]Coefficient, len(f.sets))
		a.draw(stream)
		f.again = append(f.again, &a)
	}
}

// Measure gives the network's coefficients, in the order of the sets; they are valid until the next
// call. The error is neuralnet.ErrDiverged if an output is not a number, or ctx's.
func (f *Fourier) Measure(ctx context.Context, net *neuralnet.Network) ([]Coefficient, error) {
	squares, err := f.sums(ctx, net)
	if err != nil {
		return nil, err
	}
	if f.again == nil {
		f.settle(f.found, 1, squares)
		return f.found, nil
	}
	pooled, each, all := slices.Clone(f.found), [][]Coefficient{f.found}, squares
	f.settle(f.found, 1, squares)
	for _, a := range f.again {
		if squares, err = a.sums(ctx, net); err != nil {
			return nil, err
		}
		for i, c := range a.found {
			pooled[i].add(c.Margin.Value, c.Sign)
		}
		all += squares
		a.settle(a.found, 1, squares)
		each = append(each, a.found)
	}
	f.settle(pooled, len(each), all)
	widenCoefficients(pooled, each)
	return pooled, nil
}

// sums sets found to sums over the points, and gives that of the squared margins.
func (f *Fourier) sums(ctx context.Context, net *neuralnet.Network) (squares float64, err error) {
	for i, s := range f.sets {
		f.found[i] = Coefficient{Set: s.text, Size: s.size}
	}
	for first := 0; first < f.rows; first += chunkRows {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		rows := min(chunkRows, f.rows-first)
		points := f.points
		if f.exact {
			for i := range rows {
				points[i] = uint64(first + i)
			}
		} else {
			points = points[first*f.words:]
		}
		net.MarginsOfSigns(f.margins, points, rows)
		for _, m := range f.margins[:rows] {
			if m != m {
				return 0, fmt.Errorf("spectrum: an output is not a number: %w", neuralnet.ErrDiverged)
			}
			squares += float64(float64(m) * float64(m))
		}
		if f.exact {
			f.transform(first / chunkRows)
		} else {
			f.sum(points, rows)
		}
	}
	return squares, nil
}

// settle turns sums over the points of so many repeats into coefficients.
func (f *Fourier) settle(sums []Coefficient, repeats int, squares float64) {
	for i := range sums {
		sums[i].settle(float64(repeats*f.rows), squares, f.exact)
	}
}

// transform adds a chunk of the cube to the sums: a fast transform along the coordinates that change
// within it, of which each set takes one number, with the sign of its other coordinates.
func (f *Fourier) transform(chunk int) {
	for i, m := range f.margins {
		f.values[i], f.signs[i] = float64(m), signOf(m)
	}
	boolean.Walsh(f.values)
	boolean.Walsh(f.signs)
	for i := range f.sets {
		set := f.sets[i].mask[0]
		low := set & uint64(len(f.values)-1)
		margin, sign := f.values[low], float64(f.signs[low])
		if bits.OnesCount64(set/chunkRows&^uint64(chunk))%2 == 1 {
			margin, sign = -margin, -sign
		}
		f.found[i].add(margin, sign)
	}
}

// sum adds drawn points to the sums.
func (f *Fourier) sum(points []uint64, rows int) {
	for i := range f.sets {
		mask := f.sets[i].mask
		for r, m := range f.margins[:rows] {
			negative := 0
			for w, word := range points[r*f.words : (r+1)*f.words] {
				negative += bits.OnesCount64(mask[w] &^ word)
			}
			margin, sign := float64(m), float64(signOf(m))
			if negative%2 == 1 {
				margin, sign = -margin, -sign
			}
			f.found[i].add(margin, sign)
		}
	}
}

func signOf(margin float32) int32 {
	if margin >= 0 {
		return 1
	}
	return -1
}

// add adds to what are sums until settle.
func (c *Coefficient) add(margin, sign float64) {
	c.Margin.Value += margin
	c.Sign += sign
}

// settle turns sums over n points into means with their standard errors; squares is the sum of the
// squared margins, the same for every set.
func (c *Coefficient) settle(n, squares float64, exact bool) {
	margin := c.Margin.Value / n
	c.Sign /= n
	c.Margin, c.MarginErr = Finite(margin), Some(0)
	if !exact {
		c.SignErr = errorOf(c.Sign, 1, n)
		c.MarginErr = Finite(errorOf(margin, squares/n, n))
	}
	if !c.Margin.Valid {
		c.MarginErr = Optional{}
	}
}

// errorOf gives the standard error of a mean of n values with the mean square given.
func errorOf(mean, square, n float64) float64 {
	return math.Sqrt(max(square-float64(mean*mean), 0) / (n - 1))
}

// Append adds a row of FourierFields for each coefficient that was found at a step.
func (f *Fourier) Append(b *frame.Builder, step int64, found []Coefficient) {
	for _, c := range found {
		b.Int64("step", step)
		b.String("set", c.Set)
		b.Int("set_size", c.Size)
		c.Margin.Float64(b, "margin_coefficient")
		c.MarginErr.Float64(b, "margin_coefficient_se")
		b.Float64("sign_coefficient", c.Sign)
		b.Float64("sign_coefficient_se", c.SignErr)
		b.Bool("exact", f.exact)
		b.Int("points", f.rows*(1+len(f.again)))
		b.EndRow()
	}
}

// FourierFields are the columns of Fourier.Append.
var FourierFields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken."},
	{Name: "set", Type: frame.String, Doc: "The set S: coordinates of the input counted from 1, as {1,2}; the core block's come first, then the spurious block's. {} is the constant."},
	{Name: "set_size", Type: frame.Int64, Unit: "coordinates", Doc: "Number of coordinates in S."},
	{Name: "margin_coefficient", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "E[m(x) Π_{i in S} x_i] on the uniform cube, m being the network's margin: its logit, or the logit of +1 less that of -1. Null if a margin is infinite."},
	{Name: "margin_coefficient_se", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Standard error of margin_coefficient; 0 where it is exact."},
	{Name: "sign_coefficient", Type: frame.Float64, Unit: "1", Doc: "E[sign(m(x)) Π_{i in S} x_i] on the uniform cube, sign(0) = +1: the coefficient of the predictions."},
	{Name: "sign_coefficient_se", Type: frame.Float64, Unit: "1", Doc: "Standard error of sign_coefficient; 0 where it is exact."},
	{Name: "exact", Type: frame.Bool, Doc: "Whether the whole cube was enumerated, up to 20 dimensions; else points were drawn."},
	{Name: "points", Type: frame.Int64, Unit: "points", Doc: "Points that were enumerated or drawn, the same at every evaluation."},
}
