package datalaw

import "spurion/stages/numeric/boolean"

// CoreWords gives the number of 64-bit words of a packed core block, ceil(core length / 64).
func (c *Compiled) CoreWords() int { return (c.law.CoreLength + 63) / 64 }

// CoreBlocks sets blocks [rows, CoreWords()] to the core blocks of packed rows [rows, Words()]; the
// bits past a block are 0.
func (c *Compiled) CoreBlocks(blocks, packed []uint64, rows int) {
	k, last := c.CoreWords(), c.lastCoreMask()
	for r := range rows {
		block := blocks[r*k : (r+1)*k]
		copy(block, packed[r*c.words:])
		if k > 0 {
			block[k-1] &= last
		}
	}
}

// SetCoreBlocks puts core blocks, as CoreBlocks gives them, into packed rows. Within a group the core
// block is independent of the rest: a row that is uniform on its group stays so, given its block, if
// the block has the same label.
func (c *Compiled) SetCoreBlocks(packed, blocks []uint64, rows int) {
	k, last := c.CoreWords(), c.lastCoreMask()
	for r := range rows {
		for w, block := range blocks[r*k : (r+1)*k] {
			mask := ^uint64(0)
			if w == k-1 {
				mask = last
			}
			at := r*c.words + w
			packed[at] = packed[at]&^mask | block&mask
		}
	}
}

// CoreLabels gives labels, each [rows], to core blocks.
func (c *Compiled) CoreLabels(blocks []uint64, labels []int16) {
	k := c.CoreWords()
	if k == 0 { // a constant
		blocks, k = make([]uint64, len(labels)), 1
	}
	for r := range labels {
		labels[r] = c.coreForm.Value(blocks[r*k:(r+1)*k], 0)
	}
}

func (c *Compiled) lastCoreMask() uint64 {
	return boolean.LowMask(c.law.CoreLength - 64*(c.CoreWords()-1))
}
