package frame

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"slices"
	"unicode/utf8"
)

// Texts are the values of a column of type String. They are kept one a row, or, where few of them differ, each once, with a byte a
// row that says which: a split of ten million rows takes 10 MB, not 160. Which of the two it is makes no difference to what is read or
// written. The zero value has no rows.
type Texts struct {
	values []string // of the rows; with codes those that differ, each once
	codes  []uint8  // of the rows: indices of values; nil where values are one a row
}

// mostCoded is how many texts a byte tells apart.
const mostCoded = 1 << 8

// TextsOf gives texts of so many rows; they keep the slice.
func TextsOf(rows []string) Texts { return Texts{values: rows} }

// Coded gives texts of which row i is values[codes[i]]. The values differ, and are at most 256; not all need to occur. The
// texts keep both slices. Check finds what does not hold.
func Coded(values []string, codes []uint8) Texts {
	if codes == nil {
		codes = []uint8{}
	}
	return Texts{values, codes}
}

// repeated gives rows of one text.
func repeated(v string, rows int) Texts { return Coded([]string{v}, make([]uint8, rows)) }

// coded reports whether rows are codes.
func (t *Texts) coded() bool { return t.codes != nil }

// Len gives the number of rows.
func (t *Texts) Len() int {
	if t.coded() {
		return len(t.codes)
	}
	return len(t.values)
}

// At gives the text of the row.
func (t *Texts) At(row int) string {
	if t.coded() {
		return t.values[t.codes[row]]
	}
	return t.values[row]
}

// Rows gives the texts of all rows, which are not to be changed.
func (t *Texts) Rows() []string {
	if !t.coded() {
		return slices.Clip(t.values)
	}
	rows := make([]string, len(t.codes))
	for i, k := range t.codes {
		rows[i] = t.values[k]
	}
	return rows
}

// Map gives the texts with what to makes of each, which depends on the text alone.
func (t *Texts) Map(to func(string) string) Texts {
	if !t.coded() {
		rows := make([]string, len(t.values))
		for i, v := range t.values {
			rows[i] = to(v)
		}
		return TextsOf(rows)
	}
	out := Coded(nil, make([]uint8, 0, len(t.codes)))
	var made [mostCoded]uint8
	used := t.used()
	for k, v := range t.values {
		if used[k] {
			made[k], _ = out.code(to(v)) // no more differ than before
		}
	}
	for _, k := range t.codes {
		out.codes = append(out.codes, made[k])
	}
	return out
}

// Any reports whether is holds for the text of some row; it is not asked for each row where many are equal.
func (t *Texts) Any(is func(string) bool) bool {
	if !t.coded() {
		return slices.ContainsFunc(t.values, is)
	}
	used := t.used()
	for k, v := range t.values {
		if used[k] && is(v) {
			return true
		}
	}
	return false
}

// used says which codes occur.
func (t *Texts) used() (used [mostCoded]bool) {
	codes := t.codes
	var before uint64 // eight codes; of eight zeros the first says that they occur
	for ; len(codes) >= 8; codes = codes[8:] {
		used[codes[0]] = true
		if eight := binary.LittleEndian.Uint64(codes); eight != before {
			before = eight
			for _, k := range codes[:8] {
				used[k] = true
			}
		}
	}
	for _, k := range codes {
		used[k] = true
	}
	return used
}

// End gives the row behind the last of those that follow the row and have its text, all of them or some: to look at rows a run
// at a time.
func (t *Texts) End(row int) int {
	if !t.coded() {
		i := row + 1
		for i < len(t.values) && t.values[i] == t.values[row] {
			i++
		}
		return i
	}
	return row + equalBytes(t.codes[row:])
}

// equalBytes gives how many of the first bytes are equal; there is one at least.
func equalBytes(b []uint8) int {
	first, i := b[0], 1
	all := uint64(first) * 0x0101010101010101
	for ; i+8 <= len(b); i += 8 {
		if differ := binary.LittleEndian.Uint64(b[i:]) ^ all; differ != 0 {
			return i + bits.TrailingZeros64(differ)/8
		}
	}
	for i < len(b) && b[i] == first {
		i++
	}
	return i
}

// slice gives rows from..to, which share memory.
func (t *Texts) slice(from, to int) Texts {
	if t.coded() {
		return Texts{t.values, t.codes[from:to:to]}
	}
	return Texts{values: t.values[from:to:to]}
}

// take gives the rows listed.
func (t *Texts) take(rows []int) Texts {
	if t.coded() {
		return Coded(t.values, gather(t.codes, rows))
	}
	return Texts{values: gather(t.values, rows)}
}

