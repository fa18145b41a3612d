// Package frame holds named, typed columns and moves them to and from Parquet, Arrow, CSV and
// JSON lines with pinned properties: equal tables give equal bytes. It is the only place that
// knows Arrow.
package frame

// A Type is the type of a column's values.
type Type uint8

// The column types. A list column holds one list per row, of any length. What is a time is held in whole
// numbers: a timestamp counts from the beginning of 1970, on a clock that a table does not know or, as
// UTC, in the world; a date counts days from 1970-01-01, a time of day nanoseconds from midnight. They
// have an order but no arithmetic. Kinds write none; they come from tables of other programs.
const (
	Bool Type = iota + 1
	Int8
	Int64
	Float32
	Float64
	String
	Int8List
	Float32List
	Float64List
	Timestamp        // microseconds
	TimestampUTC     // microseconds
	TimestampNano    // nanoseconds
	TimestampNanoUTC // nanoseconds
	Date
	TimeOfDay
	// Signs are numbers -1 and +1, as many in each row as the field's Length says, one bit each.
	Signs
	// Bytes are numbers of one byte each, such as pixels, as many in each row as the field's Length says. A byte b stands for
	// b*Scale + Offset: see ByteNumbers.
	Bytes
)

// A Field describes a column: what a reader must know to use its values.
type Field struct {
	Name string // snake_case
	Type Type
	Unit string // "steps", "nats", "1" for a pure number; "" for labels and identifiers
	Doc  string // one line
	// Nullable says that a value may not exist. A null is never written as NaN.
	Nullable bool
	// Mark is empty, or says which privileged information the column holds; a kind that reads
	// a marked column declares it.
	Mark Mark
	// Guess says how the type was found if the values were text without one, as in CSV; it is empty for a type that a
	// program gave.
	Guess Guess
	// Length is how many numbers a row of Signs or Bytes has, from 1 on; 0 for other types, and in a declaration that leaves it open.
	Length int
	// Scale and Offset say what a byte of Bytes stands for, b*Scale + Offset in the field's Unit. Both are 0 for other types, and in a
	// declaration that leaves them open; in a column of Bytes, Scale is not.
	Scale, Offset float64
}

// A Guess says what a column's type was taken from. Unify goes by it.
type Guess string

const (
	// GuessPlain: whole numbers, or true and false, each as it is written here, so that the texts can be had again.
	GuessPlain Guess = "plain"
	// GuessWords: text, of nothing but words that programs write where there is no value, such as NA.
	GuessWords Guess = "words"
)

// A Mark names information that a method must not read without saying so. What is computed from
// columns with different marks has all of them: see With.
type Mark string

// The marks of columns.
const (
	MarkAttribute Mark = "attribute" // the spurious attribute s
	MarkGroup     Mark = "group"     // the group 2y+s
	MarkSplit     Mark = "split"     // which split a row belongs to
)

// A Column is a field with its values. Exactly one of the slices, the one that fits Type, is used;
// its length is the number of rows. Valid is nil if every value exists; else Valid[i] false means
// that row i is null, and its slot in the slice is zero.
type Column struct {
	Field
	Bools    []bool
	Int8s    []int8
	Int64s   []int64 // and what is a time
	Float32s []float32
	Float64s []float64
	Strings  Texts
	// Lists: row i is Int8s (Float32s, Float64s) [Offsets[i]:Offsets[i+1]]; len(Offsets) is rows+1.
	Offsets []int32
	// Signs: row i is Words[i*w:(i+1)*w], w being Length/64 rounded up. Number j is +1 if bit j%64 of word j/64 is set; bits
	// beyond Length are not.
	Words []uint64
	// Bytes: row i is Uint8s[i*Length:(i+1)*Length].
	Uint8s []uint8
	Valid  []bool
}

// A Table is an ordered set of columns of equal length, with optional text that describes the
// whole (file metadata, written in sorted order of its keys).
type Table struct {
	Columns []Column
	Meta    map[string]string
}
