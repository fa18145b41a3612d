package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A turner transposes blocks of as many rows as a vector has lanes, four columns at a time. Blocks of 4 by 4 are
// gathered from memory so that the transposition stays within 128-bit lanes.
type turner struct {
	machine
	bases   []reg.GPVirtual // of rows 0, 9, 18 and 27
	strides []reg.GPVirtual // 1, 3, 5 and 7 times the distance of rows
}

// newTurner begins at the first of up to 32 rows that lie stride bytes apart; it changes first.
func newTurner(m machine, first, stride reg.GPVirtual, rows int) *turner {
	t := &turner{machine: m, bases: []reg.GPVirtual{first}, strides: []reg.GPVirtual{stride}}
	for i := range 3 {
		next := GP64()
		LEAQ(Mem{Base: t.strides[i], Index: stride, Scale: 2}, next)
		t.strides = append(t.strides, next)
	}
	for i := 9; i < rows; i += 9 {
		base := GP64()
		LEAQ(Mem{Base: t.bases[len(t.bases)-1], Index: t.strides[1], Scale: 2}, base) // six rows on
		ADDQ(t.strides[1], base)
		t.bases = append(t.bases, base)
	}
	return t
}

// row addresses a row by the nearest base that a multiple of a stride leads from.
func (t *turner) row(i int) Mem {
	for k := len(t.bases) - 1; k >= 0; k-- {
		apart := i - 9*k
		if apart == 0 {
			return Mem{Base: t.bases[k]}
		}
		for j, stride := range t.strides {
			for _, scale := range []int{1, 2, 4, 8} {
				if apart == scale*(2*j+1) {
					return Mem{Base: t.bases[k], Index: stride, Scale: uint8(scale)}
				}
			}
		}
	}
	panic("no base leads to the row")
}

// next goes on by so many columns.
func (t *turner) next(columns int) {
	for _, base := range t.bases {
		ADDQ(U8(4*columns), base)
	}
}

// columns gives the four columns of a block of rows.
func (t *turner) columns(block int) [4]reg.VecVirtual {
	first := block * t.lanes
	var z [4]reg.VecVirtual // rows q, q+4, q+8, q+12
	for q := range z {
		z[q] = t.vec()
		if t.wide { // all of z, or avo would take it for alive before
			VBROADCASTF32X4(t.row(first+q), z[q])
		} else {
			VBROADCASTF128(t.row(first+q), z[q])
		}
		for lane := 1; lane < t.lanes/4; lane++ {
			if t.wide {
				VINSERTF32X4(U8(lane), t.row(first+4*lane+q), z[q], z[q])
			} else {
				VINSERTF128(U8(lane), t.row(first+4*lane+q), z[q], z[q])
			}
		}
	}
	return t.turnFours(z)
}

// turnFours transposes the blocks of 4 by 4 that lie in the quarters of four vectors.
func (m machine) turnFours(z [4]reg.VecVirtual) [4]reg.VecVirtual {
	low01, high01, low23, high23 := m.vec(), m.vec(), m.vec(), m.vec()
	VUNPCKLPS(z[1], z[0], low01)
	VUNPCKHPS(z[1], z[0], high01)
	VUNPCKLPS(z[3], z[2], low23)
	VUNPCKHPS(z[3], z[2], high23)
	out := [4]reg.VecVirtual{m.vec(), m.vec(), m.vec(), m.vec()}
	VUNPCKLPD(low23, low01, out[0])
	VUNPCKHPD(low23, low01, out[1])
	VUNPCKLPD(high23, high01, out[2])
	VUNPCKHPD(high23, high01, out[3])
	return out
}

// sixteen gives 16 columns of a block of 16 rows, by whole rows: half as many loads and shuffles as by columns.
func (t *turner) sixteen(block int) []reg.VecVirtual {
	var fours [4][4]reg.VecVirtual // of rows 4q to 4q+3: column c in the first quarter, 4+c in the second, ...
	for q := range fours {
		var rows [4]reg.VecVirtual
		for i := range rows {
			rows[i] = t.vec()
			VMOVUPS(t.row(16*block+4*q+i), rows[i])
		}
		fours[q] = t.turnFours(rows)
	}
	columns := make([]reg.VecVirtual, 16)
	for c := range 4 {
		low, high := t.vec(), t.vec() // first and second quarters of two vectors, of the other two
		VSHUFF32X4(U8(0x44), fours[1][c], fours[0][c], low)
		VSHUFF32X4(U8(0x44), fours[3][c], fours[2][c], high)
		columns[c], columns[4+c] = t.vec(), t.vec()
		VSHUFF32X4(U8(0x88), high, low, columns[c])
		VSHUFF32X4(U8(0xdd), high, low, columns[4+c])
		low, high = t.vec(), t.vec() // third and fourth quarters
		VSHUFF32X4(U8(0xee), fours[1][c], fours[0][c], low)
		VSHUFF32X4(U8(0xee), fours[3][c], fours[2][c], high)
		columns[8+c], columns[12+c] = t.vec(), t.vec()
		VSHUFF32X4(U8(0x88), high, low, columns[8+c])
		VSHUFF32X4(U8(0xdd), high, low, columns[12+c])
	}
	return columns
}

