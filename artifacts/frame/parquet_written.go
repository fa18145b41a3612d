package frame

import (
	"bytes"
	"encoding/binary"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/metadata"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"spurion/artifacts/frame/pages"
)

// writtenSchema is what a file says of its fields and metadata, in the form in which it is stored. Arrow makes it, once for all tables that have
// the same.
type writtenSchema struct {
	elements []byte // the list of the schema's elements
	meta     [][2]string
	leaves   []writtenLeaf // of the fields
}

// A writtenLeaf is what Arrow makes of a field.
type writtenLeaf struct {
	physical int64
	path     []string
	signed   bool // the order of its values
}

var writtenSchemas struct {
	sync.Mutex
	m map[string]*writtenSchema
}

func writtenSchemaOf(fields []Field, meta map[string]string) (*writtenSchema, error) {
	buf := writtenKeys.Get().(*[]byte)
	defer writtenKeys.Put(buf)
	key := appendWrittenKey((*buf)[:0], fields, meta)
	*buf = key
	writtenSchemas.Lock()
	s := writtenSchemas.m[string(key)]
	writtenSchemas.Unlock()
	if s != nil {
		return s, nil
	}
	s, err := newWrittenSchema(fields, meta)
	if err == nil && len(key) <= rememberedBytes {
		writtenSchemas.Lock()
		defer writtenSchemas.Unlock()
		if writtenSchemas.m == nil || len(writtenSchemas.m) >= rememberedSchemas {
			writtenSchemas.m = map[string]*writtenSchema{}
		}
		writtenSchemas.m[string(key)] = s
	}
	return s, err
}

var writtenKeys = sync.Pool{New: func() any { return new([]byte) }}

// appendWrittenKey appends what differs where fields or metadata do.
func appendWrittenKey(key []byte, fields []Field, meta map[string]string) []byte {
	add := func(parts ...string) {
		for _, s := range parts {
			key = append(binary.AppendUvarint(key, uint64(len(s))), s...)
		}
	}
	for _, f := range fields {
		nullable := byte(0)
		if f.Nullable {
			nullable = 1
		}
		key = binary.AppendUvarint(append(key, byte(f.Type), nullable), uint64(f.Length))
		key = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(key, math.Float64bits(f.Scale)), math.Float64bits(f.Offset))
		add(f.Name, f.Unit, f.Doc, string(f.Mark), string(f.Guess))
	}
	key = append(key, 0) // which is no type
	for _, k := range slices.Sorted(maps.Keys(meta)) {
		add(k, meta[k])
	}
	return key
}

func newWrittenSchema(fields []Field, meta map[string]string) (s *writtenSchema, err error) {
	defer guard("parquet", &err)
	root, err := parquetSchema(fields)
	if err != nil {
		return nil, err
	}
	kv, err := fileMetadata(fields, meta)
	if err != nil {
		return nil, err
	}
	s = &writtenSchema{meta: kv}
	all := schema.NewSchema(root)
	for i := range fields {
		c := all.Column(i)
		s.leaves = append(s.leaves, writtenLeaf{int64(c.PhysicalType()), c.ColumnPath(), c.SortOrder() == schema.SortSIGNED})
	}
	footer, err := metadata.NewFileMetadataBuilder(all, parquet.NewWriterProperties(), nil).Finish()
	if err != nil {
		return nil, err
	}
	file := bytes.NewBufferString("PAR1")
	n, err := footer.WriteTo(file, nil)
	if err != nil {
		return nil, err
	}
	read, err := pages.ReadFooter(append(binary.LittleEndian.AppendUint32(file.Bytes(), uint32(n)), "PAR1"...))
	if err == nil {
		s.elements = read.Schema
	}
	return s, err
}
