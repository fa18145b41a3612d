package publish

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"spurion/artifacts/frame"
)

// ExportFiles writes an output of raw bytes as it is, or what Convert makes of a table: the file of one instance to path, or as a file in it if that is
// a folder, which is there or ends with a slash; those of several instances to a new folder, a file each,
// AXIS=VALUE,... as in out/. Without a path it is called like the output. Where chooses instances.
func ExportFiles(ctx context.Context, path string, out Out, s Source, o ExportOptions) (Exported, error) {
	x := &export{out: &out, source: &s, o: &o}
	err := x.choose()
	switch {
	case err != nil:
	case len(x.have)+x.done.Missing == 1:
		err = x.oneFile(path)
	default:
		err = x.filesOf(ctx, path)
	}
	if err != nil {
		return Exported{}, fmt.Errorf("export %s: %w", s.id(), err)
	}
	return x.done, nil
}

// ExportBytes writes the one file that Where chooses to w.
func ExportBytes(w io.Writer, out Out, s Source, o ExportOptions) (Exported, error) {
	x := &export{out: &out, source: &s, o: &o}
	err := x.choose()
	if n := len(x.have) + x.done.Missing; err == nil && n != 1 {
		err = fmt.Errorf("it is %d files, and standard output takes one: choose an instance with --where AXIS=VALUE, or name a folder with --output", n)
	}
	var data []byte
	if err == nil {
		data, err = x.content(x.have[0])
	}
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		return Exported{}, fmt.Errorf("export %s: %w", s.id(), err)
	}
	x.wrote(data)
	return x.done, nil
}

// wrote counts a file.
func (x *export) wrote(data []byte) {
	x.done.Instances, x.done.Bytes = x.done.Instances+1, x.done.Bytes+int64(len(data))
}

func (x *export) oneFile(path string) error {
	in := x.have[0]
	name := x.fileName(in)
	switch info, err := os.Stat(path); {
	case path == "":
		path = name
	case os.IsPathSeparator(path[len(path)-1]), err == nil && info.IsDir():
		path = filepath.Join(path, name)
	}
	data, err := x.content(in)
	if err != nil {
		return err
	}
	x.done.Output = path
	x.wrote(data)
	return writeWhole(path, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

// fileName gives what the only file of an output is called: exec.draw.plot.png, figure.curves.svg.
func (x *export) fileName(in *Instance) string {
	s := x.source
	if in.Extension == "."+s.Output {
		return fileName(s.Kind + "." + s.Name + in.Extension)
	}
	return fileName(s.id() + x.extension(in))
}

func (x *export) extension(in *Instance) string {
	if x.o.Convert != nil {
		return x.o.Convert.Extension
	}
	return in.Extension
}

// content gives the bytes of an instance's file.
func (x *export) content(in *Instance) ([]byte, error) {
	data, err := x.out.ReadBlob(in.Digest)
	if err == nil && x.o.Convert != nil {
		var t *frame.Table
		if t, err = frame.Decode(data); err == nil {
			data, err = x.o.Convert.Of(t)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Address, err)
	}
	return data, nil
}

func (x *export) filesOf(ctx context.Context, path string) error {
	switch {
	case path == "":
		path = fileName(x.source.id())
	case os.IsPathSeparator(path[len(path)-1]):
		path = filepath.Join(path, fileName(x.source.id()))
	}
	x.done.Output = path
	dir, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if err := mustBeNew(dir); err != nil {
		return err
	}
	return replaceWith(dir, func(temporary string) error {
		names := fileNames{}
		return x.each(ctx, func(in *Instance, data []byte) error {
			name := names.take(axesName(in.Axes), in.Address) + fileName(x.extension(in))
			if err := os.WriteFile(filepath.Join(temporary, name), data, 0o666); err != nil {
				return err
			}
			x.done.Files = append(x.done.Files, name)
			x.wrote(data)
			return nil
		})
	})
}

// each hands on the bytes of every chosen instance.
func (x *export) each(ctx context.Context, write func(in *Instance, data []byte) error) error {
	for _, in := range x.have {
		if err := ctx.Err(); err != nil {
			return err
		}
		data, err := x.content(in)
		if err != nil {
			return err
		}
		if err := write(in, data); err != nil {
			return fmt.Errorf("%s: %w", in.Address, err)
		}
	}
	return nil
}

// mustBeNew refuses a folder that holds something, and what is no folder.
func mustBeNew(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return nil
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is there and not a folder; name a new one", dir)
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty; name a new folder", dir)
	}
	return nil
}
