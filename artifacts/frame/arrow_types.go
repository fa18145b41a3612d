package frame

import (
	"errors"
	"fmt"
)

// The types of fields, as Arrow's union Type numbers them (Schema.fbs).
const (
	arrowNull = iota + 1
	arrowInt
	arrowFloat
	arrowBinary
	arrowUtf8
	arrowBool
	arrowDecimal
	arrowDate
	arrowTime
	arrowTimestamp
	arrowInterval
	arrowList
	arrowStruct
	arrowUnion
	arrowFixedBinary
	arrowFixedList
	arrowMap
	arrowDuration
	arrowLargeBinary
	arrowLargeUtf8
	arrowLargeList
	arrowRunEnds
	arrowBinaryView
	arrowUtf8View
	arrowListView
	arrowLargeListView
)

// An arrowField is a column, or a part of one.
type arrowField struct {
	name     string
	nullable bool
	kind     byte // of its values
	typ      int  // where in the schema the table of the type lies
	children []arrowField

	coded    bool // its values are indices of a dictionary
	id       int64
	width    int  // bytes of an index
	unsigned bool // indices
}

// mostDepth bounds types within types.
const mostDepth = 32

// arrowFields reads a vector of fields. left is how many more there may be.
func (b flat) arrowFields(list, depth int, left *int) ([]arrowField, error) {
	n := b.length(list)
	if *left -= n; *left < 0 || depth > mostDepth {
		return nil, errors.New("damaged: the schema has fields without end")
	}
	fields := make([]arrowField, n)
	for i := range fields {
		at := b.ref(list + 4 + 4*i)
		name, ok := b.text(b.table(at, 0))
		if !ok && depth == 0 {
			return nil, fmt.Errorf("damaged: column %d has no name", i)
		}
		f := arrowField{name: name, nullable: b.byte(at, 1) != 0, kind: b.byte(at, 2), typ: b.table(at, 3)}
		if f.kind < arrowNull || f.kind > arrowLargeListView {
			return nil, fmt.Errorf("column %s is of type %d of Arrow's, which is not known", name, f.kind)
		}
		if coding := b.table(at, 4); coding >= 0 {
			index := b.table(coding, 1)
			f.coded, f.id = true, b.number(coding, 0, 8, 0)
			f.width, f.unsigned = int(b.number(index, 0, 4, 0))/8, index >= 0 && b.byte(index, 1) == 0
			if index < 0 {
				f.width = 4 // as the format has it
			}
		}
		var err error
		if f.children, err = b.arrowFields(b.table(at, 5), depth+1, left); err != nil {
			return nil, err
		}
		fields[i] = f
	}
	return fields, nil
}

// isView reports whether a column has as many buffers as its batch says.
func (f *arrowField) isView() bool {
	return !f.coded && (f.kind == arrowUtf8View || f.kind == arrowBinaryView)
}

// buffers gives how many buffers a column has, without its parts.
func (f *arrowField) buffers() int {
	if f.coded {
		return 2
	}
	switch f.kind {
	case arrowNull, arrowRunEnds:
		return 0
	case arrowStruct, arrowFixedList:
		return 1
	case arrowUtf8, arrowLargeUtf8, arrowBinary, arrowLargeBinary, arrowListView, arrowLargeListView:
		return 3
	}
	return 2
}

// parts gives how many columns make one.
func (f *arrowField) parts() int {
	if f.coded {
		return 0
	}
	return len(f.children)
}

// setArrowType finds what a column becomes.
func (l *leaf) setArrowType(b flat, f *arrowField) (err error) {
	switch f.kind {
	case arrowStruct, arrowMap:
		return errors.New("is a struct or a map; write its parts as columns")
	case arrowList, arrowLargeList, arrowFixedList:
		if len(f.children) != 1 || f.coded {
			return errors.New("is no list as Arrow defines it, or has its lists in a dictionary")
		}
		return l.setArrowList(b, &f.children[0])
	}
	l.field.Type, l.storage, err = b.arrowScalar(f)
	return err
}

