package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// packFunction emits the copying of a panel of b into rows that lie side by side.
func packFunction(m machine, vectors int) {
	m.text(fmt.Sprintf("pack%d", vectors), "func(dst, src *float32, lds uintptr, k, lanes uintptr)",
		fmt.Sprintf("copies k rows of %d vectors, of whose last so many lanes are used, to rows of whole vectors.", vectors))
	dst, src, lds, k, lanes := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("dst"), dst)
	Load(Param("src"), src)
	Load(Param("lds"), lds)
	Load(Param("k"), k)
	Load(Param("lanes"), lanes)
	mask := m.maskOf(lanes)
	Label("row")
	for v := range vectors {
		x := m.vec()
		if v == vectors-1 {
			mask.load(Mem{Base: src, Disp: v * m.bytes()}, x)
		} else {
			VMOVUPS(Mem{Base: src, Disp: v * m.bytes()}, x)
		}
		VMOVUPS(x, Mem{Base: dst, Disp: v * m.bytes()})
	}
	ADDQ(lds, src)
	ADDQ(U32(vectors*m.bytes()), dst)
	DECQ(k)
	JNZ(LabelRef("row"))
	done()
}

// A tile is how many rows and vectors of c are kept in registers.
type tile struct {
	rows, vectors int
	masked        bool // the last vector is masked
}

// name says what a tile's functions end with.
func (t tile) name() string {
	if t.masked {
		return fmt.Sprint(t.vectors)
	}
	return fmt.Sprintf("%dFull", t.vectors)
}

// matMulFunctions emits one function for each width of a panel of c. Tiles have at least 12 chains,
// for a fused multiply-add that takes 4 cycles and may start twice a cycle, and leave registers for
// a row of b and the broadcast of an element of a.
func matMulFunctions(m machine) {
	if m.wide {
		matMul(m, tile{12, 1, true})
		matMul(m, tile{12, 2, true})
		matMul(m, tile{8, 3, true})
		matMul(m, tile{6, 4, true})
		for vectors := 2; vectors <= 4; vectors++ {
			packFunction(m, vectors)
		}
		matMul20(m)
		return
	}
	matMul(m, tile{12, 1, true})
	matMul(m, tile{12, 1, false})
	matMul(m, tile{6, 2, false})
}

