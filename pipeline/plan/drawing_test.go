package plan_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/graph/formats/dot"
	"gonum.org/v1/gonum/graph/formats/dot/ast"

	"spurion/pipeline/plan"
)

// Whatever an address holds, DOT can be read back, with the nodes and edges in their order, and says the same each time.
func TestDOT(t *testing.T) {
	names := []string{"node.edge", `fit.model[text="a \"b\" \\ c"]`, "λ.x[seed=2]", "graph.\"->\"", "a.b"}
	var g plan.Graph
	for i, name := range names {
		g.Nodes = append(g.Nodes, plan.GraphNode{Address: name, Instances: 1 + i%2})
		if i > 0 {
			g.Edges = append(g.Edges, plan.GraphEdge{From: names[0], To: name})
		}
	}
	text, err := g.DOT()
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := g.DOT(); again != text {
		t.Errorf("the same graph becomes\n%sand\n%s", text, again)
	}
	file, err := dot.ParseString(text)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	plain := func(id string) string {
		s, err := strconv.Unquote(id)
		if err != nil {
			t.Errorf("%s: %v", id, err)
		}
		return s
	}
	var nodes, edges []string
	for _, st := range file.Graphs[0].Stmts {
		switch st := st.(type) {
		case *ast.NodeStmt:
			nodes = append(nodes, plain(st.Node.ID))
			count := strings.Contains(plain(st.Attrs[0].Val), "\n2 instances")
			if label := plain(st.Attrs[0].Val); !strings.HasPrefix(label, plain(st.Node.ID)) || count != (len(nodes)%2 == 0) {
				t.Errorf("the label of %s is %q", st.Node.ID, label)
			}
		case *ast.EdgeStmt:
			edges = append(edges, plain(st.From.(*ast.Node).ID)+" to "+plain(st.To.Vertex.(*ast.Node).ID))
		}
	}
	if fmt.Sprint(nodes) != fmt.Sprint(names) {
		t.Errorf("nodes %q, want %q", nodes, names)
	}
	if len(edges) != len(names)-1 || edges[0] != names[0]+" to "+names[1] || edges[3] != names[0]+" to "+names[4] {
		t.Errorf("edges %q", edges)
	}
}

// Whatever an address holds, Mermaid shows it: nothing in it is HTML, an entity or the end of the label.
func TestMermaid(t *testing.T) {
	g := plan.Graph{Nodes: []plan.GraphNode{
		{Address: `fit.model[text="<b>&amp; #35; \n"]`, Instances: 1},
		{Address: "node.λ", Instances: 2},
	}}
	g.Edges = []plan.GraphEdge{{From: g.Nodes[0].Address, To: g.Nodes[1].Address}}
	const want = `flowchart LR
  n0["fit.model[text=#quot;#lt;b#gt;#amp;amp; #35;35; #92;n#quot;]"]
  n1["node.λ<br/>2 instances"]
  n0 --> n1
`
	if got := g.Mermaid(); got != want {
		t.Errorf("%s", got)
	}
}
