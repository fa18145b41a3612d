package main

import (
	"fmt"
	"strings"

	"spurion/pipeline/describe"
)

func kindTable(docs []describe.KindDoc, s style) string {
	var b strings.Builder
	for _, part := range []struct {
		title string
		test  bool
	}{{"Kinds of stages", false}, {"Tests of claims", true}} {
		g := newGrid("", "", "")
		g.width, g.wrap = s.width-2, 2
		for _, d := range docs {
			if d.Test == part.test {
				g.add(s.bold(d.Name), fmt.Sprintf("v%d", d.Version), firstSentence(d.Doc))
			}
		}
		if len(g.rows) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(part.title + "\n" + g.render(s, "  "))
	}
	b.WriteString("\nspurion kinds KIND documents one.\n")
	return b.String()
}

// firstSentence gives the text up to its first full stop that ends a sentence.
func firstSentence(doc string) string {
	doc = strings.Join(strings.Fields(doc), " ")
	if i := strings.Index(doc, ". "); i >= 0 {
		return doc[:i+1]
	}
	return doc
}

func kindText(d *describe.KindDoc, s style) string {
	var b strings.Builder
	what := "stage"
	if d.Test {
		what = "test"
	}
	fmt.Fprintf(&b, "%s, version %d\n\n", s.bold(fmt.Sprintf("%s %q", what, d.Name)), d.Version)
	if len(d.Parts) > 0 {
		b.WriteString(paragraph(partText(d), min(s.width, 100), "  ") + "\n")
	}
	b.WriteString(paragraph(d.Doc, min(s.width, 100), "  "))
	section := func(name string) { fmt.Fprintf(&b, "\n%s\n", s.bold(name)) }
	if len(d.Settings) > 0 {
		section("Settings")
		settingList(&b, d.Settings, s, "", 0)
	}
	if len(d.Inputs) > 0 {
		section("Inputs")
		g := newGrid("", "", "")
		g.width, g.wrap = s.width-2, 2
		for _, in := range d.Inputs {
			g.add(s.cyan(in.Name), inputType(in), in.Doc)
		}
		b.WriteString(g.render(s, "  "))
	}
	if d.Gathers {
		b.WriteString(paragraph(gathersText(d, "allow_failed"), s.width, "  "))
	}
	section("Outputs")
	for _, o := range d.Outputs {
		fmt.Fprintf(&b, "  %s  %s\n", s.cyan(o.Name), s.faint(outputType(o)))
		b.WriteString(paragraph(o.Doc, s.width, "    "))
		g := newGrid("", "", "", "")
		g.width, g.wrap = s.width-4, 3
		for _, c := range o.Columns {
			g.add(c.Name, c.Type, dash(c.Unit), c.Doc)
		}
		b.WriteString(g.render(s, "    "))
		if o.Others != "" {
			b.WriteString(paragraph(otherColumns(o), s.width, "    "))
		}
	}
	if d.Dynamic {
		b.WriteString("  and those that the settings declare\n")
	}
	section("Labels")
	b.WriteString(paragraph(labelText(d), s.width, "  "))
	return b.String()
}

// otherColumns says which columns an output has besides those that are always there.
func otherColumns(o describe.OutputDoc) string {
	if len(o.Columns) == 0 {
		return "Its columns: " + o.Others + "."
	}
	return "And other columns: " + o.Others + "."
}

// gathersText says that a kind can do without instances that failed, by the attribute as it is to be written.
func gathersText(d *describe.KindDoc, attribute string) string {
	if d.Test {
		return fmt.Sprintf("With %s, beside the test, a claim does without instances that failed.", attribute)
	}
	return fmt.Sprintf("With %s it does without instances that failed.", attribute)
}

// partText says which parts of a kind have versions of their own.
func partText(d *describe.KindDoc) string {
	versions := make([]string, len(d.Parts))
	for i, p := range d.Parts {
		versions[i] = fmt.Sprintf("%s %d", p.Name, p.Version)
	}
	return fmt.Sprintf("Each %s has a version of its own, which is raised alone: %s.", d.Parts[0].Role, strings.Join(versions, ", "))
}

