package debias

import (
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// Settings are what a spec says about a debiased training.
type Settings struct {
	Method     MethodSettings               `name:"method" doc:"The method, by its name, and its own settings."`
	Steps      *int                         `name:"steps" min:"1" max:"1000000000" unit:"steps" doc:"Gradient steps in all, earlier stages of the method included: the same budget for every method. Give steps or epochs."`
	Epochs     *float64                     `name:"epochs" above:"0" max:"1e9" unit:"epochs" doc:"The budget in passes over the finite training set, in place of steps, such as 20 or 0.5. An epoch of n samples is ceil(n / batch) steps, those of a pass of erm with sampling = \"shuffle\", whatever a method makes its batches of: one that balances, repeats or leaves out samples takes as many steps, and the column epoch tells its own passes. Fresh samples have none."`
	Batch      int                          `name:"batch" default:"64" min:"1" max:"65536" unit:"samples" doc:"Samples in a step. With sampling = \"shuffle\" the last batch of a pass over a list of samples is smaller if batch does not divide their number, and the step follows the mean of those few."`
	Sampling   string                       `name:"sampling" default:"auto" oneof:"auto,fresh,shuffle,replacement" doc:"Where a step's samples come from unless the method says otherwise: fresh draws of the law; the finite training set in a new random order each epoch (shuffle), or drawn from it with replacement. auto: fresh for a data set without training samples, else shuffle."`
	Loss       string                       `name:"loss" default:"cross_entropy" oneof:"cross_entropy,logistic,hinge,squared,correlation" doc:"The loss, as of the kind train."`
	Network    neuralnet.NetworkSettings    `name:"network" doc:"The network."`
	Augment    *trainloop.AugmentSettings   `name:"augment" doc:"How samples are changed at random before each step, in all stages of a method; they are not if it is left out. What a method predicts, infers or selects by is of samples as they are."`
	Optimizer  neuralnet.OptimizerSettings  `name:"optimizer" doc:"The optimiser, by its name; each stage of a method starts it, and a schedule of its rate, anew."`
	Evaluation trainloop.EvaluationSettings `name:"evaluation" doc:"When the network is measured, and on how many points. A checkpoint is selected among the evaluated steps."`
	Validation int                          `name:"validation" default:"10000" min:"1" max:"10000000" unit:"samples" doc:"Samples of the validation set that is drawn once from the law if the data set has no validation split."`
	PerSample  *bool                        `name:"per_sample" doc:"Whether outputs with a row for each sample are written: predictions (of validation and test samples, by each selected network), groups (the cell that the method has each training sample in, and how much it counts), and for GroupDRO group_weights (over time). Left out: false."`
	Seed       int64                        `name:"seed" default:"each.seed" doc:"Seed of initial weights, the order of data, and the points of validation and evaluation: each has a random stream of its own."`
}

// MethodSettings are the block `method "NAME" { ... }`: the settings of all methods, each for the
// methods that it names. Each Method's Doc says what is executed.
type MethodSettings struct {
	Name string `name:"name" label:"erm,constant,spurious,class_balance,group_balance,subg,group_dro,cvar_dro,irm,mixup,lisa,pde,jtt,lff,eiil,cnc,spare,ssa,george" doc:"erm: the mean loss; constant and spurious: reference rows; class_balance, group_balance: every class or group counts alike; subg: a group-balanced subset; cvar_dro: the largest losses; irm: invariant risk minimisation; mixup, lisa: mixed samples; pde: a training set that grows; group_dro: the worst groups count most (Sagawa et al. 2020); jtt: points that a first network gets wrong count more (Liu et al. 2021); lff: points that a network made to follow what is easy fails on count more (Nam et al. 2020); eiil: environments that a first network violates (Creager et al. 2021); cnc: samples of one label that a first network takes for different ones are pulled together (Zhang et al. 2022); spare: clusters of a first network's outputs count alike (Yang et al. 2024); ssa: groups by an attribute that is learned from the validation split (Nam et al. 2022); george: GroupDRO on clusters of a first network's features (Sohoni et al. 2020)."`

	By string `name:"by" for:"group_balance,class_balance" default:"sampling" oneof:"sampling,strata,upsampling,weights,sqrt_weights" doc:"How groups, or classes, are balanced. sampling: a sample's group is drawn uniformly, then the sample from it, with replacement; strata: the same, with equally many of each group in every batch; upsampling: passes over a list that repeats the samples of each group up to the size of the largest; weights: samples as they come, a loss of group g weighted by 1/(K p_g) for K groups and the group's share p_g; sqrt_weights: weighted in proportion to 1/sqrt(p_g)."`

	Redraw string `name:"redraw" for:"subg" default:"once" oneof:"once,epoch" doc:"When the subset is drawn: once, before training, or anew for each epoch."`

	Rate           float64 `name:"rate" for:"group_dro,eiil,ssa,george" default:"0.01" min:"0" doc:"Step size η of the groups' weights."`
	SizeAdjustment float64 `name:"size_adjustment" for:"group_dro,eiil,ssa,george" default:"0" min:"0" doc:"C: a group's loss counts as the loss plus C / sqrt(n_g), for n_g training samples of the group. Needs a finite training set if above 0."`
	Batches        string  `name:"batches" for:"group_dro,irm,eiil,cnc,ssa,george" default:"strata" oneof:"natural,sampling,strata" doc:"What batches are made of: samples as they come (natural), or balanced as group_balance does by sampling or strata; for irm and eiil by environment instead of group, for cnc by label and prediction, for ssa by label and predicted attribute, for george by cluster."`

	Alpha float64 `name:"alpha" for:"cvar_dro" default:"0.1" above:"0" max:"1" doc:"Share α of a batch's largest losses that is minimised; 1 is ERM."`

	Penalty float64 `name:"penalty" for:"irm,eiil" default:"100" min:"0" doc:"Weight of the penalty after the first anneal steps."`
	Anneal  int     `name:"anneal" for:"irm,eiil" default:"500" min:"0" unit:"steps" doc:"Steps for which the weight is 1 instead."`

	AnnealEpochs *float64 `name:"anneal_epochs" for:"irm,eiil" min:"0" max:"1e9" unit:"epochs" doc:"These steps in epochs, in place of anneal."`

	Form    string `name:"form" for:"irm,eiil" default:"halves" oneof:"halves,square" doc:"The penalty of an environment: the product of two halves' gradients (DomainBed), or the square of all rows' gradient (IRMv1)."`
	Rescale bool   `name:"rescale" for:"irm,eiil" default:"false" doc:"Whether the objective is divided by the penalty's weight where it is above 1, as in the first published code."`

	Concentration *float64 `name:"concentration" for:"mixup,lisa" min:"0" max:"1e6" doc:"Parameter a of the distribution Beta(a, a) of λ; 0 stands for λ = 1. Left out: 0.2 for mixup, 2 for lisa."`
	WithinLabel   float64  `name:"within_label" for:"lisa" default:"0.5" min:"0" max:"1" doc:"Probability that a batch is mixed within labels rather than within values of the attribute."`
	Mix           string   `name:"mix" for:"lisa" default:"swap" oneof:"swap,linear" doc:"How rows are mixed: swap the spurious block and keep the label, or linear, as published, labels included."`

	WarmupEpochs int     `name:"warmup_epochs" for:"pde" default:"15" min:"1" max:"1000000000" unit:"epochs" doc:"Passes over the balanced subset before anything is added."`
	WarmupSize   int     `name:"warmup_size" for:"pde" default:"0" min:"0" unit:"samples" doc:"Most samples of each group in the balanced subset; 0 for as many as the smallest group has."`
	ExpandEpochs int     `name:"expand_epochs" for:"pde" default:"10" min:"1" max:"1000000000" unit:"epochs" doc:"Passes between two expansions."`
	ExpandSize   int     `name:"expand_size" for:"pde" default:"10" min:"1" unit:"samples" doc:"Samples that an expansion adds."`
	RateFactor   float64 `name:"rate_factor" for:"pde" default:"1" above:"0" doc:"Factor on the optimiser's rate once the warm-up is over."`

	FirstEpochs float64 `name:"first_epochs" for:"jtt,eiil,cnc,spare,george" default:"1" above:"0" unit:"epochs" doc:"Length T of the first stage, in passes over the training set, of ceil(n / batch) steps each."`
	FirstSteps  *int    `name:"first_steps" for:"jtt,eiil,cnc,spare,george" min:"1" unit:"steps" doc:"Length T of the first stage in steps, instead of first_epochs."`
	Upweight    int     `name:"upweight" for:"jtt" default:"20" min:"0" max:"100000" doc:"λ, how often a point of the error set counts in the second stage; the others count once. 1 is ERM; 0 stands for as often as makes all of the error set count as much as all other points, or up to once less, but once at the least. (The method's own code has a point 1 + λ_up times; its λ_up = -1 is 0 here.)"`
	UpweightBy  string  `name:"upweight_by" for:"jtt" default:"repeat" oneof:"repeat,weights,normalised_weights" doc:"How it counts more. repeat: it stands λ times in the training set; weights: samples as they come, its loss times λ; normalised_weights: those weights over their mean in the training set."`

	Exponent  float64 `name:"exponent" for:"lff" default:"0.7" min:"0" max:"1" doc:"q of the biased network's generalised cross-entropy: the higher, the less it learns from samples that it gets wrong. 0 is the cross-entropy."`
	LossDecay float64 `name:"loss_decay" for:"lff" default:"0.7" min:"0" max:"1" doc:"Weight α of the past in the average of a sample's losses; 0 for the last loss alone."`

	Inference      string  `name:"inference" for:"eiil" default:"closed" oneof:"closed,adam" doc:"How environments are found: the maximum in closed form, or by Adam as published."`
	InferenceSteps int     `name:"inference_steps" for:"eiil" default:"10000" min:"1" max:"10000000" unit:"steps" doc:"Steps of Adam on the assignments; they train no network and are not counted."`
	InferenceRate  float64 `name:"inference_rate" for:"eiil" default:"0.001" above:"0" doc:"Rate of Adam on the assignments."`
	Crossed        bool    `name:"crossed" for:"eiil" default:"false" doc:"Whether groups are the environments within each class instead of the two environments."`
	Objective      string  `name:"objective" for:"eiil" default:"group_dro" oneof:"group_dro,irm" doc:"What the second network is trained by, on the environments: group_dro with its settings, or irm with its."`

	ContrastiveWeight float64 `name:"contrastive_weight" for:"cnc" default:"0.75" min:"0" max:"1" doc:"λ, the share of the contrastive loss; the mean loss has 1 - λ."`
	Temperature       float64 `name:"temperature" for:"cnc" default:"0.1" above:"0" doc:"τ, by which cosine similarities are divided."`
	TwoSided          bool    `name:"two_sided" for:"cnc" default:"true" doc:"Whether samples that the first network gets wrong are anchors as well."`

	Clusters    int     `name:"clusters" for:"spare,george" default:"0" min:"0" max:"60" doc:"Clusters of each class; 0 for the number with the largest silhouette."`
	MaxClusters int     `name:"max_clusters" for:"spare,george" default:"5" min:"2" max:"60" doc:"Most clusters of a class if their number is chosen."`
	Silhouette  float64 `name:"silhouette" for:"spare" default:"0.9" min:"-1" max:"1" doc:"Mean silhouette from which a class's clusters count as apart, so that its power is 1."`
	Power       float64 `name:"power" for:"spare" default:"2" min:"0" max:"100" doc:"Power p of a class whose clusters are less apart: a sample of a cluster of n_c has a probability proportional to n_c^-p."`
	Reduction   string  `name:"reduction" for:"george" default:"pca" oneof:"pca,hardness,none" doc:"What of the features is clustered: their principal axes, the direction of the output first (hardness), or all."`
	Components  *int    `name:"components" for:"george" min:"1" max:"1000" doc:"Coordinates that are left by pca or hardness. Left out: 2 for pca, 1 for hardness."`
	Clustering  string  `name:"clustering" for:"george" default:"mixture" oneof:"mixture,kmeans" doc:"What clusters are: those of a mixture of Gaussians, or of k-means."`
	LeastShare  float64 `name:"least_share" for:"george" default:"0.005" min:"0" max:"1" doc:"Share of its class below which a cluster is dissolved."`

	Splits           int      `name:"splits" for:"ssa" default:"3" min:"2" max:"100" doc:"K, parts of the training samples; each is labelled by a predictor that has not learned from it."`
	SplitSteps       int      `name:"split_steps" for:"ssa" default:"500" min:"1" max:"1000000000" unit:"steps" doc:"Steps of each predictor."`
	SplitEpochs      *float64 `name:"split_epochs" for:"ssa" above:"0" max:"1e9" unit:"epochs" doc:"These steps in epochs of the training samples, in place of split_steps."`
	SplitEvery       int      `name:"split_every" for:"ssa" default:"100" min:"1" max:"1000000000" unit:"steps" doc:"Steps between two renewals of a predictor's thresholds, at which it is tried as well."`
	SplitEveryEpochs *float64 `name:"split_every_epochs" for:"ssa" above:"0" max:"1e9" unit:"epochs" doc:"These steps in epochs of the training samples, in place of split_every."`
	Confidence       float64  `name:"confidence" for:"ssa" default:"0.95" min:"0.5" max:"1" doc:"τ, the probability from which a prediction is sure enough in the smallest group; with 1 none is."`
}

// Instead implements the Redirector of package stages.
func (m *MethodSettings) Instead() map[string]string {
	const head = "It fits a last layer anew, on a network that is trained: write stage \"head\" with head %q { ... }, after a stage \"debias\" with another method, such as erm."
	instead := map[string]string{"llr": "It is a kind of its own: write stage \"retrain\", after a training."}
	for _, name := range []string{"dfr", "afr", "self"} {
		instead[name] = fmt.Sprintf(head, name)
	}
	return instead
}

// Check reports what tags cannot say.
func (s *Settings) Check() []stages.Problem {
	total := int(s.total())
	problems := slices.Concat(trainloop.CheckLength(s.Steps, s.Epochs), trainloop.CheckEpochs(s.Sampling, s.inEpochs()), s.Method.checkTwice(),
		s.Evaluation.Check("evaluation", total), s.Augment.Check("augment"), trainloop.CheckTraining(s.Loss, &s.Network, s.Optimizer, total))
	m := methodNamed(s.Method.Name)
	if m == nil {
		return problems // the schema has said so
	}
	if m.Finite && s.Sampling == trainloop.SampleFresh {
		problems = append(problems, stages.Problem{Path: "sampling", Summary: "The method needs a finite training set",
			Detail: fmt.Sprintf("The method %s remembers training samples one by one, so it cannot train on fresh samples. Leave sampling out, and give the data set a number of training samples.", m.Name)})
	}
	if m.Check != nil {
		problems = append(problems, m.Check(s)...)
	}
	return problems
}

// total gives the budget of steps; 0 if it is in epochs, and so not known yet.
func (s *Settings) total() int64 {
	if s.Steps == nil {
		return 0
	}
	return int64(*s.Steps)
}

// inEpochs are the paths of settings that may be in epochs, but for first_epochs; those that are, are true.
func (s *Settings) inEpochs() map[string]bool {
	paths := map[string]bool{
		"epochs":                    s.Epochs != nil,
		"evaluation.every_epochs":   s.Evaluation.EveryEpochs != nil,
		"method.anneal_epochs":      s.Method.AnnealEpochs != nil,
		"method.split_epochs":       s.Method.SplitEpochs != nil,
		"method.split_every_epochs": s.Method.SplitEveryEpochs != nil,
	}
	for path, given := range s.Optimizer.EpochSettings() {
		paths["optimizer."+path] = given
	}
	return paths
}

// A length of a method is in steps, or in epochs instead.
type length struct {
	steps      *int
	usual      int // its default
	least      int
	epochs     *float64
	name, also string // of the settings
}

func (m *MethodSettings) lengths() []length {
	return []length{
		{&m.Anneal, 500, 0, m.AnnealEpochs, "anneal", "anneal_epochs"},
		{&m.SplitSteps, 500, 1, m.SplitEpochs, "split_steps", "split_epochs"},
		{&m.SplitEvery, 100, 1, m.SplitEveryEpochs, "split_every", "split_every_epochs"},
	}
}

// checkTwice reports lengths that are set in steps, other than their defaults, and in epochs.
func (m *MethodSettings) checkTwice() []stages.Problem {
	var problems []stages.Problem
	for _, l := range m.lengths() {
		if l.epochs != nil && *l.steps != l.usual {
			problems = append(problems, stages.Problem{Path: "method." + l.also, Summary: "A length is set twice",
				Detail: fmt.Sprintf("%s = %d and %s = %s are two lengths. Leave one of them out.", l.name, *l.steps, l.also, stages.FormatFloat(*l.epochs))})
		}
	}
	return problems
}

// inSteps gives the settings with all lengths but first_epochs in steps, or says what is wrong with them then.
func (s *Settings) inSteps(p trainloop.Pass) (*Settings, error) {
	if !trainloop.AnyEpochs(s.inEpochs()) {
		return s, nil
	}
	total, err := trainloop.Length(s.Steps, s.Epochs, p)
	if err != nil {
		return nil, err
	}
	in, steps := *s, int(total)
	in.Steps, in.Epochs = &steps, nil
	if in.Evaluation, err = s.Evaluation.InSteps(p, total); err != nil {
		return nil, err
	}
	if in.Optimizer, err = trainloop.OptimizerIn(s.Optimizer, p); err != nil {
		return nil, err
	}
	for _, l := range in.Method.lengths() {
		if l.epochs == nil {
			continue
		}
		n, err := p.Steps(*l.epochs)
		if err != nil {
			return nil, fmt.Errorf("method.%s: %w", l.also, err)
		}
		*l.steps = max(l.least, int(n))
	}
	in.Method.AnnealEpochs, in.Method.SplitEpochs, in.Method.SplitEveryEpochs = nil, nil, nil
	return &in, trainloop.Joined(in.Check())
}

// needsProbabilities reports a loss that does not say how likely a label is; what is what the method does with
// that.
func needsProbabilities(s *Settings, what string) []stages.Problem {
	if neuralnet.HasProbabilities(s.Loss) {
		return nil
	}
	return []stages.Problem{{Path: "loss", Summary: "A loss without probabilities",
		Detail: fmt.Sprintf("The method %s %s, and the loss %s has no probabilities. Use cross_entropy, or logistic with one output.", s.Method.Name, what, s.Loss)}}
}

// repeats gives how often the points of evaluations are drawn.
func (s *Settings) repeats() int { return trainloop.RepeatsOf(s.Evaluation.Repeats) }

// outputs gives what is written besides the outputs that are always there.
func (s *Settings) outputs() []stages.Output {
	list := s.perSample()
	if s.repeats() == 1 {
		return list
	}
	return append(list, stages.Output{Name: "repeats", Doc: "One row for each evaluation and repeat: " + evaluation.RepeatsDoc, Fields: repeatFields, Values: methodOf})
}
