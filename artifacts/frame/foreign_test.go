package frame

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// foreign is a folder of Parquet and Arrow files that other programs wrote, made by .ci/handoff with their newest
// releases. Those in testdata were made by foreign_seeds.py there.
var foreign = flag.String("foreign", "testdata/foreign", "read the Parquet and Arrow files in this `folder`")

// TestForeign reads each file and compares it with the NAME.json beside it: its columns' types, units and values,
// or a part of the error that must come.
func TestForeign(t *testing.T) {
	for _, name := range tableFiles(t, *foreign) {
		t.Run(filepath.Base(name), func(t *testing.T) {
			data, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(strings.TrimSuffix(name, filepath.Ext(name)) + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var want struct {
				Error   []string
				Types   map[string]string
				Columns map[string][]json.RawMessage
				Order   []string
				Units   map[string]string
			}
			if err := json.Unmarshal(text, &want); err != nil {
				t.Fatal(err)
			}
			table, err := Decode(data)
			if want.Error != nil {
				wantError(t, err, want.Error...)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(table.Columns) != len(want.Order) {
				t.Fatalf("%d columns, want %q", len(table.Columns), want.Order)
			}
			for i, name := range want.Order {
				c := &table.Columns[i]
				if c.Name != name || c.Type.String() != want.Types[name] || c.Unit != want.Units[name] {
					t.Errorf("column %d is %s: %v in %q, want %s: %s in %q", i, c.Name, c.Type, c.Unit, name, want.Types[name], want.Units[name])
					continue
				}
				compareJSON(t, c, want.Columns[name])
			}
			again, err := Decode(encode(t, table))
			if err != nil {
				t.Fatalf("it does not go round: %v", err)
			}
			sameTable(t, again, table)
		})
	}
}

// tableFiles lists the files of Parquet and Arrow in a folder.
func tableFiles(t testing.TB, folder string) (names []string) {
	t.Helper()
	for _, pattern := range []string{"*.parquet", "*.arrow", "*.arrows"} {
		found, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	if len(names) == 0 {
		t.Fatalf("no files in %s", folder)
	}
	return names
}

// compareJSON compares values as JSON values, which is how Python wrote them.
func compareJSON(t *testing.T, c *Column, want []json.RawMessage) {
	t.Helper()
	if c.Len() != len(want) {
		t.Errorf("column %s has %d rows, want %d", c.Name, c.Len(), len(want))
		return
	}
	for row := range c.Len() {
		text := string(want[row])
		switch {
		case text == "null" || c.Null(row):
			if text != "null" || !c.Null(row) {
				t.Errorf("column %s, row %d: %v, want %s", c.Name, row, c.Value(row), text)
			}
		case c.Type == String || c.Type.IsTime():
			var s string
			if err := json.Unmarshal(want[row], &s); err != nil || s != c.Text(row) {
				t.Errorf("column %s, row %d: %q, want %s", c.Name, row, c.Text(row), text)
			}
		case c.Type == Int64 || c.Type == Int8 || c.Type == Bool:
			if c.Text(row) != text {
				t.Errorf("column %s, row %d: %s, want %s", c.Name, row, c.Text(row), text)
			}
		default:
			var got, wanted any
			if json.Unmarshal([]byte(c.Text(row)), &got) != nil || json.Unmarshal(want[row], &wanted) != nil {
				t.Errorf("column %s, row %d: %s, want %s", c.Name, row, c.Text(row), text)
				continue
			}
			a, _ := json.Marshal(got)
			b, _ := json.Marshal(wanted)
			if string(a) != string(b) {
				t.Errorf("column %s, row %d: %s, want %s", c.Name, row, a, b)
			}
		}
	}
}
