package importing

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/stagetest"
)

var update = flag.Bool("update", false, "rewrite golden files")

func cases(t testing.TB) []stagetest.Case {
	csv, _, _, _, _ := birds()
	list := []stagetest.Case{
		{Name: "csv", Inputs: given("birds.csv", csv), Settings: `{"inputs": {"columns": ["e*"]}, "label": {"column": "y"}, "attribute": {"place": {"column": "place"}}, "split": {"column": "split"},
			"source": {"name": "Birds", "licence": "none"}, "part": {"core": {"columns": [0, 1]}}}`},
		{Name: "lists", Inputs: given("birds.parquet", birdsParquet(t, true)), Settings: `{"label": {"column": "y", "names": ["land", "water"]}, "group": {"column": "g"}, "split": {"fractions": {"train": 0.6, "validation": 0.2, "test": 0.2}, "stratify": "group"}, "seed": 3}`},
		{Name: "wide", Inputs: given("birds.parquet", birdsParquet(t, false)), Settings: `{"inputs": {"columns": ["e2", "e*"], "scale": 0.5}, "label": {"column": "y"}, "split": {"column": "split", "fractions": {"train": 0.5, "validation": 0.5}}, "seed": 2}`},
		{Name: "arrays", Inputs: given("birds.npz", birdsArrays(t)), Settings: `{"inputs": {"array": "x"}, "label": {"array": "meta", "index": 1}, "attribute": {"place": {"array": "meta", "index": 0}}, "limit": 9, "seed": 1}`},
		{Name: "digits", Inputs: digits(), Settings: `{"label": {"keep": {"7": 0, "9": 1}, "names": ["seven", "nine"]}, "resize": [6, 6]}`},
		{Name: "cifar", Inputs: given("data_batch_1.bin", cifar(20, 3), "test_batch.bin", cifar(10, 5)), Settings: `{"grey": true, "split": {"fractions": {"train": 0.5, "validation": 0.5}, "stratify": "class"}}`},
		{Name: "folders", Inputs: given(birdPictures(t, true)...), Settings: `{"split": {"folder": 2}, "resize": [4, 4], "fit": "cover", "samples": 2}`},
		{Name: "named", Inputs: given(birdPictures(t, false)...), Settings: `{"inputs": {"pictures": "img", "folder": "img"}, "label": {"column": "y"}, "attribute": {"place": {"column": "place"}}, "split": {"column": "split"}, "pairs": {"landbird": "water", "waterbird": "land"}}`},
	}
	for i := range list {
		list[i].Decode = decoded
	}
	return list
}

// decoded gives a page with the pixels of its pictures, as their compression may change with a Go release.
func decoded(t testing.TB, _ string, data []byte) []byte {
	return regexp.MustCompile(`base64,[^"]*`).ReplaceAllFunc(data, func(text []byte) []byte {
		raw, err := base64.StdEncoding.DecodeString(string(text[len("base64,"):]))
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Append(nil, m)
	})
}

func TestKind(t *testing.T) { stagetest.Conform(t, Kind, cases(t)...) }

func TestGolden(t *testing.T) { stagetest.GoldenFiles(t, Kind, *update, cases(t)...) }

// imported runs a case of the list and reads its data set.
func imported(t *testing.T, name string) (*dataset.Dataset, *stagetest.Outcome) {
	t.Helper()
	list := cases(t)
	c := list[slices.IndexFunc(list, func(c stagetest.Case) bool { return c.Name == name })]
	return read(t, c.Settings.(string), c.Inputs)
}

func read(t *testing.T, settings string, in stagetest.Inputs) (*dataset.Dataset, *stagetest.Outcome) {
	t.Helper()
	out, err := stagetest.Try(t.Context(), Kind, settings, in)
	if err != nil {
		t.Fatal(err)
	}
	d, err := dataset.FromTable(out.Tables["dataset"])
	if err != nil {
		t.Fatal(err)
	}
	return d, out
}

// samples gives a split's rows: label, attribute (-1 for none), inputs.
func samples(d *dataset.Dataset, split dataset.Split) (rows []string) {
	s := d.Split(split)
	if s == nil {
		return nil
	}
	var l dataset.Ledger
	labels, attributes := s.Labels(&l, dataset.Evaluation), s.Attributes(&l, dataset.Evaluation)
	x := make([]float32, s.Dimensions)
	for i := range s.Rows {
		s.Inputs(x, i, 1)
		a := int16(-1)
		if attributes != nil {
			a = attributes[i]
		}
		rows = append(rows, fmt.Sprint(labels[i], a, x))
	}
	return rows
}

