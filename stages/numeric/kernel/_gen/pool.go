package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// poolFunctions emits MaxPool and MaxPoolGradient for a vector of channels of windows that lie side by side.
func poolFunctions(m machine) {
	g := &poolGenerator{machine: m}
	g.maxPool()
	g.maxPoolGradient(false)
	g.maxPoolGradient(true)
}

type poolGenerator struct {
	machine
	z, places, x, zStep, xStep, n reg.GPVirtual
	mask                          mask // AVX-512
	part                          vectorPart
	one                           reg.VecVirtual
}

const poolDoc = "of n windows side by side, for a vector of channels of which so many lanes are used, of AVX2 all; steps are in bytes."

func (g *poolGenerator) begin() {
	g.z, g.places, g.x, g.zStep, g.xStep, g.n = GP64(), GP64(), GP64(), GP64(), GP64(), GP64()
	Load(Param("z"), g.z)
	Load(Param("places"), g.places)
	Load(Param("x"), g.x)
	Load(Param("zStep"), g.zStep)
	Load(Param("xStep"), g.xStep)
	Load(Param("n"), g.n)
	g.part = fullVector{}
	if g.wide {
		lanes := GP64()
		Load(Param("lanes"), lanes)
		g.mask = g.maskOf(lanes)
		g.part = g.mask
	}
	g.one = g.constantBits(1)
	Label("window")
}

// pixels emits the loop over the pixels of a window; k counts them, in all lanes.
func (g *poolGenerator) pixels(use func(at Mem, k reg.VecVirtual)) {
	channels, line, width, height := GP64(), GP64(), GP64(), GP64()
	Load(Param("pixel"), channels)
	Load(Param("line"), line)
	Load(Param("height"), height)
	k, row := g.zero(), GP64()
	MOVQ(g.x, row)
	Label("line")
	at := GP64()
	MOVQ(row, at)
	Load(Param("width"), width)
	Label("pixel")
	use(Mem{Base: at}, k)
	VPADDD(g.one, k, k)
	ADDQ(channels, at)
	DECQ(width)
	JNZ(LabelRef("pixel"))
	ADDQ(line, row)
	DECQ(height)
	JNZ(LabelRef("line"))
}

func (g *poolGenerator) end() {
	ADDQ(g.zStep, g.z)
	ADDQ(g.xStep, g.x)
	half := GP64()
	MOVQ(g.zStep, half)
	SHRQ(U8(1), half)
	ADDQ(half, g.places)
	DECQ(g.n)
	JNZ(LabelRef("window"))
	done()
}

func (g *poolGenerator) maxPool() {
	g.text("maxPool", "func(z *float32, places *uint16, x *float32, zStep, xStep, pixel, line uintptr, n, height, width, lanes uintptr)", "is MaxPool "+poolDoc)
	g.begin()
	most, place := g.vec(), g.zero()
	g.part.load(Mem{Base: g.x}, most)
	g.pixels(func(at Mem, k reg.VecVirtual) {
		v := g.vec()
		g.part.load(at, v)
		if g.wide {
			larger, none := K(), K()
			VCMPPS(U8(greater), most, v, larger)
			VCMPPS(U8(unordered), v, v, none)
			KORW(none, larger, larger)
			VMOVAPS(v, larger, most)
			VMOVDQA32(k, larger, place)
			return
		}
		larger, none := g.vec(), g.vec()
		VCMPPS(U8(greater), most, v, larger)
		VCMPPS(U8(unordered), v, v, none)
		VPOR(none, larger, larger)
		VBLENDVPS(larger, v, most, most)
		VBLENDVPS(larger, k, place, place)
	})
	g.part.store(most, Mem{Base: g.z})
	test := GP64()
	Load(Param("places"), test)
	TESTQ(test, test)
	JZ(LabelRef("next"))
	if g.wide {
		words := YMM()
		VPMOVDW(place, words)
		VMOVDQU16(words, g.mask.k, Mem{Base: g.places})
	} else {
		high := XMM()
		VEXTRACTI128(U8(1), place, high)
		VPACKUSDW(high, place.AsX(), high)
		VMOVDQU(high, Mem{Base: g.places})
	}
	Label("next")
	g.end()
}

// maxPoolGradient of windows that share no pixel sets x, else it adds to it.
func (g *poolGenerator) maxPoolGradient(apart bool) {
	name, doc := "maxPoolGradient", "is MaxPoolGradient from z, added to x "
	if apart {
		name, doc = "maxPoolGradientApart", "is MaxPoolGradient from z to x "
	}
	g.text(name, "func(z *float32, places *uint16, x *float32, zStep, xStep, pixel, line uintptr, n, height, width, lanes uintptr)", doc+poolDoc)
	none := g.zero()
	g.begin()
	d, place := g.vec(), g.vec()
	g.part.load(Mem{Base: g.z}, d)
	if g.wide {
		words := YMM()
		VMOVDQU16_Z(Mem{Base: g.places}, g.mask.k, words)
		VPMOVZXWD(words, place)
	} else {
		VPMOVZXWD(Mem{Base: g.places}, place)
	}
	g.pixels(func(at Mem, k reg.VecVirtual) {
		sum := none
		if !apart {
			sum = g.vec()
			g.part.load(at, sum)
		}
		to := g.copyOf(sum)
		if g.wide {
			here := K()
			VPCMPEQD(k, place, here)
			VADDPS(d, sum, here, to)
		} else {
			here, more := g.vec(), g.vec()
			VPCMPEQD(k, place, here)
			VADDPS(d, sum, more)
			VBLENDVPS(here, more, sum, to)
		}
		g.part.store(to, at)
	})
	g.end()
}
