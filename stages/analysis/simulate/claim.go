package simulate

import "spurion/stages/analysis/claimtests"

var larger, smaller = map[string]string{"side": "larger"}, map[string]string{"side": "smaller"}

// claim gives the settings of the test, as the claim of a spec would have them.
func (s *Settings) claim() any {
	switch s.Method {
	case "mean":
		return s.threshold("mean", "t")
	case "mean_bootstrap":
		return s.threshold("mean", "bootstrap-t")
	case "median":
		return s.threshold("median", "t")
	case "share":
		zero, share := 0.0, s.bound()
		return &claimtests.AlwaysSettings{
			Y: "y", Is: "above", Value: &zero, AtLeastShare: &share, Unit: s.unit(), Missing: s.missing(), Alpha: s.Alpha,
		}
	case "paired":
		return s.paired("hodges_lehmann")
	case "paired_median":
		return s.paired("median")
	case "paired_mean":
		return s.paired("mean")
	case "compare":
		return s.compare("difference", "hodges_lehmann")
	case "compare_mean":
		return s.compare("difference", "mean")
	case "ratio":
		return s.compare("ratio", "hodges_lehmann")
	case "ratio_mean":
		return s.compare("ratio", "mean")
	case "superiority":
		return s.compare("superiority", "hodges_lehmann")
	case "equivalent", "equivalent_paired":
		return s.equivalent(s.Method == "equivalent_paired")
	case "fit":
		return &claimtests.FitSettings{
			X: "x", Y: "y", Law: "linear", Against: []string{"constant"}, Scale: "linear", MinLead: 2, Unit: s.unit(), Within: "median",
			Missing: s.missing(), Alpha: s.Alpha, Permutations: s.Permutations, Resamples: s.Resamples,
		}
	}
	return s.trend()
}

// unit is what counts once: seeds, or rows by mistake.
func (s *Settings) unit() string {
	if s.RowsAsUnits {
		return ""
	}
	return "seed"
}

func (s *Settings) missing() string {
	if s.Censored > 0 {
		return "above"
	}
	return "error"
}

// pair is what the rows of a pair agree in.
func (s *Settings) pair() []string {
	if s.RowsAsUnits {
		return []string{"seed", "row"}
	}
	return []string{"seed"}
}

func (s *Settings) threshold(statistic, interval string) any {
	bound := s.bound()
	return &claimtests.ThresholdSettings{
		Column: "y", Statistic: statistic, Above: &bound, Unit: s.unit(), Within: "median", Missing: s.missing(), Rows: 1,
		Interval: interval, Resamples: s.Resamples, Alpha: s.Alpha,
	}
}

func (s *Settings) paired(statistic string) any {
	bound := s.bound()
	return &claimtests.PairedSettings{
		Y: "y", Larger: larger, Smaller: smaller, Pair: s.pair(), Effect: "difference", MinEffect: &bound, Statistic: statistic,
		Unit: s.unit(), Within: "median", Missing: s.missing(), Alpha: s.Alpha,
	}
}

func (s *Settings) compare(effect, statistic string) any {
	bound := s.bound()
	return &claimtests.CompareSettings{
		Y: "y", Larger: larger, Smaller: smaller, Effect: effect, MinEffect: &bound, Statistic: statistic,
		Unit: s.unit(), Within: "median", Missing: s.missing(), Alpha: s.Alpha, Permutations: s.Permutations,
	}
}

func (s *Settings) equivalent(paired bool) any {
	margin := s.bound()
	e := &claimtests.EquivalentSettings{
		Y: "y", First: larger, Second: smaller, Margin: &margin, Paired: paired,
		Unit: s.unit(), Within: "median", Missing: s.missing(), Alpha: s.Alpha, Permutations: s.Permutations,
	}
	if paired {
		e.Pair = s.pair()
	}
	return e
}

func (s *Settings) trend() any {
	t := &claimtests.TrendSettings{
		X: "x", Y: "y", Direction: "increasing", Unit: s.unit(), Within: "median", Missing: s.missing(), Alpha: s.Alpha, Permutations: s.Permutations,
	}
	switch s.Method {
	case "trend_blocks":
		t.Block = "seed"
	case "trend_ratio":
		ratio := s.bound()
		t.MinRatio = &ratio
	}
	return t
}
