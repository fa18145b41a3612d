package lookup

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"spurion/pipeline/plan"
)

// Files reads what lies outside of the graph: files of the project and environment variables. The digest of a
// file is taken once, when it is first asked for; the engine compares what it reads later with it.
type Files struct {
	root string

	mu      sync.Mutex
	digests map[string]plan.Digest
}

// NewFiles reads the files of the project at root.
func NewFiles(root string) *Files {
	return &Files{root: root, digests: map[string]plan.Digest{}}
}

// File implements plan.External.
func (f *Files) File(path string) (plan.Digest, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d, ok := f.digests[path]; ok {
		return d, nil
	}
	data, err := f.ReadFile(path)
	if err != nil {
		return plan.Digest{}, err
	}
	d := plan.Digest(sha256.Sum256(data))
	f.digests[path] = d
	return d, nil
}

// ReadFile reads a file of the project; path is relative to it, with forward slashes, and was checked by
// the loader. A link that leaves the project is refused here too.
func (f *Files) ReadFile(path string) ([]byte, error) {
	root, err := os.OpenRoot(f.root)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	data, err := root.ReadFile(filepath.FromSlash(path))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

// VariableValue gives the value of an environment variable.
func (*Files) VariableValue(name string) string { return os.Getenv(name) }

// Variable implements plan.External.
func (*Files) Variable(name string) (plan.Digest, error) {
	value, ok := os.LookupEnv(name)
	if !ok {
		return plan.Digest{}, fmt.Errorf("the environment variable %s is not set; set it, or take it out of the list", name)
	}
	return sha256.Sum256([]byte(value)), nil
}
