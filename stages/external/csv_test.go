package external

import (
	"fmt"
	"strings"
	"testing"

	"spurion/artifacts/frame"
)

// read reads CSV as an output that is declared in JSON.
func read(t *testing.T, declaration, text string) (*frame.Table, error) {
	t.Helper()
	return decoded(t, `"format": "csv"`, declaration).read([]byte(text))
}

// describe gives a table as "name type values", a null as "-".
func describe(t *frame.Table) string {
	var list []string
	for i := range t.Columns {
		c := &t.Columns[i]
		text := c.Name + " " + c.Type.String()
		if c.Unit != "" {
			text += " in " + c.Unit
		}
		for row := range c.Len() {
			if c.Null(row) {
				text += " -"
				continue
			}
			text += fmt.Sprintf(" %v", c.Value(row))
		}
		list = append(list, text)
	}
	return strings.Join(list, "; ")
}

// What programs write is read as what it is; where one text could mean two things, it is refused with what to declare.
func TestCSV(t *testing.T) {
	for _, c := range []struct{ name, declaration, text, want string }{
		{"whole", ``, "a\n1\n-2\n", "a int64 1 -2"},
		{"fractions", ``, "a\n1\n2.5\n", "a float64 1 2.5"},
		{"scientific", ``, "a\n1E-5\n2.5e+2\n", "a float64 1e-05 250"},
		{"short", ``, "a,b\n.5,5.\n", "a float64 0.5; b float64 5"},
		{"plus", ``, "a,n\n+1,+0.5\n", "a int64 1; n float64 0.5"},
		{"spaces", ``, "a,n\n1, 2\n", "a int64 1; n int64 2"},
		{"more digits than a whole number has, declared", `"columns": {"a": {"type": "float64"}, "b": {"type": "string"}}`, "a,b\n99999999999999999999,99999999999999999999\n", "a float64 1e+20; b string 99999999999999999999"},
		{"a large number that is a fraction", ``, "a,b\n1e20,100000000000000000000\n0.5,0.5\n", "a float64 1e+20 0.5; b float64 1e+20 0.5"},
		{"large numbers in spaces", ``, "a\n  9007199254740993\n+9223372036854775807\n", "a int64 9007199254740993 9223372036854775807"},
		{"thousands", ``, "a,b,c\n\"1,000\",1 000,1'000\n", "a string 1,000; b string 1 000; c string 1'000"},
		{"large whole numbers written otherwise", `"columns": {"n": {"type": "int64"}}`, "n\n9007199254740993.0\n9.223372036854775807E18\n-00.50e1\n0e-999\n1200e-2\n", "n int64 9007199254740993 9223372036854775807 -5 0 12"},
		{"the largest whole number", ``, "a\n9223372036854775807\n", "a int64 9223372036854775807"},
		{"a missing number", ``, "a\n\"\"\n1\n", "a int64 - 1"},
		{"truth", ``, "a,n\nTrue,FALSE\nfalse,TRUE\n", "a bool true false; n bool false true"},
		{"numbers and truth", ``, "a\n1\ntrue\n", "a string 1 true"},
		{"nothing", ``, "a\n\"\"\n", "a string -"},
		{"no rows", ``, "a,b\n", "a string; b string"},
		{"hexadecimal", ``, "a\n0x10\n", "a string 0x10"},
		{"underscores", ``, "a\n1_000\n", "a string 1_000"},
		{"percent", ``, "a\n50%\n", "a string 50%"},
		{"date", ``, "day\n2026-01-01\n", "day string 2026-01-01"},
		{"half an exponent", ``, "a\n1e\n", "a string 1e"},
		{"leading zeros", ``, "code,n\n007,1\n042,2\n", "code string 007 042; n int64 1 2"},
		{"zero", ``, "a,b\n0,0.5\n-0,-0.5\n", "a int64 0 0; b float64 0.5 -0.5"},
		{"leading zeros, declared", `"columns": {"code": {"type": "int64"}}`, "code\n007\n", "code int64 7"},
		{"text, declared", `"columns": {"code": {"type": "string"}}`, "code\n7\n", "code string 7"},
		{"mark of byte order, carriage returns", ``, "\ufeffa\r\n1\r\n", "a int64 1"},
		{"text at last", ``, "a\n" + strings.Repeat("1\n", 3) + "n.a.\n", "a string 1 1 1 n.a."},
		{"words alone", ``, "method\nnone\n", "method string none"},
		{"null", `"null": ["NA", "nan"]`, "acc,n\nNA,nan\n0.5,2\n", "acc float64 - 0.5; n int64 - 2"},
		{"all null", `"null": ["NA"]`, "acc\nNA\n", "acc string -"},
		{"null and empty", `"null": ["NA"]`, "acc,n\nNA,1\n,2\n", "acc string - -; n int64 1 2"},
		{"semicolon", `"separator": ";"`, "acc;n\n0,5;1\n", "acc string 0,5; n int64 1"},
		{"tab", `"separator": "\t"`, "acc\tn\n1\t2\n", "acc int64 1; n int64 2"},
		{"bar", `"separator": "|"`, "a|b\n1|x,y\n", "a int64 1; b string x,y"},
		{"renamed", `"columns": {"learned": {"from": "Learned/Step", "type": "float64", "unit": "steps"}}`,
			"Learned/Step,n\n5,1\n", "learned float64 in steps 5; n int64 1"},
		{"one type in each instance", `"columns": {"slope": {"type": "float64"}}`, "n,slope\n5,2\n", "n int64 5; slope float64 2"},
		{"an empty column with a type", `"columns": {"slope": {"type": "float64"}}`, "n,slope\n5,\n", "n int64 5; slope float64 -"},
		{"no rows with a type", `"columns": {"slope": {"type": "float64"}}`, "n,slope\n", "n string; slope float64"},
		{"whole numbers written otherwise", `"columns": {"n": {"type": "int64"}}`, "n\n1e3\n12.0\n", "n int64 1000 12"},
		{"small types", `"columns": {"a": {"type": "int8"}, "b": {"type": "float32"}, "c": {"type": "bool"}}`, "a,b,c\n-128,0.1,TRUE\n", "a int8 -128; b float32 0.1; c bool true"},
		{"dropped", `"undeclared": "drop", "columns": {"a": {}}`, "a,B/c,B/c,\n1,2,3,4\n", "a int64 1"},
		{"index of pandas", ``, ",acc\n0,0.5\n1,0.6\n", "acc float64 0.5 0.6"},
		{"index of R", ``, "\"\",\"acc\"\n\"1\",0.5\n\"2\",0.6\n", "acc float64 0.5 0.6"},
		{"index of pandas, written twice", ``, "Unnamed: 0,acc\n0,0.5\n", "acc float64 0.5"},
		{"separator at the end", ``, "acc,n,\n1,2,\n", "acc int64 1; n int64 2"},
		{"named index", `"columns": {"id": {"from": ""}}`, ",acc\n7,0.5\n", "id int64 7; acc float64 0.5"},
		{"blank lines", ``, "a,n\n1,2\n\n3,4\n\n", "a int64 1 3; n int64 2 4"},
		{"blank lines at the end", ``, "a\r\n1\r\n\r\n\r\n", "a int64 1"},
		{"no value in one column", ``, "a\n1\n\"\"\n3\n", "a int64 1 - 3"},
		{"a return in a text", ``, "a\n\rb\n", "a string \rb"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, c.declaration, c.text)
			if err != nil {
				t.Fatal(err)
			}
			if describe(got) != c.want {
				t.Errorf("%s\nwant %s", describe(got), c.want)
			}
			if index := strings.HasPrefix(c.name, "index"); (got.Meta[frame.NoteKey] != "") != index {
				t.Errorf("its note is %q", got.Meta[frame.NoteKey])
			}
			if err := got.Check(nil); err != nil {
				t.Error(err)
			}
		})
	}
}

