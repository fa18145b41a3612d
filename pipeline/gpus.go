package pipeline

import (
	"bytes"
	"context"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"spurion/pipeline/engine"
)

// gpuVariables tell programs which GPUs they have: of CUDA, of ROCm's runtime, and of HIP above it. What is set for this process, as by a
// batch system, says what may be handed on; of several the first counts.
var gpuVariables = []string{"CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"}

// gpusPatience is how long nvidia-smi may take to answer.
const gpusPatience = 10 * time.Second

// findGPUs gives the devices that the process may use: those that a variable names, as they stand there, or else those that nvidia-smi lists.
func findGPUs(variable func(string) (string, bool), list func() ([]byte, error)) engine.GPUs {
	for _, name := range gpuVariables {
		if value, ok := variable(name); ok {
			return engine.GPUs{Variable: name, Slots: visible(value)}
		}
	}
	text, err := list()
	if err != nil {
		return engine.GPUs{}
	}
	return engine.GPUs{Variable: gpuVariables[0], Slots: listed(text)}
}

// visible takes apart what such a variable holds. Devices after one that cannot be are not seen: so -1 hides them, and so does Slurm's NoDevFiles.
func visible(value string) []string {
	var slots []string
	for slot := range strings.SplitSeq(value, ",") {
		slot = strings.TrimSpace(slot)
		if slot == "" || strings.HasPrefix(slot, "-") || slot == "NoDevFiles" {
			break
		}
		slots = append(slots, slot)
	}
	return slots
}

// deviceLine is a line of nvidia-smi -L: a GPU, or a part of the GPU above it.
var deviceLine = regexp.MustCompile(`^\s*(GPU|MIG) .*\(UUID: ([^()\s]+)\)`)

// listed reads what nvidia-smi -L prints. A GPU that is divided (MIG) is so many devices, and none itself.
func listed(text []byte) []string {
	var slots []string
	whole := false // the last one is a GPU
	for line := range bytes.Lines(text) {
		found := deviceLine.FindSubmatch(line)
		if found == nil {
			continue
		}
		part := string(found[1]) == "MIG"
		if part && whole {
			slots = slots[:len(slots)-1]
		}
		whole = !part
		slots = append(slots, string(found[2]))
	}
	return slots
}

// nvidiaList asks the driver for its devices.
func nvidiaList() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), gpusPatience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nvidia-smi", "-L")
	cmd.WaitDelay = time.Second
	return cmd.Output()
}
