package frame

import (
	"fmt"
	"slices"
	"strings"
)

// Decode reads a Parquet file, or an Arrow IPC file or stream, which their first bytes tell apart: one that Encode or a
// Writer made, exactly; and one that pandas, pyarrow, polars, R or others made, as far as its columns fit the types here:
//
//   - integers of other widths are widened to int64, dictionaries become their values, large strings and views strings;
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
// Limit gives (TooLargeError). Damaged input gives an error that names the column and the row group or
// record batch, never a panic, and after work in proportion to what is there.
func Decode(data []byte) (*Table, error) { return decode(data, nil, Limit()) }

// DecodeColumns is Decode for the columns with the names only, in the order of the names; the
// others are not read, and may be of any type.
func DecodeColumns(data []byte, names ...string) (*Table, error) {
	if names == nil {
		names = []string{}
	}
	return decode(data, names, Limit())
}

// DecodeFields reads what a file says of itself, without its values: a table with the
// file's fields and metadata, no rows, and the number of rows that Decode would give.
func DecodeFields(data []byte) (t *Table, rows int64, err error) {
	f, err := open(data, Limit())
	if err != nil {
		return nil, 0, err
	}
	leaves, err := f.leaves(nil)
	if err != nil {
		return nil, 0, err
	}
	t = &Table{Meta: f.metadata()}
	for _, l := range leaves {
		c := Column{Field: l.field}
		if l.field.Type.hasOffsets() {
			c.Offsets = []int32{0}
		}
		t.Columns = append(t.Columns, c)
	}
	return t, f.rowCount(), nil
}

// ColumnNames gives the names of a file's columns, each once, in their order, whatever they hold.
func ColumnNames(data []byte) (names []string, err error) {
	defer guard(damagedFile(data), &err)
	f, err := open(data, Limit())
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, name := range f.columns() {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names, nil
}

func decode(data []byte, names []string, limit int64) (t *Table, err error) {
	defer guard(damagedFile(data), &err)
	f, err := open(data, limit)
	if err != nil {
		return nil, err
	}
	leaves, err := f.leaves(names)
	if err != nil {
		return nil, err
	}
	t = &Table{Columns: make([]Column, len(leaves)), Meta: f.metadata()}
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

// A tableFile is an opened file, of Parquet or Arrow.
type tableFile interface {
	columns() []string                     // names as they stand, also of columns that cannot be read
	leaves(names []string) ([]leaf, error) // the columns with the names (nil: all), or an error that says why one cannot be read
	metadata() map[string]string           // to be asked after leaves, which may note what is left out
	rowCount() int64
	read(l leaf, c *Column) error
}

func open(data []byte, limit int64) (tableFile, error) {
	if IsArrow(data) {
		return openArrow(data, limit)
	}
	return openParquet(data, limit)
}

// damagedFile is how an error begins for which a library has no better words than a panic.
func damagedFile(data []byte) string {
	if IsArrow(data) {
		return "frame: damaged Arrow file"
	}
	return "frame: damaged Parquet file"
}

// A leaf is a column to read: where it is in the file, and what it becomes.
type leaf struct {
	field  Field
	column int // in the file's list of leaf columns
	// listDef is the definition level of an empty list, elementDef that of an element, in Parquet.
	listDef, elementDef uint8
	storage
}

// NoteKey is the key of a table's metadata under which Decode says what it left out.
const NoteKey = "spurion.note"

// isIndexLevel reports whether the name is one that pandas gives to an index without a name.
func isIndexLevel(name string) bool {
	rest, ok := strings.CutPrefix(name, "__index_level_")
	digits, ok2 := strings.CutSuffix(rest, "__")
	return ok && ok2 && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// A heading is what a file says of itself as a whole.
type heading struct{ meta map[string]string }

// setMeta keeps a key, unless it is one that tables do not have.
func (h *heading) setMeta(key, value string) {
	if key == arrowSchemaKey || key == pandasKey {
		return
	}
	if h.meta == nil {
		h.meta = map[string]string{}
	}
	h.meta[key] = value
}

func (h *heading) metadata() map[string]string { return h.meta }

// choose gives those of the columns that have the names, in the names' order; all for nil, but for pandas' index. setType finds what a column
// becomes, and describe adds what the file says of it besides.
func (h *heading) choose(columns, names []string, setType func(*leaf) error, describe func(all []leaf, place map[string]int)) ([]leaf, error) {
	var all []leaf
	var left []string
	place := map[string]int{}
	for i, name := range columns {
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
		if err := setType(&l); err != nil {
			return nil, fmt.Errorf("frame: column %s %w", name, err)
		}
		l.field.Name = name
		place[name] = len(all)
		all = append(all, l)
	}
	if left != nil {
		h.setMeta(NoteKey, "the index that pandas writes as "+strings.Join(left, ", ")+" is left out")
	}
	describe(all, place)
	for _, l := range all {
		if !l.fitsWidth() {
			return nil, fmt.Errorf("frame: column %s %w", l.field.Name, countLost(l))
		}
	}
	if names == nil {
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
