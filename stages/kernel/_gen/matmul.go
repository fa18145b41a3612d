package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A tile is how many rows and vectors of c are kept in registers.
type tile struct {
	rows, vectors int
	masked        bool // the last vector is masked
}

// matMulFunctions emits one function for each width of a panel of c. Tiles have at least 12 chains,
// for a fused multiply-add that takes 4 cycles and may start twice a cycle, and leave registers for
// a row of b and the broadcast of an element of a.
func matMulFunctions(m machine) {
	if m.wide() {
		matMul(m, tile{12, 1, true})
		matMul(m, tile{12, 2, true})
		matMul(m, tile{8, 3, true})
		matMul(m, tile{6, 4, true})
		return
	}
	matMul(m, tile{12, 1, true})
	matMul(m, tile{12, 1, false})
	matMul(m, tile{6, 2, false})
}

func matMul(m machine, t tile) {
	name := fmt.Sprintf("matMul%d", t.vectors)
	if !t.masked {
		name += "Full"
	}
	m.text(name, "func(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb uintptr, m, k uintptr, start *float32, startRow uintptr, lanes uintptr)",
		fmt.Sprintf("is MatMul for a panel of %d vectors, of whose last so many lanes are used; strides are in bytes. "+
			"The chain of row i starts at 0 if start is nil, else at start[i*startRow].", t.vectors))
	g := &matMulGenerator{machine: m, tile: t}
	g.c, g.a, g.start, g.m = GP64(), GP64(), GP64(), GP64()
	Load(Param("c"), g.c)
	Load(Param("a"), g.a)
	Load(Param("start"), g.start)
	Load(Param("m"), g.m)
	if t.masked {
		lanes := GP64()
		Load(Param("lanes"), lanes)
		g.mask = m.maskOf(lanes)
	}

	Label("tile")
	CMPQ(g.m, U8(t.rows))
	JB(LabelRef("rest"))
	g.tileOf(t.rows)
	SUBQ(U8(t.rows), g.m)
	JMP(LabelRef("tile"))

	Label("rest")
	for rows := t.rows - 1; rows > 0; rows-- {
		CMPQ(g.m, U8(rows))
		JE(LabelRef(fmt.Sprintf("rows%d", rows)))
	}
	done()
	for rows := t.rows - 1; rows > 0; rows-- {
		Label(fmt.Sprintf("rows%d", rows))
		g.tileOf(rows)
		done()
	}
}

type matMulGenerator struct {
	machine
	tile
	c, a, start, m reg.GPVirtual
	mask           mask
	acc            [][]reg.VecVirtual
}

func (g *matMulGenerator) load(from Mem, v int, to reg.VecVirtual) {
	from = from.Offset(v * g.bytes())
	if g.masked && v == g.vectors-1 {
		g.mask.load(from, to)
	} else {
		VMOVUPS(from, to)
	}
}

// tileOf computes so many rows of c, and moves c, a and start on to the rows below.
func (g *matMulGenerator) tileOf(rows int) {
	label := fmt.Sprintf("_%d", rows)
	g.acc = make([][]reg.VecVirtual, rows)
	for i := range g.acc {
		for range g.vectors {
			g.acc[i] = append(g.acc[i], g.vec())
		}
	}
	g.startChains(label)
	g.chains(label)
	ldc := GP64()
	Load(Param("ldc"), ldc)
	for i := range g.acc {
		for v, x := range g.acc[i] {
			to := Mem{Base: g.c}.Offset(v * g.bytes())
			if g.masked && v == g.vectors-1 {
				g.mask.store(x, to)
			} else {
				VMOVUPS(x, to)
			}
		}
		ADDQ(ldc, g.c)
	}
}

func (g *matMulGenerator) startChains(label string) {
	TESTQ(g.start, g.start)
	JZ(LabelRef("zero" + label))
	stride := GP64()
	Load(Param("startRow"), stride)
	for i := range g.acc {
		for v, x := range g.acc[i] {
			g.load(Mem{Base: g.start}, v, x)
		}
		ADDQ(stride, g.start)
	}
	JMP(LabelRef("chains" + label))
	Label("zero" + label)
	for i := range g.acc {
		for _, x := range g.acc[i] {
			g.setZero(x)
		}
	}
	Label("chains" + label)
}

// chains runs over k: a row of b, and an element of a for each row of the tile.
func (g *matMulGenerator) chains(label string) {
	rows := len(g.acc)
	aRow, aCol, b, ldb, k := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("aRow"), aRow)
	Load(Param("aCol"), aCol)
	Load(Param("b"), b)
	Load(Param("ldb"), ldb)
	Load(Param("k"), k)
	// Rows i, i+1, i+2 are reached from one base.
	bases := []reg.GPVirtual{GP64()}
	MOVQ(g.a, bases[0])
	triple := GP64()
	LEAQ(Mem{Base: aRow, Index: aRow, Scale: 2}, triple)
	for i := 3; i < rows; i += 3 {
		base := GP64()
		LEAQ(Mem{Base: bases[len(bases)-1], Index: triple, Scale: 1}, base)
		bases = append(bases, base)
	}
	TESTQ(k, k)
	JZ(LabelRef("stop" + label))
	Label("k" + label)
	var bs []reg.VecVirtual
	for v := range g.vectors {
		x := g.vec()
		g.load(Mem{Base: b}, v, x)
		bs = append(bs, x)
	}
	ADDQ(ldb, b)
	for i := range rows {
		element := Mem{Base: bases[i/3]}
		if i%3 > 0 {
			element.Index, element.Scale = aRow, uint8(i%3)
		}
		if g.wide() && g.vectors == 1 {
			VFMADD231PS_BCST(element, bs[0], g.acc[i][0])
			continue
		}
		x := g.vec()
		VBROADCASTSS(element, x)
		for v := range bs {
			VFMADD231PS(x, bs[v], g.acc[i][v])
		}
	}
	for _, base := range bases {
		ADDQ(aCol, base)
	}
	DECQ(k)
	JNZ(LabelRef("k" + label))
	Label("stop" + label)
	down := GP64()
	IMUL3Q(U8(rows), aRow, down)
	ADDQ(down, g.a)
}
