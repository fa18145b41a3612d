package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A compressor moves lanes to the front of a vector, as AVX-512 has an instruction for and AVX2 a table of permutations.
type compressor struct {
	machine
	zero   reg.VecVirtual
	orders reg.GPVirtual // AVX2
}

var laneOrders *Mem

func (m machine) newCompressor() compressor {
	c := compressor{machine: m, zero: m.zero()}
	if m.wide {
		return c
	}
	if laneOrders == nil {
		table := GLOBL("laneOrders", 24) // RODATA|NOPTR
		for set := range 256 {
			order, n := uint64(0), 0
			for lane := range 8 {
				if set>>lane&1 == 1 {
					order |= uint64(lane) << (8 * n)
					n++
				}
			}
			DATA(8*set, U64(order))
		}
		laneOrders = &table
	}
	c.orders = GP64()
	LEAQ(*laneOrders, c.orders)
	return c
}

// compress moves to the front the lanes of each of vs where x is not 0, be it NaN, and gives how many these are. Of the lanes
// behind them nothing is promised.
func (c *compressor) compress(x reg.VecVirtual, vs ...reg.VecVirtual) (packed []reg.VecVirtual, n reg.GPVirtual) {
	const notEqual = 4 // true for NaN
	set := GP64()
	if c.wide {
		k := K()
		VCMPPS(U8(notEqual), c.zero, x, k)
		for _, v := range vs {
			to := c.vec()
			VPCOMPRESSD_Z(v, k, to)
			packed = append(packed, to)
		}
		KMOVW(k, set.As32())
	} else {
		some, order := c.vec(), c.vec()
		VCMPPS(U8(notEqual), c.zero, x, some)
		VMOVMSKPS(some, set.As32())
		VPMOVZXBD(Mem{Base: c.orders, Index: set, Scale: 8}, order)
		for _, v := range vs {
			to := c.vec()
			VPERMPS(v, order, to)
			packed = append(packed, to)
		}
	}
	n = GP64()
	POPCNTL(set.As32(), n.As32())
	return packed, n
}
