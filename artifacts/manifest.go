package artifacts

import "time"

// A Manifest says what an action wrote. It is a value: nothing changes one that was published.
type Manifest struct {
	Key     Digest
	Text    string // the full preimage of the key: Sum(Text) == Key
	Kind    string
	Version int
	// Address, Spec and Program say what first computed it: informative, not part of what is cached.
	Address string
	Spec    string
	Program string
	Created time.Time // to the nanosecond, in UTC
	Seconds float64   // what it took to compute, and so what a hit saves
	Outputs []Output  // in the order in which the kind declares them
}

// An Output is one artifact of a manifest.
type Output struct {
	Name      string
	Digest    Digest
	Size      int64  // bytes
	Rows      int64  // -1 for raw files
	Extension string // ".parquet"
}

// Output gives the output with the name, or nil.
func (m *Manifest) Output(name string) *Output {
	for i := range m.Outputs {
		if m.Outputs[i].Name == name {
			return &m.Outputs[i]
		}
	}
	return nil
}
