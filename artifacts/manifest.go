package artifacts

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// A Manifest says what an action wrote. It is a value: nothing changes one that was published.
type Manifest struct {
	Key     Digest
	Text    string // the full preimage of the key: Sum(Text) == Key
	Kind    string
	Version int // not negative
	// Address, Spec and Program say what first computed it: informative, not part of what is cached.
	Address string
	Spec    string
	Program string
	Created time.Time // to the nanosecond, in UTC
	Seconds float64   // what it took to compute, and so what a hit saves; finite
	Outputs []Output  // in the order in which the kind declares them; names are unique
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

// manifestFormat is the first line of a manifest. The number is raised when the lines change.
const manifestFormat = "spurion manifest 1\n"

// check says why a manifest cannot be stored.
func (m *Manifest) check() error {
	switch {
	case Sum([]byte(m.Text)) != m.Key:
		return errors.New("the key is not the digest of its text")
	case m.Version < 0:
		return fmt.Errorf("version %d is negative", m.Version)
	case !storable(m.Created):
		return fmt.Errorf("the time of creation has the year %d", m.Created.UTC().Year())
	case !finite(m.Seconds):
		return fmt.Errorf("it took %g seconds", m.Seconds)
	}
	for i := range m.Outputs {
		o := &m.Outputs[i]
		if o.Size < 0 || o.Rows < -1 {
			return fmt.Errorf("output %q has %d bytes and %d rows", o.Name, o.Size, o.Rows)
		}
		if m.Output(o.Name) != o {
			return fmt.Errorf("two outputs are named %q", o.Name)
		}
	}
	return nil
}

// Differences names the outputs that a and b do not share, in the order of a, then of b; nil if they have the same.
func Differences(a, b *Manifest) []string {
	var names []string
	for i := range a.Outputs {
		if o := b.Output(a.Outputs[i].Name); o == nil || *o != a.Outputs[i] {
			names = append(names, a.Outputs[i].Name)
		}
	}
	for i := range b.Outputs {
		if a.Output(b.Outputs[i].Name) == nil {
			names = append(names, b.Outputs[i].Name)
		}
	}
	return names
}

// encode writes the manifest: the head, a checksum of the head, and the text, which the key in the
// head covers. Every byte is thus covered by one hash and none by two.
func (m *Manifest) encode() []byte {
	b := make([]byte, 0, 512+192*len(m.Outputs)+len(m.Text))
	b = append(b, manifestFormat...)
	b = appendText(b, "key", m.Key.String())
	b = appendText(b, "kind", m.Kind)
	b = appendInt(b, "version", int64(m.Version))
	b = appendText(b, "address", m.Address)
	b = appendText(b, "spec", m.Spec)
	b = appendText(b, "program", m.Program)
	b = appendTime(b, "created", m.Created)
	b = append(appendSeconds(append(b, "seconds "...), m.Seconds), '\n')
	b = appendInt(b, "outputs", int64(len(m.Outputs)))
	for i := range m.Outputs {
		o := &m.Outputs[i]
		b = append(append(b, "output "...), o.Digest.String()...)
		b = strconv.AppendInt(append(b, ' '), o.Size, 10)
		b = strconv.AppendInt(append(b, ' '), o.Rows, 10)
		b = appendEscaped(append(b, ' '), o.Extension)
		b = append(appendEscaped(append(b, '\t'), o.Name), '\n')
	}
	b = appendInt(b, "text", int64(len(m.Text)))
	b = appendText(b, "checksum", Sum(b).String())
	return append(b, m.Text...)
}

// parseManifest reads what encode wrote, and nothing else.
func parseManifest(data []byte) (*Manifest, error) {
	c := scanner{rest: string(data)}
	whole := c.rest
	if len(whole) < len(manifestFormat) || whole[:len(manifestFormat)] != manifestFormat {
		return nil, errors.New("the first line is not that of a manifest")
	}
	c.rest = whole[len(manifestFormat):]
	m := &Manifest{
		Key: c.digest("key"), Kind: c.text("kind"), Version: int(c.count("version")),
		Address: c.text("address"), Spec: c.text("spec"), Program: c.text("program"),
		Created: c.time("created"), Seconds: c.seconds(c.value("seconds")),
	}
	m.Outputs = c.outputs()
	size := c.count("text")
	head := len(whole) - len(c.rest)
	checksum := c.digest("checksum")
	m.Text = c.rest
	switch {
	case c.bad || m.Version < 0: // int may be 32 bits wide
		return nil, errMalformed
	case sha256.Sum256(data[:head]) != checksum:
		return nil, errors.New("the checksum does not fit")
	case int64(len(m.Text)) != size:
		return nil, fmt.Errorf("the text has %d bytes instead of %d", len(m.Text), size)
	case sha256.Sum256(data[len(data)-len(m.Text):]) != m.Key:
		return nil, errors.New("the key is not the digest of the text")
	}
	return m, nil
}

func (c *scanner) outputs() []Output {
	n := c.count("outputs")
	const shortest = len("output ") + 2*sha256.Size + len(" 0 0 \t\n")
	if c.bad || n > int64(len(c.rest)/shortest) || n > math.MaxInt32 {
		c.bad = true
		return nil
	}
	if n == 0 {
		return nil
	}
	outputs := make([]Output, n)
	for i := range outputs {
		o := &outputs[i]
		digest, rest := c.cut(c.value("output"), ' ')
		size, rest := c.cut(rest, ' ')
		rows, rest := c.cut(rest, ' ')
		extension, name := c.cut(rest, '\t')
		if c.bad || !parseDigest(&o.Digest, digest) {
			c.bad = true
			return nil
		}
		o.Size, o.Rows = c.number(size), -1
		if rows != "-1" {
			o.Rows = c.number(rows)
		}
		o.Extension, o.Name = c.unescaped(extension), c.unescaped(name)
		for j := range i {
			if outputs[j].Name == o.Name {
				c.bad = true
			}
		}
	}
	return outputs
}
