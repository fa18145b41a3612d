package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// transposeFunction emits the transposition of lanes rows, four columns at a time. Blocks of 4 by 4
// are gathered from memory so that the transposition stays within 128-bit lanes.
func transposeFunction(m machine) {
	m.text("transposeRows", "func(dst *float32, ldd uintptr, src *float32, lds uintptr, quads uintptr)",
		"is Transpose of as many rows as a vector has lanes, and 4*quads columns; strides are in bytes.")
	src, lds, dst, ldd, quads := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("src"), src)
	Load(Param("lds"), lds)
	Load(Param("dst"), dst)
	Load(Param("ldd"), ldd)
	Load(Param("quads"), quads)
	triple, ldd3 := GP64(), GP64()
	LEAQ(Mem{Base: lds, Index: lds, Scale: 2}, triple)
	LEAQ(Mem{Base: ldd, Index: ldd, Scale: 2}, ldd3)
	bases := []reg.GPVirtual{src}
	for i := 3; i < m.lanes; i += 3 {
		base := GP64()
		LEAQ(Mem{Base: bases[len(bases)-1], Index: triple, Scale: 1}, base)
		bases = append(bases, base)
	}
	row := func(i int) Mem {
		mem := Mem{Base: bases[i/3]}
		if i%3 > 0 {
			mem.Index, mem.Scale = lds, uint8(i%3)
		}
		return mem
	}

	Label("quad")
	TESTQ(quads, quads)
	JZ(LabelRef("done"))
	var z [4]reg.VecVirtual // rows q, q+4, q+8, q+12
	for q := range z {
		z[q] = m.vec()
		VMOVUPS(row(q), z[q].AsX())
		for lane := 1; lane < m.lanes/4; lane++ {
			if m.wide() {
				VINSERTF32X4(U8(lane), row(4*lane+q), z[q], z[q])
			} else {
				VINSERTF128(U8(lane), row(4*lane+q), z[q], z[q])
			}
		}
	}
	low01, high01, low23, high23 := m.vec(), m.vec(), m.vec(), m.vec()
	VUNPCKLPS(z[1], z[0], low01)
	VUNPCKHPS(z[1], z[0], high01)
	VUNPCKLPS(z[3], z[2], low23)
	VUNPCKHPS(z[3], z[2], high23)
	out := func(to Mem, emit func(a, b, c Op), low, high reg.VecVirtual) {
		v := m.vec()
		emit(high, low, v)
		VMOVUPS(v, to)
	}
	lower := func(a, b, c Op) { VUNPCKLPD(a, b, c) }
	upper := func(a, b, c Op) { VUNPCKHPD(a, b, c) }
	out(Mem{Base: dst}, lower, low01, low23)
	out(Mem{Base: dst, Index: ldd, Scale: 1}, upper, low01, low23)
	out(Mem{Base: dst, Index: ldd, Scale: 2}, lower, high01, high23)
	out(Mem{Base: dst, Index: ldd3, Scale: 1}, upper, high01, high23)
	LEAQ(Mem{Base: dst, Index: ldd, Scale: 4}, dst)
	for _, base := range bases {
		ADDQ(U8(16), base)
	}
	DECQ(quads)
	JMP(LabelRef("quad"))
	Label("done")
	done()
}
