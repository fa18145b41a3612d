package pipeline

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"spurion/pipeline/cluster"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
)

// keepProgram puts the running program where tasks find it, by its digest.
func keepProgram(dir string) (digest, path string, err error) {
	own, err := os.Executable()
	if err != nil {
		return "", "", err
	}
	digest, err = digestOf(own)
	if err != nil {
		return "", "", err
	}
	path = filepath.Join(dir, digest, "spurion")
	if stillThere(path) {
		return digest, path, nil
	}
	return digest, path, copyWhole(path, 0o700, func(w io.Writer) error {
		f, err := os.Open(own)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = io.Copy(w, f)
		return err
	})
}

func digestOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// copyWhole writes a file that has its name only when it is whole, and makes its folder.
func copyWhole(path string, mode fs.FileMode, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return cluster.WriteWhole(path, mode, write)
}

// supply puts a file of the project where tasks find it.
func (e *Experiment) supply(dir, path string, d plan.Digest) error {
	to := filepath.Join(dir, d.String())
	if stillThere(to) {
		return nil
	}
	return copyWhole(to, 0o600, func(w io.Writer) error {
		got, err := e.files.CopyFile(path, w)
		if err == nil && got != d {
			err = &engine.ChangedError{Path: path}
		}
		return err
	})
}

// providedFor is how long programs and files stay in the store for tasks after a run that needed them began.
const providedFor = 24 * time.Hour

// stillThere reports whether a file is there, and notes that a run needs it.
func stillThere(path string) bool {
	now := time.Now()
	return os.Chtimes(path, now, now) == nil
}

// unprovide removes programs and files that no run has needed for a while, unless one has something on a cluster: such runs may take days.
func (e *Experiment) unprovide(dir string) {
	if list, err := AllOngoing(Config{Store: e.store.Dir()}); err != nil || len(list) > 0 {
		return
	}
	for _, pattern := range []string{"programs/*/spurion", "files/*"} {
		paths, _ := fs.Glob(os.DirFS(dir), pattern)
		for _, path := range paths {
			path = filepath.Join(dir, path)
			if info, err := os.Stat(path); err == nil && time.Since(info.ModTime()) > providedFor {
				_ = os.Remove(path)
				_ = os.Remove(filepath.Dir(path)) // a program's folder; that of the files is not empty, or is made again
			}
		}
	}
}
