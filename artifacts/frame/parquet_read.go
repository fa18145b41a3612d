package frame

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// Decode reads a Parquet file: one that Encode or a Writer made, exactly; and one that pandas,
// pyarrow, polars or others made, if its columns fit the types here. Integers of other widths are
// widened to int64, dictionaries and large strings become strings. A column that does not fit
// (timestamps, decimals, structs), an integer out of range, and a number that is NaN or infinite
// are errors that name the column. Damaged input gives an error, never a panic.
func Decode(data []byte) (*Table, error) { return decode(data, nil, memory.DefaultAllocator) }

// DecodeColumns is Decode for the columns with the names only, in the order of the names; the
// others are not read, and may be of any type.
func DecodeColumns(data []byte, names ...string) (*Table, error) {
	if names == nil {
		names = []string{}
	}
	return decode(data, names, memory.DefaultAllocator)
}

// DecodeFields reads what a Parquet file says of itself, without its values: a table with the
// file's fields and metadata, no rows, and the number of rows that Decode would give.
func DecodeFields(data []byte) (t *Table, rows int64, err error) {
	defer guard("frame: damaged Parquet file", &err)
	f, err := openParquet(data, memory.DefaultAllocator)
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
		if l.field.Type.IsList() {
			c.Offsets = []int32{0}
		}
		t.Columns = append(t.Columns, c)
	}
	return t, f.r.NumRows(), nil
}

