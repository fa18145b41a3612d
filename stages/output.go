package stages

import (
	"slices"

	"spurion/artifacts/frame"
)

// An Output is a table (or, with Extension, a file) that a kind writes.
type Output struct {
	Name string
	Doc  string
	Type string // what an input must ask for to take it; "" stands for AnyType
	// Fields are the table's columns in order. Where there are Others, they are those that are always
	// there. A table with neither has whatever columns a run gives it.
	Fields []frame.Field
	// Others says in words which columns there are besides Fields, wherever they stand: those that
	// settings name or inputs have, such as "the columns of rows, as text". "" stands for none.
	Others string
	// OthersOf tells Others before a run, from the settings (a pointer to the kind's struct); nil if
	// only a run knows them.
	OthersOf func(settings any) Others
	// Values tells, from the settings, all values that some columns of text can hold, by the column; nil if none are
	// known. A condition that none of them fulfils is then found before anything runs.
	Values func(settings any) map[string][]string
	// Extension, such as ".txt", marks an output of raw bytes.
	Extension string
	// Internal outputs (checkpoints, samples) are kept in the store but not gathered into out/.
	Internal bool
	// Diverged marks a table whose column "ended" says "diverged" where a training's numbers overflowed. It is what to try then, a sentence
	// that a run ends with if one of its instances diverged; "" for a table of no training.
	Diverged string
	// Display marks a table for people, all text: a run prints it, and the report shows it. DisplayIf
	// names the setting, true or false, that an instance can decline with; "" for none.
	// The table's metadata DisplayHeads, a JSON list of texts, is what people call its columns, and
	// DisplayCaption a text below it, if they are there.
	Display   bool
	DisplayIf string
}

// FolderExtension marks an output of raw bytes that is a folder: a tar of its files, which an exec that is given it
// finds unpacked. No file that a spec names has it.
const FolderExtension = ".folder.tar"

// AlwaysValues gives Values that do not depend on the settings.
func AlwaysValues(values map[string][]string) func(settings any) map[string][]string {
	return func(any) map[string][]string { return values }
}

// Others are the columns of a table besides its declared fields.
type Others struct {
	Names []string // columns by name
	Axes  []string // inputs whose axes are columns; each is declared with Axes
	From  []string // inputs of whose tables every column is there
	// Kept has, by input, those of Names that hold what the column or axis of the same name holds in its tables.
	Kept map[string][]string
}

// OwnUnit stands in a declared field for a unit that is that of the data which the kind is given.
const OwnUnit = "its data's"

// Foreseen reports whether all columns of the output are known before a run.
func (o *Output) Foreseen() bool {
	return o.Extension != "" || o.OthersOf != nil || o.Others == "" && o.Fields != nil
}

// Check is what an engine runs before it stores a table (frame.Table.Check): every declared field is
// there, and, unless there are Others, no other column. What a run computes from marked columns may
// be marked beyond what Others' fields say.
func (o *Output) Check(t *frame.Table) error {
	fields := slices.Clone(o.Fields) // nil stays nil: any columns
	for i := range fields {
		f := &fields[i]
		c := t.Column(f.Name)
		if c == nil {
			continue
		}
		if o.Others != "" && c.Mark.Includes(f.Mark) {
			f.Mark = c.Mark
		}
		if f.Unit == OwnUnit {
			f.Unit = c.Unit
		}
	}
	if o.Others == "" {
		return t.Check(fields)
	}
	return t.CheckHas(fields)
}

// The keys of a displayed table's metadata.
const (
	DisplayHeads   = "spurion.heads"
	DisplayCaption = "spurion.caption"
)

// PageImages are the extensions of the raw outputs that a page can show as images, the best first.
var PageImages = []string{".svg", ".png", ".webp", ".jpg", ".jpeg", ".gif"}

// Fits reports whether an output of type have may be given to an input of type want.
func Fits(want string, have Output) bool {
	switch {
	case want == OutputType:
		return true
	case have.Extension != "":
		return false
	}
	return want == AnyType || want == have.Type
}
