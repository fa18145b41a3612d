package comparison

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"spurion/stages/numeric/interval"
)

// Numbers outside of these are written with a power of ten, unless the spec says how many decimals they have.
const (
	smallest = 1e-4
	largest  = 1e9
)

// round settles the decimals of a measure from its means and differences.
func (c *comparison) round(i int) {
	m := &c.measures[i]
	size := 0.0
	for _, r := range c.rows {
		for _, x := range []*interval.Mean{r.cells[i].mean, r.cells[i].difference} {
			if x != nil && !beyond(extent(x)) {
				size = math.Max(size, extent(x))
			}
		}
	}
	m.decimals = places(size, c.s.Digits)
	if m.share {
		m.decimals = max(m.decimals, 3)
	}
}

// fixed gives the decimals that the spec asks for.
func (c *comparison) fixed(m *quantity) (decimals int, given bool) {
	if n, ok := c.s.DecimalsOf[m.field.Name]; ok {
		return n, true
	}
	if c.s.Decimals != nil {
		return *c.s.Decimals, true
	}
	return 0, false
}

// extent is how large a mean is, for its digits; one that is small beside its interval counts as a tenth of that.
func extent(x *interval.Mean) float64 {
	return math.Max(math.Abs(x.Value), float64(x.High-x.Low)/20)
}

// beyond reports whether a number is written with a power of ten.
func beyond(size float64) bool { return size != 0 && size < smallest || size >= largest }

// places gives how many decimals a number needs for some significant digits; none for 0, and for 1 as many as for
// what is a little less.
func places(v float64, digits int) int {
	switch v {
	case 0:
		return 0
	case 1:
		return digits
	}
	_, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	power, err := strconv.Atoi(exponent)
	if err != nil {
		return 0 // not finite
	}
	return max(digits-1-power, 0)
}

// A writer writes numbers that belong together: a mean and the ends of its interval.
type writer struct {
	format    byte // as in strconv
	precision int
}

// writer gives how a mean of the measure is written.
func (c *comparison) writer(m *quantity, x *interval.Mean) writer {
	if n, given := c.fixed(m); given {
		return writer{'f', n}
	}
	size, spread := extent(x), x.High-x.Low
	if beyond(size) {
		return writer{'e', max(c.s.Digits-1, 1)}
	}
	n := max(m.decimals, places(math.Max(math.Abs(x.Value), spread/2), 2))
	if spread > 0 {
		n = max(n, places(spread/2, 1))
	}
	return writer{'f', min(n, 12)}
}

// mean words a mean, its interval, and over how many repetitions it is.
func (c *comparison) mean(m *quantity, x *interval.Mean, of repeated, signed bool) string {
	if x == nil {
		return "–" + c.number(0, of)
	}
	w := c.writer(m, x)
	words := w.number(x.Value, signed)
	switch {
	case !x.Known() || c.s.Intervals == "none":
	case x.Low == x.High: // an interval would claim that more repetitions give the same
		words += " (all equal)"
	case c.s.Intervals == "ends":
		words += fmt.Sprintf(" [%s, %s]", w.number(x.Low, signed), w.number(x.High, signed))
	case c.s.Intervals == "half":
		below, above := w.number(x.Value-x.Low, false), w.number(x.High-x.Value, false)
		if half := w.number(float64(x.High-x.Low)/2, false); below == above || !m.share {
			words += " ± " + half
		} else {
			words += fmt.Sprintf(" (-%s, +%s)", below, above)
		}
	}
	return words + c.number(x.N, of)
}

func (w writer) number(v float64, signed bool) string {
	words := strconv.FormatFloat(v, w.format, w.precision, 64)
	if mantissa, exponent, ok := strings.Cut(words, "e"); ok {
		power := strings.TrimLeft(exponent, "+-0")
		if strings.HasPrefix(exponent, "-") && power != "" {
			power = "-" + power
		}
		if words = mantissa; power != "" {
			words += "e" + power
		}
	}
	if strings.Trim(words, "-0.") == "" {
		words = strings.TrimPrefix(words, "-") // no minus before nothing
		signed = false
	}
	if signed && v > 0 {
		words = "+" + words
	}
	return words
}
