package stagetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// A Case is one run of a kind.
type Case struct {
	Name     string
	Settings any // JSON as Settings takes it, or a pointer to the kind's struct
	Inputs   Inputs
	Options  []func(*stages.Run)

	// Decode, if set, gives what a golden test keeps of a file that an output holds: what a decoder reads,
	// where the file's own bytes depend on the compressor of a Go release.
	Decode func(t testing.TB, output string, data []byte) []byte
}

// Conform checks what every kind promises, on each case:
//
//   - outputs are those declared, each as its fields say (Try), and progress never goes back;
//   - equal settings and inputs give equal bytes: a second time, with GOMAXPROCS 1 and 2, and in two
//     goroutines at once;
//   - inputs are not changed;
//   - a column with a mark that the kind does not declare ends the run, and is not passed over;
//   - a context that is cancelled before the run, or in its midst, ends it with that error and
//     before its end;
//
// and on the kind itself that everything is documented: its first line is a sentence, inputs,
// outputs and columns say what they are, and labels have a mark and a purpose that there are; that every
// part of it is in some case; and that it reports progress in some case, or says why it need not.
func Conform(t *testing.T, kind *stages.Kind, cases ...Case) {
	t.Helper()
	t.Run("docs", func(t *testing.T) {
		for _, wrong := range Undocumented(kind) {
			t.Error(wrong)
		}
	})
	t.Run("parts", func(t *testing.T) {
		for _, wrong := range Untried(kind, cases...) {
			t.Error(wrong)
		}
	})
	ran, reported := 0, false
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Helper()
			ran++
			reported = conform(t, kind, c) || reported
		})
	}
	if ran == len(cases) {
		conformProgress(t, kind, reported)
	}
}

// A reporter is told of what does not conform, from several goroutines.
type reporter interface {
	Errorf(format string, args ...any)
	Context() context.Context
}

// conform reports whether the run reported progress.
func conform(t reporter, kind *stages.Kind, c Case) (progress bool) {
	before := c.inputDigests(t)
	first := c.outcome(t, kind)
	conformDeterminism(t, kind, c, first.bytes(t))
	conformCancellation(t, kind, c)
	conformMarks(t, kind, c)
	conformColumns(t, kind, c)
	if after := c.inputDigests(t); !maps.Equal(before, after) {
		t.Errorf("the run changed its inputs")
	}
	return len(first.Progress) > 0
}

// conformProgress is about all cases: one without work to count need not report progress, but a kind that never
// does says why.
func conformProgress(t reporter, kind *stages.Kind, reported bool) {
	switch {
	case kind.Brief != "" && reported:
		t.Errorf("kind %s reports progress, but says that it does not: take its Brief away", kind.Name)
	case kind.Brief == "" && !reported:
		t.Errorf("kind %s reports no progress: call r.Progress(done, total) as its run goes on, or say in its Brief why it need not", kind.Name)
	}
}

func conformDeterminism(t reporter, kind *stages.Kind, c Case, want map[string]string) {
	same := func(how string, got map[string]string) {
		for _, name := range union(got, want) {
			if got[name] != want[name] {
				t.Errorf("output %s has other bytes %s", name, how)
			}
		}
	}
	procs := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(procs)
	for _, n := range []int{1, 2} {
		runtime.GOMAXPROCS(n)
		same(fmt.Sprintf("with GOMAXPROCS=%d", n), c.outcome(t, kind).bytes(t))
	}
	var wg sync.WaitGroup
	results := make([]map[string]string, 2)
	for i := range results {
		wg.Go(func() { results[i] = c.outcome(t, kind).bytes(t) })
	}
	wg.Wait()
	for _, got := range results {
		same("when two run at once", got)
	}
}

func conformCancellation(t reporter, kind *stages.Kind, c Case) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Try(ctx, kind, fresh(c.Settings), c.Inputs, c.Options...); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context cancelled before, the run gave %v", err)
	}

	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	midst := false
	options := append(c.Options[:len(c.Options):len(c.Options)], func(r *stages.Run) {
		report := r.Progress
		r.Progress = func(done, total int64) {
			report(done, total)
			if done > 0 && done < total {
				midst = true
				cancel()
			}
		}
	})
	out, err := Try(ctx, kind, fresh(c.Settings), c.Inputs, options...)
	if !midst {
		return // the run is too short to report a midst
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("with a context cancelled in its midst, the run gave %v", err)
	}
	if last := out.Progress[len(out.Progress)-1]; last.Done == last.Total {
		t.Errorf("with a context cancelled in its midst, the run went on to the end")
	}
}

