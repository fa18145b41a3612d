package datalaw

import (
	"fmt"

	"spurion/stages/numeric/boolean"
)

// maxCube bounds the dimensions of a cube that is enumerated.
const maxCube = 40

// CubeSize gives the number 2^n of inputs, or an error if n is above 40.
func (c *Compiled) CubeSize() (int, error) {
	if c.dimensions > maxCube {
		return 0, fmt.Errorf("a cube of %d dimensions is too large to enumerate; at most %d", c.dimensions, maxCube)
	}
	return 1 << c.dimensions, nil
}

// Enumerate writes the inputs first to first+rows-1 of the cube: input i has +1 at coordinate j if
// bit j of i is set, else -1. x is [rows, n] row-major; it, labels and attributes may be nil. With
// the weights Densities()[group]/CubeSize() the whole cube stands for D_λ. It panics if the cube
// has no such inputs.
func (c *Compiled) Enumerate(first, rows int, x []float32, labels, attributes []int16) {
	if size, err := c.CubeSize(); err != nil || first < 0 || rows < 0 || first > size-rows {
		panic(fmt.Sprintf("datalaw: inputs %d to %d of a cube of %d dimensions", first, first+rows, c.dimensions))
	}
	for r := range rows {
		row := [1]uint64{uint64(first + r)}
		if x != nil {
			boolean.Expand(x[r*c.dimensions:(r+1)*c.dimensions], row[:], 1, c.dimensions)
		}
		if labels != nil {
			labels[r] = c.coreForm.Value(row[:], 0)
		}
		if attributes != nil {
			attributes[r] = c.spuriousForm.Value(row[:], c.law.CoreLength)
		}
	}
}

// Evaluate gives labels and attributes, each [rows], to packed rows [rows, Words()].
func (c *Compiled) Evaluate(packed []uint64, labels, attributes []int16) {
	c.evaluate(packed, labels, attributes)
}
