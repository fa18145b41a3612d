package pipeline

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/batch"
	"spurion/pipeline/cluster"
	"spurion/pipeline/engine"
	"spurion/pipeline/lookup"
)

// deadlineRoom gives how long before its end a task tells what runs to stop, so that it can save what it has: a quarter of a short time.
func deadlineRoom(limit time.Duration) time.Duration { return min(30*time.Second, limit/4) }

// Work computes a batch, as a task of a cluster does, and tells of it in a journal beside the batch. The error says that the batch cannot be
// computed at all; how its instances ended stands in the journal.
func Work(ctx context.Context, c Config, path string) error {
	began := time.Now()
	dir, task, err := cluster.BatchPlace(path)
	if err != nil {
		return err
	}
	journal, err := cluster.StartJournal(dir, task)
	if err != nil {
		return fmt.Errorf("begin the journal of %s: %w", path, err)
	}
	host, _ := os.Hostname()
	journal.Note(cluster.Note{Type: cluster.NoteBegin, Host: host, Process: os.Getpid()})
	cause, err := work(ctx, c, path, began, journal)
	end := cluster.Note{Cause: cause}
	if err != nil {
		end = cluster.Note{Cause: cluster.CauseUnfit, Text: fmt.Sprintf("a task on %s: %v", host, err)}
	}
	journal.End(end)
	return err
}

func work(ctx context.Context, c Config, path string, began time.Time, journal *cluster.JournalWriter) (cluster.Cause, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	b, err := batch.Decode(data)
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	if own, err := os.Executable(); err != nil {
		return "", err
	} else if digest, err := digestOf(own); err != nil || digest != b.Program {
		return "", fmt.Errorf("the batch was made by another program (%s) than this one (%s): both must be the same file", b.Version, c.Program)
	}
	store, err := artifacts.Open(c.storeDir(), artifacts.Options{Warn: c.Warn})
	if err != nil {
		return "", fmt.Errorf("open the store: %w", err)
	}
	defer store.Close()
	p, external, nodes, err := b.Plan(c.Kinds, filepath.Join(c.storeDir(), clusterDir, "files"), c.program)
	if err != nil {
		return "", err
	}
	for name, value := range b.Handed {
		if _, set := os.LookupEnv(name); !set { // programs look here for what they pass on, and get nothing else of it
			if err := os.Setenv(name, value); err != nil {
				return "", err
			}
		}
	}
	place := make(map[int]int, len(nodes))
	for i, id := range nodes {
		place[id] = i
	}
	seconds := map[string]float64{}
	for i, id := range nodes {
		seconds[p.Nodes[id].Address()] = b.Instances[i].Seconds
	}
	until := deadline(began, b.Limit).Add(-deadlineRoom(b.Limit))
	ctx, cancel := context.WithDeadlineCause(ctx, until, engine.ErrDeadline)
	defer cancel()
	result := engine.Run(ctx, p, engine.Options{
		Store: store, Cache: lookup.NewStore(store, b.Spec), External: external, Workers: max(b.CPUs, 1), Memory: b.Memory, GPUs: machineFor(p, b.CPUs).gpus, Timeout: b.Timeout, KeepFailed: b.Keep,
		Spec: b.Spec, Program: c.program, Secrets: b.Secrets, Until: until,
		Seconds: func(address string) (float64, bool) { s := seconds[address]; return s, s > 0 },
		Events:  func(ev engine.Event) { tell(journal, place, ev, until) },
	})
	if result.Fatal != nil {
		return "", result.Fatal
	}
	switch {
	case ctx.Err() == nil && !result.Short():
		return cluster.CauseFinished, nil
	case errors.Is(context.Cause(ctx), engine.ErrDeadline) || ctx.Err() == nil:
		return cluster.CauseTime, nil
	}
	return cluster.CauseStopped, nil
}

// deadline gives when a task ends: when the cluster says, or so long after its beginning.
func deadline(began time.Time, limit time.Duration) time.Time {
	if s, err := strconv.ParseInt(os.Getenv("SLURM_JOB_END_TIME"), 10, 64); err == nil && s > 0 {
		return time.Unix(s, 0)
	}
	return began.Add(limit)
}

// tell writes what happens into the journal.
func tell(journal *cluster.JournalWriter, place map[int]int, ev engine.Event, until time.Time) {
	at, ours := place[ev.Node]
	if !ours {
		return
	}
	switch ev.Type {
	case engine.Started:
		journal.Note(cluster.Note{Type: cluster.NoteStart, At: at})
	case engine.Progress:
		journal.Progress(at, ev.Done, ev.Total)
	case engine.Finished:
		o := ev.Outcome
		n := cluster.Note{Type: cluster.NoteDone, At: at, Seconds: o.Elapsed.Seconds(), Text: o.Note, CPU: o.Used.CPU, Memory: o.Used.Memory}
		switch o.Status {
		case engine.Cached:
			n.Cached = true
		case engine.Failed:
			n = cluster.Note{Type: cluster.NoteFail, At: at, Text: o.Err.Error()}
		case engine.Canceled:
			n = cluster.Note{Type: cluster.NoteFail, At: at, Cause: cluster.CauseStopped}
			if !time.Now().Before(until) {
				n.Cause = cluster.CauseTime
			}
		case engine.Skipped:
			return // the driver knows what failed
		}
		journal.Note(n)
	}
}
