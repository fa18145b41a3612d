package engine_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/engine"
	"spurion/stages"
)

// runScript is what a kind does that runs a shell: it fails if the shell does.
func runScript(ctx context.Context, r *stages.Run, script string) error {
	result, err := r.Command(ctx, stages.Command{Args: []string{"sh", "-c", script}})
	if err != nil {
		return err
	}
	if result.ExitCode != 0 {
		return errors.New("it failed\nand more")
	}
	return nil
}

// logOf gives the records of the newest log of an instance's key, and whether there is one.
func (b *bench) logOf(key artifacts.Digest) (text string, ok bool) {
	b.t.Helper()
	l, err := b.store.OpenLog(key, false)
	if errors.Is(err, artifacts.ErrNoLog) {
		return "", false
	}
	if err != nil {
		b.t.Fatal(err)
	}
	text = strings.Join(l.Header.Command, " ") + "\n"
	for {
		record, ok, err := l.Next()
		if err != nil {
			b.t.Fatal(err)
		}
		if !ok {
			return text, true
		}
		text += string(record.Kind) + " " + string(record.Data) + "\n"
	}
}

// scratches gives the folders of programs that are there.
func scratches(t *testing.T, temp string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(temp, "spurion-*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// However an instance that ran a program ends: its log tells the end, its folder is gone unless it is to be kept, and a
// failure names the command that shows the log.
func TestPrograms(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		after  error
		keep   bool
		log    string
		status engine.Status
	}{
		"success":                  {`echo hello; echo x > file`, nil, true, "o hello\n\nx succeeded\n\n", engine.Computed},
		"failure":                  {`echo no luck >&2; exit 3`, nil, false, "e no luck\n\nx failed\nit failed\n", engine.Failed},
		"failure that is kept":     {`echo x > file; exit 3`, nil, true, "x failed\nit failed\n", engine.Failed},
		"failure after a success":  {`true`, errors.New("no output"), false, "x failed\nno output\n", engine.Failed},
		"a secret, and an a in it": {`echo the s3cret-a; exit 3`, nil, false, "o the (sensitive)\n\nx failed\nit failed\n", engine.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			temp := t.TempDir()
			t.Setenv("TMPDIR", temp)
			b := newBench(t)
			b.hooks["runs"] = func(ctx context.Context, r *stages.Run) error {
				return errors.Join(runScript(ctx, r, c.script), c.after)
			}
			p := b.plan(nil, b.stage("a", "runs", 1))
			p.Spec.Path, p.Spec.Secrets = "my specs/a.hcl", []string{"s3cret-a"}
			o := b.options()
			o.KeepFailed = c.keep
			got := outcomes(p, engine.Run(t.Context(), p, o))["a"]
			if got.Status != c.status {
				t.Errorf("it is %s: %v", got.Status, got.Err)
			}
			log, _ := b.logOf(artifacts.Digest(p.Nodes[0].Key))
			if !strings.HasSuffix(log, c.log) || strings.Contains(log, "s3cret") {
				t.Errorf("the log is %q", log)
			}
			var failed *engine.ProgramError
			if c.status != engine.Failed {
				c.keep = false
			} else if !errors.As(got.Err, &failed) || !strings.Contains(got.Err.Error(), "\nall that it printed: spurion log 'my specs/a.hcl' test.a") {
				t.Fatalf("the failure is %v", got.Err)
			}
			if left := scratches(t, temp); !c.keep && len(left) > 0 || c.keep && (len(left) != 1 || left[0] != failed.Kept) {
				t.Errorf("left %q of %+v", left, failed)
			}
			if c.keep {
				if _, err := os.Stat(filepath.Join(failed.Kept, "file")); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

// A program that ends after its instance, which did not wait for it, is tidied up after.
func TestProgramLeftBehind(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	b := newBench(t)
	spool := t.TempDir()
	begun, ended := make(chan bool), make(chan error, 1)
	b.hooks["leaves"] = func(_ context.Context, r *stages.Run) error {
		go func() {
			ended <- runScript(context.WithoutCancel(t.Context()), r, `echo > `+spool+`/begun; until [ -e `+spool+`/go ]; do sleep .01; done`)
		}()
		go func() {
			for ; ; time.Sleep(time.Millisecond) {
				if _, err := os.Stat(filepath.Join(spool, "begun")); err == nil {
					close(begun)
					return
				}
			}
		}()
		<-begun
		return errors.New("gone already")
	}
	p := b.plan(nil, b.stage("a", "leaves", 1))
	got := outcomes(p, engine.Run(t.Context(), p, b.options()))["a"]
	if got.Status != engine.Failed {
		t.Errorf("it is %s", got.Status)
	}
	if err := errors.Join(os.WriteFile(filepath.Join(spool, "go"), nil, 0o600), <-ended); err != nil {
		t.Error(err)
	}
	if log, _ := b.logOf(artifacts.Digest(p.Nodes[0].Key)); !strings.HasSuffix(log, "x canceled\n\n") {
		t.Errorf("the log is %q", log)
	}
	if left := scratches(t, temp); len(left) > 0 {
		t.Errorf("left %q", left)
	}
}

// What cannot be started has no log.
func TestNoProgramNoLog(t *testing.T) {
	b := newBench(t)
	b.hooks["none"] = func(ctx context.Context, r *stages.Run) error {
		_, err := r.Command(ctx, stages.Command{Args: []string{"no-such-program-here"}})
		return err
	}
	p := b.plan(nil, b.stage("a", "none", 1))
	got := outcomes(p, engine.Run(t.Context(), p, b.options()))["a"]
	if _, logged := b.logOf(artifacts.Digest(p.Nodes[0].Key)); logged || got.Status != engine.Failed || strings.Contains(got.Err.Error(), "spurion log") {
		t.Errorf("%v, logged %v", got, logged)
	}
}
