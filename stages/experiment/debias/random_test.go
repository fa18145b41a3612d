package debias

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"testing"

	"spurion/stages"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// randomValue gives a value that an attribute allows, as JSON: often one of its ends.
func randomValue(s *kernel.Stream, a *stages.Attribute) string {
	low, high := max(a.Min, -1e3), min(a.Max, 1e3)
	switch {
	case len(a.OneOf) > 0:
		return fmt.Sprintf("%q", a.OneOf[s.IntN(len(a.OneOf))])
	case a.Type == stages.BoolValue:
		return fmt.Sprint(s.IntN(2) == 0)
	case a.Type == stages.IntValue:
		return fmt.Sprint(int(low) + int(math.Exp(s.Float64()*math.Log(min(high-low, 70)+1))) - 1)
	}
	switch s.IntN(4) {
	case 0:
		if !a.Above {
			return fmt.Sprint(low)
		}
	case 1:
		if !a.Below && high <= 1e3 {
			return fmt.Sprint(high)
		}
	case 2:
		return fmt.Sprint(low + (high-low)*math.Exp(-20*s.Float64()))
	}
	return fmt.Sprint(low + (min(high, low+2)-low)*(1-s.Float64()))
}

// randomSettings gives settings of a method that its tags allow, some left out.
func randomSettings(s *kernel.Stream, m *Method) string {
	text := fmt.Sprintf(`{"name": %q`, m.Name)
	for _, a := range Kind.Schema().Attribute("method").Nested.Attributes {
		if !slices.Contains(a.For, m.Name) {
			continue
		}
		short, stage := shortStages[a.Name]
		switch {
		case stage && s.IntN(8) > 0: // else few runs would be left
			text += fmt.Sprintf(", %q: %d", a.Name, short)
		case s.IntN(3) > 0:
			text += fmt.Sprintf(", %q: %s", a.Name, randomValue(s, &a))
		}
	}
	return text + "}"
}

// Whatever settings the tags allow, on whatever data, a method gives its rows; or an error that says which setting does not
// fit, or what the data lack.
func TestRandomSettingsOnOddData(t *testing.T) {
	s := kernel.NewStream(1, "settings")
	var data []stagetest.Inputs
	for i := range odds {
		data = append(data, inputs(t, odds[i].data(t)))
	}
	known := regexp.MustCompile(`^(method\.\w+|loss|network\.hidden): |nothing is left for the second|two validation samples, and a training sample for each part`)
	runs := 0
	for _, m := range methods {
		for range 12 {
			method, i := randomSettings(s, m), s.IntN(len(odds))
			out, err := stagetest.Try(t.Context(), Kind, settings(method, odds[i].rest), data[i])
			switch {
			case err == nil && out.Tables["summary"].Rows() == 3:
				runs++
			case err == nil || !known.MatchString(err.Error()):
				t.Errorf("%s: %s: error %v", odds[i].name, method, err)
			}
		}
	}
	if all := 12 * len(methods); runs < all*3/4 {
		t.Errorf("only %d of %d settings ran", runs, all)
	}
}
