package spec_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"spurion/pipeline/spec"
)

func TestProjectFile(t *testing.T) {
	for text, want := range map[string]struct {
		store string
		cause error
	}{
		"":                                   {},
		"# nothing yet\n":                    {},
		`store = "s3://bucket/prefix"`:       {store: "s3://bucket/prefix"},
		"\xef\xbb\xbfstore = \"none\"\r\n":   {store: "none"},
		`stor = "s3://bucket"`:               {cause: spec.ErrUnknown},
		`store = 3`:                          {cause: spec.ErrType},
		`store = null`:                       {cause: spec.ErrType},
		`store = var.place`:                  {cause: spec.ErrType},
		"store = \"a\"\nstore = \"b\"":       {cause: spec.ErrDuplicate},
		`store = "`:                          {cause: spec.ErrSyntax},
		"stage \"generate\" \"parity\" {}\n": {cause: spec.ErrUnknown},
		"\x00":                               {cause: spec.ErrSyntax},
	} {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, spec.ProjectFile), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		p, ds := spec.ReadProject(root)
		if want.cause == nil && (ds.HasErrors() || p.Store != want.store) {
			t.Errorf("%q: %q, %v", text, p.Store, ds)
		}
		if want.cause != nil && (!errors.Is(ds, want.cause) || ds[0].Range == nil) {
			t.Errorf("%q: %v, want %v with its place", text, ds, want.cause)
		}
	}
	if p, ds := spec.ReadProject(t.TempDir()); ds != nil || p.Store != "" {
		t.Errorf("without a file: %v, %v", p, ds)
	}
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, spec.ProjectFile), 0o777); err != nil {
		t.Fatal(err)
	}
	if _, ds := spec.ReadProject(root); !errors.Is(ds, spec.ErrRead) {
		t.Errorf("a folder in its place: %v", ds)
	}
}
