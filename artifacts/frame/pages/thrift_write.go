package pages

import "encoding/binary"

// A thriftWriter appends values in Thrift's compact protocol. Fields of a struct come in the order of their numbers.
type thriftWriter struct {
	data  []byte
	last  [8]int // the number of the last field of each struct that is open
	depth int
}

func (w *thriftWriter) reset() { w.data, w.depth, w.last[0] = w.data[:0], 0, 0 }

// field begins field id of the struct. Parquet's structs leave out no more than 14 numbers in a row.
func (w *thriftWriter) field(id int, kind byte) {
	w.data = append(w.data, byte(id-w.last[w.depth])<<4|kind)
	w.last[w.depth] = id
}

// open begins a struct, which is a field's value or an element of a list, and close ends it.
func (w *thriftWriter) open() {
	w.depth++
	w.last[w.depth] = 0
}

func (w *thriftWriter) close() {
	w.data = append(w.data, 0)
	w.depth--
}

func (w *thriftWriter) i16(id int, v int64) {
	w.field(id, thriftI16)
	w.data = binary.AppendVarint(w.data, v)
}

func (w *thriftWriter) i32(id int, v int64) {
	w.field(id, thriftI32)
	w.data = binary.AppendVarint(w.data, v)
}

func (w *thriftWriter) i64(id int, v int64) {
	w.field(id, thriftI64)
	w.data = binary.AppendVarint(w.data, v)
}

func (w *thriftWriter) text(id int, v string) {
	w.field(id, thriftBinary)
	w.element(v)
}

func (w *thriftWriter) binary(id int, v []byte) {
	w.field(id, thriftBinary)
	w.data = append(binary.AppendUvarint(w.data, uint64(len(v))), v...)
}

// element appends a text without a field's number, as it stands in a list.
func (w *thriftWriter) element(v string) {
	w.data = append(binary.AppendUvarint(w.data, uint64(len(v))), v...)
}

// structure begins field id, which is a struct.
func (w *thriftWriter) structure(id int) {
	w.field(id, thriftStruct)
	w.open()
}

// list begins field id, a list of n elements.
func (w *thriftWriter) list(id, n int, kind byte) {
	w.field(id, thriftList)
	if n < 15 {
		w.data = append(w.data, byte(n)<<4|kind)
		return
	}
	w.data = binary.AppendUvarint(append(w.data, 0xf0|kind), uint64(n))
}
