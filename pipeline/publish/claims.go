package publish

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// fields come before the columns of the verdicts.
func (r role) fields() []frame.Field {
	return append([]frame.Field{{Name: r.kind, Type: frame.String, Doc: "name of the " + r.kind}}, assertionFields...)
}

// assertionFields say what a claim or check says of itself.
var assertionFields = []frame.Field{
	{Name: "says", Type: frame.String, Doc: "the assertion, in a sentence"},
	{Name: "source", Type: frame.String, Doc: "where the assertion comes from: finding, section; empty if it is the spec's own"},
	{Name: "source_says", Type: frame.String, Doc: "what the source says, of which the claim tests a form; empty if the spec does not say"},
	{Name: "setting", Type: frame.String, Doc: "whose setting it is put to the test in: paper, ours, or empty if the spec does not say"},
	{Name: "test", Type: frame.String, Doc: "the test that it was put to"},
}

// adjustedField stands after the p-values.
var adjustedField = frame.Field{Name: "p_adjusted", Type: frame.Float64, Unit: "1", Nullable: true,
	Doc: "the p-value after Holm's correction over all claims of the experiment that have one; 1 if p_value speaks against the claim"}

// adjustedP gives the corrected p-values of all verdicts, by their claim and instance; nil for one that
// has none.
func adjustedP(claims []*union) ([][]*float64, error) {
	var all []*float64
	for _, u := range claims {
		for i := range u.parts {
			t, err := u.whole(i)
			if err != nil {
				return nil, err
			}
			verdict := ""
			if c := t.Column("verdict"); c != nil && c.Type == frame.String && t.Rows() > 0 {
				verdict = c.Strings.At(0)
			}
			all = append(all, Evidence(verdict, Number(t, "p_value"), Number(t, "alpha")))
		}
	}
	all = Holm(all)
	list := make([][]*float64, len(claims))
	for i, u := range claims {
		list[i], all = all[:len(u.parts)], all[len(u.parts):]
	}
	return list, nil
}

// verdictsJob gives the file that holds the verdicts of all claims, or of all checks, in spec order. Its columns are the
// role's fields, the axes of all of them (null for those that lack one), and those of the verdicts: of claims with
// the p-values that Holm's correction makes of theirs, which the verdict then goes by; of checks in words of their own.
func (p *publisher) verdictsJob(of role, claims []*Source) job {
	all := joinClaims(claims)
	have := all.present()
	e := Entry{
		Path: of.path, Output: of.output, Doc: of.doc, Axes: all.Axes,
		Instances: len(have), Missing: len(all.Instances) - len(have), Lacks: lacksOf(have),
	}
	h := newContent(&p.out, &e)
	for _, s := range claims {
		h.add(s.Claim.Name, s.Claim.Test, strconv.Itoa(len(s.Instances)))
		for i := range s.Instances {
			h.add(s.Claim.Of[i].Says, s.Claim.Of[i].Source, s.Claim.Of[i].SourceSays, s.Claim.Of[i].Setting)
			h.instance(&s.Instances[i])
		}
	}
	e.Content = h.sum()
	return job{entry: e, make: func(ctx context.Context, e *Entry, f *pending, keep int64) error {
		var parts []*union
		for _, s := range claims {
			u, err := newUnion(ctx, s, s.present(), p.out.ReadBlob, keep)
			if err != nil {
				return err
			}
			parts = append(parts, u)
		}
		fields, err := of.union(parts, claims)
		if err != nil {
			return err
		}
		meta := map[string]string{"spurion.spec": p.out.Spec, "spurion.output": of.output, "spurion.description": e.Doc,
			"spurion.missing": strconv.Itoa(e.Missing)}
		w, err := frame.NewWriter(f, fields, frame.WriterOptions{Format: frame.Parquet, Meta: meta})
		if err != nil {
			return err
		}
		adjusted := make([][]*float64, len(parts))
		if of.family {
			if adjusted, err = adjustedP(parts); err != nil {
				return err
			}
		}
		for i, u := range parts {
			if err := of.write(w, u, claims[i], fields, adjusted[i]); err != nil {
				return err
			}
		}
		e.Rows, e.Columns = w.Rows(), indexColumns(fields)
		return w.Close()
	}}
}

