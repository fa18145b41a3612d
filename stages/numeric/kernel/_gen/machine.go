package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A machine is an instruction set. Its methods emit one vector operation each; operands are in
// the order of their Go meaning, the result is new.
type machine struct {
	name  string
	lanes int
	wide  bool // it has AVX-512's instructions: masks in registers of their own, 32 vectors
}

var (
	avx512 = machine{"AVX512", 16, true}
	avx2   = machine{"AVX2", 8, false}

	// What is left of a row after whole vectors costs less in a shorter one.
	avx512Half    = machine{"AVX512Half", 8, true}
	avx512Quarter = machine{"AVX512Quarter", 4, true}
)

func (m machine) bytes() int { return 4 * m.lanes }

func (m machine) vec() reg.VecVirtual {
	switch m.lanes {
	case 16:
		return ZMM()
	case 8:
		return YMM()
	}
	return XMM()
}

// constant broadcasts x from read-only data.
func (m machine) constant(x float32) reg.VecVirtual {
	return m.constantBits(math.Float32bits(x))
}

var constants = map[uint32]Mem{}

func (m machine) constantBits(bits uint32) reg.VecVirtual {
	v := m.vec()
	VBROADCASTSS(constantMemory(bits), v)
	return v
}

func constantMemory(bits uint32) Mem {
	mem, ok := constants[bits]
	if !ok {
		mem = ConstData(fmt.Sprintf("constant%08x", bits), U32(bits))
		constants[bits] = mem
	}
	return mem
}

// parameter broadcasts a float32 argument of the function.
func (m machine) parameter(name string) reg.VecVirtual {
	argument, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := m.vec()
	VBROADCASTSS(argument.Addr, v)
	return v
}

func (m machine) zero() reg.VecVirtual {
	v := m.vec()
	m.setZero(v)
	return v
}

func (m machine) setZero(v reg.VecVirtual) {
	if m.wide {
		// avo would take v for an input of VPXORD, and so for alive since the function began.
		VBROADCASTSS(constantMemory(0), v)
	} else {
		VXORPS(v, v, v)
	}
}

func (m machine) copyOf(a reg.VecVirtual) reg.VecVirtual {
	v := m.vec()
	VMOVAPS(a, v)
	return v
}

// fma gives a*b + c.
func (m machine) fma(a, b, c reg.VecVirtual) reg.VecVirtual {
	v := m.copyOf(c)
	VFMADD231PS(a, b, v)
	return v
}

// fmaMinus gives -(a*b) + c, which is FMA32(-a, b, c).
func (m machine) fmaMinus(a, b, c reg.VecVirtual) reg.VecVirtual {
	v := m.copyOf(c)
	VFNMADD231PS(a, b, v)
	return v
}

func (m machine) add(a, b reg.VecVirtual) reg.VecVirtual { v := m.vec(); VADDPS(b, a, v); return v }
func (m machine) sub(a, b reg.VecVirtual) reg.VecVirtual { v := m.vec(); VSUBPS(b, a, v); return v }
func (m machine) mul(a, b reg.VecVirtual) reg.VecVirtual { v := m.vec(); VMULPS(b, a, v); return v }
func (m machine) div(a, b reg.VecVirtual) reg.VecVirtual { v := m.vec(); VDIVPS(b, a, v); return v }
func (m machine) sqrt(a reg.VecVirtual) reg.VecVirtual   { v := m.vec(); VSQRTPS(a, v); return v }

// maxOr gives b where b >= a or either is NaN, else a: so NaN in b stays, and of zeros b's.
func (m machine) maxOr(a, b reg.VecVirtual) reg.VecVirtual {
	v := m.vec()
	VMAXPS(b, a, v)
	return v
}

func (m machine) xor(a, b reg.VecVirtual) reg.VecVirtual {
	v := m.vec()
	if m.wide {
		VPXORD(b, a, v)
	} else {
		VPXOR(b, a, v)
	}
	return v
}

func (m machine) and(a, b reg.VecVirtual) reg.VecVirtual {
	v := m.vec()
	if m.wide {
		VPANDD(b, a, v)
	} else {
		VPAND(b, a, v)
	}
	return v
}

func (m machine) or(a, b reg.VecVirtual) reg.VecVirtual {
	v := m.vec()
	if m.wide {
		VPORD(b, a, v)
	} else {
		VPOR(b, a, v)
	}
	return v
}

