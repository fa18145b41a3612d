package publish

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The page is written when its content differs from what stands there, and only then; the index
// does not know of it, since it may say when it was made.
func TestPage(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, pagePath)
	content, made := "first", 0
	out := Out{Dir: dir, Spec: "quick", Page: &Page{
		Content: func([]Entry) (string, error) { return content, nil },
		Bytes: func(content string) ([]byte, error) {
			made++
			return []byte("<head>" + content + "</head><p>run " + string(rune('0'+made)) + "</p></html>\n"), nil
		},
	}}
	write := func(want int, why string) {
		t.Helper()
		if _, err := Write(t.Context(), out, nil); err != nil {
			t.Fatal(err)
		}
		if made != want {
			t.Errorf("%s: the page was made %d times, want %d", why, made, want)
		}
	}
	write(1, "a new one")
	write(1, "nothing changed")
	content = "second"
	write(2, "other content")
	data, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(data), "run 2") {
		t.Errorf("there is %q, %v", data, err)
	}
	if err := os.WriteFile(path, data[:len(data)-4], 0o666); err != nil {
		t.Fatal(err)
	}
	write(3, "a page that was cut")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	write(4, "a page that is gone")
	out.Program = "spurion 2"
	write(5, "another program")
	index, err := os.ReadFile(filepath.Join(dir, indexPath))
	if err != nil || strings.Contains(string(index), pagePath) {
		t.Errorf("the index says %s, %v", index, err)
	}

	failure := errors.New("no ink")
	out.Page = &Page{Content: func([]Entry) (string, error) { return "third", nil }, Bytes: func(string) ([]byte, error) { return nil, failure }}
	if _, err := Write(t.Context(), out, nil); !errors.Is(err, failure) || !strings.Contains(err.Error(), pagePath) {
		t.Errorf("a page that cannot be made gives %v", err)
	}
	if again, err := os.ReadFile(path); err != nil || !strings.Contains(string(again), "run 5") {
		t.Errorf("the page before is gone: %q, %v", again, err)
	}
}