// TestTable: rows of a table become samples of their split, in order, with their numbers.
func TestTable(t *testing.T) {
	_, x, y, place, split := birds()
	want := map[dataset.Split][]string{}
	for i := range x {
		s := splitNames[split[i]]
		want[s] = append(want[s], fmt.Sprint(y[i], place[i], x[i][:]))
	}
	d, out := imported(t, "csv")
	for _, s := range dataset.Splits {
		if got := samples(d, s); !slices.Equal(got, want[s]) {
			t.Errorf("%s:\n%s\nwant\n%s", s, strings.Join(got, "\n"), strings.Join(want[s], "\n"))
		}
	}
	if got := fmt.Sprint(d.Classes, d.Attributes, d.Pairs, d.Parts); got != "[landbird waterbird] [{place [land water]}] [0 1] [{core [0 1] [0 1] [0 1]}]" {
		t.Error(got)
	}
	if s := d.Sources; len(s) != 2 || s[0].Name != "Birds" || s[1].Name != "birds.csv" || len(s[1].Digest) != 64 || s[1].Licence != "none" {
		t.Errorf("%+v", s)
	}
	counts(t, out.Tables["card"], d)
	if out.Files["page"] != nil {
		t.Error("columns have a page")
	}
}

// counts holds the card against the samples.
func counts(t *testing.T, card *frame.Table, d *dataset.Dataset) {
	t.Helper()
	got := map[string]int64{}
	for i := range card.Rows() {
		key := card.Column("split").Strings.At(i) + " " + fmt.Sprint(card.Column("label").Int64s[i])
		if !card.Column("attribute").Null(i) {
			key += fmt.Sprint(" ", card.Column("attribute").Int64s[i])
		}
		got[key] += card.Column("samples").Int64s[i]
	}
	for _, s := range d.Finite() {
		var l dataset.Ledger
		attributes := s.Attributes(&l, dataset.Evaluation)
		for i, y := range s.Labels(&l, dataset.Evaluation) {
			key := fmt.Sprint(s.Split, " ", y)
			if attributes != nil {
				key += fmt.Sprint(" ", attributes[i])
			}
			got[key]--
		}
	}
	for key, n := range got {
		if n != 0 {
			t.Errorf("the card has %d too many of %s", n, key)
		}
	}
}

// TestSame: the same data give the same samples, whatever they stand in.
func TestSame(t *testing.T) {
	csv, x, y, place, _ := birds()
	const rest = `"label": {"column": "y"}, "split": {"column": "split"}`
	want, _ := read(t, `{"inputs": {"columns": ["e*"]}, `+rest+`}`, given("b.csv", csv))
	var flat []float32
	for i := range x {
		flat = append(flat, x[i][:]...)
	}
	labels := make([]int32, len(y))
	for i := range y {
		labels[i] = int32(y[i])
	}
	first, second := npy(t, "<f4", []int{15, 3}, flat[:45]), npy(t, "<f4", []int{25, 3}, flat[45:])
	for name, c := range map[string]struct {
		settings string
		in       map[string][]byte
	}{
		"tabs":                      {`{"inputs": {"columns": ["e*"]}, ` + rest + `}`, map[string][]byte{"b.tsv": []byte(strings.ReplaceAll(csv, ",", "\t"))}},
		"lists":                     {`{` + rest + `}`, map[string][]byte{"b.parquet": birdsParquet(t, true)}},
		"lists of Arrow":            {`{` + rest + `}`, map[string][]byte{"b.arrow": birdsArrow(t, true, frame.WriterOptions{Format: frame.ArrowFile, Compression: "lz4"})}},
		"wide of Arrow":             {`{"inputs": {"columns": ["e*"]}, ` + rest + `}`, map[string][]byte{"b.feather": birdsArrow(t, false, frame.WriterOptions{Format: frame.ArrowFile})}},
		"a stream of Arrow":         {`{` + rest + `}`, map[string][]byte{"b.bin": birdsArrow(t, true, frame.WriterOptions{Format: frame.ArrowStream, Compression: "zstd"})}},
		"wide":                      {`{"inputs": {"columns": ["e*"]}, ` + rest + `}`, map[string][]byte{"b.parquet": birdsParquet(t, false)}},
		"an array beside a table":   {`{` + rest + `}`, map[string][]byte{"x.npy": npy(t, "<f4", []int{40, 3}, flat), "b.csv": []byte(csv)}},
		"two arrays beside a table": {`{` + rest + `}`, map[string][]byte{"x0.npy": first, "x1.npy": second, "b.csv": []byte(csv)}},
		"labels of another file": {`{"inputs": {"file": "x.npz"}, "label": {"file": "y.npy"}, "split": {"file": "b.csv", "column": "split"}}`,
			map[string][]byte{"x.npz": npz(t, "x", npy(t, "<f4", []int{40, 3}, flat)), "y.npy": npy(t, "<i4", []int{40}, labels), "b.csv": []byte(csv)}},
	} {
		var files []any
		for _, path := range sortedKeys(c.in) {
			files = append(files, path, c.in[path])
		}
		got, _ := read(t, c.settings, given(files...))
		for _, s := range dataset.Splits {
			if !slices.Equal(samples(got, s), samples(want, s)) {
				t.Errorf("%s: %s has other samples", name, s)
			}
		}
	}
	_ = place
}

