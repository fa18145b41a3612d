package stages

import "testing"

func TestPredicate(t *testing.T) {
	for _, c := range []struct {
		text    string
		value   any
		numbers bool
		want    bool
	}{
		{"0.9", 0.9, true, true},
		{"0.90", 0.9, true, true},
		{"1", int64(1), true, true},
		{"1.0", int64(1), true, true},
		{"!= 0.9", 0.6, true, true},
		{">= 0.6", 0.6, true, true},
		{"> 0.6", 0.6, true, false},
		{"> 0.2 and < 0.8", 0.6, true, true},
		{"> 0.2 and < 0.8", 0.8, true, false},
		{"<1e3", int64(999), true, true},
		{"0.9", "0.9", true, false},
		{"erm", "erm", false, true},
		{"= erm", "erm", false, true},
		{"!= erm", "jtt", false, true},
		{"!=erm", "erm", false, false},
		{"true", true, false, true},
		{"salt and pepper", "salt and pepper", false, true},
		{"0.9", 0.9, false, true}, // an axis that is text for another stage
	} {
		p, err := ReadPredicate(c.text, c.numbers)
		if err != nil || p.Holds(c.value) != c.want {
			t.Errorf("%q of %v: %t, %v, want %t", c.text, c.value, p.Holds(c.value), err, c.want)
		}
	}
	for _, c := range []struct {
		text    string
		numbers bool
	}{{"high", true}, {"> 0.2 and high", true}, {"NaN", true}, {"", true}, {"=> 1", true}, {"< erm", false}, {"== erm", false}, {"!=", false}} {
		if _, err := ReadPredicate(c.text, c.numbers); err == nil {
			t.Errorf("%q is a condition", c.text)
		}
	}
}
