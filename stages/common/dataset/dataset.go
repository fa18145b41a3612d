package dataset

// Type is the type of the artifact, as inputs of kinds ask for it.
const Type = "dataset"

// A Split is a part of a data set.
type Split string

// The splits.
const (
	TrainSplit      Split = "train"
	ValidationSplit Split = "validation"
	TestSplit       Split = "test"
)

// Splits lists the splits in the order of a table's rows.
var Splits = []Split{TrainSplit, ValidationSplit, TestSplit}

// A Dataset is a law, or finite splits, or both. It is not changed once made.
type Dataset struct {
	Description
	// The splits; nil if empty. With a law, a nil Train means fresh samples at every step.
	Train, Validation, Test *Samples
}

// Fresh reports whether training draws fresh samples from the law instead of reading Train.
func (d *Dataset) Fresh() bool { return d.Law != nil && d.Train == nil }

// Split gives the samples of a split, or nil if there are none.
func (d *Dataset) Split(s Split) *Samples {
	switch s {
	case TrainSplit:
		return d.Train
	case ValidationSplit:
		return d.Validation
	case TestSplit:
		return d.Test
	}
	return nil
}

// Set makes s the samples of its split.
func (d *Dataset) Set(s *Samples) {
	switch s.Split {
	case TrainSplit:
		d.Train = s
	case ValidationSplit:
		d.Validation = s
	case TestSplit:
		d.Test = s
	}
}

// Finite gives the splits that have samples, in order.
func (d *Dataset) Finite() (list []*Samples) {
	for _, split := range Splits {
		if s := d.Split(split); s != nil {
			list = append(list, s)
		}
	}
	return list
}
