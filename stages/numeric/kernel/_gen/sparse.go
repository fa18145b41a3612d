package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// As package kernel has them: how much of k is done at a time, which is how far the lists of two rows are apart; and how
// many vectors the rows of a panel are apart. Panels are as wide as that, or somewhat less: for two multiply-adds a cycle
// that take four, eight chains are needed.
const (
	sparseDepth   = 64
	sparseLeast   = 6
	sparseVectors = 8
)

func sparseFunctions(m machine) {
	sparseList(m)
	for vectors := sparseLeast; vectors <= sparseVectors; vectors++ {
		sparsePack(m, vectors)
		sparseSums(m, vectors)
	}
	m.text("positiveZeros", "func(z *float32, n uintptr)", "is positiveZeros.")
	zero := m.zero()
	m.each([]string{"z"}, func(load loadFunc, store storeFunc) {
		store("z", m.add(load("z"), zero))
	})
	done()
}

// sparseList emits the listing of what is not zero in rows of up to sparseDepth elements.
func sparseList(m machine) {
	m.text("sparseList", "func(values *float32, places *uint16, fours *uint8, a *float32, lda, rows, k uintptr) int",
		"lists the elements of rows of k that are not zero, and their places times the bytes of a vector, sparseDepth apart; "+
			"zeros make each list a multiple of four long. It gives the sum of fours. lda is in bytes, rows and k are not 0.")
	values, places, fours, a, lda, rows := GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("values"), values)
	Load(Param("places"), places)
	Load(Param("fours"), fours)
	Load(Param("a"), a)
	Load(Param("lda"), lda)
	Load(Param("rows"), rows)
	total := GP64()
	XORQ(total, total)
	iota, next := m.vec(), m.constantBits(uint32(m.lanes*m.bytes()))
	VMOVUPS(numbers(m), iota)
	c := m.newCompressor()

	Label("row")
	k, from, n := GP64(), GP64(), GP64()
	Load(Param("k"), k)
	MOVQ(a, from)
	XORQ(n, n)
	place := m.copyOf(iota)
	Label("vector")
	CMPQ(k, U8(m.lanes))
	mask := GP64()
	MOVQ(k, mask)
	lanes := GP64()
	MOVQ(U32(m.lanes), lanes)
	CMOVQHI(lanes, mask)
	SUBQ(mask, k)
	part := m.maskOf(mask)
	x := m.vec()
	part.load(Mem{Base: from}, x)
	packed, found := c.compress(x, x, place)
	VMOVUPS(packed[0], Mem{Base: values, Index: n, Scale: 4})
	if m.wide {
		words := YMM()
		VPMOVDW(packed[1], words)
		VMOVDQU(words, Mem{Base: places, Index: n, Scale: 2})
	} else {
		high, words := XMM(), XMM()
		VEXTRACTI128(U8(1), packed[1], high)
		VPACKUSDW(high, packed[1].AsX(), words)
		VMOVDQU(words, Mem{Base: places, Index: n, Scale: 2})
	}
	VPADDD(next, place, place)
	ADDQ(found, n)
	ADDQ(U8(m.bytes()), from)
	TESTQ(k, k)
	JNZ(LabelRef("vector"))

	VMOVUPS(c.zero.AsX(), Mem{Base: values, Index: n, Scale: 4})
	VMOVSD(c.zero.AsX(), Mem{Base: places, Index: n, Scale: 2})
	ADDQ(U8(3), n)
	SHRQ(U8(2), n)
	MOVB(n.As8(), Mem{Base: fours})
	ADDQ(n, total)
	INCQ(fours)
	ADDQ(U32(4*sparseDepth), values)
	ADDQ(U32(2*sparseDepth), places)
	ADDQ(lda, a)
	DECQ(rows)
	JNZ(LabelRef("row"))
	Store(total, ReturnIndex(0))
	done()
}

// numbers are 0, 1, 2 ... times a vector's bytes, in read-only data.
func numbers(m machine) Mem {
	table := GLOBL("numbers"+m.name, 24) // RODATA|NOPTR
	for i := range m.lanes {
		DATA(4*i, U32(uint32(i*m.bytes())))
	}
	return table
}

