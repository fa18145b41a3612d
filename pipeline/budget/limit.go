// Package budget chooses what of a plan can be done in so much time: whole units first, such as seeds, so that what is there of every
// setting is the same, and can be compared.
package budget

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"spurion/stages"
)

// A Limit is so much time by the clock, or of processors.
type Limit struct {
	Seconds float64 // above 0
	CPU     bool    // of processors, whatever their number
}

// cpuUnits are the units of processors' time, in seconds.
var cpuUnits = []struct {
	name    string
	seconds float64
}{{"cpuh", 3600}, {"cpum", 60}, {"cpus", 1}}

// ParseLimit reads a duration, such as "20m", or a time of processors, such as "40cpuh".
func ParseLimit(text string) (Limit, error) {
	for _, u := range cpuUnits {
		number, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		if err == nil && n > 0 && n < math.MaxInt32 {
			return Limit{Seconds: n * u.seconds, CPU: true}, nil
		}
	}
	if d, err := time.ParseDuration(text); err == nil && d > 0 {
		return Limit{Seconds: d.Seconds()}, nil
	}
	return Limit{}, fmt.Errorf("%q is no budget: write a duration by the clock, such as 20m or 1h30m, or hours of processors, such as 40cpuh", text)
}

// String writes the limit as ParseLimit reads it.
func (l Limit) String() string {
	if l.CPU {
		return stages.FormatFloat(l.Seconds/3600) + "cpuh"
	}
	return stages.FormatDuration(time.Duration(l.Seconds * float64(time.Second)))
}