// labelText says which privileged columns a kind reads.
func labelText(d *describe.KindDoc) string {
	if len(d.Labels) == 0 {
		return "It reads no column that is marked as privileged."
	}
	var marks, checked []string
	purposes := map[string][]string{}
	for _, l := range d.Labels {
		if l.Purpose == "checking" {
			checked = append(checked, l.Mark)
			continue
		}
		if purposes[l.Mark] == nil {
			marks = append(marks, l.Mark)
		}
		purposes[l.Mark] = append(purposes[l.Mark], l.Purpose)
	}
	for i, m := range marks {
		marks[i] = m + " for " + strings.Join(purposes[m], " and ")
	}
	var text []string
	if len(marks) > 0 {
		text = append(text, "It reads the marked columns "+strings.Join(marks, ", ")+".")
	}
	if len(checked) > 0 {
		text = append(text, "As it takes a data set apart, it checks "+strings.Join(checked, ", ")+" against each other.")
	}
	return strings.Join(text, " ")
}

// inputType says what an input takes: "dataset", "optional list of files".
func inputType(in describe.InputDoc) string {
	text := in.Type
	if in.Cardinality == "list" || in.Cardinality == "map" {
		text = in.Cardinality + " of " + in.Type + "s"
	}
	if !in.Required {
		text = "optional " + text
	}
	return text
}

func outputType(o describe.OutputDoc) string {
	t := o.Type
	if o.File != "" {
		t = "file " + o.File
	}
	if o.Internal {
		t += ", kept in the store only"
	}
	return t
}

// nesting is how deep blocks are unfolded: functions may take functions, without end.
const nesting = 3

// settingList shows each setting with its type and limits on a line, and what it means below.
func settingList(b *strings.Builder, settings []describe.SettingDoc, s style, prefix string, depth int) {
	for _, x := range settings {
		fmt.Fprintf(b, "  %s  %s\n", s.cyan(prefix+x.Name), s.faint(settingType(x)))
		var words []string
		for _, text := range []string{x.Doc, settingNotes(x)} {
			if text != "" {
				words = append(words, sentence(text))
			}
		}
		b.WriteString(paragraph(strings.Join(words, " "), s.width, "      "))
		if depth < nesting {
			settingList(b, x.Nested, s, prefix+x.Name+".", depth+1)
		}
	}
}

// sentence ends a text with one full stop.
func sentence(text string) string {
	return strings.TrimSuffix(text, ".") + "."
}

func settingType(x describe.SettingDoc) string {
	if x.Unit != "" && x.Unit != "1" {
		return x.Type + ", " + x.Unit
	}
	return x.Type
}

// settingNotes gives "Required; at least 1", "Default 64; one of sgd, adam".
func settingNotes(x describe.SettingDoc) string {
	var notes []string
	switch {
	case x.Required:
		notes = append(notes, "required")
	case x.Default != "":
		notes = append(notes, "default "+x.Default)
	}
	if x.NonEmpty {
		notes = append(notes, "at least one element")
	}
	if x.Bounds != "" {
		notes = append(notes, x.Bounds)
	}
	if words := append(x.OneOf[:len(x.OneOf):len(x.OneOf)], x.Labels...); len(words) > 0 {
		notes = append(notes, "one of "+strings.Join(words, ", "))
	}
	if x.DefaultLabel != "" {
		notes = append(notes, fmt.Sprintf("%q if no label is written", x.DefaultLabel))
	}
	if x.Label != "" {
		notes = append(notes, fmt.Sprintf("as an object: { %s = %q, ... }", x.Label, x.Labels[0]))
	}
	if len(x.For) > 0 {
		notes = append(notes, "only of "+strings.Join(x.For, ", "))
	}
	if x.Unkeyed {
		notes = append(notes, "not in the key")
	}
	if len(notes) == 0 {
		return ""
	}
	text := strings.Join(notes, "; ")
	return strings.ToUpper(text[:1]) + text[1:]
}
