package generate

import (
	"fmt"
	"math"

	"spurion/stages"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
)

// The laws of held-out sets.
const (
	sameLaw     = "same"
	uniformLaw  = "uniform"
	balancedLaw = "balanced"
)

// Settings say what data to make.
type Settings struct {
	Dimensions     int              `name:"dimensions" min:"1" max:"65536" unit:"coordinates" doc:"number n of coordinates of an input: the core block, the spurious block, the rest independent of both"`
	Core           boolean.Function `name:"core" call:"true" doc:"the core function f_c, which gives the label y"`
	Spurious       boolean.Function `name:"spurious" call:"true" doc:"the spurious function f_s, which gives the attribute s"`
	CoreLength     *int             `name:"core_length" min:"0" max:"65536" unit:"coordinates" doc:"length of the core block; what the function does not read is inert; as long as the function reads if not given"`
	SpuriousLength *int             `name:"spurious_length" min:"0" max:"65536" unit:"coordinates" doc:"length of the spurious block; as long as the function reads if not given"`
	Strength       float64          `name:"strength" min:"0" max:"1" doc:"the confounder strength λ: the share of samples that come from the inputs where the functions agree"`
	Law            string           `name:"law" oneof:"paper,repository" default:"paper" doc:"which D_λ: the paper's, uniform where the functions agree and where not; or the published code's, where the core block is uniform, which differs if f_s is biased"`
	Seed           int64            `name:"seed" default:"each.seed" doc:"seed of the finite sets"`
	Samples        int              `name:"samples" default:"0" min:"0" max:"100000000" unit:"samples" doc:"size of the training set, drawn once; 0: training draws fresh samples at every step"`
	Validation     int              `name:"validation" default:"0" min:"0" max:"100000000" unit:"samples" doc:"size of the validation set"`
	ValidationLaw  string           `name:"validation_law" oneof:"same,balanced,uniform" default:"same" doc:"law of the validation set: D_λ; balanced, the four groups equally often up to one; or uniform on the cube"`
	Test           int              `name:"test" default:"0" min:"0" max:"100000000" unit:"samples" doc:"size of the test set"`
	TestLaw        string           `name:"test_law" oneof:"same,balanced,uniform" default:"uniform" doc:"law of the test set: D_λ; balanced, the four groups equally often up to one; or uniform on the cube"`
	FourierTerms   int              `name:"fourier_terms" default:"32" min:"0" max:"65536" unit:"coefficients" doc:"how many Fourier coefficients of each function to list, the largest first"`
	NoiseRate      float64          `name:"noise_rate" default:"0.1" min:"0" max:"1" doc:"the probability δ with which noise turns a coordinate, for the functions' noise stability and sensitivity"`
}

// law gives the law that the settings describe.
func (s *Settings) law() datalaw.Law {
	l := datalaw.Law{
		Core: s.Core, Spurious: s.Spurious, CoreLength: s.Core.Reads(), SpuriousLength: s.Spurious.Reads(),
		Strength: s.Strength, Variant: s.Law,
	}
	if s.CoreLength != nil {
		l.CoreLength = *s.CoreLength
	}
	if s.SpuriousLength != nil {
		l.SpuriousLength = *s.SpuriousLength
	}
	l.Independent = s.Dimensions - l.CoreLength - l.SpuriousLength
	return l
}

// Check finds combinations that make no sense.
func (s *Settings) Check() []stages.Problem {
	law := s.law()
	var problems []stages.Problem
	for _, p := range law.Check() {
		switch p.Path {
		case "independent":
			p = stages.Problem{Path: "dimensions", Summary: "Blocks longer than the input", Detail: fmt.Sprintf(
				"The core block has %d coordinates and the spurious block %d, together more than the %d dimensions.",
				law.CoreLength, law.SpuriousLength, s.Dimensions)}
		case "variant":
			p.Path = "law"
		}
		problems = append(problems, p)
	}
	if rows := float64(s.Samples) + float64(s.Validation) + float64(s.Test); rows*float64(s.Dimensions) > math.MaxInt32 {
		problems = append(problems, stages.Problem{Path: "samples", Summary: "Data set too large", Detail: fmt.Sprintf(
			"%.0f samples of %d coordinates are more than the 2^31-1 values that a table holds; samples = 0 draws fresh ones instead.", rows, s.Dimensions)})
	}
	if len(problems) > 0 {
		return problems
	}
	for _, set := range []struct {
		path, law string
		rows      int
	}{{"validation_law", s.ValidationLaw, s.Validation}, {"test_law", s.TestLaw, s.Test}} {
		if set.rows > 0 && set.law == balancedLaw && (law.Core.Constant() || law.Spurious.Constant()) {
			problems = append(problems, stages.Problem{Path: set.path, Summary: "Groups without inputs", Detail: fmt.Sprintf(
				"With core %v and spurious %v some groups have no inputs, so a set cannot be balanced.", law.Core, law.Spurious)})
		}
	}
	return problems
}
