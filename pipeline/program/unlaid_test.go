package program

import (
	"fmt"
	"strings"
	"testing"

	"spurion/stages"
)

func TestUnlaid(t *testing.T) {
	project := map[string]bool{"data.csv": true, "my table.csv": true, "specs/more.csv": true, "fit.py": true, "o.csv": true, "laid.csv": true}
	for i := range 9 {
		project[fmt.Sprintf("%d.csv", i)] = true
	}
	for name, c := range map[string]struct {
		args, stderr []string
		folder       string
		want         string // what is to be added to files
	}{
		"an argument":        {args: []string{"cat", "data.csv"}, want: `"data.csv"`},
		"a flag":             {args: []string{"fit", "--data=./data.csv"}, want: `"data.csv"`},
		"a script":           {args: []string{"sh", "-c", "cat 'my table.csv' < data.csv"}, want: `"my table.csv", "data.csv"`},
		"an error":           {args: []string{"fit"}, stderr: []string{"No such file: 'data.csv'."}, want: `"data.csv"`},
		"where it ran":       {args: []string{"python3", "x"}, stderr: []string{"can't open file '/scratch/1/fit.py': [Errno 2]"}, want: `"fit.py"`},
		"beside the spec":    {args: []string{"cat", "more.csv"}, folder: "specs", want: `"specs/more.csv"`},
		"not beside it":      {args: []string{"cat", "more.csv"}, folder: "other", want: ""},
		"once":               {args: []string{"cat", "data.csv", "data.csv"}, stderr: []string{"data.csv"}, want: `"data.csv"`},
		"laid out":           {args: []string{"cat", "laid.csv"}, want: ""},
		"an output":          {args: []string{"cp", "x", "o.csv"}, want: ""},
		"outside":            {args: []string{"cat", "/data.csv", "../data.csv", "a/../data.csv"}, want: ""},
		"the program itself": {args: []string{"fit.py"}, want: ""},
		"many":               {args: []string{"cat", "0.csv 1.csv 2.csv 3.csv 4.csv 5.csv 6.csv"}, want: `"0.csv", "1.csv", "2.csv", "3.csv", "4.csv"`},
		"no files":           {args: []string{"cat", "", ".", "..", "\x00", "specs", strings.Repeat("x ", 5000)}, want: ""},
	} {
		f := Failed{
			Command: &stages.Command{Args: c.args, Collect: []string{"o.csv"}, Files: map[string]stages.Source{"laid.csv": {}}},
			Result:  &stages.CommandResult{Stderr: stages.Printed{Last: c.stderr}}, Scratch: "/scratch/1", Err: fmt.Errorf("it failed"),
		}
		asked := 0
		got := f.Unlaid(c.folder, func(path string) bool { asked++; return project[path] })
		_, list, _ := strings.Cut(got, "add files = [")
		list, _, _ = strings.Cut(list, "]")
		if list != c.want || (got == "") != (c.want == "") {
			t.Errorf("%s: %q, want %s", name, got, c.want)
		}
		if beside := strings.Contains(got, "have the program read specs/more.csv"); beside != (name == "beside the spec") {
			t.Errorf("%s: %q", name, got)
		}
		if asked > 2*mostNamed {
			t.Errorf("%s: %d files were asked for", name, asked)
		}
	}
	missing := Failed{Command: &stages.Command{Args: []string{"fit.py"}}, Err: fmt.Errorf("fit.py: %w", &notFoundError{"fit.py", "/bin"})}
	if got := missing.Unlaid("", func(path string) bool { return project[path] }); !strings.HasPrefix(got, "fit.py lies in the project: list it in files") {
		t.Errorf("%q", got)
	}
	if got := missing.Unlaid("", func(string) bool { return false }); got != "" {
		t.Errorf("%q", got)
	}
}
