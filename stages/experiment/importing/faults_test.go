package importing

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/jpeg"
	"math"
	"os"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/stagetest"
)

// TestFaults: what is wrong with data is told with its file and row, and nothing is written.
func TestFaults(t *testing.T) {
	csv, _, _, _, _ := birds()
	const columns = `"inputs": {"columns": ["x"]}, "label": {"column": "y"}`
	const named = `{"inputs": {"pictures": "img"}, "label": {"column": "y"}}`
	one := pngOf(t, 4, 4, 0, 0)
	huge := append([]byte{}, one...)
	binary.BigEndian.PutUint32(huge[16:], 60000)
	binary.BigEndian.PutUint32(huge[20:], 60000)
	binary.BigEndian.PutUint32(huge[29:], crc32.ChecksumIEEE(huge[12:29]))
	var jpg bytes.Buffer
	if err := jpeg.Encode(&jpg, image.NewGray(image.Rect(0, 0, 40, 40)), nil); err != nil {
		t.Fatal(err)
	}
	three := npz(t, "x", npy(t, "<f4", []int{3, 2}, []float32{1, 2, 3, 4, 5, 6}), "y", npy(t, "<i8", []int{3}, []int64{0, 1, 0}))
	parquet, arrow := birdsParquet(t, false), birdsArrow(t, false, frame.WriterOptions{Format: frame.ArrowFile})
	stream := birdsArrow(t, false, frame.WriterOptions{Format: frame.ArrowStream, Compression: "zstd"})
	large, err := frame.Encode(&frame.Table{Columns: []frame.Column{frame.Float64s(frame.Field{Name: "x", Doc: "d"}, []float64{1, 1e99, 3}),
		frame.Int64s(frame.Field{Name: "y", Doc: "d"}, []int64{0, 1, 1}), frame.Strings(frame.Field{Name: "s", Doc: "d"}, []string{"train", "train", "trian"})}})
	if err != nil {
		t.Fatal(err)
	}
	const wide, both = `{"inputs": {"columns": ["e*"]}, "label": {"column": "y"}}`, `{"inputs": {"array": "x"}, "label": {"array": "y"}}`
	flat := []float32{1, 2, 3, float32(math.NaN()), 5, float32(math.Inf(1))}
	for _, c := range []struct {
		name, settings string
		in             stagetest.Inputs
		want           []string
	}{
		{"nothing", `{}`, nil, []string{"give files, or from"}},
		{"no such column", `{` + columns + `}`, given("a.csv", "a,b\n1,2\n"), []string{`a.csv has no column "x"; it has "a", "b"`, `a.csv has no column "y"`}},
		{"no columns said", `{"label": {"column": "y"}}`, given("a.csv", csv), []string{`a.csv: say which columns are the inputs, inputs { columns = ["id", "e0"`}},
		{"no columns of many said", `{"label": {"column": "y"}}`, given("a.csv", "m,n,b,v,c,x,z,l,k,j,h,g,f,y\n"+strings.Repeat("1,", 13)+"0\n"),
			[]string{`inputs { columns = ["m", "n", "b", "v", "c", "x", "z", "l", "k", "j", "h", "g"] }, and 1 more column`}},
		{"no numbers, each told", `{` + columns + `}`, given("a.csv", "x,y\na,0\n,1\nnan,0\n1e99,1\n"),
			[]string{"4 faults", `a.csv, line 2, column "x": "a" is no number`, `line 3, column "x": "" is no number: fill it in`, `line 4, column "x": "nan" is not finite`, "line 5", "beyond float32"}},
		{"more faults than are told", `{` + columns + `}`, given("a.csv", "x,y\n"+strings.Repeat("a,0\n", 1224)), []string{"1,224 faults", "and 1,204 more"}},
		{"a label without a value", `{` + columns + `}`, given("a.csv", "x,y\n1,0\n2,\n3,1\n"), []string{"a.csv, line 3: the label has no value"}},
		{"NaN among numbers", `{` + columns + `}`, given("a.csv", "x,y\n1,0\n2,NaN\n3,1\n"), []string{"a.csv, line 3: the label has no value"}},
		{"a measurement", `{` + columns + `}`, given("a.csv", "x,y\n1,0\n2,0.25\n3,1\n"), []string{"the label is a number that is not whole, such as 0.25", "keep"}},
		{"fractions of an array", both, given("a.npz", npz(t, "x", npy(t, "<f4", []int{3, 2}, []float32{1, 2, 3, 4, 5, 6}), "y", npy(t, "<f4", []int{3}, []float32{0, 1.5, 0}))), []string{"not whole, such as 1.5"}},
		{"one class", `{` + columns + `}`, given("a.csv", "x,y\n1,0\n2,0\n"), []string{"one class alone"}},
		{"a class that is not there", `{"inputs": {"columns": ["x"]}, "label": {"column": "y", "keep": {"0": 0, "5": 1}}}`, given("a.csv", "x,y\n1,0\n2,1\n"), []string{`no sample has the label "5"`}},
		{"a class that train lacks", `{` + columns + `, "split": {"column": "s"}}`, given("a.csv", "x,y,s\n1,0,train\n2,0,train\n3,1,test\n"), []string{`no sample of the class "1" is in train, 0 in validation, 1 in test`}},
		{"an unknown split", `{` + columns + `, "split": {"column": "s"}}`, given("a.csv", "x,y,s\n1,0,train\n2,1,fold\n"), []string{`a.csv, line 3: the split is "fold"`, "values"}},
		{"a group that train lacks", `{` + columns + `, "attribute": {"a": {"column": "a"}}, "split": {"column": "s"}, "complete": true}`, given("a.csv", "x,y,a,s\n1,0,0,train\n2,1,1,train\n3,1,0,test\n"),
			[]string{`train has no sample of "1/0"`, `test has no sample of "0/0", "1/1"`}},
		{"a class that test lacks", `{` + columns + `, "split": {"column": "s"}, "complete": true}`, given("a.csv", "x,y,s\n1,0,train\n2,1,train\n3,1,test\n"), []string{`test has no sample of "0", and complete asks for all groups`}},
		{"two groups of one name", `{` + columns + `, "attribute": {"a": {"column": "a"}}}`, given("a.csv", "x,y,a\n1,p,q/r\n2,p/q,r\n"), []string{`import: two groups are called "p/q/r"`, "names = [...]"}},
		{"text in place of numbers", `{"inputs": {"array": "y"}, "label": {"array": "x", "index": 0}}`, given("a.npz", npz(t, "x", npy(t, "<f4", []int{2, 2}, []float32{1, 2, 3, 4}), "y", npy(t, "<U1", []int{2}, []uint32{'a', 'b'}))), []string{"import: a.npz: the values are text, not numbers"}},
		{"no folder", `{"split": {"folder": 3}}`, given("d/a/1.png", one, "d/b/2.png", one), []string{"2 faults", "d/a/1.png: there is no folder for the split", "d/b/2.png: there is no"}},
		{"a fraction of no row", `{` + columns + `, "split": {"fractions": {"train": 0.999, "test": 0.001}}}`, given("a.csv", "x,y\n1,0\n2,1\n3,0\n"), []string{"split.fractions gives test 0.001 of 3 rows, which is none"}},
		{"another name of a pair", `{` + columns + `, "attribute": {"a": {"column": "a"}}, "pairs": {"0": "2"}}`, given("a.csv", "x,y,a\n1,0,0\n2,1,1\n"), []string{`the attribute "2", which there is not`, `pairs lacks the class "1"`}},
		{"too many classes", `{` + columns + `}`, given("a.csv", "x,y\n"+manyLabels(40000)), []string{"40,000 different values", "measurement"}},
		{"a short row", `{` + columns + `}`, given("a.csv", "x,y\n1\n"), []string{"a.csv: line 2 has 1 field"}},
		{"a PNG called CSV", `{` + columns + `}`, given("a.csv", one), []string{"a.csv: the file is a PNG picture, not CSV"}},
		{"a PNG called Parquet", `{` + columns + `}`, given("a.parquet", one), []string{"a.parquet: the file is a PNG picture, not Parquet"}},
		{"a PNG called IDX", `{}`, given("train-images-idx3-ubyte", one), []string{"train-images-idx3-ubyte: the file is a PNG picture, not IDX"}},
		{"a pickle", `{"label": {"array": "y"}}`, given("a.bin", "\x80\x04}q\x00."), []string{"a pickle"}},
		{"a cut table", `{` + columns + `}`, given("a.parquet", birdsParquet(t, false)[:900]), []string{"a.parquet: "}},
		{"a cut array", `{"label": {"file": "y.npy"}}`, given("x.npy", npy(t, "<f4", []int{3, 2}, flat)[:140], "y.npy", npy(t, "<i8", []int{3}, []int64{0, 1, 0})), []string{"x.npy", "cut short"}},
		{"a cut text", `{` + columns + `}`, given("a.csv", "x,y\n1,0\n2,1\n3,\""), []string{"a.csv: line 4", "or no end"}},
		{"a cut zip file", both, given("a.npz", three[:len(three)-30]), []string{"a.npz: ", "cut short or damaged: copy or write it again"}},
		{"a cut IDX", `{}`, given("train-images-idx3-ubyte", idx(bytesOf(60*16, 7), 60, 4, 4)[:500], "train-labels-idx1-ubyte", idx(bytesOf(60, 1), 60)),
			[]string{"import: train-images-idx3-ubyte: byte 16: the header promises 60 x 4 x 4 values", "484 follow. The file was cut short: copy or write it again"}},
		{"a cut batch", `{}`, given("data_batch_1.bin", cifar(20, 3)[:5000]), []string{"data_batch_1.bin: the file has 5000 bytes, no multiple of the 3073", "cut short"}},
		{"cut safetensors", both, given("x.safetensors", "\x40\x00\x00\x00\x00\x00\x00\x00{\"x\":{\"dtype\":\"F32\",\"shape\":[3,2],\"data_offsets\":[0,24]}}"),
			[]string{"x.safetensors: byte 8: the header has 64 bytes", "cut short: copy or write it again"}},
		{"a cut Parquet", wide, given("a.parquet", parquet[:len(parquet)-9]), []string{"a.parquet: ", "PAR1 as Parquet files do: it is cut short"}},
		{"a cut Arrow", wide, given("a.arrow", arrow[:len(arrow)-9]), []string{"a.arrow: ", "it is cut short"}},
		{"a cut stream", wide, given("a.arrows", stream[:len(stream)-9]), []string{"a.arrows: ", "message 1", "it is cut short"}},
		{"a cut JPEG", `{}`, given("d/a/1.jpg", jpg.Bytes(), "d/b/2.jpg", jpg.Bytes()[:300]), []string{"d/b/2.jpg is a JPEG that is cut short: fetch or write it anew"}},
		{"an empty picture", `{}`, given("d/a/1.png", "", "d/b/2.png", one), []string{"d/a/1.png is an empty file: fetch or write it anew"}},
		{"an empty table", `{` + columns + `}`, given("a.csv", ""), []string{"a.csv: the file is empty; the first line names the columns"}},
		{"a table without rows", `{` + columns + `}`, given("a.csv", "x,y\n"), []string{`"a.csv" has no rows`}},
		{"an .npy called .npz", both, given("a.npz", npy(t, "<f4", []int{3, 2}, flat)), []string{"a.npz: the file is a .npy file of numpy, not .npz"}},
		{"Parquet called Arrow", wide, given("a.arrow", parquet), []string{"a.arrow: the file is a Parquet file, not Arrow. Give it the extension of what it is"}},
		{"Arrow called Parquet", wide, given("a.parquet", arrow), []string{"a.parquet: the file is an Arrow file, not Parquet. Give it the extension of what it is"}},
		{"Feather of version 1", wide, given("a.feather", "FEA1\x00\x00\x00\x00"), []string{"a.feather: the file is a Feather file of version 1", "Write it again as version 2"}},
		{"a pointer of Git LFS", wide, given("a.parquet", "version https://git-lfs.github.com/spec/v1\noid"), []string{"a.parquet: ", "git lfs pull"}},
		{"a GIF beside pictures", named, given("t.csv", "img,y\na.png,0\n", "a.png", one, "b.gif", "GIF89a and so on"), []string{"b.gif: the file is a GIF picture. Give tables, array files, or pictures that are PNG, JPEG or WebP: name these in files"}},
		{"a web page", `{` + columns + `}`, given("a.csv", "<!DOCTYPE html>\n<html>404"), []string{"a.csv: the file is a web page, not CSV", "download it again"}},
		{"another mark of IDX", `{}`, given("train-images-idx3-ubyte", append([]byte{0, 1, 8, 3}, make([]byte, 100)...), "train-labels-idx1-ubyte", idx(bytesOf(60, 1), 60)),
			[]string{"import: train-images-idx3-ubyte: byte 0: the file begins with 00 01, where IDX has two zeros", "copy or write it again"}},
		{"another mark of .npy", `{"label": {"file": "y.npy"}}`, given("x.npy", "\x93NUMPX\x01\x00"+string(make([]byte, 100)), "y.npy", npy(t, "<i8", []int{3}, []int64{0, 1, 0})),
			[]string{"x.npy: byte 0: it does not begin with the mark of .npy", "copy or write it again"}},
		{"a promise of an array", `{"label": {"file": "y.npy"}}`, given("x.npy", npy(t, "<f4", []int{3000000, 2000000}, flat), "y.npy", npy(t, "<i8", []int{3}, []int64{0, 1, 0})),
			[]string{"x.npy: byte 128: the header promises 3000000 x 2000000 values", "24 follow"}},
		{"NaN in a column", `{"inputs": {"columns": ["when"]}, "label": {"column": "step"}}`, given("a.parquet", foreign(t, "refused-nan.parquet")), []string{"a.parquet: ", "column when, row 1: NaN", "write null"}},
		{"NaN in Arrow", `{"inputs": {"columns": ["when"]}, "label": {"column": "when"}}`, given("a.arrow", foreign(t, "arrow-refused-nan.arrow")), []string{"a.arrow: ", "column when, row 1: NaN", "write null"}},
		{"numbers that are not finite", `{"inputs": {"file": "x.npy"}, "label": {"file": "y.npy"}}`, given("x.npy", npy(t, "<f4", []int{3, 2}, flat), "y.npy", npy(t, "<i8", []int{3}, []int64{0, 1, 0})),
			[]string{"x.npy: row 1, column 1: the value is NaN", "x.npy: row 2, column 1: the value is an infinity"}},
		{"other rows", `{"inputs": {"file": "x.npy"}, "label": {"file": "y.npy"}}`, given("x.npy", npy(t, "<f4", []int{3, 2}, flat), "y.npy", npy(t, "<i8", []int{2}, []int64{0, 1})), []string{"the label: y.npy has 2 rows, and x.npy 3 rows"}},
		{"arrays without a choice", `{"label": {"array": "y"}}`, given("a.npz", npz(t, "a", npy(t, "<f4", []int{3, 2}, flat), "b", npy(t, "<f4", []int{3, 2}, flat))), []string{"say which array", `"a" (float32 of [3, 2])`}},
		{"no such array", `{"inputs": {"array": "x"}, "label": {"array": "y"}}`, given("a.npz", npz(t, "a", npy(t, "<f4", []int{3, 2}, flat))), []string{`a.npz has no array "x"`}},
		{"no label", `{}`, given("a.npz", npz(t, "a", npy(t, "<f4", []int{3, 2}, flat))), []string{"say what the label is"}},
		{"labels of another length in one file", `{"inputs": {"array": "x"}, "label": {"array": "y"}}`, given("a.npz", npz(t, "x", npy(t, "<f4", []int{3, 2}, flat), "y", npy(t, "<i8", []int{2}, []int64{0, 1}))),
			[]string{`the label: array "y" of a.npz has 2 rows, and array "x" of a.npz 3 rows: they stand beside each other`}},
		{"columns of one name", `{"inputs": {"columns": ["x*"]}, "label": {"column": "y"}}`, given("a.csv", "x1,x2,x1,y\n1,2,3,0\n1,2,3,1\n"), []string{`import: a.csv has several columns called "x1": give each a name of its own`}},
		{"many files of few formats", `{"label": {"array": "y"}}`, given("a.npz", npz(t, "a", npy(t, "<f4", []int{3, 2}, flat)), "b.npy", npy(t, "<f4", []int{3, 2}, flat), "c.png", one, "d.png", one, "e.png", one),
			[]string{"2 faults", "b.npy is npy, and a.npz npz: say which files", "c.png and 2 other files are pictures, and a.npz npz: say which files"}},
		{"two formats", `{"label": {"array": "y"}}`, given("a.npz", npz(t, "a", npy(t, "<f4", []int{3, 2}, flat)), "b.npy", npy(t, "<f4", []int{3, 2}, flat)), []string{"say which files hold the inputs"}},
		{"rows, labels and splits", `{` + columns + `, "attribute": {"a": {"column": "a"}}, "split": {"column": "s"}}`, given("a.csv", "x,y,a,s\nq,0,0,train\n2,,0,train\n3,1,,train\n4,1,1,trian\n5,1,1,train\n"),
			[]string{"4 faults", `a.csv, line 2, column "x": "q" is no number`, "a.csv, line 3: the label has no value", "a.csv, line 4: the attribute a has no value", `a.csv, line 5: the split is "trian"`}},
		{"numbers and splits of Parquet", `{` + columns + `, "split": {"column": "s"}}`, given("a.parquet", large),
			[]string{"2 faults", `a.parquet, row 1, column "x": 1e+99 is beyond float32`, `a.parquet, row 2: the split is "trian"`}},
		{"a table and its pictures", named, given("d/m.csv", "img,y\na.png,0\nb.png,1\nc.png,\ne.png,1\nf.png,0\n", "d/a.png", one[:len(one)-20], "d/c.png", one, "d/e.png", one, "d/f.png", pngOf(t, 4, 5, 0, 0)),
			[]string{"4 faults", `d/m.csv, line 3: there is no picture "d/b.png"`, "d/m.csv, line 4: the label has no value", "d/a.png is a damaged PNG", "d/f.png is 3 x 5 x 4"}},
		{"a missing picture and folders", `{"inputs": {"pictures": "img"}, "label": {"folder": 1}}`, given("m.csv", "img\na/1.png\nb/2.png\n", "a/1.png", one), []string{`m.csv, line 3: there is no picture "b/2.png" among the files`}},
		{"no picture can be read", `{}`, given("d/a/1.png", "hello", "d/b/2.png", one[:len(one)-20]), []string{"2 faults", "d/a/1.png is text", "d/b/2.png is a damaged PNG"}},
		{"a missing picture", named, given("d/m.csv", "img,y\na.png,0\nb.png,1\n", "d/a.png", one), []string{`d/m.csv, line 3: there is no picture "d/b.png" among the files`}},
		{"a picture out of its folder", named, given("d/m.csv", "img,y\n../a.png,0\n/etc/passwd,1\n", "a.png", one), []string{`line 2: "../a.png" leaves the folder "d"`, `line 3: "/etc/passwd" is no path below a folder`}},
		{"a picture named twice", named, given("d/m.csv", "img,y\na.png,0\na.png,1\n", "d/a.png", one), []string{`line 3: the picture "a.png" is named by d/m.csv, line 2 already`}},
		{"pictures of several sizes", `{}`, given("d/a/1.png", one, "d/b/2.png", pngOf(t, 4, 5, 0, 0), "d/b/3.png", pngOf(t, 9, 9, 0, 0)), []string{"2 faults", "d/b/2.png is 3 x 5 x 4, and others 3 x 4 x 4: say resize = [4, 4]", "d/b/3.png"}},
		{"large pictures of several sizes", `{}`, given("d/a/1.png", pngOf(t, 2, 1024, 0, 0), "d/b/2.png", one), []string{"d/b/2.png is 3 x 4 x 4, and others 3 x 1024 x 2: say resize = [1024, 2]"}},
		{"no picture", `{}`, given("d/a/1.png", one, "d/b/2.png", "hello"), []string{"d/b/2.png is text, which begins with"}},
		{"a cut picture", `{}`, given("d/a/1.png", one, "d/b/2.png", one[:len(one)-20]), []string{"d/b/2.png is a damaged PNG"}},
		{"a bomb", `{}`, given("d/a/1.png", huge, "d/b/2.png", one), []string{"d/a/1.png is a picture whose header promises 60000 x 60000 pixels", "make it smaller, or raise", "max_pixels"}},
		{"pictures beside a table", `{}`, given("d/a/1.png", one, "d/m.csv", "img,y\n"), []string{"d/m.csv is among the pictures", "say by which column", "leave it out"}},
		{"a file in no split", `{"split": {"files": {"train/*/*": "train"}}}`, given("train/a/1.png", one, "val/b/1.png", one), []string{"val/b/1.png is in no split"}},
		{"a wrong shape", `{"inputs": {"columns": ["x"], "shape": [1, 2, 2]}, "label": {"column": "y"}}`, given("a.csv", "x,y\n1,0\n2,1\n"), []string{"an input has 1 number, and shape = [1, 2, 2] is of 4"}},
		{"grey numbers", `{` + columns + `, "grey": true}`, given("a.csv", "x,y\n1,0\n2,1\n"), []string{"resize and grey are for images"}},
		{"a part beyond", `{` + columns + `, "part": {"core": {"columns": [0, 5]}}}`, given("a.csv", "x,y\n1,0\n2,1\n"), []string{"part core: columns"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := stagetest.Try(t.Context(), Kind, c.settings, c.in)
			if err == nil {
				t.Fatal("it was imported")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\nlacks %q", err, want)
				}
			}
			if len(out.Tables)+len(out.Files) > 0 {
				t.Error("something was written")
			}
		})
	}
}

