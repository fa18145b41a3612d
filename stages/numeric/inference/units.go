package inference

import (
	"errors"

	"spurion/stages/numeric/kernel"
)

// Units gives about how many units would decide, that is, make P at most Alpha with a power of 0.8: the least size for
// which the test does so in 160 of 200 draws, from the units at hand, with replacement; 0 if 10,000 would not do. have is the size
// at hand. again answers for one draw of so many units (see Resample), to the question it is given, which
// asks for no interval and for fewer permutations than q.
func Units(have int, q Question, again func(size int, stream *kernel.Stream, q Question) (Answer, error)) (int, error) {
	return 0, errors.New("inference: Units: to come")
}

// Resample gives so many values drawn with replacement.
func Resample[T any](values []T, size int, stream *kernel.Stream) []T {
	drawn := make([]T, size)
	draw(drawn, values, stream)
	return drawn
}
