package trainloop

import (
	"fmt"

	"spurion/stages"
	"spurion/stages/numeric/kernel"
)

// RepeatsOf gives how often the points of evaluations are drawn: 1 if a setting is left out.
func RepeatsOf(setting *int) int {
	if setting == nil {
		return 1
	}
	return *setting
}

// maxEvaluated bounds the points of all repeats, which are held at once; it is the largest number of points of one.
const maxEvaluated = 10_000_000

// CheckRepeats reports repeats that have too many points together; path is the setting's.
func CheckRepeats(path string, points int, setting *int) []stages.Problem {
	n := RepeatsOf(setting)
	if n <= 1 || points <= maxEvaluated/n {
		return nil
	}
	return []stages.Problem{{Path: path, Summary: "Too many points in all repeats", Detail: fmt.Sprintf(
		"%d repeats of %d points are more than %d, the most that an evaluation takes. Give fewer points or repeats.", n, points, maxEvaluated)}}
}

// EvaluationStreams gives the streams of the points of evaluations in the repeats after the first: one fewer than repeats.
func EvaluationStreams(seed int64, repeats int) []*kernel.Stream {
	return again(seed, evaluationPurpose, repeats)
}

// SpectrumStreams is EvaluationStreams for SpectrumStream.
func SpectrumStreams(seed int64, repeats int) []*kernel.Stream {
	return again(seed, spectrumPurpose, repeats)
}

// UnseenStreams is EvaluationStreams for UnseenStream.
func UnseenStreams(seed int64, repeats int) []*kernel.Stream {
	return again(seed, unseenPurpose, repeats)
}

func again(seed int64, purpose string, repeats int) []*kernel.Stream {
	var list []*kernel.Stream
	for k := 1; k < repeats; k++ {
		list = append(list, named(seed, purpose, fmt.Sprintf("repeat/%d", k)))
	}
	return list
}
