package spec

import (
	"encoding/json"
	"maps"
	"slices"

	"spurion/stages"
)

// HandedOn gives the names of the environment variables whose values are handed to programs of the spec, sorted.
func (s *Spec) HandedOn() []string {
	names := map[string]bool{}
	for _, st := range s.Stages {
		st.addHandedOn(names)
	}
	return slices.Sorted(maps.Keys(names))
}

// HandedOn gives the names of the environment variables whose values are handed to programs of the stage or of one that
// feeds it, sorted: its results may hold what these wrote.
func (s *Stage) HandedOn() []string {
	names := map[string]bool{}
	seen := map[*Stage]bool{}
	var visit func(*Stage)
	visit = func(s *Stage) {
		if !seen[s] {
			seen[s] = true
			s.addHandedOn(names)
			for _, u := range s.Uses {
				visit(u)
			}
		}
	}
	visit(s)
	return slices.Sorted(maps.Keys(names))
}

// addHandedOn adds the names of the stage itself.
func (s *Stage) addHandedOn(names map[string]bool) {
	for _, a := range s.Kind.Schema().Attributes {
		if a.Variables {
			s.addNamed(a.Name, names)
		}
	}
	for _, port := range s.Kind.Inputs {
		if port.Type != stages.EnvironmentType {
			continue
		}
		for i := range s.Instances {
			for _, in := range s.Instances[i].Inputs {
				for _, ref := range in.Refs {
					if in.Name == port.Name && ref.Stage == nil {
						names[ref.Path] = true
					}
				}
			}
		}
	}
}

// addNamed adds what the instances' lists of names hold; most have the same.
func (s *Stage) addNamed(setting string, names map[string]bool) {
	var last string
	for i := range s.Instances {
		value, _ := s.Instances[i].Settings.Get(setting)
		if value == last {
			continue
		}
		last = value
		var list []string
		if json.Unmarshal([]byte(value), &list) == nil {
			for _, name := range list {
				names[name] = true
			}
		}
	}
}
