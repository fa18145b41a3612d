package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A finiteCheck gathers whether all weights are finite: most holds, in each lane, the largest of their bits without the
// sign. Integers, since the next of them waits a cycle for the last one, and a sum's four.
type finiteCheck struct {
	m    machine
	most reg.VecVirtual
}

func (m machine) finiteCheck() finiteCheck { return finiteCheck{m, m.zero()} }

func (f finiteCheck) see(w reg.VecVirtual) {
	twice := f.m.vec() // the sign is shifted out
	VPSLLD(U8(1), w, twice)
	VPMAXUD(twice, f.most, f.most)
}

// result stores whether no lane is infinite or NaN.
func (f finiteCheck) result() {
	limit := f.m.constantBits(0xff000000) // infinity, shifted
	bits, finite := GP32(), GP8()
	if f.m.wide {
		k := K()
		VPCMPUD(U8(5), limit, f.most, k) // not less
		KMOVW(k, bits)
	} else {
		v := f.m.vec()
		VPMAXUD(limit, f.most, v)
		VPCMPEQD(f.most, v, v) // most is limit or more
		VMOVMSKPS(v, bits)
	}
	TESTL(bits, bits)
	SETEQ(finite)
	Store(finite, ReturnIndex(0))
	done()
}

// settler gives Settle: a number without a bit in its exponent becomes 0. In integers, since the
// processor is slow with denormal numbers even to compare them.
func (m machine) settler() func(reg.VecVirtual) reg.VecVirtual {
	exponent := m.constantBits(0x7f800000)
	var zero reg.VecVirtual
	if !m.wide {
		zero = m.zero()
	}
	return func(x reg.VecVirtual) reg.VecVirtual {
		v := m.vec()
		if m.wide {
			k := K()
			VPTESTMD(exponent, x, k)
			VMOVAPS_Z(x, k, v)
			return v
		}
		VPCMPEQD(zero, m.and(x, exponent), v)
		VPANDN(x, v, v)
		return v
	}
}

func optimizerFunctions(m machine) {
	m.text("descend", "func(w, grad *float32, n uintptr, rate, decay float32) bool", "is Descend.")
	rate, decay, check, settle := m.parameter("rate"), m.parameter("decay"), m.finiteCheck(), m.settler()
	m.each([]string{"w", "grad"}, func(load loadFunc, store storeFunc) {
		w := load("w")
		s := m.fma(decay, w, load("grad"))
		w = settle(m.fmaMinus(rate, s, w))
		check.see(w)
		store("w", w)
	})
	check.result()

	descendMomentum(m, "descendMomentum", false)
	descendMomentum(m, "descendNesterov", true)

	m.text("descendSign", "func(w, grad *float32, n uintptr, rate, decay float32) bool", "is DescendSign.")
	rate, decay, check, settle = m.parameter("rate"), m.parameter("decay"), m.finiteCheck(), m.settler()
	zero := m.zero()
	m.each([]string{"w", "grad"}, func(load loadFunc, store storeFunc) {
		w := load("w")
		s := m.fma(decay, w, load("grad"))
		x := m.choose(less, s, zero, m.add(w, rate), m.add(w, s))
		x = settle(m.choose(greater, s, zero, m.sub(w, rate), x))
		check.see(x)
		store("w", x)
	})
	check.result()

	m.text("adam", "func(w, grad, m, v *float32, n uintptr, rate, rootScale, epsilon, oneLessBeta1, beta2, oneLessBeta2, decay, shrink float32) bool", "is Adam.")
	adam(m)
}

func descendMomentum(m machine, name string, nesterov bool) {
	m.text(name, "func(w, grad, v *float32, n uintptr, rate, momentum, decay float32) bool",
		"is DescendMomentum.")
	rate, momentum, decay := m.parameter("rate"), m.parameter("momentum"), m.parameter("decay")
	check, settle := m.finiteCheck(), m.settler()
	m.each([]string{"w", "grad", "v"}, func(load loadFunc, store storeFunc) {
		w := load("w")
		s := m.fma(decay, w, load("grad"))
		v := settle(m.fma(momentum, load("v"), s))
		store("v", v)
		if nesterov {
			v = m.fma(momentum, v, s)
		}
		w = settle(m.fmaMinus(rate, v, w))
		check.see(w)
		store("w", w)
	})
	check.result()
}

func finiteFunction(m machine) {
	m.text("finite", "func(z *float32, n uintptr) bool", "is Finite.")
	check := m.finiteCheck()
	m.each([]string{"z"}, func(load loadFunc, _ storeFunc) { check.see(load("z")) })
	check.result()
}

func adam(m machine) {
	check, settle := m.finiteCheck(), m.settler()
	m.each([]string{"w", "grad", "m", "v"}, func(load loadFunc, store storeFunc) {
		w := load("w")
		s := m.fma(m.parameter("decay"), w, load("grad"))
		mean := load("m")
		mean = settle(m.fma(m.parameter("oneLessBeta1"), m.sub(s, mean), mean))
		store("m", mean)
		square := settle(m.fma(m.mul(m.parameter("oneLessBeta2"), s), s, m.mul(m.parameter("beta2"), load("v"))))
		check.see(square)
		store("v", square)
		d := m.fma(m.sqrt(square), m.parameter("rootScale"), m.parameter("epsilon"))
		x := m.fmaMinus(m.parameter("shrink"), w, w)
		x = settle(m.fmaMinus(m.parameter("rate"), m.div(mean, d), x))
		check.see(x)
		store("w", x)
	})
	check.result()
}

// burstFunction emits independent fused multiply-adds, as many at a time as hide their latency: to
// measure the processor's peak.
func burstFunction(m machine) {
	m.text("burst", "func(rounds uintptr)", "runs 12 independent chains of so many fused multiply-adds.")
	rounds := GP64()
	Load(Param("rounds"), rounds)
	x := m.zero()
	var chains []reg.VecVirtual
	for range 12 {
		chains = append(chains, m.zero())
	}
	Label("round")
	TESTQ(rounds, rounds)
	JZ(LabelRef("done"))
	for _, c := range chains {
		VFMADD231PS(x, x, c)
	}
	DECQ(rounds)
	JMP(LabelRef("round"))
	Label("done")
	done()
}