func transposeFunction(m machine) {
	m.text("transposeRows", "func(dst *float32, ldd uintptr, src *float32, lds uintptr, quads uintptr)",
		"is Transpose of as many rows as a vector has lanes, and 4*quads columns; strides are in bytes.")
	src, lds, dst, ldd, quads := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("src"), src)
	Load(Param("lds"), lds)
	Load(Param("dst"), dst)
	Load(Param("ldd"), ldd)
	Load(Param("quads"), quads)
	ldd3 := GP64()
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)
	t := newTurner(m, src, lds, m.lanes)
	Label("quad")
	TESTQ(quads, quads)
	JZ(LabelRef("done"))
	columns := t.columns(0)
	t.next(4)
	for i, to := range []Mem{{Base: dst}, {Base: dst, Index: ldd, Scale: 1}, {Base: dst, Index: ldd, Scale: 2}, {Base: dst, Index: ldd3, Scale: 1}} {
		VMOVUPS(columns[i], to)
	}
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, dst)
	DECQ(quads)
	JMP(LabelRef("quad"))
	Label("done")
	done()
}

// logitPairFunctions emit LogitPair of as many rows as one vector has lanes, and two; columns are turned in registers. Two
// vectors of rows are four chains, of which each waits for itself: half as long as two chains for each row.
func logitPairFunctions(m machine) {
	logitPair(m, "logitPairRows", 1)
	logitPair(m, "logitPairTwice", 2)
}

func logitPair(m machine, name string, blocks int) {
	m.text(name, "func(logits *float32, apart uintptr, h *float32, ldh uintptr, w *float32, quads uintptr)",
		fmt.Sprintf("continues the chains of LogitPair at logits and logits+apart, for the rows of %d vectors and 4*quads columns; apart and ldh are in bytes.", blocks))
	logits, apart, h, ldh, w, quads := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("logits"), logits)
	Load(Param("apart"), apart)
	Load(Param("h"), h)
	Load(Param("ldh"), ldh)
	Load(Param("w"), w)
	Load(Param("quads"), quads)
	t := newTurner(m, h, ldh, blocks*m.lanes)
	var places []Mem
	var sums []reg.VecVirtual
	for b := range blocks {
		for _, place := range []Mem{{Base: logits}, {Base: logits, Index: apart, Scale: 1}} {
			places = append(places, place.Offset(b*m.bytes()))
			sums = append(sums, m.vec())
		}
	}
	for i, place := range places {
		VMOVUPS(place, sums[i])
	}
	multiply := func(column, sum reg.VecVirtual, weight Mem) {
		if m.wide {
			VFMADD231PS_BCST(weight, column, sum)
			return
		}
		x := m.vec()
		VBROADCASTSS(weight, x)
		VFMADD231PS(x, column, sum)
	}
	step := func(columns func(block int) []reg.VecVirtual, count int) {
		for b := range blocks {
			for i, column := range columns(b) {
				for o := range 2 {
					multiply(column, sums[2*b+o], Mem{Base: w, Disp: 4 * (2*i + o)})
				}
			}
		}
		t.next(count)
		ADDQ(U32(8*count), w)
	}
	if m.wide {
		Label("sixteen")
		CMPQ(quads, U8(4))
		JB(LabelRef("quad"))
		step(t.sixteen, 16)
		SUBQ(U8(4), quads)
		JMP(LabelRef("sixteen"))
	}
	Label("quad")
	TESTQ(quads, quads)
	JZ(LabelRef("done"))
	step(func(b int) []reg.VecVirtual { four := t.columns(b); return four[:] }, 4)
	DECQ(quads)
	JMP(LabelRef("quad"))
	Label("done")
	for i, place := range places {
		VMOVUPS(sums[i], place)
	}
	done()
}
