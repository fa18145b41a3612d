package main

import (
	"fmt"
	"math/bits"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// convFunctions emits Conv for panels of the result's channels: tiles of pixels that lie side by side, over rows of pixels below
// each other. A tile's elements of x, on a line of the windows, are a matrix whose rows overlap.
func convFunctions(m machine) {
	tiles := []tile{{12, 1, true}, {12, 1, false}, {6, 2, false}}
	if m.wide {
		tiles = []tile{{12, 1, true}, {12, 2, true}, {8, 3, true}, {6, 4, true}}
	}
	for _, t := range tiles {
		convTile(m, t)
		weightsTile(m, t)
	}
	nonzerosFunction(m)
	widest, most := 12, 12 // vectors of a line, and of all chains that registers have room for
	if m.wide {
		widest, most = 8, 25
	}
	for vectors := 1; vectors <= widest; vectors++ {
		for lines := 1; lines <= 5 && lines*vectors <= most; lines++ {
			windowSums(m, lines, vectors)
		}
	}
}

func convTile(m machine, t tile) {
	m.text("conv"+t.name(), "func(c *float32, cRow, cDown uintptr, a *float32, aRow, aDown, aJump uintptr, b *float32, ldb uintptr, width, height, lines, k uintptr, start *float32, lanes uintptr)",
		fmt.Sprintf("is Conv for a panel of %d vectors, of whose last so many lanes are used, and height times width pixels; strides are in bytes. "+
			"A window has k numbers on each of its lines, from the end of one to the next it is aJump.", t.vectors))
	g := &matMulGenerator{machine: m, tile: t}
	g.forEachHeight("width", g.convPixels)
}

// forEachHeight emits code for tiles of 1, 2, ... rows, of which the parameter says how many there are.
func (g *matMulGenerator) forEachHeight(parameter string, emit func(rows int)) {
	given := GP64()
	Load(Param(parameter), given)
	if g.masked {
		lanes := GP64()
		Load(Param("lanes"), lanes)
		g.mask = g.maskOf(lanes)
	}
	for rows := g.rows; rows > 1; rows-- {
		CMPQ(given, U8(rows))
		JE(LabelRef(fmt.Sprintf("rows_%d", rows)))
	}
	for rows := 1; rows <= g.rows; rows++ {
		Label(fmt.Sprintf("rows_%d", rows))
		emit(rows)
	}
}

// convPixels does the tiles of so many pixels.
func (g *matMulGenerator) convPixels(pixels int) {
	label := fmt.Sprintf("_%d", pixels)
	c, a, height := GP64(), GP64(), GP64()
	Load(Param("c"), c)
	Load(Param("a"), a)
	Load(Param("height"), height)
	g.newChains(pixels)

	Label("down" + label)
	start := GP64()
	Load(Param("start"), start)
	TESTQ(start, start)
	JZ(LabelRef("zero" + label))
	for v := range g.vectors {
		g.load(Mem{Base: start}, v, g.acc[0][v])
		for i := 1; i < pixels; i++ {
			VMOVAPS(g.acc[0][v], g.acc[i][v])
		}
	}
	JMP(LabelRef("chains" + label))
	Label("zero" + label)
	for i := range g.acc {
		for _, x := range g.acc[i] {
			g.setZero(x)
		}
	}
	Label("chains" + label)
	o := operand{aRow: GP64(), b: GP64(), ldb: GP64(), k: GP64()}
	Load(Param("aRow"), o.aRow)
	Load(Param("b"), o.b)
	Load(Param("ldb"), o.ldb)
	for range (pixels + 2) / 3 {
		o.bases = append(o.bases, GP64())
	}
	MOVQ(a, o.bases[0])
	o.spreadBases()
	lines := GP64()
	Load(Param("lines"), lines)
	Label("line" + label)
	Load(Param("k"), o.k)
	Label("k" + label)
	g.step(o.b, nil, 0, o.element)
	ADDQ(o.ldb, o.b)
	for _, base := range o.bases {
		ADDQ(U8(4), base)
	}
	DECQ(o.k)
	JNZ(LabelRef("k" + label))
	jump := GP64()
	Load(Param("aJump"), jump)
	for _, base := range o.bases {
		ADDQ(jump, base)
	}
	DECQ(lines)
	JNZ(LabelRef("line" + label))

	to := GP64()
	MOVQ(c, to)
	g.storeRows(to, "cRow")
	step := GP64()
	Load(Param("cDown"), step)
	ADDQ(step, c)
	Load(Param("aDown"), step)
	ADDQ(step, a)
	DECQ(height)
	JNZ(LabelRef("down" + label))
	done()
}

// weightsTile emits a tile of ConvWeights, of numbers that lie side by side on a line of the windows.
func weightsTile(m machine, t tile) {
	m.text("weights"+t.name(), "func(c *float32, ldc uintptr, a *float32, aCol, aJump uintptr, b *float32, ldb uintptr, rows, k, lines, lanes uintptr)",
		fmt.Sprintf("goes on with the chains of MatMul for a panel of %d vectors, of whose last so many lanes are used, and so many rows, at most %d, of a transposed a; "+
			"strides are in bytes. After k columns of a it is aJump to the next k, lines times.", t.vectors, t.rows))
	g := &matMulGenerator{machine: m, tile: t}
	g.forEachHeight("rows", g.weightsRows)
}

func (g *matMulGenerator) weightsRows(rows int) {
	label := fmt.Sprintf("_%d", rows)
	c, ldc, a, aCol, aJump, b, ldb, lines := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("c"), c)
	Load(Param("ldc"), ldc)
	Load(Param("a"), a)
	Load(Param("aCol"), aCol)
	Load(Param("aJump"), aJump)
	Load(Param("b"), b)
	Load(Param("ldb"), ldb)
	Load(Param("lines"), lines)
	g.newChains(rows)
	from := GP64()
	MOVQ(c, from)
	for i := range g.acc {
		for v, x := range g.acc[i] {
			g.load(Mem{Base: from}, v, x)
		}
		ADDQ(ldc, from)
	}
	Label("line" + label)
	k := GP64()
	Load(Param("k"), k)
	Label("k" + label)
	g.step(b, nil, 0, func(i int) Mem { return Mem{Base: a, Disp: 4 * i} })
	ADDQ(ldb, b)
	ADDQ(aCol, a)
	DECQ(k)
	JNZ(LabelRef("k" + label))
	ADDQ(aJump, a)
	DECQ(lines)
	JNZ(LabelRef("line" + label))
	g.storeRows(c, "ldc")
	done()
}

