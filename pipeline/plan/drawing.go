package plan

import (
	"fmt"
	"strings"

	"gonum.org/v1/gonum/graph/encoding"
	"gonum.org/v1/gonum/graph/encoding/dot"
	"gonum.org/v1/gonum/graph/multi"

	"spurion/pipeline/spec"
)

// A Graph is the spec's stages and the references between them, or the same of its instances.
type Graph struct {
	Nodes []GraphNode `json:"nodes"`
	Edges []GraphEdge `json:"edges"`
}

// A GraphNode is a stage with its number of instances, or one instance.
type GraphNode struct {
	Address   string `json:"address"`
	Kind      string `json:"kind"`
	Instances int    `json:"instances"`
}

// A GraphEdge says that To reads From, or waits for it.
type GraphEdge struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// StageGraph gives the graph of a spec's stages, upstream first.
func StageGraph(s *spec.Spec) Graph {
	g := Graph{Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	for _, st := range StageOrder(s) {
		g.Nodes = append(g.Nodes, GraphNode{Address: st.ID(), Kind: st.KindName, Instances: len(st.Instances)})
		for _, u := range st.Uses {
			g.Edges = append(g.Edges, GraphEdge{From: u.ID(), To: st.ID()})
		}
	}
	return g
}

// Graph gives the graph of the plan's selected instances, upstream first.
func (p *Plan) Graph() Graph {
	g := Graph{Nodes: []GraphNode{}, Edges: []GraphEdge{}}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if !n.Selected {
			continue
		}
		g.Nodes = append(g.Nodes, GraphNode{Address: n.Address(), Kind: n.Stage.KindName, Instances: 1})
		for _, d := range n.Deps {
			g.Edges = append(g.Edges, GraphEdge{From: p.Nodes[d].Address(), To: n.Address()})
		}
	}
	return g
}

// DOT renders the graph for Graphviz.
func (g Graph) DOT() (string, error) {
	d := drawing{multi.NewDirectedGraph()}
	place := make(map[string]drawn, len(g.Nodes))
	for i, n := range g.Nodes {
		place[n.Address] = drawn{n, int64(i)}
		d.AddNode(place[n.Address])
	}
	for _, e := range g.Edges {
		d.SetLine(d.NewLine(place[e.From], place[e.To]))
	}
	text, err := dot.Marshal(d, "spurion", "", "  ")
	return string(text) + "\n", err
}

// A drawing is a graph with how it looks in DOT.
type drawing struct{ *multi.DirectedGraph }

// DOTAttributers implements dot.Attributers.
func (drawing) DOTAttributers() (graph, node, edge encoding.Attributer) {
	return &encoding.Attributes{{Key: "rankdir", Value: "LR"}},
		&encoding.Attributes{{Key: "shape", Value: "box"}, {Key: "fontname", Value: "sans-serif"}}, nil
}

// A drawn is a node of a drawing, in its place.
type drawn struct {
	GraphNode
	id int64
}

// ID implements graph.Node.
func (d drawn) ID() int64 { return d.id }

// DOTID implements dot.Node.
func (d drawn) DOTID() string { return d.Address }

// Attributes implements encoding.Attributer.
func (d drawn) Attributes() []encoding.Attribute {
	return []encoding.Attribute{{Key: "label", Value: d.label("\n")}}
}

// Mermaid renders the graph as a Mermaid flowchart.
func (g Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := make(map[string]int, len(g.Nodes))
	for i, n := range g.Nodes {
		ids[n.Address] = i
		n.Address = mermaidText.Replace(n.Address)
		fmt.Fprintf(&b, "  n%d[\"%s\"]\n", i, n.label("<br/>"))
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "  n%d --> n%d\n", ids[e.From], ids[e.To])
	}
	return b.String()
}

// mermaidText writes out what Mermaid takes for something else in a label: its own entities, HTML, and \n as a new line.
var mermaidText = strings.NewReplacer(`"`, "#quot;", "#", "#35;", "&", "#amp;", "<", "#lt;", ">", "#gt;", `\`, "#92;")

func (n GraphNode) label(newline string) string {
	if n.Instances == 1 {
		return n.Address
	}
	return fmt.Sprintf("%s%s%d instances", n.Address, newline, n.Instances)
}
