package figure

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// data is what a figure shows: series in panels.
type data struct {
	panels   levels // of the facet column; one without a name if there is none
	colors   levels // likewise of the color column
	measures []string
	fields   []frame.Field // of measures
	shares   []bool        // of measures: whether their values are shares, whose intervals lie between 0 and 1
	xs       levels        // of x, if its values stand side by side
	ys       levels        // of a heat map's y
	series   []*series
	fits     []*fit

	x, y, facet, color frame.Field // what the axes and legends are about; y is the first one drawn
	repeats            levels      // values of the axis that is repeated along
	dropped            int         // rows (times measures) without a value
	mark               frame.Mark  // of all columns that the settings name
}

// A series is what is drawn in one panel with one color and pattern.
type series struct {
	panel, color, measure int
	rows                  []row
	centers               []center // by x
}

// A row is one measured value.
type row struct {
	x, y   float64
	se     float64 // the standard error of y, from what it was measured on; 0 if the tables do not say
	repeat int
}

// levels are the distinct values of a column in the order in which they are shown: numbers by
// size, others as they first appear.
type levels struct {
	texts []string
	of    []int // each row's level; -1 for none
}

func levelsOf(t *frame.Table, name string) levels {
	l := levels{of: make([]int, t.Rows())}
	c := t.Column(name)
	if name == "" || c == nil {
		l.texts = []string{""}
		return l
	}
	var groups gather.Groups[string]
	var order, first []int // groups as they are shown; each one's first row
	for i := range l.of {
		if l.of[i] = -1; !c.Null(i) {
			if l.of[i] = groups.Of(gather.Text(c, i)); l.of[i] == len(first) {
				order, first = append(order, len(order)), append(first, i)
			}
		}
	}
	if c.Type != frame.String && c.Type != frame.Bool && !c.Type.IsList() {
		slices.SortFunc(order, func(a, b int) int { return gather.Compare(c, first[a], first[b], false) })
	}
	place := make([]int, len(order))
	for p, g := range order {
		place[g], l.texts = p, append(l.texts, groups.Keys[g])
	}
	for i, g := range l.of {
		if g >= 0 {
			l.of[i] = place[g]
		}
	}
	return l
}

// keep leaves only the levels with these texts, in their order.
func (l *levels) keep(texts []string) error {
	to := make([]int, len(l.texts))
	for i, text := range l.texts {
		to[i] = slices.Index(texts, text)
	}
	for _, text := range texts {
		if !slices.Contains(l.texts, text) {
			return fmt.Errorf("no row has the value %q; there are %s", text, strings.Join(l.texts, ", "))
		}
	}
	for i, v := range l.of {
		if v >= 0 {
			l.of[i] = to[v]
		}
	}
	l.texts = texts
	return nil
}

// maxSeries is how many colors and panels a figure may have: no eye tells more apart.
const maxSeries, maxPanels = 24, 48

// read joins the tables and sorts their rows into series.
func read(s *Settings, parts []gather.Part) (*data, error) {
	p := &s.Plot
	wanted := append(s.columns(), errorColumns(parts, p)...)
	if has(parts, p.Over) {
		wanted = append(wanted, p.Over)
	}
	t, err := gather.Union(parts, gather.Options{Columns: wanted, Where: s.Where})
	if err != nil {
		return nil, err
	}
	d := &data{
		panels: levelsOf(t, p.Facet), colors: levelsOf(t, p.Color), repeats: levelsOf(t, p.Over),
		measures: p.Y, x: t.Column(p.X).Field,
	}
	if len(p.Panels) > 0 {
		if err := d.panels.keep(p.Panels); err != nil {
			return nil, fmt.Errorf("panels: %w", err)
		}
	}
	if n := len(d.colors.texts) * len(p.Y); n > maxSeries {
		return nil, fmt.Errorf("color %q gives %d series; at most %d can be told apart: pick rows with where, or use it as facet", p.Color, n, maxSeries)
	}
	if n := len(d.panels.texts); n > maxPanels {
		return nil, fmt.Errorf("facet %q gives %d panels; at most %d fit: choose some with panels", p.Facet, n, maxPanels)
	}
	if c := t.Column(p.Facet); c != nil {
		d.facet = c.Field
	}
	if c := t.Column(p.Color); c != nil {
		d.color = c.Field
	}
	if p.Form == "heatmap" {
		d.ys, d.colors, d.measures = levelsOf(t, p.Y[0]), levelsOf(t, p.Y[0]), []string{p.Value}
		d.color = t.Column(p.Y[0]).Field
	}
	d.mark = gather.Marks(t, slices.Concat(wanted, slices.Collect(maps.Keys(s.Where)))...)
	if err := noErrors(parts, d, p); err != nil {
		return nil, err
	}
	if err := d.fill(s, parts, t); err != nil {
		return nil, err
	}
	if len(d.series) == 0 {
		return nil, fmt.Errorf("nothing to draw: none of %d rows has a value in %s", t.Rows(), strings.Join(append([]string{p.X}, d.measures...), ", "))
	}
	if err := d.know(p); err != nil {
		return nil, err
	}
	d.sumUp(p)
	return d, nil
}

func has(parts []gather.Part, name string) bool {
	return slices.ContainsFunc(parts, func(p gather.Part) bool { return p.Has(name) })
}

