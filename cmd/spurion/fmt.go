package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"spurion/pipeline/spec"
)

func (a *app) fmtCommand() *cobra.Command {
	var f formatter
	cmd := &cobra.Command{
		Use:   "fmt [PATH...]",
		Short: "Rewrite specs in the canonical format",
		Long: `Rewrites specs in the canonical format, in place, and lists the files that it changed.

A PATH is a file, a folder whose .hcl files are formatted, or "-" for standard input, whose text is printed
formatted. Without a PATH the current folder is meant. Files that do not parse are left alone and reported.
Formatting changes neither what a spec means nor what is cached.`,
		Example: `  spurion fmt specs
  spurion fmt -check -diff specs     # for a CI job
  spurion fmt - < draft.hcl`,
		Annotations: exits("0 done; with --check: nothing would change", "1 with --check: some file would change",
			"2 a file does not parse, or bad usage"),
		Args: cobra.ArbitraryArgs,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			f.app = a
			return f.run(args)
		},
		ValidArgsFunction: a.completeSpecs,
	}
	cmd.Flags().BoolVar(&f.check, "check", false, "write nothing, list what would change, and exit with 1 if anything would")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "print the changes as a diff")
	return cmd
}

// A formatter formats files and keeps going past those that it cannot.
type formatter struct {
	app         *app
	check, diff bool
	changed     bool
	problems    spec.Diagnostics
}

func (f *formatter) run(paths []string) error {
	for _, path := range paths {
		if path == "-" {
			if err := f.standardInput(); err != nil {
				return err
			}
			continue
		}
		files, err := spec.SourceFiles(path)
		if err != nil {
			return usageError{err}
		}
		for _, file := range files {
			if err := f.file(file); err != nil {
				return err
			}
		}
	}
	switch {
	case f.problems.HasErrors():
		return f.problems
	case f.check && f.changed:
		return errReported
	}
	return nil
}

func (f *formatter) standardInput() error {
	src, err := io.ReadAll(f.app.in)
	if err != nil {
		return err
	}
	formatted, ok := f.format(src, "<stdin>")
	if !ok {
		return nil
	}
	if f.check || f.diff {
		return f.compare("<stdin>", src, formatted)
	}
	_, err = f.app.out.Write(formatted)
	return err
}

func (f *formatter) file(path string) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() { // a pipe would be waited for
		return usagef("%s is not a regular file", path)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return usageError{err}
	}
	formatted, ok := f.format(src, path)
	if !ok || bytes.Equal(src, formatted) {
		return nil
	}
	if err := f.compare(path, src, formatted); err != nil || f.check {
		return err
	}
	return replaceFile(path, formatted)
}

// compare lists a file that differs, and shows how.
func (f *formatter) compare(path string, src, formatted []byte) error {
	if bytes.Equal(src, formatted) {
		return nil
	}
	f.changed = true
	if f.check {
		f.app.code = exitFailed // also if nobody reads the list to its end
	}
	if _, err := fmt.Fprintln(f.app.out, path); err != nil || !f.diff {
		return err
	}
	_, err := f.app.out.Write(diff.Diff(path+" (as it is)", src, path+" (formatted)", formatted))
	return err
}

func (f *formatter) format(src []byte, name string) ([]byte, bool) {
	formatted, ds := spec.Format(src, name)
	f.problems = append(f.problems, ds...)
	return formatted, !ds.HasErrors()
}

// replaceFile puts new content in the place of a file at once, so that no interruption leaves half of it. A link
// is followed, and the file keeps its permissions.
func replaceFile(path string, data []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(path), ".fmt-*")
	if errors.Is(err, syscall.EACCES) {
		return os.WriteFile(path, data, info.Mode().Perm()) // the folder may not be written, the file may
	}
	if err != nil {
		return err
	}
	_, werr := temp.Write(data)
	err = errors.Join(werr, temp.Chmod(info.Mode().Perm()), temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(temp.Name())
	}
	return err
}
