package pages

import (
	"encoding/binary"
	"errors"

	"github.com/pierrec/lz4/v4"
)

// unpackLZ4Frame fills out with what a frame of LZ4 holds (LZ4 Frame Format 1.6.4), and gives how many bytes those are. Checksums are passed over: the
// library's own reader, of version 4.1, takes those of blocks for sums of what they unpack to, and refuses the files of polars.
func unpackLZ4Frame(out, frame []byte) (n int, err error) {
	const mark, version, linkless, blockSums, sized, named = 0x184D2204, 1, 1 << 5, 1 << 4, 1 << 3, 1
	if len(frame) < 7 || binary.LittleEndian.Uint32(frame) != mark || frame[4]>>6 != version {
		return 0, errors.New("it is no frame of LZ4")
	}
	flags := frame[4]
	if flags&named != 0 {
		return 0, errors.New("a frame of LZ4 with a dictionary is not read")
	}
	head, after := 7, 0
	if flags&sized != 0 {
		head += 8
	}
	if flags&blockSums != 0 {
		after = 4
	}
	for frame = frame[min(head, len(frame)):]; ; {
		if len(frame) < 4 {
			return n, errors.New("it is cut short")
		}
		length := binary.LittleEndian.Uint32(frame)
		frame = frame[4:]
		if length == 0 { // the end
			return n, nil
		}
		size, stored := int64(length&^(1<<31)), length>>31 == 1
		if size+int64(after) > int64(len(frame)) {
			return n, errors.New("it is cut short")
		}
		block := frame[:size]
		frame = frame[size+int64(after):]
		switch {
		case stored && len(block) > len(out)-n:
			return n, errors.New("it holds more than it promised")
		case stored:
			n += copy(out[n:], block)
		default:
			var before []byte
			if flags&linkless == 0 {
				before = out[max(0, n-1<<16):n]
			}
			got, err := lz4.UncompressBlockWithDict(block, out[n:], before)
			if err != nil {
				return n, err
			}
			n += got
		}
	}
}
