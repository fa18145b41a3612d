package claimtests

import (
	"maps"
	"slices"
	"strings"

	"spurion/stages/common/gather"
)

// endings say how many of the rows that a claim is about are of runs that were cut off.
type endings struct {
	known bool // whether the tables tell it of some row
	cut   int
	text  string // in sentences; empty if none was
}

// endings counts, by each column that tells it, the rows of all sides, each once: two columns of one row are one run.
func (p *pool) endings(k *stake) (endings, error) {
	var out endings
	of, cut := map[string]int{}, map[string]int{}
	seen := map[[2]int]bool{} // by the first side that has the same tables, and the row
	for i, s := range k.sides {
		have := p.with(s.column)
		column := gather.EndingColumn(have)
		if column == "" {
			continue
		}
		all, err := gather.Union(have, gather.Options{Columns: slices.Concat([]string{column}, slices.Sorted(maps.Keys(s.where))), Where: k.where})
		if err != nil {
			return out, err
		}
		holds, err := gather.Conditions(all, s.where)
		if err != nil {
			return out, err
		}
		first := slices.IndexFunc(k.sides[:i+1], func(other stakeSide) bool { return p.sameTables(other.column, s.column) })
		for row := range all.Rows() {
			place := [2]int{first, row}
			if !holds(row) || seen[place] {
				continue
			}
			seen[place] = true
			if is, known := gather.CutOff(all.Column(column), row); known {
				out.known = true
				of[column]++
				if is {
					cut[column]++
					out.cut++
				}
			}
		}
	}
	var texts []string
	for _, column := range slices.Sorted(maps.Keys(cut)) {
		texts = append(texts, gather.CutOffText(column, cut[column], of[column]))
	}
	out.text = strings.Join(texts, " ")
	return out, nil
}