// foreign gives a file that another program wrote, of package frame's tests.
func foreign(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("../../../artifacts/frame/testdata/foreign/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func manyLabels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "1,%d.5\n", i)
	}
	return b.String()
}

// TestKeptOut: rows that keep leaves out are counted, whatever they hold.
func TestKeptOut(t *testing.T) {
	d, out := read(t, `{"inputs": {"columns": ["x"]}, "label": {"column": "y", "keep": {"a": 1, "b": 0}}, "attribute": {"s": {"column": "s", "keep": {"0": 0, "1": 1}}}}`,
		given("a.csv", "x,y,s\n1,a,0\n2,b,1\n3,c,0\n4,,1\n5,a,2\n6,b,0\n"))
	if got := samples(d, "train"); strings.Join(got, ";") != "1 0 [1];0 1 [2];0 0 [6]" {
		t.Error(got)
	}
	if note := out.Tables["card"].Meta["spurion.note"]; !strings.Contains(note, "2 rows left out: the label is not in keep; 1 row left out: the attribute s is not in keep") || !strings.Contains(note, `no split has a sample of "a/1"`) {
		t.Error(note)
	}
}

// TestLackedGroup: a group that a split lacks is noted with the card, in which it has a row.
func TestLackedGroup(t *testing.T) {
	_, out := read(t, `{"inputs": {"columns": ["x"]}, "label": {"column": "y"}, "attribute": {"a": {"column": "a"}}, "split": {"column": "s"}}`,
		given("a.csv", "x,y,a,s\n1,0,0,train\n2,1,1,train\n3,1,0,train\n4,0,0,test\n5,1,1,test\n"))
	card := out.Tables["card"]
	if note := card.Meta["spurion.note"]; !strings.Contains(note, `test has no sample of "1/0"`) {
		t.Error(note)
	}
	for i := range card.Rows() {
		if card.Column("split").Strings.At(i) == "test" && card.Column("group").Strings.At(i) == "1/0" && card.Column("samples").Int64s[i] == 0 {
			return
		}
	}
	t.Error("the card has no row of the group")
}

