package probe

import (
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
)

var targetFields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken before the checkpoint."},
	{Name: "target", Type: frame.String, Doc: "What is decoded: label, attribute, group, or an attribute by its name."},
	{Name: "classes", Type: frame.Int64, Doc: "How many values the target has, K: a predictor that does not look at its input has the balanced accuracy 1/K."},
	measured("accuracy", "Accuracy on held-out points of a linear classifier of the target on the last hidden layer, softmax regression if there are more than two classes; null if activations are not finite.", true),
	measured("accuracy_se", "Standard error of accuracy: from the number of held-out points, or, with several repeats, from their spread if that gives more.", true),
	measured("accuracy_fit", "Accuracy on the points of the fit: far above accuracy, the classifier overfits.", true),
	measured("balanced_accuracy", "Unweighted mean of the accuracies on the held-out points of each class that has some.", true),
	measured("balanced_accuracy_se", "Standard error of balanced_accuracy, from the numbers of held-out points of each class, or from the spread over repeats, likewise.", true),
	measured("constant_accuracy", "Accuracy on held-out points of always predicting the class that is the most frequent one among the points of the fit.", false),
	measured("initial_accuracy", "accuracy of the network at step 0, on the same points: what its training did not bring about. Null without controls, and if the model has no step 0.", true),
	measured("initial_balanced_accuracy", "balanced_accuracy of the network at step 0, likewise.", true),
	measured("random_accuracy", "Mean of accuracy over fresh networks of the same settings, with random weights of their own, on the same points: what features as many as these tell without learning. Null without controls.", true),
	measured("random_accuracy_se", "Standard error of random_accuracy: the networks' standard deviation over the root of their number, or what the numbers of held-out points give, if that is more.", true),
	measured("random_balanced_accuracy", "Mean of balanced_accuracy over fresh networks, likewise.", true),
	measured("random_balanced_accuracy_se", "Standard error of random_balanced_accuracy, likewise.", true),
	measured("permuted_accuracy", "accuracy with the points' targets in a random order: what there is to reach if nothing leaks. Null without controls.", true),
	measured("permuted_balanced_accuracy", "balanced_accuracy with the points' targets in a random order: around 1/K.", true),
	{Name: "fit_points", Type: frame.Int64, Unit: "points", Doc: "Points that classifiers were fitted on, in each repeat."},
	{Name: "held_out_points", Type: frame.Int64, Unit: "points", Doc: "Points that classifiers were scored on, in each repeat."},
	{Name: "converged", Type: frame.Bool, Doc: "Whether the classifier reached its minimum, in every repeat; false where there is none."},
	{Name: "measured_on", Type: frame.String, Doc: "Where points are from: law (uniform on the cube), or the split test or validation of data without one, equally many of each group, or of each class where there are no attributes."},
}

// The targets that all data have; attributes that are nil are no target.
const (
	label     = "label"
	attribute = "attribute"
	group     = "group"
)

// aim sets the targets of points with these labels and attributes, nil for none: core and spurious, if the data is paired,
// and what the settings ask for. Those of core and spurious are the label, and the class that the attribute goes with, or
// else the attribute; as targets, the attribute and the class that it goes with are the same.
func (p *probe) aim(s *Settings, d *dataset.Description, labels, attributes []int16) error {
	p.paired = attributes != nil && (d.Binary() || d.Followed() != nil)
	if p.paired {
		p.targets = []target{p.target(label, d.ClassCount(), labels), p.target(attribute, d.ValueCount(), follow(d, attributes))}
	}
	if s.Targets == nil {
		return nil
	}
	for _, name := range *s.Targets {
		at := slices.IndexFunc(p.targets, func(t target) bool { return t.name == name })
		if at < 0 {
			t, err := p.named(d, name, labels, attributes)
			if err != nil {
				return err
			}
			if t.classes < 2 {
				return fmt.Errorf("targets: %s has one value alone, so that there is nothing to tell apart: leave it out", name)
			}
			at = len(p.targets)
			p.targets = append(p.targets, t)
		}
		p.asked = append(p.asked, at)
	}
	return nil
}

