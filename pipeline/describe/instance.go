package describe

import (
	"fmt"
	"time"

	"spurion/pipeline/lookup"
	"spurion/pipeline/plan"
	"spurion/pipeline/screen"
	"spurion/stages"
)

// An InstanceDetail is all that is known of one instance: what `show` and `why` print.
type InstanceDetail struct {
	Address string        `json:"address"`
	Kind    string        `json:"kind"`
	Version int           `json:"version"`
	Parts   []PartDoc     `json:"parts,omitempty"` // of the kind, that it uses
	Axes    []stages.Axis `json:"axes"`
	Says    string        `json:"says,omitempty"` // of a claim
	Status  string        `json:"status"`         // "cached", "run", "blocked"
	Key     string        `json:"key,omitempty"`
	KeyText string        `json:"key_text,omitempty"` // what the key hashes
	Reason  *plan.Reason  `json:"reason,omitempty"`   // unless cached
	// Since compares with the last run: empty if nothing changed or there was none.
	Since    []plan.Change   `json:"since_last_run"`
	Settings []SettingDetail `json:"settings"`
	// Resources are what it needs of a machine, if its stage says so, and where that stands: they are not in the key.
	Resources      *plan.ResourcesView `json:"resources,omitempty"`
	ResourcesPlace string              `json:"resources_place,omitempty"`
	Inputs         []InputDetail       `json:"inputs"`
	Outputs        []OutputDetail      `json:"outputs"`
	Computed       *ComputedDetail     `json:"computed,omitempty"` // if it is in the store
	Program        *ProgramDetail      `json:"program,omitempty"`  // the one that was run last for its key, if one was
	// Unmasked names variables that programs were handed which are not set here: what they held, should a program have
	// written it into what is shown of the outputs, is not masked.
	Unmasked []string `json:"unmasked,omitempty"`
	// Lacks says of what there is what it is made without, as that failed or is left for a later run.
	Lacks string `json:"lacks,omitempty"`
}

// A SettingDetail is one setting in canonical form, with its place unless it is a default.
type SettingDetail struct {
	Path  string `json:"path"`
	Value string `json:"value"` // JSON
	Unit  string `json:"unit,omitempty"`
	Place string `json:"place,omitempty"` // "specs/paper.hcl:41"
	// Unkeyed says that the setting is not in the key: a change of it computes nothing.
	Unkeyed bool `json:"unkeyed,omitempty"`
}

// An InputDetail is one thing given to an input.
type InputDetail struct {
	Input  string `json:"input"`
	From   string `json:"from"`             // address and output, or a path
	Digest string `json:"digest,omitempty"` // of the content, if known
	Failed bool   `json:"failed,omitempty"` // an instance without which it was made, as that failed
}

// An OutputDetail is one declared output, with its first rows if it is stored and they were asked for.
type OutputDetail struct {
	Name    string       `json:"name"`
	Doc     string       `json:"doc"`
	Digest  string       `json:"digest,omitempty"`
	Bytes   int64        `json:"bytes"`
	Rows    int64        `json:"rows"`
	Path    string       `json:"path,omitempty"` // of the blob in the store, if it has a file of its own
	Pack    string       `json:"pack,omitempty"` // path of the file that it shares with other results
	Note    string       `json:"note,omitempty"` // what was left out when it was read
	Columns []ColumnInfo `json:"columns,omitempty"`
	Head    [][]any      `json:"head,omitempty"`   // values by row, null where there is none
	Text    string       `json:"text,omitempty"`   // the beginning of a raw file of text
	Binary  bool         `json:"binary,omitempty"` // a raw file that is no text
	Files   []FileDetail `json:"files,omitempty"`  // the first of a folder
	// FileCount is how many files a folder holds; it is -1 of what is none.
	FileCount int64 `json:"file_count"`
}

// A ColumnInfo describes a column.
type ColumnInfo struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Unit string `json:"unit,omitempty"`
	Doc  string `json:"doc,omitempty"`
}

