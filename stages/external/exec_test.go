package external

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/stagetest"
)

// fake stands for the engine: it records the command and answers with a result.
type fake struct {
	got    stages.Command
	result stages.CommandResult
	err    error
}

func (f *fake) option(r *stages.Run) {
	r.Command = func(ctx context.Context, c stages.Command) (*stages.CommandResult, error) {
		f.got = c
		return &f.result, f.err
	}
}

// shell stands for the engine by running the program, in a folder of the test.
func shell(t *testing.T) func(*stages.Run) {
	return func(r *stages.Run) {
		r.Command = func(ctx context.Context, c stages.Command) (*stages.CommandResult, error) {
			dir := t.TempDir()
			for path := range c.Files {
				full := filepath.Join(dir, path)
				if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
					return nil, err
				}
				if err := os.WriteFile(full, laid(t, c, path), 0o644); err != nil {
					return nil, err
				}
			}
			cmd := exec.CommandContext(ctx, c.Args[0], c.Args[1:]...)
			cmd.Dir = dir
			cmd.Env = []string{}
			for _, name := range slices.Sorted(maps.Keys(c.Env)) {
				cmd.Env = append(cmd.Env, name+"="+c.Env[name])
			}
			var out, errs strings.Builder
			cmd.Stdout, cmd.Stderr = &out, &errs
			err := cmd.Run()
			var exit *exec.ExitError
			if err != nil && !errors.As(err, &exit) {
				return nil, err
			}
			result := &stages.CommandResult{
				ExitCode: cmd.ProcessState.ExitCode(), Stdout: printed(out.String()), Stderr: printed(errs.String()),
				Collected: map[string][]byte{},
			}
			for _, path := range c.Collect {
				if data, err := os.ReadFile(filepath.Join(dir, path)); err == nil {
					result.Collected[path] = data
				}
			}
			return result, nil
		}
	}
}