// follow gives the class that each attribute goes with, or the attributes if they go with none.
func follow(d *dataset.Description, attributes []int16) []int16 {
	follows := d.Followed()
	if follows == nil {
		return attributes
	}
	classes := make([]int16, len(attributes))
	for i, s := range attributes {
		classes[i] = follows[s]
	}
	return classes
}

// target makes a target of the values of all points.
func (p *probe) target(name string, classes int, values []int16) target {
	count := make([]int, classes)
	for _, y := range values[:p.fit] {
		count[y]++
	}
	most, right := int16(slices.Index(count, slices.Max(count))), 0
	for _, y := range values[p.fit:] {
		if y == most {
			right++
		}
	}
	return target{name, classes, values, accuracyOf(right, p.held).value}
}

// named gives the target of a name.
func (p *probe) named(d *dataset.Description, name string, labels, attributes []int16) (target, error) {
	known := []string{label}
	if attributes != nil {
		known = append(known, attribute, group)
	}
	each := func(classes int, of func(i int) int16) target {
		values := make([]int16, len(labels))
		for i := range values {
			values[i] = of(i)
		}
		return p.target(name, classes, values)
	}
	switch {
	case name == label:
		return p.target(name, d.ClassCount(), labels), nil
	case attributes == nil:
	case name == attribute:
		return p.target(name, d.ValueCount(), attributes), nil
	case name == group:
		return each(d.GroupCount(), func(i int) int16 { return d.GroupOf(labels[i], attributes[i]) }), nil
	default:
		below := d.ValueCount()
		for _, a := range d.Attributes {
			below /= len(a.Values)
			if a.Name == name {
				return each(len(a.Values), func(i int) int16 { return attributes[i] / int16(below) % int16(len(a.Values)) }), nil
			}
			known = append(known, a.Name)
		}
	}
	return target{}, fmt.Errorf("targets: there is no %q to decode; there are %s", name, strings.Join(known, ", "))
}

// appendTargets adds a row for each target that is asked for.
func (r *row) appendTargets(b *frame.Builder) {
	for _, at := range r.asked {
		t, d := &r.targets[at], r.decoded[at]
		b.Int64("step", r.step)
		b.String("target", t.name)
		b.Int("classes", t.classes)
		accuracy, balanced := func(d *decoded) float64 { return d.accuracy.value }, func(d *decoded) float64 { return d.balanced.value }
		accuracyErr, balancedErr := func(d *decoded) float64 { return d.accuracy.err }, func(d *decoded) float64 { return d.balanced.err }
		put(b, "accuracy", d, accuracy)
		put(b, "accuracy_se", d, accuracyErr)
		put(b, "accuracy_fit", d, func(d *decoded) float64 { return d.accuracyFit })
		put(b, "balanced_accuracy", d, balanced)
		put(b, "balanced_accuracy_se", d, balancedErr)
		b.Float64("constant_accuracy", t.constant)
		put(b, "initial_accuracy", of(r.controls.initial, at), accuracy)
		put(b, "initial_balanced_accuracy", of(r.controls.initial, at), balanced)
		put(b, "random_accuracy", of(r.controls.random, at), accuracy)
		put(b, "random_accuracy_se", of(r.controls.random, at), accuracyErr)
		put(b, "random_balanced_accuracy", of(r.controls.random, at), balanced)
		put(b, "random_balanced_accuracy_se", of(r.controls.random, at), balancedErr)
		put(b, "permuted_accuracy", of(r.controls.permuted, at), accuracy)
		put(b, "permuted_balanced_accuracy", of(r.controls.permuted, at), balanced)
		b.Int("fit_points", r.fit)
		b.Int("held_out_points", r.held)
		b.Bool("converged", d != nil && d.converged)
		b.String("measured_on", r.on)
		b.EndRow()
	}
}
