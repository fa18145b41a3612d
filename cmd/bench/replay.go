package main

import (
	"math"
	"time"

	"spurion/stages/numeric/kernel"
)

// replayRows is how many rows the trainer takes through all layers at a time.
const replayRows = 128

// A replay does the matrix products of a job's steps and nothing else.
type replay struct {
	chunks [][]operation // of a step, in order; full ones share their operands
}

// An operation is a product with its operands.
type operation struct {
	product
	a, b, c    []float32
	accumulate bool
}

func newReplay(j *job) *replay {
	stream := kernel.NewStream(1, "bench/matrix")
	var r replay
	var full []operation
	for from := 0; from < j.Batch; from += replayRows {
		rows := min(replayRows, j.Batch-from)
		if rows == replayRows && full != nil {
			r.chunks = append(r.chunks, full)
			continue
		}
		var chunk []operation
		for _, p := range j.products(rows) {
			chunk = append(chunk, operation{
				product: p, a: numbers(stream, p.m*p.k), b: numbers(stream, p.k*p.n), c: make([]float32, p.m*p.n),
				accumulate: p.rows == 'k' && from > 0,
			})
		}
		if rows == replayRows {
			full = chunk
			// Of the first chunk, the weights' gradients start at 0; of the others they go on.
			chunk = append([]operation(nil), chunk...)
			for i := range full {
				full[i].accumulate = full[i].rows == 'k'
			}
		}
		r.chunks = append(r.chunks, chunk)
	}
	return &r
}

// numbers gives numbers from -1 to 1.
func numbers(stream *kernel.Stream, n int) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = float32(2*stream.Float64() - 1)
	}
	return list
}

// stretch is how long, in seconds, products are timed at once: most stretches pass undisturbed.
const stretch = 5e-4

// run does the products of so many steps and gives the time of one, in the fastest stretch.
func (r *replay) run(steps int) float64 {
	r.step()
	begin := time.Now()
	r.step()
	each := max(1, int(stretch/time.Since(begin).Seconds()))
	fastest := math.Inf(1)
	for done := 0; done < steps; done += each {
		begin := time.Now()
		for range each {
			r.step()
		}
		fastest = min(fastest, time.Since(begin).Seconds()/float64(each))
	}
	return fastest
}

func (r *replay) step() {
	for _, chunk := range r.chunks {
		for i := range chunk {
			o := &chunk[i]
			row, col := o.k, 1
			if o.turned {
				row, col = 1, o.m
			}
			kernel.MatMul(o.c, o.n, o.a, row, col, o.b, o.n, o.m, o.n, o.k, nil, o.accumulate)
		}
	}
}
