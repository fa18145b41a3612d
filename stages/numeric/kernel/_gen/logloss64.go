package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// doubles are a machine's operations on float64 lanes, named as those on float32 ones.
type doubles struct{ machine }

var doubleConstants = map[uint64]Mem{}

func (m doubles) constantBits(bits uint64) reg.VecVirtual {
	mem, ok := doubleConstants[bits]
	if !ok {
		mem = ConstData(fmt.Sprintf("double%016x", bits), U64(bits))
		doubleConstants[bits] = mem
	}
	v := m.vec()
	VBROADCASTSD(mem, v)
	return v
}

func (m doubles) constant(x float64) reg.VecVirtual { return m.constantBits(math.Float64bits(x)) }

func (m doubles) fma(a, b, c reg.VecVirtual) reg.VecVirtual {
	v := m.copyOf(c)
	VFMADD231PD(a, b, v)
	return v
}

func (m doubles) fmaMinus(a, b, c reg.VecVirtual) reg.VecVirtual {
	v := m.copyOf(c)
	VFNMADD231PD(a, b, v)
	return v
}

func (m doubles) add(a, b reg.VecVirtual) reg.VecVirtual { v := m.vec(); VADDPD(b, a, v); return v }
func (m doubles) sub(a, b reg.VecVirtual) reg.VecVirtual { v := m.vec(); VSUBPD(b, a, v); return v }
func (m doubles) mul(a, b reg.VecVirtual) reg.VecVirtual { v := m.vec(); VMULPD(b, a, v); return v }
func (m doubles) div(a, b reg.VecVirtual) reg.VecVirtual { v := m.vec(); VDIVPD(b, a, v); return v }

func (m doubles) maxOr(a, b reg.VecVirtual) reg.VecVirtual {
	v := m.vec()
	VMAXPD(b, a, v)
	return v
}

func (m doubles) choose(op int, a, b, yes, no reg.VecVirtual) reg.VecVirtual {
	v := m.vec()
	if m.wide {
		k := K()
		VCMPPD(U8(op), b, a, k)
		VBLENDMPD(yes, no, k, v)
	} else {
		c := m.vec()
		VCMPPD(U8(op), b, a, c)
		VBLENDVPD(c, yes, no, v)
	}
	return v
}

// expNegative64 is the function of the same name in logloss64.go.
func (m doubles) expNegative64(x reg.VecVirtual) reg.VecVirtual {
	x = m.maxOr(m.constant(-700), x)
	magic := m.constant(0x1.8p52)
	shifted := m.fma(x, m.constant(1.44269504088896338700e+00), magic)
	n := m.sub(shifted, magic)
	r := m.fmaMinus(n, m.constant(6.93147180369123816490e-01), x)
	r = m.fmaMinus(n, m.constant(1.90821492927058770002e-10), r)
	p := m.constant(1.0 / 6227020800)
	for _, c := range []float64{1.0 / 479001600, 1.0 / 39916800, 1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720,
		1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1} {
		p = m.fma(p, r, m.constant(c))
	}
	exponent, e := m.vec(), m.vec()
	VPSLLQ(U8(52), shifted, exponent)
	VPADDQ(p, exponent, e)
	return m.add(e, m.sub(x, x))
}

// log1pUnit64 is the function of the same name in logloss64.go.
func (m doubles) log1pUnit64(e reg.VecVirtual) reg.VecVirtual {
	edge, half := m.constant(0.4142135623730951), m.constant(0.5)
	f := m.choose(greater, e, edge, m.mul(half, m.sub(e, m.constant(1))), e)
	c := m.choose(greater, e, edge, m.constant(math.Ln2), m.constant(0))
	s := m.div(f, m.add(m.constant(2), f))
	z := m.mul(s, s)
	p := m.constant(1.479819860511658591e-01)
	for _, l := range []float64{1.531383769920937332e-01, 1.818357216161805012e-01, 2.222219843214978396e-01,
		2.857142874366239149e-01, 3.999999999940941908e-01, 6.666666666666735130e-01} {
		p = m.fma(p, z, m.constant(l))
	}
	h := m.mul(m.mul(half, f), f)
	t := m.fmaMinus(s, m.fma(p, z, h), h)
	return m.add(m.sub(f, t), c)
}

func logLoss64Function(machine machine) {
	m := doubles{machine}
	m.text("logLoss64", "func(losses, slopes, bends, margins, signs *float64, n uintptr)",
		"is LogLoss64, for n a positive multiple of 8.")
	names := []string{"losses", "slopes", "bends", "margins", "signs"}
	at := map[string]reg.GPVirtual{}
	for _, name := range names {
		at[name] = GP64()
		Load(Param(name), at[name])
	}
	n := GP64()
	Load(Param("n"), n)
	Label("vector")
	sign, u := m.vec(), m.vec()
	VMOVUPD(Mem{Base: at["signs"]}, sign)
	VMULPD(Mem{Base: at["margins"]}, sign, u)
	signBit, zero := m.constantBits(1<<63), m.constant(0)
	minus := m.xor(u, signBit)
	e := m.expNegative64(m.choose(less, u, zero, u, minus))
	one := m.constant(1)
	p := m.div(one, m.add(one, e))
	small := m.mul(e, p)
	VMOVUPD(m.mul(small, p), Mem{Base: at["bends"]})
	s := m.choose(greaterEqual, u, zero, small, p)
	VMOVUPD(m.xor(m.mul(s, sign), signBit), Mem{Base: at["slopes"]})
	VMOVUPD(m.add(m.maxOr(zero, minus), m.log1pUnit64(e)), Mem{Base: at["losses"]})
	for _, name := range names {
		ADDQ(U8(m.bytes()), at[name])
	}
	SUBQ(U8(m.lanes/2), n)
	JNZ(LabelRef("vector"))
	done()
}
