package publish

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

func TestExportText(t *testing.T) {
	s := newStore()
	source := s.train(t)
	source.Instances[1].Digest = ""
	for _, test := range []struct {
		name string
		o    ExportOptions
		want string
	}{
		{"columns and axes", ExportOptions{Format: frame.CSV, Columns: []string{"loss", "strength", "step"}, Where: map[string][]string{"seed": {"0"}, "strength": {"0.60", "1"}}},
			"loss,strength,step\n,0.6,0\n0.6,0.6,1\n0.3,0.6,2\n0.19999999999999998,0.6,3\n0.15,0.6,4\n,1.0,0\n1.0,1.0,1\n0.5,1.0,2\n0.3333333333333333,1.0,3\n0.25,1.0,4\n"},
		{"glob", ExportOptions{Format: frame.JSONLines, Columns: []string{"seed", "step"}, Where: map[string][]string{"strength": {"0.*"}, "seed": {"?"}}},
			jsonRows()},
	} {
		var b bytes.Buffer
		done, err := Export(context.Background(), &b, s.out(""), source, test.o)
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		if b.String() != test.want {
			t.Errorf("%s:\n%s\nwant\n%s", test.name, b.String(), test.want)
		}
		if test.name == "glob" && (done.Instances != 3 || done.Missing != 1 || done.Rows != 15) {
			t.Errorf("%+v", done)
		}
	}
}

func jsonRows() string {
	var b strings.Builder
	for _, seed := range []string{"0", "0", "1"} {
		for _, step := range []string{"0", "1", "2", "3", "4"} {
			b.WriteString(`{"seed":` + seed + `,"step":` + step + "}\n")
		}
	}
	return b.String()
}

// An exported Parquet file is the published one.
func TestExportIsWhatIsPublished(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source := s.train(t)
	publish(t, s.out(dir), source)
	path := filepath.Join(dir, "new", "x.parquet")
	for range 2 {
		done, err := ExportFile(context.Background(), path, s.out(""), source, ExportOptions{Format: frame.Parquet})
		if err != nil || done.Rows != 30 {
			t.Fatal(done, err)
		}
	}
	files := tree(t, dir)
	if files["new/x.parquet"] != files["tables/train.erm.history.parquet"] {
		t.Error("the exported file differs")
	}
}

func TestExportRefuses(t *testing.T) {
	s := newStore()
	source := s.train(t)
	raw := s.image()
	none := s.train(t)
	for i := range none.Instances {
		none.Instances[i].Digest = ""
	}
	for _, test := range []struct {
		source Source
		o      ExportOptions
		want   string
	}{
		{source, ExportOptions{Format: "xlsx"}, `no format "xlsx"`},
		{source, ExportOptions{Format: frame.CSV, Compression: "lz4"}, `"lz4"`},
		{source, ExportOptions{Format: frame.CSV, Columns: []string{"los"}}, `no column "los"; the columns are strength, seed, step, loss; did you mean "loss"?`},
		{source, ExportOptions{Format: frame.CSV, Columns: []string{"loss", "loss"}}, "twice"},
		{source, ExportOptions{Format: frame.CSV, Where: map[string][]string{"sed": {"1"}}}, `no axis "sed"; the axes are strength, seed`},
		{source, ExportOptions{Format: frame.CSV, Where: map[string][]string{"seed": {"9"}}}, "no instance matches"},
		{source, ExportOptions{Format: frame.CSV, Partition: []string{"seed"}}, "folder"},
		{none, ExportOptions{Format: frame.CSV}, "none of the 6 instances has a result"},
		{raw, ExportOptions{Format: frame.CSV}, ".svg"},
	} {
		dir := t.TempDir()
		_, err := ExportFile(context.Background(), filepath.Join(dir, "x"), s.out(""), test.source, test.o)
		wantError(t, err, test.want)
		wantPaths(t, dir)
	}
	dir := t.TempDir()
	_, err := ExportFile(context.Background(), dir, s.out(""), source, ExportOptions{Format: frame.CSV})
	wantError(t, err, "not a file")
}

