package main

import (
	"fmt"
	"strings"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// reluHeadFunctions emit ReluHead, with a slope and without, for panels of one to four vectors. AVX2 has too few registers for it to
// gain anything.
func reluHeadFunctions(m machine) {
	if m.wide {
		for vectors := 1; vectors <= 4; vectors++ {
			reluHead(m, vectors, false)
			reluHead(m, vectors, true)
		}
	}
}

func reluHead(m machine, vectors int, leaky bool) {
	name, signature := "reluHead", "func(dh, h *float32, ld uintptr, d *float32, rows uintptr, w, dw, db *float32, lanes, accumulate uintptr)"
	if leaky {
		name, signature = "leakyReluHead", strings.Replace(signature, "accumulate uintptr", "accumulate uintptr, slope float32", 1)
	}
	m.text(fmt.Sprintf("%s%d", name, vectors), signature,
		fmt.Sprintf("is ReluHead for a panel of %d vectors, of whose last so many lanes are used; ld is in bytes, rows is not 0.", vectors))
	lanes := GP64()
	Load(Param("lanes"), lanes)
	mask := m.maskOf(lanes)
	load := func(from Mem, v int) reg.VecVirtual {
		x := m.vec()
		if from = from.Offset(v * m.bytes()); v == vectors-1 {
			mask.load(from, x)
		} else {
			VMOVUPS(from, x)
		}
		return x
	}
	store := func(x reg.VecVirtual, to Mem, v int) {
		if to = to.Offset(v * m.bytes()); v == vectors-1 {
			mask.store(x, to)
		} else {
			VMOVUPS(x, to)
		}
	}
	ld, rows := GP64(), GP64()
	Load(Param("ld"), ld)
	w := GP64()
	Load(Param("w"), w)
	dw, db := GP64(), GP64()
	Load(Param("dw"), dw)
	Load(Param("db"), db)

	weights, sums := make([][]reg.VecVirtual, 2), make([][]reg.VecVirtual, 3)
	second := Mem{Base: w, Index: ld, Scale: 1}
	for v := range vectors {
		weights[0], weights[1] = append(weights[0], load(Mem{Base: w}, v)), append(weights[1], load(second, v))
		for i := range sums {
			sums[i] = append(sums[i], m.vec())
		}
	}
	starts := []Mem{{Base: dw}, {Base: dw, Index: ld, Scale: 1}, {Base: db}}
	accumulate := GP64()
	Load(Param("accumulate"), accumulate)
	TESTQ(accumulate, accumulate)
	JZ(LabelRef("zero"))
	for i, from := range starts {
		for v, x := range sums[i] {
			if from := from.Offset(v * m.bytes()); v == vectors-1 {
				mask.load(from, x)
			} else {
				VMOVUPS(from, x)
			}
		}
	}
	JMP(LabelRef("begin"))
	Label("zero")
	for i := range sums {
		for _, x := range sums[i] {
			m.setZero(x)
		}
	}
	Label("begin")

	g, h, d := GP64(), GP64(), GP64()
	Load(Param("dh"), g)
	Load(Param("h"), h)
	Load(Param("d"), d)
	Load(Param("rows"), rows)
	apart := GP64() // of the two rows of d
	MOVQ(rows, apart)
	SHLQ(U8(2), apart)
	zero := m.zero()
	slope := zero
	if leaky {
		slope = m.parameter("slope")
	}
	Label("row")
	first, other := m.vec(), m.vec()
	VBROADCASTSS(Mem{Base: d}, first)
	VBROADCASTSS(Mem{Base: d, Index: apart, Scale: 1}, other)
	for v := range vectors {
		x := load(Mem{Base: h}, v)
		VFMADD231PS(x, first, sums[0][v])
		VFMADD231PS(x, other, sums[1][v])
		y := m.fma(first, weights[0][v], zero)
		VFMADD231PS(other, weights[1][v], y)
		below := zero
		if leaky {
			below = m.mul(y, slope)
		}
		y = m.choose(greater, x, zero, y, below)
		VADDPS(y, sums[2][v], sums[2][v])
		store(y, Mem{Base: g}, v)
	}
	ADDQ(ld, h)
	ADDQ(ld, g)
	ADDQ(U8(4), d)
	DECQ(rows)
	JNZ(LabelRef("row"))

	for i, to := range starts {
		for v, x := range sums[i] {
			store(x, to, v)
		}
	}
	done()
}
