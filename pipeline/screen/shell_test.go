package screen_test

import (
	"os/exec"
	"testing"

	"spurion/pipeline/screen"
)

// A shell reads each word back as it was.
func TestShellWord(t *testing.T) {
	for _, word := range []string{"plain", "", "train.erm[strength=0.9,seed=2]", "it's", "a b", "$HOME", "x;y", "λ", `back\slash`, "*"} {
		out, err := exec.Command("sh", "-c", "printf %s "+screen.ShellWord(word)).Output()
		if err != nil || string(out) != word {
			t.Errorf("%q becomes %s, which is read as %q: %v", word, screen.ShellWord(word), out, err)
		}
	}
	if screen.ShellWord("specs/quick.hcl") != "specs/quick.hcl" {
		t.Error("a plain word is quoted")
	}
}