// laid gives what would be laid out at a path.
func laid(t *testing.T, c stages.Command, path string) []byte {
	t.Helper()
	source, ok := c.Files[path]
	if !ok {
		t.Fatalf("nothing is laid out as %s", path)
	}
	var b bytes.Buffer
	if err := source.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// printed is what the engine tells of a text: its last lines.
func printed(text string) stages.Printed {
	text = strings.TrimSuffix(text, "\n")
	if text == "" {
		return stages.Printed{}
	}
	lines := strings.Split(text, "\n")
	return stages.Printed{Lines: len(lines), Last: lines[max(0, len(lines)-20):]}
}

func table(t *testing.T, values ...float64) (*frame.Table, []byte) {
	t.Helper()
	table := &frame.Table{
		Columns: []frame.Column{frame.Float64s(frame.Field{Name: "loss", Unit: "nats", Doc: "the loss"}, values)},
		Meta:    map[string]string{"spurion.dataset": "{}", "made_by": "a library"},
	}
	data, err := frame.Encode(table)
	if err != nil {
		t.Fatal(err)
	}
	return table, data
}

func variable(name, value string) stages.Artifact {
	return stagetest.File(name, []byte(value))
}

// TestLaidOut checks what the program is given.
func TestLaidOut(t *testing.T) {
	data, encoded := table(t, 1, 2)
	a := stagetest.Table(data)
	a.Key = "train"
	report := stagetest.File("", []byte("<html>"))
	report.Key, report.Extension = "report", ".html"
	f := &fake{}
	_, err := stagetest.Try(t.Context(), Kind, `{"command": ["python3", "a/fit.py"], "timeout": 1.5, "seed": -3, "environment": {"A": "1"}, "pass": ["TOKEN"],
		"retry": {"times": 2, "on_exit": [75], "wait": 0.5}}`,
		stagetest.Inputs{
			"inputs":  {a, report},
			"files":   {stagetest.File("a/fit.py", []byte("print()"))},
			"inherit": {variable("HOME", "/somewhere")},
		}, f.option)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(f.got.Args, []string{"python3", "a/fit.py"}) || f.got.Timeout != 1500*time.Millisecond {
		t.Errorf("the command is %v within %v", f.got.Args, f.got.Timeout)
	}
	if want := map[string]string{"A": "1", "HOME": "/somewhere", "SPURION_SEED": "-3"}; !maps.Equal(f.got.Env, want) {
		t.Errorf("the environment is %v", f.got.Env)
	}
	if !slices.Equal(f.got.Pass, []string{"TOKEN"}) || !slices.Equal(f.got.Secret, []string{"HOME"}) {
		t.Errorf("handed on are %v, masked %v besides", f.got.Pass, f.got.Secret)
	}
	if r := f.got.Retry; r.Times != 2 || !slices.Equal(r.OnExit, []int{75}) || r.Wait != 500*time.Millisecond || r.Backoff != 1 {
		t.Errorf("it is run again as %+v says", r)
	}
	if len(f.got.Files) != 3 || string(laid(t, f.got, "inputs/report.html")) != "<html>" || string(laid(t, f.got, "a/fit.py")) != "print()" ||
		string(laid(t, f.got, "inputs/train.parquet")) != string(encoded) {
		t.Errorf("the files are %q", slices.Sorted(maps.Keys(f.got.Files)))
	}
}

// TestShell runs real programs: tables in, tables and files out.
func TestShell(t *testing.T) {
	data, _ := table(t, 1, 2)
	a := stagetest.Table(data)
	a.Key = "data"
	out, err := stagetest.Try(t.Context(), Kind, `{
		"command": ["sh", "copy.sh", "an argument"],
		"environment": {"GREETING": "hello"},
		"output": {
			"copy": {"path": "copy.parquet"},
			"rows": {"path": "sub/rows.csv", "format": "csv"},
			"note": {"path": "note.md", "format": "file"},
			"stdout": {"path": "said.txt", "format": "file"}
		}}`,
		stagetest.Inputs{"inputs": {a}, "files": {stagetest.File("copy.sh", []byte(`
			set -e
			cp inputs/data.parquet copy.parquet
			mkdir sub
			printf 'name,n,share,ok\na,1,0.5,true\nb,,2,false\n' > sub/rows.csv
			printf '%s' "$1" > note.md
			echo "$GREETING, ${HOME-nobody}" > said.txt
		`))}}, shell(t))
	if err != nil {
		t.Fatal(err)
	}
	copied := out.Tables["copy"]
	if !slices.Equal(copied.Columns[0].Float64s, []float64{1, 2}) || copied.Columns[0].Unit != "nats" {
		t.Errorf("the copy is %+v", copied.Columns[0])
	}
	if !maps.Equal(copied.Meta, map[string]string{"spurion.dataset": "{}"}) {
		t.Errorf("the copy's metadata are %v", copied.Meta)
	}
	rows := out.Tables["rows"]
	for name, typ := range map[string]frame.Type{"name": frame.String, "n": frame.Int64, "share": frame.Float64, "ok": frame.Bool} {
		if c := rows.Column(name); c == nil || c.Type != typ || c.Nullable != (name == "n") {
			t.Errorf("column %s is %+v", name, c)
		}
	}
	if !rows.Column("n").Null(1) || rows.Column("share").Float64s[1] != 2 || rows.Column("ok").Bools[1] {
		t.Errorf("the rows are %+v", rows)
	}
	for name, want := range map[string]string{"note": "an argument", "stdout": "hello, nobody\n"} {
		if string(out.Files[name]) != want {
			t.Errorf("%s is %q", name, out.Files[name])
		}
	}
}

func TestFailures(t *testing.T) {
	long := strings.Repeat("line\n", 100) + "Traceback: x is not y\n" + "no luck"
	const one = `{"command": ["fit"], "output": {"a": {"path": "a.parquet"}, "b": {"path": "b.csv", "format": "csv"}}}`
	_, parquet := table(t, 1)
	csv := func(text string) map[string][]byte {
		return map[string][]byte{"a.parquet": parquet, "b.csv": []byte(text)}
	}
	for _, c := range []struct {
		name string
		fake fake
		want []string
	}{
		{"exit code", fake{result: stages.CommandResult{ExitCode: 7, Stdout: printed("loss 1"), Stderr: printed(long)}},
			[]string{"fit ended with exit code 7: no luck\nthe last 20 of 102 lines of its stderr:\n  line\n", "  Traceback: x is not y\n  no luck"}},
		{"one line", fake{result: stages.CommandResult{ExitCode: 7, Stderr: printed("no luck")}}, []string{"fit ended with exit code 7: no luck"}},
		{"stdout only", fake{result: stages.CommandResult{ExitCode: 1, Stdout: printed("oh\nno\n")}}, []string{"exit code 1: no\nits stdout:\n  oh\n  no"}},
		{"silent", fake{result: stages.CommandResult{ExitCode: 9}}, []string{"exit code 9; it printed nothing"}},
		{"killed", fake{result: stages.CommandResult{ExitCode: 137, Signal: "killed", Attempts: 3}},
			[]string{"fit was ended by a signal (killed), often for want of memory, at the last of 3 attempts; it printed nothing"}},
		{"not started", fake{err: errors.New("not found")}, []string{"fit: not found"}},
		{"timeout", fake{err: errors.New("timed out after 1s"), result: stages.CommandResult{Stderr: printed("step 7")}}, []string{"fit: timed out after 1s: step 7"}},
		{"missing", fake{result: stages.CommandResult{Stderr: printed("done")}},
			[]string{`without writing output "a" (a.parquet), output "b" (b.csv)`, "it left no files", "done"}},
		{"misnamed", fake{result: stages.CommandResult{Left: []string{"A.parquet", "b/b.csv"}}}, []string{"it left A.parquet, b/b.csv"}},
		{"not Parquet", fake{result: stages.CommandResult{Collected: map[string][]byte{"a.parquet": []byte("x"), "b.csv": []byte("n\n1\n")}}},
			[]string{`a.parquet: output "a":`}},
		{"empty CSV", fake{result: stages.CommandResult{Collected: csv("")}}, []string{`b.csv: output "b":`, "empty"}},
		{"ragged CSV", fake{result: stages.CommandResult{Collected: csv("n,m\n1\n")}}, []string{"line 2"}},
		{"NaN", fake{result: stages.CommandResult{Collected: csv("n\n1\nNaN\n")}}, []string{`column n, line 3: "NaN" stands among numbers`, `null = ["NaN"]`}},
		{"name", fake{result: stages.CommandResult{Collected: csv("N rows\n1\n")}}, []string{`n_rows = { from = "N rows" }`}},
		{"not text", fake{result: stages.CommandResult{Collected: csv("n\n\xff\n")}}, []string{"UTF-8"}},
	} {
		_, err := stagetest.Try(t.Context(), Kind, one, nil, c.fake.option)
		if err == nil {
			t.Errorf("%s: no error", c.name)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %q is not in: %v", c.name, want, err)
			}
		}
		if len(err.Error()) > 8000 {
			t.Errorf("%s: the message has %d bytes", c.name, len(err.Error()))
		}
	}
	cause := errors.New("timed out")
	if _, err := stagetest.Try(t.Context(), Kind, one, nil, (&fake{err: cause}).option); !errors.Is(err, cause) {
		t.Errorf("the engine's error is lost: %v", err)
	}
}

