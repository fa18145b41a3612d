package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// philoxFunction emits philoxTwice; both instruction sets come with BMI2's MULX.
func philoxFunction(m machine) {
	if m.wide {
		return
	}
	m.text("philoxTwice", "func(dst *[8]uint64, counter *[4]uint64, key *[2]uint64)", "is philoxTwice.")
	counter, key := GP64(), GP64()
	Load(Param("counter"), counter)
	Load(Param("key"), key)
	var blocks [2][4]reg.GPVirtual
	for b := range blocks {
		for i := range blocks[b] {
			blocks[b][i] = GP64()
			MOVQ(Mem{Base: counter, Disp: 8 * i}, blocks[b][i])
		}
	}
	ADDQ(Imm(1), blocks[1][0])
	keys := [2]reg.GPVirtual{GP64(), GP64()}
	MOVQ(Mem{Base: key}, keys[0])
	MOVQ(Mem{Base: key, Disp: 8}, keys[1])
	for round := range 10 {
		if round > 0 {
			for i, weyl := range []uint64{0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B} {
				ADDQ(wordMemory(weyl), keys[i])
			}
		}
		MOVQ(U64(0xD2E7470EE14C6C93), reg.RDX)
		var next [2][4]reg.GPVirtual
		for b, c := range blocks {
			low, high := GP64(), GP64()
			MULXQ(c[0], low, high)
			XORQ(c[3], high)
			XORQ(keys[1], high)
			next[b][3], next[b][2] = low, high
		}
		MOVQ(U64(0xCA5A826395121157), reg.RDX)
		for b, c := range blocks {
			low, high := GP64(), GP64()
			MULXQ(c[2], low, high)
			XORQ(c[1], high)
			XORQ(keys[0], high)
			next[b][1], next[b][0] = low, high
		}
		blocks = next
	}
	dst := GP64()
	Load(Param("dst"), dst)
	for b := range blocks {
		for i, x := range blocks[b] {
			MOVQ(x, Mem{Base: dst, Disp: 32*b + 8*i})
		}
	}
	RET()
}

var words = map[uint64]Mem{}

func wordMemory(x uint64) Mem {
	mem, ok := words[x]
	if !ok {
		mem = ConstData(fmt.Sprintf("word%016x", x), U64(x))
		words[x] = mem
	}
	return mem
}
