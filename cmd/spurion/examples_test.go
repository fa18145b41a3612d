package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"spurion/pipeline"
	"spurion/pipeline/results"
	"spurion/pipeline/spec"
)

// TestSpecs: every spec of the project loads without a warning and is formatted, and every other file
// beside the examples is used by one of them.
func TestSpecs(t *testing.T) {
	t.Chdir(filepath.Join("..", ".."))
	specs, _ := filepath.Glob("specs/*.hcl")
	pytorch, _ := filepath.Glob("specs/pytorch/*.hcl")
	specs = append(specs, pytorch...)
	examples, _ := filepath.Glob("specs/examples/*")
	if len(specs) == 0 || len(examples) < 6 {
		t.Fatalf("specs are missing: %v, %v", specs, examples)
	}
	var text strings.Builder
	for _, folder := range []string{"specs/paper", "specs/debias"} {
		parts, _ := filepath.Glob(folder + "/*.hcl")
		for _, path := range parts {
			if source := readPage(t, path); source != formatted(path, source) {
				t.Errorf("%s is not formatted: spurion fmt %s", path, path)
			}
		}
		validates(t, folder)
	}
	for _, path := range append(specs, examples...) {
		if filepath.Ext(path) != ".hcl" {
			continue
		}
		source := readPage(t, path)
		text.WriteString(source)
		validates(t, path)
		if formatted(path, source) != source {
			t.Errorf("%s is not formatted: spurion fmt %s", path, path)
		}
		if strings.HasPrefix(path, "specs/examples/") && !strings.Contains(source, "spurion run "+path) {
			t.Errorf("%s does not say how to run it", path)
		}
	}
	for _, path := range examples {
		if path = filepath.ToSlash(path); filepath.Ext(path) != ".hcl" && !strings.Contains(text.String(), strconv.Quote(path)) {
			t.Errorf("%s is used by no example", path)
		}
	}
}

// validates wants a spec that loads without a word.
func validates(t *testing.T, path string) {
	t.Helper()
	_, ds := pipeline.Validate(pipeline.Config{Path: path, Kinds: registry()})
	for i := range ds {
		t.Errorf("%s:\n%s", path, ds[i].Text(100, false))
	}
}

func formatted(path, source string) string {
	text, _ := spec.Format([]byte(source), path)
	return string(text)
}

// TestClaimsExampleRuns runs the example that needs nothing but a shell, and wants the three verdicts that
// its comments promise.
func TestClaimsExampleRuns(t *testing.T) {
	for _, program := range []string{"sh", "awk"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("needs %s", program)
		}
	}
	t.Chdir(filepath.Join("..", ".."))
	const path = "specs/examples/claims.hcl"
	var out, errs bytes.Buffer
	made := t.TempDir()
	code := execute(registry(), []string{"run", "--store", t.TempDir(), "--out", made, "--strict", path},
		streams{In: strings.NewReader(""), Out: &out, Err: &errs, Environ: os.Environ()})
	report := readPage(t, filepath.Join(made, "claims", "report.html"))
	if !strings.Contains(report, `class="paper"`) || strings.Contains(report, "data:image") { // so that they have the page's colors
		t.Error("the drawings do not stand in the page itself")
	}
	if code != exitFailed { // some of its claims are not reproduced
		t.Errorf("exit code %d\n%s%s", code, &out, &errs)
	}
	promised := regexp.MustCompile(`(?m)^# (reproduced|not reproduced|inconclusive): .*\n(?:#.*\n)*claim "(\w+)"`)
	claims := promised.FindAllStringSubmatch(readPage(t, path), -1)
	if len(claims) != 3 {
		t.Fatalf("the example promises %d verdicts", len(claims))
	}
	for _, c := range claims {
		if !regexp.MustCompile(`(?m)^` + c[2] + `\s+` + c[1] + `\s`).Match(out.Bytes()) {
			t.Errorf("claim %s is not %s:\n%s", c[2], c[1], &out)
		}
	}
	if numbers := "  6850  [3050, 27900]  "; !strings.Contains(out.String(), numbers) { // as in the details, without exponents
		t.Errorf("the table does not have %q:\n%s", numbers, &out)
	}
	for strength, verdict := range map[string]string{"0.6": "reproduced", "0.8": "reproduced", "0.9": "not reproduced"} {
		if !regexp.MustCompile(`(?m)^within_budget\[strength=` + regexp.QuoteMeta(strength) + `\]\s+` + verdict + `\s`).Match(out.Bytes()) {
			t.Errorf("claim within_budget is not %s at strength %s:\n%s", verdict, strength, &out)
		}
	}
}

// TestUnseenExampleRuns runs the example on core inputs that no sample has: both of its claims hold.
func TestUnseenExampleRuns(t *testing.T) {
	e := openSpec(t, pipeline.ReadWrite, "../../specs/examples/unseen.hcl")
	p, err := e.Plan(t.Context(), pipeline.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	result, err := e.Run(t.Context(), p, pipeline.RunOptions{Workers: 2})
	if err != nil || result.Outcome != results.Done || len(result.Claims) != 2 {
		t.Fatal(err, result.Failures, result.Claims)
	}
	for _, c := range result.Claims {
		if c.Verdict != "reproduced" {
			t.Errorf("%s is %s: %s", c.Label(), c.Verdict, c.Detail)
		}
	}
}
