package trainloop

import (
	"fmt"

	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
)

// Data is AnyData for a kind that knows two classes, and an attribute of two values, alone; of others the error says so.
func Data(r *stages.Run, input string) (*dataset.Dataset, *datalaw.Compiled, error) {
	d, law, err := AnyData(r, input)
	if err == nil && d != nil && !d.Binary() {
		err = fmt.Errorf("input %q: a data set of %d classes and %d values of the attribute; this kind is for two of each", input, d.ClassCount(), d.ValueCount())
	}
	if err != nil {
		return nil, nil, err
	}
	return d, law, nil
}

// AnyData reads the data set that an input was given, of any number of classes and groups, and compiles its law. The law is
// nil if it has none; both are nil if the input is optional and was not given.
func AnyData(r *stages.Run, input string) (*dataset.Dataset, *datalaw.Compiled, error) {
	made, err := r.Decoded(input, dataset.Decoder)
	if err != nil || made == nil {
		return nil, nil, err
	}
	d := made.(*dataset.Dataset)
	if d.Law == nil {
		return d, nil, nil
	}
	law, err := d.Law.Compile()
	if err != nil {
		return nil, nil, fmt.Errorf("input %q: %w", input, err)
	}
	return d, law, nil
}
