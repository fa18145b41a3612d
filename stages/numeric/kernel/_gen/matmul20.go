package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// matMul20 emits the product for a panel of 20 columns, a usual width of small layers: 16 columns of each row are a vector,
// and the last four of four rows another one, so that no lane is idle.
func matMul20(m machine) {
	m.text("matMul20", "func(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb uintptr, m, k uintptr, start *float32, startRow uintptr)",
		"is MatMul for a panel of 20 columns, m and k multiples of four, not 0, and aRow or aCol of 4; strides are in bytes. "+
			"The chain of row i starts at 0 if start is nil, else at start[i*startRow].")
	g := &narrowGenerator{machine: m}
	g.c, g.a, g.start, g.m = GP64(), GP64(), GP64(), GP64()
	Load(Param("c"), g.c)
	Load(Param("a"), g.a)
	Load(Param("start"), g.start)
	Load(Param("m"), g.m)
	aCol := GP64()
	Load(Param("aCol"), aCol)
	CMPQ(aCol, U8(4))
	JNE(LabelRef("down_20"))
	for _, across := range []bool{true, false} {
		tiles := []int{20, 16, 12, 8, 4}
		if across {
			tiles = tiles[1:] // for the elements of a, four of each row
		}
		for i, rows := range tiles {
			g.across, g.label = across, fmt.Sprintf("_%d", rows)
			next := "done"
			if i+1 < len(tiles) {
				next = fmt.Sprintf("_%d", tiles[i+1])
			}
			side := "down"
			if across {
				side = "across"
			}
			g.label = side + g.label
			if next != "done" {
				next = side + next
			}
			Label(g.label)
			CMPQ(g.m, U8(rows))
			JB(LabelRef(next))
			g.tile(rows)
			SUBQ(U8(rows), g.m)
			JMP(LabelRef(g.label))
		}
	}
	Label("done")
	done()
}

type narrowGenerator struct {
	machine
	c, a, start, m reg.GPVirtual
	across         bool // a lies row by row, else column by column
	label          string
	main, tail     []reg.VecVirtual
}

// argument is where an argument lies, for there are not enough registers.
func argument(name string) Mem {
	a, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	return a.Addr
}

// tile computes so many rows, a multiple of four, and moves on to those below.
func (g *narrowGenerator) tile(rows int) {
	g.main, g.tail = nil, nil
	for i := range rows {
		g.main = append(g.main, g.vec())
		if i%4 == 0 {
			g.tail = append(g.tail, g.vec())
		}
	}
	TESTQ(g.start, g.start)
	JZ(LabelRef(g.label + "zero"))
	for i, x := range g.main {
		VMOVUPS(Mem{Base: g.start}, x)
		if rest, t := (Mem{Base: g.start, Disp: g.bytes()}), g.tail[i/4]; i%4 == 0 {
			VBROADCASTF32X4(rest, t) // all of t, as avo should know
		} else {
			VINSERTF32X4(U8(i%4), rest, t, t)
		}
		ADDQ(argument("startRow"), g.start)
	}
	JMP(LabelRef(g.label + "chains"))
	Label(g.label + "zero")
	for _, x := range append(append([]reg.VecVirtual(nil), g.main...), g.tail...) {
		g.setZero(x)
	}
	Label(g.label + "chains")
	if g.across {
		g.runAcross()
	} else {
		g.runDown()
	}
	for i, x := range g.main {
		VMOVUPS(x, Mem{Base: g.c})
		VEXTRACTF32X4(U8(i%4), g.tail[i/4], Mem{Base: g.c, Disp: g.bytes()})
		ADDQ(argument("ldc"), g.c)
	}
	down := GP64()
	Load(Param("aRow"), down)
	IMUL3Q(U8(rows), down, down)
	ADDQ(down, g.a)
}

// row loads a row of b: 16 elements, and the last four into each quarter.
func (g *narrowGenerator) row(b reg.GPVirtual) (main, tail reg.VecVirtual) {
	main, tail = g.vec(), g.vec()
	VMOVUPS(Mem{Base: b}, main)
	VBROADCASTF32X4(Mem{Base: b, Disp: g.bytes()}, tail)
	ADDQ(argument("ldb"), b)
	return main, tail
}

// runAcross takes four of k at a time: four elements of four rows of a are a vector.
func (g *narrowGenerator) runAcross() {
	b, k := GP64(), GP64()
	Load(Param("b"), b)
	Load(Param("k"), k)
	first, apart := GP64(), GP64()
	MOVQ(g.a, first)
	Load(Param("aRow"), apart)
	t := newTurner(g.machine, first, apart, len(g.main))
	Label(g.label + "four")
	quads := make([]reg.VecVirtual, len(g.tail))
	for q := range quads {
		quads[q] = g.vec()
		VBROADCASTF32X4(t.row(4*q), quads[q])
		for r := 1; r < 4; r++ {
			VINSERTF32X4(U8(r), t.row(4*q+r), quads[q], quads[q])
		}
	}
	for l := range 4 {
		main, tail := g.row(b)
		for i, x := range g.main {
			VFMADD231PS_BCST(t.row(i).Offset(4*l), main, x)
		}
		for q, x := range g.tail {
			y := g.vec()
			VPERMILPS(U8(0x55*l), quads[q], y)
			VFMADD231PS(y, tail, x)
		}
	}
	t.next(4)
	SUBQ(U8(4), k)
	JNZ(LabelRef(g.label + "four"))
}

// runDown takes a step of k at a time: its elements of a lie side by side.
func (g *narrowGenerator) runDown() {
	b, k, a := GP64(), GP64(), GP64()
	Load(Param("b"), b)
	Load(Param("k"), k)
	MOVQ(g.a, a)
	which := g.vec()
	VMOVUPS(quarters(), which)
	Label(g.label + "one")
	main, tail := g.row(b)
	for i, x := range g.main {
		VFMADD231PS_BCST(Mem{Base: a, Disp: 4 * i}, main, x)
	}
	for q, x := range g.tail {
		y := g.vec()
		VBROADCASTF32X4(Mem{Base: a, Disp: 16 * q}, y)
		VPERMILPS(which, y, y)
		VFMADD231PS(y, tail, x)
	}
	ADDQ(argument("aCol"), a)
	DECQ(k)
	JNZ(LabelRef(g.label + "one"))
}

var quarterNumbers *Mem

// quarters holds the number of its quarter in each lane, in read-only data.
func quarters() Mem {
	if quarterNumbers == nil {
		table := GLOBL("quarters", 24) // RODATA|NOPTR
		for i := range 16 {
			DATA(4*i, U32(uint32(i/4)))
		}
		quarterNumbers = &table
	}
	return *quarterNumbers
}
