package stages

import "strings"

// externalPrefix begins the paths of files outside of the project. No clean path of the project begins so.
const externalPrefix = "external://"

// External gives the path of a file in a data root, as it stands in references and keys.
func External(root, rel string) string { return externalPrefix + root + "/" + rel }

// CutExternal takes such a path apart, and reports whether it is one. What is called root alone is all of the root.
func CutExternal(p string) (root, rel string, ok bool) {
	rest, ok := strings.CutPrefix(p, externalPrefix)
	if !ok {
		return "", "", false
	}
	root, rel, within := strings.Cut(rest, "/")
	if !within || rel == "" {
		rel = "."
	}
	return root, rel, true
}

// LaidOut gives where a program finds an external file: in a folder called like its data root, or at its own path in
// the project.
func LaidOut(p string) string { return strings.TrimPrefix(p, externalPrefix) }
