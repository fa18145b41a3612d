// Package figure is the kind "figure": a picture of a table, and the numbers in it.
package figure

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/common/ink"
)

// Settings are the attributes of `stage "figure"`.
type Settings struct {
	Title   string            `name:"title" doc:"what the figure shows, above it" default:""`
	Caption string            `name:"caption" doc:"text below the figure; what is drawn, n and the seeds follow it by themselves" default:""`
	Where   map[string]string `name:"where" column:"table" doc:"rows to draw: a column's or axis's value, or a comparison with one such as \">= 0.6\""`
	Width   float64           `name:"width" doc:"width of the whole figure" default:"160" unit:"mm" min:"40" max:"600"`
	Height  float64           `name:"height" doc:"height of the whole figure; 0 for one that fits its panels" default:"0" unit:"mm" min:"0" max:"900"`
	Plot    Plot              `name:"plot" doc:"what is drawn, by form"`
}

// Plot is the block that says what is drawn: its label is the form.
type Plot struct {
	Form     string            `name:"form" doc:"how the rows are drawn" label:"curves,scatter,bars,heatmap,fit"`
	X        string            `name:"x" for:"all" column:"table" doc:"column along the x-axis; of bars and heat maps its values stand side by side"`
	Y        []string          `name:"y" for:"all" column:"table" required:"true" doc:"column along the y-axis, or several in one picture; of a heat map, the one whose values stand above each other"`
	Value    string            `name:"value" column:"table" doc:"column that the cells show" for:"heatmap"`
	Color    string            `name:"color" column:"table" doc:"column whose values get a color, a dash pattern and a marker each" default:"" for:"curves,scatter,bars,fit"`
	Facet    string            `name:"facet" for:"all" column:"table" doc:"column whose values get a panel each" default:""`
	Panels   []string          `name:"panels" for:"all" doc:"values of the facet column to draw, in this order; empty for all"`
	Over     string            `name:"over" for:"all" doc:"axis along which the experiment is repeated: n counts its values" default:"seed"`
	Center   string            `name:"center" doc:"what stands for the rows that share x, color and panel" default:"median" oneof:"median,mean" for:"curves,bars,heatmap,fit"`
	Spread   string            `name:"spread" doc:"band or bar about the center: quartiles, the 95 % confidence interval of the mean (Student's t; of shares Wilson's, which lies between 0 and 1), least to greatest, one standard error of a single value from what it was measured on (error: tables have it in a column NAME_se), or none" default:"quartiles" oneof:"quartiles,ci95,range,error,none" for:"curves,bars,fit"`
	Shares   map[string]bool   `name:"shares" column:"table" doc:"columns along y that are shares (true), whose 95 % confidence intervals lie between 0 and 1 (Wilson's, by the values' own variance), or are not (false); others are told by their unit and name, as the kind comparison does" for:"curves,bars,fit"`
	Points   bool              `name:"points" doc:"draw every row as a point too" default:"false" for:"curves,bars,fit"`
	Laws     []string          `name:"laws" doc:"curves to fit by least squares to all rows of a color: linear a + bx, log a + b ln x, inverse a + b/(1-x), balance a + b/(4x(1-x)), power a x^b and exponential a e^(bx), the last two on ln y; the caption says how many rows a law has no value for" for:"fit"`
	XScale   string            `name:"x_scale" doc:"scale of the x-axis" default:"linear" oneof:"linear,log" for:"curves,scatter,fit"`
	YScale   string            `name:"y_scale" doc:"scale of the y-axis; it changes no number of the table, and the caption says what a logarithmic one has no place for" default:"linear" oneof:"linear,log" for:"curves,scatter,fit"`
	XLimits  []float64         `name:"x_limits" doc:"ends of the x-axis; empty to fit what is drawn" for:"curves,scatter,fit"`
	YLimits  []float64         `name:"y_limits" doc:"ends of the y-axis; empty to fit what is drawn" for:"curves,scatter,bars,fit"`
	XLines   []float64         `name:"x_lines" doc:"values of x to draw a line at" for:"curves,scatter,fit"`
	YLines   []float64         `name:"y_lines" doc:"values of y to draw a line at" for:"curves,scatter,bars,fit"`
	Diagonal bool              `name:"diagonal" doc:"draw the line y = x" default:"false" for:"scatter"`
	XLabel   string            `name:"x_label" for:"all" doc:"text at the x-axis; by default the column's name and unit" default:""`
	YLabel   string            `name:"y_label" for:"all" doc:"text at the y-axis; by default the columns' name and unit" default:""`
	Names    map[string]string `name:"names" for:"all" doc:"what to call columns and values; others keep their names"`
}

