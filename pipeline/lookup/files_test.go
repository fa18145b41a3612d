package lookup

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"spurion/artifacts"
	"spurion/pipeline/plan"
	"spurion/stages"
)

// A large gives a text that is remembered, not hashed whenever it is asked for.
func large(letter string) string { return strings.Repeat(letter, smallFile) }

// put writes a file, and gives it a time.
func put(t *testing.T, path, text string, modified time.Time) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644), os.Chtimes(path, modified, modified))
	if err != nil {
		t.Fatal(err)
	}
}

// reader gives Files with a clock, which know what an earlier one saved, and saves what it learns.
func reader(t *testing.T, folder string, now time.Time, ask func(f *Files)) {
	t.Helper()
	f := NewFiles(filepath.Join(folder, "project"), map[string]string{"data": filepath.Join(folder, "data")})
	f.memory.now = func() time.Time { return now }
	saved := filepath.Join(folder, "digests")
	f.Remember(saved)
	ask(f)
	if err := f.Save(saved); err != nil {
		t.Fatal(err)
	}
}

// A large file is hashed again only if something about it changed; where its times cannot tell, it is hashed.
func TestRemembered(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "data", "x.bin")
	name := stages.External("data", "x.bin")
	later := time.Now().Add(time.Hour)
	put(t, path, large("a"), later.Add(-2*time.Hour))
	sum := func(letter string) plan.Digest { return plan.Digest(artifacts.Sum([]byte(large(letter)))) }
	ask := func(what string, now time.Time, want plan.Digest, known bool) {
		t.Helper()
		reader(t, folder, now, func(f *Files) {
			file, err := f.open(name)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			at, err := stampOf(file)
			if err != nil {
				t.Fatal(err)
			}
			if _, ok := f.memory.digest(f.place(name), at); ok != known {
				t.Errorf("%s: remembered is %v", what, ok)
			}
			if d, err := f.File(name); err != nil || d != want {
				t.Errorf("%s: %v, %v", what, d, err)
			}
		})
	}
	ask("first", later, sum("a"), false)
	ask("again", later, sum("a"), true)
	ask("the clock was moved back", later.Add(-time.Minute), sum("a"), false)
	ask("and is right again", later.Add(time.Hour), sum("a"), true)

	put(t, path, large("b"), later.Add(-2*time.Hour)) // same size, same time
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	at, err := stampOf(file)
	file.Close()
	if err != nil || at.Changed == 0 {
		t.Skip("this disk does not tell when an inode changed")
	}
	ask("changed, with its old time", later.Add(2*time.Hour), sum("b"), false)
}

// A file that changed just before it was read, by its disk's clock or by ours, is hashed the next time too: it may
// change again and keep its time.
func TestRacilyClean(t *testing.T) {
	for what, modified := range map[string]time.Duration{"now": 0, "a second ago": -time.Second, "in the future": time.Hour} {
		now := time.Now()
		folder := t.TempDir()
		path := filepath.Join(folder, "project", "x.bin")
		put(t, path, large("a"), now.Add(modified))
		if modified < 0 {
			now = now.Add(10 * time.Minute) // only the file's own time is near
			put(t, path, large("a"), now.Add(modified))
		}
		reader(t, folder, now, func(f *Files) {
			if _, err := f.File("x.bin"); err != nil {
				t.Fatal(err)
			}
			if len(f.memory.files) > 0 {
				t.Errorf("modified %s: it is remembered", what)
			}
			put(t, path, large("b"), now.Add(modified))
			if d, err := f.Recheck("x.bin"); err != nil || d != plan.Digest(artifacts.Sum([]byte(large("b")))) {
				t.Errorf("modified %s: a change is not seen: %v, %v", what, d, err)
			}
		})
	}
}

