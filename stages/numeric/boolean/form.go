package boolean

import (
	"math/big"
	"math/bits"
	"slices"

	"spurion/stages/numeric/kernel"
)

// A Form is a function made ready to be evaluated and inverted on packed rows.
type Form struct {
	kind   string
	degree int
	// tails is for staircases and majorities of even degree: tails[y][i] is the probability, times
	// 2^63, that at most first[y]+i of the degree fair coins show +1, given that the value is y.
	tails [2][]uint64
	first [2]int
	// For functions known by their table, and in place of tails for small degrees: bit i of table is
	// the value at the input whose packed bits are i, and preimages[y] lists those of value y.
	preimages [2][]uint32
	table     []uint64
	// flip is 1 if the function is the opposite of all this.
	flip int16
	// parts are the factors of a product that is not listed, one after the other; turner is one whose
	// sign turns without a draw.
	parts  []Form
	turner int
}

// listedDegree is the largest degree of a biased staircase or majority whose inputs are listed.
const listedDegree = 14

// Form compiles the function, which must be without problems.
func (f Function) Form() Form {
	m := Form{kind: f.Type, degree: f.Reads()}
	switch f.Type {
	case Parity, And, Or:
	case Staircase, Majority:
		if m.degree%2 == 0 && m.degree <= listedDegree {
			m.list(f.tabulateByValue(m))
		} else if m.degree%2 == 0 {
			m.first = [2]int{0, m.degree / 2}
			m.tails[0] = binomialTails(m.degree, 0, m.degree/2-1)
			m.tails[1] = binomialTails(m.degree, m.degree/2, m.degree)
		}
	case Not:
		m = f.Of.Form()
		m.flip ^= 1
	case Xor:
		if !f.turns() {
			m.list(f.tabulate())
			break
		}
		m.parts = []Form{f.Of.Form(), f.With.Form()}
		if !f.Of.turns() {
			m.turner = 1
		}
	default:
		m.list(f.tabulate())
	}
	if f.Type == TruthTable { // its inputs are listed as its characters are written: samples depend on it
		for y := range m.preimages {
			for k, i := range m.preimages[y] {
				m.preimages[y][k] = reversed(i, m.degree)
			}
			slices.Sort(m.preimages[y])
			for k, i := range m.preimages[y] {
				m.preimages[y][k] = reversed(i, m.degree)
			}
		}
	}
	return m
}

// reversed gives the d lowest bits of i, the other bits of which are zero, in reverse order.
func reversed(i uint32, d int) uint32 { return uint32(uint64(bits.Reverse32(i)) >> (32 - uint(d))) }

// tabulateByValue gives the table of a function from its form, which has none yet.
func (f Function) tabulateByValue(m Form) []uint64 {
	table, row := make([]uint64, (1<<m.degree+63)/64), make([]uint64, 1)
	for i := range uint64(1) << m.degree {
		row[0] = i
		table[i>>6] |= uint64(m.Value(row, 0)) << (i & 63)
	}
	return table
}

// list notes a table, and the inputs of each value.
func (f *Form) list(table []uint64) {
	f.table = table
	ones := 0
	for _, word := range table {
		ones += bits.OnesCount64(word)
	}
	f.preimages = [2][]uint32{make([]uint32, 0, 1<<f.degree-ones), make([]uint32, 0, ones)}
	for i := range uint32(1) << f.degree {
		y := table[i>>6] >> (i & 63) & 1
		f.preimages[y] = append(f.preimages[y], i)
	}
}

// turns reports whether the function's sign turns with some of its coordinates, so that an input of
// one value leads to one of the other, one to one, without a draw (see Force).
func (f Function) turns() bool {
	switch f.Type {
	case Parity:
		return true
	case Staircase, Majority:
		return f.Degree%2 == 1
	case Not:
		return f.Of.turns()
	case Xor:
		return f.Of.turns() || f.With.turns()
	}
	return false
}

