package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"spurion/stages/numeric/kernel"
)

// A machine is what figures were measured on.
type machine struct {
	CPU         string   `json:"cpu"`
	Cores       int      `json:"cores"`
	Instruction []string `json:"instruction_sets"` // those of the processor that matter to loops
	Path        string   `json:"kernel_path"`      // those that Spurion's loops use
	MemoryGiB   float64  `json:"memory_gib"`
	System      string   `json:"system"`
	Go          string   `json:"go"`
	// The load average of the last minute, at the start and the end.
	LoadBefore string `json:"load_before"`
	LoadAfter  string `json:"load_after"`
}

func thisMachine() machine {
	m := machine{
		CPU: "unknown", Cores: runtime.NumCPU(), Path: kernel.Path(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Go: strings.TrimPrefix(runtime.Version(), "go"), LoadBefore: load(),
	}
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		m.CPU, m.Instruction = processor(string(text))
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		m.MemoryGiB = memory(string(text))
	}
	if text, err := os.ReadFile("/etc/os-release"); err == nil {
		m.System = field(string(text), "PRETTY_NAME", "=") + ", " + m.System
	}
	return m
}

// field gives the value of the first line "name SEPARATOR value", without quotes.
func field(text, name, separator string) string {
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(line, separator)
		if ok && strings.TrimSpace(key) == name {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// processor reads the first processor's name and instruction sets in /proc/cpuinfo.
func processor(text string) (name string, sets []string) {
	name = field(text, "model name", ":")
	if family := field(text, "cpu family", ":"); family != "" {
		name += fmt.Sprintf(" (family %s, model %s)", family, field(text, "model", ":"))
	}
	flags := strings.Fields(field(text, "flags", ":"))
	for _, set := range []string{"avx2", "fma", "avx512f", "avx512vl", "avx512_bf16", "amx_tile"} {
		if slices.Contains(flags, set) {
			sets = append(sets, set)
		}
	}
	return name, sets
}

// memory reads the size of the memory in /proc/meminfo, in GiB.
func memory(text string) float64 {
	var kib float64
	if _, err := fmt.Sscanf(field(text, "MemTotal", ":"), "%f kB", &kib); err != nil {
		return 0
	}
	return kib / (1 << 20)
}

// load gives the load average of the last minute, or "" where there is none.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// peakMemory gives the most memory that this process has held, in bytes; 0 if the system does not say.
func peakMemory() float64 {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	var kib float64
	if _, err := fmt.Sscanf(field(string(text), "VmHWM", ":"), "%f kB", &kib); err != nil {
		return 0
	}
	return kib * 1024
}

func (m *machine) section() section {
	return section{title: "Machine", notes: []string{
		fmt.Sprintf("%s, %d cores, %.0f GiB; %s; Go %s.", m.CPU, m.Cores, m.MemoryGiB, m.System, m.Go),
		fmt.Sprintf("It has %s; Spurion's loops use %s. Load average %s before and %s after.",
			strings.Join(m.Instruction, ", "), m.Path, m.LoadBefore, m.LoadAfter),
	}}
}
