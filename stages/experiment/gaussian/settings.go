package gaussian

import (
	"fmt"

	"spurion/stages"
	"spurion/stages/common/dataset"
)

// Settings say what data to draw.
type Settings struct {
	Dimensions     int     `name:"dimensions" min:"2" max:"65536" unit:"coordinates" doc:"Number of coordinates of an input: the core block, the spurious block, and noise."`
	CoreLength     int     `name:"core_length" default:"1" min:"1" max:"65535" unit:"coordinates" doc:"Length of the core block, each of whose coordinates has the mean -1 with label 0 and +1 with label 1."`
	SpuriousLength int     `name:"spurious_length" default:"1" min:"1" max:"65535" unit:"coordinates" doc:"Length of the spurious block, whose means are those of the attribute."`
	CoreNoise      float64 `name:"core_noise" above:"0" max:"1e6" doc:"Standard deviation of a coordinate of the core block. A predictor that reads the block alone is right with probability Φ(sqrt(core_length) / core_noise) at best."`
	SpuriousNoise  float64 `name:"spurious_noise" above:"0" max:"1e6" doc:"Standard deviation of a coordinate of the spurious block."`
	Noise          float64 `name:"noise" default:"1" min:"0" max:"1e6" doc:"Norm of the noise, in the root mean square: each of its N coordinates has the mean 0 and the standard deviation noise / sqrt(N), so that the width of an input changes little else."`
	Train          []int   `name:"train" min:"0" max:"100000000" unit:"samples" doc:"Training samples of each group, in the order 00, 01, 10, 11 of label and attribute: [3498, 184, 56, 1057] are those of Waterbirds."`
	Validation     []int   `name:"validation" default:"[]" min:"0" max:"100000000" unit:"samples" doc:"The same for the validation set; empty for none."`
	Test           []int   `name:"test" default:"[]" min:"0" max:"100000000" unit:"samples" doc:"The same for the test set; empty for none."`
	Seed           int64   `name:"seed" default:"each.seed" doc:"Seed of the samples."`
}

// sizes gives the group sizes of a split.
func (s *Settings) sizes(split dataset.Split) []int {
	return map[dataset.Split][]int{dataset.TrainSplit: s.Train, dataset.ValidationSplit: s.Validation, dataset.TestSplit: s.Test}[split]
}

// Check implements the Checker of package stages.
func (s *Settings) Check() []stages.Problem {
	var problems []stages.Problem
	if s.CoreLength+s.SpuriousLength > s.Dimensions {
		problems = append(problems, stages.Problem{Path: "dimensions", Summary: "Blocks longer than the input",
			Detail: fmt.Sprintf("The core block has %d coordinates and the spurious block %d, together more than the %d dimensions.", s.CoreLength, s.SpuriousLength, s.Dimensions)})
	}
	rows := 0
	for _, split := range dataset.Splits {
		sizes := s.sizes(split)
		if given := split == dataset.TrainSplit || len(sizes) > 0; given && len(sizes) != groups {
			problems = append(problems, stages.Problem{Path: string(split), Summary: "Not a number for each group",
				Detail: fmt.Sprintf("%s has the samples of the groups 00, 01, 10 and 11 of label and attribute, such as [400, 100, 100, 400]: four numbers, not %d.", split, len(sizes))})
			continue
		}
		rows += total(sizes)
		if len(sizes) > 0 && total(sizes) == 0 {
			problems = append(problems, stages.Problem{Path: string(split), Summary: "No samples",
				Detail: fmt.Sprintf("%s has no samples of any group: give one some.", split)})
		}
	}
	if most := 1<<31 - 1; rows > most/s.Dimensions {
		problems = append(problems, stages.Problem{Path: "train", Summary: "Data set too large",
			Detail: fmt.Sprintf("%d samples of %d coordinates are more than the 2^31-1 values that a table holds.", rows, s.Dimensions)})
	}
	return problems
}

func total(sizes []int) (n int) {
	for _, size := range sizes {
		n += size
	}
	return n
}
