package external

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzSettings: whatever is declared, Check ends; where it finds nothing, every output has a path of its own inside the
// folder of the program.
func FuzzSettings(f *testing.F) {
	for _, text := range []string{
		`{"Command": ["true"], "Outputs": {"a": {"Path": "a.parquet", "Format": "parquet", "Type": "table"}}}`, `{"Command": ["python3", "fit.py"], "Environment": {"A": "b"}}`,
		`{"Command": ["sh"], "Outputs": {"a": {"Path": "../x"}, "b": {"Path": "/x"}, "c": {"Path": "inputs/x"}}}`, `{"Command": []}`, `{"Command": [""], "Environment": {"A=B": "\u0000"}}`,
		`{"Command": ["x"], "Outputs": {"a": {"Path": "x", "Format": "file"}, "b": {"Path": "x/y", "Format": "csv"}}}`, `{"Command": ["x"], "Outputs": {"stdout": {"Path": "."}}}`, `{}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Settings
		if json.Unmarshal(data, &s) != nil {
			return
		}
		problems := s.Check()
		for _, p := range problems {
			if p.Summary == "" {
				t.Errorf("%s: a problem without a word", data)
			}
		}
		if len(problems) > 0 {
			return
		}
		seen := map[string]bool{}
		for _, name := range s.names() {
			p := s.Outputs[name].Path
			if !filepath.IsLocal(filepath.FromSlash(p)) || seen[p] || strings.ContainsRune(p, 0) {
				t.Errorf("%s: the path %q of %s is accepted", data, p, name)
			}
			seen[p] = true
		}
		s.outputs()
	})
}
