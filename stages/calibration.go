package stages

// A Calibration tells how often the test of a claim came out as reproduced on samples in which the claim is false, or just so.
type Calibration struct {
	Units         int     // independent ones of each sample, such as seeds
	Promised      float64 // the largest rate of Reproduced that the test promises
	Draws         int     // samples; 0 where there is no unit to draw from
	Reproduced    int     // of Draws, each a mistake
	NotReproduced int     // of Draws
}
