package external

import (
	"maps"
	"path"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
)

// A File is one declared output: a block `output "name" { path = "results.parquet" }`.
type File struct {
	Path       string            `name:"path" doc:"where the program writes it, relative to its working directory"`
	Format     string            `name:"format" doc:"how it is read back; file keeps the bytes as they are, folder all that lies in a folder" default:"parquet" oneof:"parquet,arrow,csv,file,folder"`
	Type       string            `name:"type" doc:"what the table is, so that an input of that type takes it" default:"table" oneof:"table,dataset,model"`
	Columns    map[string]Column `name:"columns" doc:"what columns are called, and what they hold, as in { learned = { from = \"Learned/Step\", type = \"float64\", unit = \"steps\" } }"`
	Undeclared *string           `name:"undeclared" doc:"what becomes of columns that columns does not name: they are kept, unless told otherwise" oneof:"keep,drop"`
	Separator  *string           `name:"separator" doc:"what stands between the fields of CSV, such as \";\" or \"\\t\"; a comma unless told otherwise"`
	Null       *[]string         `name:"null" doc:"fields of CSV that stand for no value, such as [\"NA\", \"nan\"]; an empty field always does"`
}

// A Column is a declared column of an output.
type Column struct {
	From *string `name:"from" doc:"what the program calls it; its own name unless told otherwise"`
	Type string  `name:"type" doc:"what it holds; any stands for what the values look like" default:"any" oneof:"any,bool,int8,int64,float32,float64,string,list<int8>,list<float32>,list<float64>"`
	Unit *string `name:"unit" doc:"the unit of its values"`
	Doc  *string `name:"doc" doc:"what it holds, in a line"`
}

// from gives what the program calls the column that the spec calls name.
func (c Column) from(name string) string {
	if c.From != nil {
		return *c.From
	}
	return name
}

// typed gives the declared type, and false for any.
func (c Column) typed() (frame.Type, bool) {
	return frame.ParseType(c.Type)
}

// describe puts what is declared into a field.
func (c Column) describe(f *frame.Field) {
	if c.Unit != nil {
		f.Unit = *c.Unit
	}
	if c.Doc != nil {
		f.Doc = *c.Doc
	}
}

// declared gives the names of declared columns by what the program calls them.
func (f *File) declared() map[string]string {
	names := make(map[string]string, len(f.Columns))
	for name, c := range f.Columns {
		names[c.from(name)] = name
	}
	return names
}

// drops reports whether columns that are not declared are left out.
func (f *File) drops() bool { return f.Undeclared != nil && *f.Undeclared == "drop" }

// typed reports whether the table is of a type that takes the columns it knows, and no others.
func (f *File) typed() bool { return f.Type == dataset.Type || f.Type == model.Type }

// raw reports whether the output is bytes, not a table.
func (f *File) raw() bool { return f.Format == "file" || f.Format == "folder" }

// names gives the outputs' names in order.
func (s *Settings) names() []string { return slices.Sorted(maps.Keys(s.Outputs)) }

func (s *Settings) outputs() []stages.Output {
	var outs []stages.Output
	for _, name := range s.names() {
		f := s.Outputs[name]
		out := stages.Output{Name: name, Doc: "what the program left at " + f.Path, Type: f.Type}
		switch f.Format {
		case "file":
			out.Type, out.Extension = "", path.Ext(f.Path)
			if out.Extension == "" {
				out.Extension = ".bin"
			}
		case "folder":
			out.Type, out.Extension = "", stages.FolderExtension
		}
		switch {
		case out.Type == dataset.Type:
			out.Fields, out.Others = dataset.Fields[:2], "attribute and group if the program wrote them, then inputs"
		case out.Type == model.Type:
			out.Fields = model.Fields
		case !f.raw() && f.drops():
			names := slices.Sorted(maps.Keys(f.Columns))
			out.Others = "the declared columns"
			out.OthersOf = func(any) stages.Others { return stages.Others{Names: names} }
		}
		outs = append(outs, out)
	}
	return outs
}
