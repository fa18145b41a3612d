package artifacts

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"
)

// sampleManifest has something of everything that needs care.
func sampleManifest() *Manifest {
	text := "kind \"train\"\nsetting rate 0.1\n\x00\\\xff"
	return &Manifest{
		Key: Sum([]byte(text)), Text: text, Kind: "train", Version: 12, Address: "train.erm[name=\"a\tb\\n\nc\"]",
		Spec: "", Program: "spurion (devel) é\xff", Created: time.Date(2024, 2, 29, 23, 59, 59, 120000000, time.UTC), Seconds: 1e-9,
		Outputs: []Output{
			{Name: "history", Digest: Sum([]byte("a")), Size: 0, Rows: 0, Extension: ".parquet"},
			{Name: "std\tout", Digest: Sum([]byte("b")), Size: 1 << 62, Rows: -1, Extension: ""},
		},
	}
}

func sampleHeader() *RunHeader {
	r := Run{
		ID: "20240229-235959-x", Spec: "quick", SpecPath: "a b/quick.hcl", Program: "spurion\\", Args: []string{"run", "", "--var\n", "x=\t"},
		Started: time.Date(2024, 2, 29, 23, 59, 59, 999999999, time.UTC), Outcome: "failed",
		Variables: map[string]string{"": "", "b\t": "\\t", "a": "1"},
	}
	h := r.header(Sum(nil))
	return &h
}

func sampleEntries() []Entry {
	return []Entry{
		{Address: "generate.parity[seed=1]", Key: Sum([]byte("1")), Status: "cached"},
		{Address: "train.erm", Key: Sum([]byte("2")), Status: "failed", Error: "line 1\n\tline 2\\", Seconds: 12.5},
		{},
		{Seconds: -1e300, Status: "canceled"},
	}
}

// usedEntries say what they used, some of them.
func usedEntries() []Entry {
	return append(sampleEntries(), Entry{Address: "exec.fit", Status: "computed", Seconds: 3, CPU: 7.25, Memory: 1 << 40}, Entry{Memory: 1})
}

// FuzzManifest: what parses is what its value encodes to.
func FuzzManifest(f *testing.F) {
	f.Add(sampleManifest().encode())
	f.Add((&Manifest{Key: Sum(nil)}).encode())
	f.Add([]byte(manifestFormat))
	f.Add(bytes.Replace(sampleManifest().encode(), []byte("outputs 2"), []byte("outputs 9223372036854775807"), 1))
	f.Fuzz(func(t *testing.T, data []byte) {
		// A fuzzer finds no checksums: give it those that its data need.
		for _, data := range [][]byte{data, rekey(data)} {
			m, err := parseManifest(data)
			if err != nil {
				continue
			}
			if err := m.check(); err != nil {
				t.Errorf("%q is a manifest that cannot be stored: %v", data, err)
			}
			if again := m.encode(); !bytes.Equal(again, data) {
				t.Errorf("%q re-encodes to %q", data, again)
			}
		}
	})
}

// rekey sets the key to the digest of the text, and the checksum to that of the head.
func rekey(data []byte) []byte {
	at := bytes.Index(data, []byte("\nchecksum "))
	if at < 0 || len(data) < at+len("\nchecksum ")+65 || !bytes.HasPrefix(data, []byte(manifestFormat+"key ")) {
		return data
	}
	text := data[at+len("\nchecksum ")+65:]
	head := append([]byte(nil), data[:at+1]...)
	if start := len(manifestFormat) + len("key "); len(head) > start+64 {
		copy(head[start:], Sum(text).String())
	}
	return append(appendText(head, "checksum", Sum(head).String()), text...)
}

