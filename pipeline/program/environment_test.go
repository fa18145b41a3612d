package program_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A program gets what every program needs, what its stage names, and nothing else of this process's environment.
func TestEnvironment(t *testing.T) {
	for name, value := range map[string]string{"LANG": "xx", "HOME": "/home/me", "TMPDIR": t.TempDir(), "NOT_NAMED": "x", "TOKEN": "s3cret-token", "LIMIT": "1"} {
		t.Setenv(name, value)
	}
	c := shell(`env`)
	c.Env = map[string]string{"GIVEN": "a b", "HOME": "/elsewhere"}
	c.Pass = []string{"TOKEN", "LIMIT", "NOT_SET"}
	got, err := run(t.Context(), t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.DeleteFunc(got.Stdout.Last, func(line string) bool { // the shell's own
		name, _, _ := strings.Cut(line, "=")
		return slices.Contains([]string{"PWD", "OLDPWD", "SHLVL", "_"}, name)
	})
	slices.Sort(lines)
	want := []string{"GIVEN=a b", "HOME=/elsewhere", "LANG=C.UTF-8", "LIMIT=1", "PATH=" + os.Getenv("PATH"), "TMPDIR=" + os.Getenv("TMPDIR"), "TOKEN=(sensitive)"}
	slices.Sort(want)
	if !slices.Equal(lines, want) {
		t.Errorf("the environment is %q, want %q", lines, want)
	}
}

// Variables are the program's alone: none has an effect on what Spurion runs beside it, whatever its name.
func TestEnvironmentIsTheProgramsAlone(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("TMPDIR", "here")
	c := shell(`echo $GODEBUG, $_X, $TMPDIR`)
	c.Env = map[string]string{"GODEBUG": "inittrace=1", "_X": "x"}
	got, err := run(t.Context(), t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	temp, err := filepath.Abs("here")
	if want := []string{"inittrace=1, x, " + temp}; err != nil || !slices.Equal(got.Stdout.Last, want) || got.Stderr.Lines != 0 {
		t.Errorf("%q, want %q; errors: %q", got.Stdout.Last, want, got.Stderr.Last)
	}
}

// What is handed on or inherited never stands in what is kept of what a program prints, however it is cut into pieces;
// what is too short to be a secret does not make the rest unreadable.
func TestSecretsAreMasked(t *testing.T) {
	t.Setenv("KEY", "s3cr3t-abc")
	t.Setenv("LONGER", "s3cr3t-abcdef")
	t.Setenv("PEM", "-----BEGIN-----\nMIIBOgIBAAJB\n-----END-----\n")
	t.Setenv("WORD", "true")
	t.Setenv("SHORT", "1")
	for script, want := range map[string]string{
		`printf 'key=%s!\n' $KEY`:                                      "key=(sensitive)!",
		`printf s3cr; sleep 0.02; printf '3t-'; sleep 0.02; echo abc.`: "(sensitive).",
		`printf s3cr3t-ab`:                                             "s3cr3t-ab",
		`printf s3cr3t-abc`:                                            "(sensitive)",
		`echo s3cr3t-abcdef s3cr3t-abcde`:                              "(sensitive) (sensitive)de",
		`echo s3s3cr3t-abc`:                                            "s3(sensitive)",
		`echo "$PEM" | tail -2`:                                        "(sensitive)",
		`echo true trues untrue 'true'`:                                "(sensitive) trues untrue (sensitive)",
		`printf true`:                                                  "(sensitive)",
		`echo 1 of 1`:                                                  "1 of 1",
		`echo $INHERITED $HOME`:                                        "(sensitive) /home/me",
	} {
		c := shell(script)
		c.Env = map[string]string{"INHERITED": "an inherited value", "HOME": "/home/me"}
		c.Pass, c.Secret = []string{"KEY", "LONGER", "PEM", "WORD", "SHORT", "PATH"}, []string{"INHERITED", "HOME"}
		log := &record{}
		got, err := runLogged(t, c, log)
		if err != nil {
			t.Fatal(err)
		}
		if last := got.Stdout.Last[len(got.Stdout.Last)-1]; last != want {
			t.Errorf("%s ends with %q, want %q", script, last, want)
		}
		if kept := strings.TrimRight(log.out.String(), "\n"); !strings.HasSuffix(kept, want) || strings.Contains(kept, "MIIBO") {
			t.Errorf("of %s is kept %q, want %q", script, kept, want)
		}
	}
}

// The last lines are what a terminal would show of them.
func TestLastLines(t *testing.T) {
	for script, want := range map[string][]string{
		`printf 'Epoch 1: 10%%\rEpoch 1: 20%%\rEpoch 1: 30%%\n\033[31mValueError\033[0m: no\0\n\n  \n'`: {"Epoch 1: 30%", "ValueError: no?"},
		`printf 'no newline'`:   {"no newline"},
		`printf '\n\n'`:         nil,
		`printf 'a\r\nb\r\n'`:   {"a", "b"},
		`printf '10%%\r20%%\r'`: {"20%"},
		`printf '\337'`:         {"?"},
		`i=0; while [ $i -lt 9999 ]; do printf '%04d of 9999\r' $i; i=$((i+1)); done`: {"9998 of 9999"},
	} {
		got, err := run(t.Context(), t.TempDir(), shell(script))
		if err != nil || !slices.Equal(got.Stdout.Last, want) || got.Stdout.Lines != len(want) {
			t.Errorf("%s: %q, want %q (%v)", script, got.Stdout.Last, want, err)
		}
	}
	got, err := run(t.Context(), t.TempDir(), shell(`i=0; while [ $i -lt 500 ]; do echo line $i; i=$((i+1)); done; echo; head -c 100000 /dev/zero | tr '\0' x`))
	if err != nil {
		t.Fatal(err)
	}
	if last := got.Stdout.Last; got.Stdout.Lines != 502 || len(last) != 20 || last[0] != "line 482" || len(last[19]) != 303 {
		t.Errorf("%d lines, the last %q", got.Stdout.Lines, last)
	}
}
