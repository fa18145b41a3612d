package responses

import (
	"fmt"

	"spurion/stages"
)

// Settings say what to put together, and what to take away.
type Settings struct {
	From           string  `name:"from" default:"auto" oneof:"auto,test,validation,train,law" doc:"Where core and spurious inputs come from: a split of data, or fresh draws from the law. auto: the test split if there is one, else the law."`
	CoreInputs     int     `name:"core_inputs" default:"64" min:"4" max:"4096" unit:"inputs" doc:"Core inputs of the grid, equally many from each class; fewer where the smallest class has fewer. With 64 x 64 the standard error of r is about .04 for a unit that responds to both, and less for one that responds to either; four times as many of both halve it."`
	SpuriousInputs int     `name:"spurious_inputs" default:"64" min:"4" max:"4096" unit:"inputs" doc:"Spurious inputs of the grid, equally many from each value of the attribute."`
	SpuriousBelow  float64 `name:"spurious_below" default:"0.2" min:"0" max:"1" doc:"A unit belongs to the spurious subnetwork if its r is below this."`
	CoreAbove      float64 `name:"core_above" default:"0.8" min:"0" max:"1" doc:"A unit belongs to the core subnetwork if its r is above this."`

	Points       int    `name:"points" default:"1024" min:"4" max:"1000000" unit:"points" doc:"Points that ablations are measured on, equally many from each group; each is a core and a spurious input of its own, so fewer where the samples do not suffice."`
	PartAblation string `name:"part_ablation" default:"permute" oneof:"permute,mean" doc:"What takes the place of an input's part that is ablated. permute: that of another point, so that inputs stay such as there are. mean: the mean over the points."`
	UnitAblation string `name:"unit_ablation" default:"mean" oneof:"mean,zero" doc:"What takes the place of the activation of a unit that is ablated. mean: its mean over the points, so that only its variation is gone. zero: 0, which also moves what follows."`
	Draws        int    `name:"draws" default:"5" min:"0" max:"1000" unit:"draws" doc:"Random sets of units to compare with: so often as many units are ablated at random as either subnetwork has; 0 for none."`

	Checkpoints string `name:"checkpoints" default:"all" oneof:"all,last" doc:"Which of the model's checkpoints to look at."`
	Seed        int64  `name:"seed" default:"each.seed" doc:"Seed of the inputs, the points, the permutation and the random sets of units: each has a random stream of its own."`
}

// Check finds combinations that make no sense.
func (s *Settings) Check() []stages.Problem {
	if s.SpuriousBelow > s.CoreAbove {
		return []stages.Problem{{Path: "spurious_below", Summary: "A unit could be of both subnetworks", Detail: fmt.Sprintf(
			"With spurious_below = %v and core_above = %v, an r between them is of both. Set spurious_below at most as high as core_above.", s.SpuriousBelow, s.CoreAbove)}}
	}
	return nil
}

// The values of From beside the splits, and of the two ablations.
const (
	auto    = "auto"
	fromLaw = "law"
	permute = "permute"
	zero    = "zero"
)
