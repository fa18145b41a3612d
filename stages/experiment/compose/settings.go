package compose

import (
	"fmt"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/dataset"
)

// Settings say how two data sets become one.
type Settings struct {
	Layout  string  `name:"layout" default:"stack" oneof:"stack,beside,overlay,channel" doc:"Where the two inputs lie. stack: the core image above the spurious one, as in Dominoes. beside: the spurious input on the right; also for inputs that are no images. overlay: the spurious image over the core one. channel: the spurious image as further channels."`
	At      []int   `name:"at" default:"[]" min:"0" unit:"pixels" doc:"With overlay: row and column of the core image where the spurious image begins; empty: [0, 0]."`
	Opacity float64 `name:"opacity" default:"1" above:"0" max:"1" doc:"With overlay: the share of the spurious image in what lies under it; below 1 the core image shows through."`

	Strength           float64  `name:"strength" min:"0" max:"1" doc:"The confounder strength λ: the share of a class's training samples whose attribute is the one that goes with the class."`
	ValidationStrength *float64 `name:"validation_strength" min:"0" max:"1" doc:"The same for the validation set; strength if not given."`
	TestStrength       *float64 `name:"test_strength" min:"0" max:"1" doc:"The same for the test set; if not given, all attributes are equally frequent: .5 for two."`
	Mixing             string   `name:"mixing" default:"exact" oneof:"exact,bernoulli" doc:"exact: of n samples of a class, round(n (1 - strength)) get another attribute, as in the authors' code for Dominoes; bernoulli: each sample by itself, with that probability."`
	Pairs              []string `name:"pairs" default:"[]" doc:"The class of spurious that goes with each class of core, in the order of core's classes; empty: the first with the first, and so on."`
	Reuse              bool     `name:"reuse" default:"true" doc:"Whether each spurious image is drawn from all of its class, so that one may occur several times; else none does within a split."`

	Samples    *int  `name:"samples" min:"1" max:"100000000" unit:"samples" doc:"Size of the training set, drawn from core's without replacement; all of it if not given."`
	Validation *int  `name:"validation" min:"0" max:"100000000" unit:"samples" doc:"Size of the validation set, as samples; 0 for none."`
	Test       *int  `name:"test" min:"0" max:"100000000" unit:"samples" doc:"Size of the test set, as samples; 0 for none."`
	Seed       int64 `name:"seed" default:"each.seed" doc:"Seed of what is drawn."`
}

// Check implements the Checker of package stages.
func (s *Settings) Check() []stages.Problem {
	var problems []stages.Problem
	if len(s.At) != 0 && len(s.At) != 2 {
		problems = append(problems, stages.Problem{Path: "at", Summary: "Not a row and a column",
			Detail: fmt.Sprintf("at is a row and a column, such as [0, 16], not %d numbers.", len(s.At))})
	}
	if s.Layout != overlay && (len(s.At) > 0 || s.Opacity != 1) {
		path := "opacity"
		if len(s.At) > 0 {
			path = "at"
		}
		problems = append(problems, stages.Problem{Path: path, Summary: "Without effect",
			Detail: fmt.Sprintf("%s is for layout = %q, and the layout is %q.", path, overlay, s.Layout)})
	}
	return problems
}

// size gives the wished size of a split; -1 for all that there is.
func (s *Settings) size(split dataset.Split) int {
	n := map[dataset.Split]*int{dataset.TrainSplit: s.Samples, dataset.ValidationSplit: s.Validation, dataset.TestSplit: s.Test}[split]
	if n == nil {
		return -1
	}
	return *n
}

// strength gives the share of samples of a split whose attribute goes with their class.
func strengthOf(split dataset.Split, train float64, validation, test *float64, values int) float64 {
	switch {
	case split == dataset.ValidationSplit && validation != nil:
		return *validation
	case split == dataset.TestSplit && test != nil:
		return *test
	case split == dataset.TestSplit:
		return 1 / float64(values)
	}
	return train
}

// pairsOf gives the class of spurious that goes with each class of core.
func (s *Settings) pairsOf(core, spurious *dataset.Description) ([]int16, error) {
	classes, values := core.ClassCount(), spurious.ClassCount()
	pairs := make([]int16, classes)
	if len(s.Pairs) == 0 {
		if classes != values {
			return nil, fmt.Errorf("core has %d classes and spurious %d, so which goes with which must be said: set pairs, such as pairs = [%s]",
				classes, values, quoted(names(spurious, min(values, classes))))
		}
		for y := range pairs {
			pairs[y] = int16(y)
		}
		return pairs, nil
	}
	if len(s.Pairs) != classes {
		return nil, fmt.Errorf("pairs names %d classes of spurious, but core has %d classes", len(s.Pairs), classes)
	}
	have := names(spurious, values)
	for y, name := range s.Pairs {
		at := slices.Index(have, name)
		if at < 0 {
			return nil, fmt.Errorf("pairs: spurious has no class %q; its classes are %s", name, quoted(have))
		}
		pairs[y] = int16(at)
	}
	return pairs, nil
}

// names gives those of the first classes.
func names(d *dataset.Description, count int) []string {
	list := make([]string, count)
	for i := range list {
		list[i] = d.ClassName(i)
	}
	return list
}

func quoted(names []string) string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(list, ", ")
}
