package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A cold run computes everything: nothing is stored. Spurion and the others run the same graph, one instance, many that
// read it and one that reads them all, each with the cheapest jobs it has, two at a time, in turns.

// files/requirements-engine.txt pins the others.
const howToInstallCold = "%s is not installed, so it was left out. To have it: pip install -r cmd/bench/files/requirements-engine.txt."

// A grown is a cold run of some size.
type grown struct {
	Instances int     `json:"instances"`
	Each      figure  `json:"per_instance"`
	CPU       figure  `json:"processor_time_per_instance"`
	Peak      float64 `json:"peak_memory_bytes"`
	Files     int     `json:"files"` // in the store
}

// cold measures first runs beside the others', and how they grow.
func (b *bench) cold(f engineFlags, r *engineReport) error {
	own, err := b.program(f.spurion)
	if err != nil {
		return err
	}
	var spurion, doit, snake costs
	for turn := range f.cold {
		b.say("first runs: turn %d of %d", turn+1, f.cold)
		spec, err := b.scratch("cold", "fan.hcl")
		if err != nil {
			return err
		}
		if err := b.timeCold(&spurion, filepath.Dir(spec), nil, own, "run", "--quiet", "--workers", "2", "--var", fmt.Sprintf("instances=%d", f.instances), spec); err != nil {
			return err
		}
		if err := b.coldPeer(&doit, r, f.doit, "dodo.py", []string{"INSTANCES=" + strconv.Itoa(f.instances)}, "run"); err != nil {
			return err
		}
		if turn == 0 && !f.touch { // it takes minutes
			args := []string{"--cores", "2", "--quiet", "all", "--config", "instances=" + strconv.Itoa(f.instances)}
			if err := b.coldPeer(&snake, r, f.snakemake, "Snakefile", nil, args...); err != nil {
				return err
			}
		}
	}
	r.Cold = []timed{spurion.timed("spurion run")}
	if len(doit.cpu) > 0 {
		r.Cold = append(r.Cold, doit.timed("doit run"))
		r.goal("doit's processor time of a first run over spurion's, at least 1", atLeast(1, doit.cpu.ratioTo(spurion.cpu).Fastest))
		r.goal("doit's time of a first run over spurion's, at least 1", atLeast(1, doit.wall.ratioTo(spurion.wall).Fastest))
	}
	if len(snake.cpu) > 0 {
		r.Cold = append(r.Cold, snake.timed("snakemake --cores 2"))
		r.goal("Snakemake's time of a first run over spurion's, at least 20", atLeast(20, snake.wall.ratioTo(spurion.wall).Fastest))
	}
	return b.growth(f, r)
}

// coldPeer runs a program in a fresh folder with its file, or notes that it is not there.
func (b *bench) coldPeer(into *costs, r *engineReport, program, file string, env []string, args ...string) error {
	if program == "" {
		return nil
	}
	path, err := exec.LookPath(program)
	if err != nil {
		if note := fmt.Sprintf(howToInstallCold, program); !slices.Contains(r.coldNotes, note) {
			r.coldNotes = append(r.coldNotes, note)
		}
		return nil
	}
	made, err := b.scratch("cold", file)
	if err != nil {
		return err
	}
	return b.timeCold(into, filepath.Dir(made), env, path, args...)
}

func (b *bench) timeCold(into *costs, dir string, env []string, program string, args ...string) error {
	cmd := exec.CommandContext(b.ctx, program, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, tail(string(out), 2000))
	}
	into.add(cost{time.Since(begin).Seconds(), processors(cmd)})
	return nil
}

// growth computes more and more instances.
func (b *bench) growth(f engineFlags, r *engineReport) error {
	for n := 1000; n <= f.grow; n *= 10 {
		g := grown{Instances: n}
		var each costs
		for range max(1, min(3, 10_000/n)) {
			b.say("first run of %d instances", n)
			spec, err := b.scratch("grow", "fan.hcl")
			if err != nil {
				return err
			}
			var a engineAnswer
			cpu, err := askOnce(b.ctx, "engine", engineRequest{Spec: spec, Variables: map[string]int{"instances": n}, Workers: 2}, &a)
			if err != nil {
				return err
			}
			if a.Computed != n+2 {
				return fmt.Errorf("%d of %d instances were computed", a.Computed, n+2)
			}
			each.add(cost{a.Total / float64(n), cpu / float64(n)})
			g.Peak = max(g.Peak, a.Peak)
			if g.Files, err = countFiles(filepath.Join(filepath.Dir(spec), ".spurion")); err != nil {
				return err
			}
		}
		g.Each, g.CPU = each.wall.figure(), each.cpu.figure()
		r.Grown = append(r.Grown, g)
		r.goal(fmt.Sprintf("processor time of an instance, first run of %d, under 1 ms", n), atMost(1e-3, g.CPU.Least))
	}
	return nil
}

func countFiles(dir string) (n int, err error) {
	err = filepath.WalkDir(dir, func(_ string, d os.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err == nil && d.Type().IsRegular() {
			n++
		}
		return err
	})
	return n, err
}
