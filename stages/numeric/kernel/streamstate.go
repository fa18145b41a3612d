package kernel

import (
	"encoding/binary"
	"errors"
	"math"
)

// streamState is the length of what AppendState appends: counter and block, words used, the spare.
const streamState = 8 * (4 + 4 + 1 + 2)

// AppendState appends where the stream stands, for SetState on a stream of the same seed and purpose.
func (s *Stream) AppendState(b []byte) []byte {
	for _, w := range s.counter {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	for _, w := range s.block {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	b = binary.LittleEndian.AppendUint64(b, uint64(s.used))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(s.spare))
	spare := uint64(0)
	if s.hasSpare {
		spare = 1
	}
	return binary.LittleEndian.AppendUint64(b, spare)
}

// SetState moves the stream to where another one of its seed and purpose stood, and gives what follows in b. After
// an error the stream is as it was.
func (s *Stream) SetState(b []byte) (rest []byte, err error) {
	if len(b) < streamState {
		return nil, errors.New("kernel: the state of a stream is cut short")
	}
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	used, spare := word(8), word(10)
	if used > 4 || spare > 1 {
		return nil, errors.New("kernel: this is not the state of a stream")
	}
	for i := range 4 {
		s.counter[i], s.block[i] = word(i), word(4+i)
	}
	s.used, s.spare, s.hasSpare = int(used), math.Float64frombits(word(9)), spare == 1
	return b[streamState:], nil
}
