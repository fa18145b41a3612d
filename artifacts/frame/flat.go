package frame

import "encoding/binary"

// flat is a flatbuffer. Positions are offsets into it; -1 stands for what is absent or outside, and
// whatever is asked of -1 is absent too.
type flat []byte

// ref follows the offset that is stored at the position.
func (b flat) ref(at int) int {
	if at < 0 || at > len(b)-4 {
		return -1
	}
	to := int64(at) + int64(binary.LittleEndian.Uint32(b[at:]))
	if to > int64(len(b)-4) {
		return -1
	}
	return int(to)
}

// member gives where the i-th member of the table at the position lies, or -1.
func (b flat) member(at, i int) int {
	if at < 0 || at > len(b)-4 {
		return -1
	}
	vtable := int64(at) - int64(int32(binary.LittleEndian.Uint32(b[at:])))
	if vtable < 0 || vtable > int64(len(b)-4) {
		return -1
	}
	size := int(binary.LittleEndian.Uint16(b[vtable:]))
	entry := 4 + 2*i
	if entry+2 > size || int(vtable)+entry+2 > len(b) {
		return -1
	}
	offset := int(binary.LittleEndian.Uint16(b[int(vtable)+entry:]))
	if offset == 0 || at+offset > len(b)-2 {
		return -1
	}
	return at + offset
}

// table gives what the i-th member of the table at the position refers to.
func (b flat) table(at, i int) int { return b.ref(b.member(at, i)) }

// byte gives the i-th member, which is a byte; 0 if it is absent.
func (b flat) byte(at, i int) byte {
	if m := b.member(at, i); m >= 0 {
		return b[m]
	}
	return 0
}

// timeUnit gives the i-th member, which is one of Arrow's units of time; milliseconds are not written.
func (b flat) timeUnit(at, i int) int {
	if m := b.member(at, i); m >= 0 {
		return int(binary.LittleEndian.Uint16(b[m:])) % len(durations)
	}
	return 1
}

// length gives the number of 4-byte elements of the vector at the position, 0 if they are not all
// in the buffer.
func (b flat) length(at int) int {
	if at < 0 || at > len(b)-4 {
		return 0
	}
	n := binary.LittleEndian.Uint32(b[at:])
	if int64(n)*4 > int64(len(b)-at-4) {
		return 0
	}
	return int(n)
}

// text gives the string at the position.
func (b flat) text(at int) (string, bool) {
	if at < 0 || at > len(b)-4 {
		return "", false
	}
	n := binary.LittleEndian.Uint32(b[at:])
	if int64(n) > int64(len(b)-at-4) {
		return "", false
	}
	return string(b[at+4 : at+4+int(n)]), true
}

// number gives the i-th member, which is a whole number of so many bytes; otherwise if it is absent.
func (b flat) number(at, i, bytes int, otherwise int64) int64 {
	m := b.member(at, i)
	if m < 0 || m > len(b)-bytes {
		return otherwise
	}
	switch bytes {
	case 1:
		return int64(b[m])
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(b[m:])))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(b[m:])))
	}
	return int64(binary.LittleEndian.Uint64(b[m:]))
}

// structs gives the bytes of a vector's elements of so many bytes each, of the i-th member; none if they are not all in the buffer.
func (b flat) structs(at, i, bytes int) []byte {
	v := b.table(at, i)
	if v < 0 {
		return nil
	}
	n := int64(binary.LittleEndian.Uint32(b[v:])) * int64(bytes)
	if n > int64(len(b)-v-4) {
		return nil
	}
	return b[v+4 : v+4+int(n)]
}
