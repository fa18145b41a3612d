package compose

import (
	"context"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
)

// Kind puts two data sets together.
//
//	in   core      the samples whose label is to be learned
//	in   spurious  the samples whose label becomes the attribute
//	out  dataset   one sample for each of core, with the rows that it was made of
//	out  groups    1 row for each split and group
//
// Splits are drawn from streams of their own ("train mix", "validation mix", "test mix"), in the order: rows of core, attributes,
// rows of spurious.
var Kind = stages.Define(stages.Kind{
	Name:    "compose",
	Version: 2,
	Doc: `Puts two data sets together: the label of the first is to be learned, that of the second is a spurious attribute.

Each sample is an input of core with one of spurious beside it, below it, over it or as further channels. Its label is that of
core, its attribute the label of the spurious input. A share strength (λ) of each class gets the attribute that goes with the class: so
images of Dominoes are made (Shah et al. 2020), and by the same rule as in the code of Qiu, Kuang and Goel (2024).

Training samples are made of the training splits alone, and so on: no image of a source's training set is in the test set. Columns core_row and
spurious_row of the data set tell which rows of the sources' splits a sample was made of. Grey images beside RGB images get three equal
channels. Pixels stay bytes where both sources have bytes of one scale. An attribute that core has of its own is left out.`,
	Inputs: []stages.Input{
		{Name: "core", Type: dataset.Type, Doc: "The data set whose label is to be learned."},
		{Name: "spurious", Type: dataset.Type, Doc: "The data set whose label becomes the attribute."},
	},
	Outputs: []stages.Output{datasetOutput, groupsOutput},
	Labels:  slices.Concat([]stages.LabelUse{{Mark: frame.MarkSplit, Purpose: dataset.Making}}, dataset.Reading),
}, run)

var datasetOutput = stages.Output{Name: "dataset", Type: dataset.Type, Internal: true, Fields: dataset.Fields[:2],
	Others: "attribute, group and inputs, and the rows of the sources",
	Doc:    "The data set: one row for each sample, and what is known of it in its metadata."}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	core, err := read(r, "core")
	if err != nil {
		return err
	}
	spurious, err := read(r, "spurious")
	if err != nil {
		return err
	}
	out, l, err := s.describe(core, spurious)
	if err != nil {
		return fmt.Errorf("compose: %w", err)
	}
	m := &mixing{way: s.Mixing, pairs: out.Pairs, values: out.ValueCount()}
	made := &made{Dataset: dataset.Dataset{Description: *out}}
	for _, split := range dataset.Splits {
		p, err := s.pair(split, core, spurious, m)
		if err != nil {
			return fmt.Errorf("compose: %s: %w", split, err)
		}
		if p == nil {
			continue
		}
		in, err := p.inputs(&l, func(rows int) error {
			r.Progress(int64(rows), int64(len(p.labels)))
			return ctx.Err()
		})
		if err != nil {
			return err
		}
		if err := made.add(split, in, p.labels, p.attributes, p.coreRows, p.spuriousRows); err != nil {
			return err
		}
	}
	return made.write(r, "core_row", "spurious_row", func(split dataset.Split) float64 {
		return strengthOf(split, s.Strength, s.ValidationStrength, s.TestStrength, m.values)
	})
}

// read reads an input that has samples.
func read(r *stages.Run, input string) (*dataset.Dataset, error) {
	d, err := r.Decoded(input, dataset.Decoder)
	if err != nil {
		return nil, err
	}
	if set := d.(*dataset.Dataset); set.Train != nil {
		return set, nil
	}
	return nil, fmt.Errorf("input %q: the data set has no training samples: give the stage that makes it a number of them", input)
}

// describe says what the data set is that comes of two.
func (s *Settings) describe(core, spurious *dataset.Dataset) (*dataset.Description, layout, error) {
	l, err := s.arrange(&core.Description, &spurious.Description)
	if err != nil {
		return nil, l, err
	}
	out := &dataset.Description{Dimensions: l.shape.Size(), Classes: core.Classes, Parts: l.parts(), Sources: slices.Concat(core.Sources, spurious.Sources)}
	if !l.flat {
		out.Shape = &l.shape
	}
	if values := spurious.ClassCount(); spurious.Classes != nil || values != 2 || core.Classes != nil {
		out.Attributes = []dataset.Attribute{{Name: "spurious", Values: names(&spurious.Description, values)}}
	}
	if out.Pairs, err = s.pairsOf(&core.Description, &spurious.Description); err != nil {
		return nil, l, err
	}
	return out, l, out.Check()
}

// pair chooses the rows of a split; nil if core has none of it, or none are wanted.
func (s *Settings) pair(split dataset.Split, core, spurious *dataset.Dataset, m *mixing) (*paired, error) {
	p := &paired{core: core.Split(split), spurious: spurious.Split(split)}
	n := s.size(split)
	switch {
	case n == 0 || n < 0 && p.core == nil:
		return nil, nil
	case p.core == nil:
		return nil, fmt.Errorf("%d samples are wanted, but core has none of this split: make some where it is imported", n)
	case p.spurious == nil:
		return nil, fmt.Errorf("core has samples of this split, but spurious has none: make some where it is imported, or set %s = 0", split)
	case n > p.core.Rows:
		return nil, fmt.Errorf("%d samples are wanted, but core has %d", n, p.core.Rows)
	case n < 0:
		n = p.core.Rows
	}
	stream := kernel.NewStream(s.Seed, string(split)+" mix")
	p.coreRows = choose(p.core.Rows, n, stream)
	all := p.core.Labels(&dataset.Ledger{}, dataset.Making)
	p.labels = make([]int16, n)
	for i, row := range p.coreRows {
		p.labels[i] = all[row]
	}
	p.attributes = m.attributes(p.labels, strengthOf(split, s.Strength, s.ValidationStrength, s.TestStrength, m.values), stream)
	given := deal(p.spurious.Labels(&dataset.Ledger{}, dataset.Making), m.values, s.Reuse, stream)
	var err error
	if p.spuriousRows, err = given.draw(p.attributes); err != nil {
		if lack, ok := err.(*lack); ok {
			return nil, fmt.Errorf("%d samples of the class %s of spurious are needed, but there are %d; reuse = true draws some several times", lack.need, spurious.ClassName(lack.label), lack.have)
		}
		return nil, err
	}
	return p, nil
}
