package thrift

import (
	"bytes"
	"context"
	"encoding/hex"
	"io"
	"math"
	"strings"
	"testing"
)

// What Thrift v0.20.0 itself makes of the structure that fields writes, and of more fields whose types Parquet has not.
const (
	known = "111213f90428d70405a006ffffffff0f050efeffffff0f16ffffffffffffffffff011800188c01" + "PPPP" +
		"180200ff1921010219f60f00020406080a0c0e10121416181a1c1c150a00191c00"
	strange = "17000000000000f83f1b0185016b021b001a2402041d01000000000000000000000000000000"
)

var text = strings.Repeat("λ", 70)

func knownBytes(t *testing.T) []byte {
	data, err := hex.DecodeString(strings.Replace(known, "PPPP", hex.EncodeToString([]byte(text)), 1))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func over(data []byte) (TProtocol, *TMemoryBuffer) {
	b := &TMemoryBuffer{Buffer: bytes.NewBuffer(data)}
	return NewTCompactProtocolFactoryConf(nil).GetProtocol(b), b
}

// fields writes one of each kind of field.
func fields(p TProtocol) {
	ctx := context.Background()
	field := func(t TType, id int16) { p.WriteFieldBegin(ctx, "", t, id) }
	field(BOOL, 1)
	p.WriteBool(ctx, true)
	field(BOOL, 2)
	p.WriteBool(ctx, false)
	field(BYTE, 3)
	p.WriteByte(ctx, -7)
	field(I16, 20)
	p.WriteI16(ctx, -300)
	field(I32, 400)
	p.WriteI32(ctx, math.MinInt32)
	field(I32, 7)
	p.WriteI32(ctx, math.MaxInt32)
	field(I64, 8)
	p.WriteI64(ctx, math.MinInt64)
	field(STRING, 9)
	p.WriteString(ctx, "")
	field(STRING, 10)
	p.WriteString(ctx, text)
	field(STRING, 11)
	p.WriteBinary(ctx, []byte{0, 255})
	field(LIST, 12)
	p.WriteListBegin(ctx, BOOL, 2)
	p.WriteBool(ctx, true)
	p.WriteBool(ctx, false)
	field(LIST, 13)
	p.WriteListBegin(ctx, I64, 15)
	for i := range int64(15) {
		p.WriteI64(ctx, i)
	}
	field(STRUCT, 14)
	p.WriteStructBegin(ctx, "")
	field(I32, 1)
	p.WriteI32(ctx, 5)
	p.WriteFieldStop(ctx)
	p.WriteStructEnd(ctx)
	field(LIST, 15)
	p.WriteListBegin(ctx, STRUCT, 1)
	p.WriteStructBegin(ctx, "")
	p.WriteFieldStop(ctx)
	p.WriteStructEnd(ctx)
}

// TestWrite: the bytes are Thrift's own.
func TestWrite(t *testing.T) {
	p, b := over(nil)
	p.WriteStructBegin(context.Background(), "")
	fields(p)
	if want := knownBytes(t); !bytes.Equal(b.Bytes(), want) {
		t.Errorf("\n%x, not\n%x", b.Bytes(), want)
	}
}

// TestRead reads Thrift's bytes from memory and from a stream.
func TestRead(t *testing.T) {
	ctx := context.Background()
	memory, _ := over(knownBytes(t))
	for name, p := range map[string]TProtocol{"memory": memory,
		"stream": NewTCompactProtocolFactoryConf(nil).GetProtocol(NewStreamTransportR(bytes.NewReader(knownBytes(t))))} {
		p.ReadStructBegin(ctx)
		check := func(id int16, kind TType, want any, read func() (any, error)) {
			t.Helper()
			_, k, i, err := p.ReadFieldBegin(ctx)
			if err != nil || k != kind || i != id {
				t.Fatalf("%s: field %d of type %d, not %d of %d: %v", name, i, k, id, kind, err)
			}
			if got, err := read(); got != want || err != nil {
				t.Errorf("%s: field %d is %v, not %v: %v", name, id, got, want, err)
			}
		}
		boolean := func() (any, error) { return p.ReadBool(ctx) }
		i32 := func() (any, error) { return p.ReadI32(ctx) }
		str := func() (any, error) { return p.ReadString(ctx) }
		check(1, BOOL, true, boolean)
		check(2, BOOL, false, boolean)
		check(3, BYTE, int8(-7), func() (any, error) { return p.ReadByte(ctx) })
		check(20, I16, int16(-300), func() (any, error) { return p.ReadI16(ctx) })
		check(400, I32, int32(math.MinInt32), i32)
		check(7, I32, int32(math.MaxInt32), i32)
		check(8, I64, int64(math.MinInt64), func() (any, error) { return p.ReadI64(ctx) })
		check(9, STRING, "", str)
		check(10, STRING, text, str)
		check(11, STRING, "\x00\xff", func() (any, error) { v, err := p.ReadBinary(ctx); return string(v), err })
		check(12, LIST, "truefalse", func() (any, error) {
			_, n, err := p.ReadListBegin(ctx)
			a, _ := p.ReadBool(ctx)
			b, _ := p.ReadBool(ctx)
			if n == 2 && a && !b {
				return "truefalse", err
			}
			return n, err
		})
	}
}

// TestSkip skips every field, those of types that Parquet has not as well; of a cut structure it says so.
func TestSkip(t *testing.T) {
	more, err := hex.DecodeString(strange + "00")
	if err != nil {
		t.Fatal(err)
	}
	whole := append(knownBytes(t), more...)
	for n := range len(whole) + 1 {
		p, left := over(whole[:n])
		if err := p.Skip(context.Background(), STRUCT); (err == nil) != (n == len(whole)) || left.Len() > 0 && err == nil {
			t.Errorf("%d of %d bytes: %v, %d left", n, len(whole), err, left.Len())
		}
	}
}

// TestTrust: a number that promises more than there is makes no room, and no depth exhausts the stack.
func TestTrust(t *testing.T) {
	ctx := context.Background()
	for _, data := range []string{"\xff\xff\xff\x7f", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "\xff\xff\xff\xff\x0f", "\x05abc", ""} {
		p, _ := over([]byte(data))
		if v, err := p.ReadBinary(ctx); err == nil {
			t.Errorf("%q is read as %q", data, v)
		}
		stream := NewTCompactProtocolFactoryConf(nil).GetProtocol(NewStreamTransportR(strings.NewReader(data)))
		if v, err := stream.ReadString(ctx); err == nil {
			t.Errorf("%q is read from a stream as %q", data, v)
		}
	}
	for _, data := range []string{"\xfc\xff\xff\xff\x07", "\xfc\x05\x00\x00", "\x1f\x00", "\x10\x00"} {
		p, _ := over([]byte(data))
		if _, n, err := p.ReadListBegin(ctx); err == nil {
			t.Errorf("%q is a list of %d", data, n)
		}
	}
	p, _ := over([]byte(strings.Repeat("\x1c", 1<<20)))
	if p.Skip(ctx, STRUCT) != errDepth {
		t.Error("a million structures within one another are skipped")
	}
	if p.ReadStructEnd(ctx); len(p.outer) > mostDepth {
		t.Errorf("%d levels are kept", len(p.outer))
	}
}

// A pair is a structure of one list.
type pair []int32

func (s pair) Read(context.Context, TProtocol) error { return io.EOF }
func (s pair) Write(ctx context.Context, p TProtocol) error {
	p.WriteStructBegin(ctx, "pair")
	p.WriteFieldBegin(ctx, "list", LIST, 1)
	p.WriteListBegin(ctx, I32, len(s))
	for _, v := range s {
		p.WriteI32(ctx, v)
	}
	p.WriteFieldStop(ctx)
	return p.WriteStructEnd(ctx)
}

// TestSerializer: a serializer begins anew each time, and what it gave stays.
func TestSerializer(t *testing.T) {
	b := NewTMemoryBufferLen(1)
	s := TSerializer{Transport: b, Protocol: NewTCompactProtocolFactoryConf(nil).GetProtocol(b)}
	first, err := s.Write(context.Background(), pair{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.WriteString(context.Background(), pair{3})
	if err != nil || string(first) != "\x19\x25\x02\x04\x00" || second != "\x19\x15\x06\x00" {
		t.Errorf("%q and %q: %v", first, second, err)
	}
}

// TestStream: what a stream's room holds is never written, as with Thrift's own.
func TestStream(t *testing.T) {
	for size, want := range map[int]int{1000: 0, 5000: 4096} {
		var b bytes.Buffer
		p := NewTCompactProtocolFactoryConf(nil).GetProtocol(NewStreamTransportW(&b))
		if pair(make([]int32, size)).Write(context.Background(), p); b.Len() != want {
			t.Errorf("%d of about %d bytes are written, not %d", b.Len(), size, want)
		}
	}
}