// binomialTails gives the distribution function, times 2^63 and rounded down, of the number of
// heads of d fair coins given that it lies in [lo, hi].
func binomialTails(d, lo, hi int) []uint64 {
	first := new(big.Int).Binomial(int64(d), int64(lo))
	// each calls use with the sum of the terms up to each k. Nothing else is kept: they are long.
	each := func(use func(i int, sum *big.Int)) *big.Int {
		term, sum, factor := new(big.Int).Set(first), new(big.Int), new(big.Int)
		for k := lo; k <= hi; k++ {
			sum.Add(sum, term)
			if use != nil {
				use(k-lo, sum)
			}
			term.Mul(term, factor.SetInt64(int64(d-k)))
			term.Quo(term, factor.SetInt64(int64(k+1)))
		}
		return sum
	}
	all := each(nil)
	tails, scaled := make([]uint64, hi-lo+1), new(big.Int)
	each(func(i int, sum *big.Int) {
		scaled.Lsh(sum, 63)
		tails[i] = scaled.Quo(scaled, all).Uint64()
	})
	return tails
}

// Value gives the function's value, 0 or 1, on the block of a row that starts at bit off.
func (f *Form) Value(row []uint64, off int) int16 { return f.raw(row, off) ^ f.flip }

// raw is Value before it is flipped.
func (f *Form) raw(row []uint64, off int) int16 {
	if f.parts != nil {
		return 1 ^ f.parts[0].Value(row, off) ^ f.parts[1].Value(row, off+f.parts[0].degree)
	}
	switch f.kind {
	case Parity:
		return int16(^(f.degree - count(row, off, f.degree)) & 1)
	case Majority:
		return atLeastHalf(count(row, off, f.degree), f.degree)
	case Staircase:
		return atLeastHalf(countPrefixes(row, off, f.degree), f.degree)
	case And:
		return isTrue(count(row, off, f.degree) == f.degree)
	case Or:
		return isTrue(count(row, off, f.degree) > 0)
	}
	i := uint64(0)
	if f.degree > 0 { // else the block may be empty and off past the row
		i = field(row, off, f.degree)
	}
	return int16(f.table[i>>6] >> (i & 63) & 1)
}

// atLeastHalf gives sign(2*ones - n), 1 for +1, with sign(0) = +1.
func atLeastHalf(ones, n int) int16 { return isTrue(2*ones >= n) }

func isTrue(b bool) int16 {
	if b {
		return 1
	}
	return 0
}

// countPrefixes gives the number of prefix products that are +1.
func countPrefixes(row []uint64, off, n int) int {
	ones, carry := 0, uint64(0)
	for i := 0; i < n; i += 64 {
		m := min(64, n-i)
		negative := prefixParities(field(row, off+i, m)^LowMask(m)) ^ carry
		ones += bits.OnesCount64(^negative & LowMask(m))
		carry = -(negative >> 63)
	}
	return ones
}

