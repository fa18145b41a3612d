package publish

import (
	"path/filepath"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

func (s *store) claim(t *testing.T, name, verdict string, axes ...stages.Axis) Source {
	table := &frame.Table{Columns: []frame.Column{
		frame.Strings(frame.Field{Name: "verdict", Doc: "Verdict"}, []string{verdict}),
		frame.Float64s(frame.Field{Name: "estimate", Unit: "1"}, []float64{0.5}).WithValid(nil),
	}}
	source := Source{Kind: "claim", Name: name, Output: "verdict", Claim: &ClaimText{Name: name, Test: "trend", Of: []AssertionText{{Says: "It is so.", Source: "§4", SourceSays: "§4: it is.", Setting: "ours"}}}}
	for _, a := range axes {
		source.Axes = append(source.Axes, a.Name)
	}
	source.Instances = []Instance{s.instance("claim."+name, encode(t, table), axes...)}
	return source
}

func TestClaims(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	missing := s.claim(t, "missing", "reproduced")
	missing.Instances[0].Digest = ""
	publish(t, s.out(dir), s.claim(t, "slower", "reproduced"), missing, s.claim(t, "other", "inconclusive"))
	wantPaths(t, dir, "index.json", "claims.parquet")
	got := rows(readTable(t, filepath.Join(dir, "claims.parquet")))
	want := "claim says source source_says setting test verdict estimate \nslower It is so. §4 §4: it is. ours trend reproduced 0.5 \nother It is so. §4 §4: it is. ours trend inconclusive 0.5 "
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if e := readIndex(t, dir).Files[0]; e.Rows != 2 || e.Instances != 2 || e.Missing != 1 || e.Stage != "" || e.Output != "claims" {
		t.Errorf("%+v", e)
	}
}

func TestClaimsWithAxes(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	publish(t, s.out(dir), s.claim(t, "a", "reproduced", stages.Axis{Name: "degree", Value: int64(3)}), s.claim(t, "b", "reproduced"))
	got := rows(readTable(t, filepath.Join(dir, "claims.parquet")))
	want := "claim says source source_says setting test degree verdict estimate \na It is so. §4 §4: it is. ours trend 3 reproduced 0.5 \nb It is so. §4 §4: it is. ours trend - reproduced 0.5 "
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestClaimsChange(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	claim := s.claim(t, "a", "reproduced")
	publish(t, s.out(dir), claim)
	if publish(t, s.out(dir), claim).Files[0].Written {
		t.Error("written again")
	}
	claim.Claim.Of[0].Says = "It is not so."
	if !publish(t, s.out(dir), claim).Files[0].Written {
		t.Error("what it says changed, and the file did not")
	}
	claim.Instances[0].Digest = ""
	report := publish(t, s.out(dir), claim)
	if len(report.Absent) != 1 || len(report.NotComputed) != 1 {
		t.Errorf("%+v", report)
	}
	publish(t, s.out(dir))
	wantPaths(t, dir, "index.json")
}

// tested gives the verdict of a test with a p-value, or without if p is 0.
func tested(verdict string, p float64) *frame.Table {
	return &frame.Table{Columns: []frame.Column{
		frame.Strings(frame.Field{Name: "verdict", Doc: "Verdict"}, []string{verdict}),
		frame.Float64s(frame.Field{Name: "p_value", Unit: "1", Nullable: true}, []float64{p}).WithValid([]bool{p > 0}),
		frame.Float64s(frame.Field{Name: "alpha", Unit: "1"}, []float64{0.05}).WithValid(nil),
	}}
}

// TestClaimsAreOneFamily: p-values are corrected over the claims that have one, and the verdict is what
// remains.
func TestClaimsAreOneFamily(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	claim := func(name, verdict string, p float64) Source {
		c := s.claim(t, name, verdict)
		c.Instances = []Instance{s.instance("claim."+name, encode(t, tested(verdict, p)))}
		return c
	}
	publish(t, s.out(dir), claim("a", "reproduced", 0.03125), claim("b", "reproduced", 0.015625), claim("c", "reproduced", 0), claim("d", "not reproduced", 0.5))
	got := rows(readTable(t, filepath.Join(dir, "claims.parquet")))
	want := "claim says source source_says setting test verdict p_value p_adjusted alpha \n" +
		"a It is so. §4 §4: it is. ours trend reproduced, not after Holm 0.03125 0.0625 0.05 \n" +
		"b It is so. §4 §4: it is. ours trend reproduced 0.015625 0.046875 0.05 \n" +
		"c It is so. §4 §4: it is. ours trend reproduced - - 0.05 \n" +
		"d It is so. §4 §4: it is. ours trend not reproduced 0.5 0.5 0.05 "
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// TestClaimOfManyInstances: every instance has a row with its axes and its own words, is one of the
// family, and an axis that is a number for one claim and text for another is text.
func TestClaimOfManyInstances(t *testing.T) {
	s, dir := newStore(), t.TempDir()
	claim := func(name string, ps []float64, keys ...any) Source {
		c := s.claim(t, name, "reproduced", stages.Axis{Name: "key", Value: keys[0]})
		c.Instances, c.Claim.Of = nil, nil
		for i, p := range ps {
			axis := stages.Axis{Name: "key", Value: keys[i]}
			c.Instances = append(c.Instances, s.instance("claim."+name+"[key="+axis.Text()+"]", encode(t, tested("reproduced", p)), axis))
			c.Claim.Of = append(c.Claim.Of, AssertionText{Says: name + " of " + axis.Text(), Setting: "ours"})
		}
		return c
	}
	missing := claim("b", []float64{0.5, 0.025, 0.5}, int64(1), int64(2), int64(3))
	missing.Instances[0].Digest, missing.Instances[2].Digest = "", ""
	publish(t, s.out(dir), claim("a", []float64{0.015625, 0.0625}, "x", "y"), missing, claim("c", []float64{0}, 0.5))
	got := rows(readTable(t, filepath.Join(dir, "claims.parquet")))
	want := "claim says source source_says setting test key verdict p_value p_adjusted alpha \n" +
		"a a of x   ours trend x reproduced 0.015625 0.046875 0.05 \n" +
		"a a of y   ours trend y reproduced, not after Holm 0.0625 0.0625 0.05 \n" +
		"b b of 2   ours trend 2 reproduced 0.025 0.05 0.05 \n" +
		"c c of 0.5   ours trend 0.5 reproduced - - 0.05 "
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if e := readIndex(t, dir).Files[0]; e.Rows != 4 || e.Instances != 4 || e.Missing != 2 {
		t.Errorf("%+v", e)
	}
}
