package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
)

// dataFlags are what the command line sets.
type dataFlags struct {
	python string
	turns  int
	asJSON bool
}

func dataCommand() *cobra.Command {
	var f dataFlags
	cmd := &cobra.Command{
		Use:   "data",
		Short: "Data sets beside numpy, drawn and saved",
		Long: `Measures how long a data set takes to be drawn and saved, by the kind generate and by numpy: drawn as bits or as
int8, saved with np.save or as Parquet. In turns: processor time of processes that have loaded their libraries, and
the most memory that each had.

The Python needs what cmd/bench/files/requirements-data.txt names.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return interruptible(cmd, func(b *bench) error {
				r, err := b.data(f)
				if err != nil {
					return err
				}
				return show(cmd.OutOrStdout(), r, f.asJSON)
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.python, "python", "python3", "a Python that has numpy, pyarrow and pandas, its `path`")
	flags.IntVar(&f.turns, "turns", 7, "measure this `number` of times, in turns")
	flags.BoolVar(&f.asJSON, "json", false, "print JSON instead of tables")
	return cmd
}

// dataShapes are samples and coordinates of the sets: that of specs/debias, a middling and a large one.
var dataShapes = [][2]int{{60_000, 34}, {1_000_000, 50}, {4_000_000, 200}}

// dataPeers are the ways of numpy_side.py, the fastest first: coordinates drawn as bits, or as int8 as most programs have them.
var dataPeers = []struct{ name, form, format string }{
	{"bits, np.save", "bits", "npy"},
	{"bits, pyarrow's Parquet", "bits", "parquet"},
	{"int8, np.save", "int8", "npy"},
	{"int8, pandas' Parquet", "int8", "parquet"},
}

// A dataReport is what `bench data` prints.
type dataReport struct {
	Machine machine      `json:"machine"`
	Shapes  []dataResult `json:"shapes"`
	Goals   []namedGoal  `json:"goals"`
}

// A dataResult is one shape.
type dataResult struct {
	Rows       int           `json:"rows"`
	Dimensions int           `json:"dimensions"`
	Sides      []*dataFigure `json:"sides"` // Spurion first
}

// A dataFigure is what one side took.
type dataFigure struct {
	Name    string  `json:"name"`
	Program string  `json:"program"` // and its version
	Took    figure  `json:"processor_time"`
	Ratio   ratio   `json:"it_over_spurion"`
	Peak    float64 `json:"peak_bytes"` // the most of all turns
	Bytes   int64   `json:"file_bytes"`

	command []string // nil for Spurion's own
	times   sample
}

func (b *bench) data(f dataFlags) (*dataReport, error) {
	r := &dataReport{Machine: thisMachine()}
	dir, err := b.project("data", "numpy_side.py")
	if err != nil {
		return nil, err
	}
	script := filepath.Join(dir, "numpy_side.py")
	for _, shape := range dataShapes {
		one := dataResult{Rows: shape[0], Dimensions: shape[1], Sides: []*dataFigure{{Name: "Spurion"}}}
		for _, peer := range dataPeers {
			one.Sides = append(one.Sides, &dataFigure{Name: peer.name, command: []string{f.python, script, peer.form, peer.format}})
		}
		for turn := range f.turns {
			b.say("%d x %d, turn %d of %d", shape[0], shape[1], turn+1, f.turns)
			for _, s := range one.Sides {
				if err := s.measure(b.ctx, dataRequest{Rows: shape[0], Dimensions: shape[1], Strength: .75, Seed: int64(turn), Path: filepath.Join(dir, "set")}); err != nil {
					return nil, err
				}
			}
		}
		own := one.Sides[0]
		for i, s := range one.Sides {
			s.Took, s.Ratio = s.times.figure(), s.times.ratioTo(own.times)
			if i > 0 {
				r.Goals = append(r.Goals, namedGoal{fmt.Sprintf("%d x %d: time of %s over Spurion's, at least 0.67", shape[0], shape[1], s.Name), atLeast(1/1.5, s.Ratio.Fastest)})
			}
		}
		if shape == dataShapes[len(dataShapes)-1] {
			r.Goals = append(r.Goals, namedGoal{fmt.Sprintf("%d x %d: samples in a GB of peak memory, in millions, at least %g", shape[0], shape[1], float64(shape[0])/1e6), atLeast(float64(shape[0])/1e6, float64(shape[0])*1e3/own.Peak)})
		}
		r.Shapes = append(r.Shapes, one)
	}
	r.Machine.LoadAfter = load()
	return r, nil
}

// measure draws a set once in a fresh process, which has drawn a small one before to be warm.
func (s *dataFigure) measure(ctx context.Context, r dataRequest) error {
	var c *child
	var err error
	if s.command == nil {
		c, err = startSide(ctx, "data", -1)
	} else {
		c, err = start(ctx, "numpy", append(os.Environ(), oneThread...), s.command...)
	}
	if err != nil {
		return err
	}
	defer c.stop()
	small := r
	small.Rows = 1000
	var answer dataAnswer
	if err := c.ask(small, &answer); err != nil {
		return err
	}
	before, ok := c.spent()
	if err := c.ask(r, &answer); err != nil {
		return err
	}
	after, still := c.spent()
	if !ok || !still {
		return fmt.Errorf("this system does not say how long a process was on a processor; run this on Linux")
	}
	s.Program = answer.Program
	s.times = append(s.times, after-before)
	s.Peak = max(s.Peak, c.peak())
	info, err := os.Stat(r.Path)
	if err == nil {
		s.Bytes = info.Size()
	}
	return err
}

// peak gives the most memory that the child has had so far, in bytes; 0 where the system does not say.
func (c *child) peak() float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	var kib float64
	_, _ = fmt.Sscanf(strings.TrimSpace(field(string(text), "VmHWM", ":")), "%g kB", &kib)
	return kib * 1024
}

// sections renders the report for people.
func (r *dataReport) sections() []section {
	s := section{title: "A data set drawn and saved", header: []string{"samples x coordinates", "by", "processor time, median / min", "its over Spurion's, median / fastest", "peak memory", "file"},
		notes: []string{"Spurion's time has all six outputs of generate, checked, encoded and hashed. Libraries are loaded before."}}
	for _, one := range r.Shapes {
		for i, side := range one.Sides {
			by, over := side.Name, ""
			if i > 0 {
				by, over = side.Name+" ("+side.Program+")", side.Ratio.String()
			}
			s.rows = append(s.rows, []string{fmt.Sprintf("%d x %d", one.Rows, one.Dimensions), by, side.Took.String(), over, mib(side.Peak), mib(float64(side.Bytes))})
		}
	}
	return []section{r.Machine.section(), s, goals(r.Goals)}
}
