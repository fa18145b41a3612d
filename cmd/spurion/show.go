package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"spurion/pipeline/describe"
	"spurion/pipeline/screen"
)

func (a *app) showCommand() *cobra.Command {
	var rows int
	cmd := &cobra.Command{
		Use:   "show SPEC ADDRESS",
		Short: "Show an instance: settings, inputs, outputs, first rows",
		Long: `Shows the instances that ADDRESS selects: their settings with units and places in the spec, what their inputs
were given, and their outputs with columns and, if they are stored, the first rows of tables, the beginning of files
and the first files of folders.`,
		Example: `  spurion show specs/quick.hcl 'train.erm[strength=0.9,seed=2]'
  spurion show --rows 20 specs/quick.hcl 'probe.decoded[strength=0.9,seed=2]'`,
		Annotations: exits("0 done", "1 the store cannot be read", "2 the spec or the command line has mistakes"),
		Args:        needArgs(2, 2, "SPEC", "ADDRESS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if rows < 0 {
				return usagef("--rows must be at least 0")
			}
			details, err := a.inspect(cmd.Context(), args[0], args[1], rows)
			if err != nil {
				return err
			}
			return a.printEach(details, len(details), func(i int) string { return showText(&details[i], a.outText) })
		},
		ValidArgsFunction: a.completeTargets,
	}
	cmd.Flags().IntVar(&rows, "rows", 5, "print up to this `number` of rows of each output, and of files of a folder (of these at least 20); 0 for none")
	jsonFlag(cmd)
	return cmd
}

func showText(d *describe.InstanceDetail, s style) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", s.bold(d.Address), s.status(stateText(d)))
	if d.Says != "" {
		b.WriteString(paragraph(d.Says, s.width, "  "))
	}
	fmt.Fprintf(&b, "  kind %s, version %d", d.Kind, d.Version)
	for _, p := range d.Parts {
		fmt.Fprintf(&b, "; %s %s, version %d", p.Role, p.Name, p.Version)
	}
	b.WriteString("\n")
	if d.Reason != nil {
		b.WriteString(paragraph(screen.Text(d.Reason.Text), s.width, "  "))
	}
	if d.Lacks != "" {
		b.WriteString(paragraph("made without what failed: "+d.Lacks, s.width, "  "))
	}
	if c := d.Computed; c != nil {
		fmt.Fprintf(&b, "  computed %s in %s by %s\n", instant(c.Created), duration(c.Seconds), c.Program)
	}
	if p := d.Program; p != nil {
		fmt.Fprintf(&b, "  ran %s, SHA-256 %s, on %s; spurion log shows what it printed\n",
			screen.Line(p.Path), firstOf(shortDigest(p.SHA256), "unknown"), instant(p.Started))
	}
	if d.Key != "" {
		fmt.Fprintf(&b, "  key %s\n", d.Key)
	}
	b.WriteString("\n" + s.bold("Settings") + "\n")
	g := newGrid("", "", "", "")
	g.width, g.wrap = s.width-2, 1
	for _, x := range d.Settings {
		place := firstOf(x.Place, "default")
		if x.Unkeyed {
			place += ", not in the key"
		}
		g.add(x.Path, screen.Line(x.Value), x.Unit, s.faint(place))
	}
	b.WriteString(firstOf(g.render(s, "  "), "  none\n"))
	if d.Resources != nil {
		fmt.Fprintf(&b, "\n%s\n  %s  %s\n", s.bold("Resources"), d.Resources.Text(), s.faint(d.ResourcesPlace+", not in the key"))
	}
	if len(d.Inputs) > 0 {
		b.WriteString("\n" + s.bold("Inputs") + "\n")
		g := newGrid("", "", "")
		for _, x := range d.Inputs {
			if x.Failed {
				g.add("", screen.Line(x.From), s.red("failed"))
				continue
			}
			g.add(x.Input, screen.Line(x.From), s.faint(shortDigest(x.Digest)))
		}
		b.WriteString(g.render(s, "  "))
	}
	for i := range d.Outputs {
		b.WriteString("\n" + outputText(&d.Outputs[i], s))
	}
	if len(d.Unmasked) > 0 {
		b.WriteString("\n" + paragraph(fmt.Sprintf("note: what %s held is not masked above, as it is not set here", strings.Join(d.Unmasked, ", ")), s.width, "  "))
	}
	return b.String()
}

