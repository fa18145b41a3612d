package program_test

import (
	"archive/tar"
	"bytes"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"spurion/stages"
)

// What stands where an output should be and is no file is told as what it is; nothing is waited for or followed.
func TestUnfitOutputs(t *testing.T) {
	c := shell(`mkfifo fifo; mkdir folder real; echo x > real/file; ln -s real/file link; rm -r linked; ln -s real linked; ln -s /dev/zero zero
		ln -s nowhere dangling; echo x > file; rm -r below; echo x > below; mkdir holds; ln -s ../file holds/link; mkdir fifos; mkfifo fifos/f; mkdir fine; echo x > fine/x`)
	c.Collect = []string{"fifo", "folder", "link", "linked/file", "zero", "dangling", "none", "below/file", "real/file"}
	c.Folders = []string{"file", "holds", "fifos", "linked", "fine", "absent"}
	got, err := run(t.Context(), t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Collected) != 2 || string(got.Collected["real/file"]) != "x\n" || got.Collected["fine"] == nil {
		t.Errorf("collected %q", slices.Sorted(maps.Keys(got.Collected)))
	}
	for path, want := range map[string]string{
		"fifo": "is a FIFO", "folder": `format = "folder"`, "link": "is a link", "linked/file": "behind the link linked", "zero": "is a link",
		"dangling": "is a link", "none": "", "below/file": "", "real/file": "",
		"file": `format = "file"`, "holds": "holds/link, which is a link", "fifos": "fifos/f, which is a FIFO", "linked": "is a link", "fine": "", "absent": "",
	} {
		if why := got.Wrong[path]; want == "" && why != "" || !strings.Contains(why, want) {
			t.Errorf("%s: %q, want %q", path, why, want)
		}
	}
}

// A sparse file of terabytes is refused by its size, not read.
func TestSparseOutput(t *testing.T) {
	c := shell(`truncate -s 4T sparse; mkdir f; truncate -s 4T f/sparse`)
	c.Collect, c.Folders = []string{"sparse"}, []string{"f"}
	got, err := run(t.Context(), t.TempDir(), c)
	if err != nil {
		t.Fatal(err)
	}
	if got.Wrong == nil || got.Collected["sparse"] != nil {
		t.Skip("this disk has no sparse files")
	}
	for _, path := range []string{"sparse", "f"} {
		if why := got.Wrong[path]; !strings.Contains(why, "GB") || path == "f" && !strings.Contains(why, "holds f/sparse, which has") {
			t.Errorf("%s: %q", path, got.Wrong[path])
		}
	}
}

// A folder is packed to equal bytes whatever the order and time in which it was written; empty folders, hidden files
// and the right to be executed are kept.
func TestFolder(t *testing.T) {
	const one = `mkdir -p plots/b/empty; echo 1 > plots/1.svg; echo 2 > plots/b/2.svg; echo h > plots/.hidden; echo '#!/bin/sh' > plots/run; chmod 700 plots/run`
	const other = `umask 077; mkdir -p plots/b/empty; echo 'x' > plots/run; echo h > plots/.hidden; echo '#!/bin/sh' > plots/run; chmod 755 plots/run
		echo 2 > plots/b/2.svg; echo 1 > plots/1.svg; touch -d 2001-01-01 plots/1.svg plots`
	var packed [][]byte
	for _, script := range []string{one, other} {
		c := shell(script)
		c.Folders = []string{"plots"}
		got, err := run(t.Context(), t.TempDir(), c)
		if err != nil {
			t.Fatal(err)
		}
		packed = append(packed, got.Collected["plots"])
	}
	if !bytes.Equal(packed[0], packed[1]) {
		t.Error("equal folders are packed differently")
	}
	var names []string
	r := tar.NewReader(bytes.NewReader(packed[0]))
	for {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if h.FileInfo().Mode()&0o100 != 0 && !h.FileInfo().IsDir() {
			h.Name += "*"
		}
		names = append(names, h.Name)
	}
	if got := strings.Join(names, " "); got != ".hidden 1.svg b/ b/2.svg b/empty/ run*" {
		t.Errorf("it holds %s", got)
	}
}

// The folders of what is collected are there already, and an output that is a folder is not; empty folders are laid out.
func TestFoldersMade(t *testing.T) {
	c := shell(`set -e; test -d given; mkdir plots; echo x > plots/1; echo y > deep/er/file; mkdir more/plots`)
	c.Files = map[string]stages.Source{"given/": {}}
	c.Collect, c.Folders = []string{"deep/er/file"}, []string{"plots", "more/plots"}
	got, err := run(t.Context(), t.TempDir(), c)
	if err != nil || got.ExitCode != 0 || len(got.Collected) != 3 {
		t.Errorf("%+v, %v", got, err)
	}
}
