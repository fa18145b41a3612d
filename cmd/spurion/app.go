package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/spf13/cobra"

	"spurion/pipeline"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// streams are what a process reads and writes. Out carries results only; Err everything else.
type streams struct {
	In       io.Reader
	Out, Err io.Writer
	Environ  []string
}

func standardStreams() streams {
	return streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Environ: os.Environ()}
}

// An app is one invocation of the program.
type app struct {
	registry *stages.Registry
	args     []string
	in       io.Reader
	out      *bufio.Writer
	err      *sharedWriter
	environ  []string
	sources  *sources // of the program
	outText  style    // of what goes to out
	errText  style

	global globals
	// dataRoots are the folders outside of the project that the flags and the environment give, by name.
	dataRoots map[string]string
	// json says that diagnostics and errors are printed as JSON; set by the command's own flag.
	json bool
	// code is what a command without an error exits with.
	code int
}

// globals are the flags that every command takes.
type globals struct {
	store, out, chdir, memory string
	remote                    string
	vars, varFiles            []string
	dataRoots                 []string
	maxInstances              int
	noColor                   bool
}

// execute runs the program and gives its exit code.
func execute(registry *stages.Registry, args []string, s streams) int {
	// A pipe that was closed (| head) must not kill a run half way; writes fail with EPIPE instead.
	// Notify rather than Ignore: what is ignored would be so in programs that stages start.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	a := &app{
		registry: registry, args: args, in: s.In, out: bufio.NewWriterSize(s.Out, 64<<10),
		err: &sharedWriter{w: s.Err}, environ: s.Environ, sources: sourcesOf(),
	}
	a.outText, a.errText = styleOf(s.Out, a.environ), styleOf(s.Err, a.environ)
	root := a.root()
	root.SetArgs(longFlags(args))
	code := a.report(root.Execute())
	if err := a.out.Flush(); err != nil && !errors.Is(err, syscall.EPIPE) { // errors as JSON, if not told already
		return max(code, exitFailed)
	}
	return code
}

// root makes the command tree.
func (a *app) root() *cobra.Command {
	cobra.EnableCommandSorting = false // they stand in the order in which people meet them
	root := &cobra.Command{
		Use:   "spurion",
		Short: "Run experiments on core and spurious features",
		Long: `Spurion runs experiments that are declared in HCL as a graph of stages.

It computes only what changed since it was last computed, and leaves tables that pandas and polars
open, with a verdict on every claim that the experiment makes.`,
		Example: `  spurion run specs/quick.hcl       # compute what is missing, then sum up
  spurion plan specs/quick.hcl      # what would run, and why
  spurion why specs/quick.hcl 'train.erm[seed=2]'`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE:          a.noCommand,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return a.prepare(cmd)
		},
	}
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetIn(a.in)
	root.SetHelpFunc(a.help)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("%w\nsee spurion%s --help", err, commandPath(cmd))}
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	a.globalFlags(root)
	root.AddCommand(
		a.validateCommand(), a.fmtCommand(), a.planCommand(), a.runCommand(), a.whyCommand(), a.showCommand(), a.logCommand(),
		a.claimsCommand(), a.graphCommand(), a.kindsCommand(), a.exportCommand(), a.runsCommand(), a.timesCommand(), a.cacheCommand(), a.doctorCommand(), a.attachCommand(), a.cancelCommand(), a.workCommand(),
		a.versionCommand(), a.completionCommand(),
	)
	root.SetHelpCommand(a.helpCommand())
	return root
}

func (a *app) globalFlags(root *cobra.Command) {
	f := root.PersistentFlags()
	f.StringVar(&a.global.store, "store", a.variable("SPURION_STORE"), "the store's `folder` (default the project's .spurion, or SPURION_STORE)")
	f.StringVar(&a.global.remote, "remote", a.variable("SPURION_REMOTE"), "the `URL` of the store behind it: s3://BUCKET/PREFIX, https://..., file:///... or none (default the project's, or SPURION_REMOTE)")
	f.StringVar(&a.global.out, "out", a.variable("SPURION_OUT"), "the `folder` of tables for people (default the project's out, or SPURION_OUT)")
	f.StringArrayVar(&a.global.vars, "var", nil, "set a variable of the spec, `name=value`; may be repeated")
	f.StringArrayVar(&a.global.varFiles, "var-file", nil, "set variables from a `file` of name = value lines; may be repeated")
	f.StringArrayVar(&a.global.dataRoots, "data-root", nil, "where the spec finds external(\"NAME/...\"), `name=folder` (or SPURION_DATA_NAME); may be repeated")
	f.IntVar(&a.global.maxInstances, "max-instances", 0, "refuse specs with more instances than this `number` (default 200000)")
	f.StringVar(&a.global.memory, "memory", a.variable("SPURION_MEMORY"), "keep below this `size` of memory, such as 8GiB (default half of the machine's, or SPURION_MEMORY)")
	f.StringVar(&a.global.chdir, "chdir", "", "work in this `folder`, the project's, instead of the current one")
	f.BoolVar(&a.global.noColor, "no-color", false, "print without colours (so do NO_COLOR, TERM=dumb and pipes)")
	_ = root.MarkPersistentFlagDirname("store")
	_ = root.MarkPersistentFlagDirname("out")
	_ = root.MarkPersistentFlagDirname("chdir")
}

