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
		problems = append(problems, f.check(at)...)
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
		if _, rel, ok := stages.CutExternal(arg); ok && rel != "" {
			problems = append(problems, stages.Problem{
				Path: "command", Summary: "external() stands in files, not in command",
				Detail: fmt.Sprintf("List it in files, and name it here as the program finds it: %q.", stages.LaidOut(arg)),
			})
		}
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
