package publish

import (
	"context"
	"errors"
	"io"

	"spurion/artifacts/frame"
)

// ExportOptions say what to export of an output, and how.
type ExportOptions struct {
	Format      frame.Format
	Compression string // "" stands for the format's default
	// Columns are the columns to write, in order, axes included; nil stands for all.
	Columns []string
	// Where keeps the instances whose axes have one of the values; a value may hold * and ?.
	Where map[string][]string
	// Partition names axes: the files are put in folders AXIS=VALUE, and lack those columns.
	Partition []string
	// Force lets ExportFolder replace the files of an earlier export.
	Force bool
}

// An Exported is what was exported.
type Exported struct {
	Instances int
	Missing   int // instances that were asked for and have no result
	Rows      int64
	Files     []string // relative to the folder, with forward slashes
}

// Export writes the output of the instances as one file to w.
func Export(ctx context.Context, w io.Writer, out Out, s Source, o ExportOptions) (Exported, error) {
	return Exported{}, errors.New("publish: not there yet")
}

// ExportFile is Export to a file, which appears whole or not at all; an older one is replaced.
func ExportFile(ctx context.Context, path string, out Out, s Source, o ExportOptions) (Exported, error) {
	return Exported{}, errors.New("publish: not there yet")
}

// ExportFolder writes a hive-partitioned folder: DIR/AXIS=VALUE/.../part-0.EXT. The folder appears
// whole or not at all. One that is not empty is an error without Force; with it, the folder is
// replaced if all that it holds looks like an earlier export.
func ExportFolder(ctx context.Context, dir string, out Out, s Source, o ExportOptions) (Exported, error) {
	return Exported{}, errors.New("publish: not there yet")
}
