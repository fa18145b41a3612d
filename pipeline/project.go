package pipeline

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// A projectMark lies in the folder that is a project's, for those who look for it from below.
const projectMark = ".git"

// located gives the config with its project, unless that or the store is given. A project is looked for as git
// looks for its own: it is the nearest folder with a store, from the working directory upward, or, for a spec that
// lies elsewhere, from the spec's folder upward, and then from the working directory. No search leaves a folder with
// a .git. If there is no store yet, the project is the working directory; for a spec that lies elsewhere it is the
// folder with the .git that the spec is in, if there is one.
func (c Config) located() Config {
	if c.Root != "" || c.Store != "" {
		return c
	}
	here, err := os.Getwd()
	if err != nil {
		return c
	}
	starts := []string{here}
	elsewhere := c.Path != "" && !within(here, specFolder(here, c.Path))
	if elsewhere {
		starts = []string{specFolder(here, c.Path), here}
	}
	for _, start := range starts {
		if root := above(start, here, isStore); root != "" {
			c.Root = fromHere(here, root)
			return c
		}
	}
	if elsewhere {
		if root := above(starts[0], here, isMarked); root != "" {
			c.Root = fromHere(here, root)
		}
	}
	return c
}

// specFolder gives the folder of a spec, which is one itself or a file in it.
func specFolder(here, path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(here, path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return filepath.Clean(path)
	}
	return filepath.Dir(path)
}

// within reports whether a folder is another one, or is in it, by their names or where links lead.
func within(outer, inner string) bool {
	inside := func(outer, inner string) bool {
		rel, err := filepath.Rel(outer, inner)
		return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
	}
	if inside(outer, inner) {
		return true
	}
	realOuter, err := filepath.EvalSymlinks(outer)
	if err != nil {
		return false
	}
	realInner, err := filepath.EvalSymlinks(inner)
	return err == nil && inside(realOuter, realInner)
}

// above gives the nearest folder, from start upward, that is as wanted; "" if there is none. Folders in which
// anybody may put anything, as in /tmp, are passed over unless the program runs there.
func above(start, here string, wanted func(dir string) bool) string {
	for dir := start; ; dir = filepath.Dir(dir) {
		if (dir == here || !isEverybodys(dir)) && wanted(dir) {
			return dir
		}
		if isMarked(dir) || dir == filepath.Dir(dir) {
			return ""
		}
	}
}

func isStore(dir string) bool {
	info, err := os.Stat(filepath.Join(dir, DefaultStore))
	return err == nil && info.IsDir()
}

func isMarked(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, projectMark))
	return err == nil
}

func isEverybodys(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode()&fs.ModeSticky != 0 && info.Mode()&0o002 != 0
}

// fromHere names the project as people would: by where it is from here if it is above, else in full. The working
// directory itself is "".
func fromHere(here, root string) string {
	if root == here {
		return ""
	}
	if within(root, here) {
		if rel, err := filepath.Rel(root, here); err == nil && !strings.HasPrefix(rel, "..") {
			return strings.Repeat(".."+string(filepath.Separator), strings.Count(rel, string(filepath.Separator))) + ".."
		}
	}
	return root
}
