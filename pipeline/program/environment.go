package program

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"spurion/stages"
)

// ordinary are the variables that every program gets as they are here, unless its stage says otherwise: without them
// hardly any runs, and no result should depend on them. Their values are no secrets.
var ordinary = []string{"PATH", "HOME", "TMPDIR"}

// language is what LANG is unless a stage says otherwise: equal everywhere, with letters beyond ASCII.
const language = "C.UTF-8"

// environment gives the whole environment of a program, and the values in it that are not to be shown.
func environment(c stages.Command, granted map[string]string) (env map[string]string, secrets []string) {
	env = map[string]string{"LANG": language}
	for _, name := range ordinary {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	if temp := env["TMPDIR"]; temp != "" { // the program runs in another folder
		if full, err := filepath.Abs(temp); err == nil {
			env["TMPDIR"] = full
		}
	}
	maps.Copy(env, c.Env)
	for _, name := range c.Pass {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	for _, name := range slices.Concat(c.Pass, c.Secret) {
		if value, ok := env[name]; ok && !harmless(name) {
			secrets = append(secrets, value)
		}
	}
	for name, value := range granted {
		if _, said := c.Env[name]; !said {
			env[name] = value
		}
	}
	return env, secrets
}

// harmless reports whether the value of a variable is no secret, though it is handed on.
func harmless(name string) bool { return name == "LANG" || slices.Contains(ordinary, name) }

// Handed gives the variables that are handed on from here, with their values, those that are set and are not to be seen, and the
// names of those that are not set, of whose values nothing is known.
func Handed(names []string) (values map[string]string, unset []string) {
	values = map[string]string{}
	for _, name := range names {
		switch value, ok := os.LookupEnv(name); {
		case harmless(name):
		case ok:
			values[name] = value
		default:
			unset = append(unset, name)
		}
	}
	return values, unset
}

// environ gives an environment as a process takes it, sorted.
func environ(env map[string]string) []string {
	list := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		list = append(list, name+"="+env[name])
	}
	return list
}

// find looks a program up on the PATH that it gets itself, so that the one which runs is the one that it would start:
// that of the virtual environment that is active. It is called by this full path, by which a Python finds its
// packages. Entries of the PATH that are not absolute are passed over, since the program runs elsewhere.
func find(name string, env map[string]string) (string, error) {
	if strings.ContainsRune(name, '/') || filepath.IsAbs(name) {
		path, err := exec.LookPath(name)
		switch {
		case errors.Is(err, fs.ErrPermission):
			return "", fmt.Errorf("%s may not be executed: chmod +x makes a file executable; or name what runs it in command, before it", name)
		case errors.Is(err, fs.ErrNotExist):
			return "", fmt.Errorf("the program %s does not exist: a relative path is looked up where spurion runs", name)
		case err != nil:
			return "", fmt.Errorf("the program %s cannot be run: %w", name, errors.Unwrap(err))
		}
		return path, nil
	}
	for _, dir := range filepath.SplitList(env["PATH"]) {
		if !filepath.IsAbs(dir) {
			continue
		}
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	path := env["PATH"]
	if path == "" {
		path = "which is empty"
	}
	return "", &notFoundError{name, path}
}

// A notFoundError says that a program is not on the PATH.
type notFoundError struct{ name, path string }

func (e *notFoundError) Error() string {
	return fmt.Sprintf("%s is not found on the PATH (%s): install it, or name it by its full path", e.name, e.path)
}

// digest gives the SHA-256 of a program's file, of what a link leads to. A file that cannot be read, as one that may
// only be run, has none.
func digest(path string) (d [sha256.Size]byte) {
	info, err := os.Stat(path)
	if err != nil {
		return d
	}
	key := fileState{path, info.Size(), info.ModTime()}
	if known, ok := digests.Load(key); ok {
		return known.([sha256.Size]byte)
	}
	f, err := os.Open(path)
	if err != nil {
		return d
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, io.LimitReader(f, info.Size())); err != nil || !info.Mode().IsRegular() {
		return d
	}
	h.Sum(d[:0])
	digests.Store(key, d)
	return d
}

// digests remembers the digests of programs: many stages run the same.
var digests sync.Map // fileState -> [32]byte

type fileState struct {
	path    string
	size    int64
	changed time.Time
}
