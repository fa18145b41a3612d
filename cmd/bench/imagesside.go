package main

import (
	"io"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// An imagesJob is a CNN that both sides train: convolutions of 5 x 5, each with a ReLU and a pool of 2 x 2, and a hidden layer, by
// SGD with momentum on prepared batches. Its JSON is what the sides are told.
type imagesJob struct {
	Name     string  `json:"name"`
	Says     string  `json:"says"`
	Input    []int   `json:"input"`    // channels, height, width
	Channels []int   `json:"channels"` // of the convolutions
	Kernel   int     `json:"kernel"`
	Hidden   int     `json:"hidden"`
	Batch    int     `json:"batch"`
	Rows     int     `json:"rows"`
	Rate     float64 `json:"rate"`
	Momentum float64 `json:"momentum"`

	X     string `json:"x"`     // files: float32 [rows, channels, height, width]
	Y     string `json:"y"`     // int8 [rows]
	Start string `json:"start"` // float32: of each convolution weights [kernel, kernel, in, out] and biases; of the others weights [in, out]
	// and biases, where what the convolutions give is [height, width, channels]
}

// A peer's losses in so many first steps may be so far from Spurion's, as a share of the largest. Of two nearly equal numbers a
// pool takes another one after rounding, so that differences grow; a rate that is wrong by a hundredth is further off.
const (
	imagesCheckSteps = 12
	imagesTolerance  = 2e-4
)

func imagesJobs() []imagesJob {
	gray := imagesJob{Name: "1x56x28", Input: []int{1, 56, 28}, Channels: []int{16, 32}, Kernel: 5, Hidden: 128, Batch: 64, Rows: 8 * 64, Rate: .01, Momentum: .9}
	gray.Says = "gray images of 56 x 28, convolutions of 16 and 32 channels, hidden 128, batch 64, SGD with momentum"
	color := gray
	color.Name, color.Input = "3x64x32", []int{3, 64, 32}
	color.Says = "the same of images of 64 x 32 with three channels"
	return []imagesJob{gray, color}
}

// multiplyAdds counts those of a step: forward, for the weights of every layer, and for what all but the first are given.
func (j *imagesJob) multiplyAdds() float64 {
	channels, height, width := j.Input[0], j.Input[1], j.Input[2]
	total := 0
	for i, out := range j.Channels {
		height, width = height-j.Kernel+1, width-j.Kernel+1
		products := 3
		if i == 0 {
			products = 2
		}
		total += products * height * width * out * j.Kernel * j.Kernel * channels
		channels, height, width = out, height/2, width/2
	}
	total += 3 * j.Hidden * (height*width*channels + 2)
	return float64(total * j.Batch)
}

// start gives the network that trainings start from.
func (j *imagesJob) start() (*neuralnet.Network, error) {
	var layers []neuralnet.ImageLayer
	for _, channels := range j.Channels {
		layers = append(layers, neuralnet.ImageLayer{Type: neuralnet.Conv, Channels: channels, Kernel: j.Kernel, Stride: 1},
			neuralnet.ImageLayer{Type: neuralnet.Rectify}, neuralnet.ImageLayer{Type: neuralnet.MaxPool, Window: 2})
	}
	s := neuralnet.NetworkSettings{Type: neuralnet.CNN, Layers: layers, Input: &j.Input, Hidden: []int{j.Hidden}, Activation: "relu",
		Bias: true, Outputs: 2, InitScale: 1}
	return neuralnet.New(s, j.inputs(), trainloop.InitStream(1, ""))
}

func (j *imagesJob) inputs() int { return j.Input[0] * j.Input[1] * j.Input[2] }

// batches gives the prepared batches: noise, brighter where the label is 1.
func (j *imagesJob) batches() *cycle {
	s := kernel.NewStream(1, "bench/images")
	c := &cycle{x: make([]float32, j.Rows*j.inputs()), labels: make([]int16, j.Rows), rows: j.Batch, n: j.inputs()}
	for i := range c.labels {
		c.labels[i] = int16(s.IntN(2))
	}
	for i := range c.x {
		c.x[i] = float32(s.Normal() + .1*float64(c.labels[i/j.inputs()]))
	}
	return c
}

// write writes what the other side is given.
func (j *imagesJob) write() error {
	net, err := j.start()
	if err != nil {
		return err
	}
	var flat []float32
	for _, l := range append(append([]neuralnet.Layer(nil), net.Image.Layers...), net.Layers...) {
		flat = append(append(flat, l.Weights...), l.Biases...)
	}
	if err := writeNumbers(j.Start, flat); err != nil {
		return err
	}
	c := j.batches()
	if err := writeNumbers(j.X, c.x); err != nil {
		return err
	}
	return writeLabels(j.Y, c.labels)
}

func (j *imagesJob) training() (*training, error) {
	net, err := j.start()
	if err != nil {
		return nil, err
	}
	trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: j.Rate, Momentum: j.Momentum}, j.Batch)
	if err != nil {
		return nil, err
	}
	return &training{source: j.batches(), step: trainloop.Descend(trainer, nil)}, nil
}

// An imagesRequest asks a side for something of a job.
type imagesRequest struct {
	// about; train, for so many steps; check, which gives the losses of so many first steps. Of Spurion's side: write, the batches
	// and the weights to start from, to the job's files; peak. Of a peer's: variants.
	Do      string    `json:"do"`
	Job     imagesJob `json:"job"`
	Variant string    `json:"variant"`
	Steps   int       `json:"steps"`
}

type imagesAnswer struct {
	Version  string    `json:"version,omitempty"` // of about; Spurion's are its loops
	Variants []string  `json:"variants,omitempty"`
	Seconds  float64   `json:"seconds"` // by the clock
	Steps    int       `json:"steps"`   // that train took
	Losses   []float64 `json:"losses,omitempty"`
	Peak     float64   `json:"peak,omitempty"` // multiply-adds a second
}

// serveImages is the hidden side command that trains CNNs.
func serveImages(in io.Reader, out io.Writer) error {
	trainings := map[string]*training{}
	return serve(in, out, func(r *imagesRequest) (any, error) {
		switch r.Do {
		case "about":
			return imagesAnswer{Version: kernel.Path()}, nil
		case "peak":
			best := peak()
			return imagesAnswer{Peak: best.Operations / best.Seconds}, nil
		case "write":
			return imagesAnswer{}, r.Job.write()
		case "check":
			t, err := r.Job.training()
			if err != nil {
				return nil, err
			}
			a, err := t.losses(r.Steps)
			if err != nil {
				return nil, err
			}
			return imagesAnswer{Losses: a}, nil
		}
		t := trainings[r.Job.Name]
		if t == nil {
			var err error
			if t, err = r.Job.training(); err != nil {
				return nil, err
			}
			trainings[r.Job.Name] = t
		}
		a, err := t.run(r.Steps)
		if err != nil {
			return nil, err
		}
		return imagesAnswer{Seconds: a.Seconds, Steps: a.Steps}, nil
	})
}
