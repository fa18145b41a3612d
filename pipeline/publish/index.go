package publish

import (
	"bytes"
	"encoding/json"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"spurion/artifacts/frame"
)

// IndexVersion is the version of index.json's schema: it is raised when a member changes its
// meaning or goes, not when one is added.
const IndexVersion = 1

// Index is index.json: what the folder holds, for programs. It says nothing of when or where it was
// made, so that equal experiments give equal files.
type Index struct {
	FormatVersion int               `json:"format_version"`
	Spec          string            `json:"spec"`
	Description   string            `json:"description,omitempty"`
	Program       string            `json:"program,omitempty"`
	Variables     map[string]string `json:"variables,omitempty"` // canonical JSON by name
	Files         []Entry           `json:"files"`
	Absent        []Absent          `json:"absent,omitempty"`
	// Partial says how much there is, where a budget left some for later: "PARTIAL: 5 of 20 seeds".
	Partial string `json:"partial,omitempty"`
}

// An Entry is one file of the folder.
type Entry struct {
	Path   string `json:"path"` // relative to index.json, with forward slashes
	Stage  string `json:"stage,omitempty"`
	Output string `json:"output,omitempty"`
	Doc    string `json:"description,omitempty"`
	Rows   int64  `json:"rows"` // 0 for a file of raw bytes
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
	// Content is the digest of what the file was made from: addresses, keys and blobs of its
	// instances. The file is made again when it differs. It is empty while the file is being made.
	Content string `json:"content"`
	// Tail is the SHA-256 of the file's last 4096 bytes, by which a file that was replaced or cut
	// is found out without reading it all; for a table that is where the offsets of all data are.
	Tail      string `json:"tail_sha256"`
	Instances int    `json:"instances"`
	Missing   int    `json:"missing"` // instances that have no result
	// Lacks says without what instances were made, as that failed: "9 of 10 seeds, 1 failed (seed 3)".
	Lacks string   `json:"lacks,omitempty"`
	Axes  []string `json:"axes,omitempty"`
	// Address is that of the only instance, of a file of raw bytes.
	Address string        `json:"address,omitempty"`
	Columns []IndexColumn `json:"columns,omitempty"`
}

// An IndexColumn is one column of a table.
type IndexColumn struct {
	Name     string `json:"name"`
	Type     string `json:"type"`
	Unit     string `json:"unit,omitempty"`
	Doc      string `json:"description,omitempty"`
	Nullable bool   `json:"nullable,omitempty"`
	Mark     string `json:"mark,omitempty"`
}

func indexColumns(fields []frame.Field) []IndexColumn {
	columns := make([]IndexColumn, len(fields))
	for i, f := range fields {
		columns[i] = IndexColumn{
			Name: f.Name, Type: f.Type.String(), Unit: f.Unit, Doc: f.Doc,
			Nullable: f.Nullable, Mark: string(f.Mark),
		}
	}
	return columns
}

// hide masks what programs may have put into the names and descriptions of columns.
func (x *Index) hide(mask func(string) string) {
	if mask == nil {
		return
	}
	for i := range x.Files {
		e := &x.Files[i]
		e.Columns = slices.Clone(e.Columns)
		for k := range e.Columns {
			c := &e.Columns[k]
			c.Name, c.Unit, c.Doc = mask(c.Name), mask(c.Unit), mask(c.Doc)
		}
	}
}

func (x *Index) encode() ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(x)
	return b.Bytes(), err
}

// decodeIndex reads an earlier index. One of another version, or that is damaged, is as good as
// none; an entry whose path Write could not have chosen is left out, so that no index, however it
// came about, makes Write remove or trust a file that is not its own.
func decodeIndex(data []byte) *Index {
	var x Index
	if err := json.Unmarshal(data, &x); err != nil || x.FormatVersion != IndexVersion {
		return &Index{}
	}
	own := x.Files[:0]
	for _, e := range x.Files {
		if ownPath(e.Path) {
			own = append(own, e)
		}
	}
	x.Files = own
	return &x
}

func ownPath(p string) bool {
	if slices.ContainsFunc(roles, func(r role) bool { return r.path == p }) {
		return true
	}
	folder, rest, ok := strings.Cut(p, "/")
	if !ok || rest == "" || path.Clean(p) != p || !filepath.IsLocal(filepath.FromSlash(p)) {
		return false
	}
	return folder == tablesFolder || folder == figuresFolder || folder == filesFolder
}
