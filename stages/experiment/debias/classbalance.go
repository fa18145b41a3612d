package debias

import "context"

// classBalance makes all classes count alike: the control of group balancing that needs no
// attribute.
var classBalance = &Method{
	Name:    "class_balance",
	Version: 1,
	Doc:     "All classes count alike, by one of the ways of group_balance with classes for groups: by sampling it is RWY, by weights the class-weighted loss.",
	Source:  "Idrissi et al. 2022 (RWY)",
	Check:   checkBy,
	Run:     func(ctx context.Context, t *Trial) error { return t.balance(ctx, t.byClass()) },
}