// Ordered comparisons, false for NaN.
const (
	less         = 0x11 // a < b
	greaterEqual = 0x1d // a >= b
	greater      = 0x1e // a > b
	unordered    = 0x03 // a or b is NaN
)

// choose gives yes where a OP b holds, else no.
func (m machine) choose(op int, a, b, yes, no reg.VecVirtual) reg.VecVirtual {
	v := m.vec()
	if m.wide {
		k := K()
		VCMPPS(U8(op), b, a, k)
		VBLENDMPS(yes, no, k, v)
	} else {
		c := m.vec()
		VCMPPS(U8(op), b, a, c)
		VBLENDVPS(c, yes, no, v)
	}
	return v
}

// each emits a loop over n elements, a vector at a time, and then, with masked loads and stores,
// over what is left. body is given functions that load from and store to the slices at the place
// reached. Its registers set up before the loop must not be changed.
func (m machine) each(names []string, body func(load func(string) reg.VecVirtual, store func(string, reg.VecVirtual))) {
	pointers := map[string]reg.GPVirtual{}
	for _, name := range names {
		pointers[name] = GP64()
		Load(Param(name), pointers[name])
	}
	n := GP64()
	Load(Param("n"), n)

	Label("vector")
	CMPQ(n, U8(m.lanes))
	JB(LabelRef("rest"))
	body(func(name string) reg.VecVirtual {
		v := m.vec()
		VMOVUPS(Mem{Base: pointers[name]}, v)
		return v
	}, func(name string, v reg.VecVirtual) {
		VMOVUPS(v, Mem{Base: pointers[name]})
	})
	for _, name := range names {
		ADDQ(U8(m.bytes()), pointers[name])
	}
	SUBQ(U8(m.lanes), n)
	JMP(LabelRef("vector"))

	Label("rest")
	TESTQ(n, n)
	JZ(LabelRef("done"))
	mask := m.maskOf(n)
	body(func(name string) reg.VecVirtual {
		v := m.vec()
		mask.load(Mem{Base: pointers[name]}, v)
		return v
	}, func(name string, v reg.VecVirtual) {
		mask.store(v, Mem{Base: pointers[name]})
	})
	Label("done")
}

// A vectorPart is what of a vector is loaded and stored: all of it, or its first lanes.
type vectorPart interface {
	load(from Mem, v reg.VecVirtual)
	store(v reg.VecVirtual, to Mem)
}

type fullVector struct{}

func (fullVector) load(from Mem, v reg.VecVirtual) { VMOVUPS(from, v) }
func (fullVector) store(v reg.VecVirtual, to Mem)  { VMOVUPS(v, to) }

// A mask selects the first lanes of a vector.
type mask struct {
	k reg.Virtual    // AVX-512
	v reg.VecVirtual // AVX2
}

var laneMasks *Mem

// maskOf selects the first n lanes, n <= lanes.
func (m machine) maskOf(n reg.GPVirtual) mask {
	if m.wide {
		ones := GP32()
		MOVL(U32(0xffff), ones)
		bits := GP32()
		BZHIL(n.As32(), ones, bits)
		k := K()
		KMOVW(bits, k)
		return mask{k: k}
	}
	if laneMasks == nil {
		table := GLOBL("laneMasks", 24) // RODATA|NOPTR
		for i := range 16 {
			DATA(4*i, U32(map[bool]uint32{true: math.MaxUint32}[i < 8]))
		}
		laneMasks = &table
	}
	p := GP64()
	LEAQ(laneMasks.Offset(32), p)
	shift := GP64()
	MOVQ(n, shift)
	SHLQ(U8(2), shift)
	SUBQ(shift, p)
	v := m.vec()
	VMOVUPS(Mem{Base: p}, v)
	return mask{v: v}
}

func (k mask) load(from Mem, v reg.VecVirtual) {
	if k.k != nil {
		VMOVUPS_Z(from, k.k, v)
	} else {
		VMASKMOVPS(from, k.v, v)
	}
}

func (k mask) store(v reg.VecVirtual, to Mem) {
	if k.k != nil {
		VMOVUPS(v, k.k, to)
	} else {
		VMASKMOVPS(v, k.v, to)
	}
}

// text starts a function; done ends it.
func (m machine) text(name, signature, doc string) {
	TEXT(name+m.name, 4, signature) // NOSPLIT
	Pragma("noescape")
	Doc(name+m.name+" "+doc, "")
}

func done() {
	VZEROUPPER()
	RET()
}
