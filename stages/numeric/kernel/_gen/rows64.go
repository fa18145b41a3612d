package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An octet is eight float64 lanes: one vector, or two of AVX2.
type octet struct {
	machine
	k      reg.Virtual      // the first lanes of a vector of AVX-512
	narrow []reg.VecVirtual // the same of each half, as float32 lanes
	wide   []reg.VecVirtual // and as float64 lanes
}

// part is how many lanes a vector has.
func (o *octet) part() int { return o.lanes / 2 }

func (o *octet) vectors() int { return 8 / o.part() }

// mask makes the masked loads and stores take so many lanes.
func (o *octet) mask(lanes reg.GPVirtual) {
	m := o.maskOf(lanes)
	if o.machine.wide {
		o.k = m.k
		return
	}
	o.narrow = []reg.VecVirtual{XMM(), XMM()}
	VMOVAPS(m.v.AsX(), o.narrow[0])
	VEXTRACTF128(U8(1), m.v, o.narrow[1])
	o.wide = []reg.VecVirtual{YMM(), YMM()}
	for h := range o.wide {
		VPMOVSXDQ(o.narrow[h], o.wide[h])
	}
}

// load gives vector h of eight float64 numbers.
func (o *octet) load(from Mem, h int, masked bool) reg.VecVirtual {
	v := o.vec()
	from = from.Offset(8 * o.part() * h)
	switch {
	case !masked:
		VMOVUPD(from, v)
	case o.machine.wide:
		VMOVUPD_Z(from, o.k, v)
	default:
		VMASKMOVPD(from, o.wide[h], v)
	}
	return v
}

func (o *octet) store(v reg.VecVirtual, to Mem, h int, masked bool) {
	to = to.Offset(8 * o.part() * h)
	switch {
	case !masked:
		VMOVUPD(v, to)
	case o.machine.wide:
		VMOVUPD(v, o.k, to)
	default:
		VMASKMOVPD(v, o.wide[h], to)
	}
}

// widen gives vector h of eight float32 numbers as float64.
func (o *octet) widen(from Mem, h int, masked bool) reg.VecVirtual {
	v := o.vec()
	from = from.Offset(4 * o.part() * h)
	switch {
	case !masked:
		VCVTPS2PD(from, v)
	case o.machine.wide:
		VCVTPS2PD_Z(from, o.k, v)
	default:
		x := XMM()
		VMASKMOVPS(from, o.narrow[h], x)
		VCVTPS2PD(x, v)
	}
	return v
}

// rowPointers gives where the rows begin.
func rowPointers(rows int) []reg.GPVirtual {
	x, offsets := GP64(), GP64()
	Load(Param("x"), x)
	Load(Param("offsets"), offsets)
	var pointers []reg.GPVirtual
	for r := range rows {
		p := GP64()
		MOVQ(Mem{Base: offsets, Disp: 8 * r}, p)
		ADDQ(x, p)
		pointers = append(pointers, p)
	}
	return pointers
}

// octets emits body for every eight columns, and with masks for what is left.
func (o *octet) octets(body func(at reg.GPVirtual, masked bool)) {
	at, end := GP64(), GP64()
	XORQ(at, at)
	Load(Param("whole"), end)
	Label("octet")
	CMPQ(at, end)
	JAE(LabelRef("rest"))
	body(at, false)
	ADDQ(U8(8), at)
	JMP(LabelRef("octet"))
	Label("rest")
	lanes := GP64()
	Load(Param("lanes"), lanes)
	TESTQ(lanes, lanes)
	JZ(LabelRef("end"))
	o.mask(lanes)
	body(at, true)
	Label("end")
}

func rowFunctions(m machine) {
	rowDots(m, 1)
	addRows64(m, 1)
	addRows64(m, 8)
	if m.wide {
		rowDots(m, 8)
	} else {
		rowDots(m, 4)
	}
}

func rowDots(m machine, rows int) {
	m.text(fmt.Sprintf("rowDots%d", rows), "func(z *float64, x *float32, offsets *uintptr, w *float64, whole, lanes uintptr)",
		fmt.Sprintf("is RowDots of %d rows, at offsets in bytes from x: of whole columns, a multiple of 8, and so many lanes more.", rows))
	o := &octet{machine: m}
	pointers := rowPointers(rows)
	w := GP64()
	Load(Param("w"), w)
	chains := make([][]reg.VecVirtual, rows)
	for r := range chains {
		for range o.vectors() {
			c := m.vec()
			m.setZero(c)
			chains[r] = append(chains[r], c)
		}
	}
	o.octets(func(at reg.GPVirtual, masked bool) {
		for h := range o.vectors() {
			v := o.load(Mem{Base: w, Index: at, Scale: 8}, h, masked)
			for r, p := range pointers {
				VFMADD231PD(v, o.widen(Mem{Base: p, Index: at, Scale: 4}, h, masked), chains[r][h])
			}
		}
	})
	z := GP64()
	Load(Param("z"), z)
	for r, c := range chains {
		four := YMM()
		if m.wide {
			VEXTRACTF64X4(U8(1), c[0], four)
			VADDPD(four, c[0].AsY(), four)
		} else {
			VADDPD(c[1], c[0], four)
		}
		two, one := XMM(), XMM()
		VEXTRACTF128(U8(1), four, two)
		VADDPD(two, four.AsX(), two)
		VUNPCKHPD(two, two, one)
		VADDSD(one, two, one)
		VMOVSD(one, Mem{Base: z, Disp: 8 * r})
	}
	done()
}

func addRows64(m machine, rows int) {
	m.text(fmt.Sprintf("addRows64x%d", rows), "func(sums, a *float64, x *float32, offsets *uintptr, whole, lanes uintptr)",
		fmt.Sprintf("is AddRows64 of %d rows, at offsets in bytes from x: of whole columns, a multiple of 8, and so many lanes more.", rows))
	o := &octet{machine: m}
	pointers := rowPointers(rows)
	a, sums := GP64(), GP64()
	Load(Param("a"), a)
	Load(Param("sums"), sums)
	var factors []reg.VecVirtual
	for r := range rows {
		f := m.vec()
		VBROADCASTSD(Mem{Base: a, Disp: 8 * r}, f)
		factors = append(factors, f)
	}
	o.octets(func(at reg.GPVirtual, masked bool) {
		for h := range o.vectors() {
			place := Mem{Base: sums, Index: at, Scale: 8}
			sum := o.load(place, h, masked)
			for r, p := range pointers {
				VFMADD231PD(factors[r], o.widen(Mem{Base: p, Index: at, Scale: 4}, h, masked), sum)
			}
			o.store(sum, place, h, masked)
		}
	})
	done()
}

func scaleCenteredFunction(m machine) {
	m.text("scaleCentered", "func(dst, x, center, scale *float32, n uintptr, factor float32)", "is ScaleCentered.")
	factor := m.parameter("factor")
	m.each([]string{"dst", "x", "center", "scale"}, func(load loadFunc, store storeFunc) {
		store("dst", m.mul(m.mul(m.sub(load("x"), load("center")), load("scale")), factor))
	})
	done()
}
