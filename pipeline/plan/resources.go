package plan

import (
	"strings"
	"time"

	"spurion/stages"
)

// An Override says what instances need of a machine instead of what their stages say.
type Override struct {
	pattern Pattern
	names   []string // resources, and what each is set to
	values  []string
}

// ParseOverride reads PATTERN:NAME=VALUE,..., such as train.*:memory=16GB,time=4h. The error, an ErrTarget, names the part that is wrong.
func ParseOverride(text string) (Override, error) {
	at := strings.LastIndexByte(text, ':') // a pattern may hold one in quotes, and what follows none
	if at < 0 {
		return Override{}, Targetf("resources %q are not of the form PATTERN:NAME=VALUE,..., such as 'train.*:memory=16GB,time=4h'", text)
	}
	pattern, err := ParsePattern(text[:at])
	if err != nil {
		return Override{}, Targetf("resources %q: %w", text, err)
	}
	o := Override{pattern: pattern}
	for part := range strings.SplitSeq(text[at+1:], ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return Override{}, Targetf("resources %q: expected NAME=VALUE at %q", text, part)
		}
		if err := new(stages.Resources).Set(name, value); err != nil {
			return Override{}, Targetf("resources %q: %s %w", text, name, err)
		}
		o.names, o.values = append(o.names, name), append(o.values, value)
	}
	return o, nil
}

// ParseOverrides reads several.
func ParseOverrides(texts []string) ([]Override, error) {
	list := make([]Override, len(texts))
	for i, text := range texts {
		var err error
		if list[i], err = ParseOverride(text); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// override changes what nodes need, in order: of several that name a node and a resource the last one counts.
func (p *Plan) override(list []Override) error {
	for i := range list {
		ids, err := p.Match(list[i].pattern)
		if err != nil {
			return err
		}
		changed := map[*stages.Resources]*stages.Resources{} // many nodes share what they need
		for _, id := range ids {
			n := &p.Nodes[id]
			to := changed[n.Resources]
			if to == nil {
				to = list[i].of(n.Resources)
				changed[n.Resources] = to
			}
			n.Resources = to
		}
	}
	return nil
}

// of gives what is needed by an instance that needs r without it.
func (o *Override) of(r *stages.Resources) *stages.Resources {
	changed := stages.Resources{}
	if r != nil {
		changed = *r
	}
	for i, name := range o.names {
		_ = changed.Set(name, o.values[i]) // it was tried when it was parsed
	}
	return &changed
}

// A ResourcesView is what an instance needs of a machine. What is not said is left out, but for the one processor.
type ResourcesView struct {
	CPUs        int     `json:"cpus"`
	MemoryBytes int64   `json:"memory_bytes,omitempty"`
	TimeSeconds float64 `json:"time_seconds,omitempty"`
	GPUs        int     `json:"gpus,omitempty"`
}

// ResourcesOf gives the view of what a node needs; nil if nothing is said.
func (n *Node) ResourcesOf() *ResourcesView {
	r := n.Resources
	if r == nil {
		return nil
	}
	return &ResourcesView{CPUs: max(r.CPUs, 1), MemoryBytes: r.Memory, TimeSeconds: r.Time.Seconds(), GPUs: r.GPUs}
}

// Max gives the most of each that two instances need; v may be nil.
func (v *ResourcesView) Max(w ResourcesView) *ResourcesView {
	if v == nil {
		return &w
	}
	return &ResourcesView{
		CPUs: max(v.CPUs, w.CPUs), MemoryBytes: max(v.MemoryBytes, w.MemoryBytes),
		TimeSeconds: max(v.TimeSeconds, w.TimeSeconds), GPUs: max(v.GPUs, w.GPUs),
	}
}

// Text gives it for people: see stages.Resources.
func (v *ResourcesView) Text() string {
	return stages.Resources{CPUs: v.CPUs, Memory: v.MemoryBytes, Time: time.Duration(v.TimeSeconds * float64(time.Second)), GPUs: v.GPUs}.String()
}
