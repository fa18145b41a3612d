package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"spurion/artifacts"
	"spurion/pipeline"
)

func (a *app) cacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Look after the store",
		Long: `Looks after the store, where everything that was computed is kept under the key of what it was computed from.

Nothing here can lose a result for good: what is removed or damaged is computed again when it is needed.`,
		Annotations: exits("0 done", "1 damage was found, or the store cannot be read or written", "2 there is no store yet, or bad usage"),
		Args:        cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return unknownCommand(cmd, args[0])
			}
			a.helpTo(a.err, cmd)
			a.code = exitUsage
			return nil
		},
	}
	cmd.AddCommand(a.duCommand(), a.verifyCommand(), a.evictCommand(), a.gcCommand(), a.keptCommand(), a.pushCommand(), a.pullCommand())
	return cmd
}

// withStore opens the store for a command that needs no spec.
func (a *app) withStore(access pipeline.Access, do func(*pipeline.Store) error) error {
	store, err := pipeline.OpenStore(a.config(""), access)
	if err != nil {
		return err
	}
	defer store.Close()
	return do(store)
}

// A usageView is what `cache du` prints.
type usageView struct {
	Entries int             `json:"entries"`
	Blobs   int             `json:"blobs"`
	Bytes   int64           `json:"bytes"`
	Runs    int             `json:"runs"`
	Damaged int             `json:"damaged"`
	Logs    int64           `json:"log_bytes"`
	Kinds   []kindUsageView `json:"kinds"`
}

type kindUsageView struct {
	Kind    string  `json:"kind"` // empty: blobs that no entry uses
	Entries int     `json:"entries"`
	Bytes   int64   `json:"bytes"`
	Seconds float64 `json:"seconds"`
}

func (a *app) duCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:         "du",
		Short:       "Say what takes the space",
		Long:        `Counts what the store holds, by kind: entries, bytes, and the time that it took to compute them.`,
		Example:     "  spurion cache du",
		Annotations: exits("0 done", "1 the store cannot be read", "2 there is no store yet, or bad usage"),
		Args:        needArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.withStore(pipeline.ReadOnly, func(store *pipeline.Store) error {
				u, err := store.Usage(cmd.Context())
				if err != nil {
					return err
				}
				v := usageView{Entries: u.Entries, Blobs: u.Blobs, Bytes: u.Bytes, Runs: u.Runs, Damaged: u.Damaged, Logs: u.Logs, Kinds: []kindUsageView{}}
				for _, k := range u.Kinds {
					v.Kinds = append(v.Kinds, kindUsageView(k))
				}
				if a.json {
					return a.printJSON(v)
				}
				a.out.WriteString(v.text(a.outText))
				return nil
			})
		},
	}
	jsonFlag(cmd)
	return cmd
}

func (v usageView) text(s style) string {
	var b strings.Builder
	if len(v.Kinds) > 0 {
		g := newGrid("kind", ">entries", ">size", ">computed in")
		for _, k := range v.Kinds {
			g.add(firstOf(k.Kind, "(unused)"), digits(int64(k.Entries)), byteSize(k.Bytes), duration(k.Seconds))
		}
		b.WriteString(g.render(s, "") + "\n")
	}
	fmt.Fprintf(&b, "%s, %s, %s, %s\n", byteSize(v.Bytes), count(v.Entries, "entry"), count(v.Blobs, "blob"), count(v.Runs, "recorded run"))
	if v.Logs > 0 {
		fmt.Fprintf(&b, "and %s of logs of programs\n", byteSize(v.Logs))
	}
	if v.Damaged > 0 {
		fmt.Fprintf(&b, "%s set aside in damaged/, which may be removed\n", count(v.Damaged, "damaged file"))
	}
	return b.String()
}

// An evictView is what `cache evict` prints.
type evictView struct {
	Entries int      `json:"entries"`
	Blobs   int      `json:"blobs"`
	Bytes   int64    `json:"bytes"`
	Missing []string `json:"missing"` // keys that had no entry
	Kept    int      `json:"kept"`    // blobs that are young or that a running process may use
}

func (a *app) evictCommand() *cobra.Command {
	var keys []string
	cmd := &cobra.Command{
		Use:   "evict SPEC ADDRESS... | --key KEY...",
		Short: "Remove results, so that they are computed again",
		Long: `Removes the entries of the instances that the addresses select, not of what is upstream of them, or of the keys
that are given. The next run computes them again if it needs them.`,
		Example: `  spurion cache evict specs/quick.hcl 'train.erm[seed=2]'
  spurion cache evict --key 3f0c...`,
		Annotations: exits("0 done", "1 the store cannot be written", "2 the spec or the command line has mistakes"),
		Args:        cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := a.evict(cmd, args, keys)
			if err != nil {
				return err
			}
			v := evictView{Entries: r.Entries, Blobs: r.Blobs, Bytes: r.Bytes, Kept: r.Kept, Missing: []string{}}
			for _, k := range r.Missing {
				v.Missing = append(v.Missing, k.String())
			}
			if a.json {
				return a.printJSON(v)
			}
			a.out.WriteString(v.text())
			return nil
		},
		ValidArgsFunction: a.completeTargets,
	}
	cmd.Flags().StringArrayVar(&keys, "key", nil, "remove the entry of this `key` (see why); may be repeated")
	jsonFlag(cmd)
	return cmd
}

func (a *app) evict(cmd *cobra.Command, args, keys []string) (report artifacts.EvictReport, err error) {
	switch {
	case len(keys) > 0 && len(args) > 0:
		return report, usagef("give addresses or keys, not both")
	case len(keys) > 0:
		for _, k := range keys {
			if _, err := artifacts.ParseDigest(k); err != nil {
				return report, usageError{fmt.Errorf("--key: %w", err)}
			}
		}
		err = a.withStore(pipeline.ReadWrite, func(store *pipeline.Store) error {
			report, err = store.EvictKeys(keys)
			return err
		})
		return report, err
	case len(args) < 2:
		return report, usagef("spurion cache evict needs SPEC and ADDRESS, or --key\nusage: %s", cmd.UseLine())
	}
	e, err := a.open(args[0], pipeline.ReadWrite)
	if err != nil {
		return report, err
	}
	defer e.Close()
	report, err = e.Evict(cmd.Context(), args[1:])
	return report, err
}

func (v evictView) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "removed %s and %s, %s\n", count(v.Entries, "entry"), count(v.Blobs, "blob"), byteSize(v.Bytes))
	for _, k := range v.Missing {
		fmt.Fprintf(&b, "no entry has the key %s\n", k)
	}
	if v.Kept > 0 {
		them := "them"
		if v.Kept == 1 {
			them = "it"
		}
		fmt.Fprintf(&b, "kept %s, written moments ago or in use by a running process: gc takes %s later\n", count(v.Kept, "blob"), them)
	}
	return b.String()
}
