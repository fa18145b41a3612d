package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spurion/pipeline"
)

// A transferView is what `cache push` and `cache pull` print.
type transferView struct {
	Remote      string `json:"remote"`
	Results     int    `json:"results"` // brought to the other store
	There       int    `json:"there"`   // that it had already
	Repaired    int    `json:"repaired"`
	Left        int    `json:"left"`         // that could not be brought there
	NotComputed int    `json:"not_computed"` // instances
	Bytes       int64  `json:"bytes"`        // pushed
}

func (a *app) pushCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "push SPEC [TARGET...]",
		Short: "Bring results to the remote store",
		Long: `Brings the results of the instances that the targets select (none: all), and of what they need, to the remote store, for
others to take. What is there already stays: of two results that differ the first is kept, and the command says so.

A run with a remote store pushes what it computes; this is for what it could not, and for a folder to be published.`,
		Example: `  spurion cache push specs/quick.hcl --remote s3://lab/spurion
  spurion cache push specs/quick.hcl --remote file:///srv/www/results`,
		Annotations: exits("0 done", "1 results could not be pushed", "2 the spec or the command line has mistakes, or there is no store yet", "130 interrupted"),
		Args:        needArgs(1, -1, "SPEC"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.transfer(args, pipeline.ReadOnly, (*pipeline.Experiment).Push, transferView.pushed)
		},
		ValidArgsFunction: a.completeTargets,
	}
	jsonFlag(cmd)
	return cmd
}

func (a *app) pullCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "pull SPEC [TARGET...]",
		Short: "Bring results from the remote store",
		Long: `Brings the results of the instances that the targets select (none: all), and of what they need, from the remote store, whole,
so that no network is needed later. Without it a run takes what it needs when it needs it.`,
		Example:     `  spurion cache pull specs/quick.hcl --remote https://example.org/results`,
		Annotations: exits("0 done", "1 the remote store cannot be read", "2 the spec or the command line has mistakes", "130 interrupted"),
		Args:        needArgs(1, -1, "SPEC"),
		RunE: func(_ *cobra.Command, args []string) error {
			return a.transfer(args, pipeline.ReadWrite, (*pipeline.Experiment).Pull, transferView.pulled)
		},
		ValidArgsFunction: a.completeTargets,
	}
	jsonFlag(cmd)
	return cmd
}

// transfer brings results from one store to the other.
func (a *app) transfer(args []string, access pipeline.Access, bring func(*pipeline.Experiment, context.Context, []string) (pipeline.Transfer, error), text func(transferView) string) error {
	ctx, stop := a.onSignal("interrupted: stopping; what is there stays")
	defer stop()
	e, err := a.open(args[0], access)
	if err != nil {
		return err
	}
	defer e.Close()
	t, err := bring(e, ctx, args[1:])
	if t.Name == "" {
		return err
	}
	v := transferView{Remote: t.Name, Results: t.Results, There: t.There, Repaired: t.Repaired, Left: t.Left, NotComputed: t.NotComputed, Bytes: t.Bytes}
	if v.Left > 0 {
		a.code = exitFailed
	}
	if a.json {
		return errors.Join(a.printJSON(v), err)
	}
	a.out.WriteString(text(v))
	return err
}

func (v transferView) pushed() string {
	var b strings.Builder
	fmt.Fprintf(&b, "put %s, %s, in %s; it had %s already\n", count(v.Results, "result"), byteSize(v.Bytes), v.Remote, digits(int64(v.There)))
	if v.Repaired > 0 {
		fmt.Fprintf(&b, "put %s in the place of damaged ones\n", count(v.Repaired, "result"))
	}
	v.rest(&b, "there")
	return b.String()
}

func (v transferView) pulled() string {
	var b strings.Builder
	fmt.Fprintf(&b, "took %s from %s; %s here already\n", count(v.Results, "result"), v.Remote, were(v.There))
	v.rest(&b, "here whole")
	return b.String()
}

func were(n int) string {
	if n == 1 {
		return "1 was"
	}
	return digits(int64(n)) + " were"
}

func (v transferView) rest(b *strings.Builder, where string) {
	if v.Left > 0 {
		fmt.Fprintf(b, "%s could not be brought %s: the same command again goes on from there\n", count(v.Left, "result"), where)
	}
	if v.NotComputed > 0 {
		fmt.Fprintf(b, "%s in neither store: spurion run computes them\n", count(v.NotComputed, "instance"))
	}
}

// A remoteGCView is what `cache gc --remote` prints.
type remoteGCView struct {
	Deleted     bool   `json:"deleted"` // false: it only says what it would do
	Remote      string `json:"remote"`
	Results     int    `json:"results"`
	Blobs       int    `json:"blobs"`
	Bytes       int64  `json:"bytes"`
	KeptResults int    `json:"kept_results"`
	KeptBlobs   int    `json:"kept_blobs"`
	KeptBytes   int64  `json:"kept_bytes"`
}

// projectsRemote is the value of a bare --remote.
const projectsRemote = "(the project's)"

func (a *app) remoteGC(place string, minAge time.Duration, remove bool) error {
	ctx, stop := a.onSignal("interrupted: stopping")
	defer stop()
	c := a.config("")
	if place != projectsRemote {
		c.Remote = place
	}
	old, name, err := pipeline.CollectRemote(ctx, c, minAge, remove)
	if err != nil {
		return err
	}
	v := remoteGCView{
		Deleted: remove, Remote: name, Results: old.Results, Blobs: old.Blobs, Bytes: old.Bytes,
		KeptResults: old.KeptResults, KeptBlobs: old.KeptBlobs, KeptBytes: old.KeptBytes,
	}
	if a.json {
		return a.printJSON(v)
	}
	verb := "would remove"
	if remove {
		verb = "removed"
	}
	fmt.Fprintf(a.out, "%s %s from %s: %s, %s\n", verb, byteSize(v.Bytes), name, count(v.Results, "result"), count(v.Blobs, "blob"))
	fmt.Fprintf(a.out, "keeps %s: %s, %s\n", byteSize(v.KeptBytes), count(v.KeptResults, "result"), count(v.KeptBlobs, "blob"))
	if !remove && v.Results+v.Blobs > 0 {
		a.out.WriteString(a.outText.bold("Nothing was removed; --delete does it.") + "\n")
	}
	return nil
}
