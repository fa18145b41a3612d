package main

import (
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
)

// fakeTorch answers as images_side.py does, by this program's own training; one of its ways does another job.
func fakeTorch() {
	trainings := map[string]*training{}
	_ = serve(os.Stdin, os.Stdout, func(r *imagesRequest) (any, error) {
		switch r.Do {
		case "about":
			return imagesAnswer{Version: "PyTorch 0.fake"}, nil
		case "variants":
			ways := imagesAnswer{Variants: []string{"eager", "eager, channels_last"}}
			if os.Getenv(wrongRate) != "" {
				ways.Variants = append(ways.Variants, "wrong")
			}
			return ways, nil
		}
		if r.Variant == "wrong" {
			r.Job.Rate *= 1.01
		}
		t := trainings[r.Variant]
		if t == nil || r.Do == "check" {
			var err error
			if t, err = r.Job.training(); err != nil {
				return nil, err
			}
			trainings[r.Variant] = t
		}
		losses, err := t.losses(r.Steps)
		return imagesAnswer{Losses: losses, Seconds: float64(r.Steps)}, err
	})
}

// wrongRate, set in the environment, gives PyTorch's side another way.
const wrongRate = "SPURION_TEST_WRONG_RATE"

var imagesArgs = []string{"images", "--jobs", "1x56x28", "--turns", "2", "--spell", "0.001"}

func TestImages(t *testing.T) {
	args := append(imagesArgs, "--python", own(t))
	text := invoke(t, args...)
	for _, want := range []string{"PyTorch 0.fake.", "eager, channels_last", "- 1x56x28: gray images of 56 x 28", "| 1x56x28: ratio to PyTorch's best, at least 2 "} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var r imagesReport
	if err := json.Unmarshal([]byte(invoke(t, append(args, "--json")...)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Jobs) != 1 || len(r.Jobs[0].Sides) != 3 || len(r.Goals) != 2 || r.Jobs[0].Share <= 0 {
		t.Fatalf("the report is %+v", r)
	}
	turns := 0
	for _, s := range r.Jobs[0].Sides {
		turns += s.Step.Turns
	}
	if turns != 2+2+1 {
		t.Errorf("%d turns, want those of Spurion and of the fastest way", turns)
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
