package spec

import (
	"fmt"
	"testing"
	"time"

	"spurion/stages"
)

// A stage says what its instances need, each for itself where it uses each; no setting of theirs depends on it.
func TestResources(t *testing.T) {
	const text = `
variable "hours" { default = 2 }
sweep "grid" { seed = [1, 2] }
stage "generate" "data" {
  for_each   = sweep.grid
  dimensions = 50
  core       = parity(4)
  spurious   = parity(1)
  %s
}`
	bare := mustLoad(t, fmt.Sprintf(text, ""))
	for block, want := range map[string][2]*stages.Resources{
		``:                       {},
		`resources {}`:           {{}, {}},
		`resources { cpus = 4 }`: {{CPUs: 4}, {CPUs: 4}},
		"resources {\n memory = \"1.5 GB\"\n gpus = 0\n cpus = null\n}": {{Memory: 1.5e9}, {Memory: 1.5e9}},
		"resources {\n memory = \"${8 * each.seed}GiB\"\n time = \"${var.hours}h\"\n gpus = each.seed - 1\n}": {
			{Memory: 8 << 30, Time: 2 * time.Hour}, {Memory: 16 << 30, Time: 2 * time.Hour, GPUs: 1}},
	} {
		s := mustLoad(t, fmt.Sprintf(text, block))
		for i, in := range s.Stages[0].Instances {
			if (in.Resources == nil) != (want[i] == nil) || in.Resources != nil && *in.Resources != *want[i] {
				t.Errorf("%s: the instance %d needs %+v, want %+v", block, i, in.Resources, want[i])
			}
			if got, want := fmt.Sprint(in.Settings), fmt.Sprint(bare.Stages[0].Instances[i].Settings); got != want {
				t.Errorf("%s: its settings are %s, want %s", block, got, want)
			}
		}
	}
}
