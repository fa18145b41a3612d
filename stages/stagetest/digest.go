package stagetest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"math"
	"sort"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Digest gives the hex SHA-256 of a table's names, types, units, marks, values, nulls and metadata.
// It does not depend on how Parquet encodes them, nor on the fields' docs, which may be reworded.
func Digest(t *frame.Table) string {
	h := sha256.New()
	number(h, len(t.Columns))
	for i := range t.Columns {
		c := &t.Columns[i]
		for _, s := range []string{c.Name, c.Type.String(), c.Unit, string(c.Mark), fmt.Sprint(c.Nullable)} {
			text(h, s)
		}
		number(h, c.Len())
		for row := range c.Len() {
			value(h, c.Value(row))
		}
	}
	keys := make([]string, 0, len(t.Meta))
	for k := range t.Meta {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		text(h, k)
		text(h, t.Meta[k])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func number(h hash.Hash, n int) {
	h.Write(binary.LittleEndian.AppendUint64(nil, uint64(n)))
}

func text(h hash.Hash, s string) {
	number(h, len(s))
	h.Write([]byte(s))
}

func value(h hash.Hash, v any) {
	switch x := v.(type) {
	case nil:
		text(h, "null")
	case string:
		text(h, x)
	case float32:
		number(h, int(math.Float32bits(x)))
	case float64:
		number(h, int(math.Float64bits(x)))
	case []float32:
		number(h, len(x))
		for _, f := range x {
			number(h, int(math.Float32bits(f)))
		}
	default: // integers, booleans and lists of integers
		text(h, fmt.Sprint(x))
	}
}

// Golden runs a case and compares the digests of its outputs with those kept: want maps each
// output to Digest of its table, or to the SHA-256 of its file, decoded where the case says how; with an empty one
// it fails and says what to keep. If a kind computes something else than before, its Version must be raised, or
// that of its part which did, because caches hold what it computed under the old one.
func Golden(t *testing.T, kind *stages.Kind, c Case, want map[string]string) {
	t.Helper()
	out, err := Try(t.Context(), kind, fresh(c.Settings), c.Inputs, c.Options...)
	if err != nil {
		t.Fatalf("%s: %v", kind.Name, err)
	}
	c.decode(t, out)
	for _, wrong := range compare(kind, c, out.digests(), want) {
		t.Error(wrong)
	}
}

// compare says what differs between the digests of a case and those kept.
func compare(kind *stages.Kind, c Case, got, want map[string]string) []string {
	if len(want) == 0 {
		var b strings.Builder
		for _, name := range union(got, nil) {
			fmt.Fprintf(&b, "%q: %q, ", name, got[name])
		}
		return []string{fmt.Sprintf("no digests are kept yet. Check what the run computes; then keep its first ones:\nmap[string]string{%s}", strings.TrimSuffix(b.String(), ", "))}
	}
	var wrong []string
	for _, name := range union(got, want) {
		if got[name] != want[name] {
			wrong = append(wrong, fmt.Sprintf("bytes changed: %s, then keep the new digest of %s\n got %q\nwant %q", raise(kind, c), name, got[name], want[name]))
		}
	}
	return wrong
}

// decode puts what is kept of the outcome's files in their place.
func (c *Case) decode(t testing.TB, out *Outcome) {
	if c.Decode != nil {
		for name, data := range out.Files {
			out.Files[name] = c.Decode(t, name, data)
		}
	}
}

// digests gives the digest of every output.
func (out *Outcome) digests() map[string]string {
	d := make(map[string]string)
	for name, t := range out.Tables {
		d[name] = Digest(t)
	}
	for name, data := range out.Files {
		d[name] = digest(data)
	}
	return d
}

// union gives the sorted keys of both maps.
func union(a, b map[string]string) []string {
	var keys []string
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	sort.Strings(keys)
	return keys
}
