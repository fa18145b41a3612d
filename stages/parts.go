package stages

import (
	"fmt"
	"slices"
	"strings"
)

// A Part is a piece of a kind that an instance uses or not, as one setting says: a method, a head. It has a
// version of its own, so that a change to it computes again what uses it, and nothing else.
type Part struct {
	// Setting is the path of the setting that chooses the part, and Name its value: "method.name", "jtt".
	Setting, Name string
	// Version is raised by whoever changes what the part computes. It enters the keys of instances that
	// use the part, unless it is 1: a part without a change has no line in them.
	Version int
}

// Role says what the part is to its kind: "method" for the setting "method.name".
func (p Part) Role() string {
	role, _, _ := strings.Cut(p.Setting, ".")
	return role
}

// PartsOf gives the parts that an instance with these settings uses, in the order in which the kind lists them.
func (k *Kind) PartsOf(in Settings) []Part {
	var used []Part
	for _, p := range k.Parts {
		if value, _ := in.Get(p.Setting); len(value) == len(p.Name)+2 && value[1:len(value)-1] == p.Name { // in quotes
			used = append(used, p)
		}
	}
	return used
}

// checkParts gives what is wrong with the kind's parts: each must be a value of its setting, every value of
// a setting that has parts must be one, and all have versions.
func (k *Kind) checkParts() error {
	names := map[string][]string{} // by setting
	for _, p := range k.Parts {
		if p.Version < 1 {
			return fmt.Errorf("part %q of %s needs a version", p.Name, p.Setting)
		}
		a := k.schema.at(p.Setting)
		if a == nil || a.Type != StringValue || !slices.Contains(a.OneOf, p.Name) {
			return fmt.Errorf("part %q: %s is no setting with this value", p.Name, p.Setting)
		}
		if slices.Contains(names[p.Setting], p.Name) {
			return fmt.Errorf("part %q of %s is listed twice", p.Name, p.Setting)
		}
		names[p.Setting] = append(names[p.Setting], p.Name)
	}
	for _, p := range k.Parts {
		for _, value := range k.schema.at(p.Setting).OneOf {
			if !slices.Contains(names[p.Setting], value) {
				return fmt.Errorf("%s may be %q, which is not among its parts", p.Setting, value)
			}
		}
	}
	return nil
}

// at gives the attribute at a dotted path of blocks and functions, or nil.
func (s *Schema) at(path string) *Attribute {
	name, rest, nested := strings.Cut(path, ".")
	a := s.Attribute(name)
	if a == nil || !nested {
		return a
	}
	if a.Type != Block && a.Type != Call {
		return nil
	}
	return a.Nested.at(rest)
}