// joinClaims gives the axes and instances of all claims together.
func joinClaims(claims []*Source) *Source {
	all := &Source{}
	for _, s := range claims {
		all.Instances = append(all.Instances, s.Instances...)
		for _, name := range s.Axes {
			if !slices.Contains(all.Axes, name) {
				all.Axes = append(all.Axes, name)
			}
		}
	}
	return all
}

// union gives the fields of the table. An axis that is text for one claim and a number for
// another is text.
func (r role) union(parts []*union, claims []*Source) ([]frame.Field, error) {
	merged := map[string]*frame.Field{}
	var names [2][]string // axes, then others
	from := map[string]string{}
	count := map[string]int{}
	add := func(group int, f frame.Field, claim string) error {
		count[f.Name]++
		known := merged[f.Name]
		switch {
		case known == nil:
			merged[f.Name], from[f.Name] = &f, claim
			names[group] = append(names[group], f.Name)
			return nil
		case known.Type == f.Type:
		case group == 0 && isNumber(known.Type) && isNumber(f.Type):
			known.Type = frame.Float64
		case group == 0:
			known.Type = frame.String
		default:
			return fmt.Errorf("the column %s holds %v for the %s %s and %v for %s", f.Name, known.Type, r.kind, from[f.Name], f.Type, claim)
		}
		known.Nullable = known.Nullable || f.Nullable
		return nil
	}
	with := 0
	for i, u := range parts {
		if len(u.parts) == 0 {
			continue
		}
		with++
		for group, fields := range [][]frame.Field{u.axes, u.fields} {
			for _, f := range fields {
				if group == 0 {
					f.Doc = "axis of the " + r.kind + "; null if it has none of the name"
				}
				if err := add(group, f, claims[i].Claim.Name); err != nil {
					return nil, err
				}
			}
		}
	}
	fields := r.fields()
	for _, name := range slices.Concat(names[0], names[1]) {
		f := *merged[name]
		f.Nullable = f.Nullable || count[name] < with
		f.Doc = r.words(f.Doc)
		fields = append(fields, f)
		if name == "p_value" && r.family {
			fields = append(fields, adjustedField)
		}
	}
	return fields, nil
}

// write adds the verdicts of one claim, of which adjusted has the corrected p-values if the role is a family.
func (r role) write(w *frame.Writer, u *union, s *Source, fields []frame.Field, adjusted []*float64) error {
	axes, own := u.axes, r.fields()
	next := 0 // among all instances, of which u has those with a verdict
	for i := range u.parts {
		p := &u.parts[i]
		for p.instance != &s.Instances[next] {
			next++
		}
		of := s.Claim.Of[next]
		texts := []string{s.Claim.Name, of.Says, of.Source, of.SourceSays, of.Setting, s.Claim.Test}
		// what the claim says of itself is constant over its verdict, as axes are
		p.instance = &Instance{Address: p.instance.Address, Digest: p.instance.Digest, Axes: slices.Clone(p.instance.Axes)}
		for k, f := range own {
			p.instance.Axes = append(p.instance.Axes, stages.Axis{Name: f.Name, Value: texts[k]})
		}
	}
	u.axes = slices.Concat(axes, own)
	for i := range u.parts {
		t, err := u.table(i, fields)
		if err != nil {
			return err
		}
		if adjusted != nil && adjusted[i] != nil {
			setAdjusted(t, *adjusted[i])
		}
		for _, name := range wordy {
			if c := t.Column(name); c != nil && c.Type == frame.String {
				c.Strings = c.Strings.Map(r.words)
			}
		}
		if err := w.Write(t); err != nil {
			return fmt.Errorf("%s: %w", u.parts[i].instance.Address, err)
		}
	}
	return nil
}

// setAdjusted puts the corrected p-value into a verdict, and what it makes of the verdict.
func setAdjusted(t *frame.Table, p float64) {
	*t.Column(adjustedField.Name) = frame.Float64s(adjustedField, slices.Repeat([]float64{p}, t.Rows())).WithValid(nil)
	c := t.Column("verdict")
	if c == nil || c.Type != frame.String {
		return
	}
	c.Strings = c.Strings.Map(func(v string) string { return AfterHolm(v, &p, Number(t, "alpha")) })
}
