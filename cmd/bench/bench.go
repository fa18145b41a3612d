package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// A bench is one invocation: where it works and whom it tells.
type bench struct {
	ctx context.Context
	dir string // temporary, its own
	log io.Writer
}

// say tells people how far it is.
func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.log, format+"\n", args...) }

// project makes a folder with some of the embedded files and gives its path.
func (b *bench) project(name string, embedded ...string) (string, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for _, file := range embedded {
		text, err := files.ReadFile("files/" + file)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o644); err != nil {
			return "", err
		}
	}
	return dir, nil
}
