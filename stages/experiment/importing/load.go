package importing

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/picture"
)

// load reads the inputs of the chosen rows, in their order.
func (j *job) load() (err error) {
	var m matrix
	shape := (*dataset.Shape)(nil)
	pixels := false // bytes are those of images, and so between 0 and 1
	switch {
	case j.rows.pictures != nil:
		m, shape, err = j.loadPictures()
		pixels = true
	default:
		m, shape, err = j.loadParts()
		pixels = shape != nil
	}
	for _, f := range j.files {
		f.held = nil // all that is wanted of it has been read
	}
	if err != nil || j.faults.count > 0 {
		return err
	}
	if given := j.s.inputs().Shape; len(given) > 0 {
		shape = &dataset.Shape{Channels: given[0], Height: given[1], Width: given[2]}
		if pixels = true; shape.Size() != m.width {
			j.faults.add("an input has %s, and shape = [%d, %d, %d] is of %d", counted(m.width, "number"), given[0], given[1], given[2], shape.Size())
			return nil
		}
	}
	if j.rows.pictures == nil && (j.s.Grey || len(j.s.Resize) > 0) {
		if m, shape = j.remade(m, shape); j.faults.count > 0 {
			return nil
		}
	}
	if m.width == 0 {
		j.faults.add("%s: inputs have no numbers", listed(paths(j.inputs)))
		return nil
	}
	j.data.Shape, j.data.Dimensions = shape, m.width
	j.inner = m.scaled(j.s.inputs().Scale, pixels)
	return nil
}

// scaled gives the inputs with their scale.
func (m *matrix) scaled(given *float64, pixels bool) dataset.Inputs {
	scale := 1.0
	if pixels && m.bytes != nil {
		scale = 1.0 / 255
	}
	if m.scale > 0 {
		scale = m.scale
	}
	if given != nil {
		scale = *given
	}
	if m.bytes != nil {
		return dataset.Inputs{Dimensions: m.width, Bytes: m.bytes, Scale: scale, Offset: m.offset}
	}
	if scale != 1 {
		for i, x := range m.floats {
			m.floats[i] = float32(x * float32(scale))
		}
	}
	return dataset.Inputs{Dimensions: m.width, Floats: m.floats}
}

// A pick is a row of a part and where it goes.
type pick struct{ row, to int32 }

// loadParts reads the inputs of tables and arrays. Those of a single part stay where they were read, and are brought into order there.
func (j *job) loadParts() (all matrix, shape *dataset.Shape, err error) {
	picks := make([][]pick, len(j.rows.parts))
	for to, row := range j.order {
		i := j.rows.partOf(int(row))
		picks[i] = append(picks[i], pick{row - int32(j.rows.parts[i].first), int32(to)})
	}
	for i := range picks {
		slices.SortFunc(picks[i], func(a, b pick) int { return int(a.row) - int(b.row) })
	}
	total := int64(len(j.order))
	for i := range j.rows.parts {
		if err := j.ctx.Err(); err != nil {
			return all, nil, err
		}
		if len(picks[i]) == 0 {
			continue
		}
		p := &j.rows.parts[i]
		m, s, ok := j.part(p, picks[i])
		if !ok {
			continue
		}
		switch {
		case all.width == 0:
			if shape = s; len(picks[i]) == len(j.order) {
				return m.ordered(picks[i]), shape, nil
			}
			if all, err = m.roomFor(len(j.order)); err != nil {
				return all, nil, err
			}
		case m.width != all.width || (m.bytes == nil) != (all.bytes == nil) || m.scale != all.scale || m.offset != all.offset || !sameShape(s, shape):
			j.faults.add("%s: its inputs are %s, and those of %s %s", p.file.Path, m.text(s), j.rows.parts[0].file.Path, all.text(shape))
			continue
		}
		all.put(&m, picks[i])
		j.r.Progress(progressOf(picks[:i+1]), total)
	}
	return all, shape, nil
}

func progressOf(done [][]pick) (n int64) {
	for _, p := range done {
		n += int64(len(p))
	}
	return n
}

func sameShape(a, b *dataset.Shape) bool {
	return a == nil && b == nil || a != nil && b != nil && *a == *b
}

