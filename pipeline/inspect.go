package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/frame"
	"spurion/pipeline/plan"
	"spurion/stages"
)

// An InstanceDetail is all that is known of one instance: what `show` and `why` print.
type InstanceDetail struct {
	Address string       `json:"address"`
	Kind    string       `json:"kind"`
	Version int          `json:"version"`
	Axes    []AxisDetail `json:"axes"`
	Says    string       `json:"says,omitempty"` // of a claim
	Status  string       `json:"status"`         // "cached", "run", "blocked"
	Key     string       `json:"key,omitempty"`
	KeyText string       `json:"key_text,omitempty"` // what the key hashes
	Reason  *plan.Reason `json:"reason,omitempty"`   // unless cached
	// Since compares with the last run: empty if nothing changed or there was none.
	Since    []plan.Change   `json:"since_last_run"`
	Settings []SettingDetail `json:"settings"`
	Inputs   []InputDetail   `json:"inputs"`
	Outputs  []OutputDetail  `json:"outputs"`
	Computed *ComputedDetail `json:"computed,omitempty"` // if cached
}

// An AxisDetail is one axis of an instance.
type AxisDetail struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// A SettingDetail is one setting in canonical form, with its place unless it is a default.
type SettingDetail struct {
	Path  string `json:"path"`
	Value string `json:"value"` // JSON
	Unit  string `json:"unit,omitempty"`
	Place string `json:"place,omitempty"` // "specs/paper.hcl:41"
}

// An InputDetail is one thing given to an input.
type InputDetail struct {
	Input  string `json:"input"`
	From   string `json:"from"`             // address and output, or a path
	Digest string `json:"digest,omitempty"` // of the content, if known
}

// An OutputDetail is one declared output, with its first rows if it is stored and they were asked for.
type OutputDetail struct {
	Name    string       `json:"name"`
	Doc     string       `json:"doc"`
	Digest  string       `json:"digest,omitempty"`
	Bytes   int64        `json:"bytes"`
	Rows    int64        `json:"rows"`
	Path    string       `json:"path,omitempty"` // of the blob in the store
	Columns []ColumnInfo `json:"columns,omitempty"`
	Head    [][]any      `json:"head,omitempty"` // values by row, null where there is none
	Text    string       `json:"text,omitempty"` // the beginning of a raw file
}

// A ColumnInfo describes a column.
type ColumnInfo struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Unit string `json:"unit,omitempty"`
	Doc  string `json:"doc,omitempty"`
}

// A ComputedDetail says what computed a cached instance.
type ComputedDetail struct {
	Created time.Time `json:"created"`
	Seconds float64   `json:"seconds"`
	Address string    `json:"address"` // what it was called then
	Spec    string    `json:"spec"`
	Program string    `json:"program"`
}

// Inspect describes the instances that a pattern selects, with up to rows first rows of each output.
func (e *Experiment) Inspect(ctx context.Context, target string, rows int) ([]InstanceDetail, error) {
	p, nodes, err := e.named(ctx, target)
	if err != nil {
		return nil, err
	}
	details := make([]InstanceDetail, len(nodes))
	for i, n := range nodes {
		if details[i], err = e.inspect(p, n, rows); err != nil {
			return nil, fmt.Errorf("%s: %w", n.Address(), err)
		}
	}
	return details, nil
}

func (e *Experiment) inspect(p *plan.Plan, n *plan.Node, rows int) (InstanceDetail, error) {
	kind, in := n.Stage.Kind, n.Instance()
	d := InstanceDetail{
		Address: n.Address(), Kind: kind.Name, Version: kind.Version, Status: n.Status.String(),
		Axes: axisDetails(in.Axes), Settings: []SettingDetail{}, Inputs: []InputDetail{}, Outputs: []OutputDetail{},
		Since: []plan.Change{},
	}
	if claim := n.Stage.Claim; claim != nil {
		d.Says = claim.Of[n.Index].Says
	}
	for i, path := range in.Settings.Paths {
		s := SettingDetail{Path: path, Value: in.Settings.Values[i], Unit: kind.Schema().Unit(path)}
		if r, ok := n.Stage.Ranges[path]; ok {
			s.Place = fmt.Sprintf("%s:%d", r.File, r.Line)
		} else if r, ok := n.Stage.Ranges[callOf(kind, path)]; ok {
			s.Place = fmt.Sprintf("%s:%d", r.File, r.Line)
		}
		d.Settings = append(d.Settings, s)
	}
	for _, port := range kind.Inputs {
		for _, source := range p.Sources(n, port.Name) {
			d.Inputs = append(d.Inputs, inputDetail(port, source))
		}
	}
	if err := e.keyDetail(p, n, &d); err != nil {
		return d, err
	}
	settings, err := kind.Schema().Decode(in.Settings)
	if err != nil {
		return d, err
	}
	for _, o := range kind.OutputsOf(settings) {
		od, err := e.outputDetail(n, o, rows)
		if err != nil {
			return d, err
		}
		d.Outputs = append(d.Outputs, od)
	}
	return d, nil
}

