package pages

import (
	"encoding/binary"
	"io"
)

// A Writer writes a Parquet file of pages of version 1: row groups of column chunks, each of data pages and at most one dictionary, and
// the footer. The bytes are those of Arrow's writer (parquet/file and parquet/metadata of v17). Begin comes first. A Writer is not safe for concurrent use.
type Writer struct {
	out        io.Writer
	at         int64 // bytes written
	head       thriftWriter
	held       []byte // data pages that wait for their dictionary
	compressed []byte
	groups     thriftWriter // what the footer says of the row groups
	count      int          // of them
	rows       int64
	group      group
}

// group is the row group that is being written.
type group struct {
	chunks thriftWriter // what the footer says of the chunks
	count  int
	first  int64 // where it begins
	size   int64
}

// A Column says what all chunks of a column have in common.
type Column struct {
	Type   int64    // the physical type, by Parquet's number
	Path   []string // of names in the schema
	Codec  Codec
	Signed bool // the order of the values, of which the oldest fields of statistics know no other
	// Dictionary says that data pages hold indices into a dictionary.
	Dictionary bool
	// Compress is the codec's, nil for Uncompressed; dst may be used for the result.
	Compress func(dst, src []byte) []byte
}

// Statistics are of a page or of a chunk. The zero value says nothing.
type Statistics struct {
	Min, Max []byte // values as Plain encodes them, without the length of a text; nil if they are not said
	Nulls    int64  // negative if they are not said
	Distinct bool   // says that there are 0 distinct values, as Arrow's writer does of a chunk and its first page
}

// Begin starts a file on out. What an earlier file left is used again.
func (w *Writer) Begin(out io.Writer) error {
	w.out, w.at, w.count, w.rows = out, 0, 0, 0
	w.held = w.held[:0]
	w.groups.reset()
	w.group.chunks.reset()
	w.group.count, w.group.size = 0, 0
	return w.write([]byte(magic))
}

func (w *Writer) write(p []byte) error {
	n, err := w.out.Write(p)
	w.at += int64(n)
	return err
}

// A ChunkWriter writes a column chunk: its pages, its dictionary if it has one, and its end.
type ChunkWriter struct {
	w                *Writer
	c                *Column
	values           int64
	unpacked, size   int64 // of pages with their headers
	dictionary, data int64 // where the first page begins; 0 if there is none
	pages            int64
}

// Chunk begins the next column chunk of the row group. The chunk before it has ended.
func (w *Writer) Chunk(c *Column) ChunkWriter {
	if w.group.count == 0 {
		w.group.first = w.at
	}
	w.group.count++
	return ChunkWriter{w: w, c: c}
}

// Page writes a data page: values, with nulls and empty lists counted, and its content, which is levels and values. A page of
// indices is kept until the dictionary is known.
func (k *ChunkWriter) Page(values int, content []byte, s Statistics) error {
	w := k.w
	packed := k.pack(content)
	h := &w.head
	h.reset()
	h.i32(1, pageData)
	h.i32(2, int64(len(content)))
	h.i32(3, int64(len(packed)))
	h.structure(5)
	h.i32(1, int64(values))
	h.i32(2, int64(k.encoding()))
	h.i32(3, int64(RLE))
	h.i32(4, int64(RLE))
	h.structure(5)
	s.write(h, k.c.Signed)
	h.close()
	h.close()
	h.data = append(h.data, 0)
	k.values += int64(values)
	k.unpacked += int64(len(h.data) + len(content))
	k.size += int64(len(h.data) + len(packed))
	k.pages++
	if k.c.Dictionary {
		w.held = append(append(w.held, h.data...), packed...)
		return nil
	}
	if k.data == 0 {
		k.data = w.at
	}
	if err := w.write(h.data); err != nil {
		return err
	}
	return w.write(packed)
}

func (k *ChunkWriter) encoding() Encoding {
	if k.c.Dictionary {
		return RLEDictionary
	}
	return Plain
}

// pack gives the content as it stands in the file, until the next call.
func (k *ChunkWriter) pack(content []byte) []byte {
	if k.c.Compress == nil {
		return content
	}
	k.w.compressed = k.c.Compress(k.w.compressed[:0], content)
	return k.w.compressed
}

// Entries writes the dictionary, of so many values in Plain, and the pages that wait for it.
func (k *ChunkWriter) Entries(values int, content []byte) error {
	w := k.w
	packed := k.pack(content)
	h := &w.head
	h.reset()
	h.i32(1, pageDictionary)
	h.i32(2, int64(len(content)))
	h.i32(3, int64(len(packed)))
	h.structure(7)
	h.i32(1, int64(values))
	h.i32(2, int64(Plain))
	h.field(3, thriftFalse) // the entries are not sorted
	h.close()
	h.data = append(h.data, 0)
	k.unpacked += int64(len(h.data) + len(content))
	k.size += int64(len(h.data) + len(packed))
	k.dictionary = w.at
	if err := w.write(h.data); err != nil {
		return err
	}
	if err := w.write(packed); err != nil {
		return err
	}
	k.data = w.at
	err := w.write(w.held)
	w.held = w.held[:0]
	return err
}

// End ends the chunk.
func (k *ChunkWriter) End(s Statistics) {
	g := &k.w.group
	g.chunks.open()
	k.describe(&g.chunks, s)
	g.chunks.close()
	g.size += k.size
}

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
