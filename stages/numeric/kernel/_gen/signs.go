package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// signFunctions emit the two halves of SignMatMul, for panels of one vector: the tables of signed sums of
// four rows, and the sums of one entry of each table.
func signFunctions(m machine) {
	signTables(m)
	signSums(m)
}

// signTables emits the tables: 16 entries for every four rows.
func signTables(m machine) {
	m.text("signTables", "func(table, b *float32, ldb, groups, rest, lanes uintptr)",
		"makes the tables of SignMatMul for groups of four rows of so many lanes; the last group has rest rows. ldb is in bytes, groups and rest are not 0.")
	table, b, ldb, groups, rest, lanes := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("table"), table)
	Load(Param("b"), b)
	Load(Param("ldb"), ldb)
	Load(Param("groups"), groups)
	Load(Param("rest"), rest)
	Load(Param("lanes"), lanes)
	mask := m.maskOf(lanes)
	sign := m.constantBits(1 << 31)
	from := []reg.GPVirtual{b, GP64(), GP64(), GP64()}
	LEAQ(Mem{Base: b, Index: ldb, Scale: 1}, from[1])
	LEAQ(Mem{Base: b, Index: ldb, Scale: 2}, from[2])
	LEAQ(Mem{Base: from[1], Index: ldb, Scale: 2}, from[3])
	SHLQ(U8(2), ldb)

	Label("group")
	CMPQ(groups, U8(1))
	JNE(LabelRef("rows"))
	zeros := GP64()
	LEAQ(zeroVector(), zeros)
	for i := 1; i < 4; i++ {
		CMPQ(rest, U8(i+1))
		CMOVQCS(zeros, from[i])
	}
	Label("rows")
	var rows [4]reg.VecVirtual
	for i := range rows {
		rows[i] = m.vec()
		mask.load(Mem{Base: from[i]}, rows[i])
		ADDQ(ldb, from[i])
	}
	// first[b0+2*b1], in terms of what is added to second or -second.
	both, onlyFirst := m.add(rows[0], rows[1]), m.sub(rows[0], rows[1])
	first := []reg.VecVirtual{m.xor(both, sign), onlyFirst, m.xor(onlyFirst, sign), both}
	second, third := m.add(rows[2], rows[3]), m.sub(rows[2], rows[3])
	for i, p := range first {
		for j, entry := range []reg.VecVirtual{m.sub(p, second), m.add(p, third), m.sub(p, third), m.add(p, second)} {
			VMOVUPS(entry, Mem{Base: table, Disp: (4*j + i) * m.bytes()})
		}
	}
	ADDQ(U32(16*m.bytes()), table)
	DECQ(groups)
	JNZ(LabelRef("group"))
	done()
}

var zeros *Mem

// zeroVector is a vector of zeros in read-only data.
func zeroVector() Mem {
	if zeros == nil {
		table := GLOBL("zeroVector", 24) // RODATA|NOPTR
		for i := range 16 {
			DATA(4*i, U32(0))
		}
		zeros = &table
	}
	return *zeros
}

// signRows is how many rows are summed at a time: enough chains to hide an addition's latency.
var signRows = []int{8, 4, 2, 1}

func signSums(m machine) {
	m.text("signSums", "func(c *float32, ldc uintptr, index *uint8, ldi uintptr, table *float32, m, groups uintptr, start *float32, startRow, lanes, relu uintptr)",
		"adds the entries that SignMatMul names, for a panel of so many lanes, and applies Relu if relu is not 0; m and groups are not 0. Strides are in bytes. "+
			"The chain of row i starts at 0 if start is nil, else at start[i*startRow].")
	g := &signGenerator{machine: m}
	g.c, g.index, g.start, g.m = GP64(), GP64(), GP64(), GP64()
	Load(Param("c"), g.c)
	Load(Param("index"), g.index)
	Load(Param("start"), g.start)
	Load(Param("m"), g.m)
	lanes := GP64()
	Load(Param("lanes"), lanes)
	g.mask = m.maskOf(lanes)
	for i, rows := range signRows {
		next := "done"
		if i+1 < len(signRows) {
			next = fmt.Sprintf("tile_%d", signRows[i+1])
		}
		Label(fmt.Sprintf("tile_%d", rows))
		CMPQ(g.m, U8(rows))
		JB(LabelRef(next))
		g.tile(rows)
		SUBQ(U8(rows), g.m)
		JMP(LabelRef(fmt.Sprintf("tile_%d", rows)))
	}
	Label("done")
	done()
}

type signGenerator struct {
	machine
	c, index, start, m reg.GPVirtual
	mask               mask
}

// tile sums so many rows, and moves c, index and start on to the rows below.
func (g *signGenerator) tile(rows int) {
	label := fmt.Sprintf("_%d", rows)
	acc := make([]reg.VecVirtual, rows)
	for i := range acc {
		acc[i] = g.vec()
	}
	TESTQ(g.start, g.start)
	JZ(LabelRef("zero" + label))
	stride := GP64()
	Load(Param("startRow"), stride)
	for _, x := range acc {
		g.mask.load(Mem{Base: g.start}, x)
		ADDQ(stride, g.start)
	}
	JMP(LabelRef("sums" + label))
	Label("zero" + label)
	for _, x := range acc {
		g.setZero(x)
	}
	Label("sums" + label)
	g.sums(label, acc)

	relu := GP64()
	Load(Param("relu"), relu)
	TESTQ(relu, relu)
	JZ(LabelRef("store" + label))
	zero := g.zero()
	for _, x := range acc {
		VMAXPS(x, zero, x) // is maxOr(zero, x)
	}
	Label("store" + label)
	ldc := GP64()
	Load(Param("ldc"), ldc)
	for _, x := range acc {
		g.mask.store(x, Mem{Base: g.c})
		ADDQ(ldc, g.c)
	}
	ADDQ(U8(rows), g.index)
}

// sums adds an entry of each group's table to every row.
func (g *signGenerator) sums(label string, acc []reg.VecVirtual) {
	table, groups, ldi, p := GP64(), GP64(), GP64(), GP64()
	Load(Param("table"), table)
	Load(Param("groups"), groups)
	Load(Param("ldi"), ldi)
	MOVQ(g.index, p)
	scale := uint8(g.bytes() / 16) // an index byte holds 16 times an entry's number
	Label("group" + label)
	// The bytes of eight or four rows come in one load, which leaves the ports to the tables.
	bytes := GP64()
	switch len(acc) {
	case 8:
		MOVQ(Mem{Base: p}, bytes)
	case 4:
		MOVL(Mem{Base: p}, bytes.As32())
	}
	for i, x := range acc {
		entry := GP64()
		if len(acc) < 4 {
			MOVBQZX(Mem{Base: p, Disp: i}, entry)
		} else {
			MOVBQZX(bytes.As8(), entry)
			if i+1 < len(acc) {
				SHRQ(U8(8), bytes)
			}
		}
		VADDPS(Mem{Base: table, Index: entry, Scale: scale}, x, x)
	}
	ADDQ(U32(16*g.bytes()), table)
	ADDQ(ldi, p)
	DECQ(groups)
	JNZ(LabelRef("group" + label))
}
