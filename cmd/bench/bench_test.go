package main

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
)

func TestSample(t *testing.T) {
	for _, c := range []struct {
		sample        sample
		median, least float64
	}{
		{sample{3}, 3, 3}, {sample{3, 1, 2}, 2, 1}, {sample{4, 1, 2, 8}, 3, 1}, {nil, math.NaN(), math.NaN()},
	} {
		before := append(sample(nil), c.sample...)
		if m, l := c.sample.median(), c.sample.least(); !same(m, c.median) || !same(l, c.least) {
			t.Errorf("%v: median %v and least %v", c.sample, m, l)
		}
		for i := range before {
			if c.sample[i] != before[i] {
				t.Fatalf("%v was changed to %v", before, c.sample)
			}
		}
	}
	if r := (sample{6, 8}).ratioTo(sample{2, 4}); r.Median != 2.5 || r.Fastest != 3 || r.String() != "2.50 / 3.00" {
		t.Errorf("ratio %+v", r)
	}
	if r := (sample{6, 8, 1}).over(sample{2, 4}); len(r) != 2 || r[0] != 3 || r[1] != 2 {
		t.Errorf("ratios %v", r)
	}
}

func same(a, b float64) bool { return a == b || a != a && b != b }

func TestText(t *testing.T) {
	for seconds, want := range map[float64]string{
		1.5e-6: "1.50 µs", 123.4e-6: "123 µs", .012: "12.0 ms", .9996: "1000 ms", 75: "75.0 s",
	} {
		if got := duration(seconds); got != want {
			t.Errorf("%v is written %q, want %q", seconds, got, want)
		}
	}
	if got := (figure{Median: .0021, Least: .0009}).String(); got != "2.10 / 0.90 ms" {
		t.Errorf("a figure is written %q", got)
	}
	if g := atMost(.1, .1); !g.Met || g.verdict() != "met" {
		t.Errorf("0.1 is at most 0.1: %+v", g)
	}
	if g := atLeast(20, 19.9); g.Met || g.verdict() != "missed" {
		t.Errorf("19.9 is at least 20: %+v", g)
	}
	if g := atLeast(20, math.NaN()); g.Met {
		t.Error("what was not measured is met")
	}
}

