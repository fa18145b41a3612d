package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

func TestTableOfAllInstances(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source := s.train(t)
	report := publish(t, s.out(dir), source)
	wantPaths(t, dir, "index.json", "tables/train.erm.history.parquet")
	table := readTable(t, filepath.Join(dir, "tables/train.erm.history.parquet"))
	want := []frame.Field{
		{Name: "strength", Type: frame.Float64, Doc: "axis of train.erm"},
		{Name: "seed", Type: frame.Int64, Doc: "axis of train.erm"},
		historyFields[0], historyFields[1],
	}
	if err := table.Check(want); err != nil {
		t.Error(err)
	}
	if table.Rows() != 30 || table.Column("strength").Float64s[29] != 1 || table.Column("seed").Int64s[9] != 1 {
		t.Error("other rows, or another order")
	}
	for key, want := range map[string]string{
		"spurion.spec": "quick", "spurion.stage": "train.erm", "spurion.kind": "train", "spurion.kind_version": "1",
		"spurion.output": "history", "spurion.axes": `["strength","seed"]`, "spurion.instances": "6", "spurion.missing": "0",
	} {
		if table.Meta[key] != want {
			t.Errorf("metadata %s is %q, not %q", key, table.Meta[key], want)
		}
	}
	if len(table.Meta["spurion.keys"]) != 64 {
		t.Errorf("keys digest %q", table.Meta["spurion.keys"])
	}
	index := readIndex(t, dir)
	e := index.Files[0]
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(e.Path)))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(data)
	if e.SHA256 != hex.EncodeToString(sum[:]) || e.Bytes != int64(len(data)) || e.Rows != 30 || e.Instances != 6 || e.Missing != 0 {
		t.Errorf("%+v", e)
	}
	if len(e.Columns) != 4 || e.Columns[3] != (IndexColumn{Name: "loss", Type: "float64", Unit: "nats", Doc: "Mean loss", Nullable: true}) {
		t.Errorf("columns %+v", e.Columns)
	}
	if index.FormatVersion != 1 || index.Spec != "quick" || index.Variables["seeds"] != "3" {
		t.Errorf("%+v", index)
	}
	f := report.Files[0]
	if f != (File{Path: e.Path, Stage: "train.erm", Output: "history", Rows: 30, Bytes: e.Bytes, Written: true}) {
		t.Errorf("%+v", f)
	}
}

// The same sources give the same bytes, whatever was there before and however many processors.
func TestEqualSourcesGiveEqualFolders(t *testing.T) {
	s := newStore()
	source := s.train(t)
	first, second := t.TempDir(), t.TempDir()
	publish(t, s.out(first), source)
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	other := source
	other.Instances = source.Instances[:2]
	publish(t, s.out(second), other)
	publish(t, s.out(second), source)
	a, b := tree(t, first), tree(t, second)
	if fmt.Sprint(a) != fmt.Sprint(b) {
		t.Error("the folders differ")
	}
}

func TestNothingChanged(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source := s.train(t)
	image := s.image()
	publish(t, s.out(dir), source, image)
	before := tree(t, dir)
	stamp := func() string {
		info, err := os.Stat(filepath.Join(dir, "tables/train.erm.history.parquet"))
		if err != nil {
			t.Fatal(err)
		}
		return info.ModTime().String()
	}
	at := stamp()
	s.reads = 0
	report := publish(t, s.out(dir), source, image)
	if s.reads != 0 || stamp() != at {
		t.Errorf("%d blobs read, file written anew: %v", s.reads, stamp() != at)
	}
	for _, f := range report.Files {
		if f.Written {
			t.Errorf("%s was written", f.Path)
		}
	}
	if report.Files[0].Rows != 30 || report.Files[0].Bytes == 0 {
		t.Errorf("%+v", report.Files[0])
	}
	if fmt.Sprint(tree(t, dir)) != fmt.Sprint(before) {
		t.Error("the folder changed")
	}
}

