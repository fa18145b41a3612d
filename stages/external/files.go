package external

import (
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"spurion/stages"
)

// layOut gives the files of the working directory.
func (s *Settings) layOut(r *stages.Run) (map[string]stages.Source, error) {
	files := map[string]stages.Source{}
	add := func(name string, source stages.Source) error {
		if _, ok := files[name]; ok {
			return fmt.Errorf("two inputs would be laid out as %s", name)
		}
		files[name] = source
		return nil
	}
	for _, a := range r.Inputs["inputs"] {
		if a.Extension == stages.FolderExtension {
			if err := unpack("inputs/"+a.Key, a, add); err != nil {
				return nil, err
			}
			continue
		}
		extension := a.Extension
		if extension == "" {
			extension = ".parquet"
		}
		if err := add("inputs/"+a.Key+extension, a.Source()); err != nil {
			return nil, err
		}
	}
	for _, a := range r.Inputs["files"] {
		if err := add(a.Path, a.Source()); err != nil {
			return nil, err
		}
	}
	return files, s.checkClashes(files)
}

// checkClashes refuses outputs that stand where an input is laid out, or where a folder of inputs is.
func (s *Settings) checkClashes(files map[string]stages.Source) error {
	folders := map[string]string{} // a folder of inputs -> a file in it
	for _, name := range slices.Sorted(maps.Keys(files)) {
		for folder := path.Dir(name); folder != "." && folders[folder] == ""; folder = path.Dir(folder) {
			folders[folder] = name
		}
	}
	for _, name := range s.names() {
		p := s.Outputs[name].Path
		if _, ok := files[p]; ok {
			return fmt.Errorf("output %q would be written over the input %s; give it another path", name, p)
		}
		if inside := folders[p]; inside != "" {
			return fmt.Errorf("output %q would be written where the input %s lies; give it another path", name, inside)
		}
	}
	return nil
}

// keep writes the outputs. Every missing file is named.
func (s *Settings) keep(r *stages.Run, result *stages.CommandResult) error {
	var missing, wrong []string
	for _, name := range s.names() {
		p := s.Outputs[name].Path
		if _, ok := result.Collected[p]; ok {
			continue
		}
		if why := result.Wrong[p]; why != "" {
			wrong = append(wrong, fmt.Sprintf("output %q: %s %s", name, p, why))
		} else {
			missing = append(missing, fmt.Sprintf("output %q (%s)", name, p))
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s ended without writing %s; %s%s", s.Command[0], strings.Join(append(missing, wrong...), ", "), leftovers(result.Left), tail(result))
	}
	if len(wrong) > 0 {
		return errors.New(strings.Join(wrong, "; "))
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
