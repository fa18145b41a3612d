package head

import (
	"flag"
	"testing"

	"spurion/stages/stagetest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// A small run of each case keeps its bytes: go test ./stages/experiment/head -run Golden -update
func TestGolden(t *testing.T) {
	stagetest.GoldenFiles(t, Kind, *update, append(cases(t), groupsCase(t))...)
}
