package importing

import (
	"fmt"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/picture"
)

var cardFields = []frame.Field{
	{Name: "split", Type: frame.String, Doc: "The split: train, validation or test."},
	{Name: "group", Type: frame.String, Doc: "The group by its names: class and attributes; the class alone without attributes."},
	{Name: "class", Type: frame.String, Doc: "The class of the group."},
	{Name: "label", Type: frame.Int64, Doc: "The label y of the class."},
	{Name: "attributes", Type: frame.String, Nullable: true, Doc: "The attributes of the group, with a comma between; null without attributes."},
	{Name: "attribute", Type: frame.Int64, Nullable: true, Doc: "The attribute s; null without attributes."},
	{Name: "samples", Type: frame.Int64, Unit: "samples", Doc: "How many samples of the split are in the group."},
	{Name: "share", Type: frame.Float64, Unit: "1", Doc: "The share of the split's samples that are in the group."},
}

var sourceFields = []frame.Field{
	{Name: "source", Type: frame.String, Doc: "A file, or what the spec calls the data."},
	{Name: "sha256", Type: frame.String, Nullable: true, Doc: "SHA-256 of the file's bytes; of several, that of what sha256sum prints for them in the order of their paths."},
	{Name: "licence", Type: frame.String, Nullable: true, Doc: "The licence, as the spec states it."},
	{Name: "filter", Type: frame.String, Nullable: true, Doc: "What was taken of it, and how it was changed."},
}

// writeCard writes the counts and the sources.
func (j *job) writeCard() error {
	b := frame.NewBuilder(cardFields)
	for split, count := range j.counts {
		if count == 0 {
			continue
		}
		for g, n := range j.groups[split] {
			j.cardRow(b, split, g, n)
		}
	}
	t, err := b.Table()
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	if len(j.notes) > 0 {
		t.Meta = map[string]string{frame.NoteKey: strings.Join(j.notes, "; ")}
	}
	if err := j.r.Write("card", t); err != nil {
		return err
	}
	b = frame.NewBuilder(sourceFields)
	for _, s := range j.data.Sources {
		b.String("source", s.Name)
		b.StringUnlessEmpty("sha256", s.Digest)
		b.StringUnlessEmpty("licence", s.Licence)
		b.StringUnlessEmpty("filter", s.Filter)
		b.EndRow()
	}
	return j.r.WriteBuilt("sources", b)
}

func (j *job) cardRow(b *frame.Builder, split, g, n int) {
	y, s := g/j.values, g%j.values
	b.String("split", string(dataset.Splits[split]))
	b.String("group", j.groupName(g))
	b.String("class", j.data.ClassName(y))
	b.Int("label", y)
	if j.attribute != nil {
		b.String("attributes", j.data.AttributeName(s))
		b.Int("attribute", s)
	} else {
		b.Null("attributes")
		b.Null("attribute")
	}
	b.Int("samples", n)
	b.Float64("share", float64(n)/float64(j.counts[split]))
	b.EndRow()
}

func (j *job) groupName(g int) string {
	if j.attribute == nil {
		return j.data.ClassName(g)
	}
	return j.data.GroupName(g)
}

// mostRows is how many groups the page shows.
const mostRows = 40

// writePage draws the page: groups with their counts, and sample pictures of those in train.
func (j *job) writePage() error {
	sheet := picture.Sheet{Title: "What was imported", Caption: j.caption()}
	if s := j.s.Source; s != nil && s.Name != "" {
		sheet.Title = s.Name
	}
	for g := range j.groups[0] {
		if len(sheet.Groups) == mostRows {
			sheet.Caption += fmt.Sprintf(" %s more are not shown.", counted(len(j.groups[0])-mostRows, "group"))
			break
		}
		var counts []string
		for split, of := range j.counts {
			if of > 0 {
				counts = append(counts, grouped(j.groups[split][g])+" "+string(dataset.Splits[split]))
			}
		}
		sheet.Groups = append(sheet.Groups, picture.Group{Label: j.groupName(g) + ": " + strings.Join(counts, ", "), Pictures: j.samples(g)})
	}
	if !j.drawn() {
		sheet = inWords(sheet)
	}
	return j.r.WriteFile("page", sheet.Page().SVG())
}

// drawn reports whether inputs can be drawn: bytes with one channel or three.
func (j *job) drawn() bool {
	s := j.data.Shape
	return s != nil && j.inner.Bytes != nil && (s.Channels == 1 || s.Channels == 3)
}

// inWords gives a sheet whose groups are lines of text.
func inWords(s picture.Sheet) picture.Sheet {
	var lines []string
	for _, g := range s.Groups {
		lines = append(lines, g.Label)
	}
	return picture.Sheet{Title: s.Title, Caption: strings.Join(append(lines, s.Caption), ". ")}
}

// caption says what the samples are, and what is to be known of them.
func (j *job) caption() string {
	words := []string{fmt.Sprintf("%s of %s", counted(len(j.order), "sample"), counted(j.data.Dimensions, "number"))}
	if j.data.Shape != nil {
		words[0] += " (" + j.data.Shape.String() + ")"
	}
	return strings.Join(append(words, j.notes...), "; ") + "."
}

// samples gives the first pictures of a group in train.
func (j *job) samples(g int) (list []*picture.Image) {
	if !j.drawn() {
		return nil
	}
	n, s := j.data.Dimensions, j.data.Shape
	for i, row := range j.order[:j.counts[0]] {
		if len(list) == j.s.Samples {
			break
		}
		if j.group(row) == g {
			list = append(list, &picture.Image{Channels: s.Channels, Height: s.Height, Width: s.Width, Pixels: j.inner.Bytes[i*n : (i+1)*n]})
		}
	}
	return list
}