// prepare applies the global flags before a command runs.
func (a *app) prepare(cmd *cobra.Command) error {
	if a.global.noColor {
		a.outText.color, a.errText.color = false, false
	}
	if f := cmd.Flags().Lookup("json"); f != nil && f.Changed {
		a.json = f.Value.String() == "true"
	}
	if a.global.maxInstances < 0 {
		return usagef("--max-instances must be at least 1")
	}
	if strings.Contains(a.global.store, "://") {
		return usagef("--store is a folder on this machine, which is the cache of a remote store: give %s with --remote", a.global.store)
	}
	if a.global.memory != "" {
		if err := pipeline.SetMemory(a.global.memory); err != nil {
			return usageError{fmt.Errorf("--memory: %w", err)}
		}
	}
	if a.global.chdir != "" {
		if err := os.Chdir(a.global.chdir); err != nil {
			return usageError{fmt.Errorf("--chdir: %w", err)}
		}
	}
	var err error
	a.dataRoots, err = dataRoots(a.global.dataRoots, a.environ)
	return err
}

// variable gives the value of an environment variable.
func (a *app) variable(name string) string { return lookup(a.environ, name) }

// config describes the project for package pipeline.
func (a *app) config(path string) pipeline.Config {
	return pipeline.Config{
		Path: path, Kinds: a.registry,
		Vars: a.global.vars, VarFiles: a.global.varFiles, Environ: a.environ,
		MaxInstances: a.global.maxInstances, DataRoots: a.dataRoots, Store: a.global.store, Remote: a.global.remote, Out: a.global.out,
		Program: programName(), Code: a.sources.code, Args: a.args, Warn: a.warn(),
		Note: func(text string) { fmt.Fprintf(a.err, "%s %s\n", a.errText.yellow("note:"), plainError(text)) },
	}
}

// lookConfig is config for those who only look at a spec or its results: they need no data roots.
func (a *app) lookConfig(path string) pipeline.Config {
	c := a.config(path)
	c.Lenient = spec.NoData
	return c
}

// look opens a spec and its store to read what is there.
func (a *app) look(path string) (*pipeline.Experiment, error) {
	return a.openConfig(a.lookConfig(path), pipeline.ReadOnly)
}

// open loads a spec with its store and tells of the loader's warnings.
func (a *app) open(path string, access pipeline.Access) (*pipeline.Experiment, error) {
	return a.openConfig(a.config(path), access)
}

func (a *app) openConfig(c pipeline.Config, access pipeline.Access) (*pipeline.Experiment, error) {
	e, err := pipeline.Open(c, access)
	if err != nil {
		return nil, err
	}
	a.printDiagnostics(e.Warnings)
	return e, nil
}

// warn gives a function that prints each distinct warning once.
func (a *app) warn() func(error) {
	var mu sync.Mutex
	told := map[string]bool{}
	return func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if text := err.Error(); !told[text] {
			told[text] = true
			fmt.Fprintf(a.err, "%s %s\n", a.errText.yellow("warning:"), plainError(text))
		}
	}
}

// printJSON prints a value on out, indented.
func (a *app) printJSON(v any) error {
	enc := json.NewEncoder(a.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printEach prints n values, all of them as JSON or each one's text with an empty line between.
func (a *app) printEach(all any, n int, text func(i int) string) error {
	if a.json {
		return a.printJSON(all)
	}
	for i := range n {
		if i > 0 {
			a.out.WriteByte('\n')
		}
		a.out.WriteString(text(i))
	}
	return nil
}

// A sharedWriter is standard error: workers and signal handlers write whole messages to it, and while bars are
// drawn their messages go above them.
type sharedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (s *sharedWriter) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.w.Write(p)
}

// divert sends what is written to w, and gives what it was sent to before.
func (s *sharedWriter) divert(w io.Writer) io.Writer {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.w
	s.w = w
	return old
}
