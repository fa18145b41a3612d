package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// A grid is a table for people: columns aligned with two spaces between them, no lines.
type grid struct {
	head  []string
	right []bool // columns aligned to the right
	rows  [][]string
	width int // of the whole; the column named by wrap gives way
	wrap  int // index of the column that is wrapped; -1 for none
}

// newGrid makes a grid; a heading that starts with ">" aligns its column to the right.
func newGrid(headings ...string) *grid {
	g := &grid{wrap: -1}
	for _, h := range headings {
		g.column(h)
	}
	return g
}

func (g *grid) column(heading string) {
	name, right := strings.CutPrefix(heading, ">")
	g.head = append(g.head, name)
	g.right = append(g.right, right)
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// render gives the grid as text, each line indented and free of trailing spaces. Empty headings everywhere
// leave out the line of headings.
func (g *grid) render(s style, indent string) string {
	w := table.NewWriter()
	box := table.StyleBoxDefault
	box.PaddingLeft, box.PaddingRight, box.MiddleVertical = "", "", "  "
	w.SetStyle(table.Style{Box: box, Options: table.Options{SeparateColumns: true}, Format: table.FormatOptions{}})
	var configs []table.ColumnConfig
	for i := range g.head {
		c := table.ColumnConfig{Number: i + 1}
		if g.right[i] {
			c.Align, c.AlignHeader = text.AlignRight, text.AlignRight
		}
		if i == g.wrap {
			c.WidthMax = max(g.room(i)-len(indent), 24)
			c.WidthMaxEnforcer = text.WrapSoft
		}
		configs = append(configs, c)
	}
	w.SetColumnConfigs(configs)
	if strings.Join(g.head, "") != "" {
		row := make(table.Row, len(g.head))
		for i, h := range g.head {
			row[i] = s.faint(h)
		}
		w.AppendHeader(row)
	}
	for _, cells := range g.rows {
		row := make(table.Row, len(cells))
		for i, c := range cells {
			row[i] = c
		}
		w.AppendRow(row)
	}
	if len(g.rows) == 0 && strings.Join(g.head, "") == "" {
		return ""
	}
	return indentLines(w.Render(), indent)
}

// room gives the width that the other columns leave for the i-th.
func (g *grid) room(i int) int {
	width := g.width
	if width == 0 {
		width = pipeWidth
	}
	for k := range g.head {
		if k == i {
			continue
		}
		widest := text.StringWidthWithoutEscSequences(g.head[k])
		for _, row := range g.rows {
			if k < len(row) {
				widest = max(widest, text.StringWidthWithoutEscSequences(row[k]))
			}
		}
		width -= widest + 2
	}
	return width
}

// indentLines puts indent before every line and drops spaces that end one; it ends with a newline.
func indentLines(s, indent string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		line = strings.TrimRight(line, " \n")
		if line != "" {
			b.WriteString(indent)
			b.WriteString(line)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// indentRest puts indent before every line but the first.
func indentRest(s, indent string) string {
	return strings.ReplaceAll(strings.TrimRight(s, "\n"), "\n", "\n"+indent)
}

// paragraph wraps text at width columns, indented. Lines that start with a space are kept as they are.
func paragraph(s string, width int, indent string) string {
	var b strings.Builder
	for i, part := range strings.Split(strings.TrimSpace(s), "\n\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		if strings.HasPrefix(part, " ") || strings.Contains(part, "\n ") || strings.Contains(part, "\n\t") {
			b.WriteString(indentLines(part, indent))
			continue
		}
		joined := strings.Join(strings.Fields(part), " ")
		b.WriteString(indentLines(text.WrapSoft(joined, max(width-len(indent), 24)), indent))
	}
	return b.String()
}

// duration gives "240 µs", "12 ms", "0.4 s", "41.2 s", "3 min 20 s", "2 h 5 min".
func duration(seconds float64) string {
	switch {
	case seconds < 0.5e-6:
		return "0 s"
	case seconds < 0.0005:
		return strconv.FormatFloat(seconds*1e6, 'f', 0, 64) + " µs"
	case seconds < 0.1:
		return strconv.FormatFloat(seconds*1000, 'f', 0, 64) + " ms"
	case seconds < 59.95:
		return strconv.FormatFloat(seconds, 'f', 1, 64) + " s"
	case seconds < 3599.5:
		t := int64(math.Round(seconds))
		return fmt.Sprintf("%d min %d s", t/60, t%60)
	}
	t := int64(math.Round(seconds / 60))
	return fmt.Sprintf("%d h %d min", t/60, t%60)
}

// byteSize gives "512 B", "3.4 kB", "1.2 GB", in powers of 1000.
func byteSize(n int64) string {
	x, units := float64(n), []string{"B", "kB", "MB", "GB", "TB", "PB"}
	i := 0
	for x >= 999.5 && i < len(units)-1 {
		x /= 1000
		i++
	}
	if i == 0 || x >= 99.95 {
		return fmt.Sprintf("%.0f %s", x, units[i])
	}
	return fmt.Sprintf("%.1f %s", x, units[i])
}

// parseSize reads "500MB", "1.5 GB", "2GiB" or a number of bytes.
func parseSize(s string) (int64, error) {
	number := strings.TrimRightFunc(s, unicode.IsLetter)
	unit := strings.ToLower(strings.TrimSpace(s[len(number):]))
	factors := map[string]float64{
		"": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
		"kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
	}
	x, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
	factor, ok := factors[unit]
	if err != nil || !ok || !(x >= 0) || x*factor > math.MaxInt64/2 {
		return 0, fmt.Errorf("%q is not a size such as 500MB, 1.5GB or 2GiB", s)
	}
	return int64(x * factor), nil
}

// count gives "1 instance", "3 instances", "12,345 instances".
func count[N int | int64](n N, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "y") {
		return digits(int64(n)) + " " + strings.TrimSuffix(noun, "y") + "ies"
	}
	return digits(int64(n)) + " " + noun + "s"
}

// digits writes a number with commas between thousands.
func digits(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// instant gives a time for people, in the local zone.
func instant(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// dash stands for nothing in a table.
func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
