package compose

import (
	"math"

	"spurion/stages/common/dataset"
)

// paired are rows of a core and a spurious split that make one sample each.
type paired struct {
	core, spurious         *dataset.Samples
	coreRows, spuriousRows []int32
	labels, attributes     []int16
}

// inputs puts the rows together: as bytes if both splits are bytes of one scale, as bits if both are -1 and +1 and none is
// mixed, else as float32.
func (p *paired) inputs(l *layout, progress func(rows int) error) (dataset.Inputs, error) {
	in := dataset.Inputs{Dimensions: l.shape.Size()}
	a, b := p.core.Raw(), p.spurious.Raw()
	var err error
	switch {
	case a.Bytes != nil && b.Bytes != nil && a.Scale == b.Scale && a.Offset == b.Offset:
		in.Scale, in.Offset = a.Scale, a.Offset
		in.Bytes, err = together(p, l, bytesOf(a.Bytes, a.Dimensions), bytesOf(b.Bytes, b.Dimensions), func(under, over uint8) uint8 {
			return uint8(math.Floor(between(float64(under), float64(over), l.opacity) + .5))
		}, progress)
	case p.core.Signs() && p.spurious.Signs() && l.opacity == 1:
		in.Signs, err = p.signs(l, progress)
	default:
		in.Floats, err = together(p, l, floatsOf(p.core), floatsOf(p.spurious), func(under, over float32) float32 {
			return float32(between(float64(under), float64(over), l.opacity))
		}, progress)
	}
	return in, err
}

// signs gives the inputs as package boolean packs them.
func (p *paired) signs(l *layout, progress func(rows int) error) ([]uint64, error) {
	size := l.shape.Size()
	words := (size + 63) / 64
	out, x := make([]uint64, len(p.coreRows)*words), make([]float32, size)
	core, spurious := floatsOf(p.core), floatsOf(p.spurious)
	for i, row := range p.coreRows {
		if i%1024 == 0 {
			if err := progress(i); err != nil {
				return nil, err
			}
		}
		put(x, l.shape, &l.core, core(row), nil)
		put(x, l.shape, &l.spurious, spurious(p.spuriousRows[i]), nil)
		for j, v := range x {
			if v > 0 {
				out[i*words+j>>6] |= 1 << (j & 63)
			}
		}
	}
	return out, nil
}

func between(under, over, opacity float64) float64 { return under + float64((over-under)*opacity) }

// together gives the inputs of all rows, [rows, size]; of gives a row of one side, until it is asked for the next.
func together[T any](p *paired, l *layout, core, spurious func(row int32) []T, mix func(under, over T) T, progress func(rows int) error) ([]T, error) {
	if l.opacity == 1 {
		mix = nil
	}
	size := l.shape.Size()
	out := make([]T, len(p.coreRows)*size)
	for i, row := range p.coreRows {
		if i%1024 == 0 {
			if err := progress(i); err != nil {
				return nil, err
			}
		}
		to := out[i*size : (i+1)*size]
		put(to, l.shape, &l.core, core(row), nil)
		put(to, l.shape, &l.spurious, spurious(p.spuriousRows[i]), mix)
	}
	return out, nil
}

func bytesOf(all []uint8, n int) func(row int32) []uint8 {
	return func(row int32) []uint8 { return all[int(row)*n : (int(row)+1)*n] }
}

func floatsOf(s *dataset.Samples) func(row int32) []float32 {
	x := make([]float32, s.Dimensions)
	return func(row int32) []float32 {
		s.Inputs(x, int(row), 1)
		return x
	}
}
