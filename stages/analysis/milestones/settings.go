package milestones

import (
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/common/gather"
)

// Settings are the attributes of `stage "milestones"`.
type Settings struct {
	Column  string            `name:"column" column:"tables" default:"core_correlation" doc:"the column that reaches levels: a larger number is more"`
	Levels  []float64         `name:"levels" required:"true" default:"[0.7, 0.8, 0.9]" doc:"what is to be reached: shares of the reference's ceiling, or without a reference values of the column itself"`
	Where   map[string]string `name:"where" column:"tables" doc:"rows to look at, of tables and of reference: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Match   []string          `name:"match" column:"tables" doc:"axes in which a run must agree with those that its ceiling is of, such as [\"seed\"] for a ceiling of each seed's own; without any, all runs of reference have one ceiling"`
	Ceiling string            `name:"ceiling" default:"final" oneof:"final,largest" doc:"what the ceiling is: final, the mean of the last values of the reference's runs, each at its end; largest, the largest mean of their values at one step, of the steps that all of them have"`
}

// Check reports what tags cannot say.
func (s *Settings) Check() []stages.Problem {
	problems := slices.Concat(gather.CheckWhere("where", s.Where), gather.CheckColumns("match", s.Match))
	for i, level := range s.Levels {
		switch {
		case level-level != 0:
			problems = append(problems, stages.Problem{Path: "levels", Summary: "A level that is no number", Detail: "Each level is a finite number."})
		case slices.Contains(s.Levels[:i], level):
			problems = append(problems, stages.Problem{Path: "levels", Summary: fmt.Sprintf("%v stands twice in levels", level), Detail: "Each level has one row for each run."})
		}
	}
	return problems
}
