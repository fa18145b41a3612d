package importing

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// npy writes an array as numpy does (version 1 of its format).
func npy(t testing.TB, typ string, shape []int, values any) []byte {
	t.Helper()
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s,), }", typ, strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]"))
	header += strings.Repeat(" ", 63-(10+len(header))%64) + "\n"
	var b bytes.Buffer
	b.WriteString("\x93NUMPY\x01\x00")
	write(t, &b, uint16(len(header)))
	b.WriteString(header)
	write(t, &b, values)
	return b.Bytes()
}

func write(t testing.TB, b *bytes.Buffer, v any) {
	t.Helper()
	if err := binary.Write(b, binary.LittleEndian, v); err != nil {
		t.Fatal(err)
	}
}

// npz packs arrays: pairs of a name and what npy gives.
func npz(t testing.TB, arrays ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(arrays); i += 2 {
		f, err := w.Create(arrays[i].(string) + ".npy")
		if err == nil {
			_, err = f.Write(arrays[i+1].([]byte))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// idx writes bytes as MNIST's files have them.
func idx(values []byte, shape ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(shape))}
	for _, n := range shape {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return append(b, values...)
}

// pngOf draws a picture: red where the attribute is 1, else green, with blue by the label.
func pngOf(t testing.TB, width, height, label, attribute int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			m.SetRGBA(x, y, color.RGBA{uint8(200 * attribute), uint8(200 * (1 - attribute)), uint8(100*label + x + y), 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// given makes the input files of pairs of a path and its content.
func given(files ...any) stagetest.Inputs {
	var list []stages.Artifact
	for i := 0; i < len(files); i += 2 {
		content, ok := files[i+1].([]byte)
		if !ok {
			content = []byte(files[i+1].(string))
		}
		list = append(list, stagetest.File(files[i].(string), content))
	}
	return stagetest.Inputs{"files": list}
}

// birds is a table of 40 rows: numbers e0 to e2, y, place, split, and a picture's name.
func birds() (csv string, x [][3]float32, y, place []int, split []string) {
	r := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("id,e0,e1,e2,y,place,split,img\n")
	for i := range 40 {
		label := i / 3 % 2
		attribute := label
		if i%5 == 0 {
			attribute = 1 - label
		}
		row := [3]float32{float32(label) + float32(r.IntN(100))/64, float32(attribute), float32(r.IntN(100)) / 8}
		x, y, place = append(x, row), append(y, label), append(place, attribute)
		split = append(split, []string{"train", "val", "train", "test"}[i%4])
		fmt.Fprintf(&b, "%d,%v,%v,%v,%s,%s,%s,%03d.png\n", i, row[0], row[1], row[2], []string{"landbird", "waterbird"}[label], []string{"land", "water"}[attribute], split[i], i)
	}
	return b.String(), x, y, place, split
}

// birdsParquet gives the birds as Parquet: with a column of lists, or three of numbers.
func birdsParquet(t testing.TB, lists bool) []byte {
	t.Helper()
	data, err := frame.Encode(birdsTable(lists))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// birdsArrow is birdsParquet as Arrow.
func birdsArrow(t testing.TB, lists bool, o frame.WriterOptions) []byte {
	t.Helper()
	var b bytes.Buffer
	table := birdsTable(lists)
	w, err := frame.NewWriter(&b, table.Fields(), o)
	if err == nil {
		err = errors.Join(w.Write(table), w.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func birdsTable(lists bool) *frame.Table {
	_, x, y, place, split := birds()
	var flat []float32
	wide := make([][]float64, 3)
	labels, groups := make([]int64, len(y)), make([]int64, len(y))
	for i := range x {
		flat = append(flat, x[i][:]...)
		for j := range wide {
			wide[j] = append(wide[j], float64(x[i][j]))
		}
		labels[i], groups[i] = int64(y[i]), int64(2*y[i]+place[i])
	}
	columns := []frame.Column{frame.Int64s(frame.Field{Name: "y", Doc: "d"}, labels), frame.Int64s(frame.Field{Name: "g", Doc: "d"}, groups), frame.Strings(frame.Field{Name: "split", Doc: "d"}, split)}
	if lists {
		columns = append(columns, frame.Float32Lists(frame.Field{Name: "emb", Doc: "d"}, flat, frame.EqualOffsets(len(x), 3)))
	} else {
		for j := range wide {
			columns = append(columns, frame.Float64s(frame.Field{Name: fmt.Sprintf("e%d", j), Doc: "d"}, wide[j]))
		}
	}
	return &frame.Table{Columns: columns}
}

// arrays gives the birds as an .npz.
func birdsArrays(t testing.TB) []byte {
	t.Helper()
	_, x, y, place, _ := birds()
	var flat []float32
	meta := make([]int64, 0, 2*len(y))
	for i := range x {
		flat = append(flat, x[i][:]...)
		meta = append(meta, int64(place[i]), int64(y[i]))
	}
	return npz(t, "x", npy(t, "<f4", []int{40, 3}, flat), "meta", npy(t, "<i8", []int{40, 2}, meta))
}

// pictures gives files of the birds' pictures, in a folder each for split and class if classed, else side by side with the table.
func birdPictures(t testing.TB, classed bool) (files []any) {
	t.Helper()
	csv, _, y, place, split := birds()
	for i := range y {
		name := fmt.Sprintf("birds/img/%03d.png", i)
		if classed {
			name = fmt.Sprintf("birds/%s/%s/%03d.png", split[i], []string{"landbird", "waterbird"}[y[i]], i)
		}
		files = append(files, name, pngOf(t, 6, 5, y[i], place[i]))
	}
	if !classed {
		files = append(files, "birds/metadata.csv", csv)
	}
	return files
}

func bytesOf(n, step int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * step)
	}
	return b
}

// digits is a small MNIST: four files.
func digits() stagetest.Inputs {
	labels := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i % 10)
		}
		return b
	}
	return given("mnist/train-images-idx3-ubyte", idx(bytesOf(60*16, 7), 60, 4, 4), "mnist/train-labels-idx1-ubyte", idx(labels(60), 60),
		"mnist/t10k-images-idx3-ubyte", idx(bytesOf(20*16, 11), 20, 4, 4), "mnist/t10k-labels-idx1-ubyte", idx(labels(20), 20))
}

// cifar gives a batch in which image i has the label i mod 10.
func cifar(n, step int) []byte {
	var b []byte
	for i := range n {
		b = append(append(b, byte(i%10)), bytesOf(3072, step+i)...)
	}
	return b
}
