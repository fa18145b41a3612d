package statedict_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/arrayfile"
	"spurion/stages/common/dataset"
	"spurion/stages/common/model"
	"spurion/stages/common/statedict"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// cnn gives a network on images of 2 x 5 x 4 at the steps 0 and 7, which differ, and the latter as a table.
func cnn(t *testing.T) (*neuralnet.Network, *frame.Table) {
	t.Helper()
	shape := neuralnet.ImageShape{Channels: 2, Height: 5, Width: 4}
	s := neuralnet.NetworkSettings{Type: neuralnet.CNN, Hidden: []int{3}, Activation: "tanh", Bias: true, Outputs: 2, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1",
		LayerInits: []string{}, LayerInitScales: []float64{}, Layers: []neuralnet.ImageLayer{
			{Type: neuralnet.Rectify},
			{Type: neuralnet.Conv, Channels: 3, Kernel: 2, Stride: 1},
			{Type: neuralnet.BatchNorm, Momentum: .1, Epsilon: 1e-5},
			{Type: neuralnet.Residual, Layers: []neuralnet.ImageLayer{{Type: neuralnet.Conv, Channels: 2, Kernel: 1, Stride: 1}, {Type: neuralnet.BatchNorm, Momentum: .1, Epsilon: 1e-5}},
				Shortcut: []neuralnet.ImageLayer{{Type: neuralnet.Conv, Channels: 2, Kernel: 1, Stride: 1}}},
		}}
	s, err := s.On(&shape)
	if err != nil {
		t.Fatal(err)
	}
	net, err := neuralnet.New(s, shape.Size(), kernel.NewStream(3, "init"))
	if err != nil {
		t.Fatal(err)
	}
	m := model.New(s, dataset.Description{Dimensions: shape.Size(), Shape: (*dataset.Shape)(&shape)})
	m.Add(0, net)
	for _, l := range net.All() { // all numbers differ
		for _, values := range [][]float32{l.Weights, l.Biases, l.Mean, l.Variance} {
			for i := range values {
				values[i] += float32(i+1) / 8
			}
		}
	}
	m.Add(7, net)
	table, err := m.Table()
	if err != nil {
		t.Fatal(err)
	}
	return net, table
}

// TestLayouts: the tensors have PyTorch's names, shapes and order of numbers.
func TestLayouts(t *testing.T) {
	net, table := cnn(t)
	d, err := statedict.FromTable(table, nil)
	if err != nil {
		t.Fatal(err)
	}
	tensors := map[string]statedict.Tensor{}
	var names []string
	for _, x := range d.Tensors {
		tensors[x.Name] = x
		names = append(names, x.Name)
	}
	// A convolution before a batch normalisation has no biases.
	want := "image.1.weight image.2.weight image.2.bias image.2.running_mean image.2.running_var " +
		"image.3.layers.0.weight image.3.layers.1.weight image.3.layers.1.bias image.3.layers.1.running_mean image.3.layers.1.running_var " +
		"image.3.shortcut.0.weight image.3.shortcut.0.bias hidden.0.weight hidden.0.bias output.weight output.bias"
	if got := strings.Join(names, " "); got != want {
		t.Fatalf("%s\nwant\n%s", got, want)
	}
	conv := &net.Image.Layers[0]
	for i, v := range tensors["image.1.weight"].Values { // [3, 2, 2, 2]
		o, c, y, x := i/8, i/4%2, i/2%2, i%2
		if v != conv.Weights[((y*2+x)*2+c)*3+o] {
			t.Fatalf("the convolution's weight [%d, %d, %d, %d] is another", o, c, y, x)
		}
	}
	hidden := &net.Layers[0]
	for i, v := range tensors["hidden.0.weight"].Values { // [3, 24]: channels 2, height 4, width 3
		o, c, p := i/24, i%24/12, i%12
		if v != hidden.Weights[(p*2+c)*3+o] {
			t.Fatalf("the weight of neuron %d from channel %d, pixel %d is another", o, c, p)
		}
	}
	if got, want := tensors["image.3.layers.1.running_var"].Values, net.Image.Layers[3].Variance; !slices.Equal(got, want) {
		t.Errorf("running_var is %v, want %v", got, want)
	}
	var about statedict.Description
	if err := json.Unmarshal([]byte(d.About), &about); err != nil || about.Step != 7 || about.Inputs != 40 || !slices.Equal(about.Shape, []int{2, 5, 4}) || about.OutputScale != 1 {
		t.Errorf("it is described as %s: %v", d.About, err)
	}
	if text := string(about.Network); !strings.Contains(text, `"momentum":0.1`) || !strings.Contains(text, `"activation":"tanh"`) {
		t.Errorf("the network is described as %s", text)
	}
}

// TestFormats: both files hold the tensors. What PyTorch makes of the first is for .ci/torch to say.
func TestFormats(t *testing.T) {
	_, table := cnn(t)
	d, err := statedict.FromTable(table, new(int))
	if err != nil {
		t.Fatal(err)
	}
	data, err := d.Safetensors()
	if err != nil {
		t.Fatal(err)
	}
	file, err := arrayfile.Open(bytes.NewReader(data), int64(len(data)), arrayfile.Options{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if file.Metadata[statedict.MetadataKey] != d.About || len(file.Entries) != len(d.Tensors) {
		t.Errorf("%d tensors and the metadata %v", len(file.Entries), file.Metadata)
	}
	archive, offsets := records(t, d)
	for i, want := range d.Tensors {
		array, err := file.Read(want.Name, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := array.Float32(); err != nil || !slices.Equal(got, want.Values) || !slices.Equal(array.Shape, want.Shape) {
			t.Errorf("%s is %v of the shape %v", want.Name, got, array.Shape)
		}
		name := fmt.Sprintf("model/data/%d", i)
		if !bytes.Contains(data, archive[name]) || len(archive[name]) != 4*len(want.Values) || offsets[name]%64 != 0 {
			t.Errorf("%s: %d bytes at %d", name, len(archive[name]), offsets[name])
		}
	}
	if string(archive["model/version"]) != "3\n" || string(archive["model/byteorder"]) != "little" || string(archive["model/spurion.json"]) != d.About {
		t.Error("records of the archive are missing, or others")
	}
	again, err := d.Torch()
	if first, _ := d.Torch(); err != nil || !bytes.Equal(first, again) {
		t.Error("two files of a network differ", err)
	}
}

// records gives the records of the file of torch.save, and where their bytes begin.
func records(t *testing.T, d *statedict.Dict) (map[string][]byte, map[string]int64) {
	t.Helper()
	data, err := d.Torch()
	if err != nil {
		t.Fatal(err)
	}
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	contents, offsets := map[string][]byte{}, map[string]int64{}
	for _, f := range archive.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if contents[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
		if offsets[f.Name], err = f.DataOffset(); err != nil {
			t.Fatal(err)
		}
	}
	return contents, offsets
}

// TestMistakes: a step that the model lacks, and a table that is none.
func TestMistakes(t *testing.T) {
	_, table := cnn(t)
	five := 5
	if _, err := statedict.FromTable(table, &five); err == nil || !strings.Contains(err.Error(), "there are those of 0, 7") {
		t.Errorf("step 5: %v", err)
	}
	if _, err := statedict.FromTable(&frame.Table{Columns: table.Columns}, nil); err == nil || !strings.Contains(err.Error(), "it is no model") {
		t.Errorf("a table without a network's settings: %v", err)
	}
}