// conformMarks marks a column of each table in turn with what the kind does not declare. A run that
// asks for the table must end with the refusal.
func conformMarks(t reporter, kind *stages.Kind, c Case) {
	for name, list := range c.Inputs {
		for i, a := range list {
			if a.Path != "" || a.Extension != "" {
				continue
			}
			table, err := a.Table()
			if err != nil {
				t.Errorf("input %s: %v", name, err)
				continue
			}
			for _, mark := range frame.Marks {
				changed := &frame.Table{Columns: slices.Clone(table.Columns), Meta: table.Meta}
				if len(changed.Columns) == 0 || kind.Refusal([]frame.Field{{Mark: mark}}) == nil {
					continue
				}
				changed.Columns[0].Mark = mark
				asked := false
				given := Table(changed)
				given.Key, given.Axes = a.Key, a.Axes
				given.Table = func() (*frame.Table, error) { asked = true; return changed, nil }
				inputs := maps.Clone(c.Inputs)
				inputs[name] = slices.Clone(list)
				inputs[name][i] = given
				_, err := Try(t.Context(), kind, fresh(c.Settings), inputs, c.Options...)
				var refused *stages.MarkError
				if asked && !errors.As(err, &refused) {
					t.Errorf("input %s: given a column %s, marked %s, which is not declared, the run did not end with that error but with %v", name, changed.Columns[0].Name, mark, err)
				}
			}
		}
	}
}

// conformColumns checks that a kind which may write a table of columns that only a run knows says so.
func conformColumns(t reporter, kind *stages.Kind, c Case) {
	settings := fresh(c.Settings)
	if text, ok := settings.(string); ok {
		var err error
		if settings, err = Settings(kind, text); err != nil {
			t.Errorf("%v", err)
			return
		}
	}
	for _, o := range kind.OutputsOf(settings)[len(kind.Outputs):] {
		if !o.Foreseen() && !kind.Unforeseen {
			t.Errorf("the columns of output %s are known to a run alone: set Fields, OthersOf, or the kind's Unforeseen", o.Name)
		}
	}
}

// outcome runs the case; if that fails, what it left is taken for nothing.
func (c Case) outcome(t reporter, kind *stages.Kind) *Outcome {
	out, err := Try(t.Context(), kind, fresh(c.Settings), c.Inputs, c.Options...)
	if err != nil {
		t.Errorf("%s: %v", kind.Name, err)
		return &Outcome{}
	}
	return out
}

// bytes gives the digest of each output's bytes.
func (out *Outcome) bytes(t reporter) map[string]string {
	d := out.digests()
	for name, table := range out.Tables {
		data, err := frame.Encode(table)
		if err != nil {
			t.Errorf("output %s: %v", name, err)
		}
		d[name] += digest(data)
	}
	return d
}

func (c Case) inputDigests(t reporter) map[string]string {
	d := make(map[string]string)
	for name, list := range c.Inputs {
		for i, a := range list {
			if a.Path != "" {
				continue
			}
			table, err := a.Table()
			if err != nil {
				t.Errorf("input %s: %v", name, err)
				continue
			}
			d[fmt.Sprint(name, i)] = Digest(table)
		}
	}
	return d
}

// Undocumented lists what a reader of the reference would miss in the kind.
func Undocumented(kind *stages.Kind) []string {
	var wrong []string
	missing := func(doc, format string, args ...any) {
		if strings.TrimSpace(doc) == "" {
			wrong = append(wrong, fmt.Sprintf(format, args...)+" has no doc")
		}
	}
	first, _, _ := strings.Cut(kind.Doc, "\n")
	if !strings.Contains(kind.Doc, ".") || first == "" || strings.HasPrefix(first, " ") {
		wrong = append(wrong, "the kind's doc does not begin with a sentence")
	}
	for _, in := range kind.Inputs {
		missing(in.Doc, "input %s", in.Name)
	}
	for _, o := range kind.Outputs {
		missing(o.Doc, "output %s", o.Name)
		if o.Fields == nil && o.Extension == "" {
			missing(o.Others, "what columns the table %s has (Fields or Others)", o.Name)
		}
		for _, f := range o.Fields {
			missing(f.Doc, "column %s.%s", o.Name, f.Name)
			if measured := f.Type == frame.Float64 || f.Type == frame.Float32; measured && f.Unit == "" {
				wrong = append(wrong, fmt.Sprintf("column %s.%s has no unit", o.Name, f.Name))
			}
		}
	}
	for _, l := range kind.Labels {
		if !slices.Contains(frame.Marks, l.Mark) || !slices.Contains(stages.Purposes, l.Purpose) {
			wrong = append(wrong, fmt.Sprintf("the label %s for %s is none: marks are %v, purposes %v", l.Mark, l.Purpose, frame.Marks, stages.Purposes))
		}
	}
	return wrong
}