// A ComputedDetail says what computed a stored instance.
type ComputedDetail struct {
	Created time.Time `json:"created"`
	Seconds float64   `json:"seconds"`
	Address string    `json:"address"` // what it was called then
	Spec    string    `json:"spec"`
	Program string    `json:"program"`
}

// A ProgramDetail is the program that was run for an instance, as its log has it.
type ProgramDetail struct {
	Path    string    `json:"path"`
	SHA256  string    `json:"sha256,omitempty"` // of the file; empty if it could not be read
	Started time.Time `json:"started"`
}

// A Look says what to show of results, and by what.
type Look struct {
	Store *lookup.Store
	Rows  int // up to so many first rows of each output that the store has
	// Secrets are masked. Unset names variables that programs were handed whose values are not known, and so are not.
	Secrets *screen.Secrets
	Unset   []string
}

// Instance describes a node of a plan.
func Instance(p *plan.Plan, n *plan.Node, look Look) (InstanceDetail, error) {
	kind, in := n.Stage.Kind, n.Instance()
	d := InstanceDetail{
		Address: n.Address(), Kind: kind.Name, Version: kind.Version, Status: n.Status.String(),
		Parts: partDocs(kind.PartsOf(in.Settings)), Axes: append([]stages.Axis{}, in.Axes...), Settings: []SettingDetail{}, Inputs: []InputDetail{}, Outputs: []OutputDetail{},
		Since: []plan.Change{}, Lacks: n.LacksText(),
	}
	if claim := n.Stage.Claim; claim != nil {
		d.Says = claim.Of[n.Index].Says
	}
	for i, path := range in.Settings.Paths {
		s := SettingDetail{
			Path: path, Value: n.Stage.Shown(path, in.Settings.Values[i]),
			Unit: kind.Schema().Unit(path), Unkeyed: !kind.Schema().Keyed(path),
		}
		if r, ok := n.Stage.Place(path); ok {
			s.Place = fmt.Sprintf("%s:%d", r.File, r.Line)
		}
		d.Settings = append(d.Settings, s)
	}
	if d.Resources = n.ResourcesOf(); d.Resources != nil {
		r, _ := n.Stage.Place("resources")
		d.ResourcesPlace = fmt.Sprintf("%s:%d", r.File, r.Line)
	}
	for _, port := range kind.Inputs {
		for _, source := range p.Sources(n, port.Name) {
			d.Inputs = append(d.Inputs, inputDetail(port, source))
		}
	}
	for _, id := range n.Absent {
		d.Inputs = append(d.Inputs, InputDetail{From: p.Nodes[id].Address(), Failed: true})
	}
	if err := d.addKey(p, n, look.Store); err != nil {
		return d, err
	}
	settings, err := kind.Schema().Decode(in.Settings)
	if err != nil {
		return d, err
	}
	for _, o := range kind.OutputsOf(settings) {
		od, err := look.output(n, o)
		if err != nil {
			return d, err
		}
		if od.Head != nil || od.Text != "" {
			d.Unmasked = look.Unset
		}
		d.Outputs = append(d.Outputs, od)
	}
	return d, nil
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

// addKey fills in what follows from the node's key.
func (d *InstanceDetail) addKey(p *plan.Plan, n *plan.Node, store *lookup.Store) error {
	if n.Status != plan.Cached {
		p.Foresee(n, store)
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
	d.Since = append(d.Since, p.Since(n, store)...)
	if log, err := store.Log(n.Key, false); err == nil {
		h := &log.Header
		d.Program = &ProgramDetail{Path: h.Program, Started: h.Started}
		if plan.Digest(h.Digest) != (plan.Digest{}) {
			d.Program.SHA256 = h.Digest.String()
		}
	}
	if len(n.Outputs) == 0 {
		return nil
	}
	m, err := store.Manifest(n.Key)
	if err != nil {
		return err
	}
	d.Computed = &ComputedDetail{
		Created: m.Created, Seconds: m.Seconds, Address: m.Address, Spec: m.Spec, Program: m.Program,
	}
	return nil
}
