package frame

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// arrowSchemaKey is where Arrow's own readers look for the schema that a file was written with.
const arrowSchemaKey = "ARROW:schema"

// pandasKey is where pandas keeps its index and versions; a file's content does not depend on it.
const pandasKey = "pandas"

// The keys of a field's metadata.
const (
	unitKey  = "unit"
	docKey   = "description"
	markKey  = "mark"
	guessKey = "guess"
	signsKey = "signs" // how many of the bits of a fixed-size binary are a row's signs
	bytesKey = "bytes" // that the bytes of a fixed-size binary are so many numbers
	// What a byte stands for: itself times the scale plus the offset, which are 1 and 0 if they are not said.
	scaleKey  = "scale"
	offsetKey = "offset"
)

// arrowSchema gives the Arrow schema of the fields, with unit, description, mark, guess, length and scale as metadata.
func arrowSchema(fields []Field, meta map[string]string) *arrow.Schema {
	list := make([]arrow.Field, len(fields))
	for i, f := range fields {
		var keys, values []string
		for _, kv := range [...][2]string{{bytesKey, lengthText(f, Bytes)}, {docKey, f.Doc}, {guessKey, string(f.Guess)}, {markKey, string(f.Mark)},
			{offsetKey, numberText(f.Offset)}, {scaleKey, numberText(f.Scale)}, {signsKey, lengthText(f, Signs)}, {unitKey, f.Unit}} {
			if kv[1] != "" {
				keys, values = append(keys, kv[0]), append(values, kv[1])
			}
		}
		list[i] = arrow.Field{
			Name: f.Name, Type: arrowType(f), Nullable: f.Nullable,
			Metadata: arrow.NewMetadata(keys, values),
		}
	}
	if len(meta) == 0 {
		return arrow.NewSchema(list, nil)
	}
	keys := slices.Sorted(maps.Keys(meta))
	values := make([]string, len(keys))
	for i, k := range keys {
		values[i] = meta[k]
	}
	m := arrow.NewMetadata(keys, values)
	return arrow.NewSchema(list, &m)
}

// lengthText gives the length of a field of the type.
func lengthText(f Field, t Type) string {
	if f.Type != t {
		return ""
	}
	return strconv.Itoa(f.Length)
}

// numberText gives the shortest text that reads back as x, "" for 0.
func numberText(x float64) string {
	if x == 0 {
		return ""
	}
	return strconv.FormatFloat(x, 'g', -1, 64)
}

func arrowType(f Field) arrow.DataType {
	switch f.Type {
	case Bool:
		return arrow.FixedWidthTypes.Boolean
	case Int8:
		return arrow.PrimitiveTypes.Int8
	case Int64:
		return arrow.PrimitiveTypes.Int64
	case Float32:
		return arrow.PrimitiveTypes.Float32
	case Float64:
		return arrow.PrimitiveTypes.Float64
	case String:
		return arrow.BinaryTypes.String
	case Int8List:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.PrimitiveTypes.Int8})
	case Float32List:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.PrimitiveTypes.Float32})
	case Float64List:
		return arrow.ListOfField(arrow.Field{Name: "element", Type: arrow.PrimitiveTypes.Float64})
	case Timestamp:
		return &arrow.TimestampType{Unit: arrow.Microsecond}
	case TimestampUTC:
		return &arrow.TimestampType{Unit: arrow.Microsecond, TimeZone: "UTC"}
	case TimestampNano:
		return &arrow.TimestampType{Unit: arrow.Nanosecond}
	case TimestampNanoUTC:
		return &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}
	case Date:
		return arrow.FixedWidthTypes.Date32
	case TimeOfDay:
		return arrow.FixedWidthTypes.Time64ns
	case Signs:
		return &arrow.FixedSizeBinaryType{ByteWidth: signBytes(f.Length)}
	case Bytes:
		return &arrow.FixedSizeBinaryType{ByteWidth: f.Length}
	}
	panic(fmt.Sprintf("frame: %v is not a type", f.Type))
}

