package main

import "strings"

// dataVariable begins the names of environment variables that say where data roots are.
const dataVariable = "SPURION_DATA_"

// dataRoots gives the folders of data roots by name: those of the environment, SPURION_DATA_NAME=FOLDER, and those of
// flags, name=folder, which win.
func dataRoots(flags, environ []string) (map[string]string, error) {
	roots := map[string]string{}
	for _, entry := range environ {
		name, folder, _ := strings.Cut(entry, "=")
		if name, ok := strings.CutPrefix(name, dataVariable); ok && name != "" && folder != "" {
			roots[strings.ToLower(name)] = folder
		}
	}
	for _, entry := range flags {
		name, folder, ok := strings.Cut(entry, "=")
		if !ok || name == "" || folder == "" {
			return nil, usagef("--data-root takes name=folder, but is %q", entry)
		}
		if strings.ToLower(name) != name || strings.ContainsAny(name, "/\\. ") {
			return nil, usagef("--data-root: %q cannot name a data root: small letters, digits and underscores", name)
		}
		roots[name] = folder
	}
	return roots, nil
}
