package frame

import (
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/parquet/metadata"
)

// What a schema says is remembered: a run reads tens of thousands of small tables whose schemas are a few dozen.
const (
	rememberedSchemas = 256
	rememberedBytes   = 1 << 16 // of a schema; a longer one is read again each time
)

var known struct {
	sync.Mutex
	schemas map[string]parquetSchemas
	leaves  map[string][]leaf // of all columns
}

// schemasOf makes sense of a schema's stored elements, which pages.ReadFooter has checked; text is that of the Arrow schema.
func schemasOf(elements []byte, text string) (parquetSchemas, error) {
	key := string(elements) + text
	known.Lock()
	s, ok := known.schemas[key]
	known.Unlock()
	if ok {
		return s, nil
	}
	// FileMetaData in Thrift's compact protocol: version, schema, rows, row groups, and the columns' orders, of which an
	// empty list does where there are no columns, too
	footer := slices.Concat([]byte{0x15, 4, 0x19}, elements, []byte{0x16, 0, 0x19, 0x0c, 0x39, 0x0c, 0})
	m, err := metadata.NewFileMetaData(footer, nil)
	if err != nil {
		return parquetSchemas{}, err
	}
	s = parquetSchemas{arrow: m.Schema, text: text, bytes: key}
	if len(key) <= rememberedBytes {
		known.Lock()
		defer known.Unlock()
		if known.schemas == nil || len(known.schemas) >= rememberedSchemas {
			known.schemas, known.leaves = map[string]parquetSchemas{}, map[string][]leaf{}
		}
		known.schemas[key] = s
	}
	return s, nil
}

// remembered gives the leaves of all columns, if they have been found before.
func (s *parquetSchemas) remembered() ([]leaf, bool) {
	known.Lock()
	defer known.Unlock()
	all, ok := known.leaves[s.bytes]
	return slices.Clone(all), ok
}

// remember keeps the leaves of all columns.
func (s *parquetSchemas) remember(all []leaf) {
	known.Lock()
	defer known.Unlock()
	if _, ok := known.schemas[s.bytes]; ok {
		known.leaves[s.bytes] = slices.Clone(all)
	}
}