func TestExportFolder(t *testing.T) {
	s := newStore()
	source := Source{Kind: "train", Name: "erm", Output: "history", Axes: []string{"method", "rate", "seed"}}
	for _, method := range []string{"erm", "a/b c=é%", ".."} {
		for _, rate := range []float64{1, 0.5} {
			for seed := range int64(2) {
				source.Instances = append(source.Instances, s.instance("train.erm", encode(t, history(t, 2, rate)),
					stages.Axis{Name: "method", Value: method}, stages.Axis{Name: "rate", Value: rate}, stages.Axis{Name: "seed", Value: seed}))
			}
		}
	}
	dir := filepath.Join(t.TempDir(), "hive")
	o := ExportOptions{Format: frame.Parquet, Partition: []string{"method", "rate"}}
	done, err := ExportFolder(context.Background(), dir, s.out(""), source, o)
	if err != nil {
		t.Fatal(err)
	}
	wantPaths(t, dir, "method=erm/rate=1.0/part-0.parquet", "method=erm/rate=0.5/part-0.parquet",
		"method=a%2Fb%20c%3D%C3%A9%25/rate=1.0/part-0.parquet", "method=a%2Fb%20c%3D%C3%A9%25/rate=0.5/part-0.parquet",
		"method=%2E./rate=1.0/part-0.parquet", "method=%2E./rate=0.5/part-0.parquet")
	if done.Rows != 24 || len(done.Files) != 6 || done.Files[0] != "method=erm/rate=1.0/part-0.parquet" {
		t.Errorf("%+v", done)
	}
	got := rows(readTable(t, filepath.Join(dir, "method=erm/rate=0.5/part-0.parquet")))
	if want := "seed step loss \n0 0 - \n0 1 0.5 \n1 0 - \n1 1 0.5 "; got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}

	_, err = ExportFolder(context.Background(), dir, s.out(""), source, o)
	wantError(t, err, "not empty", "--force")
	o.Force, o.Partition = true, []string{"seed"}
	if _, err := ExportFolder(context.Background(), dir, s.out(""), source, o); err != nil {
		t.Fatal(err)
	}
	wantPaths(t, dir, "seed=0/part-0.parquet", "seed=1/part-0.parquet")
	if err := os.WriteFile(filepath.Join(dir, "seed=0", "notes.txt"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err = ExportFolder(context.Background(), dir, s.out(""), source, o)
	wantError(t, err, "notes.txt", "not part of an export")
	wantPaths(t, filepath.Dir(dir), "hive/seed=0/notes.txt", "hive/seed=0/part-0.parquet", "hive/seed=1/part-0.parquet")

	for _, bad := range [][]string{{"loss"}, {"seed", "seed"}} {
		_, err := ExportFolder(context.Background(), filepath.Join(t.TempDir(), "x"), s.out(""), source, ExportOptions{Format: frame.CSV, Partition: bad})
		wantError(t, err, "cannot partition by")
	}
}

// An export that fails halfway leaves no folder.
func TestExportFolderFails(t *testing.T) {
	s, parent := newStore(), t.TempDir()
	source := s.train(t)
	for i := range source.Instances {
		source.Instances[i].Size = keepBytes + 1 // too large to keep: each is read once more to be written
	}
	s.most = 2*len(source.Instances) - 1
	_, err := ExportFolder(context.Background(), filepath.Join(parent, "x"), s.out(""), source,
		ExportOptions{Format: frame.CSV, Partition: []string{"strength", "seed"}})
	wantError(t, err, source.Instances[5].Address, "no more reads")
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 0 {
		t.Errorf("%v %v", entries, err)
	}
}

// Tables that are too large to keep are read again; the result is the same.
func TestLargeTablesAreReadAgain(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source, large := s.train(t), s.train(t)
	for i := range large.Instances {
		large.Instances[i].Size = keepBytes + 1
	}
	for _, columns := range [][]string{nil, {"loss"}, {"seed"}} {
		var files []string
		for _, x := range []Source{source, large} {
			path := filepath.Join(dir, "x")
			if _, err := ExportFile(context.Background(), path, s.out(""), x, ExportOptions{Format: frame.Parquet, Columns: columns}); err != nil {
				t.Fatal(err)
			}
			files = append(files, tree(t, dir)["x"])
		}
		if files[0] != files[1] {
			t.Errorf("columns %q: other bytes", columns)
		}
	}
}
