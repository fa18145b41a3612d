// Package describe tells what a kind, an instance and the cost of results are, as values with a JSON form: what kinds,
// show, why and times print.
package describe

import (
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// A KindDoc documents one kind of stage, or one test of claims, from what its code declares: `kinds`
// prints it and docs/reference.md is generated from it.
type KindDoc struct {
	Name     string       `json:"name"`
	Version  int          `json:"version"`
	Doc      string       `json:"doc"`
	Test     bool         `json:"test"`            // written `test "NAME"` in a claim, not `stage "NAME"`
	Parts    []PartDoc    `json:"parts,omitempty"` // those with versions of their own
	Settings []SettingDoc `json:"settings"`
	Inputs   []InputDoc   `json:"inputs"`
	Outputs  []OutputDoc  `json:"outputs"`
	// Dynamic says that settings declare outputs besides these.
	Dynamic bool `json:"dynamic_outputs"`
	// Gathers says that it can do without instances that failed: allow_failed.
	Gathers bool `json:"gathers"`
	// Unforeseen says that the columns of some output are known to a run alone.
	Unforeseen bool       `json:"unforeseen_columns"`
	Labels     []LabelDoc `json:"labels"` // which privileged columns it reads
}

// A PartDoc is a part of a kind, such as a method, that has a version of its own.
type PartDoc struct {
	Role    string `json:"role"` // "method"
	Name    string `json:"name"`
	Version int    `json:"version"`
}

// A SettingDoc documents an attribute or a block.
type SettingDoc struct {
	Name     string   `json:"name"`
	Type     string   `json:"type"` // "number", "list of integers", "block", "function", ...
	Doc      string   `json:"doc"`
	Unit     string   `json:"unit,omitempty"`
	Required bool     `json:"required"`
	NonEmpty bool     `json:"non_empty,omitempty"` // a list, map or set of blocks has at least one element
	Default  string   `json:"default,omitempty"`   // as written in a spec
	Bounds   string   `json:"bounds,omitempty"`    // "at least 0 and below 1"
	OneOf    []string `json:"one_of,omitempty"`
	For      []string `json:"for,omitempty"`     // the labels for which it applies; empty for all
	Labels   []string `json:"labels,omitempty"`  // of a labelled block or function
	Unkeyed  bool     `json:"unkeyed,omitempty"` // it is not in the key: a change of it computes nothing
	// DefaultLabel is that of a block without a label; empty if it needs one.
	DefaultLabel string       `json:"default_label,omitempty"`
	Label        string       `json:"label,omitempty"` // the attribute that a label becomes where the block is written as an object
	Nested       []SettingDoc `json:"nested,omitempty"`
}

// An InputDoc documents an input.
type InputDoc struct {
	Name        string `json:"name"`
	Doc         string `json:"doc"`
	Type        string `json:"type"`
	Cardinality string `json:"cardinality"` // "one", "optional", "list", "map"
	Required    bool   `json:"required"`
	Axes        bool   `json:"axes"` // it reads the axes of what it is given
}

// An OutputDoc documents an output.
type OutputDoc struct {
	Name     string       `json:"name"`
	Doc      string       `json:"doc"`
	Type     string       `json:"type"`
	File     string       `json:"file,omitempty"` // extension of a raw file
	Internal bool         `json:"internal"`       // kept in the store, not gathered into out/
	Columns  []ColumnInfo `json:"columns"`        // those that are always there
	// Others says which columns there are besides; empty for none.
	Others string `json:"other_columns,omitempty"`
}

// A LabelDoc says that a kind reads columns with a mark, for a purpose.
type LabelDoc struct {
	Mark    string `json:"mark"`
	Purpose string `json:"purpose"`
}

// Kinds documents a registry: kinds in order of registration, then tests.
func Kinds(r *stages.Registry) []KindDoc {
	docs := make([]KindDoc, 0, len(r.Kinds)+len(r.Tests))
	for _, k := range r.Kinds {
		docs = append(docs, documentKind(k, false))
	}
	for _, k := range r.Tests {
		docs = append(docs, documentKind(k, true))
	}
	return docs
}

func documentKind(k *stages.Kind, test bool) KindDoc {
	d := KindDoc{
		Name: k.Name, Version: k.Version, Doc: k.Doc, Test: test, Dynamic: k.DynamicOutputs != nil, Gathers: k.Gathers(), Unforeseen: k.Unforeseen,
		Settings: documentSchema(k.Schema()), Inputs: []InputDoc{}, Outputs: []OutputDoc{}, Labels: []LabelDoc{},
	}
	for _, in := range k.Inputs {
		d.Inputs = append(d.Inputs, InputDoc{
			Name: in.Name, Doc: in.Doc, Type: in.Type, Axes: in.Axes, Required: in.Must(),
			Cardinality: [...]string{"one", "optional", "list", "map"}[in.Cardinality],
		})
	}
	for _, o := range k.Outputs {
		od := OutputDoc{Name: o.Name, Doc: o.Doc, Type: o.Type, File: o.Extension, Internal: o.Internal, Columns: []ColumnInfo{}, Others: o.Others}
		d.Unforeseen = d.Unforeseen || !o.Foreseen()
		if od.Type == "" {
			od.Type = stages.AnyType
		}
		for _, f := range o.Fields {
			od.Columns = append(od.Columns, columnInfo(f))
		}
		d.Outputs = append(d.Outputs, od)
	}
	d.Parts = partDocs(k.Parts)
	for _, l := range k.Labels {
		d.Labels = append(d.Labels, LabelDoc{Mark: string(l.Mark), Purpose: l.Purpose})
	}
	return d
}

func partDocs(parts []stages.Part) []PartDoc {
	var docs []PartDoc
	for _, p := range parts {
		docs = append(docs, PartDoc{Role: p.Role(), Name: p.Name, Version: p.Version})
	}
	return docs
}

func columnInfo(f frame.Field) ColumnInfo {
	return ColumnInfo{Name: f.Name, Type: f.Type.String(), Unit: f.Unit, Doc: f.Doc}
}

// documentSchema documents the settings of s; above are the schemas that s stands in, and s itself.
func documentSchema(s *stages.Schema, above ...*stages.Schema) []SettingDoc {
	docs := []SettingDoc{}
	for i := range s.Attributes {
		if a := &s.Attributes[i]; a != s.Label {
			docs = append(docs, documentSetting(a, above))
		}
	}
	return docs
}

func documentSetting(a *stages.Attribute, above []*stages.Schema) SettingDoc {
	d := SettingDoc{
		Name: a.Name, Type: typeName(a), Doc: a.Doc, Unit: a.Unit, Required: a.Required, NonEmpty: a.NonEmpty,
		Default: string(a.Default), Bounds: a.Bounds(), OneOf: a.OneOf, For: a.For,
		Unkeyed: a.Unkeyed,
	}
	if a.DefaultAxis != "" {
		d.Default = "each." + a.DefaultAxis + ", or " + d.Default + " without that axis"
	}
	nested := a.Nested
	if nested == nil && a.Elem != nil {
		nested = a.Elem.Nested
	}
	if nested == nil {
		return d
	}
	if nested.Label != nil {
		d.Labels, d.DefaultLabel = nested.Label.OneOf, nested.DefaultLabel()
		if a.Type == stages.Block || a.Type == stages.Blocks {
			d.Label = nested.Label.Name
		}
	}
	if !slices.Contains(above, nested) { // a function of functions is documented once
		d.Nested = documentSchema(nested, append(above, nested)...)
	}
	return d
}

func typeName(a *stages.Attribute) string {
	switch a.Type {
	case stages.BoolValue:
		return "bool"
	case stages.IntValue:
		return "integer"
	case stages.FloatValue:
		return "number"
	case stages.StringValue:
		return "string"
	case stages.ListValue:
		return "list of " + plural(typeName(a.Elem))
	case stages.MapValue:
		return "map of " + plural(typeName(a.Elem))
	case stages.Call:
		return "function"
	case stages.Blocks:
		return "labelled blocks"
	}
	if a.Nested.Label != nil {
		return "labelled block"
	}
	return "block"
}

func plural(s string) string {
	if strings.HasSuffix(s, "s") {
		return s
	}
	return s + "s"
}
