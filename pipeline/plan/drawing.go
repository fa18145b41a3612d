package plan

import (
	"fmt"
	"strings"

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
func (g Graph) DOT() string {
	var b strings.Builder
	b.WriteString("digraph spurion {\n  rankdir=LR\n  node [shape=box, fontname=\"sans-serif\"]\n")
	for _, n := range g.Nodes {
		fmt.Fprintf(&b, "  %s [label=%s]\n", dotQuote(n.Address), dotQuote(n.label("\n")))
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "  %s -> %s\n", dotQuote(e.From), dotQuote(e.To))
	}
	b.WriteString("}\n")
	return b.String()
}

// Mermaid renders the graph as a Mermaid flowchart.
func (g Graph) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	ids := make(map[string]int, len(g.Nodes))
	for i, n := range g.Nodes {
		ids[n.Address] = i
		label := strings.ReplaceAll(n.label("<br/>"), `"`, "#quot;")
		fmt.Fprintf(&b, "  n%d[\"%s\"]\n", i, label)
	}
	for _, e := range g.Edges {
		fmt.Fprintf(&b, "  n%d --> n%d\n", ids[e.From], ids[e.To])
	}
	return b.String()
}

func (n GraphNode) label(newline string) string {
	if n.Instances == 1 {
		return n.Address
	}
	return fmt.Sprintf("%s%s%d instances", n.Address, newline, n.Instances)
}

// dotQuote gives a DOT string: quotes and backslashes escaped, line breaks as \n.
func dotQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(s) + `"`
}