// windowSums emits the sums of lists of windows, each times a number.
func windowSums(m machine, lines, vectors int) {
	m.text(fmt.Sprintf("windowSums%dx%d", lines, vectors),
		"func(c *float32, places *uint32, cLine uintptr, counts *uint32, m uintptr, values *float32, windows *uint32, b *float32, bLine uintptr, lanes uintptr)",
		fmt.Sprintf("adds to m windows at c, of %d lines of %d vectors, of whose last so many lanes are used: the next counts[i] of values times "+
			"the windows at b, to that at places[i]. Places, windows and strides are in bytes; all of the last vector is there.", lines, vectors))
	lanes := GP64()
	Load(Param("lanes"), lanes)
	last := m.windowEnd(lanes)
	places, counts, rows, values, windows, b, bLine := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("places"), places)
	Load(Param("counts"), counts)
	Load(Param("m"), rows)
	Load(Param("values"), values)
	Load(Param("windows"), windows)
	Load(Param("b"), b)
	Load(Param("bLine"), bLine)
	bLines := newLineStrides(bLine, lines)
	acc := make([][]reg.VecVirtual, lines)
	for l := range acc {
		for range vectors {
			acc[l] = append(acc[l], m.vec())
		}
	}
	each := func(base reg.GPVirtual, move func(part vectorPart, x reg.VecVirtual, at Mem)) {
		cLine := GP64()
		Load(Param("cLine"), cLine)
		strides := newLineStrides(cLine, lines)
		for l := range acc {
			for v, x := range acc[l] {
				part := vectorPart(fullVector{})
				if v == vectors-1 {
					part = last
				}
				move(part, x, strides.at(base, l).Offset(v*m.bytes()))
			}
		}
	}

	Label("window")
	n := GP64()
	MOVL(Mem{Base: counts}, n.As32())
	TESTQ(n, n)
	JZ(LabelRef("next"))
	c, place := GP64(), GP64()
	Load(Param("c"), c)
	MOVL(Mem{Base: places}, place.As32())
	ADDQ(place, c)
	each(c, func(part vectorPart, x reg.VecVirtual, at Mem) { part.load(at, x) })
	Label("value")
	from := GP64()
	MOVL(Mem{Base: windows}, from.As32())
	ADDQ(b, from)
	d := m.vec()
	VBROADCASTSS(Mem{Base: values}, d)
	for l := range acc {
		for v, x := range acc[l] {
			VFMADD231PS(bLines.at(from, l).Offset(v*m.bytes()), d, x)
		}
	}
	ADDQ(U8(4), windows)
	ADDQ(U8(4), values)
	DECQ(n)
	JNZ(LabelRef("value"))
	each(c, func(part vectorPart, x reg.VecVirtual, at Mem) { part.store(x, at) })
	Label("next")
	ADDQ(U8(4), places)
	ADDQ(U8(4), counts)
	DECQ(rows)
	JNZ(LabelRef("window"))
	done()
}