func (l *leaf) setArrowList(b flat, element *arrowField) error {
	switch element.kind {
	case arrowStruct, arrowMap:
		return errors.New("is a list of structs; write their parts as columns")
	case arrowList, arrowLargeList, arrowFixedList, arrowListView, arrowLargeListView:
		return errNested
	}
	scalar, s, err := b.arrowScalar(element)
	if err != nil {
		return fmt.Errorf("is a list whose element %w", err)
	}
	if element.coded {
		return errors.New("is a list of codes of a dictionary; write the values themselves")
	}
	return l.setList(scalar, s)
}

// arrowScalar gives the type that a stored value becomes.
func (b flat) arrowScalar(f *arrowField) (Type, storage, error) {
	s := storage{factor: 1}
	switch f.kind {
	case arrowNull:
		s.none = true
		return String, s, nil
	case arrowBool:
		return Bool, s, nil
	case arrowUtf8, arrowLargeUtf8, arrowUtf8View:
		return String, s, nil
	case arrowInt, arrowFloat:
		return b.arrowNumber(f, s)
	case arrowDecimal:
		precision, scale := b.number(f.typ, 0, 4, 0), b.number(f.typ, 1, 4, 0)
		s.width = int(b.number(f.typ, 2, 4, 128)) / 8
		s.decimal, s.scale = true, int(scale)
		s.said = fmt.Sprintf("decimal(%d, %d), cast to float64", precision, scale)
		if s.width < 1 || s.width > maxDecimalBytes || scale < 0 || scale > 127 {
			return 0, s, fmt.Errorf("holds decimal(%d, %d) of %d bytes, which is too long; write it as float64", precision, scale, s.width)
		}
		return Float64, s, nil
	case arrowFixedBinary:
		s.width = int(b.number(f.typ, 0, 4, 0))
		return Signs, s, nil // or Bytes, if its field says which and how many: see describe
	case arrowDate, arrowTime, arrowTimestamp, arrowDuration:
		return b.arrowMoment(f, s)
	case arrowBinary, arrowLargeBinary, arrowBinaryView:
		return 0, s, errBytes
	}
	return 0, s, fmt.Errorf("holds values of type %d of Arrow's (an interval, a union, runs or views of lists), which have no counterpart here; write text or numbers", f.kind)
}

func (b flat) arrowNumber(f *arrowField, s storage) (Type, storage, error) {
	if f.kind == arrowInt {
		s.whole, s.width, s.unsigned = true, int(b.number(f.typ, 0, 4, 0))/8, b.byte(f.typ, 1) == 0
		switch {
		case s.width == 1 && !s.unsigned:
			return Int8, s, nil
		case s.width == 1 || s.width == 2 || s.width == 4 || s.width == 8:
			return Int64, s, nil
		}
		return 0, s, fmt.Errorf("holds whole numbers of %d bytes", s.width)
	}
	switch b.number(f.typ, 0, 2, 0) {
	case 0:
		s.width, s.half, s.said = 2, true, "float16, cast to float64"
		return Float64, s, nil
	case 1:
		s.width = 4
		return Float32, s, nil
	}
	s.width = 8
	return Float64, s, nil
}

// arrowMoment gives the type of what is a time. Timestamps keep nanoseconds, and all other units become microseconds, in which they are
// exact; whether they have a zone, describe says.
func (b flat) arrowMoment(f *arrowField, s storage) (Type, storage, error) {
	const seconds, milliseconds, microseconds, nanoseconds = 0, 1, 2, 3
	s.width = 8
	switch f.kind {
	case arrowDuration:
		return Int64, s, nil // its unit is the column's
	case arrowDate:
		if b.number(f.typ, 0, 2, milliseconds) == 0 {
			s.width = 4
			return Date, s, nil
		}
		s.divisor = daySeconds * 1000
		return Date, s, nil
	case arrowTime:
		s.width = int(b.number(f.typ, 1, 4, 32)) / 8
		if s.width != 4 && s.width != 8 {
			return 0, s, fmt.Errorf("holds times of day of %d bytes", s.width)
		}
		s.factor = [...]int64{1_000_000_000, 1_000_000, 1000, 1}[b.number(f.typ, 0, 2, milliseconds)&3]
		return TimeOfDay, s, nil
	}
	switch b.number(f.typ, 0, 2, seconds) {
	case nanoseconds:
		return TimestampNano, s, nil
	case seconds:
		s.factor = 1_000_000
	case milliseconds:
		s.factor = 1000
	case microseconds:
	}
	return Timestamp, s, nil
}
