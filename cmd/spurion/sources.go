package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"spurion/stages"
)

// sources are what the program was compiled from, if they still stand where they were. While a kind is being
// written, they tell what a kind's Version cannot: that a result in the store was computed by other code. Nothing
// that is computed, and no key, depends on them.
type sources struct {
	root   string // the module's folder; "" if the sources are not at hand
	module string // its path, with a slash: "spurion/"
	// built is when the program was compiled; a file that is newer may not be what is in it. Zero if all are.
	built time.Time

	mu      sync.Mutex
	folders map[string]*sourceFolder // by import path
	digests map[string]string        // of packages with what they import
}

// A sourceFolder is a package's folder, tests aside.
type sourceFolder struct {
	digest  [sha256.Size]byte // of the files' names and contents
	imports []string          // of this module
}

// sourcesOf gives the program's own sources. They are at hand for one that was built on this machine from a
// checkout that was not edited since, as by go run; not for one that was built elsewhere or with -trimpath.
var sourcesOf = func() *sources {
	_, file, _, _ := runtime.Caller(0) // cmd/spurion/sources.go
	executable, err := os.Executable()
	if err != nil || !filepath.IsAbs(file) {
		return &sources{}
	}
	root := filepath.Dir(filepath.Dir(filepath.Dir(file)))
	if _, err := os.Stat(filepath.Join(root, "go.mod")); err != nil {
		return &sources{}
	}
	s := &sources{root: root, module: "spurion/"}
	if strings.Contains(executable, "go-build") {
		return s // go run and go test compile what is there now, and may keep an old file of equal content
	}
	info, err := os.Stat(executable)
	if err != nil {
		return &sources{}
	}
	s.built = info.ModTime()
	return s
}

// code gives a short digest of the code that a kind is made of, its package and all of this module that the
// package imports; "" if the sources are not at hand.
func (s *sources) code(k *stages.Kind) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	first := k.Schema().Type.PkgPath()
	if digest, ok := s.digests[first]; ok {
		return digest
	}
	digest := ""
	if packages, err := s.closure(first); err == nil {
		h := sha256.New()
		for _, p := range packages {
			fmt.Fprintf(h, "%q %x\n", p, s.folders[p].digest)
		}
		digest = hex.EncodeToString(h.Sum(nil))[:12]
	}
	if s.digests == nil {
		s.digests = map[string]string{}
	}
	s.digests[first] = digest
	return digest
}

// packages gives the import paths of what a kind is made of, sorted.
func (s *sources) packages(k *stages.Kind) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closure(k.Schema().Type.PkgPath())
}

// closure gives a package and what it imports of this module, sorted.
func (s *sources) closure(first string) ([]string, error) {
	if s.root == "" {
		return nil, os.ErrNotExist
	}
	open, seen := []string{first}, map[string]bool{}
	for len(open) > 0 {
		p := open[len(open)-1]
		open = open[:len(open)-1]
		if seen[p] {
			continue
		}
		seen[p] = true
		f, err := s.folder(p)
		if err != nil {
			return nil, err
		}
		open = append(open, f.imports...)
	}
	return slices.Sorted(maps.Keys(seen)), nil
}

// folder reads a package's folder, once.
func (s *sources) folder(importPath string) (*sourceFolder, error) {
	if f := s.folders[importPath]; f != nil {
		return f, nil
	}
	inside, ok := strings.CutPrefix(importPath, s.module)
	if !ok {
		return nil, fmt.Errorf("%s is no package of this module", importPath)
	}
	dir := filepath.Join(s.root, filepath.FromSlash(inside))
	info, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if s.newer(info) {
		return nil, fmt.Errorf("files came or went in %s after the program was built", importPath)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	f, h := &sourceFolder{}, sha256.New()
	for _, e := range entries {
		if !isCode(e.Name()) {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		if s.newer(info) {
			return nil, fmt.Errorf("%s was changed after the program was built", e.Name())
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(h, "%q %x\n", e.Name(), sha256.Sum256(data))
		f.imports = append(f.imports, s.imports(data)...)
	}
	f.digest = [sha256.Size]byte(h.Sum(nil))
	if s.folders == nil {
		s.folders = map[string]*sourceFolder{}
	}
	s.folders[importPath] = f
	return f, nil
}

// newer reports whether a file or folder was changed after the program was built.
func (s *sources) newer(info os.FileInfo) bool {
	return !s.built.IsZero() && info.ModTime().After(s.built)
}

// isCode reports whether a file of this name is part of a program: Go or assembly, but no test.
func isCode(name string) bool {
	return strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") || path.Ext(name) == ".s"
}

// imports gives the packages of this module that a file of Go imports; none of a file of assembly.
func (s *sources) imports(data []byte) []string {
	file, err := parser.ParseFile(token.NewFileSet(), "", data, parser.ImportsOnly|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	var list []string
	for _, spec := range file.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil && strings.HasPrefix(p, s.module) {
			list = append(list, p)
		}
	}
	return list
}
