package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline"
)

func (a *app) completionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a script that completes commands in a shell",
		Long: `Prints a script for the shell that completes commands, flags, specs, kinds and the addresses of a spec's stages
and instances.`,
		Example: `  source <(spurion completion bash)
  spurion completion zsh > "${fpath[1]}/_spurion"
  spurion completion fish > ~/.config/fish/completions/spurion.fish`,
		Annotations: exits("0 done", "2 the shell is not known"),
		Args:        needArgs(1, 1, "the name of a shell"),
		ValidArgs:   []string{"bash", "zsh", "fish", "powershell"},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch root := cmd.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.out, true)
			case "zsh":
				return root.GenZshCompletion(a.out)
			case "fish":
				return root.GenFishCompletion(a.out, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.out)
			}
			return usagef("completion knows bash, zsh, fish and powershell, not %q", args[0])
		},
	}
}

// completeWords completes the values of a flag.
func completeWords(cmd *cobra.Command, flag string, words ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}

func (a *app) completeKind(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.kindNames(), cobra.ShellCompDirectiveNoFileComp
}

// completeSpec completes one spec; completeSpecs any number.
func (a *app) completeSpec(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	return a.completeSpecs(cmd, args, word)
}

// completeSpecs offers .hcl files, and folders to look into or to take as they are.
func (a *app) completeSpecs(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
	dir, _ := filepath.Split(word)
	found, err := os.ReadDir(firstOf(dir, "."))
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var paths []string
	directive := cobra.ShellCompDirectiveNoFileComp
	for _, f := range found {
		switch name := dir + f.Name(); {
		case !strings.HasPrefix(name, word) || strings.HasPrefix(f.Name(), "."):
		case f.IsDir():
			paths = append(paths, name+string(filepath.Separator))
			directive |= cobra.ShellCompDirectiveNoSpace
		case strings.HasSuffix(name, ".hcl"):
			paths = append(paths, name)
		}
	}
	return paths, directive
}

// completeTargets completes a spec, then addresses in it: stages, and their instances once a bracket is open.
func (a *app) completeTargets(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) == 0 {
		return a.completeSpecs(cmd, args, word)
	}
	const directive = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	s, ds := pipeline.Validate(a.lookConfig(args[0]))
	if ds.HasErrors() {
		return nil, directive
	}
	const most = 200
	var found []string
	for _, st := range s.Stages {
		if !strings.Contains(word, "[") {
			if strings.HasPrefix(st.ID(), word) {
				found = append(found, st.ID())
			}
			continue
		}
		for i := range st.Instances {
			if address := st.Address(i); strings.HasPrefix(address, word) && len(found) < most {
				found = append(found, address)
			}
		}
	}
	return found, directive
}
