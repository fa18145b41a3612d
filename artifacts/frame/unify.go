package frame

import (
	"fmt"
	"slices"
)

// A Share is what tables with equal fields hold of one column.
type Share struct {
	Field Field
	// Each gives the values, in one column or several, one after the other, until yield gives false; from says
	// where a row of the column is from. It is called only where the fields do not decide.
	Each func(yield func(c *Column, from func(row int) Place) bool) error
}

// A Place is a row of one of many tables.
type Place struct {
	Table string // what messages call it
	Row   int    // counted from 0, in that table
}

// AddConstant adds the share of a table that has one value, of the field's type, in all rows; it is left out if the
// shares, all of them constants, say as much without it.
func AddConstant(shares []Share, f Field, v any, table func() string) []Share {
	whole, _ := v.(int64)
	exact := whole <= maxWhole && whole >= -maxWhole
	if exact && slices.ContainsFunc(shares, func(s Share) bool { return s.Field.Type == f.Type }) {
		return shares
	}
	return append(shares, Share{Field: f, Each: func(yield func(*Column, func(int) Place) bool) error {
		c, err := Join([]Span{{To: 1, Value: v}}, f)
		if err == nil {
			yield(&c, func(int) Place { return Place{Table: table()} })
		}
		return err
	}})
}

// Unify gives the field that a column has in one table of all shares, of which there is at least one: the
// first one's, nullable if one of them is, and with the marks of all. This is the one rule for what tables
// say differently:
//
//   - a share without a value (no rows, or nulls only) takes type and unit of the others;
//   - int8 with int64 is int64; int8 or float32 with a wider type of numbers is that type;
//   - int64 with float32 or float64 is float64, if no whole number is beyond 2^53: not all of those are a float64;
//   - lists of int8 or float32 with lists of a wider type are lists of that;
//   - signs with lists are such lists, and signs of two lengths are lists of int8;
//   - bytes with bytes of another length, scale or offset, with signs, or with lists, are the numbers that they stand for, in lists of
//     float32, or of float64 with lists of that;
//   - a share whose type was guessed (GuessPlain) is text beside text, but not beside words such as NA alone, which
//     stand for no value.
//
// Other types, and two units, are an error that names the column, a table of either and what it holds there, and so
// is such a whole number. Widen converts the values.
func Unify(shares []Share) (Field, error) {
	f := shares[0].Field
	agree := true
	for i := range shares {
		o := &shares[i].Field
		agree = agree && o.sameForm(&f) && o.Unit == f.Unit
		f.Nullable = f.Nullable || o.Nullable
		f.Mark = f.Mark.With(o.Mark)
		if f.Guess != o.Guess {
			f.Guess = "" // at least one is of a program that knew
		}
	}
	if agree {
		return f, nil
	}
	all, err := witnesses(shares)
	if err != nil {
		return Field{}, err
	}
	var first *witness // of the type and the unit so far
	for _, w := range all {
		if first == nil {
			first, f.Unit = w, w.field.Unit
			f.takeForm(&w.field)
			continue
		}
		before := f.Type
		switch {
		case !f.joinForm(&w.field):
			return Field{}, clash(f.Name, first, w, all)
		case w.field.Unit != f.Unit:
			return Field{}, fmt.Errorf("the column %q has the unit %q in %s and %q in %s: give it one unit where these tables are made",
				f.Name, first.field.Unit, first.from.Table, w.field.Unit, w.from.Table)
		}
		if f.Type != before {
			first = w // one that needs the type
		}
	}
	if f.Type == Float64 {
		for _, w := range all {
			if err := w.checkExact(f.Name, all); err != nil {
				return Field{}, err
			}
		}
	}
	return f, nil
}

// witnesses gives a table with a value for each share that has one. What was guessed is text if one of them is.
func witnesses(shares []Share) ([]*witness, error) {
	var all []*witness
	text := false
	for i := range shares {
		w, err := shares[i].witness()
		if err != nil {
			return nil, err
		}
		if w != nil {
			all = append(all, w)
			text = text || w.field.Type == String && w.field.Guess != GuessWords
		}
	}
	if text {
		for _, w := range all {
			if w.field.Guess == GuessPlain {
				w.field.Type = String
			}
		}
	}
	return all, nil
}

// A witness is a table that has a value in a column.
type witness struct {
	field Field
	from  Place // of a value
	text  string
	share *Share
}

// witness finds a table with a value; nil if none has one.
func (s *Share) witness() (*witness, error) {
	return s.find(func(*Column, int) bool { return true })
}

