package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeImages answers as images_torch.py and images_jax.py do, by this program's own training: with a way that takes more steps
// than it is asked for, one that does not work here and, in some tests, one that does another job.
func fakeImages() {
	trainings := map[string]*training{}
	_ = serve(os.Stdin, os.Stdout, func(r *imagesRequest) (any, error) {
		switch r.Do {
		case "about":
			return imagesAnswer{Version: "Library 0.fake"}, nil
		case "variants":
			ways := imagesAnswer{Variants: []string{"eager", "broken", "scan"}}
			if os.Getenv(wrongRate) != "" {
				ways.Variants = append(ways.Variants, "wrong")
			}
			return ways, nil
		}
		switch r.Variant {
		case "broken":
			return nil, errors.New("there is no compiler")
		case "wrong":
			r.Job.Rate *= 1.01
		}
		if r.Do == "check" {
			t, err := r.Job.training()
			if err != nil {
				return nil, err
			}
			losses, err := t.losses(r.Steps)
			return imagesAnswer{Losses: losses}, err
		}
		t := trainings[r.Variant]
		if t == nil {
			var err error
			if t, err = r.Job.training(); err != nil {
				return nil, err
			}
			trainings[r.Variant] = t
		}
		steps, per := r.Steps, 1.0 // seconds of a step
		if r.Variant == "scan" {
			steps, per = steps+7, .5
		}
		_, err := t.run(1)
		return imagesAnswer{Seconds: per * float64(steps), Steps: steps}, err
	})
}

// wrongRate, set in the environment, gives a peer another way.
const wrongRate = "SPURION_TEST_WRONG_RATE"

var imagesArgs = []string{"images", "--jobs", "1x56x28", "--turns", "2", "--spell", "0.001"}

func TestImages(t *testing.T) {
	statedTimes(t)
	args := append(imagesArgs, "--python", own(t))
	text := invoke(t, args...)
	for _, want := range []string{"PyTorch: Library 0.fake", "JAX: Library 0.fake", " PyTorch, eager |", "- 1x56x28: gray images of 56 x 28", "| 1x56x28: ratio to the strongest peer, PyTorch, scan, at least 2 ", "Job 1x56x28 by JAX (broken) did not work here."} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var r imagesReport
	if err := json.Unmarshal([]byte(invoke(t, append(args, "--json")...)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Jobs) != 1 || len(r.Jobs[0].Sides) != 5 || len(r.Goals) != 2 || r.Jobs[0].Share <= 0 {
		t.Fatalf("the report is %+v", r)
	}
	// The fastest way of each library takes turns, and its steps are those that it says it took.
	for i, turns := range []int{2, imagesTrials, 2, imagesTrials, 2} {
		s := r.Jobs[0].Sides[i]
		if s.Step.Turns != turns || (s.Ratio != nil) != (i > 0 && turns == 2) {
			t.Errorf("side %d, %s, has %+v", i, s.Label, s)
		}
		if want := map[bool]float64{true: .5, false: 1}[turns == 2]; i > 0 && s.Step.Least != want {
			t.Errorf("a step of %s takes %v, want %v", s.Label, s.Step.Least, want)
		}
	}
}

func TestImagesOfNoPeers(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "nopython")
	text := invoke(t, append(imagesArgs, "--python", missing)...)
	for _, want := range []string{"JAX is left out: " + missing + " has no jax that works. Install what is pinned: ", "PyTorch is left out", "| 1x56x28: share of the peak"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
}

// A way that trains otherwise is found out.
func TestImagesOfAnotherRateAreNoPeer(t *testing.T) {
	t.Setenv(wrongRate, "yes")
	cmd := root()
	cmd.SetArgs(append(imagesArgs, "--python", own(t)))
	cmd.SetErr(io.Discard)
	err := cmd.ExecuteContext(t.Context())
	if err == nil || !strings.Contains(err.Error(), "(wrong) does not do the job") {
		t.Errorf("the error is %v", err)
	}
}
