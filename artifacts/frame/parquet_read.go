package frame

import (
	"fmt"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"spurion/artifacts/frame/pages"
)

// A parquetFile is an opened file. Package pages reads its footer and its values, Arrow makes sense of its schema.
type parquetFile struct {
	data   []byte
	rows   int64
	groups []pages.RowGroup
	schema parquetSchemas
	budget budget
	heading
	levels
}

// parquetSchemas is what a file says of its columns, twice: in Parquet's words, and as the text of an Arrow schema, which
// may be missing.
type parquetSchemas struct {
	arrow *schema.Schema
	text  string
	bytes string // both, as they are stored
}

// maxRows is more than can be: no file has it, and products with it do not overflow.
const maxRows = 1 << 48

func openParquet(data []byte, limit int64) (*parquetFile, error) {
	footer, err := pages.ReadFooter(data)
	if err == nil && footer.Schema == nil {
		err = fmt.Errorf("it has no schema")
	}
	if err != nil {
		return nil, fmt.Errorf("frame: not a whole Parquet file: %w", err)
	}
	if footer.Rows < 0 || footer.Rows > maxRows {
		return nil, fmt.Errorf("frame: damaged Parquet file: %d rows", footer.Rows)
	}
	f := &parquetFile{data: data, rows: footer.Rows, groups: footer.Groups, budget: budget{limit: limit}}
	text := ""
	for _, kv := range footer.Meta {
		if kv[0] == arrowSchemaKey {
			text = kv[1]
		}
		f.setMeta(kv[0], kv[1])
	}
	if f.schema, err = schemasOf(footer.Schema, text); err != nil {
		return nil, fmt.Errorf("frame: not a whole Parquet file: %w", err)
	}
	return f, nil
}

func (f *parquetFile) columns() []string {
	sc := f.schema.arrow
	names := make([]string, sc.NumColumns())
	for i := range names {
		names[i] = sc.ColumnRoot(i).Name()
	}
	return names
}

func (f *parquetFile) leaves(names []string) ([]leaf, error) {
	if names == nil {
		if all, ok := f.schema.remembered(); ok {
			return all, nil
		}
	}
	columns := f.columns()
	all, err := f.choose(columns, names, func(l *leaf) error {
		root := f.schema.arrow.ColumnRoot(l.column)
		l.field.Nullable = root.RepetitionType() == parquet.Repetitions.Optional
		return l.setType(root)
	}, func(all []leaf, place map[string]int) { describe(all, place, f.schema.text) })
	if err == nil && names == nil && len(all) == len(columns) {
		f.schema.remember(all)
	}
	return all, err
}

func (f *parquetFile) rowCount() int64 { return f.rows }
