package pipeline

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"spurion/pipeline/publish"
)

// ErrOutTaken is the cause of the error about a spec whose folder under out/ is another spec's.
var ErrOutTaken = publish.ErrTaken

// VerifyOut reads all that runs have left for people, for every spec with a folder under out/, and compares it with what
// was written. The paths of what it finds begin with that folder, dir. Where nothing was written it finds nothing.
func VerifyOut(ctx context.Context, c Config) (sum publish.VerifyReport, dir string, err error) {
	root := c.located().outDir()
	entries, err := os.ReadDir(root)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return sum, root, err
	}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		dir := filepath.Join(root, e.Name())
		r, err := publish.Verify(ctx, dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue // somebody else's
		}
		if err != nil {
			return sum, root, err
		}
		sum.Files += r.Files
		sum.Bytes += r.Bytes
		for _, d := range r.Damaged {
			sum.Damaged = append(sum.Damaged, publish.Damage{Path: filepath.Join(dir, filepath.FromSlash(d.Path)), Problem: d.Problem, InWay: d.InWay})
		}
	}
	return sum, root, nil
}