func decode(data []byte, names []string, mem memory.Allocator) (t *Table, err error) {
	defer guard("frame: damaged Parquet file", &err)
	f, err := openParquet(data, mem)
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

// A parquetFile is an opened file.
type parquetFile struct {
	r      *file.Reader
	size   int64
	meta   map[string]string
	schema string // the encoded Arrow schema, if there is one
	levels
}

func openParquet(data []byte, mem memory.Allocator) (*parquetFile, error) {
	props := parquet.NewReaderProperties(boundedAllocator{mem})
	r, err := file.NewParquetReader(bytes.NewReader(data), file.WithReadProps(props))
	if err != nil {
		return nil, fmt.Errorf("frame: not a whole Parquet file: %w", err)
	}
	if r.NumRows() < 0 {
		return nil, fmt.Errorf("frame: damaged Parquet file: %d rows", r.NumRows())
	}
	f := &parquetFile{r: r, size: int64(len(data))}
	kv := r.MetaData().KeyValueMetadata()
	keys, values := kv.Keys(), kv.Values()
	for i, key := range keys {
		switch key {
		case arrowSchemaKey:
			f.schema = values[i]
		case pandasKey:
		default:
			if f.meta == nil {
				f.meta = map[string]string{}
			}
			f.meta[key] = values[i]
		}
	}
	return f, nil
}

// A leaf is a column to read: where it is in the file, and what it becomes.
type leaf struct {
	field  Field
	column int // in the file's list of leaf columns
	// listDef is the definition level of an empty list, elementDef that of an element.
	listDef, elementDef int16
	convert             conversion
}

// A conversion is what must be done to the stored integers.
type conversion uint8

const (
	signed conversion = iota
	unsigned32
	unsigned64
)

// leaves gives the columns with the names (nil: all), or an error that says why one cannot be read.
func (f *parquetFile) leaves(names []string) ([]leaf, error) {
	sc := f.r.MetaData().Schema
	var all []leaf
	for i := range sc.NumColumns() {
		root := sc.ColumnRoot(i)
		name := root.Name()
		if names != nil && !slices.Contains(names, name) {
			continue
		}
		if slices.ContainsFunc(all, func(l leaf) bool { return l.field.Name == name }) {
			return nil, fmt.Errorf("frame: column %s is a struct, or there are two of the name", name)
		}
		l := leaf{column: i}
		if err := l.setType(root); err != nil {
			return nil, fmt.Errorf("frame: column %s %w", name, err)
		}
		l.field.Name = name
		l.field.Nullable = root.RepetitionType() == parquet.Repetitions.Optional
		all = append(all, l)
	}
	if names != nil {
		ordered := make([]leaf, len(names))
		for i, name := range names {
			j := slices.IndexFunc(all, func(l leaf) bool { return l.field.Name == name })
			if j < 0 {
				return nil, fmt.Errorf("frame: there is no column %q", name)
			}
			ordered[i] = all[j]
		}
		all = ordered
	}
	if f.schema != "" {
		fields := make([]Field, len(all))
		for i := range all {
			fields[i] = all[i].field
		}
		describe(fields, f.schema)
		for i := range all {
			all[i].field = fields[i]
		}
	}
	return all, nil
}

// setType finds what a column of the schema becomes.
func (l *leaf) setType(root schema.Node) (err error) {
	if root.RepetitionType() == parquet.Repetitions.Repeated {
		return fmt.Errorf("is a repeated field without a list; write it as a list")
	}
	group, ok := root.(*schema.GroupNode)
	if !ok {
		l.field.Type, l.convert, err = scalarType(root.(*schema.PrimitiveNode))
		return err
	}
	if !root.LogicalType().Equals(schema.ListLogicalType{}) || group.NumFields() != 1 {
		return fmt.Errorf("is a struct or a map; write its parts as columns")
	}
	element := group.Field(0)
	if element.RepetitionType() != parquet.Repetitions.Repeated {
		return fmt.Errorf("is not a list as Parquet defines it")
	}
	if root.RepetitionType() == parquet.Repetitions.Optional {
		l.listDef = 1
	}
	l.elementDef = l.listDef + 1
	if inner, ok := element.(*schema.GroupNode); ok {
		if inner.NumFields() != 1 {
			return fmt.Errorf("is a list of structs; write their parts as columns")
		}
		element = inner.Field(0)
		switch element.RepetitionType() {
		case parquet.Repetitions.Optional:
			l.elementDef++
		case parquet.Repetitions.Repeated:
			return fmt.Errorf("is a list of lists")
		}
	}
	primitive, ok := element.(*schema.PrimitiveNode)
	if !ok {
		return fmt.Errorf("is a list of lists or structs")
	}
	scalar, _, err := scalarType(primitive)
	switch {
	case err != nil:
		return fmt.Errorf("is a list whose element %w", err)
	case scalar == Int8:
		l.field.Type = Int8List
	case scalar == Float32:
		l.field.Type = Float32List
	default:
		return fmt.Errorf("is a list of %v; cast its elements to int8 or float32", scalar)
	}
	return nil
}

// scalarType gives the type that a stored value becomes.
func scalarType(n *schema.PrimitiveNode) (Type, conversion, error) {
	logical := n.LogicalType()
	switch lt := logical.(type) {
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		return String, signed, nil
	case *schema.IntLogicalType:
		return intType(lt.BitWidth(), lt.IsSigned())
	case schema.IntLogicalType:
		return intType(lt.BitWidth(), lt.IsSigned())
	case *schema.TimestampLogicalType, schema.TimestampLogicalType, *schema.TimeLogicalType, schema.TimeLogicalType,
		schema.DateLogicalType, *schema.DateLogicalType:
		return 0, 0, fmt.Errorf("holds times (%s); write them as integers or text", logical)
	case schema.NullLogicalType, *schema.NullLogicalType:
		return 0, 0, fmt.Errorf("holds nulls only and has no type; give it one")
	case schema.NoLogicalType, schema.UnknownLogicalType, nil:
	default:
		return 0, 0, fmt.Errorf("holds values of type %s, which have no counterpart here", logical)
	}
	switch n.PhysicalType() {
	case parquet.Types.Boolean:
		return Bool, signed, nil
	case parquet.Types.Int32, parquet.Types.Int64:
		return Int64, signed, nil
	case parquet.Types.Float:
		return Float32, signed, nil
	case parquet.Types.Double:
		return Float64, signed, nil
	case parquet.Types.ByteArray:
		return 0, 0, fmt.Errorf("holds bytes; write text")
	case parquet.Types.Int96:
		return 0, 0, fmt.Errorf("holds times (INT96); write them as integers or text")
	}
	return 0, 0, fmt.Errorf("holds values of type %s, which have no counterpart here", n.PhysicalType())
}

func intType(bits int8, isSigned bool) (Type, conversion, error) {
	switch {
	case isSigned && bits == 8:
		return Int8, signed, nil
	case isSigned:
		return Int64, signed, nil
	case bits == 64:
		return Int64, unsigned64, nil
	}
	return Int64, unsigned32, nil
}
