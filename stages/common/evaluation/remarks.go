package evaluation

// OverCorrects reports whether a network of two classes goes against the spurious attribute: all groups exist, and it is
// wrong on most of each whose attribute goes with its class, and right on most of each of the others.
func (m *Measures) OverCorrects() bool {
	if m.Classes != 2 || len(m.Groups) == 0 || len(m.Groups) < m.Classes*m.Values {
		return false
	}
	for _, g := range m.Groups {
		if g.Side == NoSide || (g.Side == MajoritySide) != (g.Accuracy < .5) || g.Accuracy == .5 {
			return false
		}
	}
	return true
}

// Remarks are sentences for the note of a network's row.
func (m *Measures) Remarks() []string {
	var remarks []string
	if m.OnlyClass {
		remarks = append(remarks, "The network predicts one class.")
	}
	if m.OverCorrects() {
		remarks = append(remarks, "The network goes against the spurious attribute: it is mostly wrong where it equals the label, and mostly right where it does not.")
	}
	return remarks
}
