package external

import (
	"fmt"
	"strings"

	"spurion/stages"
)

// layOut gives the files of the working directory.
func (s *Settings) layOut(r *stages.Run) (map[string][]byte, error) {
	files := map[string][]byte{}
	add := func(name string, a stages.Artifact) error {
		if _, ok := files[name]; ok {
			return fmt.Errorf("two inputs would be laid out as %s", name)
		}
		data, err := a.Bytes()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		files[name] = data
		return nil
	}
	for _, a := range r.Inputs["inputs"] {
		extension := a.Extension
		if extension == "" {
			extension = ".parquet"
		}
		if err := add("inputs/"+a.Key+extension, a); err != nil {
			return nil, err
		}
	}
	for _, a := range r.Inputs["files"] {
		if err := add(a.Path, a); err != nil {
			return nil, err
		}
	}
	for _, name := range s.names() {
		if p := s.Outputs[name].Path; files[p] != nil {
			return nil, fmt.Errorf("output %q would be written over the input %s; give it another path", name, p)
		}
	}
	return files, nil
}

// keep writes the outputs. Every missing file is named.
func (s *Settings) keep(r *stages.Run, result *stages.CommandResult) error {
	var missing []string
	for _, name := range s.names() {
		if _, ok := result.Collected[s.Outputs[name].Path]; !ok {
			missing = append(missing, fmt.Sprintf("output %q (%s)", name, s.Outputs[name].Path))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s ended without writing %s; %s%s", s.Command[0], strings.Join(missing, ", "), leftovers(result.Left), tail(result))
	}
	for _, name := range s.names() {
		f := s.Outputs[name]
		if err := f.keep(r, name, result.Collected[f.Path]); err != nil {
			return fmt.Errorf("%s: %w", f.Path, err)
		}
	}
	return nil
}

// leftovers says what the program wrote instead.
func leftovers(paths []string) string {
	const most = 10
	switch {
	case len(paths) == 0:
		return "it left no files"
	case len(paths) > most:
		return fmt.Sprintf("it left %s and %d more", strings.Join(paths[:most], ", "), len(paths)-most)
	}
	return "it left " + strings.Join(paths, ", ")
}
