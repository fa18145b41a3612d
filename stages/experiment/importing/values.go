package importing

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/csvtext"
)

// A coded is a column of texts, each held once: row i is names[codes[i]], or nothing where the code is -1.
type coded struct {
	codes []int32
	names []string
}

// A coder makes a coded column, row by row.
type coder struct {
	coded
	known map[string]int32
}

func newCoder(rows int) *coder {
	return &coder{coded{codes: make([]int32, 0, rows)}, map[string]int32{}}
}

// add adds a row. The text may be part of a larger one: it is copied if it is kept.
func (c *coder) add(text string) {
	code, ok := c.known[text]
	if !ok {
		text = strings.Clone(text)
		code = int32(len(c.names))
		c.names, c.known[text] = append(c.names, text), code
	}
	c.codes = append(c.codes, code)
}

// none adds a row without a value.
func (c *coder) none() { c.codes = append(c.codes, -1) }

// field adds a row of CSV: a whole number in one form, however it is written.
func (c *coder) field(text string) {
	text = strings.Trim(text, " \t")
	if text == "" {
		c.none()
		return
	}
	c.add(canonical(text))
}

// canonical writes a whole number in one form: 1 for 1.0 and +1. Other texts, 007 among them, stay.
func canonical(text string) string {
	if b := text[len(text)-1]; text[0] >= '0' && text[0] <= '9' && b >= '0' && b <= '9' && !strings.ContainsAny(text, ".eE") {
		return text
	}
	if _, number := csvtext.Numeral(text); number {
		if n, err := csvtext.Whole(text, 64); err == nil {
			return strconv.FormatInt(n, 10)
		}
	}
	return text
}

// ofColumn gives a column of a table as texts.
func ofColumn(c *frame.Column) *coded {
	to := newCoder(c.Len())
	for i := range c.Len() {
		switch {
		case c.Null(i):
			to.none()
		case c.Type == frame.String:
			to.add(c.Strings.At(i))
		default:
			to.add(canonical(c.Text(i)))
		}
	}
	return &to.coded
}

// joined gives several columns under each other.
func joinedValues(parts []*coded) *coded {
	if len(parts) == 1 {
		return parts[0]
	}
	all := newCoder(0)
	for _, p := range parts {
		for _, code := range p.codes {
			if code < 0 {
				all.none()
			} else {
				all.add(p.names[code])
			}
		}
	}
	return &all.coded
}

// ranked gives the texts in order: by number if all are whole numbers, else as texts; with each, its place.
func (c *coded) ranked() (names []string, place []int16) {
	order := make([]int, len(c.names))
	numbers := make([]int64, len(c.names))
	whole := true
	for i, name := range c.names {
		var err error
		numbers[i], err = strconv.ParseInt(name, 10, 64)
		order[i], whole = i, whole && err == nil
	}
	slices.SortFunc(order, func(a, b int) int {
		if whole && numbers[a] != numbers[b] {
			return cmp.Compare(numbers[a], numbers[b])
		}
		return cmp.Compare(c.names[a], c.names[b])
	})
	names, place = make([]string, len(order)), make([]int16, len(order))
	for i, code := range order {
		names[i], place[code] = c.names[code], int16(i)
	}
	return names, place
}

// fractions reports whether all values are numbers, and not all whole ones; with one that is not.
func (c *coded) fractions() (name string, is bool) {
	for _, text := range c.names {
		whole, number := csvtext.Numeral(text)
		if !number {
			return "", false
		}
		if !whole && !is {
			name, is = text, true
		}
	}
	return name, is
}

// settled takes words such as NaN for no value, where all other values are numbers.
func (c *coded) settled() *coded {
	var words []int32
	for i, name := range c.names {
		if _, number := csvtext.Numeral(name); number {
			continue
		}
		if !csvtext.IsWord(name) {
			return c
		}
		words = append(words, int32(i))
	}
	if len(words) == 0 || len(words) == len(c.names) {
		return c
	}
	to := newCoder(len(c.codes))
	for _, code := range c.codes {
		if code < 0 || slices.Contains(words, code) {
			to.none()
		} else {
			to.add(c.names[code])
		}
	}
	return &to.coded
}
