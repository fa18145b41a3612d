package kernel

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/bits"
)

// A Stream is a sequence of random numbers that depends on a seed and a purpose alone: equal on
// every machine and in every release. Streams of different seeds or purposes are independent for
// all practical ends. A Stream must not be used by two goroutines at once.
//
// It is Philox4x64-10 in counter mode, keyed with the first 16 bytes of
// SHA-256("spurion stream 1\x00" + seed as 8 little-endian bytes + purpose); the counter starts
// at 0 and its words come out in order. Its period is 2^130.
type Stream struct {
	key     [2]uint64
	counter [4]uint64 // of the next block
	block   [4]uint64
	used    int // words of block that are gone

	spare    float64 // second value of the last polar pair
	hasSpare bool
}

// NewStream starts the stream for a seed and a purpose, such as "data" or "initial weights".
func NewStream(seed int64, purpose string) *Stream {
	const schema = "spurion stream 1\x00"
	text := make([]byte, 0, len(schema)+8+len(purpose))
	text = append(text, schema...)
	text = binary.LittleEndian.AppendUint64(text, uint64(seed))
	text = append(text, purpose...)
	sum := sha256.Sum256(text)
	return &Stream{
		key:  [2]uint64{binary.LittleEndian.Uint64(sum[0:]), binary.LittleEndian.Uint64(sum[8:])},
		used: 4,
	}
}

// Uint64 gives 64 random bits.
func (s *Stream) Uint64() uint64 {
	if s.used == 4 {
		s.next()
	}
	s.used++
	return s.block[s.used-1]
}

func (s *Stream) next() {
	s.block = philox4x64(s.counter, s.key)
	s.used = 0
	for i := range s.counter {
		s.counter[i]++
		if s.counter[i] != 0 {
			break
		}
	}
}

// Fill sets every element of dst as if by Uint64.
func (s *Stream) Fill(dst []uint64) {
	for len(dst) > 0 {
		if s.used == 4 {
			for len(dst) >= 8 && s.counter[0] < math.MaxUint64-1 {
				philoxTwice((*[8]uint64)(dst), &s.counter, &s.key)
				s.counter[0] += 2
				dst = dst[8:]
			}
			if len(dst) == 0 {
				return
			}
			s.next()
		}
		n := copy(dst, s.block[s.used:])
		s.used += n
		dst = dst[n:]
	}
}

// Float64 gives a multiple of 2^-53, uniform in [0, 1).
func (s *Stream) Float64() float64 {
	return float64(float64(s.Uint64()>>11) * 0x1p-53)
}

// IntN gives an integer uniform in [0, n), without bias (Lemire, "Fast random integer generation
// in an interval", 2019). It panics if n < 1.
func (s *Stream) IntN(n int) int {
	if n < 1 {
		panic("kernel: IntN of a number below 1")
	}
	hi, lo := bits.Mul64(s.Uint64(), uint64(n))
	if lo < uint64(n) {
		threshold := -uint64(n) % uint64(n)
		for lo < threshold {
			hi, lo = bits.Mul64(s.Uint64(), uint64(n))
		}
	}
	return int(hi)
}

// Normal gives a standard normal number (Marsaglia's polar method, 1964: every second call draws
// a point of the unit disc and gives one coordinate, the next call the other).
func (s *Stream) Normal() float64 {
	if s.hasSpare {
		s.hasSpare = false
		return s.spare
	}
	for {
		u := symmetric(s.Uint64())
		v := symmetric(s.Uint64())
		q := float64(u*u) + float64(v*v)
		if q >= 1 || q == 0 {
			continue
		}
		f := math.Sqrt(-2 * Log64(q) / q)
		s.spare, s.hasSpare = float64(v*f), true
		return float64(u * f)
	}
}

// symmetric maps 64 random bits to an odd multiple of 2^-52 in (-1, 1).
func symmetric(x uint64) float64 {
	return float64(float64(int64(x)>>11|1) * 0x1p-52)
}

// Shuffle permutes n elements uniformly (Fisher and Yates; Durstenfeld 1964), from the last down.
func (s *Stream) Shuffle(n int, swap func(i, j int)) {
	for i := n - 1; i > 0; i-- {
		swap(i, s.IntN(i+1))
	}
}

// Shuffle permutes a list by Stream.Shuffle.
func Shuffle[T any](list []T, s *Stream) {
	s.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}
