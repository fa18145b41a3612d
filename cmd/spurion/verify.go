package main

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"spurion/artifacts"
	"spurion/pipeline"
)

// A verifyView is what `cache verify` prints.
type verifyView struct {
	Entries    int           `json:"entries"`
	Blobs      int           `json:"blobs"`
	Runs       int           `json:"runs"`
	Bytes      int64         `json:"bytes"`
	Damaged    []findingView `json:"damaged"`
	Incomplete []findingView `json:"incomplete"`
	Orphans    []findingView `json:"orphans"`
	Out        outView       `json:"out"`
}

// An outView is what was found in out/.
type outView struct {
	Folder  string        `json:"folder"`
	Files   int           `json:"files"`
	Bytes   int64         `json:"bytes"`
	Damaged []findingView `json:"damaged"`
}

type findingView struct {
	Path    string `json:"path"`
	Problem string `json:"problem"`
	Key     string `json:"key,omitempty"`
	// InWay says that something must be moved away before a run can write the file of out/ again.
	InWay bool `json:"in_way,omitempty"`
}

func (a *app) verifyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check every file of the store, and of out/",
		Long: `Reads everything in the store and checks it against its name. What is damaged is named and set aside; the next
run computes it again if it needs it.

Then reads what runs left for people in the project's out/, of all specs, or in the folder that --out or SPURION_OUT
names, and compares each file with the digest that was noted when it was written. A file that is missing or not as it
was written is named, and stays as it is; the next run of its spec into that folder writes it again; a folder that stands
in its place must be moved away first. Folders that no run
has made are passed over. What runs with --out left elsewhere is not looked for: name it.`,
		Example: `  spurion cache verify
  spurion cache verify --out results/long`,
		Annotations: exits("0 nothing is damaged", "1 damage was found", "2 there is no store yet, or bad usage", "130 interrupted"),
		Args:        needArgs(0, 0),
		RunE: func(_ *cobra.Command, _ []string) error {
			ctx, stop := a.onSignal("interrupted: stopping")
			defer stop()
			return a.withStore(pipeline.ReadWrite, func(store *pipeline.Store) error { return a.verify(ctx, store) })
		},
	}
	jsonFlag(cmd)
	return cmd
}

func (a *app) verify(ctx context.Context, store *pipeline.Store) error {
	r, err := store.Verify(ctx, a.lineProgress(func(done, total int64) string {
		return fmt.Sprintf("verified %s of %s", byteSize(done), byteSize(total))
	}))
	if err != nil {
		return err
	}
	v := verifyView{
		Entries: r.Entries, Blobs: r.Blobs, Runs: r.Runs, Bytes: r.Bytes,
		Damaged: findings(r.Damaged), Incomplete: findings(r.Incomplete), Orphans: findings(r.Orphans),
	}
	out, folder, err := pipeline.VerifyOut(ctx, a.config(""))
	if err != nil {
		return err
	}
	v.Out = outView{Folder: folder, Files: out.Files, Bytes: out.Bytes, Damaged: make([]findingView, len(out.Damaged))}
	for i, d := range out.Damaged {
		v.Out.Damaged[i] = findingView{Path: d.Path, Problem: d.Problem, InWay: d.InWay}
	}
	if len(v.Damaged)+len(v.Incomplete)+len(v.Out.Damaged) > 0 {
		a.code = exitFailed
	}
	if a.json {
		return a.printJSON(v)
	}
	a.out.WriteString(v.text(a.outText))
	return nil
}

func findings(list []artifacts.Finding) []findingView {
	views := make([]findingView, len(list))
	for i, f := range list {
		views[i] = findingView{Path: f.Path, Problem: f.Problem}
		if !f.Key.IsZero() {
			views[i].Key = f.Key.String()
		}
	}
	return views
}

func (v verifyView) text(s style) string {
	var b strings.Builder
	for _, f := range v.Damaged {
		fmt.Fprintf(&b, "%s %s\n%s", s.red("damaged"), shortPath(f.Path), indentLines(f.Problem, "    "))
	}
	for _, f := range v.Out.Damaged {
		fmt.Fprintf(&b, "%s %s\n%s", s.red("damaged"), shortPath(f.Path), indentLines(f.Problem, "    "))
	}
	for _, f := range v.Incomplete {
		fmt.Fprintf(&b, "%s %s\n%s", s.yellow("incomplete"), shortPath(f.Path), indentLines(f.Problem, "    "))
	}
	if b.Len() > 0 {
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "verified %s, %s, %s: %s\n", count(v.Entries, "entry"), count(v.Blobs, "blob"), count(v.Runs, "run record"), byteSize(v.Bytes))
	if v.Out.Files+len(v.Out.Damaged) > 0 {
		fmt.Fprintf(&b, "and %s of %s: %s\n", count(v.Out.Files, "file"), shortPath(v.Out.Folder), byteSize(v.Out.Bytes))
	} else {
		fmt.Fprintf(&b, "and nothing of %s, where no run has left anything\n", shortPath(v.Out.Folder))
	}
	if len(v.Damaged)+len(v.Incomplete) > 0 {
		b.WriteString(s.bold(fmt.Sprintf("%d damaged and set aside, %d incomplete; runs compute again what they need, and cache gc removes the rest in time.", len(v.Damaged), len(v.Incomplete))) + "\n")
	}
	b.WriteString(v.Out.ending(s))
	if len(v.Damaged)+len(v.Incomplete)+len(v.Out.Damaged) == 0 {
		b.WriteString(s.bold("No damage.") + "\n")
	}
	if len(v.Orphans) > 0 {
		fmt.Fprintf(&b, "%s that nothing uses; cache gc removes them\n", count(len(v.Orphans), "blob"))
	}
	return b.String()
}

// ending says what becomes of what is damaged.
func (v *outView) ending(s style) string {
	var b strings.Builder
	inWay := 0
	for _, f := range v.Damaged {
		if f.InWay {
			inWay++
		}
	}
	if n := len(v.Damaged) - inWay; n > 0 {
		b.WriteString(s.bold(fmt.Sprintf("%s of %s damaged; the next run of its spec writes it again.", count(n, "file"), shortPath(v.Folder))) + "\n")
	}
	if inWay > 0 {
		b.WriteString(s.bold(fmt.Sprintf("%s of %s cannot be written until what is in the way is moved.", count(inWay, "file"), shortPath(v.Folder))) + "\n")
	}
	return b.String()
}

// lineProgress gives a sink that keeps one line of a terminal up to date; nil where there is none.
func (a *app) lineProgress(say func(done, total int64) string) func(done, total int64) {
	if !a.errText.terminal {
		return nil
	}
	var mu sync.Mutex
	var last time.Time
	return func(done, total int64) {
		mu.Lock()
		defer mu.Unlock()
		if now := time.Now(); now.Sub(last) >= drawEvery || done >= total {
			last = now
			fmt.Fprint(a.err, "\r\x1b[K"+say(done, total))
			if done >= total {
				fmt.Fprint(a.err, "\r\x1b[K")
			}
		}
	}
}
