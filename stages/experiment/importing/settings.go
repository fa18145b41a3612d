package importing

import "spurion/stages/common/dataset"

// Settings are the attributes of `stage "import"`.
type Settings struct {
	Format     *string           `name:"format" oneof:"csv,tsv,parquet,arrow,idx,cifar10,cifar100,npy,npz,safetensors,pictures" doc:"what the files of the inputs are; told by their names and first bytes unless given"`
	Inputs     *Inputs           `name:"inputs" doc:"what of the files are the inputs; found unless given where there is one choice"`
	Label      *Values           `name:"label" doc:"what the label is; of pictures in folders, the folder's name, and of CIFAR its own unless given"`
	Attributes map[string]Values `name:"attribute" doc:"what an attribute is; several make one by their combinations, in the order of their names, the first counting slowest"`
	Group      *Values           `name:"group" doc:"what names the group of a sample, in place of attributes: if each class has as many groups of its own, the attribute is which of them it is, else it is the group"`
	Split      *Split            `name:"split" doc:"which split a sample is in; all are in train unless given, but for the usual files of MNIST and CIFAR, which name their split"`
	Seed       int64             `name:"seed" default:"each.seed" doc:"seed of what is drawn: splits by fractions, and samples by limit"`
	Limit      *int              `name:"limit" min:"1" unit:"samples" doc:"how many samples of each class to take at most in each split, drawn with the seed: to try things out"`
	Resize     []int             `name:"resize" min:"1" max:"4096" unit:"pixels" doc:"height and width that pictures get"`
	Fit        *string           `name:"fit" oneof:"stretch,cover" doc:"what resize does with pictures of another ratio: stretch them, unless given, or cover: scale until the smaller side fits and cut the rest off, as torchvision's Resize and CenterCrop"`
	Grey       bool              `name:"grey" default:"false" doc:"whether pictures get one channel, of luma; files of pictures have three otherwise"`
	MaxPixels  int               `name:"max_pixels" default:"40000000" min:"1" max:"1000000000" unit:"pixels" doc:"the largest picture that is decoded, height times width"`
	Pairs      map[string]string `name:"pairs" doc:"the attribute that goes with each class, by their names; for each class the one that is most frequent in train unless given"`
	Parts      map[string]Part   `name:"part" doc:"where a feature lies in an input; the label is core or spurious"`
	Complete   bool              `name:"complete" default:"false" doc:"whether it is an error that a split lacks a group that another has, and not a note"`
	Source     *Source           `name:"source" doc:"where the data come from, for those who read the card"`
	Samples    int               `name:"samples" default:"8" min:"0" max:"64" unit:"samples" doc:"how many sample pictures of each group stand on the page; 0 for no page. There is none either where inputs are columns of a table and have no shape"`
}

// Inputs is the block that says what the inputs are.
type Inputs struct {
	File     *string  `name:"file" doc:"the files that hold them: a name, or a pattern such as \"*-images-*\"; all that nothing else is read from unless given"`
	Columns  []string `name:"columns" doc:"columns of a table, in this order; \"x*\" stands for those that begin with x, in the file's order. One column of lists is found by itself"`
	Array    *string  `name:"array" doc:"an array of an .npz or safetensors file, [samples, ...]"`
	Pictures *string  `name:"pictures" doc:"the column of a table that names files of pictures"`
	Folder   *string  `name:"folder" doc:"where these names begin: a folder among files; the table's own unless given"`
	Shape    []int    `name:"shape" min:"1" max:"65536" doc:"channels, height and width of an input that is an image; that of the array, of two or three dimensions a sample, unless given"`
	Channels *string  `name:"channels" oneof:"first,last" doc:"where an array [samples, ...] of three dimensions a sample has its channels; last if there are 1, 3 or 4 and not as many first, unless given"`
	Scale    *float64 `name:"scale" above:"0" max:"1e30" doc:"what a number is multiplied with; 1/255 for bytes that are pixels, else 1, unless given"`
}

