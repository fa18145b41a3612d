package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// signFunctions emit the two halves of SignMatMul, for panels of so many vectors: the tables of signed sums of
// four rows, and the sums of one entry of each table. A panel of two vectors finds its entries once for both.
func signFunctions(m machine, vectors int) {
	g := &signGenerator{machine: m, vectors: vectors}
	g.tables()
	g.sumsOfEntries()
}

type signGenerator struct {
	machine
	vectors            int
	c, index, start, m reg.GPVirtual
	mask               mask // of the last vector
}

// name ends the name of a function.
func (g *signGenerator) name(name string) string {
	if g.vectors == 2 {
		return name + "Pair"
	}
	return name
}

// entryBytes is the size of a table's entry.
func (g *signGenerator) entryBytes() int { return g.vectors * g.bytes() }

// load and store are for vector v of a panel that begins at p.
func (g *signGenerator) load(p reg.GPVirtual, v int, x reg.VecVirtual) {
	if at := (Mem{Base: p, Disp: v * g.bytes()}); v < g.vectors-1 {
		VMOVUPS(at, x)
	} else {
		g.mask.load(at, x)
	}
}

func (g *signGenerator) store(x reg.VecVirtual, p reg.GPVirtual, v int) {
	if at := (Mem{Base: p, Disp: v * g.bytes()}); v < g.vectors-1 {
		VMOVUPS(x, at)
	} else {
		g.mask.store(x, at)
	}
}

// tables emits the tables: 16 entries for every four rows.
func (g *signGenerator) tables() {
	m := g.machine
	m.text(g.name("signTables"), "func(table, b *float32, ldb, groups, rest, lanes uintptr)",
		"makes the tables of SignMatMul for groups of four rows, whose last vector has so many lanes; the last group has rest rows. ldb is in bytes, groups and rest are not 0.")
	table, b, ldb, groups, rest, lanes := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("table"), table)
	Load(Param("b"), b)
	Load(Param("ldb"), ldb)
	Load(Param("groups"), groups)
	Load(Param("rest"), rest)
	Load(Param("lanes"), lanes)
	g.mask = m.maskOf(lanes)
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
	LEAQ(zeroVectors(), zeros)
	for i := 1; i < 4; i++ {
		CMPQ(rest, U8(i+1))
		CMOVQCS(zeros, from[i])
	}
	Label("rows")
	for v := range g.vectors {
		var rows [4]reg.VecVirtual
		for i := range rows {
			rows[i] = m.vec()
			g.load(from[i], v, rows[i])
		}
		// first[b0+2*b1], in terms of what is added to second or -second.
		both, onlyFirst := m.add(rows[0], rows[1]), m.sub(rows[0], rows[1])
		first := []reg.VecVirtual{m.xor(both, sign), onlyFirst, m.xor(onlyFirst, sign), both}
		second, third := m.add(rows[2], rows[3]), m.sub(rows[2], rows[3])
		for i, p := range first {
			for j, entry := range []reg.VecVirtual{m.sub(p, second), m.add(p, third), m.sub(p, third), m.add(p, second)} {
				VMOVUPS(entry, Mem{Base: table, Disp: (4*j+i)*g.entryBytes() + v*m.bytes()})
			}
		}
	}
	for _, p := range from {
		ADDQ(ldb, p)
	}
	ADDQ(U32(16*g.entryBytes()), table)
	DECQ(groups)
	JNZ(LabelRef("group"))
	done()
}

var zeros *Mem

// zeroVectors are two vectors of zeros in read-only data.
func zeroVectors() Mem {
	if zeros == nil {
		table := GLOBL("zeroVectors", 24) // RODATA|NOPTR
		for i := range 32 {
			DATA(4*i, U32(0))
		}
		zeros = &table
	}
	return *zeros
}

// tileRows are how many rows are summed at a time: enough chains to hide an addition's latency, and no more than half of
// the registers.
func (g *signGenerator) tileRows() []int {
	most := 8
	if g.wide {
		most = 16
	}
	for i, rows := range []int{16, 8, 4, 2, 1} {
		if rows*g.vectors <= most {
			return []int{16, 8, 4, 2, 1}[i:]
		}
	}
	panic("no tile fits")
}

