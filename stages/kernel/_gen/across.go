package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// acrossFunction emits SignIndexAcross for one word of columns and whole groups of four rows: the words are
// masks of the bytes that get a bit.
func acrossFunction(m machine) {
	if !m.wide() {
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
