package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spurion/pipeline/engine"
	"spurion/pipeline/results"
)

// TestMain lets the test program stand in for all that bench starts: itself, spurion, Snakemake, and a
// Python with PyTorch.
func TestMain(m *testing.M) {
	args := os.Args[1:]
	switch {
	case len(args) == 0 || strings.HasPrefix(args[0], "-test."):
		os.Exit(m.Run())
	case args[0] == "side":
		main()
	case args[0] == "run":
		fakeSpurion(args)
	case args[0] == "--version":
		fmt.Println("7.0-fake")
	case args[0] == "--cores":
		fmt.Println("Nothing to be done (all requested files are present and up to date).")
	case strings.HasSuffix(args[0], "torch_side.py"):
		fakeTorch()
	default:
		fmt.Fprintln(os.Stderr, "the test program was started with", args)
		os.Exit(2)
	}
}

// fakeSpurion says what spurion run --json would.
func fakeSpurion(args []string) {
	var instances int
	if _, err := fmt.Sscanf(args[3], "instances=%d", &instances); err != nil {
		os.Exit(2)
	}
	r := results.Report{Outcome: results.Done, Counts: engine.Counts{Cached: instances + 2}}
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

// fakeTorch answers as torch_side.py does; its optimizer "foreach" is the fastest.
func fakeTorch() {
	per := map[string]int{"default": 60_000, "foreach": 20_000, "compiled": 10_000} // turns of a loop a step
	_ = serve(os.Stdin, os.Stdout, func(r *trainRequest) (any, error) {
		if r.Do == "about" {
			return torch{Version: "0.fake", BLAS: "paper", Capability: "none", Python: "3", Variants: []string{"default", "foreach", "compiled"}}, nil
		}
		if per[r.Variant] == 0 {
			return nil, fmt.Errorf("there is no variant %q", r.Variant)
		}
		begin, x := time.Now(), uint64(1)
		for range per[r.Variant] * r.Steps {
			x = x*6364136223846793005 + 1
		}
		return trainAnswer{Seconds: time.Since(begin).Seconds(), Loss: .5 + float64(x&1)}, nil
	})
}

// invoke runs bench with the test program for whatever it starts.
func invoke(t *testing.T, args ...string) string {
	t.Helper()
	cmd := root()
	var out, errs bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SetArgs(args)
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("bench %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

func own(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

func TestEngine(t *testing.T) {
	args := []string{"engine", "--instances", "12", "--turns", "2", "--plan", "40", "--idle", "6", "--spurion", own(t), "--snakemake", own(t)}
	text := invoke(t, args...)
	for _, want := range []string{
		"A run with nothing to do: 1 instance, 12 that read it", "`spurion run`, whole command", "`snakemake --cores 2`, whole command",
		"Snakemake 7.0-fake; all jobs run by Snakemake", "| 10 ", "| 40 ", "### Instances that compute nothing", "engine time of a run with nothing to do",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var r engineReport
	if err := json.Unmarshal([]byte(invoke(t, append(args, "--json", "--touch")...)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Commands) != 3 || r.Commands[0].Turns != 2 || r.Engine.Total.Least <= 0 || r.Ratio.Fastest <= 0 || len(r.Plans) != 3 || len(r.Computed) != 2 {
		t.Errorf("the report is %+v", r)
	}
	for _, p := range r.Plans {
		if p.Heap <= 0 || p.Total.Median <= 0 {
			t.Errorf("a plan took %+v", p)
		}
	}
	if !strings.HasPrefix(r.Snakemake, "Snakemake 7.0-fake; outputs made by the benchmark") {
		t.Errorf("with --touch it says %q", r.Snakemake)
	}
}

func TestEngineWithoutSnakemake(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "snakemake")
	text := invoke(t, "engine", "--instances", "3", "--turns", "1", "--plan", "0", "--idle", "0", "--spurion", own(t), "--snakemake", missing)
	if !strings.Contains(text, howToInstall) || strings.Contains(text, "whole commands") {
		t.Errorf("without Snakemake it prints\n%s", text)
	}
}

func TestTrain(t *testing.T) {
	args := []string{"train", "--jobs", "ab", "--turns", "2", "--spell", "0.004", "--compile", "--sweep", "2", "--sweep-steps", "20",
		"--sweep-turns", "1", "--python", own(t), "--python", filepath.Join(t.TempDir(), "nopython")}
	text := invoke(t, args...)
	for _, want := range []string{
		"PyTorch 0.fake (paper), foreach", "PyTorch 0.fake (paper), compiled", "nopython has no PyTorch that works",
		"- b: 60,000 x 34", "### A sweep of job a: 2 seeds, 20 steps each", "| a: ratio to PyTorch 0.fake (paper), at least 15 ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, "(paper), default") {
		t.Errorf("the slower form of the optimizer was measured:\n%s", text)
	}
	var r trainReport
	if err := json.Unmarshal([]byte(invoke(t, append(args, "--json")...)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Jobs) != 2 || len(r.Jobs[0].Torches) != 2 || r.Peak < 1e6 || r.Sweep == nil {
		t.Fatalf("the report is %+v", r)
	}
	if a := r.Jobs[0]; a.Spurion.Turns != 2 || a.Spurion.Least <= 0 || a.Matrix.Least <= 0 || a.Job.X != "" ||
		a.Torches[0].Ratio.Median <= 0 || a.Torches[0].Variant != "foreach" {
		t.Errorf("job a has %+v", a)
	}
	for _, g := range r.Goals {
		if strings.Contains(g.Name, "compiled") {
			t.Errorf("there is a goal %q", g.Name)
		}
	}
}

func TestTorchSideIsPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	out, err := exec.Command(python, "-c", "import ast; ast.parse(open('files/torch_side.py').read())").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