func TestRender(t *testing.T) {
	got := render([]section{
		{title: "Times", header: []string{"what", "µs"}, rows: [][]string{{"a step", "12.5"}, {"b"}}, notes: []string{"A note."}},
		{notes: []string{"Only text."}},
	})
	want := `### Times

| what   |   µs |
| ------ | ---: |
| a step | 12.5 |
| b      |      |

A note.

Only text.
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestMachine(t *testing.T) {
	name, sets := processor("processor\t: 0\ncpu family\t: 6\nmodel\t\t: 143\nmodel name\t: Some CPU @ 2 GHz\nflags\t\t: fpu avx2 fma avx512f\n\nprocessor\t: 1\nmodel name\t: Other\n")
	if name != "Some CPU @ 2 GHz (family 6, model 143)" || strings.Join(sets, " ") != "avx2 fma avx512f" {
		t.Errorf("processor %q with %v", name, sets)
	}
	if got := memory("MemTotal:       25165824 kB\nMemFree: 1 kB\n"); got != 24 {
		t.Errorf("memory of %v GiB", got)
	}
	if memory("nothing") != 0 || field("a = \"b c\"\n", "a", "=") != "b c" {
		t.Error("fields are read wrongly")
	}
	if m := thisMachine(); m.Cores < 1 || m.Path == "" || m.CPU == "" {
		t.Errorf("this machine is %+v", m)
	}
}

func TestServe(t *testing.T) {
	var out strings.Builder
	err := serve(strings.NewReader(`{"do":"x"} {"do":"bad"}`), &out, func(r *trainRequest) (any, error) {
		if r.Do == "bad" {
			return nil, errors.New("no such thing")
		}
		return trainAnswer{Seconds: 2}, nil
	})
	if want := "{\"seconds\":2,\"steps\":0,\"loss\":0,\"operations\":0}\n{\"error\":\"no such thing\"}\n"; err != nil || out.String() != want {
		t.Errorf("%q, %v", out.String(), err)
	}
	if err := serve(strings.NewReader(`{"do":`), &out, func(*trainRequest) (any, error) { return nil, nil }); err == nil {
		t.Error("half a request is no error")
	}
}

func TestChildErrors(t *testing.T) {
	c, err := startSide(t.Context(), "train", -1)
	if err != nil {
		t.Fatal(err)
	}
	bad := jobs()[0]
	bad.Data, bad.Rows, bad.Core = "cycle", 64, 1000 // more than it has inputs
	if err := c.ask(trainRequest{Do: "train", Job: bad, Steps: 1}, new(trainAnswer)); err == nil || !strings.HasPrefix(err.Error(), "train: ") {
		t.Errorf("a law that makes no sense: %v", err)
	}
	if err := c.ask(trainRequest{Do: "peak"}, new(trainAnswer)); err != nil {
		t.Errorf("after an error: %v", err)
	}
	c.stop()
	c, err = startSide(t.Context(), "nothing", -1)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.ask(1, new(trainAnswer)); err == nil || !strings.Contains(err.Error(), `there is no side "nothing"`) {
		t.Errorf("a side that ends at once: %v", err)
	}
}

func TestEngineSide(t *testing.T) {
	text, err := files.ReadFile("files/fan.hcl")
	if err != nil {
		t.Fatal(err)
	}
	spec := filepath.Join(t.TempDir(), "fan.hcl")
	if err := os.WriteFile(spec, text, 0o644); err != nil {
		t.Fatal(err)
	}
	do := func(r engineRequest) *engineAnswer {
		t.Helper()
		r.Spec, r.Variables = spec, map[string]int{"instances": 5}
		a, err := r.do(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := do(engineRequest{Plan: true}); a.Computed != 0 || a.Heap == 0 || a.Run != 0 {
		t.Errorf("a plan: %+v", a)
	}
	if a := do(engineRequest{Workers: 2}); a.Computed != 7 || a.Cached != 0 {
		t.Errorf("the first run: %+v", a)
	}
	a := do(engineRequest{})
	if a.Computed != 0 || a.Cached != 7 || a.Total < a.Load+a.Plan || a.Load <= 0 || a.Run <= 0 {
		t.Errorf("the second run: %+v", a)
	}
}

func TestJobs(t *testing.T) {
	for _, j := range jobs() {
		law := j.law()
		if ps := law.Check(); len(ps) > 0 || law.Dimensions() != j.Inputs {
			t.Errorf("job %s: law of %d dimensions for %d inputs, problems %v", j.Name, law.Dimensions(), j.Inputs, ps)
		}
		// Forward, and backward for weights; for all layers but the first also for what they read.
		want, in := 0., j.Inputs
		for i, out := range append(append([]int(nil), j.Hidden...), 2) {
			want += float64(min(i, 1)+2) * float64(in*out*j.Batch)
			in = out
		}
		if got := j.multiplyAdds(); got != want {
			t.Errorf("job %s: %v multiply-adds, want %v", j.Name, got, want)
		}
		replayed := 0.
		for _, chunk := range newReplay(&j).chunks {
			for _, o := range chunk {
				replayed += float64(o.m) * float64(o.n) * float64(o.k)
			}
		}
		if replayed != want {
			t.Errorf("job %s: the replay does %v multiply-adds, want %v", j.Name, replayed, want)
		}
	}
	if steps := jobs()[1].epochSteps(); steps != 938 {
		t.Errorf("job b has %d steps an epoch, want 938", steps)
	}
}

// small gives a job of every way to take data, small enough for a test.
func small(t *testing.T, data string) job {
	j := jobs()[0]
	j.Inputs, j.Hidden, j.Batch, j.Core, j.Spurious, j.Data, j.Rows, j.Rate = 8, []int{16}, 10, 2, 1, data, 25, .2
	if data == "cycle" {
		j.Rows = 30
	}
	dir := t.TempDir()
	j.X, j.Y, j.Start = filepath.Join(dir, "x"), filepath.Join(dir, "y"), filepath.Join(dir, "start")
	return j
}

func TestTraining(t *testing.T) {
	for _, data := range []string{"fresh", "epochs", "cycle"} {
		j := small(t, data)
		tr, err := newTraining(&j)
		if err != nil {
			t.Fatal(err)
		}
		first, err := tr.run(50)
		if err != nil {
			t.Fatal(err)
		}
		last, err := tr.run(3000)
		if err != nil || tr.done != 3050 {
			t.Fatalf("%s: %d steps, %v", data, tr.done, err)
		}
		if !(last.Loss < .8*first.Loss) || last.Seconds <= 0 {
			t.Errorf("%s: the loss went from %v to %v", data, first.Loss, last.Loss)
		}
	}
}

func TestWrittenSet(t *testing.T) {
	j := small(t, "cycle")
	if err := j.write(); err != nil {
		t.Fatal(err)
	}
	x, err := os.ReadFile(j.X)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(j.Y)
	if err != nil {
		t.Fatal(err)
	}
	if len(x) != 4*j.Rows*j.Inputs || len(y) != j.Rows {
		t.Fatalf("%d and %d bytes", len(x), len(y))
	}
	source, err := j.source()
	if err != nil {
		t.Fatal(err)
	}
	var b trainloop.Batch
	for row := 0; row < 2*j.Rows; row += b.Rows { // twice round
		source.Next(&b)
		for i := range b.Rows {
			r := (row + i) % j.Rows
			if b.Labels[i] != int16(y[r]) {
				t.Fatalf("row %d: label %d, the file has %d", r, b.Labels[i], y[r])
			}
			want := byte(0x3f) // the highest byte of 1
			if b.Signs[i*((j.Inputs+63)/64)]&1 == 0 {
				want = 0xbf
			}
			if x[4*r*j.Inputs+3] != want && x[4*r*j.Inputs] != want {
				t.Fatalf("row %d: first coordinate %#x, the file has %x", r, b.Signs[i*((j.Inputs+63)/64)]&1, x[4*r*j.Inputs:][:4])
			}
		}
	}
}

// TestDataSide draws a set as it is measured, and reads what was saved.
func TestDataSide(t *testing.T) {
	path := filepath.Join(t.TempDir(), "set")
	var s dataFigure
	s.Name = "Spurion"
	if err := s.measure(t.Context(), dataRequest{Rows: 3000, Dimensions: 50, Strength: .75, Seed: 1, Path: path}); err != nil {
		t.Fatal(err)
	}
	if len(s.times) != 1 || s.times[0] <= 0 || s.Peak < 1<<20 {
		t.Errorf("%+v", s)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table, err := frame.Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	set, err := dataset.FromTable(table)
	if err != nil || set.Train.Rows != 3000 || set.Dimensions != 50 || int64(len(file)) != s.Bytes {
		t.Errorf("%+v, %v", set, err)
	}
}