// Where one result of many is another, only the tables that it stands in are gathered again; a table that was deleted, cut
// or edited is gathered again too, and no other.
func TestOnlyWhatChanged(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	var sources []Source
	for i := range 6 { // more than are made at once
		source := s.many(t, 20+i, 20+i)
		source.Name = fmt.Sprintf("m%d", i)
		sources = append(sources, source)
	}
	table := func(i int) string { return filepath.Join(dir, fmt.Sprintf("tables/train.m%d.summary.parquet", i)) }
	publish(t, s.out(dir), sources...)
	for _, c := range []struct {
		what string
		do   func() error
	}{
		{"nothing", func() error { return nil }},
		{"another result", func() error { sources[3].Instances[5].Digest = s.put(wide(t, 1000)); return nil }},
		{"another axis value", func() error {
			sources[3].Instances[5].Axes[0].Value = int64(77)
			sources[3].Instances[5].Address = "train.m3[seed=77]"
			return nil
		}},
		{"a result less", func() error { sources[3].Instances[5].Digest = ""; return nil }},
		{"the table is deleted", func() error { return os.Remove(table(3)) }},
		{"the table is cut", func() error { return os.Truncate(table(3), 700) }},
		{"a bit of it is flipped", func() error { return flipBit(table(3)) }},
		{"it is replaced by others", func() error { return os.WriteFile(table(3), []byte("mine"), 0o644) }},
	} {
		if err := c.do(); err != nil {
			t.Fatal(err)
		}
		s.reads = 0
		want := 0
		if c.what != "nothing" {
			want = len(sources[3].present())
		}
		report := publish(t, s.out(dir), sources...)
		for i, f := range report.Files {
			if f.Written != (i == 3 && want > 0) || f.Stage != fmt.Sprintf("train.m%d", i) {
				t.Errorf("%s: file %d is %+v", c.what, i, f)
			}
		}
		if s.reads != want {
			t.Errorf("%s: %d results are read, not %d", c.what, s.reads, want)
		}
		other := t.TempDir()
		publish(t, s.out(other), sources...)
		if fmt.Sprint(tree(t, other)) != fmt.Sprint(tree(t, dir)) {
			t.Errorf("%s: what is brought up to date differs from what is made anew", c.what)
		}
	}
}

func flipBit(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	data[len(data)/3] ^= 1
	return os.WriteFile(path, data, 0o644)
}

func (s *store) image() Source {
	source := Source{Kind: "plot", Name: "curve", Output: "image", Axes: []string{"method"}}
	for _, method := range []string{"erm", "group dro", "a/../b", "ERM"} {
		in := s.instance("plot.curve", []byte("image of "+method), stages.Axis{Name: "method", Value: method})
		in.Extension = ".svg"
		source.Instances = append(source.Instances, in)
	}
	return source
}

func TestFilesOfRawBytes(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	text := Source{Kind: "exec", Name: "report", Output: "stdout"}
	in := s.instance("exec.report", []byte("done\n"))
	in.Extension = ".txt"
	text.Instances = []Instance{in}
	publish(t, s.out(dir), s.image(), text)
	upper := "figures/plot.curve.image/method=ERM-" + shortDigest("plot.curve[method=ERM]") + ".svg"
	wantPaths(t, dir, "index.json", "files/exec.report.stdout.txt",
		"figures/plot.curve.image/method=erm.svg", "figures/plot.curve.image/method=group%20dro.svg",
		"figures/plot.curve.image/method=a%2F..%2Fb.svg", upper)
	files := tree(t, dir)
	if files["files/exec.report.stdout.txt"] != "done\n" || files[upper] != "image of ERM" {
		t.Error("other content")
	}
}

