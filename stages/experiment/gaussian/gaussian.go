// Package gaussian holds the kind "gaussian": real-valued features, such as embeddings, in which a spurious direction goes
// with the label.
package gaussian

import (
	"context"
	"fmt"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/kernel"
)

// groups is the number of groups 2y + s.
const groups = 4

// Kind draws Gaussian features.
//
//	out  dataset  float32 inputs [samples, dimensions], the groups as large as the settings say
//	out  law      1 row: how well each block can be read, exactly
//	out  groups   1 row for each split and group
//
// Splits are drawn from streams of their own ("train features", ...): first the order of the groups, then the samples one after the other.
var Kind = stages.Define(stages.Kind{
	Name:    "gaussian",
	Version: 1,
	Doc: `Draws real-valued features, such as embeddings of images, in which a spurious direction goes with the label.

With t = 2y - 1 and a = 2s - 1 in {-1,+1} an input is x = [core | spurious | noise]: core ~ N(t 1, core_noise² I), spurious ~
N(a 1, spurious_noise² I), noise ~ N(0, noise²/N I) in the N coordinates that are left, all independent given label and attribute. So the label is in one direction, 1 on the core block, and
the attribute in another. This is the law of Sagawa, Raghunathan, Koh and Liang (ICML 2020), with one coordinate for
each feature or several.

The groups 2y + s have exactly the sizes that are given, so that a set is as unbalanced as Waterbirds or CelebA. Training on few samples of many
dimensions fits the small groups by the noise, and reads the spurious direction for the rest.

If the groups count alike, no predictor is right more often in its worst group than the one that reads the core block alone: the table law says how
often, as core_accuracy. The spurious block tells the attribute, not the label, and the noise tells nothing.`,
	Outputs: []stages.Output{
		{Name: "dataset", Type: dataset.Type, Internal: true, Fields: dataset.Fields[:4], Others: "inputs, as lists of float32",
			Doc: "The data set: one row for each sample, and in its metadata where the blocks lie."},
		{Name: "law", Fields: lawFields, Doc: "What the law is, in one row."},
		{Name: "groups", Fields: groupFields, Doc: "Group sizes: one row for each split and group.",
			Values: stages.AlwaysValues(map[string][]string{"split": {"train", "validation", "test"}})},
	},
}, run)

var lawFields = []frame.Field{
	{Name: "dimensions", Type: frame.Int64, Unit: "coordinates", Doc: "Number of coordinates of an input."},
	{Name: "core_length", Type: frame.Int64, Unit: "coordinates", Doc: "Length of the core block."},
	{Name: "spurious_length", Type: frame.Int64, Unit: "coordinates", Doc: "Length of the spurious block."},
	{Name: "core_accuracy", Type: frame.Float64, Unit: "1", Doc: "Φ(sqrt(core_length) / core_noise): the accuracy in every group of the best predictor that reads the core block alone, and the highest worst-group accuracy that there is."},
	{Name: "spurious_accuracy", Type: frame.Float64, Unit: "1", Doc: "Φ(sqrt(spurious_length) / spurious_noise): how often the best predictor of the attribute is right."},
	{Name: "majority", Type: frame.Float64, Unit: "1", Doc: "Share of the training samples whose attribute is their label."},
}

var groupFields = []frame.Field{
	{Name: "split", Type: frame.String, Doc: "The part of the data: train, validation or test."},
	{Name: "group", Type: frame.Int64, Doc: "The group 2y + s."},
	{Name: "label", Type: frame.Int64, Doc: "The label y of the group."},
	{Name: "attribute", Type: frame.Int64, Doc: "The attribute s of the group."},
	{Name: "samples", Type: frame.Int64, Unit: "samples", Doc: "Number of samples of the group."},
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	d, err := s.draw(ctx, r.Progress)
	if err != nil {
		return fmt.Errorf("gaussian: %w", err)
	}
	t, err := d.Table()
	if err != nil {
		return fmt.Errorf("gaussian: %w", err)
	}
	if err := r.Write("dataset", t); err != nil {
		return err
	}
	if err := r.WriteBuilt("law", s.law()); err != nil {
		return err
	}
	return r.WriteBuilt("groups", s.groups())
}

