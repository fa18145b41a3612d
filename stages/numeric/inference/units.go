package inference

import (
	"spurion/stages/numeric/kernel"
)

// Of so many draws of a size, as many must decide for a power of 0.8; sizes above the greatest are not tried.
const (
	powerDraws, powerEnough = 200, 160
	greatestSize            = 10_000
	powerPermutations       = 999
)

// Units gives about how many units would decide, that is, make P at most Alpha with a power of 0.8: the least size above have for
// which the test does so in 160 of 200 draws, with replacement, from the units at hand. It is 0 if 10,000 would
// not do. again answers for one draw of so many units (see Resample), to the question it is given, which asks for no
// interval, and for quicker ways to P where those are good enough for a power, such as 999 permutations. Sizes grow by halves, and the last step is halved until the
// answer is known to a twentieth of it.
func Units(have int, q Question, again func(size int, stream *kernel.Stream, q Question) (Answer, error)) (int, error) {
	q.NoInterval, q.rough = true, true
	q.Permutations = min(q.permutations(), powerPermutations)
	low, high := have, have
	for {
		if high >= greatestSize {
			return 0, nil
		}
		low, high = high, min(greatestSize, high+max(1, high/2))
		if enough, err := decides(high, q, again); err != nil || enough {
			if err != nil {
				return 0, err
			}
			break
		}
	}
	for high-low > max(1, high/20) {
		middle := low + (high-low)/2
		enough, err := decides(middle, q, again)
		if err != nil {
			return 0, err
		}
		if enough {
			high = middle
		} else {
			low = middle
		}
	}
	return high, nil
}

// decides reports whether a size has the power. The draws of a size do not depend on what other sizes were tried.
func decides(size int, q Question, again func(size int, stream *kernel.Stream, q Question) (Answer, error)) (bool, error) {
	stream := kernel.NewStream(int64(size), q.Purpose+"/units")
	decided := 0
	for i := range powerDraws {
		a, err := again(size, stream, q)
		if err != nil {
			return false, err
		}
		if a.P <= q.Alpha {
			decided++
		}
		if decided >= powerEnough || i+1-decided > powerDraws-powerEnough {
			break
		}
		if err := q.step(); err != nil {
			return false, err
		}
	}
	return decided >= powerEnough, nil
}

// Resample gives so many values drawn with replacement.
func Resample[T any](values []T, size int, stream *kernel.Stream) []T {
	drawn := make([]T, size)
	draw(drawn, values, stream)
	return drawn
}
