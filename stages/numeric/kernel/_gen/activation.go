package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

type (
	loadFunc  = func(string) reg.VecVirtual
	storeFunc = func(string, reg.VecVirtual)
)

func activationFunctions(m machine) {
	m.text("relu", "func(z *float32, n uintptr)", "is Relu.")
	zero := m.zero()
	m.each([]string{"z"}, func(load loadFunc, store storeFunc) {
		store("z", m.maxOr(zero, load("z")))
	})
	done()

	m.text("reluGradient", "func(d, h *float32, n uintptr)", "is ReluGradient.")
	zero = m.zero()
	m.each([]string{"d", "h"}, func(load loadFunc, store storeFunc) {
		store("d", m.choose(greater, load("h"), zero, load("d"), zero))
	})
	done()

	m.text("leakyRelu", "func(z *float32, n uintptr, slope float32)", "is LeakyRelu.")
	slope, zero := m.parameter("slope"), m.zero()
	m.each([]string{"z"}, func(load loadFunc, store storeFunc) {
		z := load("z")
		store("z", m.choose(less, z, zero, m.mul(z, slope), z))
	})
	done()

	m.text("leakyReluGradient", "func(d, h *float32, n uintptr, slope float32)", "is LeakyReluGradient.")
	slope, zero = m.parameter("slope"), m.zero()
	m.each([]string{"d", "h"}, func(load loadFunc, store storeFunc) {
		d := load("d")
		store("d", m.choose(greater, load("h"), zero, d, m.mul(d, slope)))
	})
	done()

	m.text("scale", "func(z *float32, n uintptr, factor float32)", "is Scale.")
	factor := m.parameter("factor")
	m.each([]string{"z"}, func(load loadFunc, store storeFunc) {
		store("z", m.mul(load("z"), factor))
	})
	done()

	m.text("add", "func(z, a, b *float32, n uintptr)", "is Sum.")
	m.each([]string{"z", "a", "b"}, func(load loadFunc, store storeFunc) {
		store("z", m.add(load("a"), load("b")))
	})
	done()

	m.text("square", "func(z *float32, n uintptr)", "is Square.")
	m.each([]string{"z"}, func(load loadFunc, store storeFunc) {
		z := load("z")
		store("z", m.mul(z, z))
	})
	done()

	m.text("squareGradient", "func(d, z *float32, n uintptr)", "is SquareGradient.")
	m.each([]string{"d", "z"}, func(load loadFunc, store storeFunc) {
		z := load("z")
		store("d", m.mul(load("d"), m.add(z, z)))
	})
	done()

	m.text("tanhGradient", "func(d, h *float32, n uintptr)", "is TanhGradient.")
	one := m.constant(1)
	m.each([]string{"d", "h"}, func(load loadFunc, store storeFunc) {
		h := load("h")
		store("d", m.mul(load("d"), m.fmaMinus(h, h, one)))
	})
	done()
}

// expNegative is the function of the same name in exp32.go.
func (m machine) expNegative(x reg.VecVirtual) reg.VecVirtual {
	x = m.maxOr(m.constant(-86), x)
	magic := m.constant(12582912)
	shifted := m.fma(x, m.constant(1.44269504089), magic)
	n := m.sub(shifted, magic)
	r := m.fmaMinus(n, m.constant(0.693359375), x)
	r = m.fmaMinus(n, m.constant(-2.12194440e-4), r)
	p := m.constant(1.0 / 5040)
	for _, c := range []float32{1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 1.0 / 2, 1, 1} {
		p = m.fma(p, r, m.constant(c))
	}
	exponent := m.vec()
	VPSLLD(U8(23), shifted, exponent)
	e := m.vec()
	VPADDD(p, exponent, e)
	return e
}

// log1pUnit is the function of the same name in exp32.go.
func (m machine) log1pUnit(t reg.VecVirtual) reg.VecVirtual {
	s := m.div(t, m.add(m.constant(2), t))
	z := m.mul(s, s)
	p := m.constant(1.0 / 15)
	for _, c := range []float32{1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3} {
		p = m.fma(p, z, m.constant(c))
	}
	twice := m.add(s, s)
	return m.fma(m.mul(twice, z), p, twice)
}

func exponentialsFunction(m machine) {
	m.text("exponentials", "func(z *float32, n uintptr)", "is exponentials.")
	m.each([]string{"z"}, func(load loadFunc, store storeFunc) { store("z", m.expNegative(load("z"))) })
	done()
}

func tanhFunction(m machine) {
	m.text("tanh", "func(z *float32, n uintptr)", "is Tanh.")
	m.each([]string{"z"}, func(load loadFunc, store storeFunc) {
		x := load("z")
		sign := m.and(x, m.constantBits(1<<31))
		a := m.xor(x, sign)

		z := m.mul(x, x)
		p := m.constant(-5.70498872745e-3)
		for _, c := range []float32{2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1} {
			p = m.fma(p, z, m.constant(c))
		}
		small := m.fma(m.mul(x, z), p, x)

		minus := m.xor(m.add(a, a), m.constantBits(1<<31))
		t := m.expNegative(minus)
		one := m.constant(1)
		large := m.or(m.div(m.sub(one, t), m.add(one, t)), sign)
		store("z", m.choose(less, a, m.constant(0.625), small, large))
	})
	done()
}

func logisticFunction(m machine) {
	m.text("logistic", "func(losses, slopes, margins *float32, labels *int16, n uintptr)",
		"is Logistic, for n a multiple of the lanes of a vector.")
	labels := GP64()
	Load(Param("labels"), labels)
	m.each([]string{"losses", "slopes", "margins"}, func(load loadFunc, store storeFunc) {
		signBit := m.constantBits(1 << 31)
		zero := m.zero()
		label := m.vec()
		VPMOVSXWD(Mem{Base: labels}, label)
		ADDQ(U8(2*m.lanes), labels)
		// Label 0 flips the margin's sign, every other label the slope's.
		flip := m.vec()
		if m.wide {
			k := K()
			VPTESTNMD(label, label, k)
			VMOVDQA32_Z(signBit, k, flip)
		} else {
			is0 := m.vec()
			VPCMPEQD(zero, label, is0)
			flip = m.and(is0, signBit)
		}
		u := m.xor(load("margins"), flip)
		minus := m.xor(u, signBit)
		t := m.expNegative(m.choose(less, u, zero, u, minus))
		store("losses", m.add(m.maxOr(zero, minus), m.log1pUnit(t)))
		one := m.constant(1)
		s := m.div(m.choose(greaterEqual, u, zero, t, one), m.add(one, t))
		store("slopes", m.xor(m.xor(s, flip), signBit))
	})
	done()
}
