package engine

import (
	"context"
	"fmt"

	"spurion/pipeline/program"
	"spurion/stages"
)

// command runs an external program for the kind, in a scratch folder beside the store's blobs.
func (j *job) command(ctx context.Context, c stages.Command) (*stages.CommandResult, error) {
	dir, cleanup, err := j.runner.options.Store.TempDir()
	if err != nil {
		return nil, fmt.Errorf("command: %w", err)
	}
	defer cleanup()
	return program.Run(ctx, dir, c)
}
