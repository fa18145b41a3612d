package claimtests

// The stakes of the tests: what their outcomes hang on. See careful.

func (s *ThresholdSettings) stake() *stake {
	b := s.bounds()[0]
	k := &stake{
		sides: []stakeSide{{s.Column, nil, !b.upper}}, where: s.Where, unit: s.Unit, bounds: []float64{b.value},
	}
	if s.Statistic == "mean" {
		k.open = noMean
	}
	return k
}

// noMean says why a mean is open.
const noMean = "one value can move a mean by any amount"

func (s *AlwaysSettings) stake() *stake {
	up := s.Is == "above" || s.Is == "at_least"
	k := &stake{
		sides: []stakeSide{{s.Y, nil, up}}, where: s.Where, unit: s.Unit, fixed: s.Pair, nulls: s.Missing == "above",
	}
	if s.Than != "" {
		k.sides = append(k.sides, stakeSide{s.Than, nil, !up})
	}
	if s.Value != nil {
		k.bounds = []float64{*s.Value}
	}
	return k
}

func (s *TrendSettings) stake() *stake {
	k := &stake{
		sides: []stakeSide{{s.Y, nil, true}}, where: s.Where, unit: s.Unit, fixed: []string{s.X, s.Block}, nulls: s.Missing == "above",
	}
	if s.MinRatio != nil {
		k.ratio = *s.MinRatio
	}
	return k
}

func (s *CompareSettings) stake() *stake {
	k := &stake{
		sides: []stakeSide{{s.Y, s.Larger, true}, {otherColumn(s.YSmaller, s.Y), s.Smaller, false}},
		where: s.Where, unit: s.Unit, nulls: s.Missing == "above", between: true,
	}
	k.least(s.Effect, s.MinEffect)
	if s.Statistic == "mean" {
		k.open = noMean
	}
	return k
}

func (s *PairedSettings) stake() *stake {
	k := &stake{
		sides: []stakeSide{{s.Y, s.Larger, true}, {otherColumn(s.YSmaller, s.Y), s.Smaller, false}},
		where: s.Where, unit: s.Unit, fixed: s.Pair, nulls: s.Missing == "above",
	}
	k.least(s.Effect, s.MinEffect)
	if s.Statistic == "mean" {
		k.open = noMean
	}
	return k
}

// least notes the least effect that a claim asks for.
func (k *stake) least(effect string, minEffect *float64) {
	switch {
	case effect == "ratio" && minEffect != nil:
		k.ratio = max(1, *minEffect)
	case effect == "ratio":
		k.ratio = 1
	case minEffect != nil:
		k.bounds = []float64{*minEffect}
	}
}

// Both ways apart are the worst of an equivalence: what it takes for the best of others is one of them.
func (s *EquivalentSettings) stake() *stake {
	k := &stake{
		sides: []stakeSide{{s.Y, s.First, true}, {otherColumn(s.YSecond, s.Y), s.Second, false}},
		where: s.Where, unit: s.Unit, fixed: s.Pair, between: !s.Paired,
	}
	if s.MarginRatio != nil {
		k.ratio = *s.MarginRatio
	} else {
		k.bounds = []float64{*s.Margin}
	}
	return k
}

func (s *FitSettings) stake() *stake {
	return &stake{
		sides: []stakeSide{{s.Y, nil, true}}, where: s.Where, unit: s.Unit, fixed: []string{s.X},
		open: "one value can change a fitted curve by any amount",
	}
}
