package spec

import "spurion/stages"

// Options say how a spec is loaded.
type Options struct {
	Kinds *stages.Registry
	// Vars are name=value settings of --var, in order; VarFiles the paths of --var-file, in order;
	// Environ the environment (SPURION_VAR_name=value is read). Later sources win: environment,
	// then files, then vars.
	Vars     []string
	VarFiles []string
	Environ  []string
	// Root is the project; "" stands for the working directory.
	Root string
	// MaxInstances refuses larger graphs before they are expanded; 0 stands for DefaultMaxInstances.
	MaxInstances int
}

// DefaultMaxInstances is the largest graph that is expanded unless asked for.
const DefaultMaxInstances = 200_000
