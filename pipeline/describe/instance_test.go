package describe

import (
	"strings"
	"testing"
)

// Text is shown to a whole letter, and what is none is not shown.
func TestBeginning(t *testing.T) {
	long := strings.Repeat("a", textHead-1) + "ß and more"
	for in, want := range map[string]string{"": "", "text\n": "text\n", long: long[:textHead-1], "\x1b[31m": "\x1b[31m"} {
		if got, binary := (&Look{}).beginning([]byte(in)); got != want || binary {
			t.Errorf("%.20q begins with %.20q (%d bytes), binary %v", in, got, len(got), binary)
		}
	}
	for _, in := range []string{"\x89PNG\r\n", "zero \x00 byte", "cut \xc3", strings.Repeat("\xff", 2*textHead)} {
		if got, binary := (&Look{}).beginning([]byte(in)); got != "" || !binary {
			t.Errorf("%.20q is shown as %.20q", in, got)
		}
	}
}
