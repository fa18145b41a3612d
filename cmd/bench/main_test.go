package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spurion/pipeline/engine"
	"spurion/pipeline/results"
	"spurion/stages/common/trainloop"
)

// TestMain lets the test program stand in for all that bench starts: itself, spurion, Snakemake, and a
// Python with the peers' libraries.
func TestMain(m *testing.M) {
	args := os.Args[1:]
	switch {
	case len(args) == 0 || strings.HasPrefix(args[0], "-test."):
		os.Exit(m.Run())
	case args[0] == "side":
		main()
	case args[0] == "run":
		fakeSpurion(args)
	case args[0] == "--version":
		fmt.Println("7.0-fake")
	case args[0] == "--cores":
		fmt.Println("Nothing to be done (all requested files are present and up to date).")
	case strings.HasSuffix(args[0], "images_torch.py"), strings.HasSuffix(args[0], "images_jax.py"):
		fakeImages()
	case strings.HasSuffix(args[0], "logistic_side.py"):
		fakeScikit()
	case strings.HasSuffix(args[0], ".py"):
		fakePeer(strings.TrimSuffix(filepath.Base(args[0]), ".py"))
	default:
		fmt.Fprintln(os.Stderr, "the test program was started with", args)
		os.Exit(2)
	}
}

// fakeSpurion says what spurion run --json would; without the number of instances it stands for doit.
func fakeSpurion(args []string) {
	at := slices.IndexFunc(args, func(arg string) bool { return strings.HasPrefix(arg, "instances=") })
	if at < 0 {
		return
	}
	instances, err := strconv.Atoi(strings.TrimPrefix(args[at], "instances="))
	if err != nil {
		os.Exit(2)
	}
	r := results.Report{Outcome: results.Done, Counts: engine.Counts{Cached: instances + 2}}
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

// fakePeer answers as a peer's program does, by Spurion's own arithmetic. jax_scan has two ways that work, the second
// of them the faster, and one that does not; jax_vmap trains 16 seeds; numba_blas takes wrong steps.
func fakePeer(name string) {
	per := map[string]float64{"slow": 6e-5, "fast": 2e-5} // seconds that a step is said to take
	_ = serve(os.Stdin, os.Stdout, func(r *trainRequest) (any, error) {
		switch r.Do {
		case "about":
			return map[string]any{"version": name + " 0.fake, in " + os.Getenv("XLA_FLAGS") + os.Getenv("OPENBLAS_CORETYPE"), "python": "3", "seeds": 1}, nil
		case "variants":
			return trainAnswer{Variants: []string{"slow", "broken", "fast"}}, nil
		case "check":
			if name == "numba_blas" {
				r.Job.Rate *= 1.01
			}
			return r.Job.check(r.Steps)
		case "draw":
			return trainAnswer{}, draw(&r.Job, r.Steps)
		}
		if per[r.Variant] == 0 {
			return nil, fmt.Errorf("there is no variant %q", r.Variant)
		}
		seeds := 1
		if name == "jax_vmap" {
			seeds = 16
		}
		return trainAnswer{Seconds: per[r.Variant] * float64(r.Steps), Steps: seeds * r.Steps, Loss: .5}, nil
	})
}

// draw writes rows as Spurion draws them.
func draw(j *job, rows int) error {
	source, err := j.source()
	if err != nil {
		return err
	}
	var x []float32
	var labels []int16
	var b trainloop.Batch
	for len(labels) < rows {
		source.Next(&b)
		words := len(b.Signs) / b.Rows
		for i := range b.Rows {
			for k := range j.Inputs {
				x = append(x, 2*float32(b.Signs[i*words+k/64]>>(k%64)&1)-1)
			}
		}
		labels = append(labels, b.Labels...)
	}
	if err := writeNumbers(j.X+".drawn", x); err != nil {
		return err
	}
	return writeLabels(j.Y+".drawn", labels)
}

// invoke runs bench with the test program for whatever it starts.
func invoke(t *testing.T, args ...string) string {
	t.Helper()
	cmd := root()
	var out, errs bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&errs)
	cmd.SetArgs(args)
	if err := cmd.ExecuteContext(t.Context()); err != nil {
		t.Fatalf("bench %s: %v\n%s", strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

func own(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

func TestEngine(t *testing.T) {
	args := []string{"engine", "--instances", "12", "--turns", "2", "--plan", "40", "--idle", "6", "--cold", "2", "--grow", "0", "--doit", own(t), "--spurion", own(t), "--snakemake", own(t)}
	text := invoke(t, args...)
	for _, want := range []string{
		"A run with nothing to do: 1 instance, 12 that read it", "`spurion run`, whole command", "`snakemake --cores 2`, whole command",
		"Snakemake 7.0-fake; all jobs run by Snakemake", "| 10 ", "| 40 ", "### Instances that compute nothing", "### First run of the same graph, 14 instances", "| `doit run` ", "engine time of a run with nothing to do",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	var r engineReport
	if err := json.Unmarshal([]byte(invoke(t, append(args, "--json", "--touch")...)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Commands) != 3 || r.Commands[0].Turns != 2 || r.Engine.Total.Least <= 0 || r.Ratio.Fastest <= 0 || len(r.Plans) != 3 || len(r.Computed) != 2 {
		t.Errorf("the report is %+v", r)
	}
	for _, p := range r.Plans {
		if p.Heap <= 0 || p.Total.Median <= 0 {
			t.Errorf("a plan took %+v", p)
		}
	}
	if !strings.HasPrefix(r.Snakemake, "Snakemake 7.0-fake; outputs made by the benchmark") {
		t.Errorf("with --touch it says %q", r.Snakemake)
	}
}

func TestEngineWithoutSnakemake(t *testing.T) {
	missing, neither := filepath.Join(t.TempDir(), "snakemake"), filepath.Join(t.TempDir(), "doit")
	text := invoke(t, "engine", "--instances", "3", "--turns", "1", "--plan", "0", "--idle", "0", "--cold", "2", "--grow", "0", "--doit", neither, "--spurion", own(t), "--snakemake", missing)
	if !strings.Contains(text, howToInstall) || strings.Contains(text, "whole commands") {
		t.Errorf("without Snakemake it prints\n%s", text)
	}
	for _, program := range []string{missing, neither} {
		if n := strings.Count(text, fmt.Sprintf(howToInstallCold, program)); n != 1 {
			t.Errorf("%s is said to be missing %d times:\n%s", program, n, text)
		}
	}
}

// statedTimes has times be what the sides answer.
func statedTimes(t *testing.T) {
	real := processorTime
	processorTime = func(int) (float64, bool) { return 0, false }
	t.Cleanup(func() { processorTime = real })
}

func TestTrain(t *testing.T) {
	t.Setenv("OPENBLAS_CORETYPE", "Prescott") // which would slow a peer
	statedTimes(t)
	missing := filepath.Join(t.TempDir(), "nopython")
	args := []string{"train", "--jobs", "ab", "--turns", "2", "--spell", "0.004", "--sweep", "2", "--sweep-steps", "20",
		"--sweep-turns", "1", "--peers", "vmap,jax", "--python", own(t)}
	text := invoke(t, append(args, "--python", missing)...)
	for _, want := range []string{
		"jax_scan 0.fake", ": fast ", "JAX, scan is left out: " + missing + " has no jax that works. Install what is pinned: " + missing + " -m pip install -r cmd/bench/files/requirements.txt",
		"- b: 60,000 x 34", "### A sweep of job a: 2 seeds, 20 steps each", "| a: ratio to the strongest peer, JAX, vmap of 16 seeds (jax_vmap 0.fake",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, ": slow ") {
		t.Errorf("the slower way was measured:\n%s", text)
	}
	if !strings.Contains(text, "(broken) did not work here") {
		t.Errorf("nothing is said of the way that does not work:\n%s", text)
	}
	if strings.Contains(text, "Prescott") {
		t.Errorf("a peer is slowed:\n%s", text)
	}
	var r trainReport
	if err := json.Unmarshal([]byte(invoke(t, append(args, "--json")...)), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Jobs) != 2 || len(r.Peers) != 2 || len(r.Jobs[0].Peers) != 2 || r.Peak < 1e6 || r.Sweep == nil {
		t.Fatalf("the report is %+v", r)
	}
	a := r.Jobs[0]
	if a.Spurion.Turns != 2 || a.Spurion.Least <= 0 || a.Matrix.Least <= 0 || a.Job.X != "" || a.Job.Start != "" {
		t.Errorf("job a has %+v", a)
	}
	// Of 16 times as many steps in the same time each takes a sixteenth.
	if a.Peers[0].Label != "JAX, vmap of 16 seeds" || a.Peers[0].Variant != "fast" || math.Abs(a.Peers[0].Step.Least/2e-5*16-1) > 1e-9 || math.Abs(a.Peers[1].Step.Least/2e-5-1) > 1e-9 ||
		a.Peers[0].Ratio.Median <= 0 || a.Peers[0].First <= 0 || a.Peers[0].Difference != 0 {
		t.Errorf("job a has the peers %+v", a.Peers)
	}
}

func TestTrainWithoutAVX512(t *testing.T) {
	args := []string{"train", "--avx2", "--jobs", "a", "--turns", "1", "--spell", "0.001", "--sweep", "0", "--peers", "ensembles,jax", "--python", own(t)}
	var r trainReport
	if err := json.Unmarshal([]byte(invoke(t, append(args, "--json")...)), &r); err != nil {
		t.Fatal(err)
	}
	if r.Machine.Path == "avx512" || !strings.Contains(r.Peers[0].Version, "--xla_cpu_max_isa=AVX2Haswell") {
		t.Errorf("Spurion's loops use %s and a peer says %q", r.Machine.Path, r.Peers[0].Version)
	}
	// XLA's products cannot be held back.
	held := !slices.Contains(r.Machine.Instruction, "avx512f")
	if with := len(r.Peers) == 2; with != held {
		t.Errorf("on %s there are %d peers", r.Machine.Instruction, len(r.Peers))
	}
}

func TestTrainWithWrongPeers(t *testing.T) {
	statedTimes(t)
	for peers, want := range map[string]string{
		"nothing": `there is no peer "nothing"; there are numba, jax, `,
		"numba":   "numba, BLAS (fast) does not do the job: before step 2 its loss is",
	} {
		cmd := root()
		cmd.SetOut(io.Discard)
		cmd.SetErr(io.Discard)
		cmd.SetArgs([]string{"train", "--jobs", "a", "--turns", "1", "--spell", "0.001", "--sweep", "0", "--peers", peers, "--python", own(t)})
		if err := cmd.ExecuteContext(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("--peers %s: %v, want %q", peers, err, want)
		}
	}
}

// Data that are not the job's are noticed.
func TestCheckDrawn(t *testing.T) {
	for _, data := range []string{"fresh", "epochs"} {
		j := small(t, data)
		if err := j.write(); err != nil {
			t.Fatal(err)
		}
		rows := max(j.Rows, 1<<14)
		if data == "epochs" {
			rows = j.Rows
		}
		if err := draw(&j, rows); err != nil {
			t.Fatal(err)
		}
		x, err := os.ReadFile(j.X + ".drawn")
		if err != nil {
			t.Fatal(err)
		}
		labels, err := os.ReadFile(j.Y + ".drawn")
		if err != nil {
			t.Fatal(err)
		}
		row := 4 * j.Inputs
		for name, c := range map[string]struct {
			change func(x, labels []byte) ([]byte, []byte)
			wrong  bool
		}{
			"as it was":       {func(x, labels []byte) ([]byte, []byte) { return x, labels }, false},
			"another label":   {func(x, labels []byte) ([]byte, []byte) { labels[3] ^= 1; return x, labels }, true},
			"another number":  {func(x, labels []byte) ([]byte, []byte) { x[row+1] ^= 1; return x, labels }, true},
			"no rows":         {func(x, labels []byte) ([]byte, []byte) { return nil, nil }, true},
			"half a row":      {func(x, labels []byte) ([]byte, []byte) { return x[row/2:], labels }, true},
			"an input turned": {func(x, labels []byte) ([]byte, []byte) { turn(x, j.Inputs, j.Core); return x, labels }, true},
			"an input that is always 1": {func(x, labels []byte) ([]byte, []byte) {
				for i := range labels {
					copy(x[(i+1)*row-4:], x[4*j.Inputs-4:4*j.Inputs])
				}
				return x, labels
			}, true},
			"a row twice": {func(x, labels []byte) ([]byte, []byte) {
				copy(x, x[row:2*row])
				labels[0] = labels[1]
				return x, labels
			}, data == "epochs" && !bytes.Equal(x[:row], x[row:2*row])},
			"in the set's order": {func(x, labels []byte) ([]byte, []byte) {
				if data == "epochs" {
					return read(t, j.X), read(t, j.Y)
				}
				return x, labels
			}, data == "epochs"},
		} {
			x, labels := c.change(bytes.Clone(x), bytes.Clone(labels))
			write(t, j.X+".drawn", x)
			write(t, j.Y+".drawn", labels)
			if err := j.checkDrawn(); (err != nil) != c.wrong {
				t.Errorf("%s, %s: %v", data, name, err)
			}
		}
	}
}

// turn changes the sign of an input in all rows.
func turn(x []byte, inputs, input int) {
	for i := 4 * input; i < len(x); i += 4 * inputs {
		v := -math.Float32frombits(binary.NativeEndian.Uint32(x[i:]))
		binary.NativeEndian.PutUint32(x[i:], math.Float32bits(v))
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// A mistake of a hundredth in what an optimizer does is further off than the tolerance of proofs, in every job.
func TestAMistakeIsNoticed(t *testing.T) {
	for _, j := range jobs() {
		j := j.prepared()
		if j.Rows == j.Batch { // of c, a tenth of the rows
			j.Rows, j.Batch = j.Rows/10, j.Batch/10
		}
		right, err := j.check(checkSteps)
		if err != nil {
			t.Fatal(err)
		}
		if difference, err := compare(right.Losses, right.Losses, j.Tolerance); err != nil || difference != 0 {
			t.Errorf("job %s differs from itself by %v: %v", j.Name, difference, err)
		}
		j.Rate *= 1.01
		wrong, err := j.check(checkSteps)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := compare(wrong.Losses, right.Losses, j.Tolerance); err == nil {
			t.Errorf("job %s: another rate is not noticed", j.Name)
		}
	}
}

func TestPeersArePython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3")
	}
	out, err := exec.Command(python, "-c", "import ast, glob; [ast.parse(open(f).read(), f) for f in glob.glob('files/*.py')]").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	for _, l := range append(libraries(), imageLibraries()...) {
		if _, err := files.ReadFile("files/" + l.file); err != nil {
			t.Error(err)
		}
	}
}
