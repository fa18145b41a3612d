package figure

import (
	"math"
	"strconv"
	"strings"

	"spurion/stages/numeric/kernel"
)

// A scale turns values into places on the page: from lo at from to hi at to.
type scale struct {
	lo, hi   float64
	log      bool
	names    []string // of categories 0, 1, ...: each stands at its number
	from, to int
}

// at gives the place of a value, rounded to a hundredth of a point. Values off the scale stay
// within a page's width of it.
func (s *scale) at(v float64) int {
	lo, hi := s.lo, s.hi
	if s.log {
		v, lo, hi = kernel.Log64(math.Max(v, math.SmallestNonzeroFloat64)), kernel.Log64(lo), kernel.Log64(hi)
	}
	share := math.Min(math.Max((v-lo)/(hi-lo), -1), 2)
	return s.from + int(math.Round(share*float64(s.to-s.from)))
}

// holds reports whether a value lies on the scale.
func (s *scale) holds(v float64) bool { return v >= s.lo && v <= s.hi }

// fit makes the scale span the values, with some room; limits, if given, are kept exactly.
func fitScale(values []float64, log bool, limits []float64) scale {
	s := scale{log: log}
	if len(limits) == 2 {
		s.lo, s.hi = limits[0], limits[1]
		return s
	}
	s.lo, s.hi = math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if !log || v > 0 {
			s.lo, s.hi = math.Min(s.lo, v), math.Max(s.hi, v)
		}
	}
	switch {
	case s.lo > s.hi:
		s.lo, s.hi = 0, 1
		if log {
			s.lo, s.hi = 1, 10
		}
	case log:
		room := kernel.Exp64((kernel.Log64(s.hi) - kernel.Log64(s.lo)) / 20)
		if equal(s.lo, s.hi) {
			room = 2
		}
		s.lo, s.hi = math.Max(s.lo/room, math.SmallestNonzeroFloat64), math.Min(float64(s.hi*room), math.MaxFloat64)
	default:
		room := (s.hi - s.lo) / 25
		if equal(s.lo, s.hi) {
			room = math.Max(math.Abs(s.lo)/2, 0.5)
		}
		s.lo, s.hi = s.lo-room, s.hi+room
	}
	return s
}

// equal reports whether numbers are equal up to rounding, so that no axis could tell them apart.
func equal(low, high float64) bool {
	return high-low <= 1e-12*math.Max(math.Abs(low), math.Abs(high))
}

// categories gives a scale on which names stand side by side.
func categories(names []string) scale {
	return scale{lo: -0.5, hi: float64(len(names)) - 0.5, names: names}
}

// A tick is a marked value; one without a text is a smaller one.
type tick struct {
	value float64
	text  string
	mute  bool // the text is not written, as there is no room for it
}

// ticksWithin gives at most about few marked values, and more if these are less than three texts, but
// at most about most.
func (s *scale) ticksWithin(few, most int) []tick {
	few = max(few, 2)
	list := s.ticks(few)
	for n := few + 1; n <= most && labelled(list) < 3 && s.names == nil; n++ {
		list = s.ticks(n)
	}
	return list
}

// ticks gives about n marked values on round numbers.
func (s *scale) ticks(n int) []tick {
	if s.names != nil {
		list := make([]tick, len(s.names))
		for i, name := range s.names {
			list[i] = tick{value: float64(i), text: name}
		}
		return list
	}
	if s.log {
		if list := s.logTicks(); labelled(list) >= 2 {
			return list
		}
	}
	step, power := roundStep((s.hi-s.lo)/float64(max(n, 1)), s.hi-s.lo, n)
	unit := decimal(step, power)
	var list []tick
	for i := math.Ceil(s.lo / unit); len(list) < 50; i++ {
		v := decimal(int64(i)*step, power)
		if n := len(list); v > s.hi || n > 0 && v <= list[n-1].value {
			break // at the end, or the steps are below what numbers tell apart
		}
		list = append(list, tick{value: v, text: numberText(v)})
	}
	return list
}

// roundStep gives the least step of 1, 2 or 5 times a power of ten that is at least the given one.
func roundStep(least, span float64, n int) (step int64, power int) {
	if !(least > 0) || math.IsInf(least, 0) {
		return 1, 0
	}
	_, exponent, _ := strings.Cut(strconv.FormatFloat(least, 'e', -1, 64), "e")
	power, err := strconv.Atoi(exponent)
	if err != nil {
		return 1, 0
	}
	for _, step := range []int64{1, 2, 5} {
		// the slack keeps a span of exactly n steps at n steps, whatever the last bit
		if decimal(step, power) >= least*(1-1e-9) {
			return step, power
		}
	}
	return 1, power + 1
}

// decimal gives n times ten to a power, rounded correctly.
func decimal(n int64, power int) float64 {
	v, err := strconv.ParseFloat(strconv.FormatInt(n, 10)+"e"+strconv.Itoa(power), 64)
	if err != nil {
		return math.Inf(1) // beyond the range of numbers
	}
	return v
}

// logTicks marks powers of ten, on short scales also twice and five times them; the other multiples
// get small marks.
func (s *scale) logTicks() []tick {
	var list []tick
	decades := (kernel.Log64(s.hi) - kernel.Log64(s.lo)) / math.Ln10
	every := 1 + int(decades/7)
	for power := -320; power < 309; power++ {
		for m := int64(1); m < 10; m++ {
			v := decimal(m, power)
			if !s.holds(v) {
				continue
			}
			t := tick{value: v}
			if m == 1 && power%every == 0 || decades < 2.5 && (m == 2 || m == 5) {
				t.text = numberText(v)
			} else if decades > 4 {
				continue
			}
			list = append(list, t)
		}
	}
	return list
}

func labelled(list []tick) (n int) {
	for _, t := range list {
		if t.text != "" {
			n++
		}
	}
	return n
}

// numberText writes a number for people: 20,000 and 0.05, beyond that 1e6 or 2e−5.
func numberText(v float64) string {
	abs := math.Abs(v)
	sign := ""
	if v < 0 {
		sign = "−"
	}
	if abs != 0 && (abs >= 1e6 || abs < 1e-4) {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(abs, 'e', -1, 64), "e")
		if power, err := strconv.Atoi(exponent); err == nil {
			return sign + mantissa + "e" + strings.Replace(strconv.Itoa(power), "-", "−", 1)
		}
	}
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(abs, 'f', -1, 64), ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		whole += "." + fraction
	}
	return sign + whole
}

// short writes a number with at most three significant digits.
func short(v float64) string {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return numberText(v)
	}
	return numberText(rounded)
}
