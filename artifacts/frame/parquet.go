package frame

// Encode gives the table as a Parquet file. Equal tables (see Equal) give equal bytes, on every
// machine and with every number of workers. The table is checked first (Check with nil fields).
func Encode(t *Table) ([]byte, error) { return nil, errSkeleton }

// Decode reads a Parquet file: one that Encode or a Writer made, exactly; and one that pandas,
// pyarrow, polars or others made, if its columns fit the types here. Integers of other widths are
// widened to int64, dictionaries and large strings become strings. A column that does not fit
// (timestamps, decimals, structs), an integer out of range, and a number that is NaN or infinite
// are errors that name the column. Damaged input gives an error, never a panic.
func Decode(data []byte) (*Table, error) { return nil, errSkeleton }

// DecodeColumns is Decode for the columns with the names only, in the order of the names; the
// others are not read.
func DecodeColumns(data []byte, names ...string) (*Table, error) { return nil, errSkeleton }

// DecodeFields reads what a Parquet file says of itself, without its values: a table with the
// file's fields and metadata, no rows, and the number of rows that Decode would give.
func DecodeFields(data []byte) (*Table, int64, error) { return nil, 0, errSkeleton }
