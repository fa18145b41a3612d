package pipeline

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// ErrTooLarge is the cause of the error of a run with an instance that needs more than its machine has.
var ErrTooLarge = errors.New("it needs more than there is")

// A machine is what a run may use of the one that it is on.
type machine struct {
	workers int
	memory  int64 // bytes; 0 if it is not known
	gpus    engine.GPUs
}

// workersOr gives a number of workers, or that of the processors for none.
func workersOr(workers int) int {
	if workers < 1 {
		return runtime.GOMAXPROCS(0)
	}
	return workers
}

// machineFor finds out about this machine what a plan's resources need to be compared with.
func machineFor(p *plan.Plan, workers int) machine {
	m := machine{workers: workers, memory: memoryTotal(os.ReadFile)}
	for i := range p.Nodes {
		if r := p.Nodes[i].Resources; r != nil && r.GPUs > 0 && p.Nodes[i].Selected {
			m.gpus = findGPUs(os.LookupEnv, nvidiaList)
			break
		}
	}
	return m
}

// fit says which instances that would run here need more than the machine has, one of each stage, and what to do. The error is an ErrTooLarge.
func (m machine) fit(p *plan.Plan, elsewhere func(*plan.Node) bool) error {
	var problems []string
	told := map[*spec.Stage]bool{}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Resources == nil || !n.Selected || n.Status == plan.Cached || told[n.Stage] || elsewhere(n) {
			continue
		}
		if why := m.lacks(n.Resources); why != "" {
			told[n.Stage] = true
			problems = append(problems, fmt.Sprintf("%s%s needs %s", n.Address(), place(n.Stage), why))
		}
	}
	if problems == nil {
		return nil
	}
	return fmt.Errorf("%w:\n%s\nlower it with --resources 'PATTERN:NAME=VALUE', or run it where there is more with --on", ErrTooLarge, strings.Join(problems, "\n"))
}

func place(st *spec.Stage) string {
	if r, ok := st.Place("resources"); ok {
		return fmt.Sprintf(" (%s:%d)", r.File, r.Line)
	}
	return ""
}

// lacks compares what is needed with what there is; empty if it is enough.
func (m machine) lacks(r *stages.Resources) string {
	gpus := stages.Resources{GPUs: r.GPUs}.String()
	switch {
	case r.CPUs > m.workers:
		return fmt.Sprintf("%d cpus, and this run has %d: --workers says how many", r.CPUs, m.workers)
	case m.memory > 0 && r.Memory > m.memory:
		const mega = 1_000_000
		return fmt.Sprintf("%s of memory, and this machine has %s", stages.FormatMemory(r.Memory), stages.FormatMemory(m.memory/mega*mega))
	case r.GPUs > len(m.gpus.Slots) && m.gpus.Variable == "":
		return fmt.Sprintf("%s, and this machine has none: %s are not set, and nvidia-smi -L does not answer", gpus, strings.Join(gpuVariables, ", "))
	case r.GPUs > len(m.gpus.Slots):
		return fmt.Sprintf("%s, and this run has %d, by %s or nvidia-smi -L", gpus, len(m.gpus.Slots), m.gpus.Variable)
	}
	return ""
}
