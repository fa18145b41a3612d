package external

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"spurion/stages"
)

// unpack lays out a stage's folder output under a name.
func unpack(under string, a stages.Artifact, add func(name string, source stages.Source) error) error {
	data, err := a.Bytes()
	if err != nil {
		return fmt.Errorf("%s: %w", under, err)
	}
	if err := add(under+"/", stages.Source{}); err != nil {
		return err
	}
	r := tar.NewReader(bytes.NewReader(data))
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", under, err)
		}
		name := strings.TrimSuffix(h.Name, "/")
		if path.IsAbs(name) || path.Clean("/" + name)[1:] != name {
			return fmt.Errorf("%s: it holds a file called %q", under, h.Name)
		}
		if h.Typeflag == tar.TypeDir {
			err = add(under+"/"+h.Name, stages.Source{})
		} else {
			var content []byte
			if content, err = io.ReadAll(r); err == nil {
				source := stages.SourceOf(content)
				source.Executable = h.Mode&0o111 != 0
				err = add(under+"/"+name, source)
			}
		}
		if err != nil {
			return err
		}
	}
}
