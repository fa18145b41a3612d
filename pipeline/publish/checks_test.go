package publish

import (
	"path/filepath"
	"testing"

	"spurion/artifacts/frame"
)

// check is the claim of a test as a check, with a p-value and words.
func (s *store) check(t *testing.T, name, verdict string, p float64) Source {
	c := s.claim(t, name, verdict)
	c.Kind = "check"
	table := tested(verdict, p)
	table.Columns = append(table.Columns,
		frame.Strings(frame.Field{Name: "needed", Doc: "what would have counted as reproduced"}, []string{"a mean above 1"}),
		frame.Strings(frame.Field{Name: "detail", Doc: "the outcome"}, []string{"At best it is reproduced, at worst not reproduced."}))
	c.Instances = []Instance{s.instance("check."+name, encode(t, table))}
	return c
}

// TestChecks: checks are a table of their own, in words of their own, and count for nothing in the family of the claims.
func TestChecks(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	claim := s.claim(t, "a", "reproduced")
	claim.Instances = []Instance{s.instance("claim.a", encode(t, tested("reproduced", 0.03125)))}
	report := publish(t, s.out(dir), s.check(t, "a", "reproduced", 0.03125), claim, s.check(t, "b", "not reproduced", 0.5), s.check(t, "c", "inconclusive", 0))
	wantPaths(t, dir, "index.json", "checks.parquet", "claims.parquet")
	if len(report.Files) != 2 || report.Files[0].Path != "claims.parquet" || report.Files[1].Output != "checks" {
		t.Errorf("%+v", report.Files)
	}
	got := rows(readTable(t, filepath.Join(dir, "claims.parquet")))
	want := "claim says source source_says setting test verdict p_value p_adjusted alpha \n" +
		"a It is so. §4 §4: it is. ours trend reproduced 0.03125 0.03125 0.05 "
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	checks := readTable(t, filepath.Join(dir, "checks.parquet"))
	got = rows(checks)
	want = "check says source source_says setting test verdict p_value alpha needed detail \n" +
		"a It is so. §4 §4: it is. ours trend met 0.03125 0.05 a mean above 1 At best it is met, at worst not met. \n" +
		"b It is so. §4 §4: it is. ours trend not met 0.5 0.05 a mean above 1 At best it is met, at worst not met. \n" +
		"c It is so. §4 §4: it is. ours trend inconclusive - 0.05 a mean above 1 At best it is met, at worst not met. "
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if doc := checks.Column("needed").Doc; doc != "what would have counted as met" {
		t.Error(doc)
	}
}

// TestCheckBecomesClaim: the table of checks goes with the last of them, and that of claims comes.
func TestCheckBecomesClaim(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	check := s.check(t, "a", "reproduced", 0.5)
	publish(t, s.out(dir), check)
	wantPaths(t, dir, "index.json", "checks.parquet")
	check.Kind = "claim"
	if report := publish(t, s.out(dir), check); len(report.Removed) != 1 || report.Removed[0] != "checks.parquet" {
		t.Errorf("%+v", report)
	}
	wantPaths(t, dir, "index.json", "claims.parquet")
}
