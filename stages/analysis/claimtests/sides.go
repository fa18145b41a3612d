package claimtests

import "spurion/stages"

// Sides tells the groups that are compared, so that rows in both are found before anything runs.
func (s *CompareSettings) Sides() (string, [2]stages.Side, map[string]string) {
	return sidesOf(group{"larger", s.Y, s.Larger}, group{"smaller", otherColumn(s.YSmaller, s.Y), s.Smaller}, s.Where)
}

// Sides tells the sides of the pairs.
func (s *PairedSettings) Sides() (string, [2]stages.Side, map[string]string) {
	return sidesOf(group{"larger", s.Y, s.Larger}, group{"smaller", otherColumn(s.YSmaller, s.Y), s.Smaller}, s.Where)
}

// Sides tells the groups that are said to be much the same.
func (s *EquivalentSettings) Sides() (string, [2]stages.Side, map[string]string) {
	return sidesOf(group{"first", s.Y, s.First}, group{"second", otherColumn(s.YSecond, s.Y), s.Second}, s.Where)
}

func sidesOf(a, b group, where map[string]string) (string, [2]stages.Side, map[string]string) {
	return "table", [2]stages.Side{{Path: a.attribute, Column: a.column, Where: a.where}, {Path: b.attribute, Column: b.column, Where: b.where}}, where
}
