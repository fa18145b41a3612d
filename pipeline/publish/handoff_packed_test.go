package publish

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"spurion/artifacts/frame"
)

// TestWritePacked writes columns of bytes and of signs in every format and compression for .ci/handoff, and beside them, independent of all
// formats but JSON, what the columns hold.
func TestWritePacked(t *testing.T) {
	dir := *handoff
	if dir == "" {
		dir = t.TempDir()
	}
	const rows, pixels, signs = 700, 12, 70
	b := frame.NewBuilder([]frame.Field{
		{Name: "row", Type: frame.Int64, Doc: "The row"},
		{Name: "image", Type: frame.Bytes, Unit: "1", Doc: "Pixels", Length: pixels, Scale: 1. / 255, Offset: -.5},
		{Name: "maybe", Type: frame.Bytes, Doc: "Pixels that may be missing", Length: pixels, Scale: 1, Nullable: true},
	})
	words := make([]uint64, 2*rows)
	var want struct {
		Image, Maybe [][]int // null where there is none
		Signs        [][]int
		Pixels       int
		Scale        float64
		Offset       float64
	}
	want.Pixels, want.Scale, want.Offset = pixels, 1./255, -.5
	for i := range rows {
		image := make([]uint8, pixels)
		ints := make([]int, pixels)
		for j := range image {
			image[j] = uint8(i*31 + j*j*7)
			ints[j] = int(image[j])
		}
		b.Int("row", i)
		b.Bytes("image", image)
		want.Image = append(want.Image, ints)
		if i%3 == 1 {
			b.Null("maybe")
			want.Maybe = append(want.Maybe, nil)
		} else {
			b.Bytes("maybe", image)
			want.Maybe = append(want.Maybe, ints)
		}
		b.EndRow()
		list := make([]int, signs)
		for j := range list {
			if list[j] = -1; (i+j*j)%3 == 0 {
				list[j] = 1
				words[2*i+j/64] |= 1 << (j % 64)
			}
		}
		want.Signs = append(want.Signs, list)
	}
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	table.Columns = append(table.Columns, frame.PackedSigns(frame.Field{Name: "signs", Doc: "Signs", Length: signs}, words))
	text, err := json.Marshal(want)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "packed.json"), text, 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, format := range frame.Formats() {
		for _, compression := range format.Compressions() {
			var file bytes.Buffer
			w, err := frame.NewWriter(&file, table.Fields(), frame.WriterOptions{Format: format, Compression: compression})
			if err == nil {
				err = errors.Join(w.Write(table), w.Close())
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "packed-"+compression+Extension(format, "")), file.Bytes(), 0o666)
			}
			if err != nil {
				t.Fatalf("%s, %s: %v", format, compression, err)
			}
		}
	}
}
