package gather

import (
	"spurion/artifacts/frame"
)

// Groups numbers keys in the order in which they first come: what has equal keys is a group. The zero
// value has none. Keys of rows are made by Key or Text.
type Groups[K comparable] struct {
	Keys []K // of each group
	of   map[K]int
}

// Of gives the number of the key's group; a key that is new gets the next one.
func (g *Groups[K]) Of(key K) int {
	n, known := g.of[key]
	if !known {
		if g.of == nil {
			g.of = map[K]int{}
		}
		n = len(g.Keys)
		g.of[key], g.Keys = n, append(g.Keys, key)
	}
	return n
}

// Find gives the number of the key's group; known is false for a key that has come to none.
func (g *Groups[K]) Find(key K) (n int, known bool) {
	n, known = g.of[key]
	return n, known
}

// GroupRows gives each row's group, of those that agree in all of the columns, where nulls agree with
// each other, and each group's first row. Without columns all rows are one group.
func GroupRows(t *frame.Table, columns []string) (of, first []int) {
	var groups Groups[string]
	of = make([]int, t.Rows())
	for row := range of {
		of[row] = groups.Of(Key(t, columns, row))
		if of[row] == len(first) {
			first = append(first, row)
		}
	}
	return of, first
}