// Check reports settings that name the impossible.
func (s *Settings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	add := func(path, summary, detail string) {
		problems = append(problems, stages.Problem{Path: "plot." + path, Summary: summary, Detail: detail})
	}
	p := &s.Plot
	if p.Form == "heatmap" && len(p.Y) > 1 {
		add("y", "a heat map has one column along y", "Name one; what the cells show is the attribute value.")
	}
	for _, l := range p.Laws {
		if lawNamed(l) == nil {
			add("laws", fmt.Sprintf("there is no law %q", l), "The laws are "+strings.Join(lawNames(), ", ")+".")
		}
	}
	for _, axis := range []struct {
		name   string
		limits []float64
		log    bool
	}{{"x", p.XLimits, p.XScale == "log"}, {"y", p.YLimits, p.YScale == "log"}} {
		if n := len(axis.limits); n != 0 && (n != 2 || !(axis.limits[0] < axis.limits[1])) {
			add(axis.name+"_limits", "limits are two numbers, the lower first", "Write "+axis.name+"_limits = [0, 1], or leave them out.")
		} else if n == 2 && axis.log && axis.limits[0] <= 0 {
			add(axis.name+"_limits", "a log scale begins above 0", "Raise the lower limit.")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Shares)) {
		if !slices.Contains(p.Y, name) {
			add("shares", fmt.Sprintf("%q is not among y", name), "It says something of what is drawn.")
		}
	}
	if len(p.Panels) > 0 && p.Facet == "" {
		add("panels", "panels without a column", "Say with facet which column's values these are.")
	}
	return problems
}

// Kind draws rows of one or many tables.
//
//	in   table  list of tables, with their axes
//	out  svg, pdf, png  one figure, three formats
//	out  table  what is drawn: one row a center, point, or place of a fitted law
//
// Rows are joined as the kind table does. A row that has no value in a column that is drawn is left
// out, and the caption says how many are. Equal inputs and settings give equal numbers, pixels and shapes
// everywhere (see package ink, and kernel for logarithms), and equal files on all machines for one release
// of Spurion: PDF and PNG are compressed by the standard library.
var Kind = stages.Define(stages.Kind{
	Name:    "figure",
	Version: 8,
	Brief:   "a page of lines and letters",
	Doc: `Draws tables: curves with bands over seeds, scatter plots, bars, heat maps, and points with laws fitted.
Rows that share x, color and panel are summed up by their median (or mean) and a spread; n counts the
values of the axis that the experiment is repeated along. Axes are labelled with the columns' units, the
caption tells n, the seeds, the largest standard error of a single value if tables have it (a column NAME_se, or of accuracy_before
accuracy_se_before) and it can be seen (1 % of the range that is drawn), how many rows have no value and are left out, what a logarithmic axis has no place
for, and which rows a law could not use: all numbers are those of all rows with a value, whatever the axes. Colors are those of Okabe
and Ito (2008), which the color-blind can tell apart; dash patterns, markers and hatches tell the same
in black and white. The numbers, the pixels and the shapes are the same everywhere and with every release;
the bytes of the files are the same on all machines for one release of Spurion.

The table's columns have the marks (spurious attribute, group, split) of all columns that the settings name.`,
	Inputs: []stages.Input{gather.Input("table", "what to draw, such as [train.erm[*].history]")},
	Outputs: []stages.Output{
		{Name: "svg", Doc: "the figure, for the web: text is text", Extension: ".svg"},
		{Name: "pdf", Doc: "the figure, for papers: text is outlines, so no font is missing", Extension: ".pdf"},
		{Name: "png", Doc: "the figure, 200 pixels an inch", Extension: ".png"},
		{
			Name: "table", Doc: "the numbers that the figure shows", Type: stages.AnyType, Fields: tableFields,
			Others: "x, text of bars and heat maps and else a number; first panel, if there is a facet, and series, if there are colors", OthersOf: others,
		},
	},
	Labels: gather.Labels,
}, run)

func others(settings any) stages.Others {
	p := &settings.(*Settings).Plot
	o := stages.Others{Names: []string{"x"}}
	if p.Facet != "" {
		o.Names = append(o.Names, "panel")
	}
	if p.Color != "" || p.Form == "heatmap" {
		o.Names = append(o.Names, "series")
	}
	return o
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	parts, err := gather.Read(r.Inputs["table"])
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	d, err := read(s, parts)
	if err != nil {
		return err
	}
	f := &drawing{s: s, d: d, lacks: stages.LacksText(r.Lacks)}
	page, err := f.draw()
	if err != nil {
		return err
	}
	if err := r.Write("table", d.table()); err != nil {
		return err
	}
	for _, o := range []struct {
		name string
		make func(*ink.Page) []byte
	}{{"svg", (*ink.Page).SVG}, {"pdf", (*ink.Page).PDF}, {"png", (*ink.Page).PNG}} {
		if err := r.WriteFile(o.name, o.make(page)); err != nil {
			return err
		}
	}
	return nil
}

// columns gives the columns that the settings name, each once.
func (s *Settings) columns() []string {
	p := &s.Plot
	var names []string
	for _, n := range append([]string{p.X, p.Value, p.Color, p.Facet}, p.Y...) {
		if n != "" && !slices.Contains(names, n) {
			names = append(names, n)
		}
	}
	return names
}
