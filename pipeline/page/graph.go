package page

import (
	"cmp"
	"fmt"
	"html"
	"slices"
	"strings"
)

// Sizes of the graph, in pixels.
const (
	nodeHeight, nodeGap, layerGap = 38, 14, 40
	letterWidth                   = 8 // generous: the page's monospaced font is the reader's
)

// A node is a stage with its place in the drawing.
type node struct {
	stage *Stage
	layer int
	order float64 // among those of its layer
	x, y  int
	width int
	from  []*node
}

// graph draws the stages from left to right, each right of all that it uses.
func graph(list []Stage) string {
	if len(list) == 0 {
		return ""
	}
	layers := layered(list)
	var b strings.Builder
	width, height := place(layers)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" class="graph" width="%d" height="%d" viewBox="0 0 %d %d" role="img"><title>The stages and what each reads</title>`,
		width, height, width, height)
	for _, layer := range layers {
		for _, n := range layer {
			for _, from := range n.from {
				x0, y0, x1, y1 := from.x+from.width, from.y+nodeHeight/2, n.x, n.y+nodeHeight/2
				bend := (x1 - x0) / 2
				fmt.Fprintf(&b, `<path class="edge" d="M%d %dC%d %d %d %d %d %d"/>`, x0, y0, x0+bend, y0, x1-bend, y1, x1, y1)
			}
		}
	}
	for _, layer := range layers {
		for _, n := range layer {
			kind, _, _ := strings.Cut(n.stage.ID, ".")
			box := "node"
			if kind == "claim" || kind == "check" {
				box += " claim"
			}
			fmt.Fprintf(&b, `<g><rect class="%s" x="%d" y="%d" width="%d" height="%d" rx="5"/>`, box, n.x, n.y, n.width, nodeHeight)
			count := "1 instance"
			if n.stage.Instances != 1 {
				count = fmt.Sprintf("%d instances", n.stage.Instances)
			}
			fmt.Fprintf(&b, `<text x="%d" y="%d">%s</text><text class="small" x="%d" y="%d">%s</text></g>`,
				n.x+9, n.y+16, html.EscapeString(n.stage.ID), n.x+9, n.y+30, count)
		}
	}
	b.WriteString("</svg>")
	return b.String()
}

// layered puts every stage into the layer after the last of those it uses, and orders each layer by
// where those stand.
func layered(list []Stage) [][]*node {
	nodes := map[string]*node{}
	var layers [][]*node
	for i := range list {
		n := &node{stage: &list[i]}
		nodes[list[i].ID] = n
		for _, id := range list[i].Uses {
			if from := nodes[id]; from != nil {
				n.from = append(n.from, from)
				n.layer = max(n.layer, from.layer+1)
			}
		}
		for len(layers) <= n.layer {
			layers = append(layers, nil)
		}
		n.order = float64(len(layers[n.layer]))
		layers[n.layer] = append(layers[n.layer], n)
	}
	for _, layer := range layers[1:] {
		for _, n := range layer {
			sum := 0.0
			for _, from := range n.from {
				sum += from.order / float64(len(layers[from.layer]))
			}
			n.order = sum / float64(len(n.from))
		}
		slices.SortStableFunc(layer, func(a, b *node) int { return cmp.Compare(a.order, b.order) })
		for i, n := range layer {
			n.order = float64(i)
		}
	}
	return layers
}

// place gives every node its coordinates, layers centered, and the size of it all.
func place(layers [][]*node) (width, height int) {
	for _, layer := range layers {
		height = max(height, len(layer)*(nodeHeight+nodeGap)+nodeGap)
	}
	x := nodeGap
	for _, layer := range layers {
		widest := 0
		for _, n := range layer {
			n.width = max(len(n.stage.ID), 12)*letterWidth + 18
			widest = max(widest, n.width)
		}
		y := (height - len(layer)*(nodeHeight+nodeGap) + nodeGap) / 2
		for _, n := range layer {
			n.x, n.y = x, y
			y += nodeHeight + nodeGap
		}
		x += widest + layerGap
	}
	return x - layerGap + nodeGap, height
}
