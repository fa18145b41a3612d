package external

import (
	"fmt"
	"strconv"

	"spurion/stages"
)

// environment gives the program's whole environment.
func (s *Settings) environment(r *stages.Run) (map[string]string, error) {
	env := map[string]string{}
	for name, value := range s.Environment {
		env[name] = value
	}
	for _, a := range r.Inputs["inherit"] {
		if _, ok := env[a.Path]; ok {
			return nil, fmt.Errorf("variable %s stands in both environment and inherit", a.Path)
		}
		value, err := a.Bytes()
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", a.Path, err)
		}
		env[a.Path] = string(value)
	}
	if s.Seed != nil {
		if _, ok := env[seedVariable]; ok {
			return nil, fmt.Errorf("variable %s is set by seed; leave it out of environment and inherit", seedVariable)
		}
		env[seedVariable] = strconv.FormatInt(*s.Seed, 10)
	}
	return env, nil
}

const seedVariable = "SPURION_SEED"
