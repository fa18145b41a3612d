package spec

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func seedSpecs(f *testing.F) {
	f.Add([]byte(design))
	for _, pattern := range []string{"testdata/valid/*.hcl", "testdata/diagnostics/*.hcl", "testdata/diagnostics/*/*.hcl"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

// loadBytes loads a file in a project that holds nothing else.
func loadBytes(t *testing.T, data []byte) (*Spec, Diagnostics) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "main.hcl")
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return Load(file, Options{Kinds: registry(), Root: dir, MaxInstances: 1000, maxElements: 2000})
}

// FuzzLoad: nothing panics or takes long; each diagnostic has a cause and a place in the file; a
// spec that loads keeps its promises.
func FuzzLoad(f *testing.F) {
	seedSpecs(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		s, diags := loadBytes(t, data)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
		checkDiagnostics(t, diags)
		if (s == nil) != diags.HasErrors() {
			t.Errorf("spec %v with %v", s != nil, diags)
		}
		if s != nil {
			checkSpec(t, s)
		}
		for _, d := range diags {
			d.Text(80, false)
			d.Text(30, true)
		}
	})
}

// FuzzFormat: formatting twice is formatting once, and what the spec means does not change.
func FuzzFormat(f *testing.F) {
	seedSpecs(f)
	f.Add([]byte("a=1"))
	f.Add([]byte("locals{\r\na=1\r\n}"))
	f.Add([]byte("\xef\xbb\xbfa = <<EOT\r\n  x\r\nEOT\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		once, diags := Format(data, "main.hcl")
		if diags.HasErrors() {
			if once != nil {
				t.Error("text and errors")
			}
			return
		}
		twice, diags := Format(once, "main.hcl")
		if diags.HasErrors() || string(twice) != string(once) {
			t.Errorf("formatting %q once gives\n%q, twice\n%q %v", data, once, twice, diags)
		}
		before, beforeDiags := loadBytes(t, data)
		after, afterDiags := loadBytes(t, once)
		if (before == nil) != (after == nil) || len(beforeDiags) != len(afterDiags) {
			t.Errorf("before: %v\nafter: %v", beforeDiags, afterDiags)
		}
		if before != nil && after != nil && dump(before) != dump(after) {
			t.Errorf("formatting changed the meaning of %q", data)
		}
	})
}