// TestCheck: settings that make no sense are found before anything runs.
func TestCheck(t *testing.T) {
	for _, c := range []struct{ settings, want string }{
		{`{"inputs": {"columns": ["x"], "array": "y"}}`, "inputs.columns"},
		{`{"inputs": {"columns": ["x", "x"]}}`, "given twice"},
		{`{"inputs": {"shape": [3, 2]}}`, "channels, height and width"},
		{`{"inputs": {"folder": "x"}}`, "folder without pictures"},
		{`{"inputs": {"pictures": "x", "folder": "../x"}}`, "cannot be a folder"},
		{`{"inputs": {"file": "[x"}}`, "is no pattern"},
		{`{"attribute": {"Place": {"column": "x"}}}`, "cannot name an attribute"},
		{`{"attribute": {"place": {"keep": {"a": 0}}}}`, "does not say where to look"},
		{`{"label": {"column": "y", "keep": {"a": 0, "b": 2}}}`, "no value becomes 1"},
		{`{"label": {"column": "y", "keep": {"a": 0.5}}}`, "cannot become"},
		{`{"label": {"column": "y", "names": ["a", "a"]}}`, "given twice"},
		{`{"label": {"column": "y", "keep": {"a": 0, "b": 1}, "names": ["a"]}}`, "1 names for 2 numbers"},
		{`{"label": {"column": "y", "array": "z"}}`, "it is in array and in column"},
		{`{"label": {"column": "y", "index": 1}}`, "index is for arrays"},
		{`{"attribute": {"a": {"column": "a"}}, "group": {"column": "g"}}`, "in place of attributes"},
		{`{"split": {"column": "s", "values": {"a": "trian"}}}`, `no split "trian"`},
		{`{"split": {"values": {"a": "train"}}}`, "values without a place"},
		{`{"split": {"fractions": {"train": 0.5, "test": 0.4}}}`, "do not sum to 1"},
		{`{"split": {"fractions": {"train": 0.5, "dev": 0.5}}}`, `no split "dev"`},
		{`{"split": {"stratify": "class"}}`, "stratify without fractions"},
		{`{"split": {"column": "s", "files": {"a": "train"}}}`, "by files and by values"},
		{`{"resize": [3]}`, "height and a width"},
		{`{"fit": "cover"}`, "fit without resize"},
		{`{"pairs": {"a": "b"}}`, "pairs without an attribute"},
		{`{"part": {"middle": {"rows": [0, 1]}}}`, "no part"},
		{`{"part": {"core": {"rows": [3, 2]}}}`, "the first lower"},
	} {
		_, err := stagetest.Settings(Kind, c.settings)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.settings, err, c.want)
		}
	}
}

// TestCheckInputs: files that need a program come with the program, and patterns that fit no file are told.
func TestCheckInputs(t *testing.T) {
	name := "labels*.npy"
	s := &Settings{Label: &Values{File: &name}, Split: &Split{Files: map[string]string{"x*": "train"}}}
	var text strings.Builder
	for _, p := range s.CheckInputs(map[string][]string{"files": {"external://nas/emb.pt", "d/b.h5", "d/c.pickle", "x.npz"}}) {
		fmt.Fprintln(&text, p.Path, p.Summary, p.Detail)
	}
	for _, want := range []string{`files "emb.pt" is not read`, `torch.load("nas/emb.pt", weights_only=True`, "from = [exec.convert.data]", "h5py.File", "pickle.load", `label no file fits "labels*.npy"`} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%s\nlacks %q", &text, want)
		}
	}
	if strings.Contains(text.String(), `"x*"`) {
		t.Error("a pattern that fits is told")
	}
}
