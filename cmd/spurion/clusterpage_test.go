package main

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"spurion/pipeline/site"
)

const clusterPage = "docs/cluster.md"

// TestClusterPage: the executors on the page are ones that the program takes, and the page names all of their attributes.
func TestClusterPage(t *testing.T) {
	pages(t)
	files := 0
	for _, f := range fences(t, clusterPage) {
		if f.language == "hcl" && f.info == "executors" {
			files++
			if _, err := site.Parse([]byte(f.text), f.String()); err != nil {
				t.Error(err)
			}
		}
	}
	if files < 2 {
		t.Errorf("only %d files of executors were found", files)
	}
	text := readPage(t, clusterPage)
	for prefix, of := range map[string]any{"": site.Executor{}, "batch { ": site.Batch{}} {
		for field := range reflect.TypeOf(of).Fields() {
			name, form, _ := strings.Cut(field.Tag.Get("hcl"), ",")
			if form != "optional" {
				continue
			}
			if end := map[bool]string{true: " }`", false: "`"}[prefix != ""]; !strings.Contains(text, "`"+prefix+name+end) {
				t.Errorf("%s does not explain %s%s", clusterPage, prefix, name)
			}
		}
	}
}

// TestClusterPageQuotesMessages: each message in the page's last table is one that the program has.
func TestClusterPageQuotesMessages(t *testing.T) {
	pages(t)
	var sources strings.Builder
	for _, glob := range []string{"pipeline/*.go", "pipeline/cluster/*.go", "pipeline/site/*.go"} {
		found, err := filepath.Glob(glob)
		if err != nil || len(found) == 0 {
			t.Fatal(glob, err)
		}
		for _, path := range found {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			sources.Write(data)
		}
	}
	_, table, _ := strings.Cut(readPage(t, clusterPage), "\n| message | what to do |\n")
	messages := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(table, -1)
	if len(messages) < 15 {
		t.Errorf("only %d messages were found", len(messages))
	}
	for _, m := range messages {
		if !strings.Contains(sources.String(), m[1]) {
			t.Errorf("nothing says %q", m[1])
		}
	}
}
