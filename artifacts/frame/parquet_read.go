package frame

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"

	"spurion/artifacts/frame/pages"
)

// Decode reads a Parquet file: one that Encode or a Writer made, exactly; and one that pandas, pyarrow,
// polars, R or others made, as far as its columns fit the types here:
//
//   - integers of other widths are widened to int64, dictionaries and large strings become strings;
//   - timestamps and times of day keep their unit or get one in which they are exact, a zone's instants
//     become UTC;
//   - decimals, float16 and lists of whole numbers are cast to float64, which the column's description says;
//   - fixed-size binaries are bytes or signs if their field's metadata say so and how many they are;
//   - durations are whole numbers with their unit, and a column of nulls without a type is text;
//   - the index that pandas writes as __index_level_0__ is left out, and the table's metadata say so under
//     NoteKey.
//
// A column that does not fit (structs, other bytes, lists of lists), an integer out of range, and a number that
// is NaN or infinite are errors that name the column. So is a table whose values take more memory than
// Limit gives (TooLargeError). Damaged input gives an error that names the column and the row group,
// never a panic, and after work in proportion to what is there.
func Decode(data []byte) (*Table, error) { return decode(data, nil, Limit()) }

// DecodeColumns is Decode for the columns with the names only, in the order of the names; the
// others are not read, and may be of any type.
func DecodeColumns(data []byte, names ...string) (*Table, error) {
	if names == nil {
		names = []string{}
	}
	return decode(data, names, Limit())
}

// DecodeFields reads what a Parquet file says of itself, without its values: a table with the
// file's fields and metadata, no rows, and the number of rows that Decode would give.
func DecodeFields(data []byte) (t *Table, rows int64, err error) {
	defer guard("frame: damaged Parquet file", &err)
	f, err := openParquet(data, Limit())
	if err != nil {
		return nil, 0, err
	}
	leaves, err := f.leaves(nil)
	if err != nil {
		return nil, 0, err
	}
	t = &Table{Meta: f.meta}
	for _, l := range leaves {
		c := Column{Field: l.field}
		if l.field.Type.hasOffsets() {
			c.Offsets = []int32{0}
		}
		t.Columns = append(t.Columns, c)
	}
	return t, f.rows, nil
}

// ColumnNames gives the names of a Parquet file's columns, each once, in their order, whatever they hold.
func ColumnNames(data []byte) (names []string, err error) {
	defer guard("frame: damaged Parquet file", &err)
	f, err := openParquet(data, Limit())
	if err != nil {
		return nil, err
	}
	sc := f.schema.arrow
	seen := map[string]bool{}
	for i := range sc.NumColumns() {
		if name := sc.ColumnRoot(i).Name(); !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names, nil
}

func decode(data []byte, names []string, limit int64) (t *Table, err error) {
	defer guard("frame: damaged Parquet file", &err)
	f, err := openParquet(data, limit)
	if err != nil {
		return nil, err
	}
	leaves, err := f.leaves(names)
	if err != nil {
		return nil, err
	}
	t = &Table{Columns: make([]Column, len(leaves)), Meta: f.meta}
	for i, l := range leaves {
		if err := f.read(l, &t.Columns[i]); err != nil {
			return nil, fmt.Errorf("frame: column %s: %w", l.field.Name, err)
		}
		if err := t.Columns[i].checkValues(); err != nil {
			return nil, fmt.Errorf("frame: %w", err)
		}
	}
	return t, nil
}

// A parquetFile is an opened file. Package pages reads its footer and its values, Arrow makes sense of its schema.
type parquetFile struct {
	data   []byte
	rows   int64
	groups []pages.RowGroup
	meta   map[string]string
	schema parquetSchemas
	budget budget
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
		switch kv[0] {
		case arrowSchemaKey:
			text = kv[1]
		case pandasKey:
		default:
			f.setMeta(kv[0], kv[1])
		}
	}
	if f.schema, err = schemasOf(footer.Schema, text); err != nil {
		return nil, fmt.Errorf("frame: not a whole Parquet file: %w", err)
	}
	return f, nil
}

func (f *parquetFile) setMeta(key, value string) {
	if f.meta == nil {
		f.meta = map[string]string{}
	}
	f.meta[key] = value
}

// A leaf is a column to read: where it is in the file, and what it becomes.
type leaf struct {
	field  Field
	column int // in the file's list of leaf columns
	// listDef is the definition level of an empty list, elementDef that of an element.
	listDef, elementDef uint8
	storage
}

// leaves gives the columns with the names (nil: all), or an error that says why one cannot be read.
func (f *parquetFile) leaves(names []string) ([]leaf, error) {
	if names == nil {
		if all, ok := f.schema.remembered(); ok {
			return all, nil
		}
	}
	sc := f.schema.arrow
	var all []leaf
	var left []string
	place := map[string]int{}
	for i := range sc.NumColumns() {
		root := sc.ColumnRoot(i)
		name := root.Name()
		if names != nil && !slices.Contains(names, name) {
			continue
		}
		if names == nil && isIndexLevel(name) {
			left = append(left, name)
			continue
		}
		if _, ok := place[name]; ok {
			return nil, fmt.Errorf("frame: column %s is a struct, or there are two of the name", name)
		}
		l := leaf{column: i}
		if err := l.setType(root); err != nil {
			return nil, fmt.Errorf("frame: column %s %w", name, err)
		}
		l.field.Name = name
		l.field.Nullable = root.RepetitionType() == parquet.Repetitions.Optional
		place[name] = len(all)
		all = append(all, l)
	}
	if left != nil {
		f.setMeta(NoteKey, "the index that pandas writes as "+strings.Join(left, ", ")+" is left out")
	}
	describe(all, place, f.schema.text)
	for _, l := range all {
		if !l.fitsWidth() {
			return nil, fmt.Errorf("frame: column %s %w", l.field.Name, countLost(l))
		}
	}
	if names == nil {
		if left == nil {
			f.schema.remember(all)
		}
		return all, nil
	}
	ordered := make([]leaf, len(names))
	for i, name := range names {
		j, ok := place[name]
		if !ok {
			return nil, fmt.Errorf("frame: there is no column %q", name)
		}
		ordered[i] = all[j]
	}
	return ordered, nil
}

// NoteKey is the key of a table's metadata under which Decode says what it left out.
const NoteKey = "spurion.note"

// isIndexLevel reports whether the name is one that pandas gives to an index without a name.
func isIndexLevel(name string) bool {
	rest, ok := strings.CutPrefix(name, "__index_level_")
	digits, ok2 := strings.CutSuffix(rest, "__")
	return ok && ok2 && digits != "" && strings.Trim(digits, "0123456789") == ""
}
