package publish

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// A store holds blobs in memory and counts how often they are read.
type store struct {
	mu    sync.Mutex
	blobs map[string][]byte
	reads int
	fail  map[string]error
	most  int // reads that succeed; 0: all
}

func newStore() *store { return &store{blobs: map[string][]byte{}, fail: map[string]error{}} }

func (s *store) put(data []byte) string {
	sum := sha256.Sum256(data)
	digest := hex.EncodeToString(sum[:])
	s.blobs[digest] = data
	return digest
}

func (s *store) read(digest string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.most > 0 && s.reads > s.most {
		return nil, errors.New("no more reads")
	}
	if err := s.fail[digest]; err != nil {
		return nil, err
	}
	data, ok := s.blobs[digest]
	if !ok {
		return nil, fmt.Errorf("blob %s: %w", digest, fs.ErrNotExist)
	}
	return data, nil
}

func (s *store) out(dir string) Out {
	return Out{Dir: dir, Spec: "quick", Description: "A test", Program: "v0", Variables: map[string]string{"seeds": "3"}, ReadBlob: s.read}
}

var historyFields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Steps done"},
	{Name: "loss", Type: frame.Float64, Unit: "nats", Doc: "Mean loss", Nullable: true},
}

func history(t testing.TB, rows int, base float64) *frame.Table {
	t.Helper()
	b := frame.NewBuilder(historyFields)
	for i := range rows {
		b.Int("step", i)
		if i == 0 {
			b.Null("loss")
		} else {
			b.Float64("loss", base/float64(i))
		}
		b.EndRow()
	}
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func encode(t testing.TB, table *frame.Table) []byte {
	t.Helper()
	data, err := frame.Encode(table)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// instance puts a blob and gives the instance that has it.
func (s *store) instance(stage string, data []byte, axes ...stages.Axis) Instance {
	kind, name, _ := strings.Cut(stage, ".")
	address := stages.Address(kind, name, axes)
	return Instance{
		Address: address, Axes: axes, Key: fmt.Sprintf("%064x", len(address)), Digest: s.put(data),
		KindVersion: 1, Size: int64(len(data)),
	}
}

// train gives the output train.erm.history over a grid of strengths and seeds.
func (s *store) train(t testing.TB) Source {
	source := Source{Kind: "train", Name: "erm", Output: "history", Doc: "What happened", Axes: []string{"strength", "seed"}}
	for _, strength := range []float64{0.6, 0.9, 1} {
		for seed := range int64(2) {
			source.Instances = append(source.Instances, s.instance("train.erm", encode(t, history(t, 5, strength+float64(seed))),
				stages.Axis{Name: "strength", Value: strength}, stages.Axis{Name: "seed", Value: seed}))
		}
	}
	return source
}

func publish(t testing.TB, out Out, sources ...Source) Report {
	t.Helper()
	report, err := Write(context.Background(), out, sources)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// tree gives the regular files under dir that are for people, by path.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		files[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	delete(files, statePath)
	return files
}

func paths(files map[string]string) []string {
	var out []string
	for p := range files {
		out = append(out, p)
	}
	slices.Sort(out)
	return out
}

func wantPaths(t testing.TB, dir string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if got := paths(tree(t, dir)); !slices.Equal(got, want) {
		t.Errorf("the folder holds\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func readIndex(t testing.TB, dir string) Index {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "index.json"))
	if err != nil {
		t.Fatal(err)
	}
	var x Index
	if err := json.Unmarshal(data, &x); err != nil {
		t.Fatal(err)
	}
	return x
}

func readTable(t testing.TB, path string) *frame.Table {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	table, err := frame.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func wantError(t testing.TB, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error; want one with %q", parts)
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q lacks %q", err, p)
		}
	}
}

// rows gives a table as text, a line a row.
func rows(table *frame.Table) string {
	var b strings.Builder
	for i := range table.Columns {
		b.WriteString(table.Columns[i].Name + " ")
	}
	for row := range table.Rows() {
		b.WriteByte('\n')
		for i := range table.Columns {
			if text := table.Columns[i].Text(row); table.Columns[i].Null(row) {
				b.WriteString("- ")
			} else {
				b.WriteString(text + " ")
			}
		}
	}
	return b.String()
}
