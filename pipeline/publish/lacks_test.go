package publish

import (
	"path/filepath"
	"testing"
)

// A table of what was made without instances that failed says so, in its metadata and in the index; when they are
// there, it is written again without that, also if it has the same bytes.
func TestTableSaysWhatItLacks(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	source := s.train(t)
	const lacks = "9 of 10 seeds, 1 failed (seed 7)"
	source.Instances[0].Lacks, source.Instances[2].Lacks = lacks, lacks
	source.Instances[3].Lacks = "8 of 9 instances, 1 failed"
	publish(t, s.out(dir), source)
	path := filepath.Join(dir, "tables/train.erm.history.parquet")
	want := lacks + "; 8 of 9 instances, 1 failed"
	if got := readTable(t, path).Meta["spurion.lacks"]; got != want {
		t.Errorf("the metadata say %q", got)
	}
	if got := readIndex(t, dir).Files[0].Lacks; got != want {
		t.Errorf("the index says %q", got)
	}
	for i := range source.Instances {
		source.Instances[i].Lacks = ""
	}
	if report := publish(t, s.out(dir), source); !report.Files[0].Written {
		t.Error("it is not written again")
	}
	if got, there := readTable(t, path).Meta["spurion.lacks"]; there || readIndex(t, dir).Files[0].Lacks != "" {
		t.Errorf("it still lacks %q", got)
	}
}
