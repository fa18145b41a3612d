package publish

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// ExportOptions say what to export of an output, and how.
type ExportOptions struct {
	Format      frame.Format
	Compression string // "" stands for the format's default
	// Columns are the columns to write, in order, axes included; nil stands for all.
	Columns []string
	// Where keeps the instances whose axes have one of the values; a value may hold * and ?.
	Where map[string][]string
	// Partition names axes: the files are put in folders AXIS=VALUE, and lack those columns.
	Partition []string
	// AsIs leaves texts of CSV and TSV as they are; else one that a spreadsheet would compute gets a ' before it.
	AsIs bool
	// Force lets ExportFolder replace the files of an earlier export.
	Force bool
	// Convert, if it is not nil, is what makes a file of each instance's table, for ExportFiles and ExportBytes.
	Convert *Conversion
}

// A Conversion makes a file of an instance's table.
type Conversion struct {
	Extension string // of the file's name, with its dot
	Of        func(t *frame.Table) ([]byte, error)
}

// An Exported is what was exported.
type Exported struct {
	Instances int
	Missing   int // instances that were asked for and have no result
	Rows      int64
	// Lacks says without what the instances were made, as that failed; usually empty.
	Lacks   string
	Guarded int64    // texts that got a ' before them
	Files   []string // of a folder, relative to it, with forward slashes
	Bytes   int64    // of raw files
	Output  string   // where raw files are; "" stands for what was asked for
}

// Export writes the output of the instances as one file to w.
func Export(ctx context.Context, w io.Writer, out Out, s Source, o ExportOptions) (Exported, error) {
	if len(o.Partition) > 0 {
		return Exported{}, fmt.Errorf("export: a partitioned export is a folder, not a file")
	}
	x, err := newExport(ctx, &out, &s, &o)
	if err != nil {
		return Exported{}, fmt.Errorf("export %s: %w", s.id(), err)
	}
	x.done.Rows, err = x.write(ctx, w, x.fields, x.union.order())
	if err != nil {
		return Exported{}, fmt.Errorf("export %s: %w", s.id(), err)
	}
	return x.done, nil
}

// ExportFile is Export to a file, which appears whole or not at all; an older one is replaced.
func ExportFile(ctx context.Context, path string, out Out, s Source, o ExportOptions) (Exported, error) {
	var done Exported
	err := writeWhole(path, func(w io.Writer) (err error) {
		done, err = Export(ctx, w, out, s, o)
		return err
	})
	if err != nil {
		return Exported{}, err
	}
	return done, nil
}

// writeWhole writes a file, which appears whole or not at all; an older one is replaced.
func writeWhole(path string, write func(io.Writer) error) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return fmt.Errorf("export: %s is there and not a file", path)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer root.Close()
	f, err := folder{root}.create(filepath.Base(path))
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := write(f); err != nil {
		f.discard()
		return err
	}
	if _, _, _, err := f.commit(); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	return nil
}

func (s *Source) id() string { return s.Kind + "." + s.Name + "." + s.Output }

// An export is what all forms of it share: the instances, read, and the columns chosen.
type export struct {
	out    *Out
	source *Source
	o      *ExportOptions
	have   []*Instance
	union  *union
	fields []frame.Field
	done   Exported
}

func newExport(ctx context.Context, out *Out, s *Source, o *ExportOptions) (*export, error) {
	if !slices.Contains(frame.Formats(), o.Format) {
		return nil, fmt.Errorf("there is no format %q; the formats are %q", o.Format, frame.Formats())
	}
	x := &export{out: out, source: s, o: o}
	if err := x.choose(); err != nil {
		return nil, err
	}
	for _, in := range x.have {
		if in.Extension != "" {
			return nil, fmt.Errorf("it is a file of raw bytes (%s), not a table", in.Extension)
		}
	}
	var err error
	if x.union, err = newUnion(ctx, s, x.have, out.ReadBlob, keepBytes); err != nil {
		return nil, err
	}
	x.fields, err = x.union.selects(o.Columns)
	x.done.Instances = len(x.have)
	return x, err
}

// choose finds the instances that Where asks for and that have a result.
func (x *export) choose() error {
	for name := range x.o.Where {
		if !slices.Contains(x.source.Axes, name) {
			return fmt.Errorf("there is no axis %q; the axes are %s", name, list(x.source.Axes))
		}
	}
	asked := 0
	for i := range x.source.Instances {
		in := &x.source.Instances[i]
		if !matches(in.Axes, x.o.Where) {
			continue
		}
		asked++
		if in.Digest == "" {
			x.done.Missing++
			continue
		}
		x.have = append(x.have, in)
	}
	x.done.Lacks = lacksOf(x.have)
	switch {
	case len(x.have) > 0:
		return nil
	case asked > 0:
		return fmt.Errorf("none of the %d instances has a result; run the spec first", asked)
	case len(x.source.Instances) == 0:
		return fmt.Errorf("the stage has no instances")
	}
	return fmt.Errorf("no instance matches; such as there are: %s", x.source.Instances[0].Address)
}

func list(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// write writes some parts as one file.
func (x *export) write(ctx context.Context, to io.Writer, fields []frame.Field, parts []int) (int64, error) {
	options := frame.WriterOptions{Format: x.o.Format, Compression: x.o.Compression, Guard: !x.o.AsIs}
	if !x.o.Format.IsText() {
		options.Meta = tableMeta(x.out, x.source, x.have)
	}
	w, err := frame.NewWriter(to, fields, options)
	if err != nil {
		return 0, err
	}
	err = x.union.writeTo(ctx, w, fields, parts)
	x.done.Guarded += w.Guarded()
	return w.Rows(), err
}

// matches reports whether the axes have one of the values that are asked for, each.
func matches(axes []stages.Axis, where map[string][]string) bool {
	for _, a := range axes {
		values, ok := where[a.Name]
		if ok && !slices.ContainsFunc(values, func(v string) bool { return a.Matches(v) }) {
			return false
		}
	}
	return true
}

func randomName() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return temporaryPrefix + hex.EncodeToString(b[:]) + temporarySuffix
}
