package remote

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// Helper is the program that is started for buckets and web servers.
const Helper = "spurion-s3"

// start starts the helper, beside this program or on the path. What it has to say to people goes to standard error.
func start() (*client, error) {
	path, err := findHelper()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, &Error{ErrProgram, fmt.Sprintf("%s cannot be started: %v", path, err)}
	}
	return newClient(out, in, cmd.Wait)
}

// findHelper gives the path of the helper.
func findHelper() (string, error) {
	name := Helper
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	own, err := os.Executable()
	if err == nil {
		if resolved, rerr := filepath.EvalSymlinks(own); rerr == nil {
			own = resolved
		}
		beside := filepath.Join(filepath.Dir(own), name)
		if info, err := os.Stat(beside); err == nil && info.Mode().IsRegular() {
			return beside, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", &Error{ErrProgram, "s3:// and https:// need the program " + Helper + ", which is neither beside this one nor on the PATH: it comes with releases, " +
			"and `go install ./cmd/" + Helper + "` in Spurion's sources builds it; --remote none goes on without"}
	}
	return path, nil
}
