package program

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"

	"spurion/stages"
)

// layOut writes the command's files into dir, and makes the folders of what is to be collected. All files are copies,
// so that nothing a program does to them reaches where they came from.
func layOut(dir string, c *stages.Command) error {
	made := map[string]bool{".": true}
	folder := func(name string) error {
		if made[name] {
			return nil
		}
		made[name] = true
		return os.MkdirAll(filepath.Join(dir, filepath.FromSlash(name)), 0o755)
	}
	for name, source := range c.Files {
		if folderName, ok := strings.CutSuffix(name, "/"); ok {
			if err := folder(folderName); err != nil {
				return err
			}
			continue
		}
		if err := folder(path.Dir(name)); err != nil {
			return err
		}
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(name)), source); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	for _, list := range [][]string{c.Collect, c.Folders} {
		for _, name := range list {
			if err := folder(path.Dir(name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func writeFile(full string, source stages.Source) error {
	mode := os.FileMode(0o644)
	if source.Executable {
		mode = 0o755
	}
	f, err := os.OpenFile(full, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	if err := source.WriteTo(f); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
