package debias

import (
	"math"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

func lisaSource(t *testing.T, d *dataset.Dataset, within float64, mix string) (*Trial, *partnered) {
	t.Helper()
	trial := newTestTrial(t, d, Settings{Batch: 16, Method: MethodSettings{Name: "lisa", WithinLabel: within, Mix: mix}})
	p := &partnered{Source: natural1(t, trial), trial: trial, groups: trial.Groups(), stream: trainloop.MethodStream(1, "lisa"), concentration: 2}
	p.findPartners()
	if mix == "swap" {
		p.block = trial.spuriousBlock()
	}
	return trial, p
}

// Partners have the same label and the other attribute, or the reverse, in one batch alike; the law
// of the choice is that of the setting.
func TestLISAPartners(t *testing.T) {
	_, p := lisaSource(t, finiteData(t, easyLaw(.9), 300), .3, "linear")
	var b trainloop.Batch
	within := 0.
	const batches = 3000
	for range batches {
		p.Next(&b)
		flip := p.groups[b.Index[0]] ^ p.groups[p.partner[0]]
		if flip == 1 {
			within++
		}
		for i, row := range b.Index {
			if got := p.groups[row] ^ p.groups[p.partner[i]]; got != flip || got != 1 && got != 2 {
				t.Fatalf("groups %d and %d are mixed", p.groups[row], p.groups[p.partner[i]])
			}
		}
	}
	if math.Abs(within-.3*batches) > 6*math.Sqrt(batches*.3*.7) {
		t.Errorf("%v of %d batches were mixed within labels, want about 0.3", within, batches)
	}
}

// By λ, a row is the mixture of itself and its partner, each row with a λ of its own, and so are its loss and slope by both
// labels.
func TestLISALinearStep(t *testing.T) {
	d := finiteData(t, easyLaw(.8), 300)
	trial, p := lisaSource(t, d, .5, "linear")
	p.loss = "logistic"
	plain := natural1(t, trial)
	labels := trial.Labels()
	var b, was trainloop.Batch
	shares := map[float32]bool{}
	for range 40 {
		p.Next(&b)
		plain.Next(&was)
		x, before, other := b.Numbers(), was.Numbers(), make([]float32, 6)
		margins, losses, slopes := make([]float32, b.Rows), make([]float32, b.Rows), make([]float32, b.Rows)
		for i := range b.Rows {
			shares[p.share[i]] = true
			margins[i] = float32(i%5) - 2
			d.Train.Inputs(other, int(p.partner[i]), 1)
			for k := range 6 {
				want := float64(p.share[i])*float64(before[i*6+k]) + float64(1-p.share[i])*float64(other[k])
				if math.Abs(float64(x[i*6+k])-want) > 1e-6 {
					t.Fatalf("row %d, input %d is %v, want %v", i, k, x[i*6+k], want)
				}
			}
		}
		neuralnet.ScoreLosses("logistic", losses, slopes, margins, b.Labels)
		p.shape(&b, margins, losses, slopes)
		for i, f := range margins {
			q := float64(p.share[i])*float64(was.Labels[i]) + float64(1-p.share[i])*float64(labels[p.partner[i]])
			loss, slope := math.Log1p(math.Exp(float64(f)))-q*float64(f), 1/(1+math.Exp(-float64(f)))-q
			if math.Abs(float64(losses[i])-loss) > 1e-5 || math.Abs(float64(slopes[i])-slope) > 1e-5 {
				t.Fatalf("margin %v against %v: loss %v and slope %v, want %v and %v", f, q, losses[i], slopes[i], loss, slope)
			}
		}
	}
	if len(shares) < 500 {
		t.Errorf("640 rows have %d different λ", len(shares))
	}
}

// A swap leaves the core block, other inputs and the label; the spurious block becomes the partner's,
// and within labels with it the attribute, whose correlation with the label is turned round.
func TestLISASwap(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	trial, p := lisaSource(t, d, 1, "swap")
	plain := natural1(t, trial)
	var b, was trainloop.Batch
	for range 100 {
		p.Next(&b)
		plain.Next(&was)
		for i := range b.Rows {
			x, before := b.Numbers()[i*6:i*6+6], was.Numbers()[i*6:i*6+6]
			if b.Labels[i] != was.Labels[i] || x[0] != before[0] || x[1] != before[1] || x[3] != before[3] || x[2] != -before[2] {
				t.Fatalf("%v with label %d became %v with label %d", before, was.Labels[i], x, b.Labels[i])
			}
		}
	}
}

// Without partners a row stays: at full correlation LISA is ERM.
func TestLISAWithoutPartnersIsERM(t *testing.T) {
	d := finiteData(t, easyLaw(1), 100)
	erm := lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
	for _, mix := range []string{"swap", "linear"} {
		if lastModel(t, run1(t, d, `{"name": "lisa", "mix": "`+mix+`"}`, "")) != erm {
			t.Errorf("mix %s: other weights than by ERM", mix)
		}
		if lastModel(t, run1(t, finiteData(t, easyLaw(.9), 100), `{"name": "lisa", "mix": "`+mix+`"}`, "")) == lastModel(t, run1(t, finiteData(t, easyLaw(.9), 100), `{"name": "erm"}`, "")) {
			t.Errorf("mix %s changes nothing", mix)
		}
	}
	if lastModel(t, run1(t, finiteData(t, easyLaw(.9), 100), `{"name": "lisa", "mix": "linear", "concentration": 0}`, "")) != lastModel(t, run1(t, finiteData(t, easyLaw(.9), 100), `{"name": "erm"}`, "")) {
		t.Error("with λ = 1 other weights than by ERM")
	}
}
