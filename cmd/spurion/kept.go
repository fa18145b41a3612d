package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"spurion/pipeline"
)

// A keptView is one folder as `cache kept` lists it.
type keptView struct {
	Path    string    `json:"path"`
	Address string    `json:"address,omitempty"` // what ran there, where this project's store knows
	Spec    string    `json:"spec,omitempty"`
	Owner   string    `json:"owner,omitempty"` // the process, and its machine
	At      time.Time `json:"at"`
	Bytes   int64     `json:"bytes"`
	Deleted bool      `json:"deleted"`
}

func (a *app) keptCommand() *cobra.Command {
	var remove bool
	var minAge time.Duration
	cmd := &cobra.Command{
		Use:   "kept",
		Short: "List or remove the folders that run --keep-failed kept",
		Long: `Lists the folders of failed programs that run --keep-failed kept below TMPDIR, yours of all projects, with what ran there
where the log is in this project's store. Only --delete removes them. Those below another TMPDIR, such as that of
another machine, are neither listed nor removed.`,
		Example: `  spurion cache kept
  spurion cache kept --min-age 24h --delete`,
		Annotations: exits("0 done", "1 a folder cannot be read or removed", "2 there is no store yet, or bad usage"),
		Args:        needArgs(0, 0),
		RunE: func(*cobra.Command, []string) error {
			if minAge < 0 {
				return usagef("--min-age must be at least 0")
			}
			return a.withStore(pipeline.ReadOnly, func(store *pipeline.Store) error { return a.kept(store, remove, minAge) })
		},
	}
	cmd.Flags().BoolVar(&remove, "delete", false, "remove the folders, instead of listing them")
	cmd.Flags().DurationVar(&minAge, "min-age", 0, "leave alone what changed within this `duration`")
	jsonFlag(cmd)
	return cmd
}

func (a *app) kept(store *pipeline.Store, remove bool, minAge time.Duration) error {
	folders, err := store.KeptFolders()
	if err != nil {
		return err
	}
	views := []keptView{}
	for _, f := range folders {
		if time.Since(f.At) < minAge {
			continue
		}
		if remove {
			if err := f.Remove(); err != nil {
				return err
			}
		}
		views = append(views, keptView{Path: f.Dir, Address: f.Address, Spec: f.Spec, Owner: f.Owner, At: f.At, Bytes: f.Bytes, Deleted: remove})
	}
	if a.json {
		return a.printJSON(views)
	}
	a.out.WriteString(keptText(views, remove, a.outText))
	return nil
}

func keptText(views []keptView, removed bool, s style) string {
	if len(views) == 0 {
		return "no folder of a failed program is kept\n"
	}
	var b strings.Builder
	var bytes int64
	g := newGrid("folder", "of", "changed", ">size")
	for _, v := range views {
		g.add(v.Path, dash(v.Address), instant(v.At), byteSize(v.Bytes))
		bytes += v.Bytes
	}
	b.WriteString(g.render(s, "") + "\n")
	verb := "kept"
	if removed {
		verb = "removed"
	}
	fmt.Fprintf(&b, "%s %s: %s\n", verb, count(len(views), "folder"), byteSize(bytes))
	if !removed {
		b.WriteString(s.bold("Nothing was removed; --delete does it.") + "\n")
	}
	return b.String()
}
