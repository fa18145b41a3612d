package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// signFunctions emit the two halves of SignMatMul, for panels of one and two vectors: the tables of
// signed sums of four rows, and the sums of one entry of each table.
func signFunctions(m machine) {
	for vectors := 1; vectors <= 2; vectors++ {
		signTables(m, vectors)
		signSums(m, vectors)
	}
}

// signTables emits the tables: 16 entries of so many vectors for every four rows.
func signTables(m machine, vectors int) {
	m.text(fmt.Sprintf("signTables%d", vectors), "func(table, b *float32, ldb, groups, lanes uintptr)",
		fmt.Sprintf("makes the tables of SignMatMul for groups of four rows of %d vectors, of whose last so many lanes are used.", vectors))
	table, b, ldb, groups, lanes := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("table"), table)
	Load(Param("b"), b)
	Load(Param("ldb"), ldb)
	Load(Param("groups"), groups)
	Load(Param("lanes"), lanes)
	mask := m.maskOf(lanes)
	sign := m.constantBits(1 << 31)
	triple := GP64()
	LEAQ(Mem{Base: ldb, Index: ldb, Scale: 2}, triple)
	Label("group")
	for v := range vectors {
		var rows [4]reg.VecVirtual
		for i, from := range []Mem{{Base: b}, {Base: b, Index: ldb, Scale: 1}, {Base: b, Index: ldb, Scale: 2}, {Base: b, Index: triple, Scale: 1}} {
			rows[i] = m.vec()
			if from = from.Offset(v * m.bytes()); v == vectors-1 {
				mask.load(from, rows[i])
			} else {
				VMOVUPS(from, rows[i])
			}
		}
		// first[b0+2*b1], in terms of what is added to second or -second.
		both, onlyFirst := m.add(rows[0], rows[1]), m.sub(rows[0], rows[1])
		first := []reg.VecVirtual{m.xor(both, sign), onlyFirst, m.xor(onlyFirst, sign), both}
		second, third := m.add(rows[2], rows[3]), m.sub(rows[2], rows[3])
		for i, p := range first {
			for j, entry := range []reg.VecVirtual{m.sub(p, second), m.add(p, third), m.sub(p, third), m.add(p, second)} {
				VMOVUPS(entry, Mem{Base: table, Disp: ((4*j+i)*vectors + v) * m.bytes()})
			}
		}
	}
	ADDQ(U32(16*vectors*m.bytes()), table)
	LEAQ(Mem{Base: b, Index: ldb, Scale: 4}, b)
	DECQ(groups)
	JNZ(LabelRef("group"))
	done()
}

// signRows is how many rows are summed at a time: enough chains to hide an addition's latency, as far as
// there are registers.
func (m machine) signRows() []int {
	if m.wide() {
		return []int{8, 4, 2, 1}
	}
	return []int{4, 2, 1}
}

func signSums(m machine, vectors int) {
	m.text(fmt.Sprintf("signSums%d", vectors), "func(c *float32, ldc uintptr, index *uint8, indexRow, indexCol uintptr, table *float32, m, groups uintptr, start *float32, startRow, lanes uintptr)",
		fmt.Sprintf("adds the entries that SignMatMul names, for a panel of %d vectors; m and groups are not 0. Strides are in bytes. "+
			"The chain of row i starts at 0 if start is nil, else at start[i*startRow].", vectors))
	g := &signGenerator{machine: m, vectors: vectors}
	g.c, g.index, g.start, g.m, g.row = GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("c"), g.c)
	Load(Param("index"), g.index)
	Load(Param("start"), g.start)
	Load(Param("m"), g.m)
	Load(Param("indexRow"), g.row)
	lanes := GP64()
	Load(Param("lanes"), lanes)
	g.mask = m.maskOf(lanes)
	for i, rows := range m.signRows() {
		next := "done"
		if i+1 < len(m.signRows()) {
			next = fmt.Sprintf("tile_%d", m.signRows()[i+1])
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
	vectors       int
	c, index, row reg.GPVirtual
	start, m      reg.GPVirtual
	mask          mask
}

func (g *signGenerator) load(from Mem, v int, to reg.VecVirtual) {
	if v == g.vectors-1 {
		g.mask.load(from.Offset(v*g.bytes()), to)
	} else {
		VMOVUPS(from.Offset(v*g.bytes()), to)
	}
}

func (g *signGenerator) tile(rows int) {
	label := fmt.Sprintf("_%d", rows)
	acc := make([][]reg.VecVirtual, rows)
	for i := range acc {
		for range g.vectors {
			acc[i] = append(acc[i], g.vec())
		}
	}
	TESTQ(g.start, g.start)
	JZ(LabelRef("zero" + label))
	stride := GP64()
	Load(Param("startRow"), stride)
	for i := range acc {
		for v, x := range acc[i] {
			g.load(Mem{Base: g.start}, v, x)
		}
		ADDQ(stride, g.start)
	}
	JMP(LabelRef("sums" + label))
	Label("zero" + label)
	for i := range acc {
		for _, x := range acc[i] {
			g.setZero(x)
		}
	}
	Label("sums" + label)

	table, groups, col, p, lower, triple := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("table"), table)
	Load(Param("groups"), groups)
	Load(Param("indexCol"), col)
	MOVQ(g.index, p)
	if rows > 3 {
		LEAQ(Mem{Base: g.row, Index: g.row, Scale: 2}, triple)
	}
	if rows > 4 {
		LEAQ(Mem{Base: g.index, Index: g.row, Scale: 4}, lower) // rows from the fifth on
	}
	// An index byte holds 16 times an entry's number.
	scale := uint8(g.vectors * g.bytes() / 16)
	Label("group" + label)
	for i := range acc {
		from := Mem{Base: p}
		if i >= 4 {
			from.Base = lower
		}
		switch i % 4 {
		case 1, 2:
			from.Index, from.Scale = g.row, uint8(i%4)
		case 3:
			from.Index, from.Scale = triple, 1
		}
		entry := GP64()
		MOVBQZX(from, entry)
		for v, x := range acc[i] {
			VADDPS(Mem{Base: table, Index: entry, Scale: scale, Disp: v * g.bytes()}, x, x)
		}
	}
	ADDQ(U32(16*g.vectors*g.bytes()), table)
	ADDQ(col, p)
	if rows > 4 {
		ADDQ(col, lower)
	}
	DECQ(groups)
	JNZ(LabelRef("group" + label))

	ldc := GP64()
	Load(Param("ldc"), ldc)
	for i := range acc {
		for v, x := range acc[i] {
			to := Mem{Base: g.c, Disp: v * g.bytes()}
			if v == g.vectors-1 {
				g.mask.store(x, to)
			} else {
				VMOVUPS(x, to)
			}
		}
		ADDQ(ldc, g.c)
	}
	if rows == 1 {
		ADDQ(g.row, g.index)
	} else {
		LEAQ(Mem{Base: g.index, Index: g.row, Scale: uint8(rows)}, g.index)
	}
}