func shortDigest(d string) string { return d[:min(len(d), 12)] }

func outputText(o *describe.OutputDetail, s style) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %s\n", s.bold("Output"), s.bold(o.Name), o.Doc)
	if o.Digest == "" {
		b.WriteString("  not computed yet\n")
		return b.String()
	}
	size := byteSize(o.Bytes)
	switch {
	case o.Rows >= 0:
		size = count(o.Rows, "row") + ", " + size
	case o.FileCount >= 0:
		size = count(o.FileCount, "file") + ", " + size
	}
	where := shortPath(o.Path)
	if o.Path == "" {
		where = "in the remote store"
	}
	if o.Pack != "" {
		where = "in " + shortPath(o.Pack) + " (spurion export makes a file of it)"
	}
	fmt.Fprintf(&b, "  %s, %s\n", size, where)
	if o.Note != "" {
		fmt.Fprintf(&b, "  note: %s\n", screen.Line(o.Note))
	}
	if len(o.Columns) > 0 {
		g := newGrid("column", "type", "unit", "meaning")
		g.width, g.wrap = s.width-2, 3
		for _, c := range o.Columns {
			g.add(screen.Line(c.Name), c.Type, dash(screen.Line(c.Unit)), screen.Line(c.Doc))
		}
		b.WriteString(g.render(s, "  "))
	}
	if len(o.Head) > 0 {
		b.WriteString("\n" + headTable(o, s))
	}
	if len(o.Files) > 0 {
		g := newGrid("file", ">size")
		for _, f := range o.Files {
			g.add(screen.Line(f.Name), byteSize(f.Bytes))
		}
		b.WriteString(g.render(s, "  "))
		if more := o.FileCount - int64(len(o.Files)); more > 0 {
			b.WriteString("  " + s.faint("... "+count(more, "more file")) + "\n")
		}
	}
	if o.Text != "" {
		b.WriteString(indentLines(screen.Text(o.Text), "  | "))
	}
	if o.Binary {
		b.WriteString("  it is no text, and is not shown\n")
	}
	return b.String()
}

// headTable shows the first rows: each as a row if all columns fit the width, else each as a column.
func headTable(o *describe.OutputDetail, s style) string {
	cells := make([][]string, len(o.Head))
	for r, row := range o.Head {
		for _, v := range row {
			cells[r] = append(cells[r], cell(v))
		}
	}
	g := newGrid()
	needed := 0
	for c, column := range o.Columns {
		name := screen.Line(column.Name)
		head, width := ">"+name, utf8.RuneCountInString(name)
		for r := range cells {
			width = max(width, utf8.RuneCountInString(cells[r][c]))
			if _, text := o.Head[r][c].(string); text {
				head = name
			}
		}
		needed += width + 2
		g.column(head)
	}
	shown := len(cells)
	if needed <= s.width {
		for _, row := range cells {
			g.add(row...)
		}
	} else {
		g, shown = transposed(o, cells, s.width-2)
	}
	text := g.render(s, "  ")
	if more := o.Rows - int64(shown); more > 0 {
		text += "  " + s.faint("... "+count(more, "more row")) + "\n"
	}
	return text
}

// transposed gives a grid with a line for each column, and as many rows beside each other as fit.
func transposed(o *describe.OutputDetail, cells [][]string, width int) (g *grid, rows int) {
	widest := utf8.RuneCountInString("column")
	for _, c := range o.Columns {
		widest = max(widest, utf8.RuneCountInString(c.Name))
	}
	g = newGrid("column")
	for room := width - widest; rows < len(cells); rows++ {
		head := fmt.Sprintf("row %d", rows)
		w := len(head)
		for _, text := range cells[rows] {
			w = max(w, utf8.RuneCountInString(text))
		}
		if room -= w + 2; room < 0 && rows > 0 {
			break
		}
		g.column(">" + head)
	}
	for c := range o.Columns {
		line := []string{screen.Line(o.Columns[c].Name)}
		for r := range rows {
			line = append(line, cells[r][c])
		}
		g.add(line...)
	}
	return g, rows
}

// cell gives one value for a table: null as such, numbers to six digits (JSON has all), lists shortened.
func cell(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return cut(screen.Line(x), 40)
	case float64:
		return strconv.FormatFloat(x, 'g', 6, 64)
	case float32:
		return strconv.FormatFloat(float64(x), 'g', 6, 32)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return cut(string(text), 24)
}