func axisDetails(axes []stages.Axis) []AxisDetail {
	list := make([]AxisDetail, len(axes))
	for i, a := range axes {
		list[i] = AxisDetail{Name: a.Name, Value: a.Value}
	}
	return list
}

// callOf gives the attribute whose function value a setting is an argument of: "core" for "core.degree"
// in core = parity(4); "" if it is of no such value.
func callOf(k *stages.Kind, path string) string {
	name, _, _ := strings.Cut(path, ".")
	if a := k.Schema().Attribute(name); a == nil || a.Type != stages.Call {
		return ""
	}
	return name
}

func inputDetail(port stages.Input, s plan.Source) InputDetail {
	d := InputDetail{Input: port.Name, From: s.Path}
	if s.Key != "" {
		d.Input += "." + s.Key
	}
	if s.Node != nil {
		d.From = s.Node.Address() + " " + s.Output
		if out := s.Node.Output(s.Output); out != nil {
			d.Digest = out.Digest.String()
		}
	}
	return d
}

// keyDetail fills in what follows from the node's key.
func (e *Experiment) keyDetail(p *plan.Plan, n *plan.Node, d *InstanceDetail) error {
	if n.Status != plan.Cached {
		d.Reason = &n.Reason
	}
	if !n.Keyed {
		return nil
	}
	_, text, err := p.KeyText(n)
	if err != nil {
		return err
	}
	d.Key, d.KeyText = n.Key.String(), text
	d.Since = append(d.Since, p.Since(n, e.cache)...)
	if n.Status != plan.Cached {
		return nil
	}
	m, err := e.store.Get(artifacts.Digest(n.Key))
	if err != nil {
		return err
	}
	d.Computed = &ComputedDetail{
		Created: m.Created, Seconds: m.Seconds, Address: m.Address, Spec: m.Spec, Program: m.Program,
	}
	return nil
}

const textHead = 2000 // bytes of a raw file that are shown

func (e *Experiment) outputDetail(n *plan.Node, o stages.Output, rows int) (OutputDetail, error) {
	d := OutputDetail{Name: o.Name, Doc: o.Doc}
	out := n.Output(o.Name)
	if out == nil {
		return d, nil
	}
	d.Digest, d.Bytes, d.Rows = out.Digest.String(), out.Size, out.Rows
	d.Path = e.store.BlobPath(artifacts.Digest(out.Digest))
	if rows <= 0 {
		return d, nil
	}
	data, err := e.store.Blob(artifacts.Digest(out.Digest))
	if err != nil {
		return d, fmt.Errorf("output %q: %w; the next run computes it again", o.Name, err)
	}
	if o.Extension != "" {
		d.Text = string(data[:min(len(data), textHead)])
		return d, nil
	}
	t, err := frame.Decode(data)
	if err != nil {
		return d, fmt.Errorf("output %q: %w", o.Name, err)
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		d.Columns = append(d.Columns, ColumnInfo{Name: c.Name, Type: c.Type.String(), Unit: c.Unit, Doc: c.Doc})
	}
	for r := range min(rows, t.Rows()) {
		values := make([]any, len(t.Columns))
		for i := range t.Columns {
			values[i] = t.Columns[i].Value(r)
		}
		d.Head = append(d.Head, values)
	}
	return d, nil
}

// ErrNoStore is the cause of errors about a store that does not exist yet.
var ErrNoStore = errors.New("there is no store yet; it is made by the first run")
