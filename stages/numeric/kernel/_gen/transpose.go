package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A turner transposes as many rows as a vector has lanes, four columns at a time. Blocks of 4 by 4 are
// gathered from memory so that the transposition stays within 128-bit lanes.
type turner struct {
	machine
	bases  []reg.GPVirtual // rows i, i+1, i+2 are reached from bases[i/3]
	stride reg.GPVirtual
}

// newTurner begins at the first of rows that lie stride bytes apart; it changes first.
func newTurner(m machine, first, stride reg.GPVirtual) *turner {
	t := &turner{machine: m, bases: []reg.GPVirtual{first}, stride: stride}
	triple := GP64()
	LEAQ(Mem{Base: stride, Index: stride, Scale: 2}, triple)
	for i := 3; i < m.lanes; i += 3 {
		base := GP64()
		LEAQ(Mem{Base: t.bases[len(t.bases)-1], Index: triple, Scale: 1}, base)
		t.bases = append(t.bases, base)
	}
	return t
}

func (t *turner) row(i int) Mem {
	mem := Mem{Base: t.bases[i/3]}
	if i%3 > 0 {
		mem.Index, mem.Scale = t.stride, uint8(i%3)
	}
	return mem
}

// columns gives the next four columns.
func (t *turner) columns() [4]reg.VecVirtual {
	var z [4]reg.VecVirtual // rows q, q+4, q+8, q+12
	for q := range z {
		z[q] = t.vec()
		VMOVUPS(t.row(q), z[q].AsX())
		for lane := 1; lane < t.lanes/4; lane++ {
			if t.wide {
				VINSERTF32X4(U8(lane), t.row(4*lane+q), z[q], z[q])
			} else {
				VINSERTF128(U8(lane), t.row(4*lane+q), z[q], z[q])
			}
		}
	}
	for _, base := range t.bases {
		ADDQ(U8(16), base)
	}
	low01, high01, low23, high23 := t.vec(), t.vec(), t.vec(), t.vec()
	VUNPCKLPS(z[1], z[0], low01)
	VUNPCKHPS(z[1], z[0], high01)
	VUNPCKLPS(z[3], z[2], low23)
	VUNPCKHPS(z[3], z[2], high23)
	out := [4]reg.VecVirtual{t.vec(), t.vec(), t.vec(), t.vec()}
	VUNPCKLPD(low23, low01, out[0])
	VUNPCKHPD(low23, low01, out[1])
	VUNPCKLPD(high23, high01, out[2])
	VUNPCKHPD(high23, high01, out[3])
	return out
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
	t := newTurner(m, src, lds)
	Label("quad")
	TESTQ(quads, quads)
	JZ(LabelRef("done"))
	columns := t.columns()
	for i, to := range []Mem{{Base: dst}, {Base: dst, Index: ldd, Scale: 1}, {Base: dst, Index: ldd, Scale: 2}, {Base: dst, Index: ldd3, Scale: 1}} {
		VMOVUPS(columns[i], to)
	}
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, dst)
	DECQ(quads)
	JMP(LabelRef("quad"))
	Label("done")
	done()
}

// logitPairFunction emits LogitPair of as many rows as a vector has lanes; columns are turned in registers.
func logitPairFunction(m machine) {
	m.text("logitPairRows", "func(logits *float32, apart uintptr, h *float32, ldh uintptr, w *float32, quads uintptr)",
		"continues the chains of LogitPair at logits and logits+apart, for as many rows as a vector has lanes and 4*quads columns; apart and ldh are in bytes.")
	logits, apart, h, ldh, w, quads := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("logits"), logits)
	Load(Param("apart"), apart)
	Load(Param("h"), h)
	Load(Param("ldh"), ldh)
	Load(Param("w"), w)
	Load(Param("quads"), quads)
	t := newTurner(m, h, ldh)
	places := []Mem{{Base: logits}, {Base: logits, Index: apart, Scale: 1}}
	sums := []reg.VecVirtual{m.vec(), m.vec()}
	for o, place := range places {
		VMOVUPS(place, sums[o])
	}
	Label("quad")
	TESTQ(quads, quads)
	JZ(LabelRef("done"))
	for i, column := range t.columns() {
		for o, sum := range sums {
			weight := Mem{Base: w, Disp: 4 * (2*i + o)}
			if m.wide {
				VFMADD231PS_BCST(weight, column, sum)
			} else {
				x := m.vec()
				VBROADCASTSS(weight, x)
				VFMADD231PS(x, column, sum)
			}
		}
	}
	ADDQ(U8(32), w)
	DECQ(quads)
	JMP(LabelRef("quad"))
	Label("done")
	for o, place := range places {
		VMOVUPS(sums[o], place)
	}
	done()
}
