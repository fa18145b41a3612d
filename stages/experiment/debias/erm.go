package debias

import "context"

// erm is empirical risk minimisation: what the others are compared with. It is what the kind train
// does, step for step.
var erm = &Method{
	Name:    "erm",
	Version: 1,
	Doc:     "Minimises the mean loss of samples as they come.",
	Source:  "Vapnik 1998",
	Run: func(ctx context.Context, t *Trial) error {
		return t.plain(ctx, t.Remaining())
	},
}
