package datalaw

import (
	"slices"
	"testing"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/kernel"
)

// TestCoreBlocks: a block holds the core's coordinates, which make its label; put into another row it
// changes those coordinates and no other.
func TestCoreBlocks(t *testing.T) {
	for _, length := range []int{0, 1, 7, 63, 64, 65, 130} {
		l := Law{Core: boolean.Function{Type: boolean.TruthTable, Table: "1"}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1}, SpuriousLength: 3, CoreLength: length, Independent: 60, Strength: 1, Variant: Repository}
		if length > 0 {
			l.Core, l.Strength = boolean.Function{Type: boolean.Majority, Degree: length}, .7
		}
		c, err := l.Compile()
		if err != nil {
			t.Fatal(err)
		}
		const rows = 9
		n, k := c.Dimensions(), c.CoreWords()
		packed, other := make([]uint64, rows*c.Words()), make([]uint64, rows*c.Words())
		labels := make([]int16, rows)
		stream := kernel.NewStream(1, "blocks")
		c.SampleBits(stream, c.Confounded(), rows, packed, labels, nil)
		c.SampleBits(stream, c.Confounded(), rows, other, nil, nil)
		blocks := make([]uint64, rows*k)
		c.CoreBlocks(blocks, packed, rows)
		got := make([]int16, rows)
		c.CoreLabels(blocks, got)
		if !slices.Equal(got, labels) {
			t.Errorf("length %d: labels of blocks are %v, of rows %v", length, got, labels)
		}
		x, y, z := make([]float32, rows*n), make([]float32, rows*n), make([]float32, rows*n)
		boolean.Expand(x, packed, rows, n)
		boolean.Expand(y, other, rows, n)
		if k > 0 {
			cut := make([]float32, rows*length)
			boolean.Expand(cut, blocks, rows, length)
			for r := range rows {
				if !slices.Equal(cut[r*length:(r+1)*length], x[r*n:r*n+length]) {
					t.Errorf("length %d: block %d is not that of its row", length, r)
				}
				if tail := 64*k - length; tail > 0 && blocks[(r+1)*k-1]>>(64-tail) != 0 {
					t.Errorf("length %d: block %d has bits past its end", length, r)
				}
			}
		}
		c.SetCoreBlocks(other, blocks, rows)
		boolean.Expand(z, other, rows, n)
		for r := range rows {
			want := slices.Concat(x[r*n:r*n+length], y[r*n+length:(r+1)*n])
			if !slices.Equal(z[r*n:(r+1)*n], want) {
				t.Errorf("length %d: row %d with another block is wrong", length, r)
			}
		}
	}
}
