package spec

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"spurion/stages"
)

// partSize is how many elements a worker takes at a time.
const partSize = 256

// inParts does work on 0..n-1 on all processors, in parts; each worker makes its own worker
// function. It is false if the work is too small to be shared, or if a part was: what is wrong there is left to
// be found, and reported, in order.
func inParts(n int, worker func() func(from, to int) bool) bool {
	workers := min(runtime.GOMAXPROCS(0), n/partSize)
	if workers < 2 {
		return false
	}
	var (
		wg     sync.WaitGroup
		next   atomic.Int64
		failed atomic.Bool
	)
	for range workers {
		wg.Go(func() {
			work := worker()
			for !failed.Load() {
				from := int(next.Add(partSize)) - partSize
				if from >= n {
					return
				}
				if !work(from, min(from+partSize, n)) {
					failed.Store(true)
				}
			}
		})
	}
	wg.Wait()
	return !failed.Load()
}

// evaluateParts evaluates a unit of many rows in parts.
func (r *settingsReader) evaluateParts(u *unit, reps []int32) bool {
	return separable(u.expr) && inParts(len(reps), func() func(from, to int) bool {
		own := newLoader(r.l.o) // functions with a budget of their own, and reports that nobody reads
		return func(from, to int) bool {
			for i := from; i < to; i++ {
				v, ok := own.evalRow(u.expr, r.st.grid, int(reps[i]))
				if !ok {
					return false
				}
				var bad *valueProblem
				if u.results[i], bad = u.convert(v); bad != nil {
					return false
				}
			}
			return true
		}
	})
}

// checkParts checks many settings in parts.
func checkParts(s *stages.Schema, list []stages.Settings) bool {
	return inParts(len(list), func() func(from, to int) bool {
		m := newStructMaker(s)
		return func(from, to int) bool {
			for i := from; i < to; i++ {
				v, err := m.decode(list[i])
				if err != nil || len(v.(stages.Checker).Check()) > 0 {
					return false
				}
			}
			return true
		}
	})
}

// separable reports whether rows of the expression may be evaluated at the same time: a file is hashed once for all.
func separable(p *prepared) bool {
	if p.bare {
		return false // nothing to evaluate
	}
	ok := true
	_ = hclsyntax.VisitAll(p.expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if call, isCall := n.(*hclsyntax.FunctionCallExpr); isCall {
			ok = ok && call.Name != "filesha256" && call.Name != "fileset"
		}
		return nil
	})
	return ok
}
