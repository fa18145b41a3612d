package engine

import (
	"fmt"
	"strings"

	"spurion/artifacts/frame"
	"spurion/pipeline/screen"
)

// holds reports whether a table holds a secret among its values.
func holds(t *frame.Table, secrets *screen.Secrets) bool {
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.Strings.Any(func(s string) bool { return secrets.Hide(s) != s }) {
			return true
		}
		for row := range c.Len() {
			if digits := c.Digits(row); secrets.HideNumber(digits) != digits {
				return true
			}
		}
	}
	return false
}

// leakNote tells of outputs into which a program wrote what is not to be seen: what is shown of them is masked, but
// their files are as the program wrote them.
func (c *call) leakNote() string {
	if len(c.leaks) == 0 {
		return ""
	}
	return fmt.Sprintf("its program wrote the value of a variable that it was handed into %s: it is masked where they are shown, but stands in their files in out/ and the store",
		strings.Join(c.leaks, ", "))
}
