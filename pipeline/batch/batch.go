// Package batch has the form in which instances of a plan are handed to another machine: a file that holds all that is needed to compute
// them, without the spec and the project.
package batch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"spurion/stages"
)

// format begins every batch; raise it when the form changes.
const format = "spurion batch 1"

// A Batch is what one task computes.
type Batch struct {
	Format string `json:"format"`
	// Program is the SHA-256 of the program that made the batch: no other computes it.
	Program  string        `json:"program"`
	Version  string        `json:"version"` // of that program, for people
	Run      string        `json:"run"`
	Spec     string        `json:"spec"`
	SpecPath string        `json:"spec_path"`
	Limit    time.Duration `json:"limit"`             // how long the task may run
	CPUs     int           `json:"cpus"`              // processors of the task
	Memory   int64         `json:"memory,omitempty"`  // of the task, in bytes; 0 if nothing is said
	Timeout  time.Duration `json:"timeout,omitempty"` // of one instance
	Keep     bool          `json:"keep_failed,omitempty"`
	// Secrets are masked in what is printed.
	Secrets []string `json:"secrets,omitempty"`
	// Handed are variables of the environment that programs are handed where the task's own environment does not have them.
	Handed map[string]string `json:"handed,omitempty"`
	// Files are what is outside of the graph: contents by their paths, as digests; Variables are values of the environment.
	Files     map[string]string `json:"files,omitempty"`
	Variables map[string]string `json:"variables,omitempty"`
	// Outside are instances whose results are in the store.
	Outside   []Outside  `json:"outside,omitempty"`
	Instances []Instance `json:"instances"`
}

// An Outside is an instance that is not of the batch, with its results.
type Outside struct {
	Kind    string   `json:"kind"`
	Stage   string   `json:"stage"`
	Axes    []Axis   `json:"axes,omitempty"`
	Outputs []Output `json:"outputs"`
}

// An Output is a stored result.
type Output struct {
	Name      string `json:"name"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
	Rows      int64  `json:"rows"`
	Extension string `json:"extension,omitempty"`
}

// An Instance is one that is to be computed. It comes after those that it needs.
type Instance struct {
	Kind      string            `json:"kind"`
	Version   int               `json:"version"`
	Stage     string            `json:"stage"`
	Axes      []Axis            `json:"axes,omitempty"`
	Settings  json.RawMessage   `json:"settings"` // canonical values by path
	Sensitive []string          `json:"sensitive,omitempty"`
	Inputs    []Input           `json:"inputs,omitempty"`
	After     []int             `json:"after,omitempty"` // instances of the batch
	Forced    bool              `json:"forced,omitempty"`
	Resources *stages.Resources `json:"resources,omitempty"`
	// Identity is what it is made from: see plan.Identities.
	Identity string  `json:"identity"`
	Seconds  float64 `json:"seconds,omitempty"` // that it may take
}

// An Input is what a port was given.
type Input struct {
	Name string `json:"name"`
	Refs []Ref  `json:"refs"`
}

// A Ref points to an output of an instance of the batch (Of), of one outside (Stored), or to what is outside of the graph (Path).
type Ref struct {
	Key    string `json:"key,omitempty"`
	Output string `json:"output,omitempty"`
	Of     *int   `json:"of,omitempty"`
	Stored *int   `json:"stored,omitempty"`
	Path   string `json:"path,omitempty"`
}

// An Axis is a coordinate; exactly one of its values is there.
type Axis struct {
	Name   string   `json:"name"`
	String *string  `json:"string,omitempty"`
	Int    *int64   `json:"int,omitempty"`
	Float  *float64 `json:"float,omitempty"`
	Bool   *bool    `json:"bool,omitempty"`
}

func axesOf(list []stages.Axis) []Axis {
	if len(list) == 0 {
		return nil
	}
	axes := make([]Axis, len(list))
	for i, a := range list {
		x := Axis{Name: a.Name}
		switch v := a.Value.(type) {
		case string:
			x.String = &v
		case int64:
			x.Int = &v
		case float64:
			x.Float = &v
		case bool:
			x.Bool = &v
		}
		axes[i] = x
	}
	return axes
}

func stageAxes(list []Axis) ([]stages.Axis, error) {
	axes := make([]stages.Axis, len(list))
	for i, a := range list {
		axes[i].Name = a.Name
		switch {
		case a.String != nil:
			axes[i].Value = *a.String
		case a.Int != nil:
			axes[i].Value = *a.Int
		case a.Float != nil:
			axes[i].Value = *a.Float
		case a.Bool != nil:
			axes[i].Value = *a.Bool
		default:
			return nil, fmt.Errorf("axis %s has no value", a.Name)
		}
	}
	return axes, nil
}

// Encode gives a batch as a file.
func (b *Batch) Encode() ([]byte, error) {
	b.Format = format
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // settings are hashed as they are written
	err := enc.Encode(b)
	return out.Bytes(), err
}

// Decode reads such a file, and checks that its references lead to something that comes before.
func Decode(data []byte) (*Batch, error) {
	var b Batch
	if err := json.Unmarshal(data, &b); err != nil {
		return nil, fmt.Errorf("it is no batch: %w", err)
	}
	if b.Format != format {
		return nil, fmt.Errorf("it begins with %q instead of %q: another version of the program made it", b.Format, format)
	}
	for i, in := range b.Instances {
		for _, port := range in.Inputs {
			for _, r := range port.Refs {
				if err := b.check(i, r); err != nil {
					return nil, fmt.Errorf("instance %d, input %s: %w", i, port.Name, err)
				}
			}
		}
		for _, a := range in.After {
			if a < 0 || a >= i {
				return nil, fmt.Errorf("instance %d comes after instance %d", i, a)
			}
		}
	}
	return &b, nil
}

func (b *Batch) check(i int, r Ref) error {
	switch {
	case r.Of != nil && (*r.Of < 0 || *r.Of >= i):
		return fmt.Errorf("it is made of instance %d", *r.Of)
	case r.Stored != nil && (*r.Stored < 0 || *r.Stored >= len(b.Outside)):
		return fmt.Errorf("there is no stored instance %d", *r.Stored)
	case r.Of == nil && r.Stored == nil && r.Path == "":
		return fmt.Errorf("a reference leads nowhere")
	}
	return nil
}
