package kernel

import (
	"os"
	"testing"
)

// SPURION_TEST_PATH names the path that the tests are meant to be about: whoever runs them with GODEBUG, a tag or
// an emulator learns if they were not. The best path of a machine is one that it has.
func TestPathIsTheOneAskedFor(t *testing.T) {
	if want := os.Getenv("SPURION_TEST_PATH"); want != "" && want != Path() {
		t.Errorf("the path is %q, not %q", Path(), want)
	}
	if path != bestPath() {
		t.Errorf("the path is %v, but %v is possible", path, bestPath())
	}
	if Burst(1000) < 900 {
		t.Error("the path does not run")
	}
}
