package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// alongFunction emits SignIndex for one word of columns and whole blocks of eight rows: their bytes are
// transposed, and bytes taken apart into the two groups they hold.
func alongFunction(m machine) {
	if m != avx2 { // it has no use for longer vectors
		return
	}
	m.text("signAlong", "func(dst *uint8, ldd uintptr, packed *uint64, words, blocks uintptr)",
		"writes the index of 16 groups of columns and blocks of eight rows; ldd and words, the distances of groups in dst and of rows in packed, are in bytes.")
	dst, ldd, packed, words, blocks := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("dst"), dst)
	Load(Param("ldd"), ldd)
	Load(Param("packed"), packed)
	Load(Param("words"), words)
	Load(Param("blocks"), blocks)
	triple, to := GP64(), GP64()
	LEAQ(Mem{Base: words, Index: words, Scale: 2}, triple)
	upper := XMM()
	VPBROADCASTD(constantMemory(0xf0f0f0f0), upper)
	Label("block")
	var pairs [4]reg.VecVirtual // byte j of rows 2i and 2i+1, for all j
	for i := range pairs {
		first, second := XMM(), XMM()
		pairs[i] = XMM()
		a, b := Mem{Base: packed}, Mem{Base: packed, Index: words, Scale: 1}
		if i%2 == 1 {
			a.Index, a.Scale, b.Index, b.Scale = words, 2, triple, 1
		}
		VMOVQ(a, first)
		VMOVQ(b, second)
		VPUNPCKLBW(second, first, pairs[i])
		if i%2 == 1 {
			LEAQ(Mem{Base: packed, Index: words, Scale: 4}, packed)
		}
	}
	var quads [4]reg.VecVirtual // of rows 0 to 3: bytes 0 to 3, 4 to 7; of rows 4 to 7 the same
	for i := range quads {
		quads[i] = XMM()
	}
	for i := 0; i < 4; i += 2 {
		VPUNPCKLWD(pairs[i+1], pairs[i], quads[i])
		VPUNPCKHWD(pairs[i+1], pairs[i], quads[i+1])
	}
	MOVQ(dst, to)
	for i := range 4 {
		x, low := XMM(), XMM() // bytes 2i and 2i+1 of all rows
		if i%2 == 0 {
			VPUNPCKLDQ(quads[i/2+2], quads[i/2], x)
		} else {
			VPUNPCKHDQ(quads[i/2+2], quads[i/2], x)
		}
		VPSLLD(U8(4), x, low)
		VPAND(upper, low, low)
		VPAND(upper, x, x)
		for _, store := range []func(Op, Op){func(x, to Op) { VMOVQ(x, to) }, func(x, to Op) { VMOVHPS(x, to) }} {
			store(low, Mem{Base: to})
			store(x, Mem{Base: to, Index: ldd, Scale: 1})
			LEAQ(Mem{Base: to, Index: ldd, Scale: 2}, to)
		}
	}
	ADDQ(U8(8), dst)
	DECQ(blocks)
	JNZ(LabelRef("block"))
	done()
}

// acrossFunction emits SignIndexAcross for one word of columns and whole groups of four rows: the words are
// masks of the bytes that get a bit.
func acrossFunction(m machine) {
	if !m.wide {
		return
	}
	m.text("signAcross", "func(dst *uint8, ldd uintptr, packed *uint64, words, groups uintptr)",
		"writes the index of groups of four rows and 64 columns; ldd and words, the distances of groups in dst and of rows in packed, are in bytes.")
	dst, ldd, packed, words, groups := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("dst"), dst)
	Load(Param("ldd"), ldd)
	Load(Param("packed"), packed)
	Load(Param("words"), words)
	Load(Param("groups"), groups)
	triple := GP64()
	LEAQ(Mem{Base: words, Index: words, Scale: 2}, triple)
	var bits [4]reg.VecVirtual
	for i := range bits {
		bits[i] = m.constantBits(0x10101010 << i)
	}
	Label("group")
	var rows [4]reg.Virtual
	for i, from := range []Mem{{Base: packed}, {Base: packed, Index: words, Scale: 1}, {Base: packed, Index: words, Scale: 2}, {Base: packed, Index: triple, Scale: 1}} {
		k := K()
		KMOVQ(from, k)
		rows[i] = k
	}
	index := m.vec()
	VMOVDQU8_Z(bits[0], rows[0], index)
	for i := 1; i < 4; i++ {
		VPADDB(bits[i], index, rows[i], index)
	}
	VMOVUPS(index, Mem{Base: dst})
	ADDQ(ldd, dst)
	LEAQ(Mem{Base: packed, Index: words, Scale: 4}, packed)
	DECQ(groups)
	JNZ(LabelRef("group"))
	done()
}