// What cannot be read is refused with the place, and with what to declare where that would help.
func TestRefusedCSV(t *testing.T) {
	for _, c := range []struct {
		name, declaration, text string
		want                    []string
	}{
		{"empty", ``, "", []string{"the first line names the columns"}},
		{"UTF-16", ``, "\xff\xfea\x00\n\x00", []string{"UTF-16", "UTF-8"}},
		{"Latin 1", ``, "a\n\xe4\n", []string{"is not UTF-8"}},
		{"ragged", ``, "a,n\n1,2,3\n4\n", []string{"line 2 has 3 fields, and the first names 2 columns"}},
		{"a row or none", ``, "a\n1\n\n\n3\n", []string{"blank line stands before line 5"}},
		{"a row or none, at first", ``, "a\r\n\r\n1\r\n", []string{"blank line stands before line 3"}},
		{"a comment", ``, "# made by x\nacc,n\n1,2\n", []string{`a comment, "# made by x"`}},
		{"NA", ``, "acc,n\n0.5,1\nNA,2\n", []string{"column acc, line 3", `null = ["NA"]`, `acc = { type = "string" }`}},
		{"NaN", ``, "a\nnan\n1\n", []string{"line 2", `null = ["nan"]`}},
		{"infinite", ``, "a\n1\ninf\n", []string{"line 3", `null = ["inf"]`}},
		{"missing truth", ``, "a\ntrue\nNone\n", []string{"among true and false", `null = ["None"]`}},
		{"infinite, declared", `"columns": {"a": {"type": "float64"}}`, "a\ninf\n", []string{"column a, line 2", `null = ["inf"]`}},
		{"too large", ``, "a\n1e999\n", []string{"column a, line 2", "float64"}},
		{"capitals", ``, "Acc,N_Steps\n1,2\n", []string{`columns = { acc = { from = "Acc" }, n_steps = { from = "N_Steps" } }`}},
		{"slashes", ``, "val/loss,valAcc,top-1\n1,2,3\n", []string{`val_loss = { from = "val/loss" }, val_acc = { from = "valAcc" }, top_1 = { from = "top-1" }`}},
		{"equal suggestions", ``, "A,a b,a_b\n1,2,3\n", []string{`a = { from = "A" }, a_b_2 = { from = "a b" }`}},
		{"capitals beside small letters", ``, "loss,Loss,LOSS\n1,2,3\n", []string{`columns = { loss_2 = { from = "Loss" }, loss_3 = { from = "LOSS" } }`}},
		{"what a spec would compute", ``, "\"a ${x} %{y} $ \"\"\\\"\n1\n", []string{`{ from = "a $${x} %%{y} $ \"\\" }`}},
		{"no header", ``, "1,0.5\n2,0.25\n", []string{`column_1 = { from = "1" }`, "if the first line is a row already, write one with the columns' names before it"}},
		{"digits first", ``, "1st,*\n1,2\n", []string{`column_1st = { from = "1st" }, column = { from = "*" }`}},
		{"other separator", ``, "acc;n\n1;2\n", []string{`separator = ";"`}},
		{"twice", ``, "acc,acc\n1,2\n", []string{`2 columns are called "acc"`}},
		{"twice, declared", `"columns": {"b": {"from": "acc"}}`, "acc,acc\n1,2\n", []string{`2 columns are called "acc"`}},
		{"taken", `"columns": {"b": {"from": "acc"}}`, "acc,b\n1,2\n", []string{`column "b"`, "declare another"}},
		{"missing", `"columns": {"b": {"from": "Acc"}}`, "acc,n\n1,2\n", []string{`no column "Acc"`, `"acc", "n"`}},
		{"not an index", ``, ",acc\n0,0.5\n2,0.6\n", []string{`id = { from = "" }`, "index=False"}},
		{"holes in an index", ``, ",acc\n0,0.5\n,0.6\n", []string{"has no name"}},
		{"no number", `"columns": {"a": {"type": "int64"}}`, "a,b\n1,x\n1.5,y\n", []string{"column a, line 3", `"1.5" is no whole number`}},
		{"NA, declared", `"columns": {"a": {"type": "int64"}}`, "a\nNA\n", []string{`null = ["NA"]`}},
		{"beyond int8", `"columns": {"a": {"type": "int8"}}`, "a\n128\n", []string{"too large for int8"}},
		{"beyond int8, written otherwise", `"columns": {"a": {"type": "int8"}}`, "a\n1e3\n", []string{"too large for int8"}},
		{"beyond int64, written otherwise", `"columns": {"a": {"type": "int64"}}`, "a\n1e20\n", []string{"too large for int64"}},
		{"beyond int64", ``, "a,b\n1,2\n-9223372036854775809,3\n", []string{"column a, line 3: -9223372036854775809 is a whole number beyond int64", `columns = { a = { type = "string" } }`, `type = "float64" to round it`}},
		{"a whole number that no fraction is equal to", ``, "a\n0.5\n9007199254740993\n", []string{"column a, line 3: 9007199254740993 stands among fractions, and no float64 is equal to it", `type = "string"`}},
		{"hundreds of digits", ``, "a\n" + strings.Repeat("9", 400) + "\n", []string{"9999... is a whole number beyond int64"}},
		{"nearly whole", `"columns": {"a": {"type": "int64"}}`, "a\n9007199254740992.5\n", []string{"is no whole number"}},
		{"nearly nothing", `"columns": {"a": {"type": "int64"}}`, "a\n1e-400\n", []string{"is no whole number"}},
		{"a quote in a field", ``, "size,n\n1,2\n5\" disk,1\n", []string{`line 3: a quote (")`, "in quotes"}},
		{"a quote without an end", ``, "size,n\n\"5,2\n3,1\n", []string{`a field in quotes, whose record begins in line 2`}},
		{"a quote in quotes", ``, "size,n\n\"5\" disk\",2\n", []string{`line 2: a field in quotes has a quote`}},
		{"carriage returns", ``, "a,b\r1,2\r", []string{"carriage return alone"}},
		{"UTF-16 without a mark", ``, "a\x00,\x00b\x00\n\x001\x00,\x002\x00", []string{"zero bytes", "UTF-16"}},
		{"HTML", ``, "<!DOCTYPE html>\n", []string{"HTML"}},
		{"a line of Excel", ``, "sep=;\na;b\n1;2\n", []string{"as Excel has it"}},
		{"spaces", ``, "a b\n1 2\n", []string{`a_b = { from = "a b" }`, `separator = " "`}},
		{"Latin 1, where", ``, "a\nx\n\xe4\n", []string{"line 3 is not UTF-8"}},
		{"one field too few", ``, "a,n\n1\n", []string{"line 2 has 1 field, and the first names 2 columns"}},
		{"thrice", ``, "a,a,a\n1,2,3\n", []string{`3 columns are called "a": give each a name`, `undeclared = "drop"`}},
		{"an index and a column without a name", ``, ",,a\n0,5,1\n1,7,2\n", []string{`has no name ("")`}},
		{"JSON", ``, "{\"a\": 1}\n", []string{"the file is JSON", `format = "file"`}},
		{"a list in JSON", ``, "[\n{\"a\": 1}\n]\n", []string{"the file is JSON"}},
		{"Parquet", ``, "PAR1\x00", []string{"the file is Parquet", `format = "parquet"`}},
		{"a workbook", ``, "PK\x03\x04\x00", []string{"a ZIP archive", ".xlsx"}},
		{"no truth", `"columns": {"a": {"type": "bool"}}`, "a\nyes\n", []string{"neither true nor false"}},
		{"lines of fields", ``, "b,a\n\"1\n\n2\",3\nx,NA\n", []string{"column a, line 5"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := read(t, c.declaration, c.text)
			if err == nil {
				t.Fatalf("it is read: %s", describe(got))
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
		})
	}
}

// Equal texts give equal tables, whatever is declared, and what is read can be stored.
func FuzzCSV(f *testing.F) {
	for _, s := range []string{"a,b\n1,x\n", "a\n\"\n", "", "a\n\"\"\n", "a,a\n1,2\n", "x\n1e999\n", "a\n1e\n", "a\n-\n", ",b\n0,1\n", "a;b\n007;NA\n", "a\n\x00\n", "A/b,c\n1,\n"} {
		for _, types := range []string{"", "int8", "float64", "string"} {
			f.Add([]byte(s), "A/b", types, ";", "NA")
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, from, typed, separator, null string) {
		file := File{Format: "csv", Columns: map[string]Column{}, Null: &[]string{null}}
		if typed != "" {
			file.Columns["declared"] = Column{From: &from, Type: typed}
		}
		if separator != "" {
			file.Separator = &separator
		}
		if len(file.check("output.a")) > 0 {
			return
		}
		got, err := file.read(data)
		again, err2 := file.read(data)
		if (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
			t.Fatalf("%v, and then %v", err, err2)
		}
		if err != nil {
			return
		}
		if !frame.Equal(got, again) {
			t.Errorf("%s, and then %s", describe(got), describe(again))
		}
		if err := got.Check(nil); err != nil {
			t.Error(err)
		}
		for i := range got.Columns {
			if c := &got.Columns[i]; c.Len() != got.Rows() {
				t.Errorf("column %d has %d rows of %d", i, c.Len(), got.Rows())
			}
		}
	})
}