// TestArrow: files of pyarrow, with float16 in lists of fixed size, texts in dictionaries, and two record batches.
func TestArrow(t *testing.T) {
	for _, name := range []string{"birds.arrow", "birds.arrows"} {
		data, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		d, _ := read(t, `{"label": {"column": "bird"}, "split": {"column": "split"}}`, given(name, data))
		for split, want := range map[dataset.Split]string{
			dataset.TrainSplit: "1 -1 [0 0.25];0 -1 [0.5 0.75];1 -1 [1.5 1.75]", dataset.ValidationSplit: "0 -1 [1 1.25]", dataset.TestSplit: "0 -1 [2 2.25];1 -1 [2.5 2.75]",
		} {
			if got := strings.Join(samples(d, split), ";"); got != want {
				t.Errorf("%s, %s: %s, want %s", name, split, got, want)
			}
		}
	}
}

// TestGroups: a column that names groups gives the attribute within the class.
func TestGroups(t *testing.T) {
	d, _ := imported(t, "lists")
	_, _, y, place, _ := birds()
	want := map[string]int{}
	for i := range y {
		want[fmt.Sprint(y[i], place[i])]++
	}
	got := map[string]int{}
	for _, s := range dataset.Splits {
		for _, row := range samples(d, s) {
			got[row[:3]]++
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, want %v", got, want)
	}
	if fmt.Sprint(d.Attributes) != "[{group [0 1]}]" || d.GroupName(3) != "water/1" {
		t.Error(d.Attributes, d.GroupName(3))
	}
	named, _ := read(t, `{"inputs": {"columns": ["x"]}, "label": {"column": "y"}, "group": {"column": "g"}}`, given("a.csv", "x,y,g\n1,a,a_land\n2,a,a_sea\n3,b,b_land\n4,b,b_sea\n"))
	if named.GroupName(1) != "a/a_sea or b_sea" {
		t.Error(named.GroupName(1))
	}
	uneven, _ := read(t, `{"inputs": {"columns": ["x"]}, "label": {"column": "y"}, "group": {"column": "g"}}`, given("a.csv", "x,y,g\n1,a,p\n2,a,q\n3,b,r\n4,b,r\n"))
	if fmt.Sprint(uneven.Attributes) != "[{group [p q r]}]" {
		t.Error(uneven.Attributes)
	}
}

// TestDigits: keep takes two of ten classes, and files of MNIST tell their split.
func TestDigits(t *testing.T) {
	d, out := read(t, `{"label": {"keep": {"7": 0, "9": 1, "8": 1}}}`, digits())
	if fmt.Sprint(d.Classes) != "[7 8+9]" || *d.Shape != (dataset.Shape{Channels: 1, Height: 4, Width: 4}) || d.Train.Rows != 18 || d.Test.Rows != 6 {
		t.Error(d.Classes, d.Shape, d.Train.Rows, d.Test.Rows)
	}
	pixels := make([]float32, 16)
	d.Train.Inputs(pixels, 0, 1) // the eighth of the file
	for i, x := range pixels {
		if want := float32(float64(byte((7*16+i)*7)) / 255); x != want {
			t.Errorf("pixel %d is %v, want %v", i, x, want)
		}
	}
	if note := out.Tables["card"].Meta[frame.NoteKey]; note != "56 rows left out: the label is not in keep" {
		t.Error(note)
	}
}

// TestPictures: names in a table lead to pictures; pixels are theirs, channels first.
func TestPictures(t *testing.T) {
	d, out := imported(t, "named")
	_, _, y, place, split := birds()
	at := map[dataset.Split]int{}
	x := make([]float32, 90)
	for i := range y {
		s := splitNames[split[i]]
		d.Split(s).Inputs(x, at[s], 1)
		at[s]++
		want := []float32{float32(float64(200*place[i]) / 255), float32(float64(200*(1-place[i])) / 255), float32(float64(100*y[i]+1) / 255)}
		if got := []float32{x[1], x[30+1], x[60+1]}; !slices.Equal(got, want) {
			t.Errorf("picture %d begins with %v, want %v", i, got, want)
		}
	}
	if fmt.Sprint(d.Pairs) != "[1 0]" || d.Shape.String() != "3 x 5 x 6" {
		t.Error(d.Pairs, d.Shape)
	}
	sources := out.Tables["sources"].Column("source").Strings
	if !slices.Equal(sources.Rows(), []string{"birds/metadata.csv", "40 pictures in birds/img"}) {
		t.Error(sources)
	}
	if page := string(out.Files["page"]); strings.Count(page, "<image") != 3*8-len("x") && !strings.Contains(page, "landbird/land") {
		t.Error("the page lacks pictures")
	}
}

// TestRemadeArrays: images of an array are made grey and resized like the same images in files, each of them.
func TestRemadeArrays(t *testing.T) {
	encoded := func(width int, pixel func(x, y int) color.Color) []byte {
		m := image.NewRGBA(image.Rect(0, 0, width, width))
		for i := range width * width {
			m.Set(i%width, i/width, pixel(i%width, i/width))
		}
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	batch, levels := cifar(20, 3), bytesOf(20*25, 7)
	var colored, grey []any
	for i := range 20 {
		record := batch[i*3073+1:]
		name := fmt.Sprintf("d/%d/%02d.png", i%10, i)
		colored = append(colored, name, encoded(32, func(x, y int) color.Color {
			return color.RGBA{R: record[y*32+x], G: record[1024+y*32+x], B: record[2048+y*32+x], A: 255}
		}))
		grey = append(grey, name, encoded(5, func(x, y int) color.Color { return color.Gray{Y: levels[i*25+y*5+x]} }))
	}
	labels := make([]byte, 20)
	for i := range labels {
		labels[i] = byte(i % 10)
	}
	digits := []any{"a-images-idx3-ubyte", idx(levels, 20, 5, 5), "a-labels-idx1-ubyte", idx(labels, 20)}
	inOrder := func(d *dataset.Dataset) []string {
		rows := samples(d, dataset.TrainSplit)
		slices.Sort(rows) // files stand in the order of their folders
		return rows
	}
	for _, c := range []struct {
		settings      string
		array, images []any
	}{
		{`"grey": true, "resize": [8, 8]`, digits, grey},
		{`"grey": true, "resize": [3, 4], "fit": "cover"`, digits, grey},
		{`"grey": true`, []any{"data_batch_1.bin", batch}, colored},
		{`"resize": [40, 30]`, []any{"data_batch_1.bin", batch}, colored},
		{`"grey": true, "resize": [9, 16]`, []any{"data_batch_1.bin", batch}, colored},
	} {
		got, _ := read(t, `{"label": {"keep": {"7": 0, "9": 1, "2": 1}}, `+c.settings+`}`, given(c.array...))
		want, _ := read(t, `{"label": {"keep": {"7": 0, "9": 1, "2": 1}}, `+c.settings+`}`, given(c.images...))
		if *got.Shape != *want.Shape || !slices.Equal(inOrder(got), inOrder(want)) {
			t.Errorf("%s: the array has other images than the files, %v and %v", c.settings, got.Shape, want.Shape)
		}
	}
}

// TestUnusualPictures: 16 bits a channel give their upper 8, a palette its colors, grey three equal channels; and a picture that says so is turned.
// TestReadme: text beside pictures, or beside a table that says what it is by its name, is no table.
func TestReadme(t *testing.T) {
	one, other := pngOf(t, 4, 4, 9, 1), pngOf(t, 4, 4, 200, 1)
	for settings, in := range map[string]stagetest.Inputs{
		`{}`: given("d/README.txt", "Pictures, in folders.\n", "d/a/1.png", one, "d/b/2.png", other),
		`{"inputs": {"pictures": "img"}, "label": {"column": "y"}}`: given("d/LICENSE", "Free, for all.\n", "d/t.csv", "img,y\na.png,0\nb.png,1\n", "d/a.png", one, "d/b.png", other),
		`{"label": {"column": "y"}}`:                                given("README", "Arrays\n", "t.csv", "y\n0\n1\n0\n", "x.npy", npy(t, "<f4", []int{3, 2}, []float32{1, 2, 3, 4, 5, 6})),
		`{"inputs": {"pictures": "i"}, "label": {"column": "y"}}`:   given("list.txt", "i,y\na.png,0\nb.png,1\n", "a.png", one, "b.png", other),
	} {
		if d, _ := read(t, settings, in); d.Train.Rows < 2 {
			t.Errorf("%s: %d rows", settings, d.Train.Rows)
		}
	}
}

func TestUnusualPictures(t *testing.T) {
	encoded := func(m image.Image) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, m); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	box := image.Rect(0, 0, 1, 1)
	deep := image.NewNRGBA64(box)
	deep.SetNRGBA64(0, 0, color.NRGBA64{R: 0x12ff, G: 0x3400, B: 0x56ff, A: 0x8000})
	coded := image.NewPaletted(box, color.Palette{color.Black, color.NRGBA{R: 7, G: 8, B: 9, A: 255}})
	coded.SetColorIndex(0, 0, 1)
	grey := image.NewGray16(box)
	grey.SetGray16(0, 0, color.Gray16{Y: 0x20ff})
	d, _ := read(t, `{"inputs": {"scale": 1}}`, given("d/a/1.png", encoded(deep), "d/a/2.png", encoded(coded), "d/b/3.png", encoded(grey)))
	if got, want := samples(d, dataset.TrainSplit), []string{"0 -1 [18 52 86]", "0 -1 [7 8 9]", "1 -1 [32 32 32]"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}

	lying := pngOf(t, 6, 4, 0, 0)
	exif := []byte("eXIfII*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00") // orientation 6: a quarter turn clockwise
	chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(exif)-4)), exif...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(exif))
	const header = 8 + 25 // the mark and IHDR
	turned := slices.Concat(lying[:header], chunk, lying[header:])
	d, _ = read(t, `{"inputs": {"scale": 1}}`, given("d/a/1.png", pngOf(t, 4, 6, 0, 0), "d/b/2.png", turned))
	x := make([]float32, 3*6*4)
	d.Train.Inputs(x, 1, 1)
	if d.Shape.String() != "3 x 6 x 4" || x[2*24] != 3 || x[2*24+3] != 0 {
		t.Errorf("%v pixels, %v in the corners, want those of the lower left and the upper left", d.Shape, []float32{x[2*24], x[2*24+3]})
	}
}

