package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A library is a way to train that people would use in Spurion's place: a program of files/.
type library struct {
	name  string // as --peers has it
	says  string
	file  string
	needs string // what to install
	// unheld says that nothing keeps its matrix products from AVX-512 where the processor has it.
	unheld bool
}

// libraries lists the peers, as columns of tables.
func libraries() []library {
	return []library{
		{"numba", "numba, BLAS", "numba_blas.py", "numba and scipy", false},
		{"jax", "JAX, scan", "jax_scan.py", "jax", true},
		{"vmap", "JAX, vmap of 16 seeds", "jax_vmap.py", "jax", true},
		{"ensembles", "PyTorch, baddbmm of 16 seeds", "torch_ensembles.py", "torch", false},
		{"compile", "torch.compile", "torch_compile.py", "torch", false},
		{"torch", "PyTorch, eager", "torch_eager.py", "torch", false},
	}
}

// requirements pins the versions of what the peers need.
const requirements = "requirements.txt"

// imageLibraries lists the peers that train CNNs.
func imageLibraries() []library {
	return []library{
		{"torch", "PyTorch", "images_torch.py", "torch", false},
		{"jax", "JAX", "images_jax.py", "jax", true},
	}
}

// choose gives the libraries of a list of names, or all of them.
func choose(all []library, names []string) ([]library, error) {
	if len(names) == 0 {
		return all, nil
	}
	var known []string
	for _, l := range all {
		known = append(known, l.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("--peers: there is no peer %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(all, func(l library) bool { return !slices.Contains(names, l.name) }), nil
}

// A peer is a library in one Python, as it describes itself.
type peer struct {
	Name    string `json:"name"`
	Says    string `json:"says"`
	Version string `json:"version"` // of all that matters to its speed, in words
	Python  string `json:"python"`
	Seeds   int    `json:"seeds"` // that it trains at once

	side *child
}

// A peering is what peers are started with: the libraries, the programs that these build on, and where they run.
type peering struct {
	libraries []library
	shared    []string
	pythons   []string // none for python3
	cpu       int
	avx2      bool
}

// startPeers starts the libraries in every Python; what does not work is left out, which the notes say.
func (b *bench) startPeers(p peering, on *machine) (peers []*peer, notes []string, err error) {
	list := slices.Clone(p.shared)
	for _, l := range p.libraries {
		list = append(list, l.file)
	}
	dir, err := b.project("peers", list...)
	if err != nil {
		return nil, nil, err
	}
	if len(p.pythons) == 0 {
		p.pythons = []string{"python3"}
	}
	for _, python := range p.pythons {
		for _, l := range p.libraries {
			if p.avx2 && l.unheld && slices.Contains(on.Instruction, "avx512f") {
				notes = append(notes, l.says+" is left out: nothing keeps XLA's matrix products from AVX-512, whatever --xla_cpu_max_isa says.")
				continue
			}
			b.say("starting %s", l.says)
			one := &peer{Name: l.name, Says: l.says}
			if one.side, err = start(b.ctx, l.says, b.peerEnvironment(p.avx2), pinned(p.cpu, []string{python, filepath.Join(dir, l.file)})...); err == nil {
				err = one.side.ask(trainRequest{Do: "about"}, one)
			}
			if err != nil {
				b.say("%s: %v", python, err)
				notes = append(notes, fmt.Sprintf("%s is left out: %s has no %s that works. Install what is pinned: %s -m pip install -r cmd/bench/files/%s",
					l.says, python, l.needs, python, requirements))
				continue
			}
			if len(p.pythons) > 1 {
				one.Says += " (" + one.Version + ")"
			}
			peers = append(peers, one)
		}
	}
	return peers, notes, nil
}

// versions says what the peers are, a line each.
func versions(peers []*peer) (lines []string) {
	for _, p := range peers {
		lines = append(lines, fmt.Sprintf("- %s: %s, Python %s.", p.Says, p.Version, p.Python))
	}
	return lines
}

// stopPeers ends them.
func stopPeers(peers []*peer) {
	for _, p := range peers {
		p.side.stop()
	}
}

// oneThread is the environment in which the libraries keep to one thread.
var oneThread = []string{"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1", "NUMBA_NUM_THREADS=1", "NPROC=1", "JAX_PLATFORMS=cpu"}

// xlaFlags are JAX's.
const xlaFlags = "XLA_FLAGS=--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"

// avx2Only is the environment in which they use no AVX-512: numba, OpenBLAS, MKL, oneDNN, and PyTorch with what it
// compiles. XLA's flag binds only the loops that it makes, not the library of its matrix products.
var avx2Only = []string{"NUMBA_CPU_NAME=haswell", "NUMBA_CPU_FEATURES=+avx2,+fma,+bmi2", "OPENBLAS_CORETYPE=Haswell",
	"MKL_ENABLE_INSTRUCTIONS=AVX2", "ONEDNN_MAX_CPU_ISA=AVX2", "ATEN_CPU_CAPABILITY=avx2", xlaFlags + " --xla_cpu_max_isa=AVX2"}

// spurionAVX2 has Spurion use no AVX-512.
const spurionAVX2 = "GODEBUG=cpu.avx512f=off"

// choosing are prefixes of variables with which people choose code for the libraries.
var choosing = []string{"OPENBLAS_", "MKL_", "NUMBA_", "XLA_", "JAX_", "ATEN_", "ONEDNN_", "DNNL_", "TORCH"}

// peerEnvironment gives the environment of peers. Nothing that chooses code for them comes from this process's
// own: a library that someone held back for another purpose is no peer.
func (b *bench) peerEnvironment(avx2 bool) []string {
	env := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		return slices.ContainsFunc(choosing, func(prefix string) bool { return strings.HasPrefix(pair, prefix) })
	})
	env = append(append(env, oneThread...), xlaFlags, "TORCHINDUCTOR_CACHE_DIR="+filepath.Join(b.dir, "inductor"))
	if avx2 {
		env = append(env, avx2Only...)
	}
	return env
}
