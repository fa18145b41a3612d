package pipeline

import (
	"maps"
	"slices"

	"spurion/pipeline/program"
	"spurion/pipeline/results"
	"spurion/pipeline/spec"
)

// secretsOf gives what is to be seen nowhere, whichever result it got into: the values of sensitive variables, and of
// environment variables that programs of the spec are handed, as far as they are set here.
func secretsOf(s *spec.Spec) []string {
	values, _ := program.Handed(s.HandedOn())
	return slices.Concat(s.Secrets, slices.Sorted(maps.Values(values)))
}

// shown lets results be read by those who show them.
func (e *Experiment) shown(read results.Reader) results.Shown {
	return results.Shown{Read: read, Secrets: e.screen}
}

// unset gives the environment variables that programs of a stage, or of one that feeds it, are handed and that are not set
// here. What they held then, in a result, cannot be told from the rest.
func unset(st *spec.Stage) []string {
	_, names := program.Handed(st.HandedOn())
	return names
}
