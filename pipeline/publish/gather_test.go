package publish

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// hold lets a test hold so many bytes of decoded tables.
func hold(t *testing.T, bytes int64) {
	before := keepBytes
	keepBytes = bytes
	t.Cleanup(func() { keepBytes = before })
}

// drifting gives a stage whose instances say the column x differently: each has the column that is given.
func (s *store) drifting(t testing.TB, columns ...frame.Column) Source {
	source := Source{Kind: "exec", Name: "fit", Output: "t", Axes: []string{"case"}}
	for i, c := range columns {
		c.Name = "x"
		n := frame.Int64s(frame.Field{Name: "n", Doc: "the number of rows"}, make([]int64, c.Len()))
		for row := range n.Int64s {
			n.Int64s[row] = int64(row)
		}
		source.Instances = append(source.Instances, s.instance("exec.fit", encode(t, &frame.Table{Columns: []frame.Column{n, c}}),
			stages.Axis{Name: "case", Value: string(rune('a' + i))}))
	}
	return source
}

// What is published and exported of columns whose types drift is the same whether tables are held or read again.
func TestDrift(t *testing.T) {
	var f frame.Field
	null := frame.Nulls(frame.Field{Type: frame.String}, 2)
	for _, c := range []struct {
		name    string
		columns []frame.Column
		want    string // of the file, or of the error
		fails   bool
	}{
		{"whole numbers, fractions, nulls and no rows", []frame.Column{
			null, frame.Strings(f, nil), frame.Int64s(f, []int64{2, 1 << 53}), frame.Float64s(f, []float64{2.5}), null, frame.Int8s(f, []int8{-3})},
			"case,n,x\na,0,\na,1,\nc,0,2.0\nc,1,9007199254740992.0\nd,0,2.5\ne,0,\ne,1,\nf,0,-3.0\n", false},
		{"text and nothing", []frame.Column{frame.Int64s(f, nil), frame.Strings(f, []string{"a"}), frame.Nulls(frame.Field{Type: frame.Float64}, 1)},
			"case,n,x\nb,0,a\nc,0,\n", false},
		{"nothing at all", []frame.Column{frame.Int64s(f, nil), null}, "case,n,x\nb,0,\nb,1,\n", false},
		{"text and numbers", []frame.Column{null, frame.Float64s(f, []float64{1}), frame.Strings(f, []string{"", "1"})},
			`the column "x" holds float64 in exec.fit[case=b] and string in exec.fit[case=c]`, true},
		{"truth values and numbers", []frame.Column{frame.Bools(f, []bool{true}), frame.Int64s(f, []int64{1})},
			`the column "x" holds bool in exec.fit[case=a] and int64 in exec.fit[case=b]`, true},
		{"whole numbers that are no fractions", []frame.Column{frame.Int64s(f, []int64{1}), frame.Float64s(f, []float64{1}), frame.Int64s(f, []int64{5, 1<<53 + 1})},
			`the column "x" holds 9007199254740993 in exec.fit[case=c], but float64 in exec.fit[case=b]`, true},
	} {
		var first []byte
		for _, held := range []int64{0, 700, 1 << 20} { // none, some and all
			t.Run(fmt.Sprintf("%s, %d bytes held", c.name, held), func(t *testing.T) {
				hold(t, held)
				s, dir := newStore(), t.TempDir()
				source := s.drifting(t, c.columns...)
				var csv bytes.Buffer
				_, err := Export(context.Background(), &csv, s.out(dir), source, ExportOptions{Format: frame.CSV})
				folder := filepath.Join(t.TempDir(), "hive")
				_, folderErr := ExportFolder(context.Background(), folder, s.out(dir), source, ExportOptions{Format: frame.CSV, Partition: []string{"case"}})
				_, outErr := Write(context.Background(), s.out(dir), []Source{source})
				if c.fails {
					for _, err := range []error{err, folderErr, outErr} {
						wantError(t, err, c.want)
					}
					return
				}
				if err != nil || folderErr != nil || outErr != nil || csv.String() != c.want {
					t.Fatalf("%v, %v, %v\n%s\nwant\n%s", err, folderErr, outErr, csv.String(), c.want)
				}
				data, err := os.ReadFile(filepath.Join(dir, "tables/exec.fit.t.parquet"))
				if err != nil || first != nil && !bytes.Equal(data, first) {
					t.Errorf("the bytes depend on what is held: %v", err)
				}
				first = data
				for _, in := range source.Instances {
					if _, err := os.Stat(filepath.Join(folder, "case="+in.Axes[0].Text(), "part-0.csv")); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
}

// wide gives one row of 8 numbers, which differ by seed.
func wide(t testing.TB, seed int) []byte {
	table := &frame.Table{}
	for i := range 8 {
		f := frame.Field{Name: fmt.Sprintf("column_%d", i), Unit: "1", Doc: "a measured number"}
		table.Columns = append(table.Columns, frame.Float64s(f, []float64{float64(seed) + float64(i)/32}))
	}
	return encode(t, table)
}

// many gives a stage of so many instances, of which as many as distinct have results of their own.
func (s *store) many(t testing.TB, instances, distinct int) Source {
	source := Source{Kind: "train", Name: "erm", Output: "summary", Axes: []string{"seed"}}
	blobs := make([][]byte, distinct)
	for i := range blobs {
		blobs[i] = wide(t, i)
	}
	for i := range instances {
		source.Instances = append(source.Instances, s.instance("train.erm", blobs[i%distinct], stages.Axis{Name: "seed", Value: int64(i)}))
	}
	return source
}

// Tables with equal bytes are read once, and a table of one row takes little more room than its values: 8 of 8 bytes.
func TestRoomOfManyTables(t *testing.T) {
	for _, c := range []struct{ instances, distinct, reads, most int }{
		{2000, 2000, 2000, 500},
		{2000, 7, 7, 200},
	} {
		s := newStore()
		source := s.many(t, c.instances, c.distinct)
		have := source.present()
		before := heap()
		u, err := newUnion(context.Background(), &source, have, s.read, keepBytes)
		if err != nil {
			t.Fatal(err)
		}
		if each := int(heap()-before) / c.instances; each > c.most || s.reads != c.reads {
			t.Errorf("%d tables, %d of them distinct: %d bytes each, want at most %d; %d reads, want %d", c.instances, c.distinct, each, c.most, s.reads, c.reads)
		}
		for _, i := range []int{0, 1000, 1999} {
			table, err := u.table(i, u.all())
			if err != nil || table.Column("seed").Int64s[0] != int64(i) || table.Column("column_1").Float64s[0] != float64(i%c.distinct)+1.0/32 {
				t.Errorf("instance %d: %v, %v", i, table, err)
			}
		}
		runtime.KeepAlive(s)
	}
}

// heap gives the bytes in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func BenchmarkGather(b *testing.B) {
	for _, distinct := range []int{1, 2000} {
		s := newStore()
		source := s.many(b, 2000, distinct)
		b.Run(fmt.Sprintf("instances=2000/distinct=%d", distinct), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Export(context.Background(), &bytes.Buffer{}, s.out(""), source, ExportOptions{Format: frame.Parquet}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// What is held is bounded by its decoded size, however small the blobs are; what is written is the same.
func TestHeldTablesAreBounded(t *testing.T) {
	const rows = 5000 // of zeros: 80 kB decoded, less than 2 kB as a blob
	s := newStore()
	source := Source{Kind: "exec", Name: "fit", Output: "t", Axes: []string{"seed"}}
	for seed := range 20 {
		table := &frame.Table{Columns: []frame.Column{
			frame.Int64s(frame.Field{Name: fmt.Sprintf("seed_%d", seed/10)}, make([]int64, rows)), frame.Float64s(frame.Field{Name: "x"}, make([]float64, rows))}}
		table.Columns[1].Float64s[0] = float64(seed)
		source.Instances = append(source.Instances, s.instance("exec.fit", encode(t, table), stages.Axis{Name: "seed", Value: int64(seed)}))
		source.Instances[seed].Rows = rows
	}
	var all bytes.Buffer
	if _, err := Export(context.Background(), &all, s.out(""), source, ExportOptions{Format: frame.Parquet}); err != nil {
		t.Fatal(err)
	}
	for _, most := range []int64{0, 200_000, 500_000} {
		hold(t, most)
		u, err := newUnion(context.Background(), &source, source.present(), s.read, keepBytes)
		if err != nil || u.stack.Bytes() > most || most > 0 && u.stack.Bytes() == 0 {
			t.Fatalf("%d bytes are held, want at most %d: %v", u.stack.Bytes(), most, err)
		}
		var some bytes.Buffer
		if _, err := Export(context.Background(), &some, s.out(""), source, ExportOptions{Format: frame.Parquet}); err != nil || !bytes.Equal(some.Bytes(), all.Bytes()) {
			t.Errorf("with %d bytes held the file is another one: %v", most, err)
		}
	}
}