// Small files are hashed each time; a damaged memory is an empty one.
func TestMemory(t *testing.T) {
	folder := t.TempDir()
	put(t, filepath.Join(folder, "project", "small"), "x", time.Now().Add(-time.Hour))
	put(t, filepath.Join(folder, "project", "large"), large("a"), time.Now().Add(-time.Hour))
	now := time.Now().Add(time.Hour)
	both := func(f *Files) {
		for _, name := range []string{"small", "large"} {
			if _, err := f.File(name); err != nil {
				t.Fatal(err)
			}
		}
	}
	reader(t, folder, now, both)
	saved := filepath.Join(folder, "digests")
	data, err := os.ReadFile(saved)
	if err != nil || strings.Contains(string(data), "small") || !strings.Contains(string(data), "large") {
		t.Fatalf("%s, %v", data, err)
	}
	for i := 0; i < len(data); i += 7 {
		broken := append([]byte(nil), data...)
		broken[i] ^= 1
		m := newMemory(func() time.Time { return now })
		if err := os.WriteFile(saved, broken, 0o644); err != nil {
			t.Fatal(err)
		}
		if m.load(saved); len(m.files) > 0 {
			t.Errorf("with another bit at %d it is believed: %v", i, m.files)
		}
	}
	reader(t, folder, now, both) // mended
	m := newMemory(time.Now)
	if m.load(saved); len(m.files) != 1 {
		t.Errorf("afterwards it holds %v", m.files)
	}
}

// A data root's files are read wherever its links lead; FIFOs and folders are errors, not waited for.
func TestDataRoot(t *testing.T) {
	folder := t.TempDir()
	elsewhere := filepath.Join(t.TempDir(), "x")
	put(t, elsewhere, "far", time.Now())
	put(t, filepath.Join(folder, "data", "sub", "y"), "near", time.Now())
	if err := os.Symlink(elsewhere, filepath.Join(folder, "data", "link")); err != nil {
		t.Skip(err)
	}
	reader(t, folder, time.Now(), func(f *Files) {
		for name, text := range map[string]string{"link": "far", "sub/y": "near"} {
			if d, err := f.File(stages.External("data", name)); err != nil || d != plan.Digest(artifacts.Sum([]byte(text))) {
				t.Errorf("%s: %v, %v", name, d, err)
			}
		}
		for name, want := range map[string]string{"sub": "data/sub: it is not a regular file", "none": "data/none"} {
			if _, err := f.File(stages.External("data", name)); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := f.File(stages.External("other", "x")); err == nil || !strings.Contains(err.Error(), "--data-root other=PATH") {
			t.Error(err)
		}
	})
}

// What is copied into a file is read back for its digest.
func TestCopyFile(t *testing.T) {
	folder := t.TempDir()
	put(t, filepath.Join(folder, "project", "x"), large("a")+"b", time.Now())
	to, err := os.Create(filepath.Join(folder, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	reader(t, folder, time.Now(), func(f *Files) {
		if d, err := f.CopyFile("x", to); err != nil || d != plan.Digest(artifacts.Sum([]byte(large("a")+"b"))) {
			t.Errorf("%v, %v", d, err)
		}
	})
	if data, err := os.ReadFile(to.Name()); err != nil || string(data) != large("a")+"b" {
		t.Errorf("%d bytes are copied, %v", len(data), err)
	}
}

// A file that is read in pieces is open: who reads it sees it as it is, and Recheck what became of it.
func TestOpenFile(t *testing.T) {
	folder := t.TempDir()
	at := filepath.Join(folder, "project", "x")
	put(t, at, large("a")+"b", time.Now())
	reader(t, folder, time.Now(), func(f *Files) {
		before, err := f.File("x")
		if err != nil {
			t.Fatal(err)
		}
		file, err := f.OpenFile("x")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		end := make([]byte, 2)
		if _, err := file.ReadAt(end, file.Size()-2); err != nil || string(end) != "ab" {
			t.Errorf("the end is %q, %v", end, err)
		}
		put(t, at, large("c")+"d", time.Now().Add(time.Hour))
		if after, err := f.Recheck("x"); err != nil || after == before {
			t.Errorf("a file that changed is told as %v, %v", after, err)
		}
		if _, err := f.OpenFile("../y"); err == nil {
			t.Error("a path out of the project is opened")
		}
	})
}