// parquetSchema gives the Parquet schema of the fields, as Arrow's writers would.
func parquetSchema(fields []Field) (*schema.GroupNode, error) {
	nodes := make(schema.FieldList, len(fields))
	for i, f := range fields {
		var err error
		if nodes[i], err = parquetNode(f); err != nil {
			return nil, fmt.Errorf("column %s: %w", f.Name, err)
		}
	}
	return schema.NewGroupNode("schema", parquet.Repetitions.Required, nodes, -1)
}

func parquetNode(f Field) (schema.Node, error) {
	repetition := parquet.Repetitions.Required
	if f.Nullable {
		repetition = parquet.Repetitions.Optional
	}
	switch f.Type {
	case Bool:
		return schema.NewBooleanNode(f.Name, repetition, -1), nil
	case Int8:
		return schema.NewPrimitiveNodeLogical(f.Name, repetition, schema.NewIntLogicalType(8, true), parquet.Types.Int32, -1, -1)
	case Int64:
		return schema.NewInt64Node(f.Name, repetition, -1), nil
	case Float32:
		return schema.NewFloat32Node(f.Name, repetition, -1), nil
	case Float64:
		return schema.NewFloat64Node(f.Name, repetition, -1), nil
	case String:
		return schema.NewPrimitiveNodeLogical(f.Name, repetition, schema.StringLogicalType{}, parquet.Types.ByteArray, -1, -1)
	case Signs:
		return schema.NewFixedLenByteArrayNode(f.Name, repetition, int32(signBytes(f.Length)), -1), nil
	case Bytes:
		return schema.NewFixedLenByteArrayNode(f.Name, repetition, int32(f.Length), -1), nil
	}
	if f.Type.IsTime() {
		physical := parquet.Types.Int64
		if f.Type == Date {
			physical = parquet.Types.Int32
		}
		return schema.NewPrimitiveNodeLogical(f.Name, repetition, timeLogicalType(f.Type), physical, -1, -1)
	}
	node, err := parquetNode(Field{Name: "element", Type: f.Type.stored()})
	if err != nil {
		return nil, err
	}
	return schema.ListOfWithName(f.Name, node, repetition, -1)
}

func timeLogicalType(t Type) schema.LogicalType {
	unit := schema.TimeUnitMicros
	switch t {
	case Date:
		return schema.DateLogicalType{}
	case TimeOfDay:
		return schema.NewTimeLogicalType(false, schema.TimeUnitNanos)
	case TimestampNano, TimestampNanoUTC:
		unit = schema.TimeUnitNanos
	}
	return schema.NewTimestampLogicalType(t == TimestampUTC || t == TimestampNanoUTC, unit)
}

// fileMetadata gives the keys and values of a Parquet file's metadata: meta in sorted order, then the
// Arrow schema. The schema holds meta once more, as pyarrow's own files do: its readers take a
// table's metadata from there.
func fileMetadata(fields []Field, meta map[string]string) ([][2]string, error) {
	if err := checkMeta(meta); err != nil {
		return nil, err
	}
	var kv [][2]string
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		kv = append(kv, [2]string{key, meta[key]})
	}
	text, err := encodedSchema(arrowSchema(fields, meta))
	return append(kv, [2]string{arrowSchemaKey, text}), err
}

// encodedSchema gives a schema as Arrow's writers put it into a Parquet file.
func encodedSchema(s *arrow.Schema) (string, error) {
	var raw bytes.Buffer
	w := ipc.NewWriter(&raw, ipc.WithSchema(s))
	if err := w.Close(); err != nil {
		return "", err
	}
	return base64.StdEncoding.EncodeToString(raw.Bytes()), nil
}

func checkMeta(meta map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(meta)) {
		if key == arrowSchemaKey || key == pandasKey {
			return fmt.Errorf("the metadata key %q is reserved", key)
		}
		if !utf8.ValidString(key) || !utf8.ValidString(meta[key]) {
			return fmt.Errorf("metadata %q is not valid UTF-8", key)
		}
	}
	return nil
}