// draw draws all splits, whose inputs lie one after the other.
func (s *Settings) draw(ctx context.Context, progress func(done, total int64)) (*dataset.Dataset, error) {
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: s.Dimensions, Parts: s.parts()}}
	rows := 0
	for _, split := range dataset.Splits {
		rows += total(s.sizes(split))
	}
	if limit := frame.Limit(); int64(rows) > limit/int64(4*s.Dimensions) {
		return nil, &frame.TooLargeError{What: "the inputs take", Limit: limit}
	}
	x, done := make([]float32, rows*s.Dimensions), 0
	for _, split := range dataset.Splits {
		labels, attributes := s.deal(split)
		if len(labels) == 0 {
			continue
		}
		to := x[done*s.Dimensions:][:len(labels)*s.Dimensions]
		if err := s.fill(ctx, split, to, labels, attributes, func(row int) { progress(int64(done+row), int64(rows)) }); err != nil {
			return nil, err
		}
		samples, err := dataset.Real(split, s.Dimensions, to, labels, attributes)
		if err != nil {
			return nil, err
		}
		d.Set(samples)
		done += len(labels)
	}
	return d, nil
}

// parts tells where the blocks lie.
func (s *Settings) parts() []dataset.Part {
	block := func(name string, first, length int) dataset.Part {
		return dataset.Part{Name: name, Channels: [2]int{0, 1}, Rows: [2]int{0, 1}, Columns: [2]int{first, first + length}}
	}
	return []dataset.Part{block(dataset.CorePart, 0, s.CoreLength), block(dataset.SpuriousPart, s.CoreLength, s.SpuriousLength)}
}

// deal gives the groups of a split their samples, in random order.
func (s *Settings) deal(split dataset.Split) (labels, attributes []int16) {
	for g, n := range s.sizes(split) {
		for range n {
			labels, attributes = append(labels, int16(g>>1)), append(attributes, int16(g&1))
		}
	}
	kernel.NewStream(s.Seed, string(split)+" order").Shuffle(len(labels), func(i, j int) {
		labels[i], labels[j] = labels[j], labels[i]
		attributes[i], attributes[j] = attributes[j], attributes[i]
	})
	return labels, attributes
}

// fill draws inputs, [len(labels), Dimensions].
func (s *Settings) fill(ctx context.Context, split dataset.Split, x []float32, labels, attributes []int16, progress func(row int)) error {
	stream := kernel.NewStream(s.Seed, string(split)+" features")
	noise := s.Noise / math.Sqrt(float64(max(1, s.Dimensions-s.CoreLength-s.SpuriousLength)))
	for i := range labels {
		if i%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress(i)
		}
		row := x[i*s.Dimensions:][:s.Dimensions]
		core, rest := row[:s.CoreLength], row[s.CoreLength:]
		around(core, float64(2*labels[i]-1), s.CoreNoise, stream)
		around(rest[:s.SpuriousLength], float64(2*attributes[i]-1), s.SpuriousNoise, stream)
		around(rest[s.SpuriousLength:], 0, noise, stream)
	}
	return nil
}

// around draws from N(mean 1, noise² I).
func around(x []float32, mean, noise float64, stream *kernel.Stream) {
	for j := range x {
		x[j] = float32(mean + float64(noise*stream.Normal()))
	}
}

func (s *Settings) law() *frame.Builder {
	b := frame.NewBuilder(lawFields)
	b.Int("dimensions", s.Dimensions)
	b.Int("core_length", s.CoreLength)
	b.Int("spurious_length", s.SpuriousLength)
	b.Float64("core_accuracy", 1-distribution.NormalTail(math.Sqrt(float64(s.CoreLength))/s.CoreNoise))
	b.Float64("spurious_accuracy", 1-distribution.NormalTail(math.Sqrt(float64(s.SpuriousLength))/s.SpuriousNoise))
	b.Float64("majority", float64(s.Train[0]+s.Train[3])/float64(total(s.Train)))
	b.EndRow()
	return b
}

func (s *Settings) groups() *frame.Builder {
	b := frame.NewBuilder(groupFields)
	for _, split := range dataset.Splits {
		for g, n := range s.sizes(split) {
			b.String("split", string(split))
			b.Int("group", g)
			b.Int("label", g>>1)
			b.Int("attribute", g&1)
			b.Int("samples", n)
			b.EndRow()
		}
	}
	return b
}
