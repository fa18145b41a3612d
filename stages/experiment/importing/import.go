// Package importing is the kind "import": a user's own data, brought into the form of a data set.
package importing

import (
	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
)

// Kind brings data of a user's own into the form of a data set.
//
//	in   files    files of the project and of data roots
//	in   from     files and tables that stages made
//	out  dataset  the samples, by split
//	out  card     1 row for each split and group: how many samples
//	out  sources  1 row for each file: its digest, licence, and what was taken of it
//	out  page     counts and sample pictures, unless samples is 0 or the inputs are columns without a shape
//
// Rows keep the order of the files within their split. What is drawn comes from the streams "import/split" and "import/limit". All faults
// of the data are told at once; with a fault nothing is written.
var Kind = stages.Define(stages.Kind{
	Name:    "import",
	Version: 3,
	Doc:     doc,
	Inputs: []stages.Input{
		{Name: "files", Doc: "files of the project, folders and patterns of them, and external(\"ROOT/...\") for those of a data root", Type: stages.FileType, Cardinality: stages.List},
		{Name: "from", Doc: "what stages made, such as exec.convert.data: tables, and files in the formats that files may have", Type: stages.OutputType, Cardinality: stages.List},
	},
	Outputs: []stages.Output{
		{Name: "dataset", Type: dataset.Type, Internal: true, Fields: dataset.Fields[:1], Others: "label, attribute and group if there are attributes, then inputs",
			Doc: "The data set: what it is in its metadata, and one row for each sample."},
		{Name: "card", Fields: cardFields, Doc: "How many samples there are: one row for each split and group, also for a group without any."},
		{Name: "sources", Fields: sourceFields, Doc: "Where the samples come from: one row for each file, and one for all pictures."},
	},
	DynamicOutputs: func(settings any) []stages.Output {
		if !settings.(*Settings).paged() {
			return nil
		}
		return []stages.Output{{Name: "page", Extension: ".svg", Doc: "What there is on a page: counts by split and group, and sample pictures of each group in train if the inputs are images."}}
	},
	Reads: reads,
	Labels: []stages.LabelUse{
		{Mark: frame.MarkAttribute, Purpose: dataset.Training},
		{Mark: frame.MarkGroup, Purpose: dataset.Training},
		{Mark: frame.MarkSplit, Purpose: dataset.Training},
	},
}, run)

const doc = `Brings data of your own, images or numbers, into the form of a data set.

Files may be tables (CSV, TSV, Parquet, Arrow), arrays (.npy, .npz, safetensors, IDX as MNIST has it, the binary batches of CIFAR) and
pictures (PNG, JPEG, WebP): in folders that name their class, or named by a column of a table, as WILDS and CelebA have
them. What a file is, its name and its first bytes tell. Nothing is unpickled: a .pt, .pkl or .h5 file is converted by a stage exec, and
what that makes is given as from. The docs' page "Your own data" has examples to copy.

Labels and attributes are texts or whole numbers; 1.0 is 1. In the order of their numbers, or else of the alphabet, they become 0, 1, ...,
and keep says otherwise: keep = { 7 = 0, 9 = 1 } takes two classes and leaves out the rest. A label in another file stands in the order of the
inputs' rows; beside pictures, in the row of a table that names the picture, if that has a column of the same name.

Pixels are kept as bytes and scaled to [0, 1]; pictures have three channels unless grey, and are resized as Pillow and torchvision do (antialiased
bilinear). Pixels of a JPEG may differ by a level with another release of Go, which Spurion is built with; PNG and WebP are the same always. Other numbers become float32, and must be finite.

Each fault is told with its file and row, all of them at once, and then nothing is imported: a picture that a table names and that is not there or cannot
be decoded, a value that is none, pictures of several sizes without resize, a class without samples in train. A split that lacks a group is noted,
and an error with complete = true.`
