package site

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"spurion/pipeline/cluster"
)

// strange finds attributes and blocks that no executor has, and says which it may have; and values that are not plain.
func strange(body *hclsyntax.Body) (diags hcl.Diagnostics) {
	look := func(of string, body *hclsyntax.Body, val any) {
		var names []string
		schema, _ := gohcl.ImpliedBodySchema(val)
		for _, a := range schema.Attributes {
			names = append(names, a.Name)
		}
		for _, b := range schema.Blocks {
			names = append(names, b.Type)
		}
		slices.Sort(names)
		add := func(name string, at hcl.Range) {
			if !slices.Contains(names, name) {
				diags = append(diags, mistake(at, "%s has no %q: it may have %s", of, name, strings.Join(names, ", ")))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(body.Attributes)) {
			a := body.Attributes[name]
			add(name, a.NameRange)
			if _, wrong := a.Expr.Value(nil); wrong.HasErrors() {
				diags = append(diags, mistake(a.Expr.Range(), "%s is no plain value: variables and functions are not known here, and ${ of a shell is written $${", name))
			}
		}
		for _, b := range body.Blocks {
			add(b.Type, b.TypeRange)
		}
	}
	look("the file", body, File{})
	for _, x := range body.Blocks {
		if x.Type != "executor" {
			continue
		}
		look("an executor", x.Body, Executor{})
		for _, b := range x.Body.Blocks {
			if b.Type == "batch" {
				look("the block batch", b.Body, Batch{})
			}
		}
	}
	return diags
}

func mistake(at hcl.Range, format string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: fmt.Sprintf(format, args...), Subject: &at}
}

// A check finds what is wrong with an executor.
type check struct {
	x      *Executor
	block  *hclsyntax.Block
	faults hcl.Diagnostics
}

func (c *check) fault(at hcl.Range, format string, args ...any) {
	c.faults = append(c.faults, mistake(at, format, args...))
}

// at gives the place of an attribute, of the executor or of its batch; that of the block if it is not there.
func (c *check) at(name string) hcl.Range {
	if a := c.block.Body.Attributes[name]; a != nil {
		return a.SrcRange
	}
	for _, b := range c.block.Body.Blocks {
		if a := b.Body.Attributes[name]; a != nil {
			return a.SrcRange
		}
	}
	return c.block.DefRange()
}

func (c *check) all() {
	x := c.x
	for _, d := range x.durations(&Times{}) {
		if length, err := time.ParseDuration(d.text); d.text != "" && (err != nil || length <= 0) {
			c.fault(c.at(d.name), "%s = %q is no duration: write one such as \"30s\" or \"2h\"", d.name, d.text)
		}
	}
	if x.Driver != "" && x.Driver != Here && x.Driver != Job {
		c.fault(c.at("driver"), "driver = %q: write %q for the process that you start, or %q for a job of the cluster", x.Driver, Here, Job)
	}
	c.positive("running", x.Running)
	c.positive("array_size", x.Size)
	if x.Batch != nil {
		c.positive("most", x.Batch.Most)
	}
	switch x.Type {
	case Slurm:
		c.others("Slurm's own commands are known: leave it out, or make the executor's type \"array\"", "submit", "status", "cancel", "states", "index", "first", "array_size")
	case Array:
		c.others("it is Slurm's: write what it says into the command submit", "account", "partition", "options")
		if x.Driver == Job {
			c.fault(c.at("driver"), "driver = %q is not for the type %q: leave it out", Job, x.Type)
		}
		c.array()
	default:
		c.fault(c.block.LabelRanges[0], "there is no type %q of executors: write %q or %q", x.Type, Slurm, Array)
	}
}

func (c *check) positive(name string, n int) {
	if n < 0 {
		c.fault(c.at(name), "%s = %d is negative: write a number from 1, or leave it out", name, n)
	}
}

// others reports attributes that this type does not have.
func (c *check) others(why string, names ...string) {
	for _, name := range names {
		if a := c.block.Body.Attributes[name]; a != nil {
			c.fault(a.NameRange, "%s is not for the type %q: %s", name, c.x.Type, why)
		}
	}
}

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (c *check) array() {
	x := c.x
	if x.Submit == "" {
		c.fault(c.at("submit"), "an array launcher needs submit: the command that has a script run once for each task of an array")
	}
	switch {
	case x.Index == "":
		c.fault(c.at("index"), "an array launcher needs index: the name of the variable that tells a task its number")
	case !variableName.MatchString(x.Index):
		c.fault(c.at("index"), "index = %q is no name of a variable: write one such as \"PBS_ARRAY_INDEX\", without $", x.Index)
	}
	if x.First != 0 && x.First != 1 {
		c.fault(c.at("first"), "first = %d: the first task has the number 0 or 1", x.First)
	}
	for _, t := range []struct {
		name, text string
		words      []string
	}{{"submit", x.Submit, cluster.SubmitWords}, {"status", x.Status, cluster.AskWords}, {"cancel", x.Cancel, cluster.AskWords}} {
		if err := cluster.Template(t.text).Check(t.words); err != nil {
			c.fault(c.at(t.name), "%s: %v", t.name, err)
		}
	}
	for _, state := range slices.Sorted(maps.Keys(x.States)) {
		if word := x.States[state]; !slices.Contains(cluster.StateWords, word) {
			c.fault(c.at("states"), "states has %s = %q: write one of %s", state, word, strings.Join(cluster.StateWords, ", "))
		}
	}
	if times, err := x.Times(); err == nil && x.Status == "" && times.Lost != 0 && times.Lost < cluster.LeastSilence {
		c.fault(c.at("lost_after"), "lost_after = %q is too short without the command status, since tasks say something every half minute: write %v or more", x.Lost, cluster.LeastSilence)
	}
}
