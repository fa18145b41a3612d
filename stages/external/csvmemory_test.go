package external

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// wide gives CSV with as many rows and columns, of numbers and text.
func wide(rows, columns int) []byte {
	var b strings.Builder
	for i := range columns {
		fmt.Fprintf(&b, ",c%d", i)
	}
	text := strings.TrimPrefix(b.String(), ",") + "\n"
	b.Reset()
	b.WriteString(text)
	for row := range rows {
		for i := range columns {
			if i > 0 {
				b.WriteByte(',')
			}
			switch i % 3 {
			case 0:
				fmt.Fprintf(&b, "%d", row)
			case 1:
				fmt.Fprintf(&b, "%.6f", float64(row)/7)
			case 2:
				fmt.Fprintf(&b, "name %d", row%10)
			}
		}
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// allocated gives how many bytes are allocated while CSV is read.
func allocated(t *testing.T, text []byte) uint64 {
	t.Helper()
	f := File{Format: "csv"}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := f.read(text)
	runtime.ReadMemStats(&after)
	if err != nil || got.Rows() == 0 {
		t.Fatal(got, err)
	}
	return after.TotalAlloc - before.TotalAlloc
}

// All that is allocated while CSV is read is a small multiple of the text, and of the number of columns.
func TestCSVMemory(t *testing.T) {
	tall := wide(20_000, 10)
	if got := allocated(t, tall); got > 8*uint64(len(tall)) {
		t.Errorf("%d bytes are allocated for a text of %d", got, len(tall))
	}
	const columns = 5000
	if got := allocated(t, wide(1, columns)); got > 8192*columns {
		t.Errorf("%d bytes are allocated for each of %d columns", got/columns, columns)
	}
}

func BenchmarkCSV(b *testing.B) {
	for _, size := range [][2]int{{100_000, 10}, {1, 5000}} {
		text := wide(size[0], size[1])
		b.Run(fmt.Sprintf("rows=%d/columns=%d", size[0], size[1]), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := (&File{Format: "csv"}).read(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
