package pipeline

import (
	"errors"
	"strings"
	"testing"
)

func TestFindGPUs(t *testing.T) {
	const two = "GPU 0: NVIDIA H200 (UUID: GPU-aa)\nGPU 1: NVIDIA H200 (UUID: GPU-bb)\n"
	const divided = "GPU 0: NVIDIA H200 (UUID: GPU-aa)\n  MIG 1g.18gb     Device  0: (UUID: MIG-11)\n  MIG 1g.18gb     Device  1: (UUID: MIG-22)\nGPU 1: NVIDIA H200 (UUID: GPU-bb)\n"
	for name, c := range map[string]struct {
		env      map[string]string
		list     string
		variable string
		slots    string
	}{
		"nothing":             {},
		"numbers":             {map[string]string{"CUDA_VISIBLE_DEVICES": "2, 3"}, two, "CUDA_VISIBLE_DEVICES", "2 3"},
		"names":               {map[string]string{"CUDA_VISIBLE_DEVICES": "GPU-bb,MIG-GPU-aa/1/0"}, two, "CUDA_VISIBLE_DEVICES", "GPU-bb MIG-GPU-aa/1/0"},
		"hidden":              {map[string]string{"CUDA_VISIBLE_DEVICES": ""}, two, "CUDA_VISIBLE_DEVICES", ""},
		"up to an impossible": {map[string]string{"CUDA_VISIBLE_DEVICES": "1,-1,0"}, two, "CUDA_VISIBLE_DEVICES", "1"},
		"none of Slurm":       {map[string]string{"CUDA_VISIBLE_DEVICES": "NoDevFiles"}, two, "CUDA_VISIBLE_DEVICES", ""},
		"ROCm":                {map[string]string{"ROCR_VISIBLE_DEVICES": "0,1", "HIP_VISIBLE_DEVICES": "0"}, "", "ROCR_VISIBLE_DEVICES", "0 1"},
		"HIP":                 {map[string]string{"HIP_VISIBLE_DEVICES": "1"}, "", "HIP_VISIBLE_DEVICES", "1"},
		"a driver":            {nil, two, "CUDA_VISIBLE_DEVICES", "GPU-aa GPU-bb"},
		"a driver, MIG":       {nil, divided, "CUDA_VISIBLE_DEVICES", "MIG-11 MIG-22 GPU-bb"},
		"a driver, no GPU":    {nil, "No devices found.\n", "CUDA_VISIBLE_DEVICES", ""},
	} {
		got := findGPUs(
			func(name string) (string, bool) { value, ok := c.env[name]; return value, ok },
			func() ([]byte, error) {
				if c.list == "" {
					return nil, errors.New("there is no nvidia-smi")
				}
				return []byte(c.list), nil
			})
		if got.Variable != c.variable || strings.Join(got.Slots, " ") != c.slots {
			t.Errorf("%s: %+v, want %s of %s", name, got, c.slots, c.variable)
		}
	}
}
