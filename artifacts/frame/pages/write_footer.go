package pages

import "encoding/binary"

// describe writes the fields of a ColumnChunk.
func (k *ChunkWriter) describe(h *thriftWriter, s Statistics) {
	begin := k.data
	if k.dictionary > 0 {
		begin = k.dictionary
	}
	h.i64(2, begin+k.size)
	h.structure(3) // ColumnMetaData
	h.i32(1, k.c.Type)
	if k.c.Dictionary {
		h.list(2, 3, thriftI32)
		h.data = binary.AppendVarint(h.data, int64(RLEDictionary))
	} else {
		h.list(2, 2, thriftI32)
	}
	h.data = binary.AppendVarint(h.data, int64(Plain))
	h.data = binary.AppendVarint(h.data, int64(RLE))
	h.list(3, len(k.c.Path), thriftBinary)
	for _, name := range k.c.Path {
		h.element(name)
	}
	h.i32(4, int64(k.c.Codec))
	h.i64(5, k.values)
	h.i64(6, k.unpacked)
	h.i64(7, k.size)
	h.i64(9, k.data)
	if k.dictionary > 0 {
		h.i64(11, k.dictionary)
	}
	if s.said() {
		h.structure(12)
		s.write(h, k.c.Signed)
		h.close()
	}
	if k.c.Dictionary {
		h.list(13, 2, thriftStruct)
		pagesOf(h, pageDictionary, Plain, 1)
		pagesOf(h, pageData, RLEDictionary, k.pages)
	} else {
		h.list(13, 1, thriftStruct)
		pagesOf(h, pageData, Plain, k.pages)
	}
	h.close()
}

// pagesOf writes a PageEncodingStats, an element of a list.
func pagesOf(h *thriftWriter, kind int64, e Encoding, count int64) {
	h.open()
	h.i32(1, kind)
	h.i32(2, int64(e))
	h.i32(3, count)
	h.close()
}

func (s *Statistics) said() bool { return s.Min != nil || s.Max != nil || s.Nulls >= 0 || s.Distinct }

// write writes the fields of a Statistics.
func (s *Statistics) write(h *thriftWriter, signed bool) {
	if s.Max != nil && signed {
		h.binary(1, s.Max)
	}
	if s.Min != nil && signed {
		h.binary(2, s.Min)
	}
	if s.Nulls >= 0 {
		h.i64(3, s.Nulls)
	}
	if s.Distinct {
		h.i64(4, 0)
	}
	if s.Max != nil {
		h.binary(5, s.Max)
	}
	if s.Min != nil {
		h.binary(6, s.Min)
	}
}

// EndGroup ends the row group, whose chunks have ended.
func (w *Writer) EndGroup(rows int64) {
	g, h := &w.group, &w.groups
	h.open()
	h.list(1, g.count, thriftStruct)
	h.data = append(h.data, g.chunks.data...)
	h.i64(2, g.size)
	h.i64(3, rows)
	h.i64(5, g.first)
	h.i64(6, g.size)
	h.i16(7, int64(int16(w.count)))
	h.close()
	w.count++
	w.rows += rows
	g.chunks.data, g.count, g.size = g.chunks.data[:0], 0, 0
}

// End writes the footer: schema is the list of the schema's elements as it is stored, columns the number of its leaves, meta the keys and
// values.
func (w *Writer) End(schema []byte, columns int, meta [][2]string, createdBy string) error {
	h := &w.head
	h.reset()
	h.i32(1, 2) // the version of the format
	h.field(2, thriftList)
	h.data = append(h.data, schema...)
	h.i64(3, w.rows)
	h.list(4, w.count, thriftStruct)
	h.data = append(h.data, w.groups.data...)
	h.list(5, len(meta), thriftStruct)
	for _, kv := range meta {
		h.open()
		h.text(1, kv[0])
		h.text(2, kv[1])
		h.close()
	}
	h.text(6, createdBy)
	h.list(7, columns, thriftStruct)
	for range columns { // ColumnOrder: TYPE_ORDER
		h.open()
		h.structure(1)
		h.close()
		h.close()
	}
	h.data = append(h.data, 0)
	h.data = binary.LittleEndian.AppendUint32(h.data, uint32(len(h.data)))
	h.data = append(h.data, magic...)
	err := w.write(h.data)
	w.out = nil
	return err
}