// fill sorts the rows of t, which was made of the parts, into series.
func (d *data) fill(s *Settings, parts []gather.Part, t *frame.Table) error {
	p := &s.Plot
	var x []float64
	var xValid []bool
	if p.Form == "bars" || p.Form == "heatmap" {
		d.xs = levelsOf(t, p.X)
	} else {
		var err error
		if x, xValid, err = gather.Numbers(t, p.X, parts); err != nil {
			return err
		}
	}
	var index gather.Groups[[3]int] // by panel, color and measure
	for m, name := range d.measures {
		y, valid, err := gather.Numbers(t, name, parts)
		if err != nil {
			return err
		}
		errs, err := errorsOf(parts, t, name)
		if err != nil {
			return err
		}
		d.fields = append(d.fields, t.Column(name).Field)
		for i := range y {
			if d.panels.of[i] < 0 && len(p.Panels) > 0 {
				continue // of a panel that was not asked for
			}
			key := [3]int{d.panels.of[i], d.colors.of[i], m}
			at := row{y: y[i], repeat: d.repeats.of[i]}
			if errs != nil {
				at.se = errs[i]
			}
			ok := valid[i] && key[0] >= 0 && key[1] >= 0
			if x != nil {
				at.x, ok = x[i], ok && xValid[i]
			} else {
				at.x, ok = float64(d.xs.of[i]), ok && d.xs.of[i] >= 0
			}
			if !ok {
				d.dropped++
				continue
			}
			i := index.Of(key)
			if i == len(d.series) {
				d.series = append(d.series, &series{panel: key[0], color: key[1], measure: m})
			}
			d.series[i].rows = append(d.series[i].rows, at)
		}
	}
	d.y = d.fields[0]
	slices.SortFunc(d.series, func(a, b *series) int {
		return slices.Compare([]int{a.panel, a.color, a.measure}, []int{b.panel, b.color, b.measure})
	})
	return nil
}

// tableFields are the columns that every figure's table has.
var tableFields = []frame.Field{
	{Name: "measure", Type: frame.String, Doc: "the column that y was read from"},
	{Name: "mark", Type: frame.String, Doc: "what the row stands for: center (of the rows with this x), point (one row), law NAME (a place on a fitted curve)"},
	{Name: "y", Type: frame.Float64, Unit: stages.OwnUnit, Doc: "what is drawn"},
	{Name: "low", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "lower end of the spread; null for points and laws, and for the confidence interval of a single value"},
	{Name: "high", Type: frame.Float64, Unit: stages.OwnUnit, Nullable: true, Doc: "upper end of the spread; null for points and laws, and for the confidence interval of a single value"},
	{Name: "n", Type: frame.Int64, Nullable: true, Doc: "values of the repeated axis behind a center; null for points and laws"},
}

// field gives the one of tableFields with the name, in the unit of y if that is its own.
func (d *data) field(name string) frame.Field {
	f := tableFields[slices.IndexFunc(tableFields, func(f frame.Field) bool { return f.Name == name })]
	if f.Unit == stages.OwnUnit {
		f.Unit = d.y.Unit
	}
	return f
}

// table gives the numbers behind the figure.
func (d *data) table() *frame.Table {
	var panel, color, measure, mark, xText []string
	var x, y, low, high []float64
	var n []int64
	var counted, spreads []bool // it has n, and a spread
	add := func(s *series, kind, measured string, c center, spread bool) {
		panel, color = append(panel, d.panels.texts[s.panel]), append(color, d.colors.texts[s.color])
		measure, mark = append(measure, measured), append(mark, kind)
		x, y, low, high = append(x, c.x), append(y, c.y), append(low, c.low), append(high, c.high)
		n, counted, spreads = append(n, int64(c.n)), append(counted, spread), append(spreads, spread && !c.open)
		if d.xs.texts != nil {
			xText = append(xText, d.xs.texts[int(c.x)])
		}
	}
	for _, s := range d.series {
		for _, c := range s.centers {
			add(s, "center", d.measures[s.measure], c, true)
		}
	}
	for _, f := range d.fits {
		for _, q := range f.curve {
			add(f.series, "law "+f.law.name, d.measures[f.series.measure], center{x: q.x, y: q.y}, false)
		}
	}
	for _, s := range d.series {
		for _, r := range s.rows {
			add(s, "point", d.measures[s.measure], center{x: r.x, y: r.y}, false)
		}
	}
	out := &frame.Table{}
	value := func(name, unit string, of frame.Field) frame.Field {
		return frame.Field{Name: name, Unit: unit, Doc: "value of " + of.Name}
	}
	if d.facet.Name != "" {
		out.Columns = append(out.Columns, frame.Strings(value("panel", "", d.facet), panel))
	}
	if d.color.Name != "" {
		out.Columns = append(out.Columns, frame.Strings(value("series", "", d.color), color))
	}
	out.Columns = append(out.Columns, frame.Strings(d.field("measure"), measure), frame.Strings(d.field("mark"), mark))
	if d.xs.texts != nil {
		out.Columns = append(out.Columns, frame.Strings(value("x", "", d.x), xText))
	} else {
		out.Columns = append(out.Columns, frame.Float64s(value("x", d.x.Unit, d.x), x))
	}
	for i, ok := range counted {
		if !ok {
			n[i] = 0
		}
		if !spreads[i] {
			low[i], high[i] = 0, 0
		}
	}
	out.Columns = append(out.Columns,
		frame.Float64s(d.field("y"), y),
		frame.Float64s(d.field("low"), low).WithValid(spreads),
		frame.Float64s(d.field("high"), high).WithValid(slices.Clone(spreads)),
		frame.Int64s(d.field("n"), n).WithValid(slices.Clone(counted)))
	for i := range out.Columns { // each column decides which rows there are, or what they hold
		out.Columns[i].Mark = d.mark
	}
	return out
}