func TestClashes(t *testing.T) {
	script := stagetest.File("fit.sh", []byte("true"))
	data, _ := table(t, 1)
	a := stagetest.Table(data)
	a.Key = "data"
	for _, c := range []struct {
		settings string
		inputs   stagetest.Inputs
		want     string
	}{
		{`{"command": ["sh"], "output": {"a": {"path": "fit.sh", "format": "file"}}}`, stagetest.Inputs{"files": {script}}, "written over the input fit.sh"},
		{`{"command": ["sh"]}`, stagetest.Inputs{"files": {script, script}}, "two inputs would be laid out as fit.sh"},
		{`{"command": ["sh"]}`, stagetest.Inputs{"inputs": {a}, "files": {stagetest.File("inputs/data.parquet", nil)}}, "two inputs"},
		{`{"command": ["sh"], "environment": {"A": "1"}}`, stagetest.Inputs{"inherit": {variable("A", "2")}}, "variable A is given twice"},
		{`{"command": ["sh"], "pass": ["A"]}`, stagetest.Inputs{"inherit": {variable("A", "2")}}, "is in the key, what is passed is not"},
		{`{"command": ["sh"]}`, stagetest.Inputs{"inherit": {variable("A", "2"), variable("A", "2")}}, "Once is enough"},
		{`{"command": ["sh"], "seed": 1}`, stagetest.Inputs{"inherit": {variable("SPURION_SEED", "2")}}, "set by seed"},
	} {
		f := &fake{}
		_, err := stagetest.Try(t.Context(), Kind, c.settings, c.inputs, f.option)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.settings, err, c.want)
		}
		if f.got.Args != nil {
			t.Errorf("%s: the program ran", c.settings)
		}
	}
}