// A keptEnd is the first lanes of a vector whose others may be read, and written as they are. AVX2 does so faster than with a mask.
type keptEnd struct {
	machine
	mask
}

// windowEnd gives the part of the last vector of a window's lines.
func (m machine) windowEnd(lanes reg.GPVirtual) vectorPart {
	if m.wide {
		return m.maskOf(lanes)
	}
	return keptEnd{m, m.maskOf(lanes)}
}

func (keptEnd) load(from Mem, v reg.VecVirtual) { VMOVUPS(from, v) }

func (k keptEnd) store(v reg.VecVirtual, to Mem) {
	whole := k.vec()
	VMOVUPS(to, whole)
	VBLENDVPS(k.v, v, whole, whole)
	VMOVUPS(whole, to)
}

// lineStrides reaches up to five lines that lie equally far apart.
type lineStrides struct{ one, three reg.GPVirtual }

func newLineStrides(one reg.GPVirtual, lines int) lineStrides {
	s := lineStrides{one: one}
	if lines > 3 {
		s.three = GP64()
		LEAQ(Mem{Base: one, Index: one, Scale: 2}, s.three)
	}
	return s
}

func (s lineStrides) at(base reg.GPVirtual, line int) Mem {
	switch line {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: s.three, Scale: 1}
	}
	return Mem{Base: base, Index: s.one, Scale: uint8(line)}
}

// nonzerosFunction emits the lists of what is not zero.
func nonzerosFunction(m machine) {
	m.text("nonzeros", "func(values *float32, places, counts *uint32, x *float32, table *uint32, m, n uintptr)",
		fmt.Sprintf("lists the numbers of m rows x of n that are not 0, one after another, and the table's for their columns; counts[i] of row i. It may write %d numbers more.", m.lanes))
	values, places, counts, x, table, rows, n := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("values"), values)
	Load(Param("places"), places)
	Load(Param("counts"), counts)
	Load(Param("x"), x)
	Load(Param("table"), table)
	Load(Param("m"), rows)
	Load(Param("n"), n)
	c := m.newCompressor()
	last := GP64()
	MOVQ(n, last)
	ANDQ(U8(m.lanes-1), last)
	mask := m.maskOf(last)
	SHRQ(U8(bits.Len(uint(m.lanes-1))), n)
	from, left, total := GP64(), GP64(), GP64()
	v, p := m.vec(), m.vec()
	list := func() {
		packed, found := c.compress(v, v, p)
		VMOVUPS(packed[0], Mem{Base: values})
		VMOVUPS(packed[1], Mem{Base: places})
		ADDQ(found, total)
		LEAQ(Mem{Base: values, Index: found, Scale: 4}, values)
		LEAQ(Mem{Base: places, Index: found, Scale: 4}, places)
	}
	Label("row")
	XORQ(total, total)
	MOVQ(table, from)
	MOVQ(n, left)
	TESTQ(left, left)
	JZ(LabelRef("rest"))
	Label("vector")
	VMOVUPS(Mem{Base: x}, v)
	VMOVUPS(Mem{Base: from}, p)
	list()
	ADDQ(U8(m.bytes()), x)
	ADDQ(U8(m.bytes()), from)
	DECQ(left)
	JNZ(LabelRef("vector"))
	Label("rest")
	TESTQ(last, last)
	JZ(LabelRef("next"))
	mask.load(Mem{Base: x}, v)
	mask.load(Mem{Base: from}, p)
	list()
	LEAQ(Mem{Base: x, Index: last, Scale: 4}, x)
	Label("next")
	MOVL(total.As32(), Mem{Base: counts})
	ADDQ(U8(4), counts)
	DECQ(rows)
	JNZ(LabelRef("row"))
	done()
}
