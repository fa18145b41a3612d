package plan

// Tails gives for each node of a graph how many seconds lie between its beginning and the end of the longest way from it: its
// own seconds and those of what waits for it. next lists by node what waits for it, all of which comes after it.
func Tails(next [][]int32, seconds []float64) []float64 {
	tails := make([]float64, len(seconds))
	for i := len(seconds) - 1; i >= 0; i-- {
		for _, j := range next[i] {
			tails[i] = max(tails[i], tails[j])
		}
		tails[i] += seconds[i]
	}
	return tails
}
