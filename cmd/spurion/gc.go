package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spurion/artifacts"
	"spurion/pipeline"
)

// A gcView is what `cache gc` prints.
type gcView struct {
	Deleted     bool          `json:"deleted"` // false: it only says what it would do
	Bytes       int64         `json:"bytes"`
	Blobs       int           `json:"blobs"`
	Temporary   int           `json:"temporary"`
	Logs        int           `json:"logs"`
	Runs        []string      `json:"runs"`
	Entries     []gcEntryView `json:"entries"`
	KeptEntries int           `json:"kept_entries"`
	KeptBytes   int64         `json:"kept_bytes"`
}

type gcEntryView struct {
	Key     string    `json:"key"`
	Kind    string    `json:"kind"`
	Address string    `json:"address"`
	Bytes   int64     `json:"bytes"`
	Used    time.Time `json:"used"`
}

func (a *app) gcCommand() *cobra.Command {
	o := pipeline.GCDefaults()
	var size, place string
	var all bool
	cmd := &cobra.Command{
		Use:   "gc",
		Short: "Say what could be removed, or remove it",
		Long: `Says what could be removed from the store: records of all but the newest runs of each spec, entries that no kept
run refers to, least recently used first, old logs of programs without an entry, and what crashed programs left behind. Only --delete removes it.

What a kept run refers to is never taken, nor what was used within --min-age.

With --remote, it is about the remote store: results that were put there before --min-age (90 days unless given), by age alone, as
nobody there knows of runs. A result that is pushed again after that is as new.`,
		Example: `  spurion cache gc
  spurion cache gc --keep-runs 1 --max-size 20GB --delete
  spurion cache gc --remote --min-age 2000h`,
		Annotations: exits("0 done", "1 the store cannot be read or written", "2 there is no store yet, or bad usage", "130 interrupted"),
		Args:        needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.KeepRuns < 0 || o.MinAge < 0 {
				return usagef("--keep-runs and --min-age must be at least 0")
			}
			if size != "" {
				var err error
				if o.MaxBytes, err = parseSize(size); err != nil {
					return usageError{fmt.Errorf("--max-size: %w", err)}
				}
			}
			f := cmd.Flags()
			if !f.Changed("remote") {
				return a.gc(o, all)
			}
			if f.Changed("keep-runs") || size != "" || all {
				return usagef("with --remote only --min-age and --delete have a meaning")
			}
			if !f.Changed("min-age") {
				o.MinAge = pipeline.DefaultRemoteAge
			}
			return a.remoteGC(place, o.MinAge, o.Delete)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.Delete, "delete", false, "do it, instead of saying what would be done")
	f.IntVar(&o.KeepRuns, "keep-runs", o.KeepRuns, "keep this `number` of the newest runs of each spec, with all they refer to")
	f.StringVar(&size, "max-size", "", "take entries only until the store is this `size`, such as 20GB")
	f.DurationVar(&o.MinAge, "min-age", o.MinAge, "leave alone what was used within this `duration`")
	f.BoolVar(&all, "all", false, "list every entry")
	f.StringVar(&place, "remote", "", "look after the remote store instead: the project's, or with = that at a `URL`")
	f.Lookup("remote").NoOptDefVal = projectsRemote
	jsonFlag(cmd)
	return cmd
}

func (a *app) gc(o artifacts.GCOptions, all bool) error {
	ctx, stop := a.onSignal("interrupted: stopping")
	defer stop()
	access := pipeline.ReadOnly
	if o.Delete {
		access = pipeline.ReadWrite
	}
	return a.withStore(access, func(store *pipeline.Store) error {
		r, err := store.GC(ctx, o)
		if err != nil {
			return err
		}
		v := gcView{
			Deleted: r.Deleted, Bytes: r.Bytes, Blobs: r.Blobs, Temporary: r.Temporary, Logs: r.Logs, Runs: append([]string{}, r.Runs...),
			Entries: []gcEntryView{}, KeptEntries: r.KeptEntries, KeptBytes: r.KeptBytes,
		}
		for _, x := range r.Entries {
			v.Entries = append(v.Entries, gcEntryView{Key: x.Key.String(), Kind: x.Kind, Address: x.Address, Bytes: x.Bytes, Used: x.Used})
		}
		if a.json {
			return a.printJSON(v)
		}
		a.out.WriteString(v.text(a.outText, all))
		return nil
	})
}

func (v gcView) text(s style, all bool) string {
	const most = 10
	var b strings.Builder
	if len(v.Entries) > 0 {
		g := newGrid("entry", "kind", ">size", "last used")
		for i, x := range v.Entries {
			if i == most && !all {
				break
			}
			g.add(x.Address, x.Kind, byteSize(x.Bytes), instant(x.Used))
		}
		b.WriteString(g.render(s, ""))
		if more := len(v.Entries) - most; more > 0 && !all {
			fmt.Fprintf(&b, "and %s more (--all lists them)\n", digits(int64(more)))
		}
		b.WriteByte('\n')
	}
	verb := "would remove"
	if v.Deleted {
		verb = "removed"
	}
	fmt.Fprintf(&b, "%s %s: %s, %s, %s, %s, %s\n", verb, byteSize(v.Bytes), count(len(v.Entries), "entry"), count(v.Blobs, "blob"),
		count(len(v.Runs), "run record"), count(v.Logs, "log"), count(v.Temporary, "leftover"))
	fmt.Fprintf(&b, "keeps %s: %s\n", byteSize(v.KeptBytes), count(v.KeptEntries, "entry"))
	if !v.Deleted && v.Bytes+int64(len(v.Runs)+v.Temporary+v.Logs) > 0 {
		b.WriteString(s.bold("Nothing was removed; --delete does it.") + "\n")
	}
	return b.String()
}
