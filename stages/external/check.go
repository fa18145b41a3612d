package external

import (
	"fmt"
	"path"
	"strings"

	"spurion/stages"
)

// Check reports what the tags cannot say: no command, names and paths that cannot be, outputs that
// share a path.
func (s *Settings) Check() []stages.Problem {
	problems := append(s.checkCommand(), s.checkEnvironment()...)
	taken := map[string]string{}
	for _, name := range s.names() {
		f := s.Outputs[name]
		at := "output." + name
		if detail := checkPath(f.Path); detail != "" {
			problems = append(problems, stages.Problem{
				Path: at + ".path", Summary: fmt.Sprintf("%q cannot be an output's path", f.Path), Detail: detail,
			})
		}
		if other, ok := taken[f.Path]; ok {
			problems = append(problems, stages.Problem{
				Path: at + ".path", Summary: fmt.Sprintf("outputs %q and %q share a path", other, name),
				Detail: "Each output is a file of its own.",
			})
		}
		taken[f.Path] = name
		if f.Format == "csv" && (f.Type == "dataset" || f.Type == "model") {
			problems = append(problems, stages.Problem{
				Path: at + ".format", Summary: fmt.Sprintf("a %s cannot be CSV", f.Type),
				Detail: "It has a column of lists, which CSV does not; write it as parquet.",
			})
		}
		if f.Format == "file" && f.Type != "table" && f.Type != "" {
			problems = append(problems, stages.Problem{
				Path: at + ".type", Summary: fmt.Sprintf("a file is not a %s", f.Type),
				Detail: "With format = \"file\" the bytes are kept as they are; leave type out, or write the table as parquet or csv.",
			})
		}
	}
	return problems
}

func (s *Settings) checkCommand() []stages.Problem {
	if len(s.Command) == 0 || s.Command[0] == "" {
		return []stages.Problem{{
			Path: "command", Summary: "there is no program to run",
			Detail: "Write the program and its arguments as a list, such as [\"python3\", \"fit.py\"].",
		}}
	}
	var problems []stages.Problem
	if program := s.Command[0]; strings.Contains(program, "/") && !path.IsAbs(program) {
		problems = append(problems, stages.Problem{
			Path: "command", Summary: fmt.Sprintf("%q is a path in the project", program),
			Detail: scriptHint(path.Clean(program)),
		})
	}
	for _, arg := range s.Command {
		if strings.ContainsRune(arg, 0) {
			problems = append(problems, stages.Problem{
				Path: "command", Summary: "an argument holds a zero byte", Detail: "No program can be given one.",
			})
		}
	}
	return problems
}

// scriptHint says how a file of the project is run.
func scriptHint(script string) string {
	interpreters := map[string]string{
		".py": "python3", ".r": "Rscript", ".jl": "julia", ".pl": "perl", ".rb": "ruby", ".js": "node",
		".lua": "lua", ".sh": "sh", ".bash": "bash", ".zsh": "zsh",
	}
	how := fmt.Sprintf("name what runs it, such as [\"sh\", %q] for a shell script", script)
	if interpreter := interpreters[strings.ToLower(path.Ext(script))]; interpreter != "" {
		how = fmt.Sprintf("name what runs it: command = [%q, %q]", interpreter, script)
	}
	return fmt.Sprintf("Programs are looked up on the PATH. List the file, files = [%q], and %s.", script, how)
}

// checkPath says why p cannot be where an output is written, or returns "".
func checkPath(p string) string {
	switch {
	case p == "" || p == ".":
		return "Name a file, such as results.parquet."
	case strings.ContainsAny(p, "\\\x00"):
		return "Write folders with forward slashes."
	case path.IsAbs(p) || len(p) > 1 && p[1] == ':':
		return "It is relative to the program's working directory, which is new for every run."
	case p == ".." || strings.HasPrefix(path.Clean(p), "../") || path.Clean(p) == "..":
		return "It leaves the program's working directory."
	case path.Clean(p) != p:
		return fmt.Sprintf("Write it as %s.", path.Clean(p))
	case strings.HasPrefix(p, "inputs/") || p == "inputs":
		return "The folder inputs holds the tables that the program reads."
	}
	return ""
}
