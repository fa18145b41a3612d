package linear

import (
	"testing"

	"spurion/stages/stagetest/floatguard"
)

// What data, probes and regressions compute must not depend on the compiler or the processor.
func TestNoFusableFloatingPoint(t *testing.T) {
	findings, err := floatguard.Check("../..", "./stages/boolean", "./stages/data", "./stages/generate", "./stages/linear", "./stages/probe")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		t.Error(f)
	}
}
