package boolean

import (
	"math/big"
	"math/bits"

	"spurion/stages/kernel"
)

// A form is a function made ready to be evaluated and inverted on packed rows.
type form struct {
	kind   string
	degree int
	// tails is for staircases and majorities of even degree: tails[y][i] is the probability, times
	// 2^63, that at most first[y]+i of the degree fair coins show +1, given that the value is y.
	tails [2][]uint64
	first [2]int
	// preimages[y] lists the inputs of value y, as packed bits, for truth tables and in place of
	// tails for small degrees. Bit i of table is the truth table's value at the input i.
	preimages [2][]uint16
	table     []uint64
}

// listedDegree is the largest degree of a biased staircase or majority whose inputs are listed.
const listedDegree = 14

// form compiles the function, which must be without problems.
func (f Function) form() form {
	m := form{kind: f.Type, degree: f.Reads()}
	switch f.Type {
	case Staircase, Majority:
		if m.degree%2 == 0 && m.degree <= listedDegree {
			for i := range 1 << m.degree {
				y := m.value([]uint64{uint64(i)}, 0)
				m.preimages[y] = append(m.preimages[y], uint16(i))
			}
		} else if m.degree%2 == 0 {
			m.first = [2]int{0, m.degree / 2}
			m.tails[0] = binomialTails(m.degree, 0, m.degree/2-1)
			m.tails[1] = binomialTails(m.degree, m.degree/2, m.degree)
		}
	case TruthTable:
		m.table = make([]uint64, (len(f.Table)+63)/64)
		for i := range len(f.Table) {
			// In the table's index x_1 is the highest bit, in a packed row the lowest.
			packed := bits.Reverse64(uint64(i)) >> (64 - uint(m.degree))
			y := uint64(f.Table[i] - '0')
			m.table[packed>>6] |= y << (packed & 63)
			m.preimages[y] = append(m.preimages[y], uint16(packed))
		}
	}
	return m
}

// binomialTails gives the distribution function, times 2^63 and rounded down, of the number of
// heads of d fair coins given that it lies in [lo, hi].
func binomialTails(d, lo, hi int) []uint64 {
	sums := make([]*big.Int, 0, hi-lo+1)
	term, sum := new(big.Int).Binomial(int64(d), int64(lo)), new(big.Int)
	for k := lo; k <= hi; k++ {
		sum = new(big.Int).Add(sum, term)
		sums = append(sums, sum)
		term = new(big.Int).Mul(term, big.NewInt(int64(d-k)))
		term.Quo(term, big.NewInt(int64(k+1)))
	}
	tails := make([]uint64, len(sums))
	for i, s := range sums {
		q := new(big.Int).Lsh(s, 63)
		tails[i] = q.Quo(q, sum).Uint64()
	}
	return tails
}

// value gives the function's value, 0 or 1, on the block of a row that starts at bit off.
func (f *form) value(row []uint64, off int) int8 {
	switch f.kind {
	case Parity:
		return int8(^(f.degree - count(row, off, f.degree)) & 1)
	case Majority:
		return atLeastHalf(count(row, off, f.degree), f.degree)
	case Staircase:
		return atLeastHalf(countPrefixes(row, off, f.degree), f.degree)
	}
	i := uint64(0)
	if f.degree > 0 { // else the block may be empty and off past the row
		i = field(row, off, f.degree)
	}
	return int8(f.table[i>>6] >> (i & 63) & 1)
}

// atLeastHalf gives sign(2*ones - n), 1 for +1, with sign(0) = +1.
func atLeastHalf(ones, n int) int8 {
	if 2*ones >= n {
		return 1
	}
	return 0
}

// countPrefixes gives the number of prefix products that are +1.
func countPrefixes(row []uint64, off, n int) int {
	ones, carry := 0, uint64(0)
	for i := 0; i < n; i += 64 {
		m := min(64, n-i)
		negative := prefixParities(field(row, off+i, m)^lowMask(m)) ^ carry
		ones += bits.OnesCount64(^negative & lowMask(m))
		carry = -(negative >> 63)
	}
	return ones
}

// forceAll changes blocks whose bits are uniform so that block r is uniform on the inputs of value
// want[r]; there must be such inputs. This is exact, but for staircases and majorities of even
// degree above listedDegree, where it is exact to within 2^-63. Blocks start at bit off of rows of
// stride words.
//
// A block that has its value already is left as it is: given that, it is as it should be. Else a
// parity, and a staircase of odd degree, change sign with the first coordinate, and a majority of
// odd degree with all: maps one to one from the inputs of one value to those of the other. For the
// rest an input of the value is drawn anew.
func (f *form) forceAll(packed []uint64, stride, off int, want []int8, stream *kernel.Stream) {
	word, shift := off>>6, uint(off&63)
	if f.degree == 0 || int(shift)+f.degree > 64 || f.preimages[0] != nil || f.preimages[1] != nil || f.degree%2 == 0 && f.kind != Parity {
		for r, y := range want {
			f.force(packed[r*stride:(r+1)*stride], off, y, stream)
		}
		return
	}
	// The block is within a word and its sign can be turned by turning fixed bits: no branches.
	mask, turn := lowMask(f.degree)<<shift, uint64(1)<<shift
	switch f.kind {
	case Parity:
		for r, y := range want {
			at := r*stride + word
			minus := bits.OnesCount64(^packed[at] & mask)
			packed[at] ^= turn * uint64((minus^int(y)^1)&1)
		}
	case Staircase:
		for r, y := range want {
			at := r*stride + word
			minus := bits.OnesCount64(prefixParities(^packed[at]&mask) & mask)
			packed[at] ^= turn * (reached(uint64(f.degree), uint64(2*minus)) ^ uint64(y))
		}
	case Majority:
		for r, y := range want {
			at := r*stride + word
			minus := bits.OnesCount64(^packed[at] & mask)
			packed[at] ^= mask & -(reached(uint64(f.degree), uint64(2*minus)) ^ uint64(y))
		}
	}
}

// force is forceAll for one row.
func (f *form) force(row []uint64, off int, y int8, stream *kernel.Stream) {
	if f.value(row, off) == y {
		return
	}
	if list := f.preimages[y]; list != nil {
		setField(row, off, f.degree, uint64(list[stream.IntN(len(list))]))
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
	}
}

// redraw draws the number of ones anew from its distribution given y, and turns as many bits,
// chosen at random, as that takes. Given their number, the ones were at random places, and so
// they are after it.
func (f *form) redraw(row []uint64, off int, y int8, stream *kernel.Stream) {
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
