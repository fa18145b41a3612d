package artifacts_test

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"spurion/artifacts"
)

// instance gives a manifest with outputs of about 1 KB, all of them put.
func instance(tb testing.TB, s *artifacts.Store, n int64, outputs int) *artifacts.Manifest {
	tb.Helper()
	text := fmt.Sprintf("instance %d\n%s", n, strings.Repeat("a setting of the kind that is computed here\n", 23))
	m := &artifacts.Manifest{
		Key: artifacts.Sum([]byte(text)), Text: text, Kind: "train", Version: 3,
		Address: fmt.Sprintf("train.erm[strength=0.9,seed=%d]", n), Spec: "specs/paper.hcl", Program: "spurion devel",
		Created: time.Date(2024, 3, 6, 12, 0, 0, 123456789, time.UTC), Seconds: 12.75,
	}
	for i := range outputs {
		data := []byte(fmt.Sprintf("output %d of instance %d %s", i, n, strings.Repeat("x", 1000)))
		d, err := s.Put(data)
		if err != nil {
			tb.Fatal(err)
		}
		m.Outputs = append(m.Outputs, artifacts.Output{
			Name: fmt.Sprintf("output%d", i), Digest: d, Size: int64(len(data)), Rows: 10, Extension: ".parquet",
		})
	}
	return m
}

func openDisk(tb testing.TB) *artifacts.Store {
	tb.Helper()
	s, err := artifacts.Open(tb.TempDir(), artifacts.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

func BenchmarkGet(b *testing.B) {
	s := openDisk(b)
	var keys []artifacts.Digest
	for n := range int64(100) {
		m := instance(b, s, n, 2)
		if err := s.Publish(m); err != nil {
			b.Fatal(err)
		}
		keys = append(keys, m.Key)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if _, err := s.Get(keys[i%len(keys)]); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPutPublish(b *testing.B) {
	for _, writers := range []int{1, 2, 4, 16} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := openDisk(b)
			var n atomic.Int64
			b.SetParallelism(writers)
			b.ReportAllocs()
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					if err := s.Publish(instance(b, s, n.Add(1), 1)); err != nil {
						b.Fatal(err)
					}
				}
			})
		})
	}
}

func BenchmarkLock(b *testing.B) {
	s := openDisk(b)
	key := artifacts.Sum([]byte("key"))
	for b.Loop() {
		unlock, err := s.Lock(b.Context(), key, nil)
		if err != nil {
			b.Fatal(err)
		}
		unlock()
	}
}

// BenchmarkSaveRun records a fully cached run of 5,000 instances again and again.
func BenchmarkSaveRun(b *testing.B) {
	s := openDisk(b)
	r := &artifacts.Run{ID: "0", Spec: "paper", SpecPath: "specs/paper.hcl", Outcome: "done"}
	for i := range 5000 {
		r.Entries = append(r.Entries, artifacts.Entry{
			Address: fmt.Sprintf("train.erm[strength=0.9,seed=%d]", i), Key: artifacts.Sum([]byte{byte(i), byte(i >> 8)}), Status: "cached",
		})
	}
	for i := 0; b.Loop(); i++ {
		r.ID = fmt.Sprint(i)
		if err := s.SaveRun(r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	b.Run("store=new", func(b *testing.B) {
		for b.Loop() {
			openDisk(b)
		}
	})
	b.Run("store=old", func(b *testing.B) {
		dir := openDisk(b).Dir()
		for b.Loop() {
			if _, err := artifacts.Open(dir, artifacts.Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