// Force changes blocks whose bits are uniform so that block r is uniform on the inputs of value
// want[r]; there must be such inputs. This is exact, but for staircases and majorities of even
// degree above listedDegree, where it is exact to within 2^-63. Blocks start at bit off of rows of
// stride words.
//
// A block that has its value already is left as it is: given that, it is as it should be. Else a
// parity, and a staircase of odd degree, change sign with the first coordinate, and a majority of
// odd degree with all: maps one to one from the inputs of one value to those of the other. A product
// with such a factor turns that factor. For the rest an input of the value is drawn anew.
func (f *Form) Force(packed []uint64, stride, off int, want []int16, stream *kernel.Stream) {
	word, shift := off>>6, uint(off&63)
	listed, flip := f.table != nil, f.flip
	conjunction := f.kind == And || f.kind == Or
	if f.degree == 0 || conjunction || f.parts != nil || int(shift)+f.degree > 64 || f.degree%2 == 0 && f.kind != Parity && !listed {
		for r, y := range want {
			f.forceRow(packed[r*stride:(r+1)*stride], off, y, stream)
		}
		return
	}
	// The block is within a word, and its inputs are listed or turning fixed bits turns its sign.
	mask, turn := LowMask(f.degree)<<shift, uint64(1)<<shift
	switch {
	case listed:
		for r, y := range want {
			at := r*stride + word
			if v := packed[at] & mask >> shift; int16(f.table[v>>6]>>(v&63)&1)^flip != y {
				list := f.preimages[y^flip]
				packed[at] = packed[at]&^mask | uint64(list[stream.IntN(len(list))])<<shift
			}
		}
	case f.kind == Parity:
		for r, y := range want {
			at := r*stride + word
			minus := bits.OnesCount64(^packed[at] & mask)
			packed[at] ^= turn * uint64((minus^int(y^flip)^1)&1)
		}
	case f.kind == Staircase:
		for r, y := range want {
			at := r*stride + word
			minus := bits.OnesCount64(prefixParities(^packed[at]&mask) & mask)
			packed[at] ^= turn * (reached(uint64(f.degree), uint64(2*minus)) ^ uint64(y^flip))
		}
	case f.kind == Majority:
		for r, y := range want {
			at := r*stride + word
			minus := bits.OnesCount64(^packed[at] & mask)
			packed[at] ^= mask & -(reached(uint64(f.degree), uint64(2*minus)) ^ uint64(y^flip))
		}
	}
}

// forceRow is Force for one row.
func (f *Form) forceRow(row []uint64, off int, y int16, stream *kernel.Stream) {
	if y ^= f.flip; f.raw(row, off) == y {
		return
	}
	switch {
	case f.table != nil:
		list := f.preimages[y]
		setField(row, off, f.degree, uint64(list[stream.IntN(len(list))]))
		return
	case f.parts != nil:
		for range f.turner {
			off += f.parts[0].degree
		}
		part := &f.parts[f.turner]
		part.forceRow(row, off, 1^part.Value(row, off), stream)
		return
	}
	switch f.kind {
	case Parity:
		flipBit(row, off)
	case Majority:
		invert(row, off, f.degree)
		if f.degree%2 == 0 {
			f.redraw(row, off, y, stream)
		}
	case Staircase:
		flipBit(row, off) // inverts every prefix product
		if f.degree%2 == 0 {
			toPrefixes(row, off, f.degree)
			f.redraw(row, off, y, stream)
			fromPrefixes(row, off, f.degree)
		}
	case And, Or:
		f.conjoin(row, off, y, stream)
	}
}

// conjoin sets a block to the only input on which an and is +1 (an or is -1), or to one of the others.
func (f *Form) conjoin(row []uint64, off int, y int16, stream *kernel.Stream) {
	v := uint64(0)
	if (f.kind == And) == (y == 0) {
		v = uint64(stream.IntN(1<<f.degree - 1)) // not all ones
	} else {
		v = LowMask(f.degree)
	}
	if f.kind == Or {
		v ^= LowMask(f.degree)
	}
	setField(row, off, f.degree, v)
}

// redraw draws the number of ones anew from its distribution given y, and turns as many bits,
// chosen at random, as that takes. Given their number, the ones were at random places, and so
// they are after it.
func (f *Form) redraw(row []uint64, off int, y int16, stream *kernel.Stream) {
	u := stream.Uint64() >> 1
	tails := f.tails[y]
	lo, hi := 0, len(tails)-1 // the first i with u < tails[i]
	for lo < hi {
		if mid := (lo + hi) / 2; u < tails[mid] {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	want := f.first[y] + lo
	ones := count(row, off, f.degree)
	for ; ones > want; ones-- {
		flipNth(row, off, f.degree, 1, stream.IntN(ones))
	}
	for ; ones < want; ones++ {
		flipNth(row, off, f.degree, 0, stream.IntN(f.degree-ones))
	}
}

// reached gives 1 if u >= cut, else 0; both are below 2^63+1. It compiles to no branch.
func reached(u, cut uint64) uint64 { return 1 - (u-cut)>>63 }
