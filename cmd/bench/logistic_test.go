package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// fakeScikit answers as logistic_side.py does, with the minima of this program's own side, which only lbfgs reaches;
// others are said to be faster.
func fakeScikit() {
	d := &logisticData{}
	_ = serve(os.Stdin, os.Stdout, func(r *logisticRequest) (any, error) {
		if r.Do == "about" {
			return logisticPeer{Version: "0.fake"}, nil
		}
		if d.job != r.Job.Name {
			d = drawLogistic(&r.Job)
		}
		a, err := d.fit(r)
		if err != nil {
			return nil, err
		}
		if r.Job.Subset > 0 {
			*a = d.scaled(&logisticRequest{Weights: a.Weights, Intercepts: a.Intercepts})
		}
		if a.CPU = float64(r.Rounds); !strings.HasPrefix(r.Variant, "lbfgs") && r.Job.Subset == 0 {
			a.CPU, a.Weights[0][0] = float64(r.Rounds)/2, 1
		}
		return a, nil
	})
}

// The ratio is that to the fastest solver of those that reach the minimum.
func TestLogistic(t *testing.T) {
	args := []string{"logistic", "--jobs", "8000x32", "--turns", "2", "--spell", "0.001", "--python", own(t)}
	text := invoke(t, args...)
	for _, want := range []string{"scikit-learn 0.fake", "newton-cholesky", "liblinear dual", "- 8000x32: a probe of a small network.", "| 8000x32: ratio to scikit-learn's best, at least 3 "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var r logisticReport
	if err := json.Unmarshal([]byte(invoke(t, append(args, "--json")...)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Jobs) != 1 || r.Jobs[0].Ratio == nil || len(r.Goals) != 1 {
		t.Fatalf("the report is %+v", r)
	}
	for _, s := range r.Jobs[0].Sides {
		turns, minimum := 1, s.Label == "lbfgs" || s.Label == "Spurion"
		if minimum {
			turns = 2
		}
		if s.Time.Turns != turns || (s.Gradient < 1e-8) != minimum || s.F <= 0 {
			t.Errorf("%s: %+v", s.Label, s)
		}
	}
}

func TestLogisticWithoutScikitLearn(t *testing.T) {
	cmd := root()
	cmd.SetArgs([]string{"logistic", "--python", filepath.Join(t.TempDir(), "nopython")})
	cmd.SetErr(&strings.Builder{})
	if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), "nopython") {
		t.Errorf("%v", err)
	}
}

// The recipe's models are judged in terms of scaled columns: by a minimum's conditions, which all fits meet.
func TestRecipe(t *testing.T) {
	j := logisticJob{Name: "small", Rows: 300, Columns: 20, Inputs: 10, Targets: 1, C: .1, Subset: 80, Grid: []float64{1, .1}}
	d := drawLogistic(&j)
	a, err := d.fit(&logisticRequest{Job: j, Rounds: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Weights) != 2+dfrRefits {
		t.Errorf("%d fits", len(a.Weights))
	}
	scaled := d.scaled(&logisticRequest{Weights: a.Weights, Intercepts: a.Intercepts})
	r := &logisticRequest{Job: j, Weights: scaled.Weights, Intercepts: scaled.Intercepts}
	if got := d.judge(r); got.Gradient > 1.1e-6 || got.F <= 0 {
		t.Errorf("%+v", got)
	}
	before := d.judge(r).F
	r.Weights[1][3] += 1e-3
	if got := d.judge(r); got.Gradient < 1e-5 || got.F <= before {
		t.Errorf("away from the minimum: %+v", got)
	}
	if math.Abs(d.center[0]) > 10 || len(d.subsets[0]) != 80 {
		t.Errorf("center %v, %d rows", d.center[0], len(d.subsets[0]))
	}
}

func TestLogisticSideIsPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	if out, err := exec.Command(python, "-c", fmt.Sprintf("compile(open(%q).read(), 'side', 'exec')", "files/logistic_side.py")).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
