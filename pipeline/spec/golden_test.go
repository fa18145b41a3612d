package spec

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestDiagnostics compares all that is said about each wrong spec with its golden text.
func TestDiagnostics(t *testing.T) {
	t.Chdir("testdata/diagnostics")
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() && filepath.Ext(e.Name()) != ".hcl" {
			continue
		}
		t.Run(e.Name(), func(t *testing.T) {
			s, diags := Load(e.Name(), Options{Kinds: registry()})
			if s != nil || !diags.HasErrors() {
				t.Fatal("no error was found")
			}
			checkDiagnostics(t, diags)
			var b strings.Builder
			for _, d := range diags {
				b.WriteString(d.Text(100, false) + "cause: " + d.Err.Error() + "\n\n")
			}
			golden := strings.TrimSuffix(e.Name(), ".hcl") + ".txt"
			if *update {
				if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if string(want) != b.String() {
				t.Errorf("%s", diff.Diff(golden, want, "got", []byte(b.String())))
			}
		})
	}
}

// checkDiagnostics checks what holds for every diagnostic: a cause, a short summary, a place that
// lies in its file, file order, a snippet whose highlight is the text of the place.
func checkDiagnostics(t testing.TB, diags Diagnostics) {
	t.Helper()
	texts := map[string][]byte{}
	for i, d := range diags {
		if d.Err == nil || d.Summary == "" || len([]rune(d.Summary)) >= 60 || strings.HasSuffix(d.Summary, ".") {
			t.Errorf("diagnostic %d: summary %q, cause %v", i, d.Summary, d.Err)
		}
		for _, word := range []string{"goroutine ", "panic", "runtime error", ".go:"} {
			if strings.Contains(d.Summary+d.Detail, word) && !inSource(t, diags, word) {
				t.Errorf("diagnostic %d speaks of %q: %s; %s", i, word, d.Summary, d.Detail)
			}
		}
		if d.Severity != Error && d.Severity != Warning {
			t.Errorf("diagnostic %d: severity %q", i, d.Severity)
		}
		if d.Range == nil {
			continue
		}
		r := *d.Range
		text, ok := texts[r.File]
		if !ok {
			var err error
			if text, err = os.ReadFile(r.File); err != nil {
				t.Fatal(err)
			}
			texts[r.File] = text
		}
		lines := strings.Count(string(text), "\n") + 1
		if r.StartOffset < 0 || r.EndOffset < r.StartOffset || r.EndOffset > len(text) ||
			r.Line < 1 || r.Line > lines || r.EndLine < r.Line || r.EndLine > lines || r.Column < 1 || r.EndColumn < 1 {
			t.Errorf("diagnostic %d: range %+v is not in the file of %d bytes and %d lines", i, r, len(text), lines)
			continue
		}
		if i > 0 && diags[i-1].Range != nil {
			p := diags[i-1].Range
			if p.File > r.File || p.File == r.File && p.StartOffset > r.StartOffset {
				t.Errorf("diagnostic %d is out of order", i)
			}
		}
		s := d.Snippet
		if s == nil || s.HighlightStartOffset < 0 || s.HighlightEndOffset < s.HighlightStartOffset || s.HighlightEndOffset > len(s.Code) {
			t.Errorf("diagnostic %d: snippet %+v", i, s)
			continue
		}
		got, want := s.Code[s.HighlightStartOffset:s.HighlightEndOffset], string(text[r.StartOffset:r.EndOffset])
		want = strings.ReplaceAll(strings.ToValidUTF8(want, "\uFFFD"), "\x00", "\uFFFD")
		if want = strings.ReplaceAll(want, "\r\n", "\n"); !strings.HasPrefix(want, got) {
			t.Errorf("diagnostic %d: highlight %q, text %q", i, got, want)
		}
	}
}

// inSource reports whether a word stands in the files themselves, whose text a diagnostic may show.
func inSource(t testing.TB, diags Diagnostics, word string) bool {
	t.Helper()
	for _, d := range diags {
		if d.Range == nil {
			continue
		}
		if text, err := os.ReadFile(d.Range.File); err == nil && strings.Contains(string(text), word) {
			return true
		}
	}
	return false
}
