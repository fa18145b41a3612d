package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"spurion/artifacts"
	"spurion/pipeline"
	"spurion/pipeline/plan"
	"spurion/pipeline/results"
	"spurion/pipeline/spec"
)

func TestExitCodes(t *testing.T) {
	path := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}
	for _, tt := range []struct {
		name string
		err  error
		want int
	}{
		{"none", nil, 0},
		{"a mistake in a spec", spec.Diagnostics{{Severity: spec.Error}}, 2},
		{"the same, wrapped", fmt.Errorf("x: %w", spec.Diagnostics{{Severity: spec.Error}}), 2},
		{"a bad flag", usagef("x"), 2},
		{"no store", fmt.Errorf("x: %w", pipeline.ErrNoStore), 2},
		{"an interrupt", errInterrupted, 130},
		{"a canceled context", fmt.Errorf("x: %w", context.Canceled), 130},
		{"a target that names nothing", fmt.Errorf("x: %w", plan.ErrTarget), 2},
		{"a store that cannot be read", fmt.Errorf("x: %w", artifacts.ErrReadOnly), 1},
		{"a file that cannot be read", path, 1},
		{"an interrupted plan", context.Canceled, 130},
		{"anything else", errors.New("x"), 1},
	} {
		if got := exitCode(tt.err); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestReportCode(t *testing.T) {
	kept, not, open := results.Claim{Verdict: "reproduced"}, results.Claim{Verdict: "not reproduced"}, results.Claim{Verdict: "inconclusive"}
	met, unmet := results.Claim{Verdict: "met"}, results.Claim{Verdict: "not met"}
	for _, tt := range []struct {
		outcome results.Outcome
		claims  []results.Claim
		checks  []results.Claim
		strict  bool
		want    int
	}{
		{results.Done, nil, nil, true, 0},
		{results.Done, []results.Claim{kept, not}, nil, false, 0},
		{results.Done, []results.Claim{kept}, nil, true, 0},
		{results.Done, []results.Claim{kept, not}, nil, true, 1},
		{results.Done, []results.Claim{open}, nil, true, 1},
		{results.Done, []results.Claim{kept}, []results.Claim{met}, true, 0},
		{results.Done, []results.Claim{kept}, []results.Claim{met, unmet}, true, 1},
		{results.Done, []results.Claim{kept}, []results.Claim{open}, true, 1},
		{results.Done, nil, []results.Claim{unmet}, false, 0},
		{results.Failed, nil, nil, false, 1},
		{results.Interrupted, []results.Claim{not}, nil, true, 130},
	} {
		if got := reportCode(&results.Report{Outcome: tt.outcome, Claims: tt.claims, Checks: tt.checks}, tt.strict); got != tt.want {
			t.Errorf("%+v: %d", tt, got)
		}
	}
}

// run executes the program in this process.
func run(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = execute(testRegistry(), args, streams{In: strings.NewReader(""), Out: &out, Err: &err})
	return code, out.String(), err.String()
}

// TestHelpOfEveryCommand: each has a sentence, a longer text, examples and exit codes, within 96 columns.
func TestHelpOfEveryCommand(t *testing.T) {
	root := (&app{registry: testRegistry()}).root()
	for _, c := range root.Commands() {
		for _, args := range append([][]string{{c.Name()}}, subcommands(c.Name())...) {
			code, out, _ := run(append(args, "--help")...)
			name := strings.Join(args, " ")
			if code != 0 {
				t.Errorf("%s --help ends with %d", name, code)
			}
			if name == "help" {
				continue
			}
			for _, part := range []string{"\nUsage\n  spurion " + name, "\nExit codes\n  0 "} {
				if !strings.Contains(out, part) {
					t.Errorf("the help of %s lacks %q", name, part)
				}
			}
			if name != "cache" && !strings.Contains(out, "\nExamples\n  ") {
				t.Errorf("the help of %s has no examples", name)
			}
			for line := range strings.Lines(out) {
				if n := len([]rune(line)); n > 97 {
					t.Errorf("the help of %s has a line of %d columns: %s", name, n, line)
				}
			}
		}
	}
}

func subcommands(name string) [][]string {
	if name != "cache" {
		return nil
	}
	return [][]string{{"cache", "du"}, {"cache", "verify"}, {"cache", "evict"}, {"cache", "gc"}}
}