// sparsePack emits the copying of a panel.
func sparsePack(m machine, vectors int) {
	m.text(fmt.Sprintf("sparsePack%d", vectors), "func(dst, src *float32, lds uintptr, k, lanes uintptr) bool",
		fmt.Sprintf("copies k rows of %d vectors, of whose last so many lanes are used, to rows of %d, and reports whether all is finite; lds is in bytes.", vectors, sparseVectors))
	dst, src, lds, k, lanes := GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("dst"), dst)
	Load(Param("src"), src)
	Load(Param("lds"), lds)
	Load(Param("k"), k)
	Load(Param("lanes"), lanes)
	mask := m.maskOf(lanes)
	check := m.finiteCheck()
	Label("row")
	for v := range vectors {
		x := m.vec()
		if v == vectors-1 {
			mask.load(Mem{Base: src, Disp: v * m.bytes()}, x)
		} else {
			VMOVUPS(Mem{Base: src, Disp: v * m.bytes()}, x)
		}
		check.see(x)
		VMOVUPS(x, Mem{Base: dst, Disp: v * m.bytes()})
	}
	ADDQ(lds, src)
	ADDQ(U32(sparseVectors*m.bytes()), dst)
	DECQ(k)
	JNZ(LabelRef("row"))
	check.result()
}

// sparseSums emits the chains of a panel, row by row. Eight chains side by side are as many as keep two multiply-adds
// of four cycles going.
func sparseSums(m machine, vectors int) {
	m.text(fmt.Sprintf("sparseSums%d", vectors),
		"func(c *float32, ldc uintptr, values *float32, places *uint16, fours *uint8, panel *float32, rows uintptr, start *float32, startRow, lanes uintptr)",
		fmt.Sprintf("continues the chains of SparseMatMul for a panel of %d vectors, of whose last so many lanes are used, by what sparseList has listed; "+
			"rows is not 0, strides are in bytes. The chain of row i starts at 0 if start is nil, else at start[i*startRow].", vectors))
	c, ldc, values, places, fours, panel, rows, start := GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("c"), c)
	Load(Param("ldc"), ldc)
	Load(Param("values"), values)
	Load(Param("places"), places)
	Load(Param("fours"), fours)
	Load(Param("panel"), panel)
	Load(Param("rows"), rows)
	Load(Param("start"), start)
	lanes, startRow := GP64(), GP64()
	Load(Param("lanes"), lanes)
	Load(Param("startRow"), startRow)
	mask := m.maskOf(lanes)
	zero := m.zero()
	acc := make([]reg.VecVirtual, vectors)
	for v := range acc {
		acc[v] = m.vec()
	}

	Label("row")
	TESTQ(start, start)
	JZ(LabelRef("zero"))
	for v, x := range acc {
		if from := (Mem{Base: start, Disp: v * m.bytes()}); v == vectors-1 {
			mask.load(from, x)
		} else {
			VMOVUPS(from, x)
		}
	}
	ADDQ(startRow, start)
	JMP(LabelRef("chains"))
	Label("zero")
	for _, x := range acc {
		m.setZero(x)
	}
	Label("chains")
	n, value, place := GP64(), GP64(), GP64()
	MOVBQZX(Mem{Base: fours}, n)
	MOVQ(values, value)
	MOVQ(places, place)
	TESTQ(n, n)
	JZ(LabelRef("stop"))
	ahead := GP64() // the next places: a load that is not waited for
	MOVQ(Mem{Base: place}, ahead)
	Label("four")
	four, some := GP64(), m.vec()
	MOVQ(ahead, four)
	MOVQ(Mem{Base: place, Disp: 8}, ahead)
	if m.wide {
		VBROADCASTF32X4(Mem{Base: value}, some)
	} else {
		VBROADCASTF128(Mem{Base: value}, some)
	}
	for i := range 4 {
		at := GP64()
		MOVWQZX(four.As16(), at)
		if i < 3 {
			SHRQ(U8(16), four)
		}
		LEAQ(Mem{Base: panel, Index: at, Scale: 8}, at)
		x := m.vec() // one load and a shuffle each leave the loads, two a cycle, to the panel
		VPERMILPS(U8(0x55*i), some, x)
		for v := range acc {
			VFMADD231PS(Mem{Base: at, Disp: v * m.bytes()}, x, acc[v])
		}
	}
	ADDQ(U8(16), value)
	ADDQ(U8(8), place)
	DECQ(n)
	JNZ(LabelRef("four"))
	Label("stop")
	for v, x := range acc {
		VADDPS(zero, x, x)
		if to := (Mem{Base: c, Disp: v * m.bytes()}); v == vectors-1 {
			mask.store(x, to)
		} else {
			VMOVUPS(x, to)
		}
	}
	ADDQ(ldc, c)
	INCQ(fours)
	ADDQ(U32(4*sparseDepth), values)
	ADDQ(U32(2*sparseDepth), places)
	DECQ(rows)
	JNZ(LabelRef("row"))
	done()
}