// text describes the inputs of a row.
func (m *matrix) text(s *dataset.Shape) string {
	what := "floats"
	if m.bytes != nil {
		what = "bytes"
	}
	if s != nil {
		return fmt.Sprintf("%v %s", s, what)
	}
	return fmt.Sprintf("%d %s", m.width, what)
}

// part gives the rows of a part that are picked, one under the other.
func (j *job) part(p *part, picks []pick) (m matrix, shape *dataset.Shape, ok bool) {
	if p.table == nil {
		var rows []int // all
		if len(picks) < p.rows {
			rows = make([]int, len(picks))
			for i := range picks {
				rows[i] = int(picks[i].row)
			}
		}
		return j.samplesOf(p, rows)
	}
	order := make([]int32, len(picks))
	for i := range picks {
		order[i] = picks[i].row
	}
	m = p.table.inputs.arranged(order)
	p.table.inputs = matrix{} // its memory is m's
	return m, nil, true
}

// arranged brings rows into an order, in place: see arrange.
func (m matrix) arranged(order []int32) matrix {
	if m.bytes != nil {
		m.bytes = arrange(m.bytes, m.width, order)
	} else if m.floats != nil {
		m.floats = arrange(m.floats, m.width, order)
	}
	return m
}

// ordered brings rows, which are all that there are, to their places.
func (m *matrix) ordered(picks []pick) matrix {
	order := make([]int32, len(picks))
	for i, p := range picks {
		order[p.to] = int32(i)
	}
	return m.arranged(order)
}

// roomFor gives a matrix of the same form with so many rows.
func (m *matrix) roomFor(rows int) (all matrix, err error) {
	all = matrix{width: m.width, scale: m.scale, offset: m.offset}
	size := int64(rows) * int64(m.width)
	if m.bytes == nil {
		size *= 4
	}
	if err := within(size, "the inputs take"); err != nil {
		return all, err
	}
	if m.bytes != nil {
		all.bytes = make([]uint8, rows*m.width)
	} else {
		all.floats = make([]float32, rows*m.width)
	}
	return all, nil
}

// within refuses what takes more bytes than there may be; what says so.
func within(size int64, what string) error {
	if limit := frame.Limit(); size > limit {
		return &frame.TooLargeError{What: what, Limit: limit}
	}
	return nil
}

// put puts rows in their places.
func (m *matrix) put(from *matrix, picks []pick) {
	w := m.width
	for i, p := range picks {
		to := int(p.to) * w
		if m.bytes != nil {
			copy(m.bytes[to:to+w], from.bytes[i*w:])
		} else {
			copy(m.floats[to:to+w], from.floats[i*w:])
		}
	}
}

// remade makes images of bytes grey, or of another size.
func (j *job) remade(m matrix, shape *dataset.Shape) (matrix, *dataset.Shape) {
	if shape == nil || m.bytes == nil || shape.Channels != 1 && shape.Channels != 3 {
		j.faults.add("resize and grey are for images of bytes with one channel or three; the inputs are %s", m.text(shape))
		return m, shape
	}
	rows := len(m.bytes) / max(1, m.width)
	var out matrix
	to := shape
	for i := range rows {
		image := j.fitted(&picture.Image{Channels: shape.Channels, Height: shape.Height, Width: shape.Width, Pixels: m.bytes[i*m.width : (i+1)*m.width]})
		if i == 0 {
			out.width = len(image.Pixels)
			out.bytes = make([]uint8, 0, rows*out.width)
			to = &dataset.Shape{Channels: image.Channels, Height: image.Height, Width: image.Width}
		}
		out.bytes = append(out.bytes, image.Pixels...)
	}
	return out, to
}

// fitted gives a picture as the settings say.
func (j *job) fitted(m *picture.Image) *picture.Image {
	if j.s.Grey {
		m = m.Grey()
	}
	if len(j.s.Resize) == 0 {
		return m
	}
	fit := picture.Stretch
	if of(j.s.Fit, "stretch") == "cover" {
		fit = picture.Cover
	}
	return m.Resize(j.s.Resize[0], j.s.Resize[1], fit)
}