// A stage that gets its first axis has a folder where it had a file, and the other way round.
func TestFileBecomesFolder(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	one := Source{Kind: "figure", Name: "curve", Output: "svg"}
	in := s.instance("figure.curve", []byte("one"))
	in.Extension = ".svg"
	one.Instances = []Instance{in}
	many := Source{Kind: "figure", Name: "curve", Output: "svg", Axes: []string{"size"}}
	for _, size := range []string{"min", "std"} {
		in := s.instance("figure.curve", []byte(size), stages.Axis{Name: "size", Value: size})
		in.Extension = ".svg"
		many.Instances = append(many.Instances, in)
	}
	single := []string{"index.json", "figures/figure.curve.svg"}
	several := []string{"index.json", "figures/figure.curve.svg/size=min.svg", "figures/figure.curve.svg/size=std.svg"}
	for _, c := range []struct {
		source Source
		want   []string
		gone   int
	}{{one, single, 0}, {many, several, 1}, {one, single, 2}} {
		report := publish(t, s.out(dir), c.source)
		wantPaths(t, dir, c.want...)
		if len(report.Removed) != c.gone {
			t.Errorf("removed %q", report.Removed)
		}
	}
	// what is not ours is left where it is
	foreign := t.TempDir()
	if err := os.MkdirAll(filepath.Join(foreign, "figures"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "figures/figure.curve.svg"), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.Context(), s.out(foreign), []Source{many}); err == nil {
		t.Error("somebody's file made way")
	}
	if files := tree(t, foreign); files["figures/figure.curve.svg"] != "mine" {
		t.Error("somebody's file is gone")
	}
}

// What an instance is made of decides whether the file is made again; what does not reach the file
// does not.
func TestWhatChangesAFile(t *testing.T) {
	s := newStore()
	for _, test := range []struct {
		name   string
		change func(*Source, *Out)
		want   bool
	}{
		{"a blob", func(x *Source, _ *Out) { x.Instances[3].Digest = s.put(encode(t, history(t, 4, 9))) }, true},
		{"a key", func(x *Source, _ *Out) { x.Instances[3].Key = strings.Repeat("a", 64) }, true},
		{"the order", func(x *Source, _ *Out) {
			x.Instances[0], x.Instances[1] = x.Instances[1], x.Instances[0]
		}, true},
		{"one missing", func(x *Source, _ *Out) { x.Instances[3].Digest = "" }, true},
		{"whole number", func(x *Source, _ *Out) {
			for i := range x.Instances {
				x.Instances[i].Axes[1].Value = float64(x.Instances[i].Axes[1].Value.(int64))
			}
		}, true},
		{"the program", func(_ *Source, o *Out) { o.Program = "v1" }, false},
		{"a variable", func(_ *Source, o *Out) { o.Variables = map[string]string{"seeds": "9"} }, false},
		{"the size on record", func(x *Source, _ *Out) { x.Instances[0].Size = 1 }, false},
	} {
		dir := t.TempDir()
		source, out := s.train(t), s.out(dir)
		publish(t, out, source)
		test.change(&source, &out)
		report := publish(t, out, source)
		if report.Files[0].Written != test.want {
			t.Errorf("%s: written %v, want %v", test.name, report.Files[0].Written, test.want)
		}
		if test.name == "a variable" && readIndex(t, dir).Variables["seeds"] != "9" {
			t.Error("the index has the old variables")
		}
		if test.name == "whole number" {
			if f := readTable(t, filepath.Join(dir, "tables/train.erm.history.parquet")).Column("seed"); f.Type != frame.Float64 {
				t.Errorf("seed is %v", f.Type)
			}
		}
	}
}

func TestPartialResults(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source, none := s.train(t), s.train(t)
	source.Instances[1].Digest, source.Instances[4].Digest = "", ""
	none.Name = "none"
	for i := range none.Instances {
		none.Instances[i].Digest = ""
	}
	report := publish(t, s.out(dir), source, none)
	index := readIndex(t, dir)
	if e := index.Files[0]; e.Rows != 20 || e.Instances != 4 || e.Missing != 2 || report.Files[0].Missing != 2 {
		t.Errorf("%+v", e)
	}
	want := Absent{Stage: "train.none", Output: "history", Missing: 6}
	if len(index.Absent) != 1 || index.Absent[0] != want || len(report.Absent) != 1 || report.Absent[0] != want {
		t.Errorf("%+v", index.Absent)
	}
	wantPaths(t, dir, "index.json", "tables/train.erm.history.parquet")
}

