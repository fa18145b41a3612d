package responses

import (
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// BenchmarkCheckpoints looks at 10 checkpoints of a network of 256 units on images of 3 x 64 x 32.
func BenchmarkCheckpoints(b *testing.B) {
	shape := dataset.Shape{Channels: 3, Height: 64, Width: 32}
	const rows = 2400
	pixels, labels, attributes := make([]uint8, rows*shape.Size()), make([]int16, rows), make([]int16, rows)
	stream := kernel.NewStream(1, "pixels")
	for i := range pixels {
		pixels[i] = uint8(stream.IntN(256))
	}
	for i := range labels {
		labels[i], attributes[i] = int16(i%2), int16(i/2%2)
	}
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: shape.Size(), Shape: &shape, Parts: []dataset.Part{
		{Name: dataset.CorePart, Channels: [2]int{0, 3}, Rows: [2]int{0, 32}, Columns: [2]int{0, 32}},
		{Name: dataset.SpuriousPart, Channels: [2]int{0, 3}, Rows: [2]int{32, 64}, Columns: [2]int{0, 32}},
	}}}
	d.Train = made(b, dataset.TrainSplit, dataset.Inputs{Dimensions: shape.Size(), Bytes: pixels, Scale: 1. / 255}, 2, labels, attributes)
	d.Test = made(b, dataset.TestSplit, dataset.Inputs{Dimensions: shape.Size(), Bytes: pixels, Scale: 1. / 255}, 2, labels, attributes)
	for name, hidden := range map[string][]int{"hidden=256": {256}, "hidden=256+256": {256, 256}} {
		in := given(b, d, network(2, hidden...), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				stagetest.Run(b, Kind, `{}`, in)
			}
		})
	}
}