// find gives the first value that is wanted; nil if there is none.
func (s *Share) find(wanted func(c *Column, row int) bool) (*witness, error) {
	var w *witness
	err := s.Each(func(c *Column, from func(int) Place) bool {
		for row := range c.Len() {
			if !c.Null(row) && wanted(c, row) {
				w = &witness{field: s.Field, from: from(row), text: c.Text(row), share: s}
				return false
			}
		}
		return true
	})
	return w, err
}

// maxWhole is the number up to which every whole number is a float64.
const maxWhole = 1 << 53

// checkExact refuses whole numbers that a float64 may not hold.
func (w *witness) checkExact(column string, all []*witness) error {
	if w.field.Type != Int64 {
		return nil
	}
	large, err := w.share.find(func(c *Column, row int) bool {
		return c.Int64s[row] > maxWhole || c.Int64s[row] < -maxWhole
	})
	if err != nil || large == nil {
		return err
	}
	return fmt.Errorf("the column %q holds %s in %s, but %s, and not every whole number beyond 2^53 is a float64: %s",
		column, large.text, large.from.Table, fractions(all), oneType(column))
}

// sameForm reports whether the values of both fields are held in the same way.
func (f *Field) sameForm(o *Field) bool {
	return f.Type == o.Type && f.Length == o.Length && f.Scale == o.Scale && f.Offset == o.Offset
}

func (f *Field) takeForm(o *Field) {
	f.Type, f.Length, f.Scale, f.Offset = o.Type, o.Length, o.Scale, o.Offset
}

// joinForm gives f the narrowest type that holds the values of both, and reports whether there is one.
func (f *Field) joinForm(o *Field) bool {
	if f.sameForm(o) {
		return true
	}
	joint, ok := jointType(f.Type.unpacked(), o.Type.unpacked())
	if ok {
		f.takeForm(&Field{Type: joint})
	}
	return ok
}

// unpacked gives the type of lists that hold the values of a type of as many numbers in each row.
func (t Type) unpacked() Type {
	switch t {
	case Signs:
		return Int8List
	case Bytes:
		return Float32List
	}
	return t
}

// jointType gives the narrowest type that holds the values of both.
func jointType(a, b Type) (Type, bool) {
	if a > b {
		a, b = b, a
	}
	switch {
	case a == b:
		return a, true
	case a == Int8 && (b == Int64 || b == Float32 || b == Float64), a == Float32 && b == Float64,
		a == Int8List && (b == Float32List || b == Float64List), a == Float32List && b == Float64List:
		return b, true
	case a == Int64 && (b == Float32 || b == Float64):
		return Float64, true
	}
	return 0, false
}

// Widen gives the column with another field, to whose type its values are converted; a column without a value
// becomes nulls. It panics if Unify would not have given the type.
func (c *Column) Widen(f Field) Column {
	out := *c
	out.Field = f
	switch {
	case c.sameForm(&f):
		return out
	case c.Nulls() == c.Len():
		return Nulls(f, c.Len()).asField(f)
	}
	switch c.Type {
	case Signs:
		lists := c.unpacked()
		return lists.Widen(f)
	case Bytes:
		return c.unpackedBytes(f.Type).asField(f)
	}
	out = Column{Field: f, Offsets: c.Offsets, Valid: c.Valid}
	switch {
	case c.Type == Int8 && f.Type == Int64:
		out.Int64s = widened[int64](c.Int8s)
	case c.Type == Int8 && f.Type == Float32, c.Type == Int8List && f.Type == Float32List:
		out.Float32s = widened[float32](c.Int8s)
	case c.Type == Int8 && f.Type == Float64, c.Type == Int8List && f.Type == Float64List:
		out.Float64s = widened[float64](c.Int8s)
	case c.Type == Int64 && f.Type == Float64:
		out.Float64s = widened[float64](c.Int64s)
	case c.Type == Float32 && f.Type == Float64, c.Type == Float32List && f.Type == Float64List:
		out.Float64s = widened[float64](c.Float32s)
	case f.Type == String && c.Guess == GuessPlain:
		texts := make([]string, c.Len())
		for row := range texts {
			if !c.Null(row) {
				texts[row] = fmt.Sprint(c.Value(row))
			}
		}
		out.Strings = TextsOf(texts)
	default:
		panic(fmt.Sprintf("frame: column %s: %v cannot become %v", c.Name, c.Type, f.Type))
	}
	return out
}

func (c Column) asField(f Field) Column {
	c.Field = f
	return c
}

func widened[T, F int8 | int64 | float32 | float64](values []F) []T {
	out := make([]T, len(values))
	for i, v := range values {
		out[i] = T(v)
	}
	return out
}
