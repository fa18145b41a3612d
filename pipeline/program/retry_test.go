package program_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"spurion/pipeline/program"
	"spurion/stages"
)

// A record is a log in memory.
type record struct {
	mu    sync.Mutex
	out   bytes.Buffer
	notes []string
	noted func()
}

func (r *record) Stdout(p []byte) { r.add(p) }
func (r *record) Stderr(p []byte) { r.add(p) }

func (r *record) add(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.out.Write(p)
}

func (r *record) Note(text string) {
	r.mu.Lock()
	r.notes = append(r.notes, text)
	r.mu.Unlock()
	if r.noted != nil {
		r.noted()
	}
}

func runLogged(t *testing.T, c stages.Command, log *record) (*stages.CommandResult, error) {
	t.Helper()
	p, err := program.Find(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	scratch, err := program.NewScratch(strings.ToLower(strings.NewReplacer("/", "-", "#", "-").Replace(t.Name())))
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	return p.Try(t.Context(), scratch, log)
}

// counting gives a script that counts its attempts in a file outside, and finds its folder empty each time.
func counting(t *testing.T, script string) (c stages.Command, attempts func() int) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	count := filepath.Join(t.TempDir(), "count")
	c = shell(`[ "$(ls)" = "" ] || exit 99; echo left > left.txt; echo x >> "$COUNT"; n=$(wc -l < "$COUNT"); ` + script)
	c.Env = map[string]string{"COUNT": count}
	return c, func() int {
		data, err := os.ReadFile(count)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return bytes.Count(data, []byte("\n"))
	}
}

// A program is run again as its stage says, in an empty folder each time.
func TestRetry(t *testing.T) {
	for name, c := range map[string]struct {
		script         string
		retry          stages.Retry
		attempts, code int
	}{
		"no code named":     {`[ $n -gt 1 ] || exit 7`, stages.Retry{Times: 1, OnExit: []int{}}, 2, 0},
		"no retry":          {`exit 75`, stages.Retry{}, 1, 75},
		"once is enough":    {`[ $n -gt 1 ] || exit 75`, stages.Retry{Times: 3}, 2, 0},
		"never enough":      {`exit 75`, stages.Retry{Times: 2}, 3, 75},
		"success":           {`exit 0`, stages.Retry{Times: 2}, 1, 0},
		"another code":      {`exit 3`, stages.Retry{Times: 2, OnExit: []int{75, 4}}, 1, 3},
		"one of the codes":  {`[ $n -gt 1 ] || exit 75; exit 3`, stages.Retry{Times: 2, OnExit: []int{75, 4}}, 2, 3},
		"a signal":          {`[ $n -gt 1 ] || kill -9 $$`, stages.Retry{Times: 1, OnExit: []int{137}}, 2, 0},
		"a signal, any end": {`kill -9 $$`, stages.Retry{Times: 1}, 2, 137},
	} {
		t.Run(name, func(t *testing.T) {
			command, attempts := counting(t, c.script)
			command.Retry = c.retry
			log := &record{}
			got, err := runLogged(t, command, log)
			if err != nil || got.ExitCode != c.code || got.Attempts != c.attempts || attempts() != c.attempts || len(log.notes) != c.attempts-1 {
				t.Errorf("%+v, %v after %d attempts; notes %q", got, err, attempts(), log.notes)
			}
		})
	}
}

// A time limit is that of each attempt, and is a failure like another unless exit codes are named.
func TestRetryAfterTimeout(t *testing.T) {
	command, attempts := counting(t, `[ $n -gt 1 ] || sleep 600`)
	command.Timeout, command.Retry = 300*time.Millisecond, stages.Retry{Times: 20}
	log := &record{}
	if got, err := runLogged(t, command, log); err != nil || got.ExitCode != 0 || attempts() < 2 {
		t.Errorf("%+v, %v after %d attempts", got, err, attempts())
	}
	if len(log.notes) == 0 || !strings.Contains(log.notes[0], "attempt 1 of 21 timed out after 300ms") {
		t.Errorf("%q", log.notes)
	}
	command, attempts = counting(t, `sleep 600`)
	command.Timeout, command.Retry = 20*time.Millisecond, stages.Retry{Times: 3, OnExit: []int{75}}
	if _, err := runLogged(t, command, &record{}); !errors.Is(err, program.ErrTimeout) || attempts() > 1 {
		t.Errorf("%v after %d attempts", err, attempts())
	}
}

// The end of the context ends a wait.
func TestRetryIsInterrupted(t *testing.T) {
	command, _ := counting(t, `exit 1`)
	command.Retry = stages.Retry{Times: 1, Wait: time.Hour}
	cause := errors.New("the user wants it")
	ctx, cancel := context.WithCancelCause(t.Context())
	log := &record{noted: func() { cancel(cause) }}
	p, err := program.Find(command, nil)
	if err != nil {
		t.Fatal(err)
	}
	scratch, err := program.NewScratch("interrupted")
	if err != nil {
		t.Fatal(err)
	}
	defer scratch.Close()
	if _, err := p.Try(ctx, scratch, log); !errors.Is(err, cause) {
		t.Error(err)
	}
	if want := "attempt 1 of 2 ended with exit code 1; the next begins in 1h0m0s"; fmt.Sprint(log.notes) != "["+want+"]" {
		t.Errorf("%q", log.notes)
	}
}

// The wait grows as the retry says, up to a day, and stays as it is without a backoff.
func TestWaitAfter(t *testing.T) {
	for _, c := range []struct {
		retry   stages.Retry
		attempt int
		want    time.Duration
	}{
		{stages.Retry{}, 3, 0},
		{stages.Retry{Wait: time.Second}, 1, time.Second},
		{stages.Retry{Wait: time.Second}, 50, time.Second},
		{stages.Retry{Wait: 30 * time.Second, Backoff: 1}, 4, 30 * time.Second},
		{stages.Retry{Wait: 30 * time.Second, Backoff: 2}, 1, 30 * time.Second},
		{stages.Retry{Wait: 30 * time.Second, Backoff: 2}, 3, 120 * time.Second},
		{stages.Retry{Wait: 30 * time.Second, Backoff: 1.5}, 3, 67500 * time.Millisecond},
		{stages.Retry{Wait: time.Hour, Backoff: 100}, 100, 24 * time.Hour},
		{stages.Retry{Backoff: 100}, 100, 0},
	} {
		if got := c.retry.WaitAfter(c.attempt); got != c.want {
			t.Errorf("%+v waits %v after attempt %d, want %v", c.retry, got, c.attempt, c.want)
		}
	}
}