func TestCheck(t *testing.T) {
	output := func(body string) string { return `{"command": ["sh"], "output": {` + body + `}}` }
	for settings, want := range map[string]string{
		`{}`:                                "setting command is required",
		`{"command": []}`:                   "setting command is empty",
		`{"command": [""]}`:                 "no program",
		`{"command": ["./fit.sh"]}`:         `["sh", "fit.sh"]`,
		`{"command": ["./a/fit.py", "-v"]}`: `files = ["a/fit.py"], and name what runs it: command = ["python3", "a/fit.py"]`,
		`{"command": ["bin/fit"]}`:          `such as ["sh", "bin/fit"]`,
		`{"command": ["a\u0000b"]}`:         "zero byte",
		`{"command": ["sh"], "environment": {"A=B": "1"}}`:                     "cannot name a variable",
		`{"command": ["sh"], "pass": [""]}`:                                    "cannot name a variable",
		`{"command": ["sh"], "pass": ["A", "A"]}`:                              "Once is enough",
		`{"command": ["sh"], "pass": ["A"], "environment": {"A": "1"}}`:        "It stands in environment as well",
		`{"command": ["sh"], "seed": 1, "environment": {"SPURION_SEED": "1"}}`: "set by seed",
		`{"command": ["sh"], "seed": 1, "pass": ["SPURION_SEED"]}`:             "set by seed",
		`{"command": ["sh"], "retry": {"times": 0}}`:                           "at least 1",
		`{"command": ["sh"], "retry": {}}`:                                     "required",
		`{"command": ["sh"], "retry": {"times": 1, "on_exit": [0]}}`:           "at least 1",
		`{"command": ["sh"], "timeout": 0}`:                                    "above 0",
		output(`"a": {"path": "../x.parquet"}`):                                "leaves",
		output(`"a": {"path": "b/../../x.parquet"}`):                           "leaves",
		output(`"a": {"path": ".."}`):                                          "leaves",
		output(`"a": {"path": "/tmp/x.parquet"}`):                              "relative",
		output(`"a": {"path": "C:x.parquet"}`):                                 "relative",
		output(`"a": {"path": "b//x.parquet"}`):                                "Write it as b/x.parquet",
		output(`"a": {"path": "b\\x.parquet"}`):                                "forward slashes",
		output(`"a": {"path": ""}`):                                            "Name a file",
		output(`"a": {"path": "inputs/x.parquet"}`):                            "inputs",
		output(`"a": {"path": "x"}, "b": {"path": "x"}`):                       "share a path",
		output(`"a": {"path": "x", "format": "file", "type": "dataset"}`):      "not a dataset",
		output(`"a": {"path": "x", "format": "csv", "type": "model"}`):         "cannot be CSV",
		output(`"a": {"path": "x", "format": "xlsx"}`):                         "xlsx",
		output(`"a": {"format": "csv"}`):                                       "required",
	} {
		_, err := stagetest.Try(t.Context(), Kind, settings, nil, (&fake{}).option)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", settings, err, want)
		}
	}
}

