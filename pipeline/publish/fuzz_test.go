package publish

import (
	"encoding/json"
	"path"
	"path/filepath"
	"reflect"
	"testing"
)

// FuzzIndex: whatever index.json holds, no entry names a file outside the folder or in a folder that is not ours, and
// what is written is read back.
func FuzzIndex(f *testing.F) {
	for _, text := range []string{
		`{"format_version": 1, "files": [{"path": "tables/a.parquet", "rows": 3}]}`, `{"format_version": 1, "files": [{"path": "../x"}, {"path": "/x"}, {"path": "tables/../../x"}]}`,
		`{"format_version": 1, "files": [{"path": "claims.parquet"}, {"path": "tables/"}, {"path": "tables/./a"}]}`, `{"format_version": 99}`, `{}`, `[]`, ``, `{"files": null`,
		`{"format_version": 1, "files": [{"path": "tables\\..\\x", "columns": [{"name": "a"}]}]}`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		x := decodeIndex(data)
		for _, e := range x.Files {
			if !filepath.IsLocal(filepath.FromSlash(e.Path)) || path.Clean(e.Path) != e.Path {
				t.Errorf("%q lies outside", e.Path)
			}
		}
		if x.FormatVersion != IndexVersion {
			return
		}
		again, err := json.Marshal(x)
		if err != nil {
			t.Fatal(err)
		}
		y := decodeIndex(again)
		if once, _ := json.Marshal(y); !reflect.DeepEqual(once, again) {
			t.Errorf("%s becomes %s", again, once)
		}
	})
}
