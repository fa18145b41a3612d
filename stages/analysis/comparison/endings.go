package comparison

import (
	"fmt"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/gather"
)

// ends are how many repetitions of a row are known to have come to their end or not, and how many of them were cut off.
type ends struct{ known, cut int }

// end counts what was cut off, by the joined table.
func (c *comparison) end(t *frame.Table) {
	if c.ending == "" {
		return
	}
	for _, r := range c.rows {
		for _, at := range r.units {
			cut, known := gather.CutOff(t.Column(c.ending), at)
			if known {
				r.ends.known++
			}
			if cut {
				r.ends.cut++
			}
		}
	}
}

// endings says how many runs were cut off, and of which rows, the first few; nothing if none was.
func (c *comparison) endings() string {
	const most = 6
	var all ends
	var names []string
	for _, r := range c.rows {
		all.known, all.cut = all.known+r.ends.known, all.cut+r.ends.cut
		if r.ends.cut > 0 {
			var name []string
			for _, value := range r.name {
				name = append(name, c.call(value))
			}
			names = append(names, fmt.Sprintf("%s: %d of %d", strings.Join(name, " "), r.ends.cut, r.ends.known))
		}
	}
	text := gather.CutOffText(c.ending, all.cut, all.known)
	if text == "" || len(c.rows) == 1 {
		return text
	}
	if len(names) > most+1 {
		names = append(names[:most:most], fmt.Sprintf("%d rows more", len(names)-most))
	}
	return strings.TrimSuffix(text, ".") + " (" + strings.Join(names, ", ") + ")."
}