// TestOutputs checks what a spec may refer to.
func TestOutputs(t *testing.T) {
	s, err := stagetest.Settings(Kind, `{"command": ["sh"], "output": {
		"set": {"path": "d.parquet", "type": "dataset"}, "plot": {"path": "p.svg", "format": "file"}, "raw": {"path": "raw", "format": "file"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range Kind.OutputsOf(s) {
		got = append(got, o.Name+":"+o.Type+o.Extension)
	}
	if want := []string{"plot:.svg", "raw:.bin", "set:dataset"}; !slices.Equal(got, want) {
		t.Errorf("outputs are %v, want %v", got, want)
	}
}

// TestDataset: what another program wrote becomes a data set like spurion's own, or is refused.
func TestDataset(t *testing.T) {
	columns := []frame.Column{
		frame.Strings(frame.Field{Name: "split"}, []string{"train", "test"}),
		frame.Int64s(frame.Field{Name: "label"}, []int64{1, 0}),
		frame.Int64s(frame.Field{Name: "attribute"}, []int64{0, 0}),
		frame.Float32Lists(frame.Field{Name: "inputs"}, []float32{0.5, 1, 2, 3}, frame.EqualOffsets(2, 2)),
		frame.Strings(frame.Field{Name: "file"}, []string{"a", "b"}),
	}
	content, err := frame.Encode(&frame.Table{Columns: columns})
	if err != nil {
		t.Fatal(err)
	}
	got, err := File{Format: "parquet", Type: "dataset"}.table(content)
	if err != nil {
		t.Fatal(err)
	}
	var text []string
	for _, c := range got.Columns {
		text = append(text, fmt.Sprintf("%s %v %s", c.Name, c.Type, c.Mark))
	}
	want := "split string split, label int8 , attribute int8 attribute, group int8 group, inputs list<float32> "
	if strings.Join(text, ", ") != want {
		t.Errorf("got %s, want %s", strings.Join(text, ", "), want)
	}
	if _, err := dataset.FromTable(got); err != nil {
		t.Error(err)
	}
	plain, err := File{Format: "parquet", Type: "table"}.table(content)
	if err != nil || plain.Column("file") == nil || plain.Column("split").Mark != "" {
		t.Errorf("as a table it is %+v, %v", plain, err)
	}
	columns[1] = frame.Int64s(frame.Field{Name: "label"}, []int64{1, 7})
	if content, err = frame.Encode(&frame.Table{Columns: columns}); err != nil {
		t.Fatal(err)
	}
	if _, err := (File{Format: "parquet", Type: "dataset"}).table(content); err == nil || !strings.Contains(err.Error(), "label") {
		t.Errorf("a label of 7 gives %v", err)
	}
	if _, err := (File{Format: "parquet", Type: "model"}).table(content); err == nil {
		t.Error("a data set is taken for a model")
	}
}

func TestConform(t *testing.T) {
	_, parquet := table(t, 1, 2)
	f := &fake{result: stages.CommandResult{Stdout: printed("x"), Collected: map[string][]byte{"a.parquet": parquet}}}
	stagetest.Conform(t, Kind, stagetest.Case{
		Name: "fake", Settings: `{"command": ["sh"], "output": {"a": {"path": "a.parquet"}}}`,
		Options: []func(*stages.Run){func(r *stages.Run) {
			r.Command = func(context.Context, stages.Command) (*stages.CommandResult, error) { return &f.result, nil }
		}},
	})
}

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, stagetest.Case{
		Settings: `{"command": ["sh"], "output": {"a": {"path": "a.csv", "format": "csv"}}}`,
		Options: []func(*stages.Run){(&fake{result: stages.CommandResult{
			Stdout: printed("x"), Collected: map[string][]byte{"a.csv": []byte("group,share,name\n1,0.1,a\n,2,b\n")},
		}}).option},
	}, map[string]string{"a": "ee124c707a907a7b4f1ccfa4e1280c71fb2eb71a7cba0e3ffe05509b99714dc3"})
}

// TestArrow: an output declared as Arrow is read from a file and from a stream, one of another format says what to declare.
func TestArrow(t *testing.T) {
	made, parquet := table(t, 1, 2)
	for _, format := range []frame.Format{frame.ArrowFile, frame.ArrowStream} {
		var b bytes.Buffer
		w, err := frame.NewWriter(&b, made.Fields(), frame.WriterOptions{Format: format, Compression: "zstd"})
		if err == nil {
			err = errors.Join(w.Write(made), w.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		got, err := File{Format: "arrow", Type: "table"}.table(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(got.Columns) != fmt.Sprint(made.Columns) {
			t.Errorf("%s: %v, want %v", format, got.Columns, made.Columns)
		}
		for declared, want := range map[string]string{"parquet": `declare format = "arrow"`, "csv": `declare format = "arrow"`} {
			_, err := File{Format: declared, Type: "table"}.table(b.Bytes())
			if known := new(stages.DeclarationError); !errors.As(err, &known) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s declared as %s: %v", format, declared, err)
			}
		}
		if _, err := (File{Format: "arrow", Type: "table"}).table(b.Bytes()[:b.Len()-9]); err == nil || !strings.Contains(err.Error(), "cut short") {
			t.Errorf("a %s that is cut: %v", format, err)
		}
	}
	for content, want := range map[string]string{string(parquet): `declare format = "parquet"`, "a,b\n1,2\n": "text, not Arrow", "": "empty; Arrow never is", "\x00\x01": "not Arrow"} {
		if _, err := (File{Format: "arrow", Type: "table"}).table([]byte(content)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.10q declared as Arrow: %v, want %q", content, err, want)
		}
	}
}
