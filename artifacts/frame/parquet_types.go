package frame

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/schema"
)

// A storage says how the values of a leaf are stored, and so what makes ours of them.
type storage struct {
	physical parquet.Type
	width    int   // bytes of a value, where the type does not say; of Arrow always
	whole    bool  // whole numbers, which a list casts to fractions; of Arrow
	unsigned bool  // whole numbers
	factor   int64 // what a count of time is multiplied by; 0 stands for 1
	divisor  int64 // what a count of time is divided by; 0 stands for 1
	scale    int   // decimal digits behind the point
	decimal  bool
	half     bool // float16
	none     bool // it has no values: every row is null
	// said is what a column's description says of the conversion, "" if there is nothing to say.
	said string
}

// setType finds what a column of the schema becomes.
func (l *leaf) setType(root schema.Node) (err error) {
	if root.RepetitionType() == parquet.Repetitions.Repeated {
		return fmt.Errorf("is a repeated field without a list; write it as a list")
	}
	group, ok := root.(*schema.GroupNode)
	if !ok {
		l.field.Type, l.storage, err = scalarType(root.(*schema.PrimitiveNode))
		return err
	}
	primitive, err := l.element(root, group)
	if err != nil {
		return err
	}
	scalar, storage, err := scalarType(primitive)
	if err != nil {
		return fmt.Errorf("is a list whose element %w", err)
	}
	return l.setList(scalar, storage)
}

// setList makes a column one of lists of a type.
func (l *leaf) setList(scalar Type, s storage) error {
	switch {
	case scalar == Signs:
		return fmt.Errorf("is a list whose element %w", errBytes)
	case s.none || !scalar.IsNumber():
		return fmt.Errorf("is a list of %v; a list's elements are numbers: write one row for each element, or text", scalar)
	case scalar == Int8:
		l.field.Type = Int8List
	case scalar == Float32:
		l.field.Type = Float32List
	default:
		l.field.Type = Float64List
		if scalar == Int64 {
			s.said = "whole numbers, cast to float64"
		}
	}
	l.storage = s
	return nil
}

// element finds what the lists of a column are made of, and the levels of an empty list and an element.
func (l *leaf) element(root schema.Node, group *schema.GroupNode) (*schema.PrimitiveNode, error) {
	if !root.LogicalType().Equals(schema.ListLogicalType{}) || group.NumFields() != 1 {
		return nil, fmt.Errorf("is a struct or a map; write its parts as columns")
	}
	element := group.Field(0)
	if element.RepetitionType() != parquet.Repetitions.Repeated {
		return nil, fmt.Errorf("is not a list as Parquet defines it")
	}
	if root.RepetitionType() == parquet.Repetitions.Optional {
		l.listDef = 1
	}
	l.elementDef = l.listDef + 1
	if inner, ok := element.(*schema.GroupNode); ok {
		if inner.NumFields() != 1 {
			return nil, fmt.Errorf("is a list of structs; write their parts as columns")
		}
		element = inner.Field(0)
		switch element.RepetitionType() {
		case parquet.Repetitions.Optional:
			l.elementDef++
		case parquet.Repetitions.Repeated:
			return nil, errNested
		}
	}
	if primitive, ok := element.(*schema.PrimitiveNode); ok {
		return primitive, nil
	}
	if element.LogicalType().Equals(schema.ListLogicalType{}) {
		return nil, errNested
	}
	return nil, fmt.Errorf("is a list of structs; write their parts as columns")
}

var errNested = fmt.Errorf("is a list of lists; write one list for each row, end to end, or one row for each inner list")

// scalarType gives the type that a stored value becomes.
func scalarType(n *schema.PrimitiveNode) (Type, storage, error) {
	s := storage{physical: n.PhysicalType(), width: n.TypeLength()}
	logical := n.LogicalType()
	switch lt := logical.(type) {
	case schema.StringLogicalType, schema.EnumLogicalType, schema.JSONLogicalType:
		return String, s, nil
	case *schema.IntLogicalType:
		return intType(*lt, s)
	case schema.IntLogicalType:
		return intType(lt, s)
	case *schema.TimestampLogicalType:
		return timestampType(*lt, s)
	case schema.TimestampLogicalType:
		return timestampType(lt, s)
	case *schema.TimeLogicalType:
		return timeOfDayType(*lt, s)
	case schema.TimeLogicalType:
		return timeOfDayType(lt, s)
	case schema.DateLogicalType, *schema.DateLogicalType:
		return Date, s, nil
	case *schema.DecimalLogicalType:
		return decimalType(*lt, s)
	case schema.DecimalLogicalType:
		return decimalType(lt, s)
	case schema.Float16LogicalType, *schema.Float16LogicalType:
		s.half, s.said = true, "float16, cast to float64"
		return Float64, s, nil
	case schema.NullLogicalType, *schema.NullLogicalType:
		s.none = true
		return String, s, nil
	case schema.NoLogicalType, schema.UnknownLogicalType, nil:
		return physicalType(s)
	}
	return 0, s, fmt.Errorf("holds values of type %s, which have no counterpart here; write text or numbers", logical)
}

