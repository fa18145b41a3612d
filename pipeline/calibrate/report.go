package calibrate

import (
	"cmp"
	"slices"

	"spurion/stages/numeric/inference"
)

// A Rate is how often claims that are false were reproduced.
type Rate struct {
	Draws      int     `json:"draws"`
	Reproduced int     `json:"reproduced"` // of Draws
	Share      float64 `json:"rate"`
	// Low and High are the ends of the 95 % interval of the rate (Clopper and Pearson).
	Low  float64 `json:"ci_low"`
	High float64 `json:"ci_high"`
	// Promised is the largest rate that the test promises: alpha/2, as p is two-sided and a claim has a side; alpha of
	// two one-sided tests. Of several claims it is the mean of theirs.
	Promised float64 `json:"promised"`
	// P is the probability of so many of Draws or more at the rate that is promised (exact, one-sided), PAdjusted what Holm's
	// correction makes of it over all claims tried and their sum.
	P         float64 `json:"p_value"`
	PAdjusted float64 `json:"p_adjusted"`
	// Above says that the interval lies above what is promised; as many claims as there are, one of forty does so by chance.
	Above bool `json:"above"`
	// Broken says that it is more than chance: PAdjusted is at most .05.
	Broken bool `json:"broken"`
}

// rate makes one of counts. A sum of draws that promise different rates is held against their mean, which is stricter than need be with
// no rate (Hoeffding 1956, Ann. Math. Statist. 27, 713-721).
func rate(reproduced, draws int, promised float64) Rate {
	a := inference.Share(reproduced, draws, inference.Question{Null: promised, Alpha: level})
	return Rate{
		Draws: draws, Reproduced: reproduced, Share: a.Estimate, Low: a.Low, High: a.High, Promised: promised,
		P: a.Above, PAdjusted: a.Above, Above: a.Low > promised,
	}
}

// level is that of intervals, and of what is more than chance.
const level = 0.05

// A Family is the instances of one claim, summed up.
type Family struct {
	Address string `json:"address"`
	Test    string `json:"test"`
	Claims  int    `json:"claims"` // that were tried
	Untried int    `json:"untried"`
	Why     string `json:"why,omitempty"` // of the first that was not
	// Units are those of the instances, the least and the most.
	Units [2]int `json:"n_units"`
	Rate
	// Worst is the instance with the highest rate, the first of several; nil without one.
	Worst *Claim `json:"worst,omitempty"`
}

// A Report is what trying all claims showed.
type Report struct {
	FormatVersion int      `json:"format_version"`
	Draws         int      `json:"draws"` // of each claim
	All           Rate     `json:"all"`
	Tried         int      `json:"tried"` // claims
	Above         int      `json:"above"` // claims whose interval lies above what is promised
	Broken        []string `json:"broken"`
	Families      []Family `json:"families"`
	Claims        []Claim  `json:"claims"`
}

// newReport sums up.
func newReport(draws int, claims []Claim) *Report {
	r := &Report{FormatVersion: 1, Draws: draws, Claims: claims, Broken: []string{}, Families: []Family{}}
	var tried []*Claim
	for i := range claims {
		if claims[i].Untried == "" {
			tried = append(tried, &claims[i])
		}
	}
	r.Tried = len(tried)
	r.All = sum(tried)
	rates := []*Rate{&r.All}
	for _, c := range tried {
		rates = append(rates, &c.Rate)
		if c.Above {
			r.Above++
		}
	}
	if r.Tried > 0 {
		holm(rates)
	}
	if r.All.Broken {
		r.Broken = append(r.Broken, "all claims together")
	}
	for _, c := range tried {
		if c.Broken {
			r.Broken = append(r.Broken, c.Address)
		}
	}
	for i := 0; i < len(claims); {
		j := i
		for j < len(claims) && claims[j].Stage == claims[i].Stage {
			j++
		}
		r.Families = append(r.Families, family(claims[i:j]))
		i = j
	}
	return r
}

// family sums up the instances of a claim.
func family(claims []Claim) Family {
	f := Family{Address: claims[0].Stage, Test: claims[0].Test}
	var tried []*Claim
	for i := range claims {
		c := &claims[i]
		if c.Untried != "" {
			if f.Untried++; f.Why == "" {
				f.Why = c.Untried
			}
			continue
		}
		if tried = append(tried, c); len(tried) == 1 {
			f.Units = [2]int{c.Units, c.Units}
		}
		f.Units = [2]int{min(f.Units[0], c.Units), max(f.Units[1], c.Units)}
		if f.Worst == nil || c.Share > f.Worst.Share {
			f.Worst = c
		}
	}
	f.Claims, f.Rate = len(tried), sum(tried)
	f.Broken = slices.ContainsFunc(tried, func(c *Claim) bool { return c.Broken })
	return f
}

// sum is the rate of several claims together.
func sum(claims []*Claim) Rate {
	if len(claims) == 0 {
		return Rate{}
	}
	reproduced, draws, promised := 0, 0, 0.0
	for _, c := range claims {
		reproduced, draws = reproduced+c.Reproduced, draws+c.Draws
		promised += float64(c.Promised * float64(c.Draws))
	}
	return rate(reproduced, draws, promised/float64(draws))
}

// holm corrects the p-values of rates for their number (Holm 1979), so that even one of any number of honest tests is called
// broken with a probability of at most 5 %.
func holm(rates []*Rate) {
	order := slices.Clone(rates)
	slices.SortStableFunc(order, func(a, b *Rate) int { return cmp.Compare(a.P, b.P) })
	least := 0.0
	for k, r := range order {
		least = max(least, min(1, float64(float64(len(order)-k)*r.P)))
		r.PAdjusted, r.Broken = least, least <= level
	}
}
