package spurion

import (
	"go/parser"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A house is the picture in docs/architecture.md: boxes, each a folder with the folders in it, and arrows
// along which code imports.
type house struct {
	rooms map[string][]string // by the folder of a box: the folders that the box names
	knows map[string][]string // by the folder of a box: those that its arrows lead to
}

var (
	boxes  = regexp.MustCompile(`(?m)^  (\w+)\["<b>([a-z/]+)</b><br/>([^"]*)"\]$`)
	arrows = regexp.MustCompile(`(?m)^  (\w+) --> ([\w &]+)$`)
)

func pictured(t *testing.T) house {
	t.Helper()
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	_, picture, found := strings.Cut(string(text), "```mermaid\n")
	picture, _, closed := strings.Cut(picture, "```")
	if !found || !closed {
		t.Fatal("docs/architecture.md has no picture")
	}
	h := house{map[string][]string{}, map[string][]string{}}
	folders := map[string]string{}
	for _, b := range boxes.FindAllStringSubmatch(picture, -1) {
		folders[b[1]] = b[2]
		h.rooms[b[2]] = strings.Fields(b[3])
		if !strings.Contains(string(text), "\n\n**"+b[2]+"/**") {
			t.Errorf("docs/architecture.md has no paragraph on %s, which begins with its name", b[2])
		}
	}
	for _, a := range arrows.FindAllStringSubmatch(picture, -1) {
		for to := range strings.SplitSeq(a[2], "&") {
			from, to := folders[a[1]], folders[strings.TrimSpace(to)]
			if from == "" || to == "" {
				t.Fatalf("the arrow %q leads from or to no box", a[0])
			}
			h.knows[from] = append(h.knows[from], to)
		}
	}
	return h
}

// box gives the folder of the box in which a package stands: the longest that leads to it.
func (h house) box(folder string) string {
	best := ""
	for b := range h.rooms {
		if under(folder, b) && len(b) > len(best) {
			best = b
		}
	}
	return best
}

// reaches reports whether arrows lead from one box to another.
func (h house) reaches(from, to string) bool {
	return from == to || slices.ContainsFunc(h.knows[from], func(next string) bool { return h.reaches(next, to) })
}

// TestPicture: every folder of code is in the picture, in the box where it stands, and the other way round;
// code imports along arrows alone, and along every arrow.
func TestPicture(t *testing.T) {
	h := pictured(t)
	used, seen := map[[2]string]bool{}, map[string]bool{}
	for _, f := range goFiles(t, parser.ImportsOnly) {
		folder := path.Dir(f.path)
		box := h.box(folder)
		if folder == "." || strings.HasSuffix(folder, "test") || strings.HasSuffix(f.path, "_test.go") || box == "artifacts" && folder == "artifacts/fakedisk" ||
			under(folder, "stages/stagetest") {
			continue // for tests
		}
		if box == "" {
			t.Errorf("%s stands in no box of the picture in docs/architecture.md", folder)
			continue
		}
		if room, _, _ := strings.Cut(strings.TrimPrefix(folder, box+"/"), "/"); folder != box && !slices.Contains(h.rooms[box], room) {
			t.Errorf("%s is not in the picture in docs/architecture.md: add %s to the box %s", folder, room, box)
		}
		seen[folder] = true
		for _, spec := range f.syntax.Imports {
			if own, ok := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), "spurion/"); ok {
				to := h.box(own)
				used[[2]string{box, to}] = true
				if !h.reaches(box, to) {
					t.Errorf("%s imports %s, against the arrows of the picture in docs/architecture.md", f.path, own)
				}
			}
		}
	}
	for box, rooms := range h.rooms {
		for _, room := range rooms {
			_, err := os.Stat(path.Join(box, room))
			if lists := seen[path.Join(box, rooms[0])]; lists && err != nil {
				t.Errorf("the picture in docs/architecture.md has %s in the box %s: %v", room, box, err)
			}
		}
		for _, to := range h.knows[box] {
			if !used[[2]string{box, to}] {
				t.Errorf("the picture in docs/architecture.md has an arrow from %s to %s, but nothing there imports anything of it", box, to)
			}
		}
	}
}
