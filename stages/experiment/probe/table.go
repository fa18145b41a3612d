package probe

import "spurion/artifacts/frame"

var fields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken before the checkpoint."},
	measured("decoded_core", "Decoded core correlation: 2a - 1, a the held-out accuracy of a linear classifier of f_c on the last hidden layer; null if activations are not finite.", true),
	measured("decoded_core_se", seDoc("decoded_core"), true),
	measured("decoded_core_fit", "The same on the points of the fit: far above decoded_core, the classifier overfits.", true),
	measured("decoded_spurious", "Decoded spurious correlation: likewise with f_s.", true),
	measured("decoded_spurious_se", seDoc("decoded_spurious"), true),
	measured("decoded_spurious_fit", "The same on the points of the fit.", true),
	measured("core_correlation", "The network's own core correlation E[f_c sign(net)] on the uniform cube, from all points of all repeats.", false),
	measured("core_correlation_se", "Standard error of core_correlation.", false),
	measured("spurious_correlation", "The network's own spurious correlation E[f_s sign(net)] on the uniform cube, from all points of all repeats.", false),
	measured("spurious_correlation_se", "Standard error of spurious_correlation.", false),
	measured("core_floor", "Core correlation |E f_c| that a constant predictor reaches.", false),
	measured("spurious_floor", "Spurious correlation |E f_s| that a constant predictor reaches.", false),
	{Name: "fit_points", Type: frame.Int64, Unit: "points", Doc: "Points that classifiers were fitted on, in each repeat."},
	{Name: "held_out_points", Type: frame.Int64, Unit: "points", Doc: "Points that classifiers were scored on, in each repeat."},
	{Name: "converged", Type: frame.Bool, Doc: "Whether both classifiers reached their minimum, in every repeat."},
	{Name: "measured_on", Type: frame.String, Doc: "Where points are from: law (uniform on the cube), or the split test or validation of data without one, equally many of each group."},
	measured("initial_core", "decoded_core of the network at step 0, on the same points: what its training did not bring about. Null without controls, and if the model has no step 0.", true),
	measured("initial_spurious", "decoded_spurious of the network at step 0, likewise.", true),
	measured("random_core", "Mean of decoded_core over fresh networks of the same settings, with random weights of their own, on the same points: what features as many as these tell without learning. Null without controls.", true),
	measured("random_core_se", "Standard error of random_core: the networks' standard deviation over the root of their number, or what the numbers of held-out points give, if that is more.", true),
	measured("random_spurious", "Mean of decoded_spurious over fresh networks, likewise.", true),
	measured("random_spurious_se", "Standard error of random_spurious, likewise.", true),
	measured("permuted_core", "decoded_core with the points' targets in a random order: around 0, with an error of 1 / sqrt(held_out_points), if nothing leaks. Null without controls.", true),
	measured("permuted_spurious", "decoded_spurious with the points' targets in a random order, likewise.", true),
}

// seDoc says what the standard error of a decoded correlation is.
func seDoc(of string) string {
	return "Standard error of " + of + ": from the number of held-out points, or, with several repeats, from their spread if that gives more."
}

func measured(name, doc string, nullable bool) frame.Field {
	return frame.Field{Name: name, Type: frame.Float64, Unit: "1", Doc: doc, Nullable: nullable}
}

var names = [2]string{core: "core", spurious: "spurious"}

func (r *row) append(b *frame.Builder) {
	if !r.paired {
		return
	}
	b.Int64("step", r.step)
	converged := appendDecoded(b, r.decoded)
	r.appendNetwork(b)
	b.Float64("core_floor", r.floors[core])
	b.Float64("spurious_floor", r.floors[spurious])
	b.Int("fit_points", r.fit)
	b.Int("held_out_points", r.held)
	b.Bool("converged", converged)
	b.String("measured_on", r.on)
	r.controls.append(b)
	b.EndRow()
}

// appendNetwork sets the columns of the network's own correlations.
func (r *row) appendNetwork(b *frame.Builder) {
	for target, name := range names {
		b.Float64(name+"_correlation", r.network[target].value)
		b.Float64(name+"_correlation_se", r.network[target].err)
	}
}

// appendDecoded sets the columns of both decoded features, null if there are none, and reports
// whether both fits converged.
func appendDecoded(b *frame.Builder, both []*decoded) (converged bool) {
	converged = true
	for target, name := range names {
		d := both[target]
		if d == nil {
			converged = false
			b.Null("decoded_" + name)
			b.Null("decoded_" + name + "_se")
			b.Null("decoded_" + name + "_fit")
			continue
		}
		converged = converged && d.converged
		b.Float64("decoded_"+name, d.held.value)
		b.Float64("decoded_"+name+"_se", d.held.err)
		b.Float64("decoded_"+name+"_fit", d.fit.value)
	}
	return converged
}