func (g *signGenerator) sumsOfEntries() {
	m := g.machine
	m.text(g.name("signSums"), "func(c *float32, ldc uintptr, index *uint8, ldi uintptr, table *float32, m, groups uintptr, start *float32, startRow, lanes, relu uintptr)",
		"adds the entries that SignMatMul names, for a panel whose last vector has so many lanes, and applies Relu if relu is not 0; m and groups are not 0. Strides are in bytes. "+
			"The chain of row i starts at 0 if start is nil, else at start[i*startRow].")
	g.c, g.index, g.start, g.m = GP64(), GP64(), GP64(), GP64()
	Load(Param("c"), g.c)
	Load(Param("index"), g.index)
	Load(Param("start"), g.start)
	Load(Param("m"), g.m)
	lanes := GP64()
	Load(Param("lanes"), lanes)
	g.mask = m.maskOf(lanes)
	sizes := g.tileRows()
	for i, rows := range sizes {
		next := "done"
		if i+1 < len(sizes) {
			next = fmt.Sprintf("tile_%d", sizes[i+1])
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

// tile sums so many rows, and moves c, index and start on to the rows below.
func (g *signGenerator) tile(rows int) {
	label := fmt.Sprintf("_%d", rows)
	acc := make([]reg.VecVirtual, rows*g.vectors) // row by row
	for i := range acc {
		acc[i] = g.vec()
	}
	TESTQ(g.start, g.start)
	JZ(LabelRef("zero" + label))
	stride := GP64()
	Load(Param("startRow"), stride)
	for i, x := range acc {
		g.load(g.start, i%g.vectors, x)
		if (i+1)%g.vectors == 0 {
			ADDQ(stride, g.start)
		}
	}
	JMP(LabelRef("sums" + label))
	Label("zero" + label)
	for _, x := range acc {
		g.setZero(x)
	}
	Label("sums" + label)
	g.sums(label, rows, acc)

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
	for i, x := range acc {
		g.store(x, g.c, i%g.vectors)
		if (i+1)%g.vectors == 0 {
			ADDQ(ldc, g.c)
		}
	}
	ADDQ(U8(rows), g.index)
}

// sums adds an entry of each group's table to every row.
func (g *signGenerator) sums(label string, rows int, acc []reg.VecVirtual) {
	table, groups, ldi, p := GP64(), GP64(), GP64(), GP64()
	Load(Param("table"), table)
	Load(Param("groups"), groups)
	Load(Param("ldi"), ldi)
	MOVQ(g.index, p)
	scale := uint8(g.entryBytes() / 16) // an index byte holds 16 times an entry's number
	Label("group" + label)
	// The bytes of eight or four rows come in one load, which leaves the ports to the tables. With AVX-512 it is a little
	// quicker to find the entries of four rows before they are added, with AVX2 a little slower.
	together := 1
	if g.wide {
		together = 4
	}
	bytes := GP64()
	for row := 0; row < rows; row += together {
		var entries []reg.GPVirtual
		for i := row; i < min(row+together, rows); i++ {
			entry := GP64()
			entries = append(entries, entry)
			switch {
			case rows < 4:
				MOVBQZX(Mem{Base: p, Disp: i}, entry)
				continue
			case rows == 4 && i == 0:
				MOVL(Mem{Base: p}, bytes.As32())
			case i%8 == 0:
				MOVQ(Mem{Base: p, Disp: i}, bytes)
			default:
				SHRQ(U8(8), bytes)
			}
			MOVBQZX(bytes.As8(), entry)
		}
		for i, entry := range entries {
			for v := range g.vectors {
				x := acc[(row+i)*g.vectors+v]
				VADDPS(Mem{Base: table, Index: entry, Scale: scale, Disp: v * g.bytes()}, x, x)
			}
		}
	}
	ADDQ(U32(16*g.entryBytes()), table)
	ADDQ(ldi, p)
	DECQ(groups)
	JNZ(LabelRef("group" + label))
}