// TestListFiles: CelebA's labels and splits stand in tables beside the pictures, by name, in any order.
func TestListFiles(t *testing.T) {
	var files []any
	attributes, partition := "image_id,Blond_Hair,Male\n", "image_id,partition\n"
	for i := range 12 {
		files = append(files, fmt.Sprintf("celeba/img/%d.png", i), pngOf(t, 3, 3, i%2, i/2%2))
		attributes += fmt.Sprintf("%d.png,%d,%d\n", i, 2*(i%2)-1, 2*(i/2%2)-1)
		partition += fmt.Sprintf("%d.png,%d\n", 11-i, (11-i)/4)
	}
	files = append(files, "celeba/attr.csv", attributes, "celeba/partition.csv", partition)
	d, _ := read(t, `{"inputs": {"file": "attr.csv", "pictures": "image_id", "folder": "img"}, "label": {"column": "Blond_Hair"}, "attribute": {"male": {"column": "Male"}}, "split": {"file": "partition.csv", "column": "partition"}}`, given(files...))
	if d.Train.Rows != 4 || d.Validation.Rows != 4 || d.Test.Rows != 4 || fmt.Sprint(d.Classes) != "[-1 1]" {
		t.Error(d.Train.Rows, d.Validation.Rows, d.Test.Rows, d.Classes)
	}
	for k, s := range dataset.Splits {
		for i, row := range samples(d, s) {
			n := 4*k + i
			if want := fmt.Sprint(n%2, n/2%2); row[:3] != want {
				t.Errorf("%s, row %d: %s, want %s", s, i, row[:3], want)
			}
		}
	}
}