var errBytes = fmt.Errorf("holds bytes; write text, or a list of int8 (pandas: .str.decode(\"utf-8\"), polars: .cast(pl.String)), or leave it out; a fixed-size binary of numbers from 0 to 255 has their count in its field's metadata, as bytes")

// countLost is what is wrong with a fixed-size binary whose field does not say, or wrongly, how many numbers a row has.
func countLost(l leaf) error {
	if l.field.Length > 0 {
		return fmt.Errorf("holds bytes, %d in a row, but its field's metadata tells of %d numbers (%v), which do not fit: write the table again as it was read",
			l.width, l.field.Length, l.field.Type)
	}
	return fmt.Errorf("%w, and one of numbers -1 and +1, a bit each, as signs. A program that wrote the table again may have lost it: keep the schema's metadata", errBytes)
}

func physicalType(s storage) (Type, storage, error) {
	switch s.physical {
	case parquet.Types.Boolean:
		return Bool, s, nil
	case parquet.Types.Int32, parquet.Types.Int64:
		return Int64, s, nil
	case parquet.Types.Float:
		return Float32, s, nil
	case parquet.Types.Double:
		return Float64, s, nil
	case parquet.Types.Int96:
		s.width = 12
		return TimestampNano, s, nil
	case parquet.Types.FixedLenByteArray:
		return Signs, s, nil // or Bytes, if its field says which and how many: see describe
	case parquet.Types.ByteArray:
		return 0, s, errBytes
	}
	return 0, s, fmt.Errorf("holds values of type %s, which have no counterpart here; write text or numbers", s.physical)
}

func intType(lt schema.IntLogicalType, s storage) (Type, storage, error) {
	s.unsigned = !lt.IsSigned()
	if lt.BitWidth() == 8 && lt.IsSigned() {
		return Int8, s, nil
	}
	return Int64, s, nil
}

// timestampType keeps nanoseconds, and brings all other units to microseconds, in which they are exact.
func timestampType(lt schema.TimestampLogicalType, s storage) (Type, storage, error) {
	// an old annotation says nothing of the clock, and is taken as Arrow's own readers take it
	inWorld := lt.IsAdjustedToUTC() && !lt.IsFromConvertedType()
	s.factor = 1
	switch lt.TimeUnit() {
	case schema.TimeUnitMillis:
		s.factor = 1000
	case schema.TimeUnitNanos:
		if inWorld {
			return TimestampNanoUTC, s, nil
		}
		return TimestampNano, s, nil
	}
	if inWorld {
		return TimestampUTC, s, nil
	}
	return Timestamp, s, nil
}

func timeOfDayType(lt schema.TimeLogicalType, s storage) (Type, storage, error) {
	s.factor = 1
	switch lt.TimeUnit() {
	case schema.TimeUnitMillis:
		s.factor = 1_000_000
	case schema.TimeUnitMicros:
		s.factor = 1000
	}
	return TimeOfDay, s, nil
}

// maxDecimalBytes is more than any program writes: Arrow's widest decimals have 32 bytes.
const maxDecimalBytes = 64

func decimalType(lt schema.DecimalLogicalType, s storage) (Type, storage, error) {
	if s.width > maxDecimalBytes || lt.Scale() < 0 || lt.Scale() > math.MaxInt8 {
		return 0, s, fmt.Errorf("holds %s, which is too long; write it as float64", lt)
	}
	s.decimal, s.scale = true, int(lt.Scale())
	s.said = fmt.Sprintf("decimal(%d, %d), cast to float64", lt.Precision(), lt.Scale())
	return Float64, s, nil
}
