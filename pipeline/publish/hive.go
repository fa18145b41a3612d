package publish

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// ExportFolder writes a hive-partitioned folder: DIR/AXIS=VALUE/.../part-0.EXT. The folder appears
// whole or not at all. One that is not empty is an error without Force; with it, the folder is
// replaced if all that it holds looks like an earlier export.
func ExportFolder(ctx context.Context, dir string, out Out, s Source, o ExportOptions) (Exported, error) {
	x, err := newExport(ctx, &out, &s, &o)
	if err != nil {
		return Exported{}, fmt.Errorf("export %s: %w", s.id(), err)
	}
	dir, err = filepath.Abs(dir)
	if err == nil {
		err = x.folder(ctx, dir)
	}
	if err != nil {
		return Exported{}, fmt.Errorf("export %s: %w", s.id(), err)
	}
	return x.done, nil
}

func (x *export) folder(ctx context.Context, dir string) error {
	fields, err := x.withoutPartitions()
	if err != nil {
		return err
	}
	groups, err := x.groups()
	if err != nil {
		return err
	}
	// a link to a folder stays one: what it points to is replaced
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	if err := replaceable(dir, x.o.Force); err != nil {
		return err
	}
	return replaceWith(dir, func(temporary string) error {
		for _, g := range groups {
			if err := x.file(ctx, temporary, g, fields); err != nil {
				return err
			}
		}
		return nil
	})
}

// withoutPartitions gives the fields of the files: those of the partition are in the path instead.
func (x *export) withoutPartitions() ([]frame.Field, error) {
	for i, name := range x.o.Partition {
		if !slices.Contains(x.source.Axes, name) {
			return nil, fmt.Errorf("cannot partition by %q: the axes are %s", name, list(x.source.Axes))
		}
		if slices.Contains(x.o.Partition[:i], name) {
			return nil, fmt.Errorf("cannot partition by %q twice", name)
		}
	}
	fields := slices.Clone(x.fields)
	fields = slices.DeleteFunc(fields, func(f frame.Field) bool { return slices.Contains(x.o.Partition, f.Name) })
	if len(fields) == 0 {
		return nil, errors.New("no column is left beside those of the partition")
	}
	return fields, nil
}

// A group is the parts that share the partition's values, and so a file.
type group struct {
	path  string // of its folder, with forward slashes
	parts []int
}

func (x *export) groups() ([]group, error) {
	var groups []group
	index := map[string]int{}
	for i := range x.union.parts {
		path, err := x.partitionPath(x.union.parts[i].instance)
		if err != nil {
			return nil, err
		}
		at, ok := index[path]
		if !ok {
			at = len(groups)
			index[path] = at
			groups = append(groups, group{path: path})
		}
		groups[at].parts = append(groups[at].parts, i)
	}
	return groups, nil
}

func (x *export) partitionPath(in *Instance) (string, error) {
	var parts []string
	for _, name := range x.o.Partition {
		i := slices.Index(x.source.Axes, name)
		a := in.Axes[i]
		text := partitionText(a, x.union.axes[i].Type)
		if text == "" {
			return "", fmt.Errorf("cannot partition by %s: %s has an empty text there, which readers take for null", name, in.Address)
		}
		parts = append(parts, hiveName(name)+"="+hiveName(text))
	}
	return strings.Join(parts, "/"), nil
}

// partitionText gives an axis's value as readers parse it back: a float keeps its point, so that
// they do not take 1.0 for a whole number.
func partitionText(a stages.Axis, t frame.Type) string {
	c, err := frame.Join([]frame.Span{{To: 1, Value: axisValue(a, t)}}, frame.Field{Name: a.Name, Type: t})
	if err != nil {
		return plainText(a)
	}
	return c.Text(0)
}

// hiveName percent-encodes what cannot stand in a path, or would be read as something else there.
func hiveName(s string) string {
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		ch := s[i]
		if ch <= ' ' || ch == 0x7f || strings.IndexByte(`"#%'*/:=?\{}[]^<>|&+~`, ch) >= 0 || ch >= 0x80 || ch == '.' && i == 0 {
			b.WriteByte('%')
			b.WriteByte(hexDigits[ch>>4])
			b.WriteByte(hexDigits[ch&15])
			continue
		}
		b.WriteByte(ch)
	}
	return b.String()
}

func (x *export) file(ctx context.Context, dir string, g group, fields []frame.Field) (err error) {
	folder := filepath.Join(dir, filepath.FromSlash(g.path))
	if err := os.MkdirAll(folder, 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(folder, partName(x.o)), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	rows, err := x.write(ctx, f, fields, g.parts)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	x.done.Rows += rows
	x.done.Files = append(x.done.Files, strings.TrimPrefix(g.path+"/"+partName(x.o), "/"))
	return nil
}

// replaceable checks that a folder may be put at the path.
func replaceable(dir string, force bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(entries) == 0:
		return nil
	case !force:
		return fmt.Errorf("%s is not empty; --force replaces an earlier export there", dir)
	}
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || path == dir:
			return err
		case e.IsDir() && strings.Contains(e.Name(), "="):
			return nil
		case e.Type().IsRegular() && isPart(e.Name()):
			return nil
		}
		return fmt.Errorf("%s is not part of an export; the folder is not replaced", path)
	})
}

// replaceWith has a folder filled beside dir, and puts it in dir's place when it is complete.
func replaceWith(dir string, fill func(temporary string) error) error {
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return err
	}
	temporary := filepath.Join(filepath.Dir(dir), randomName())
	if err := os.Mkdir(temporary, 0o777); err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	if err := fill(temporary); err != nil {
		return err
	}
	return replace(dir, temporary)
}

// replace puts the new folder in the place of dir.
func replace(dir, fresh string) error {
	old := filepath.Join(filepath.Dir(dir), randomName())
	err := os.Rename(dir, old)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Rename(fresh, dir)
	}
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, dir); err != nil {
		return errors.Join(err, os.Rename(old, dir))
	}
	return os.RemoveAll(old)
}
