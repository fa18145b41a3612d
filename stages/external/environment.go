package external

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spurion/stages"
)

const seedVariable = "SPURION_SEED"

// environment gives the variables of the program that have values here, and the names of those that are inherited,
// whose values are nobody else's business.
func (s *Settings) environment(r *stages.Run) (env map[string]string, inherited []string, err error) {
	names := make([]string, len(r.Inputs["inherit"]))
	for i, a := range r.Inputs["inherit"] {
		names[i] = a.Path
	}
	if problems := s.checkInherited(names); len(problems) > 0 {
		return nil, nil, fmt.Errorf("%s: %s", problems[0].Summary, problems[0].Detail)
	}
	env = map[string]string{}
	maps.Copy(env, s.Environment)
	for _, a := range r.Inputs["inherit"] {
		value, err := a.Bytes()
		if err != nil {
			return nil, nil, fmt.Errorf("variable %s: %w", a.Path, err)
		}
		env[a.Path] = string(value)
	}
	if s.Seed != nil {
		env[seedVariable] = strconv.FormatInt(*s.Seed, 10)
	}
	return env, names, nil
}

// checkEnvironment reports names that cannot be, and a variable that is given in two ways.
func (s *Settings) checkEnvironment() []stages.Problem {
	var problems []stages.Problem
	for _, name := range slices.Sorted(maps.Keys(s.Environment)) {
		if detail := checkVariable(name); detail != "" {
			problems = append(problems, stages.Problem{Path: "environment", Summary: fmt.Sprintf("%q cannot name a variable", name), Detail: detail})
		}
	}
	seen := map[string]bool{}
	for _, name := range s.Pass {
		_, given := s.Environment[name]
		switch detail := checkVariable(name); {
		case detail != "":
			problems = append(problems, stages.Problem{Path: "pass", Summary: fmt.Sprintf("%q cannot name a variable", name), Detail: detail})
		case seen[name]:
			problems = append(problems, twice("pass", name, "Once is enough."))
		case given:
			problems = append(problems, twice("pass", name, "It stands in environment as well, with a value: leave one out."))
		}
		seen[name] = true
	}
	if s.Seed != nil {
		if _, given := s.Environment[seedVariable]; given {
			problems = append(problems, twice("environment", seedVariable, "It is set by seed: leave one out."))
		}
		if seen[seedVariable] {
			problems = append(problems, twice("pass", seedVariable, "It is set by seed: leave one out."))
		}
	}
	return problems
}

// CheckInputs reports variables that are inherited and given in another way as well.
func (s *Settings) CheckInputs(given map[string][]string) []stages.Problem {
	return s.checkInherited(given["inherit"])
}

func (s *Settings) checkInherited(names []string) []stages.Problem {
	var problems []stages.Problem
	seen := map[string]bool{}
	for _, name := range names {
		_, given := s.Environment[name]
		switch {
		case seen[name]:
			problems = append(problems, twice("inherit", name, "Once is enough."))
		case given:
			problems = append(problems, twice("inherit", name, "It stands in environment as well, with a value: leave one out."))
		case slices.Contains(s.Pass, name):
			problems = append(problems, twice("inherit", name, "It stands in pass as well. What is inherited is in the key, what is passed is not: leave one out."))
		case s.Seed != nil && name == seedVariable:
			problems = append(problems, twice("inherit", name, "It is set by seed: leave one out."))
		}
		seen[name] = true
	}
	return problems
}

func twice(path, name, detail string) stages.Problem {
	return stages.Problem{Path: path, Summary: fmt.Sprintf("variable %s is given twice", name), Detail: detail}
}

// checkVariable says why a text cannot name an environment variable, or returns "".
func checkVariable(name string) string {
	if name == "" || strings.ContainsAny(name, "=\x00") {
		return "A name is not empty and holds no \"=\"."
	}
	return ""
}
