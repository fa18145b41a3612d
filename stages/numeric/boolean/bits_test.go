package boolean

import (
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// unpack gives all bits of a row.
func unpack(row []uint64) []int {
	bits := make([]int, 64*len(row))
	for i := range bits {
		bits[i] = int(row[i/64] >> (i % 64) & 1)
	}
	return bits
}

// TestRanges compares what is done to ranges of bits with the same done one bit at a time, at all
// kinds of offsets and lengths, and checks that nothing outside the range changes.
func TestRanges(t *testing.T) {
	stream := kernel.NewStream(3, "ranges")
	row := make([]uint64, 5)
	for range 5000 {
		stream.Fill(row)
		off := stream.IntN(100)
		n := 1 + stream.IntN(len(row)*64-off-1)
		before := unpack(row)
		want := slices.Clone(before)
		part := want[off : off+n]
		what := ""
		switch stream.IntN(4) {
		case 0:
			what = "invert"
			invert(row, off, n)
			for i := range part {
				part[i] ^= 1
			}
		case 1:
			what = "toPrefixes"
			toPrefixes(row, off, n)
			product := 1
			for i := range part {
				product *= 2*part[i] - 1
				part[i] = (product + 1) / 2
			}
		case 2:
			what = "fromPrefixes"
			toPrefixes(row, off, n)
			fromPrefixes(row, off, n)
		case 3:
			what = "flipNth"
			bit := stream.IntN(2)
			var at []int
			for i, b := range part {
				if b == bit {
					at = append(at, i)
				}
			}
			if len(at) == 0 {
				continue
			}
			j := stream.IntN(len(at))
			flipNth(row, off, n, uint64(bit), j)
			part[at[j]] ^= 1
		}
		if got := unpack(row); !slices.Equal(got, want) {
			t.Fatalf("%s of %d bits from %d on\n got %v\nwant %v", what, n, off, got, want)
		}
		ones := 0
		for _, b := range part {
			ones += b
		}
		if got := count(row, off, n); got != ones {
			t.Fatalf("count of %d bits from %d on is %d, want %d", n, off, got, ones)
		}
		if m := min(n, 64); true {
			v := stream.Uint64() & LowMask(m)
			setField(row, off, m, v)
			if field(row, off, m) != v {
				t.Fatalf("field of %d bits at %d is not what was set", m, off)
			}
			for i := range m {
				want[off+i] = int(v >> i & 1)
			}
			if !slices.Equal(unpack(row), want) {
				t.Fatalf("setField of %d bits at %d changed others", m, off)
			}
		}
	}
}

func TestExpand(t *testing.T) {
	stream := kernel.NewStream(4, "expand")
	for n := 1; n <= 200; n++ {
		const rows = 3
		words := (n + 63) / 64
		packed := make([]uint64, rows*words)
		stream.Fill(packed)
		floats, ints := make([]float32, rows*n+2), make([]int8, rows*n+2)
		for i := range floats {
			floats[i], ints[i] = 7, 7
		}
		Expand(floats[1:rows*n+1], packed, rows, n)
		ExpandInt8(ints[1:rows*n+1], packed, rows, n)
		for i := range rows * n {
			want := int8(2*int(packed[i/n*words+i%n/64]>>(i%n%64)&1) - 1)
			if ints[i+1] != want || floats[i+1] != float32(want) {
				t.Fatalf("n=%d, row %d, coordinate %d: %v and %v, want %d", n, i/n, i%n, floats[i+1], ints[i+1], want)
			}
		}
		if floats[0] != 7 || floats[rows*n+1] != 7 || ints[0] != 7 || ints[rows*n+1] != 7 {
			t.Fatalf("n=%d: written outside", n)
		}
	}
}
