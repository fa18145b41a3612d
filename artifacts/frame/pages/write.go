package pages

import "io"

// A Writer writes a Parquet file of pages of version 1: row groups of column chunks, each of data pages and at most one dictionary, and
// the footer. The bytes are those of Arrow's writer (parquet/file and parquet/metadata of v17). Begin comes first. A Writer is not safe
// for concurrent use.
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

// Statistics are of a page or of a chunk.
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
	h, packed := k.header(pageData, content)
	h.structure(5)
	h.i32(1, int64(values))
	h.i32(2, int64(k.encoding()))
	h.i32(3, int64(RLE))
	h.i32(4, int64(RLE))
	h.structure(5)
	s.write(h, k.c.Signed)
	h.close()
	h.close()
	k.endHeader(content, packed)
	k.values += int64(values)
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

// header begins the header of a page, and gives its content as it stands in the file.
func (k *ChunkWriter) header(kind int64, content []byte) (h *thriftWriter, packed []byte) {
	packed = k.pack(content)
	h = &k.w.head
	h.reset()
	h.i32(1, kind)
	h.i32(2, int64(len(content)))
	h.i32(3, int64(len(packed)))
	return h, packed
}

// endHeader ends it, and counts the page's bytes.
func (k *ChunkWriter) endHeader(content, packed []byte) {
	h := &k.w.head
	h.data = append(h.data, 0)
	k.unpacked += int64(len(h.data) + len(content))
	k.size += int64(len(h.data) + len(packed))
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
	h, packed := k.header(pageDictionary, content)
	h.structure(7)
	h.i32(1, int64(values))
	h.i32(2, int64(Plain))
	h.field(3, thriftFalse) // the entries are not sorted
	h.close()
	k.endHeader(content, packed)
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
