package head

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
)

// Settings are what a spec says about a last-layer method.
type Settings struct {
	Head       HeadSettings `name:"head" doc:"The last-layer method, by its name, and its own settings."`
	Validation int          `name:"validation" default:"10000" min:"8" max:"10000000" unit:"samples" doc:"Samples of the validation set that is drawn once from the law if the data set has no validation split: with the same number and seed, the one that the kind debias draws."`
	Points     int          `name:"points" default:"4096" min:"4" max:"10000000" unit:"points" doc:"Points that networks are measured on, equally many from each group. A cube of at most 2^14 points is enumerated instead."`
	Repeats    *int         `name:"repeats" min:"1" max:"1000" unit:"repeats" doc:"How often these points are drawn anew, so many each time, as evaluation.repeats of the kind train. With as many as the base's stage has, both are measured on the same points, so that their error falls out of the gain for the most part. Left out: 1. Not for a cube that is enumerated, and for data without a law."`
	PerSample  *bool        `name:"per_sample" doc:"Whether the output predictions is written, with what each network with its new layer predicts for each validation and test sample. Left out: false."`
	Groups     *bool        `name:"groups" doc:"Whether the output groups is written: which samples each new layer was fitted on, in which cell each is, and how much it counts. Left out: false."`
	Seed       int64        `name:"seed" default:"each.seed" doc:"Seed of the halves, the balanced subsets, and the points of validation and evaluation: each has a random stream of its own."`
}

// HeadSettings are the block `head "NAME" { ... }`: the settings of all last-layer methods, each for
// the ones that it names.
type HeadSettings struct {
	Name string `name:"name" label:"dfr,afr,self" doc:"dfr: deep feature reweighting (Kirichenko, Izmailov and Wilson 2023); afr: automatic feature reweighting (Qiu, Potapczynski, Izmailov and Wilson 2023); self: selective last-layer finetuning (LaBonte, Muthukumar and Kumar 2023)."`

	On     string    `name:"on" for:"dfr,afr" default:"validation" oneof:"validation,train" doc:"The set that the last layer is fitted on. For afr on validation a random half is fitted on and the other selects; the published code takes a fifth of the training data that the network did not see."`
	Grid   []float64 `name:"grid" for:"dfr" required:"true" default:"[1, 0.7, 0.3, 0.1, 0.07, 0.03, 0.01]" above:"0" doc:"Inverse strengths C of the L1 penalty to choose from, as scikit-learn's."`
	Refits *int      `name:"refits" for:"dfr" min:"1" max:"1000" doc:"Balanced subsets whose fits are averaged. Left out: 20 on validation, 10 on train."`

	Gamma        float64 `name:"gamma" for:"afr" default:"10" min:"0" max:"1000" doc:"γ: a point weighs exp(-γ p) for the network's probability p of its label."`
	Anchor       float64 `name:"anchor" for:"afr" default:"0" min:"0" doc:"Weight of the squared distance of the last layer from the one it starts from."`
	BalanceClass bool    `name:"balance_class" for:"afr" default:"true" doc:"Whether a point's weight is divided by the number of points of its class."`

	Score  string `name:"score" for:"self" default:"disagreement" oneof:"disagreement,misclassification,random" doc:"What picks the points: the divergence KL of the early network's prediction from the network's, the network's loss (which reads all labels of the half), or chance."`
	Points int    `name:"points" for:"self" default:"100" min:"2" max:"1000000" unit:"points" doc:"Points that are picked, and whose labels are read."`

	Steps *int    `name:"steps" for:"afr,self" min:"1" max:"1000000" unit:"steps" doc:"Steps of gradient descent on the last layer, each on all points that it is fitted on, so that a step is an epoch of them. Left out: 500 for afr (published: 500 to 1000), 250 for self."`
	Rate  float64 `name:"rate" for:"afr,self" default:"0.01" above:"0" doc:"Learning rate. (Published: afr 0.01 to 0.02, self 0.0001 to 0.01.)"`
	Clip  float64 `name:"clip" for:"afr,self" default:"1" min:"0" doc:"Largest norm of a gradient; 0 for no limit."`
}

// Instead implements the Redirector of package stages.
func (h *HeadSettings) Instead() map[string]string {
	instead := map[string]string{"llr": "It is a kind of its own: write stage \"retrain\", after a training."}
	for _, name := range []string{"erm", "group_dro", "jtt", "subg", "lff", "cnc"} {
		instead[name] = fmt.Sprintf("It trains a network: write stage \"debias\" with method %q { ... }, after which a head may come.", name)
	}
	return instead
}

// Check reports what tags cannot say.
func (s *Settings) Check() []stages.Problem {
	return trainloop.CheckRepeats("repeats", s.Points, s.Repeats)
}

// repeats gives how often points to measure on are drawn.
func (s *Settings) repeats() int { return trainloop.RepeatsOf(s.Repeats) }

// outputs gives what is written besides the outputs that are always there.
func (s *Settings) outputs() []stages.Output {
	var list []stages.Output
	if s.perSample() {
		o := evaluation.PredictionOutput("the network of a row of summary, with its new layer,", rowFields[:4]...)
		o.Values = headOf
		list = append(list, o)
	}
	if s.groups() {
		list = append(list, samplesOutput)
	}
	if s.repeats() == 1 {
		return list
	}
	return append(list, stages.Output{Name: "repeats", Doc: "One row for each row of summary with measures, and repeat: " + evaluation.RepeatsDoc, Fields: repeatFields, Values: headOf})
}

// perSample reports whether predictions are written.
func (s *Settings) perSample() bool { return s.PerSample != nil && *s.PerSample }

// groups reports whether it is written which samples layers were fitted on.
func (s *Settings) groups() bool { return s.Groups != nil && *s.Groups }

var groupOutput = func() stages.Output {
	o := evaluation.GroupOutput("row of summary with measures", rowFields, "")
	o.Values = headOf
	return o
}()

// rowFields say which row of summary something is of.
var rowFields = fieldsOf("method", "base_method", "head", "selection", "step")

var repeatFields = slices.Concat(rowFields,
	[]frame.Field{evaluation.RepeatField}, evaluation.MeasureFields(""), evaluation.UnseenFields())

// fieldsOf gives columns of the summary.
func fieldsOf(names ...string) []frame.Field {
	var list []frame.Field
	for _, f := range summaryFields {
		if slices.Contains(names, f.Name) {
			list = append(list, f)
		}
	}
	return list
}

// refits gives the number of fits that are averaged.
func (h *HeadSettings) refits() int {
	switch {
	case h.Refits != nil:
		return *h.Refits
	case h.On == train:
		return 10
	}
	return 20
}

// steps gives the length of the descent.
func (h *HeadSettings) steps() int {
	switch {
	case h.Steps != nil:
		return *h.Steps
	case h.Name == "self":
		return 250
	}
	return 500
}

// The sets to fit on.
const (
	validation = "validation"
	train      = "train"
)
