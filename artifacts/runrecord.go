package artifacts

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
)

const (
	headerFormat  = "spurion run 1\n"
	entriesFormat = "spurion entries 1\n"
	// usedFormat is that of entries of which some say what they used.
	usedFormat = "spurion entries 2\n"
)

// checkID says why an id cannot name a file on every system.
func checkID(id string) error {
	ok := id != "" && len(id) <= 128 && id[0] != '.'
	for i := 0; i < len(id); i++ {
		c := id[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		ok = ok && (letter || '0' <= c && c <= '9' || c == '-' || c == '_' || c == '.')
	}
	if !ok {
		return fmt.Errorf("%q is not a run's id: letters, digits, '-', '_' and '.' are wanted", shorten(id))
	}
	return nil
}

func (r *Run) check() error {
	if err := checkID(r.ID); err != nil {
		return err
	}
	if !storable(r.Started) || !storable(r.Finished) {
		return fmt.Errorf("it lasted from year %d to %d", r.Started.UTC().Year(), r.Finished.UTC().Year())
	}
	for i := range r.Entries {
		switch e := &r.Entries[i]; {
		case !finite(e.Seconds) || !finite(e.CPU):
			return fmt.Errorf("%s took %g seconds, and %g of processors", e.Address, e.Seconds, e.CPU)
		case e.Memory < 0:
			return fmt.Errorf("%s had %d bytes", e.Address, e.Memory)
		}
	}
	return nil
}

// header gives the header as readHeader will.
func (r *Run) header(list Digest) RunHeader {
	h := RunHeader{
		ID: r.ID, Spec: r.Spec, SpecPath: r.SpecPath, Program: r.Program,
		Started: r.Started.Round(0).UTC(), Finished: r.Finished.Round(0).UTC(), Outcome: r.Outcome,
		Instances: len(r.Entries), list: list,
	}
	if len(r.Args) > 0 {
		h.Args = r.Args
	}
	if len(r.Variables) > 0 {
		h.Variables = r.Variables
	}
	return h
}

func (h *RunHeader) encode() []byte {
	b := append(make([]byte, 0, 1024), headerFormat...)
	b = appendText(b, "id", h.ID)
	b = appendText(b, "spec", h.Spec)
	b = appendText(b, "path", h.SpecPath)
	b = appendText(b, "program", h.Program)
	b = appendTime(b, "started", h.Started)
	b = appendTime(b, "finished", h.Finished)
	b = appendText(b, "outcome", h.Outcome)
	b = appendInt(b, "args", int64(len(h.Args)))
	for _, arg := range h.Args {
		b = appendText(b, "arg", arg)
	}
	names := make([]string, 0, len(h.Variables))
	for name := range h.Variables {
		names = append(names, name)
	}
	sort.Strings(names)
	b = appendInt(b, "variables", int64(len(names)))
	for _, name := range names {
		b = append(appendEscaped(append(b, "variable "...), name), '\t')
		b = append(appendEscaped(b, h.Variables[name]), '\n')
	}
	b = appendInt(b, "instances", int64(h.Instances))
	b = appendText(b, "entries", h.list.String())
	return appendText(b, "checksum", Sum(b).String())
}

// parseHeader reads what encode wrote, and nothing else.
func parseHeader(data []byte) (RunHeader, error) {
	rest, ok := strings.CutPrefix(string(data), headerFormat)
	if !ok {
		return RunHeader{}, errors.New("the first line is not that of a run record")
	}
	c := scanner{rest: rest}
	h := RunHeader{
		ID: c.text("id"), Spec: c.text("spec"), SpecPath: c.text("path"), Program: c.text("program"),
		Started: c.time("started"), Finished: c.time("finished"), Outcome: c.text("outcome"),
	}
	for range c.items("args") {
		h.Args = append(h.Args, c.text("arg"))
	}
	last := ""
	for i := range c.items("variables") {
		name, value := c.cut(c.value("variable"), '\t')
		name = c.unescaped(name)
		if h.Variables == nil {
			h.Variables = map[string]string{}
		}
		if i > 0 && name <= last {
			c.bad = true
		}
		last = name
		h.Variables[name] = c.unescaped(value)
	}
	h.Instances = int(c.count("instances"))
	h.list = c.digest("entries")
	head := len(data) - len(c.rest)
	checksum := c.digest("checksum")
	switch {
	case c.bad || c.rest != "" || h.Instances < 0 || checkID(h.ID) != nil:
		return RunHeader{}, errMalformed
	case sha256.Sum256(data[:head]) != checksum:
		return RunHeader{}, errors.New("the checksum does not fit")
	}
	return h, nil
}

// items reads how many lines follow, and bounds the number by what is left to read.
func (c *scanner) items(name string) int {
	n := c.count(name)
	if n > int64(len(c.rest)) {
		c.bad = true
		return 0
	}
	return int(n)
}

// encodeEntries writes a line for each entry; the file's name is the digest of its bytes. Without any that says what it used, they
// are as they were before entries could.
func encodeEntries(entries []Entry) []byte {
	used := slices.ContainsFunc(entries, func(e Entry) bool { return e.CPU != 0 || e.Memory != 0 })
	b := make([]byte, 0, 64+160*len(entries))
	if used {
		b = append(b, usedFormat...)
	} else {
		b = append(b, entriesFormat...)
	}
	for i := range entries {
		e := &entries[i]
		b = append(appendEscaped(b, e.Status), '\t')
		if e.Key.IsZero() {
			b = append(b, '-')
		} else {
			b = append(b, e.Key.String()...)
		}
		b = append(appendSeconds(append(b, '\t'), e.Seconds), '\t')
		if used {
			b = append(appendSeconds(b, e.CPU), '\t')
			b = append(strconv.AppendInt(b, e.Memory, 10), '\t')
		}
		b = append(appendEscaped(b, e.Address), '\t')
		b = append(appendEscaped(b, e.Error), '\n')
	}
	return b
}

// parseEntries reads what encodeEntries wrote, and nothing else.
func parseEntries(data []byte) ([]Entry, error) {
	rest, plain := strings.CutPrefix(string(data), entriesFormat)
	used := false
	if !plain {
		if rest, used = strings.CutPrefix(string(data), usedFormat); !used {
			return nil, errors.New("the first line is not that of a list of entries")
		}
	}
	n := strings.Count(rest, "\n")
	if n == 0 && rest == "" && plain {
		return nil, nil
	}
	entries := make([]Entry, n)
	c := scanner{}
	said := false // what some entry used
	for i := range entries {
		line, after, _ := strings.Cut(rest, "\n")
		rest = after
		e := &entries[i]
		status, line := c.cut(line, '\t')
		key, line := c.cut(line, '\t')
		seconds, line := c.cut(line, '\t')
		if used {
			var cpu, memory string
			cpu, line = c.cut(line, '\t')
			memory, line = c.cut(line, '\t')
			e.CPU, e.Memory = c.seconds(cpu), c.number(memory)
			said = said || e.CPU != 0 || e.Memory != 0
		}
		address, message := c.cut(line, '\t')
		if c.bad || key != "-" && (!parseDigest(&e.Key, key) || e.Key.IsZero()) {
			return nil, errors.New("line " + strconv.Itoa(i+2) + " is malformed")
		}
		e.Status, e.Seconds = c.unescaped(status), c.seconds(seconds)
		e.Address, e.Error = c.unescaped(address), c.unescaped(message)
	}
	if c.bad || rest != "" || used != said {
		return nil, errMalformed
	}
	return entries, nil
}
