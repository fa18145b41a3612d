package spec

import (
	"errors"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// ProjectFile is the name of the file in a project's folder that says what concerns the project and none of its specs. A spec
// that is a folder does not take it in, as its name begins with a dot.
const ProjectFile = ".spurion.hcl"

// A Project is what a project's file says, but for its executors.
type Project struct {
	Store string // the URL of the remote store, `store = "s3://bucket/prefix"`; empty if there is none
	Range Range  // of that text
}

// ReadProject reads the file of the project in a folder. There need not be one.
func ReadProject(root string) (Project, Diagnostics) {
	name := filepath.Join(root, ProjectFile)
	l := newLoader(Options{})
	data, err := readFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return Project{}, nil
	}
	if err != nil {
		l.report(&problem{Err: ErrRead, Summary: "The project's file cannot be read", Detail: readProblem(err)})
		return Project{}, l.diags
	}
	s := newSource(filepath.ToSlash(name), data)
	l.parse(s)
	if s.body == nil {
		return Project{}, l.diags.sorted()
	}
	var p Project
	known := []string{"store"}
	for _, name := range slices.Sorted(maps.Keys(s.body.Attributes)) {
		a := s.body.Attributes[name]
		if !slices.Contains(known, name) {
			l.report(&problem{Err: ErrUnknown, Summary: "Unknown attribute " + quoted(name), At: a.NameRange,
				Detail: "The project's file has no such attribute." + didYouMean(name, "%s", "attributes", known)})
			continue
		}
		v, diags := a.Expr.Value(nil)
		for _, d := range diags {
			l.fromHCL(d, causeOf(d))
		}
		if diags.HasErrors() {
			continue
		}
		if v.IsNull() || v.Type() != cty.String {
			l.report(&problem{Err: ErrType, Summary: "The store is not a text", At: a.Expr.Range(), Detail: `Write store = "s3://BUCKET/PREFIX".`})
			continue
		}
		p.Store, p.Range = v.AsString(), s.rangeOf(a.Expr.Range())
	}
	for _, b := range s.body.Blocks {
		if b.Type == "executor" {
			continue // package site reads these
		}
		l.report(&problem{Err: ErrUnknown, Summary: "Unknown block " + quoted(b.Type), At: b.TypeRange,
			Detail: "The project's file has no such block, but executors. Stages and claims stand in specs, other .hcl files."})
	}
	return p, l.diags.sorted()
}
