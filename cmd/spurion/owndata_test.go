package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/pipeline"
	"spurion/pipeline/results"
	"spurion/pipeline/spec"
	"spurion/stages/experiment/importing"
)

// TestOwnData runs every spec of the page on data of one's own, from the files in specs/data. They have at most 20 lines.
func TestOwnData(t *testing.T) {
	samples := map[string]int64{"A table": 120, "Arrays of numpy": 120, "A folder of pictures": 32, "Files of PyTorch": 120, "MNIST and CIFAR": 2600}
	section := regexp.MustCompile("(?m)^## (.*)$|^```hcl$")
	heading := ""
	var headings []string // of the specs
	for _, m := range section.FindAllStringSubmatch(readPage(t, "../../docs/own-data.md"), -1) {
		if m[1] == "" {
			headings = append(headings, heading)
		} else {
			heading = m[1]
		}
	}
	for _, f := range fences(t, "../../docs/own-data.md") {
		if f.language != "hcl" {
			continue
		}
		name := headings[0]
		headings = headings[1:]
		t.Run(name, func(t *testing.T) {
			if n := strings.Count(f.text, "\n"); n > 20 {
				t.Errorf("it has %d lines", n)
			}
			if strings.Contains(f.text, "torch") && exec.Command("python3", "-c", "import torch, numpy").Run() != nil {
				t.Skip("needs python3 with torch and numpy")
			}
			path := filepath.Join(t.TempDir(), "own.hcl")
			if err := os.WriteFile(path, []byte(f.text), 0o644); err != nil {
				t.Fatal(err)
			}
			if got := importedSamples(t, path); got != samples[name] {
				t.Errorf("%d samples, want %d", got, samples[name])
			}
			delete(samples, name)
		})
	}
	for name := range samples {
		if name != "Files of PyTorch" {
			t.Errorf("there is no spec under %q", name)
		}
	}
}

// importedSamples runs a spec and counts what its import has, by the card.
func importedSamples(t *testing.T, path string) (n int64) {
	t.Helper()
	e := openSpec(t, pipeline.ReadWrite, path)
	p, err := e.Plan(t.Context(), pipeline.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := e.Run(t.Context(), p, pipeline.RunOptions{Workers: 2})
	if err != nil || result.Outcome != results.Done {
		t.Fatal(err, result.Failures)
	}
	cards, err := filepath.Glob(filepath.Join(result.Out, "tables", "import.*.card.parquet"))
	if err != nil || len(cards) != 1 {
		t.Fatal(cards, err)
	}
	data, err := os.ReadFile(cards[0])
	if err != nil {
		t.Fatal(err)
	}
	card, err := frame.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, samples := range card.Column("samples").Int64s {
		n += samples
	}
	return n
}

// TestReads: the stage that a plan writes down for the path of a file is a spec.
func TestReads(t *testing.T) {
	for _, path := range []string{"a/emb.csv", "emb.tsv", "emb.parquet", "emb.arrow", "emb.feather", "x.npz", "x.npy", "x.safetensors", "mnist/train-images-idx3-ubyte.gz", "birds/cat/1.png", "d.pt", "d.h5", "d.pickle", "d.mat", "external://nas/x/9 e.parquet"} {
		stage, output := importing.Kind.Reads("dataset", path)
		text := stage + "\n"
		if formatted, ds := spec.Format([]byte(text), "spec.hcl"); ds.HasErrors() || string(formatted) != text {
			t.Errorf("%s: it should be\n%s\n%v\nnot\n%s", path, formatted, ds, text)
		}
		if !strings.HasPrefix(output, "import.") {
			t.Errorf("%s: %q", path, output)
		}
	}
	if stage, _ := importing.Kind.Reads("model", "x.npz"); stage != "" {
		t.Error("a model is imported")
	}
}