// Values is a block that says what a label, attribute or group is.
type Values struct {
	File   *string            `name:"file" doc:"the files that hold it, in the order of the inputs' files; those themselves unless given"`
	Column *string            `name:"column" doc:"a column of a table: text or whole numbers"`
	Array  *string            `name:"array" doc:"an array of an .npz or safetensors file, [samples] or with index [samples, values]"`
	Index  *int               `name:"index" min:"0" doc:"which value of a row of the array it is, from 0"`
	Folder *int               `name:"folder" min:"1" max:"16" doc:"it is the name of a folder: 1 for the one that a picture lies in, 2 for the one around that"`
	Keep   map[string]float64 `name:"keep" doc:"which values to take, and as what number from 0 on; several may have the same. Samples of other values are left out, and counted"`
	Names  []string           `name:"names" doc:"what to call the numbers 0, 1, ...; the values themselves unless given"`
}

// Split is the block that says which split a sample is in.
type Split struct {
	File      *string            `name:"file" doc:"the files that hold column or array; those of the inputs unless given"`
	Column    *string            `name:"column" doc:"a column of a table: train, validation (val, valid, dev) and test, or 0, 1 and 2"`
	Array     *string            `name:"array" doc:"an array that holds the same"`
	Index     *int               `name:"index" min:"0" doc:"which value of a row of the array it is, from 0"`
	Folder    *int               `name:"folder" min:"1" max:"16" doc:"it is the name of a folder around the picture, counted as for label"`
	Values    map[string]string  `name:"values" doc:"what the values stand for, such as { a = \"train\", b = \"test\" }; samples of other values are left out, and counted"`
	Files     map[string]string  `name:"files" doc:"the split of all in a file, by name or pattern: { \"train*\" = \"train\", \"t10k*\" = \"test\" }"`
	Fractions map[string]float64 `name:"fractions" above:"0" max:"1" doc:"shares of the splits, drawn with the seed: { train = 0.8, validation = 0.1, test = 0.1 }; beside column, array, folder or files they divide what those put in train"`
	Stratify  *string            `name:"stratify" oneof:"none,class,group" doc:"whether fractions hold in all samples together, unless given, in each class, or in each group"`
}

// Part is a block that says where a feature lies, as from the first up to, and without, the second.
type Part struct {
	Channels []int `name:"channels" min:"0" doc:"channels, such as [0, 1]; all unless given"`
	Rows     []int `name:"rows" min:"0" unit:"pixels" doc:"rows of an image, from the top, such as [0, 32]; all unless given"`
	Columns  []int `name:"columns" min:"0" doc:"columns of an image, or numbers of an input without a shape; all unless given"`
}

// Source is the block that says where data come from.
type Source struct {
	Name    string `name:"name" default:"" doc:"what their maker calls them"`
	Licence string `name:"licence" default:"" doc:"the licence that they are under"`
}

// of gives a value, or what stands for none.
func of[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// inputs gives the block, empty if there is none.
func (s *Settings) inputs() *Inputs {
	if s.Inputs == nil {
		return &Inputs{}
	}
	return s.Inputs
}

// split gives the block, empty if there is none.
func (s *Settings) split() *Split {
	if s.Split == nil {
		return &Split{}
	}
	return s.Split
}

// paged reports whether a page is drawn.
func (s *Settings) paged() bool {
	in := s.inputs()
	return s.Samples > 0 && (len(in.Columns) == 0 || len(in.Shape) > 0)
}

// place gives where split stands, if it is in some data.
func (s *Split) place() *Values {
	return &Values{File: s.File, Column: s.Column, Array: s.Array, Index: s.Index, Folder: s.Folder}
}

// somewhere reports whether a value is said to be somewhere.
func (v *Values) somewhere() bool {
	return v.File != nil || v.Column != nil || v.Array != nil || v.Folder != nil
}

// splitNames are what splits are called.
var splitNames = map[string]dataset.Split{
	"train": dataset.TrainSplit, "training": dataset.TrainSplit, "0": dataset.TrainSplit,
	"validation": dataset.ValidationSplit, "val": dataset.ValidationSplit, "valid": dataset.ValidationSplit, "dev": dataset.ValidationSplit, "1": dataset.ValidationSplit,
	"test": dataset.TestSplit, "testing": dataset.TestSplit, "2": dataset.TestSplit,
}
