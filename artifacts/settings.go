package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// LockKind names the kernel locks that a store uses.
type LockKind string

// The kinds of locks. What is stored is right with each of them, also if hosts use different ones: see session.go.
const (
	Flock LockKind = "flock" // flock(2), or what is nearest to it; the default
	Fcntl LockKind = "fcntl" // fcntl(2) locks of open files (F_OFD_SETLK), for disks that pass only these on to other hosts
	None  LockKind = "none"  // the kernel is not asked
)

// Settings are what a store's own file of settings says. They lie in the store, so that all hosts that share it agree.
type Settings struct {
	Lock LockKind
}

// SettingsFile is the name of the file of settings in a store. People write it; it may be missing.
const SettingsFile = "settings"

// readSettings reads the store's settings. ErrFormat if the file says what this program does not know.
func (s *Store) readSettings() (Settings, error) {
	path := s.path(SettingsFile)
	text, _, err := s.fs.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Settings{Lock: Flock}, nil
	}
	if err != nil {
		return Settings{}, explainRead("reading "+path, err)
	}
	settings, err := parseSettings(string(text))
	if err != nil {
		return Settings{}, fmt.Errorf("artifacts: %s: %w: %w", path, err, ErrFormat)
	}
	return settings, nil
}

// parseSettings reads lines of name = "value". Empty lines, and what follows a #, mean nothing.
func parseSettings(text string) (Settings, error) {
	settings := Settings{Lock: Flock}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		name, value, _ := strings.Cut(line, "=")
		if name = strings.TrimSpace(name); name != "lock" {
			return settings, fmt.Errorf("there is no setting %q; there is lock", shorten(name))
		}
		value = strings.TrimSpace(value)
		kind := LockKind(strings.Trim(value, `"`))
		if kind != Flock && kind != Fcntl && kind != None || value != `"`+string(kind)+`"` {
			return settings, fmt.Errorf(`lock is %s; write lock = "flock", "fcntl" or "none"`, shorten(value))
		}
		settings.Lock = kind
	}
	return settings, nil
}

// Settings tells what the store's file of settings says.
func (s *Store) Settings() Settings { return s.settings }