// TestReadOnce: what a stage made is read from the store once, however many arrays are taken of it.
func TestReadOnce(t *testing.T) {
	file := stagetest.File("", birdsArrays(t))
	file.Extension = ".npz"
	inner, times := file.Bytes, 0
	file.Bytes = func() ([]byte, error) { times++; return inner() }
	read(t, `{"inputs": {"array": "x"}, "label": {"array": "meta", "index": 1}, "attribute": {"place": {"array": "meta", "index": 0}}}`, stagetest.Inputs{"from": {file}})
	if times != 1 {
		t.Errorf("it was read %d times", times)
	}
}

// TestStops: an import that is stopped ends before the next file, be they all damaged.
func TestStops(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := given()
	times := 0
	for i := range 100 {
		file := stagetest.File(fmt.Sprintf("d/%d/%d.png", i%2, i), []byte("no picture"))
		inner := file.Bytes
		file.Bytes = func() ([]byte, error) {
			if times++; times == 3 {
				cancel()
			}
			return inner()
		}
		in["files"] = append(in["files"], file)
	}
	if _, err := stagetest.Try(ctx, Kind, `{}`, in); !errors.Is(err, context.Canceled) || times != 3 {
		t.Errorf("after %d files: %v", times, err)
	}
}

// TestLimit: limit takes so many samples of each class in each split, of those that are in the split without it: by a column, by fractions, and by
// fractions of a column's train.
func TestLimit(t *testing.T) {
	csv, _, _, _, _ := birds()
	const limit = 3
	for name, split := range map[string]string{
		"column":            `{"column": "split"}`,
		"fractions":         `{"fractions": {"train": 0.5, "validation": 0.2, "test": 0.3}}`,
		"stratified":        `{"fractions": {"train": 0.5, "validation": 0.2, "test": 0.3}, "stratify": "group"}`,
		"column, fractions": `{"column": "split", "fractions": {"train": 0.6, "validation": 0.4}}`,
	} {
		settings := `{"inputs": {"columns": ["e*"]}, "label": {"column": "y"}, "attribute": {"place": {"column": "place"}}, "seed": 5, "split": ` + split
		all, _ := read(t, settings+`}`, given("b.csv", csv))
		some, out := read(t, settings+fmt.Sprintf(`, "limit": %d}`, limit), given("b.csv", csv))
		counts(t, out.Tables["card"], some)
		left := 0
		for _, s := range dataset.Splits {
			whole, taken := samples(all, s), samples(some, s)
			left += len(whole) - len(taken)
			if slices.ContainsFunc(taken, func(row string) bool { return !slices.Contains(whole, row) }) {
				t.Errorf("%s: %s has %q, and %q without a limit", name, s, taken, whole)
			}
			for _, class := range []string{"0 ", "1 "} {
				of := func(rows []string) (n int) {
					for _, row := range rows {
						if strings.HasPrefix(row, class) {
							n++
						}
					}
					return n
				}
				if got, want := of(taken), min(limit, of(whole)); got != want || want == 0 {
					t.Errorf("%s: %s has %d of class %s, want %d", name, s, got, class, want)
				}
			}
		}
		if note := out.Tables["card"].Meta[frame.NoteKey]; !strings.Contains(note, fmt.Sprintf("%d rows left out: beyond the limit of 3 of each class in a split", left)) {
			t.Errorf("%s: %d rows are left out, and %q", name, left, note)
		}
	}
}

// TestKeras: arrays whose names tell their split.
func TestKeras(t *testing.T) {
	in := given("mnist.npz", npz(t, "x_train", npy(t, "|u1", []int{6, 2, 2, 3}, bytesOf(72, 1)), "y_train", npy(t, "|u1", []int{6}, []byte{0, 1, 0, 1, 0, 1}),
		"x_test", npy(t, "|u1", []int{2, 2, 2, 3}, bytesOf(24, 2)), "y_test", npy(t, "|u1", []int{2}, []byte{1, 0})))
	d, _ := read(t, `{"inputs": {"array": "x_*"}, "label": {"array": "y_*"}}`, in)
	if d.Train.Rows != 6 || d.Test.Rows != 2 || d.Shape.String() != "3 x 2 x 2" {
		t.Error(d.Train.Rows, d.Test, d.Shape)
	}
	x := make([]float32, 12)
	d.Test.Inputs(x, 1, 1)
	for i := range 12 { // channel i/4 of pixel i%4, which stood last
		if want := float32(float64(byte(2*(12+3*(i%4)+i/4))) / 255); x[i] != want {
			t.Errorf("number %d is %v, want %v", i, x[i], want)
		}
	}
}
