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

// choose gives the libraries of a list of names, or all of them.
func choose(names []string) ([]library, error) {
	all := libraries()
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

// startPeers starts the chosen libraries of every Python; what does not work is noted and left out.
func (b *bench) startPeers(f trainFlags, r *trainReport) error {
	chosen, err := choose(f.peers)
	if err != nil {
		return err
	}
	list := []string{"peer.py", "jax_scan.py", "torch_eager.py"} // which others build on
	for _, l := range chosen {
		list = append(list, l.file)
	}
	dir, err := b.project("peers", list...)
	if err != nil {
		return err
	}
	for _, python := range f.pythons {
		for _, l := range chosen {
			if f.avx2 && l.unheld && slices.Contains(r.Machine.Instruction, "avx512f") {
				r.notes = append(r.notes, l.says+" is left out: nothing keeps XLA's matrix products from AVX-512, whatever --xla_cpu_max_isa says.")
				continue
			}
			b.say("starting %s", l.says)
			p := &peer{Name: l.name, Says: l.says}
			if p.side, err = start(b.ctx, l.says, b.peerEnvironment(f.avx2), pinned(f.cpu, []string{python, filepath.Join(dir, l.file)})...); err == nil {
				err = p.side.ask(trainRequest{Do: "about"}, p)
			}
			if err != nil {
				b.say("%s: %v", python, err)
				r.notes = append(r.notes, fmt.Sprintf("%s is left out: %s has no %s that works. Install what is pinned: %s -m pip install -r cmd/bench/files/%s",
					l.says, python, l.needs, python, requirements))
				continue
			}
			if len(f.pythons) > 1 {
				p.Says += " (" + p.Version + ")"
			}
			r.Peers = append(r.Peers, p)
		}
	}
	return nil
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
