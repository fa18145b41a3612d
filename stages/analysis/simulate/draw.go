package simulate

import (
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/kernel"
)

var inf = math.Inf(1)

// alongValues are the x of a trend.
const alongValues = 4

// A source draws data with a known effect.
type source struct {
	*Settings
	method
	law
	by     float64 // by how much the larger group is moved
	cutoff float64
	drawn  rows
}

// rows are drawn data, a column each; unused ones are empty.
type rows struct {
	seed, row []int64
	side      []string
	x, y      []float64
	valid     []bool // nil if all are
}

func newSource(s *Settings) *source {
	return &source{Settings: s, method: methods[s.Method], law: laws[s.Law], by: s.move(), cutoff: s.cut()}
}

// draw gives a table of data.
func (d *source) draw(stream *kernel.Stream) *frame.Table {
	d.drawn = rows{}
	switch d.design {
	case oneGroup:
		for unit := range d.Units {
			d.add(unit, "", 0, d.value(stream)+d.by, stream)
		}
	case pairs:
		for unit := range d.Units {
			smaller := stream.Normal()
			larger := smaller + d.value(stream) + d.by
			d.add(unit, "larger", 0, larger, stream)
			d.add(unit, "smaller", 0, smaller, stream)
		}
	case twoGroups:
		d.drawGroups(stream)
	case alongX:
		d.drawTrend(stream)
	}
	return d.drawn.table()
}

// value draws a standardised number; of ratios of lognormal values the logarithm.
func (d *source) value(stream *kernel.Stream) float64 {
	if d.Law == "lognormal" && d.multiplies() {
		return stream.Normal()
	}
	return d.law.draw(stream)
}

func (d *source) drawGroups(stream *kernel.Stream) {
	smaller := d.Units
	if d.UnitsSmaller != nil {
		smaller = *d.UnitsSmaller
	}
	common := d.common(max(d.Units, smaller), stream)
	for unit := range d.Units {
		v := d.raw(d.mixed(common, unit, stream), d.Spread)
		if d.multiplies() {
			v = float64(v * d.by)
		} else {
			v += d.by
		}
		d.add(unit, "larger", 0, v, stream)
	}
	for unit := range smaller {
		d.add(unit, "smaller", 0, d.raw(d.mixed(common, unit, stream), 1), stream)
	}
}

func (d *source) drawTrend(stream *kernel.Stream) {
	common := d.common(d.Units, stream)
	const last = alongValues - 1
	for x := range alongValues {
		share := float64(x) / last
		spread := power(d.Spread, share)
		for unit := range d.Units {
			v := d.raw(d.mixed(common, unit, stream), spread)
			if d.multiplies() {
				v = float64(v * power(d.by, share))
			} else {
				v += float64(d.by * float64(x))
			}
			d.add(unit, "", float64(x), v, stream)
		}
	}
}

// common draws what the values of each unit have in common.
func (d *source) common(units int, stream *kernel.Stream) []float64 {
	if d.Shared == 0 {
		return nil
	}
	list := make([]float64, units)
	for i := range list {
		list[i] = float64(math.Sqrt(d.Shared) * stream.Normal())
	}
	return list
}

func (d *source) mixed(common []float64, unit int, stream *kernel.Stream) float64 {
	if common == nil {
		return d.value(stream)
	}
	return common[unit] + float64(math.Sqrt(1-d.Shared)*d.value(stream))
}

// add appends the rows of a unit.
func (d *source) add(unit int, side string, x, y float64, stream *kernel.Stream) {
	r := &d.drawn
	for row := range d.Rows {
		v := y
		if d.Rows > 1 {
			v += float64(d.RowSpread * stream.Normal())
		}
		r.seed, r.row, r.y = append(r.seed, int64(unit)), append(r.row, int64(row)), append(r.y, v)
		if side != "" {
			r.side = append(r.side, side)
		}
		if d.design == alongX {
			r.x = append(r.x, x)
		}
		if d.Censored > 0 {
			r.valid = append(r.valid, v <= d.cutoff)
		}
	}
}

func (r *rows) table() *frame.Table {
	t := &frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "seed", Doc: "unit"}, r.seed),
		frame.Int64s(frame.Field{Name: "row", Doc: "row of the unit"}, r.row),
		frame.Float64s(frame.Field{Name: "y", Doc: "value"}, r.y).WithValid(r.valid),
	}}
	if r.side != nil {
		t.Columns = append(t.Columns, frame.Strings(frame.Field{Name: "side", Doc: "group"}, r.side))
	}
	if r.x != nil {
		t.Columns = append(t.Columns, frame.Float64s(frame.Field{Name: "x", Doc: "x"}, r.x))
	}
	return t
}

// power gives b^x of a positive base.
func power(b, x float64) float64 {
	if x == 0 || b == 1 {
		return 1
	}
	return kernel.Exp64(float64(x * kernel.Log64(b)))
}