// FuzzRunHeader: what parses is what its value encodes to.
func FuzzRunHeader(f *testing.F) {
	f.Add(sampleHeader().encode())
	f.Add((&RunHeader{ID: "x"}).encode())
	f.Add([]byte(headerFormat + "id x\nargs 1000000000\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		fixed := data
		if at := bytes.LastIndex(data, []byte("\nchecksum ")); at >= 0 {
			fixed = append([]byte(nil), data[:at+1]...)
			fixed = appendText(fixed, "checksum", Sum(fixed).String())
		}
		for _, data := range [][]byte{data, fixed} {
			h, err := parseHeader(data)
			if err != nil {
				continue
			}
			if again := h.encode(); !bytes.Equal(again, data) {
				t.Errorf("%q re-encodes to %q", data, again)
			}
		}
	})
}

// FuzzEntries: what parses is what its value encodes to.
func FuzzEntries(f *testing.F) {
	f.Add(encodeEntries(sampleEntries()))
	f.Add(encodeEntries(usedEntries()))
	f.Add(encodeEntries(nil))
	f.Add([]byte(usedFormat))
	f.Add([]byte(usedFormat + "\t-\t0\t0\t0\t\t\n"))
	f.Add([]byte(entriesFormat + "\t-\t0\t\t\n\t-\t-0\t\t\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		entries, err := parseEntries(data)
		if err != nil {
			return
		}
		if again := encodeEntries(entries); !bytes.Equal(again, data) {
			t.Errorf("%q re-encodes to %q", data, again)
		}
	})
}

// FuzzParseDigest: what parses is what it prints.
func FuzzParseDigest(f *testing.F) {
	f.Add(Sum(nil).String())
	f.Add(strings.Repeat("0", 64))
	f.Add(strings.Repeat("A", 64))
	f.Add("")
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ParseDigest(s); err == nil && d.String() != s {
			t.Errorf("%q prints as %s", s, d)
		}
	})
}

// FuzzRecordText: every string survives being written in a record.
func FuzzRecordText(f *testing.F) {
	for _, s := range []string{"", "\\", "\\n", "\n\t\\", "\r", "\x00", "\xff", " a "} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, address, name string) {
		m := sampleManifest()
		m.Address, m.Outputs[0].Name, m.Outputs[0].Extension = address, name, address
		if m.check() != nil {
			return
		}
		got, err := parseManifest(m.encode())
		if err != nil || got.Address != address || got.Outputs[0].Name != name || got.Outputs[0].Extension != address {
			t.Errorf("%q and %q became %+v (%v)", address, name, got, err)
		}
		e := []Entry{{Address: address, Status: name, Error: address}}
		if back, err := parseEntries(encodeEntries(e)); err != nil || back[0] != e[0] {
			t.Errorf("%+v became %+v (%v)", e, back, err)
		}
	})
}

// TestManifestEncoding pins the format: entries of today must be readable tomorrow.
func TestManifestEncoding(t *testing.T) {
	m := &Manifest{
		Key: Sum([]byte("text\n")), Text: "text\n", Kind: "train", Version: 3, Address: "train.erm[seed=1]", Spec: "specs/quick.hcl",
		Program: "spurion 1.0", Created: time.Date(2024, 3, 6, 12, 0, 0, 0, time.UTC), Seconds: 0.5,
		Outputs: []Output{{Name: "history", Digest: Sum(nil), Size: 7, Rows: 1, Extension: ".parquet"}},
	}
	want := `spurion manifest 1
key b9e68e1bea3e5b19ca6b2f98b73a54b73daafaa250484902e09982e07a12e733
kind train
version 3
address train.erm[seed=1]
spec specs/quick.hcl
program spurion 1.0
created 2024-03-06T12:00:00Z
seconds 0.5
outputs 1
output e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 7 1 .parquet	history
text 5
checksum dcb955d00a0495d1a609c54c28c45c72862636ec1855ef78306af8c07f126d9e
text
`
	if got := string(m.encode()); got != want {
		t.Errorf("the format changed: raise its number, and keep reading the old one. Got\n%s\nwant\n%s", got, want)
	}
}

