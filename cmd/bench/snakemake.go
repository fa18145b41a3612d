package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// howToInstall is what is said where Snakemake is missing.
const howToInstall = "Snakemake is not installed, so it was left out. On Debian: apt-get install snakemake."

var errNoSnakemake = errors.New("there is no Snakemake")

// A snakemake is the workflow of files/Snakefile in a folder.
type snakemake struct {
	b         *bench
	program   string
	dir       string
	instances int
	Version   string
	// How all jobs were brought up to date first.
	Prepared string
	Seconds  float64
}

func (b *bench) snakemake(program string, instances int) (*snakemake, error) {
	path, err := exec.LookPath(program)
	if err != nil {
		return nil, errNoSnakemake
	}
	s := &snakemake{b: b, program: path, instances: instances}
	if s.dir, err = b.project("snakemake", "Snakefile"); err != nil {
		return nil, err
	}
	version, err := exec.CommandContext(b.ctx, path, "--version").Output()
	if err != nil {
		return nil, fmt.Errorf("%s --version: %w", program, err)
	}
	s.Version = strings.TrimSpace(string(version))
	return s, nil
}

// run runs Snakemake and gives what it took and what it printed.
func (s *snakemake) run(args ...string) (took cost, printed string, err error) {
	args = append([]string{"--cores", "2", "--config", "instances=" + strconv.Itoa(s.instances)}, args...)
	cmd := exec.CommandContext(s.b.ctx, s.program, args...)
	cmd.Dir = s.dir
	begin := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return took, "", fmt.Errorf("snakemake %s: %w\n%s", strings.Join(args, " "), err, tail(string(out), 2000))
	}
	return cost{time.Since(begin).Seconds(), processors(cmd)}, string(out), nil
}

// prepare brings all jobs up to date. Really running them goes by batches with the greedy
// scheduler, since Snakemake's default one looks at all jobs after each.
func (s *snakemake) prepare(touch bool) error {
	begin := time.Now()
	if touch {
		if err := s.touch(); err != nil {
			return err
		}
		s.Prepared = "outputs made by the benchmark, then snakemake --touch"
	} else {
		batches := max(1, s.instances/250)
		for i := range batches {
			s.b.say("snakemake: batch %d of %d of the first run", i+1, batches)
			batch := fmt.Sprintf("gather=%d/%d", i+1, batches)
			if _, _, err := s.run("--scheduler", "greedy", "--quiet", "all", "--batch", batch); err != nil {
				return err
			}
		}
		s.Prepared = "all jobs run by Snakemake"
	}
	if _, _, err := s.run("--quiet", "all"); err != nil {
		return err
	}
	s.Seconds = time.Since(begin).Seconds()
	return nil
}

// touch writes every output and has Snakemake take them for done.
func (s *snakemake) touch() error {
	names := []string{"one.txt"}
	for i := range s.instances {
		names = append(names, fmt.Sprintf("many/%d.txt", i))
	}
	if err := os.MkdirAll(filepath.Join(s.dir, "many"), 0o755); err != nil {
		return err
	}
	for _, name := range append(names, "all.txt") {
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte("1\n"), 0o644); err != nil {
			return err
		}
	}
	_, _, err := s.run("--touch", "--quiet", "all")
	return err
}

// noop times a run that finds nothing to do.
func (s *snakemake) noop(args ...string) (cost, error) {
	took, printed, err := s.run(args...)
	if err == nil && !strings.Contains(printed, "Nothing to be done") {
		err = fmt.Errorf("snakemake had something to do:\n%s", tail(printed, 2000))
	}
	return took, err
}

// tail gives the last n bytes of a text.
func tail(text string, n int) string { return text[max(0, len(text)-n):] }