func matMul(m machine, t tile) {
	m.text("matMul"+t.name(), "func(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb uintptr, m, k uintptr, start *float32, startRow uintptr, lanes uintptr)",
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
	g.newChains(rows)
	g.startChains(label)
	g.chains(label)
	g.storeRows(g.c, "ldc")
}

// newChains takes registers for so many rows of c.
func (g *matMulGenerator) newChains(rows int) {
	g.acc = make([][]reg.VecVirtual, rows)
	for i := range g.acc {
		for range g.vectors {
			g.acc[i] = append(g.acc[i], g.vec())
		}
	}
}

// storeRows stores the rows of c, and moves to on to the one below them; the parameter says how far they are apart.
func (g *matMulGenerator) storeRows(to reg.GPVirtual, stride string) {
	down := GP64()
	Load(Param(stride), down)
	for i := range g.acc {
		for v, x := range g.acc[i] {
			at := Mem{Base: to}.Offset(v * g.bytes())
			if g.masked && v == g.vectors-1 {
				g.mask.store(x, at)
			} else {
				VMOVUPS(x, at)
			}
		}
		ADDQ(down, to)
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

// An operand is where a tile finds its elements of a, and the rows of b, while it runs over k.
type operand struct {
	bases      []reg.GPVirtual // rows i, i+1, i+2 of the tile are reached from bases[i/3]
	aRow, aCol reg.GPVirtual
	b, ldb, k  reg.GPVirtual
}

// chains runs over k: a row of b, and an element of a for each row of the tile. Four steps at a time
// are taken where a lies row by row or column by column and the tile is a full one; that leaves
// fewer instructions to share the ports of the multiply-adds.
func (g *matMulGenerator) chains(label string) {
	rows := len(g.acc)
	o := operand{aRow: GP64(), aCol: GP64(), b: GP64(), ldb: GP64(), k: GP64()}
	Load(Param("aRow"), o.aRow)
	Load(Param("aCol"), o.aCol)
	Load(Param("b"), o.b)
	Load(Param("ldb"), o.ldb)
	Load(Param("k"), o.k)
	for range (rows + 2) / 3 {
		o.bases = append(o.bases, GP64())
	}
	MOVQ(g.a, o.bases[0])
	o.spreadBases()
	if rows == g.rows {
		g.fourSteps(label, &o)
	}
	TESTQ(o.k, o.k)
	JZ(LabelRef("stop" + label))
	Label("k" + label)
	g.step(o.b, nil, 0, func(i int) Mem { return o.element(i) })
	ADDQ(o.ldb, o.b)
	for _, base := range o.bases {
		ADDQ(o.aCol, base)
	}
	DECQ(o.k)
	JNZ(LabelRef("k" + label))
	Label("stop" + label)
	down := GP64()
	IMUL3Q(U8(rows), o.aRow, down)
	ADDQ(down, g.a)
}

func (o *operand) spreadBases() {
	if len(o.bases) == 1 {
		return
	}
	triple := GP64()
	LEAQ(Mem{Base: o.aRow, Index: o.aRow, Scale: 2}, triple)
	for i := 1; i < len(o.bases); i++ {
		LEAQ(Mem{Base: o.bases[i-1], Index: triple, Scale: 1}, o.bases[i])
	}
}

// element is row i's of the column that the bases point to.
func (o *operand) element(i int) Mem {
	mem := Mem{Base: o.bases[i/3]}
	if i%3 > 0 {
		mem.Index, mem.Scale = o.aRow, uint8(i%3)
	}
	return mem
}

// step continues every chain by one: with the row of b at base + scale*index, and the elements of a.
func (g *matMulGenerator) step(base reg.Register, index reg.Register, scale uint8, element func(i int) Mem) {
	var bs []reg.VecVirtual
	for v := range g.vectors {
		x := g.vec()
		g.load(Mem{Base: base, Index: index, Scale: scale}, v, x)
		bs = append(bs, x)
	}
	for i := range g.acc {
		if g.wide && g.vectors == 1 {
			VFMADD231PS_BCST(element(i), bs[0], g.acc[i][0])
			continue
		}
		x := g.vec()
		VBROADCASTSS(element(i), x)
		for v := range bs {
			VFMADD231PS(x, bs[v], g.acc[i][v])
		}
	}
}

// fourSteps takes k/4 times four steps, and leaves k%4 to do.
func (g *matMulGenerator) fourSteps(label string, o *operand) {
	fours := GP64()
	MOVQ(o.k, fours)
	SHRQ(U8(2), fours)
	JZ(LabelRef("single" + label))
	tripleB := GP64()
	LEAQ(Mem{Base: o.ldb, Index: o.ldb, Scale: 2}, tripleB)
	rowOfB := func(l int) (reg.Register, uint8) {
		switch l {
		case 0:
			return nil, 0
		case 3:
			return tripleB, 1
		}
		return o.ldb, uint8(l)
	}
	CMPQ(o.aCol, U8(4))
	JE(LabelRef("across" + label))
	CMPQ(o.aRow, U8(4))
	JNE(LabelRef("single" + label))

	// a is transposed: a tile's column lies side by side.
	triple := GP64()
	LEAQ(Mem{Base: o.aCol, Index: o.aCol, Scale: 2}, triple)
	Label("down" + label)
	for l := range 4 {
		index, scale := rowOfB(l)
		g.step(o.b, index, scale, func(i int) Mem {
			mem := Mem{Base: o.bases[0], Disp: 4 * i}
			switch l {
			case 1, 2:
				mem.Index, mem.Scale = o.aCol, uint8(l)
			case 3:
				mem.Index, mem.Scale = triple, 1
			}
			return mem
		})
	}
	LEAQ(Mem{Base: o.b, Index: o.ldb, Scale: 4}, o.b)
	LEAQ(Mem{Base: o.bases[0], Index: o.aCol, Scale: 4}, o.bases[0])
	DECQ(fours)
	JNZ(LabelRef("down" + label))
	o.spreadBases()
	JMP(LabelRef("last" + label))

	Label("across" + label)
	for l := range 4 {
		index, scale := rowOfB(l)
		g.step(o.b, index, scale, func(i int) Mem { return o.element(i).Offset(4 * l) })
	}
	LEAQ(Mem{Base: o.b, Index: o.ldb, Scale: 4}, o.b)
	for _, base := range o.bases {
		ADDQ(U8(16), base)
	}
	DECQ(fours)
	JNZ(LabelRef("across" + label))
	Label("last" + label)
	ANDQ(U8(3), o.k)
	Label("single" + label)
}
