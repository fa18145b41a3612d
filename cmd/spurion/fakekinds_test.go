package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"time"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// testRegistry is the program's registry with kinds that compute next to nothing, and misbehave when told to.
// With RECORD=FILE in the environment every computation adds a line to FILE, so that scripts can count them.
func testRegistry() *stages.Registry {
	r := registry()
	r.Kinds = append(r.Kinds, sourceKind, fitKind, roundKind, gateKind, faultKind, countKind)
	return r
}

// record notes that a kind computed something. It is not part of what a kind may do; the engine is what is tested.
func record(kind string) error {
	path := os.Getenv("RECORD")
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(kind + "\n")
	return errors.Join(err, f.Close())
}

// values has a row for each number.
func values(numbers ...float64) *frame.Table {
	b := frame.NewBuilder(valueFields)
	for i, x := range numbers {
		b.Int("row", i)
		b.Float64("value", x)
		b.EndRow()
	}
	t, err := b.Table()
	if err != nil {
		panic(err)
	}
	return t
}

var valueFields = []frame.Field{
	{Name: "row", Type: frame.Int64, Doc: "the row's number"},
	{Name: "value", Type: frame.Float64, Unit: "nats", Doc: "a number"},
}

var valuesOutput = stages.Output{Name: "values", Doc: "some numbers", Fields: valueFields}

var dataInput = stages.Input{Name: "data", Doc: "the numbers to work on", Type: stages.AnyType}

// read gives the numbers of the input.
func read(r *stages.Run) ([]float64, error) {
	t, err := r.Table("data")
	if err != nil || t == nil {
		return nil, err
	}
	return t.Column("value").Float64s, nil
}

type sourceSettings struct {
	Rows  int     `name:"rows" doc:"How many numbers." default:"3" min:"0" max:"100000" unit:"rows"`
	Start float64 `name:"start" doc:"The first number." default:"1" unit:"nats"`
	Seed  int64   `name:"seed" doc:"Added to every number." default:"each.seed"`
}

var sourceKind = stages.Define(stages.Kind{
	Name: "source", Version: 1, Doc: "Makes numbers.", Outputs: []stages.Output{valuesOutput},
}, func(_ context.Context, s *sourceSettings, r *stages.Run) error {
	numbers := make([]float64, s.Rows)
	for i := range numbers {
		numbers[i] = s.Start + float64(i) + float64(s.Seed)
	}
	if err := record("source"); err != nil {
		return err
	}
	return r.Write("values", values(numbers...))
})

type fitSettings struct {
	Optimizer struct {
		Type     string  `name:"type" doc:"How to step." label:"sgd,adam"`
		Rate     float64 `name:"rate" for:"all" doc:"The learning rate." above:"0" max:"10" unit:"per step"`
		Momentum float64 `name:"momentum" doc:"The momentum." default:"0" min:"0" below:"1" for:"sgd"`
	} `name:"optimizer" doc:"The optimiser."`
	Steps int `name:"steps" doc:"How many steps." default:"10" min:"1" unit:"steps"`
}

var fitKind = stages.Define(stages.Kind{
	Name: "fit", Version: 1, Doc: "Multiplies numbers by a rate.", Inputs: []stages.Input{dataInput}, Outputs: []stages.Output{valuesOutput},
}, func(_ context.Context, s *fitSettings, r *stages.Run) error {
	numbers, err := read(r)
	if err != nil {
		return err
	}
	scaled := make([]float64, len(numbers))
	for i, x := range numbers {
		scaled[i] = x * s.Optimizer.Rate
		r.Progress(int64(i+1), int64(len(numbers)))
	}
	return errors.Join(record("fit"), r.Write("values", values(scaled...)))
})

type roundSettings struct {
	Digits int `name:"digits" doc:"How many digits are kept after the point." default:"0" min:"0" max:"9"`
}

// roundKind makes equal outputs of different inputs.
var roundKind = stages.Define(stages.Kind{
	Name: "round", Version: 1, Doc: "Rounds numbers.", Inputs: []stages.Input{dataInput}, Outputs: []stages.Output{valuesOutput},
}, func(_ context.Context, s *roundSettings, r *stages.Run) error {
	numbers, err := read(r)
	if err != nil {
		return err
	}
	scale := 1.0
	for range s.Digits {
		scale *= 10
	}
	rounded := make([]float64, len(numbers))
	for i, x := range numbers {
		rounded[i] = math.Round(x*scale) / scale
	}
	return errors.Join(record("round"), r.Write("values", values(rounded...)))
})

type gateSettings struct {
	Begun    string  `name:"begun" doc:"A file to make at the start." default:""`
	Until    string  `name:"until" doc:"A file to wait for." default:""`
	Stubborn bool    `name:"stubborn" doc:"Whether to go on waiting when the run is stopped." default:"false"`
	Number   float64 `name:"number" doc:"The number to write." default:"1"`
}

