package spec

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/graph"
	"gonum.org/v1/gonum/graph/iterator"
	"gonum.org/v1/gonum/graph/multi"
	"gonum.org/v1/gonum/graph/topo"
)

// A needs is the graph of stages, each an edge away from what it uses. It lists stages in their order, and what a stage
// uses in the order in which it refers to them, so that a walk through it is always the same.
type needs struct {
	*multi.DirectedGraph
	list  []*Stage
	place map[*Stage]int64
}

func newNeeds(list []*Stage) *needs {
	g := &needs{multi.NewDirectedGraph(), list, make(map[*Stage]int64, len(list))}
	for i, st := range list {
		g.place[st] = int64(i)
		g.AddNode(multi.Node(i))
	}
	for i := range list {
		for _, to := range graph.NodesOf(g.From(int64(i))) {
			g.SetLine(g.NewLine(multi.Node(i), to))
		}
	}
	return g
}

// Nodes implements graph.Graph.
func (g *needs) Nodes() graph.Nodes {
	nodes := make([]graph.Node, len(g.list))
	for i := range nodes {
		nodes[i] = multi.Node(i)
	}
	return iterator.NewOrderedNodes(nodes)
}

// From implements graph.Graph. That a stage uses itself is no edge.
func (g *needs) From(id int64) graph.Nodes {
	var nodes []graph.Node
	for _, u := range g.list[id].Uses {
		if to, ok := g.place[u]; ok && to != id {
			nodes = append(nodes, multi.Node(to))
		}
	}
	return iterator.NewOrderedNodes(nodes)
}

// Order sorts stages so that each comes after those of them that it uses; where that allows it, they keep their order:
// what a stage refers to before it is defined comes right before the first that needs it, in the order in which that
// refers to it. Stages that need one another, or themselves, come next to each other, and are listed in cycles, which a
// loaded Spec has none of.
func Order(list []*Stage) (sorted []*Stage, cycles [][]*Stage) {
	// Tarjan's walk ends with a component when it has ended with all that is needed there.
	for _, component := range topo.TarjanSCC(newNeeds(list)) {
		slices.SortFunc(component, func(a, b graph.Node) int { return cmp.Compare(a.ID(), b.ID()) })
		set := make([]*Stage, len(component))
		for i, n := range component {
			set[i] = list[n.ID()]
		}
		sorted = append(sorted, set...)
		if len(set) > 1 || slices.Contains(set[0].Uses, set[0]) {
			cycles = append(cycles, set)
		}
	}
	return sorted, cycles
}

// sortStages orders the stages so that each comes after those that it refers to. Of stages that need one another in a
// circle, or in several, it reports the shortest with the first of them; they come too, marked.
func (l *loader) sortStages() []*stage {
	of := make(map[*Stage]*stage, len(l.order))
	list := make([]*Stage, len(l.order))
	for i, st := range l.order {
		of[st.out], list[i] = st, st.out
	}
	order, cycles := Order(list)
	sorted := make([]*stage, len(order))
	for i, out := range order {
		sorted[i] = of[out]
	}
	for _, set := range cycles {
		members := make([]*stage, len(set))
		for i, out := range set {
			members[i] = of[out]
			members[i].cyclic = true
		}
		l.stageCycle(cycle(members))
	}
	return sorted
}

// cycle gives the shortest way from the first in the file of stages that all need one another back to itself.
func cycle(members []*stage) []*stage {
	first := members[0]
	inside := make(map[*stage]bool, len(members))
	for _, m := range members {
		inside[m] = true
		if before(m.header, first.header) {
			first = m
		}
	}
	from := map[*stage]*stage{}
	for queue := []*stage{first}; from[first] == nil; queue = queue[1:] {
		for _, u := range queue[0].uses {
			if inside[u.to] && from[u.to] == nil {
				from[u.to] = queue[0]
				queue = append(queue, u.to)
			}
		}
	}
	path := []*stage{first}
	for st := from[first]; st != first; st = from[st] {
		path = append(path, st)
	}
	slices.Reverse(path[1:])
	return path
}

// stageCycle reports the cycle that leads from the path's end to its beginning.
func (l *loader) stageCycle(path []*stage) {
	names := make([]string, 0, len(path)+1)
	for _, st := range path {
		names = append(names, st.id())
	}
	names = append(names, names[0])
	next := slices.IndexFunc(path[0].uses, func(u use) bool { return u.to == path[1%len(path)] })
	summary, detail := "Stages refer to one another in a cycle", "none of them can run before the others. Break the cycle."
	if len(path) == 1 {
		summary, detail = "Stage refers to itself", "it would have to run before itself."
	}
	l.report(&problem{Err: ErrCycle, Summary: summary, At: path[0].uses[next].at,
		Detail: fmt.Sprintf("%s: %s", chainText(names), detail)})
}