// bytes gives the size in memory.
func (t *Texts) bytes() int {
	n := len(t.codes)
	for _, v := range t.values {
		n += 16 + len(v)
	}
	return n
}

// grow makes room for so many rows.
func (t *Texts) grow(rows int) {
	if t.coded() || len(t.values) == 0 {
		t.codes = slices.Grow(t.codes, rows)
		return
	}
	t.values = slices.Grow(t.values, rows)
}

// code gives the code of a text, and false if a byte cannot say it.
func (t *Texts) code(v string) (uint8, bool) {
	k := slices.Index(t.values, v)
	if k < 0 {
		if k = len(t.values); k == mostCoded {
			return 0, false
		}
		t.values = append(slices.Clip(t.values), v) // they may be shared
	}
	return uint8(k), true
}

// plain makes the texts one a row, with room for more, and for what grow was told of.
func (t *Texts) plain(more int) {
	if t.coded() {
		rows := make([]string, 0, max(len(t.codes)+more, cap(t.codes)))
		for _, k := range t.codes {
			rows = append(rows, t.values[k])
		}
		*t = Texts{values: rows}
	}
}

// Set puts a text into a row. Where the texts have codes all rows are copied first.
func (t *Texts) Set(row int, v string) {
	t.plain(0)
	t.values[row] = v
}

// append appends a row as it is, without looking whether there is an equal one.
func (t *Texts) append(v string) {
	t.plain(1)
	t.values = append(t.values, v)
}

// appendRepeated appends rows of one text.
func (t *Texts) appendRepeated(v string, rows int) {
	o := repeated(v, rows)
	t.appendTexts(&o, 0, rows)
}

// appendTexts appends rows from..to of others. Few that differ stay few.
func (t *Texts) appendTexts(o *Texts, from, to int) {
	if from == to {
		return
	}
	if t.Len() == 0 && o.coded() && !t.coded() {
		t.values, t.codes = nil, slices.Grow(t.codes, 1)[:0]
	}
	if t.coded() && o.coded() && t.appendCodes(o, from, to) {
		return
	}
	t.plain(to - from)
	if !o.coded() {
		t.values = append(t.values, o.values[from:to]...)
		return
	}
	for _, k := range o.codes[from:to] {
		t.values = append(t.values, o.values[k])
	}
}

// appendCodes is appendTexts where both have codes; false if too many texts differ, and then nothing is appended.
func (t *Texts) appendCodes(o *Texts, from, to int) bool {
	var made [mostCoded]int16 // 1 more than the code here
	before := len(t.codes)
	for from < to {
		k := o.codes[from]
		if made[k] == 0 {
			own, ok := t.code(o.values[k])
			if !ok {
				t.codes = t.codes[:before]
				return false
			}
			made[k] = int16(own) + 1
		}
		end := min(o.End(from), to)
		t.codes = appendRepeated(t.codes, uint8(made[k]-1), end-from)
		from = end
	}
	return true
}

// checkTexts finds what is wrong with a column of type String.
func (c *Column) checkTexts() error {
	t := &c.Strings
	if !t.coded() {
		for i, v := range t.values {
			if (i == 0 || v != t.values[i-1] || c.Null(i-1)) && !utf8.ValidString(v) && !c.Null(i) { // many rows repeat the one before
				return c.badText(i)
			}
		}
		return nil
	}
	if len(t.values) > mostCoded {
		return fmt.Errorf("column %s: %d coded texts, of which a byte tells %d apart", c.Name, len(t.values), mostCoded)
	}
	seen := make(map[string]bool, len(t.values))
	used := t.used()
	for k, v := range t.values {
		if seen[v] {
			return fmt.Errorf("column %s: the text %q has two codes", c.Name, v)
		}
		seen[v] = true
		if used[k] && !utf8.ValidString(v) {
			if row := c.firstCode(uint8(k)); row >= 0 {
				return c.badText(row)
			}
		}
	}
	for k := len(t.values); k < mostCoded; k++ {
		if used[k] {
			return fmt.Errorf("column %s, row %d: code %d of %d texts", c.Name, slices.Index(t.codes, uint8(k)), k, len(t.values))
		}
	}
	return nil
}

// firstCode gives the first row with the code that is not null; -1 if there is none.
func (c *Column) firstCode(k uint8) int {
	for row, code := range c.Strings.codes {
		if code == k && !c.Null(row) {
			return row
		}
	}
	return -1
}

func (c *Column) badText(row int) error {
	return fmt.Errorf("column %s, row %d: %q is not valid UTF-8", c.Name, row, c.Strings.At(row))
}
