// Package generate holds the kind "generate": Boolean data in which a spurious feature correlates
// with the label.
package generate

import (
	"context"
	"fmt"

	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

// Kind makes Boolean data.
//
//	out  dataset  the law, and the samples of the finite sets
//	out  law      1 row: what the law is, exactly
//	out  groups   1 row for each split and group: expected and drawn samples
//	out  functions, fourier, influences  what the two functions are, before anything learns them
//
// Splits are drawn from streams of their own ("train set", "validation set", "test set"), so the
// size of one does not change the others, and a longer set begins with the samples of a shorter one
// up to a chunk of rows.
var Kind = stages.Define(stages.Kind{
	Name:    "generate",
	Version: 3,
	Doc: `Makes Boolean data in which a spurious feature correlates with the label.

Inputs are x in {-1,+1}^n: a core block, a spurious block, and independent coordinates. The label is
y = f_c(core block), the attribute s = f_s(spurious block); groups are g = 2y + s. Samples come from
D_λ: with probability λ (strength) uniform on the inputs where the functions agree, else uniform on
those where they do not (Qiu, Kuang, Goel 2024). Masses and biases are exact, and so are the samplers:
no draw is rejected. With samples = 0 the data set is the law alone, and training draws fresh samples
at every step from a stream of its own.

How complex the two functions are is told before any training: Fourier coefficients, degree, leap,
influences and noise sensitivity, exactly, up to 20 coordinates by a fast Walsh-Hadamard transform;
beyond, closed forms where there are some (O'Donnell, Analysis of Boolean Functions, 2014).`,
	Outputs: []stages.Output{
		{Name: "dataset", Type: dataset.Type, Internal: true, Fields: dataset.Fields,
			Doc: "The data set: the law in its metadata, and one row for each sample of the finite sets."},
		{Name: "law", Fields: lawFields, Doc: "What the law is, in one row: functions, biases, group masses, reference values.",
			Values: func(settings any) map[string][]string { return map[string][]string{"law": {settings.(*Settings).Law}} }},
		{Name: "groups", Fields: groupFields, Doc: "Group sizes of the finite sets: one row for each split and group; no rows without finite sets.",
			Values: stages.AlwaysValues(map[string][]string{"split": {"train", "validation", "test"}, "set_law": {sameLaw, balancedLaw, uniformLaw}})},
		{Name: "functions", Fields: functionFields, Doc: "How complex the core and the spurious function are: one row for each.", Values: ofFeatures},
		{Name: "fourier", Fields: fourierFields, Doc: "The largest Fourier coefficients of each function that are not 0; no rows for a function of more than 20 coordinates, but for a parity.", Values: ofFeatures},
		{Name: "influences", Fields: influenceFields, Doc: "The influence of each coordinate that a function reads; no rows for a function whose influences are not known.", Values: ofFeatures},
	},
}, run)

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	law := s.law()
	c, err := law.Compile()
	if err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	sets := []*set{
		{split: dataset.TrainSplit, rows: s.Samples, law: sameLaw},
		{split: dataset.ValidationSplit, rows: s.Validation, law: s.ValidationLaw},
		{split: dataset.TestSplit, rows: s.Test, law: s.TestLaw},
	}
	apportion(sets, c.Words())
	progress := func(done int) { r.Progress(int64(done), int64(s.Samples+s.Validation+s.Test)) }
	done := 0
	for _, set := range sets {
		stream := kernel.NewStream(s.Seed, string(set.split)+" set")
		if err := set.draw(ctx, c, stream, func(rows int) { progress(done + rows) }); err != nil {
			return fmt.Errorf("generate: %s: %w", set.split, err)
		}
		done += set.rows
	}
	dataset := dataset.Dataset{Description: dataset.Description{Law: &law, Dimensions: law.Dimensions()},
		Train: sets[0].samples, Validation: sets[1].samples, Test: sets[2].samples}
	table, err := dataset.Table()
	if err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	if err := r.Write("dataset", table); err != nil {
		return err
	}
	if table, err = lawTable(c); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	if err := r.Write("law", table); err != nil {
		return err
	}
	if table, err = groupTable(c, sets); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	if err := r.Write("groups", table); err != nil {
		return err
	}
	tables, err := featureTables(law, s.FourierTerms, s.NoiseRate)
	if err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	if err := r.Write("functions", tables.functions); err != nil {
		return err
	}
	if err := r.Write("fourier", tables.fourier); err != nil {
		return err
	}
	return r.Write("influences", tables.influences)
}

// A set is a finite set to draw.
type set struct {
	split dataset.Split
	rows  int
	law   string
	// what is drawn; the sets' lie one after the other
	packed             []uint64
	labels, attributes []int16
	samples            *dataset.Samples // nil if there are no rows
	counts             [4]int           // drawn, by group
}

// apportion makes room for the rows of all sets.
func apportion(sets []*set, words int) {
	rows := 0
	for _, set := range sets {
		rows += set.rows
	}
	packed, labels, attributes := make([]uint64, rows*words), make([]int16, rows), make([]int16, rows)
	for _, set := range sets {
		set.packed, packed = packed[:set.rows*words], packed[set.rows*words:]
		set.labels, labels = labels[:set.rows], labels[set.rows:]
		set.attributes, attributes = attributes[:set.rows], attributes[set.rows:]
	}
}

// rowsAtOnce bounds what is drawn between two looks at the context.
const rowsAtOnce = 1 << 16

func (set *set) draw(ctx context.Context, c *datalaw.Compiled, stream *kernel.Stream, progress func(rows int)) error {
	if set.rows == 0 {
		return nil
	}
	packed, labels, attributes := set.packed, set.labels, set.attributes
	if set.law == balancedLaw {
		set.deal(stream, labels, attributes)
	}
	for first := 0; first < set.rows; first += rowsAtOnce {
		if err := ctx.Err(); err != nil {
			return err
		}
		end := min(set.rows, first+rowsAtOnce)
		part, y, s := packed[first*c.Words():end*c.Words()], labels[first:end], attributes[first:end]
		switch set.law {
		case balancedLaw:
			if err := c.SampleGiven(stream, part, y, s); err != nil {
				return err
			}
		case uniformLaw:
			c.SampleBits(stream, c.Uniform(), end-first, part, y, s)
		default:
			c.SampleBits(stream, c.Confounded(), end-first, part, y, s)
		}
		progress(end)
	}
	var ones, with, both int // labels of 1, attributes of 1, both
	attributes = attributes[:len(labels)]
	for i, y := range labels {
		s := attributes[i]
		ones, with, both = ones+int(y), with+int(s), both+int(y&s)
	}
	set.counts = [4]int{len(labels) - ones - with + both, with - both, ones - both, both}
	var err error
	set.samples, err = dataset.Pack(set.split, c.Dimensions(), packed, labels, attributes)
	return err
}

// deal gives the groups equally many rows, up to one, in random order.
func (set *set) deal(stream *kernel.Stream, labels, attributes []int16) {
	for i := range labels {
		labels[i], attributes[i] = int16(i>>1&1), int16(i&1)
	}
	stream.Shuffle(len(labels), func(i, j int) {
		labels[i], labels[j] = labels[j], labels[i]
		attributes[i], attributes[j] = attributes[j], attributes[i]
	})
}