func TestDisagreement(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source, fine := s.train(t), s.train(t)
	fine.Name = "fine"
	odd := history(t, 3, 1)
	odd.Columns[1] = frame.Strings(odd.Columns[1].Field, []string{"1", "", "3"})
	source.Instances[4].Digest = s.put(encode(t, odd))
	report, err := Write(context.Background(), s.out(dir), []Source{source, fine})
	wantError(t, err, "tables/train.erm.history.parquet", `column "loss" holds float64 in train.erm[strength=0.6,seed=0] and string in train.erm[strength=1,seed=0]`)
	wantPaths(t, dir, "index.json", "tables/train.fine.history.parquet")
	if len(report.Files) != 1 || !report.Files[0].Written {
		t.Errorf("%+v", report)
	}
}

// A column that only some instances have is null for the others.
func TestColumnsOfSome(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source := s.train(t)
	source.Instances = source.Instances[:2]
	more := history(t, 1, 1)
	more.Columns = append(more.Columns, frame.Strings(frame.Field{Name: "note"}, []string{"hello"}))
	source.Instances[1].Digest = s.put(encode(t, more))
	publish(t, s.out(dir), source)
	got := rows(readTable(t, filepath.Join(dir, "tables/train.erm.history.parquet")))
	want := "strength seed step loss note \n0.6 0 0 - - \n0.6 0 1 0.6 - \n0.6 0 2 0.3 - \n0.6 0 3 0.19999999999999998 - \n0.6 0 4 0.15 - \n0.6 1 0 - hello "
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// A table may already have an axis as a column, if it says the same.
func TestAxisIsAColumn(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	table := history(t, 2, 1)
	table.Columns = append(table.Columns, frame.Int64s(frame.Field{Name: "seed"}, []int64{7, 7}))
	source := Source{Kind: "table", Name: "all", Output: "table", Axes: []string{"seed"}}
	source.Instances = []Instance{s.instance("table.all", encode(t, table), stages.Axis{Name: "seed", Value: int64(7)})}
	publish(t, s.out(dir), source)
	got := readTable(t, filepath.Join(dir, "tables/table.all.table.parquet"))
	if len(got.Columns) != 3 || got.Columns[0].Name != "seed" {
		t.Errorf("%v", got.Fields())
	}
	table.Column("seed").Int64s[1] = 8
	source.Instances[0].Digest = s.put(encode(t, table))
	_, err := Write(context.Background(), s.out(dir), []Source{source})
	wantError(t, err, "table.all[seed=7]", "seed")
}

// BenchmarkUnchanged is a Write with nothing to do: what a fully cached run pays.
func BenchmarkUnchanged(b *testing.B) {
	const instances = 5000
	s, dir := newStore(), b.TempDir()
	source := Source{Kind: "train", Name: "erm", Output: "history", Axes: []string{"strength", "seed"}}
	blob := encode(b, history(b, 10, 1))
	for i := range instances {
		source.Instances = append(source.Instances, s.instance("train.erm", blob,
			stages.Axis{Name: "strength", Value: float64(i%50) / 50}, stages.Axis{Name: "seed", Value: int64(i / 50)}))
	}
	b.Run(fmt.Sprintf("instances=%d/first", instances), func(b *testing.B) {
		for i := range b.N {
			publish(b, s.out(filepath.Join(dir, fmt.Sprint(i))), source)
		}
	})
	publish(b, s.out(dir), source)
	b.Run(fmt.Sprintf("instances=%d/unchanged", instances), func(b *testing.B) {
		for b.Loop() {
			if report := publish(b, s.out(dir), source); report.Files[0].Written {
				b.Fatal("written again")
			}
		}
	})
}