// gateKind lets a script choose what happens while an instance is computed.
var gateKind = stages.Define(stages.Kind{
	Name: "gate", Version: 1, Doc: "Waits for a file.", Outputs: []stages.Output{valuesOutput},
	Inputs: []stages.Input{
		{Name: "data", Doc: "numbers to wait for", Type: stages.AnyType, Cardinality: stages.Optional},
		{Name: "files", Doc: "files to read", Type: stages.FileType, Cardinality: stages.List},
	},
}, func(ctx context.Context, s *gateSettings, r *stages.Run) error {
	for _, f := range r.Inputs["files"] {
		if _, err := f.Bytes(); err != nil {
			return err
		}
	}
	if s.Begun != "" {
		if err := os.WriteFile(s.Begun, nil, 0o644); err != nil {
			return err
		}
	}
	for s.Until != "" {
		if _, err := os.Stat(s.Until); err == nil {
			break
		}
		if err := ctx.Err(); err != nil && !s.Stubborn {
			return err
		}
		time.Sleep(2 * time.Millisecond)
	}
	return errors.Join(record("gate"), r.Write("values", values(s.Number)))
})

type faultSettings struct {
	How    string `name:"how" doc:"What goes wrong." oneof:"nothing,error,panic,nan,schema,missing,twice,undeclared,hang"`
	Unless string `name:"unless" doc:"A file whose presence makes it go right." default:""`
}

// faultKind does what a kind must not.
var faultKind = stages.Define(stages.Kind{
	Name: "fault", Version: 1, Doc: "Goes wrong.", Outputs: []stages.Output{valuesOutput},
	Inputs: []stages.Input{{Name: "data", Doc: "ignored", Type: stages.AnyType, Cardinality: stages.Optional}},
}, func(ctx context.Context, s *faultSettings, r *stages.Run) error {
	how := s.How
	if s.Unless != "" {
		if _, err := os.Stat(s.Unless); err == nil {
			how = "nothing"
		}
	}
	if err := record("fault"); err != nil {
		return err
	}
	switch how {
	case "error":
		return fmt.Errorf("the numbers do not add up")
	case "panic":
		panic("a bug in a kind")
	case "nan":
		return r.Write("values", values(math.NaN()))
	case "schema":
		t := values(1)
		t.Columns[1].Name = "other"
		return r.Write("values", t)
	case "missing":
		return nil
	case "twice":
		if err := r.Write("values", values(1)); err != nil {
			return err
		}
		return r.Write("values", values(2))
	case "undeclared":
		return r.Write("surprise", values(1))
	case "hang":
		<-ctx.Done()
		return ctx.Err()
	}
	return r.Write("values", values(1))
})

type countSettings struct {
	Steps int   `name:"steps" doc:"How many numbers are added up." min:"1" unit:"steps"`
	From  int64 `name:"from" doc:"The number before the first." default:"0"`
	Pause int   `name:"pause" doc:"The step after which it waits for a file named go, and makes one named paused; 0 for none." default:"0" unkeyed:"true"`
}

// countKind adds up numbers, a step each, and goes on from a sum that an earlier run left.
var countKind = stages.Define(stages.Kind{
	Name: "count", Version: 1, Doc: "Adds up numbers.", Outputs: []stages.Output{valuesOutput},
	Continuation: &stages.Continuation{
		Thread: func(any) (free, lines []string) { return []string{"steps"}, nil },
		Way: func(settings any, about []byte) (w stages.Way, ok bool) {
			_, err := fmt.Sscanf(string(about), "step %d", &w.From)
			w.Text = fmt.Sprintf("counts on from step %d", w.From)
			return w, err == nil && w.From <= int64(settings.(*countSettings).Steps)
		},
	},
}, func(ctx context.Context, s *countSettings, r *stages.Run) error {
	sum, step := int64(0), 0
	leave := func() {
		r.Keep(stages.Leaving{About: fmt.Appendf(nil, "step %d", step), Files: map[string][]byte{"sum": fmt.Append(nil, sum)}})
	}
	if r.Left != nil {
		data, err := r.Left.Read("sum")
		if err == nil {
			_, err = fmt.Sscan(string(data), &sum)
		}
		if err == nil {
			_, err = fmt.Sscanf(string(r.Left.About), "step %d", &step)
		}
		if err == nil {
			r.Left.Used()
		} else {
			sum, step = 0, 0
		}
	}
	for step < s.Steps {
		step++
		sum += s.From + int64(step)
		if err := record("count"); err != nil {
			return err
		}
		for step == s.Pause {
			if _, err := os.Stat("go"); err == nil {
				break
			}
			if err := os.WriteFile("paused", nil, 0o644); err != nil {
				return err
			}
			if err := ctx.Err(); err != nil {
				leave()
				return err
			}
			time.Sleep(2 * time.Millisecond)
		}
		r.Progress(int64(step), int64(s.Steps))
	}
	leave()
	return r.Write("values", values(float64(sum)))
})