// TestOneEncoding refuses other ways to write the same values, though their checksums fit.
func TestOneEncoding(t *testing.T) {
	whole := sampleManifest().encode()
	if _, err := parseManifest(rekey(whole)); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][2]string{
		{"version 12", "version 012"}, {"version 12", "version +12"}, {"version 12", "version -1"}, {"version 12", "version  12"},
		{"seconds 1e-09", "seconds 1e-9"}, {"seconds 1e-09", "seconds 0.000000001"}, {"seconds 1e-09", "seconds NaN"}, {"seconds 1e-09", "seconds +Inf"},
		{"59.12Z", "59.120Z"}, {"59.12Z", "59.12+00:00"}, {"59.12Z", "59,12Z"}, {"02-29T", "02-30T"},
		{"outputs 2", "outputs 1"}, {"outputs 2", "outputs 3"}, {" -1 ", " -2 "}, {"std\\tout", "history"}, {"std\\tout", "std\tout"},
		{"std\\tout", "std\\xout"}, {"std\\tout", "stdout\\"}, {"\nspec \n", "\nspec\n"}, {"\nspec ", "\n\nspec "}, {"\nspec ", "\nSpec "},
		{"text ", "text 0"}, {"kind train\n", ""}, {"spurion manifest 1", "spurion manifest 2"}, {Sum([]byte("a")).String(), strings.ToUpper(Sum([]byte("a")).String())},
	} {
		if !bytes.Contains(whole, []byte(c[0])) {
			t.Errorf("%q is not in the sample", c[0])
		}
		if m, err := parseManifest(rekey(bytes.Replace(whole, []byte(c[0]), []byte(c[1]), 1))); err == nil {
			t.Errorf("with %q for %q it is read as %+v", c[1], c[0], m)
		}
	}
}

// FuzzLog: a log is read record by record to where it is whole, and what was read is what would be written.
func FuzzLog(f *testing.F) {
	f.Add(appendLogRecord(appendLogRecord(nil, LogStdout, time.Second, []byte("o 1 1\nx\n")), LogEnd, 0, nil))
	f.Add([]byte("o 1 9223372036854775807\nx\n"))
	f.Add([]byte("o 01 1\nx\no  \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		rest := data
		for {
			r, after, ok := cutLogRecord(rest)
			if !ok {
				break
			}
			if again := appendLogRecord(nil, r.Kind, r.At, r.Data); !bytes.Equal(again, rest[:len(rest)-len(after)]) {
				t.Errorf("%q is read as %+v, which is written as %q", rest, r, again)
			}
			rest = after
		}
		h, err := parseLogHeader(data)
		if again := h.encode(); err == nil && !bytes.Equal(again, data) {
			t.Errorf("%q is a header that is written as %q", data, again)
		}
	})
}

// TestEntriesEncoding pins both formats: that without what entries used is the one of older stores.
func TestEntriesEncoding(t *testing.T) {
	key := Sum([]byte("text\n")).String()
	for want, entries := range map[string][]Entry{
		"spurion entries 1\ncached\t" + key + "\t0.5\ttrain.erm\t\nskipped\t-\t0\tfit.b\tneeds\\na\n": {
			{Status: "cached", Key: Sum([]byte("text\n")), Seconds: 0.5, Address: "train.erm"}, {Status: "skipped", Address: "fit.b", Error: "needs\na"}},
		"spurion entries 2\ncomputed\t" + key + "\t2\t3.5\t1048576\texec.a\t\ncached\t-\t0\t0\t0\tfit.b\t\n": {
			{Status: "computed", Key: Sum([]byte("text\n")), Seconds: 2, CPU: 3.5, Memory: 1 << 20, Address: "exec.a"}, {Status: "cached", Address: "fit.b"}},
	} {
		if got := string(encodeEntries(entries)); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
		if got, err := parseEntries([]byte(want)); err != nil || !slices.Equal(got, entries) {
			t.Errorf("%s is read as %+v, %v", want, got, err)
		}
	}
}
