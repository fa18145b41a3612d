package arrayfile_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"

	"spurion/stages/common/arrayfile"
)

// BenchmarkRead reads 64 MiB of float32 from memory, as each format has them.
func BenchmarkRead(b *testing.B) {
	const rows, width = 8192, 2048
	values := make([]byte, 4*rows*width)
	for i := range values {
		values[i] = byte(uint32(i/4)*2654435761>>9>>(8*(i%4))) & 0x3f
	}
	shape := fmt.Sprintf("(%d, %d)", rows, width)
	little := npyOf("<f4", shape, values)
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"npy/order=little", little}, {"npy/order=big", npyOf(">f4", shape, values)},
		{"npy/order=fortran", npyBytes("{'descr': '<f4', 'fortran_order': True, 'shape': "+shape+", }\n", values)},
		{"npz/method=stored", npzBytes(zip.Store, member{"a.npy", little})},
		{"npz/method=deflated", npzBytes(zip.Deflate, member{"a.npy", little})},
		{"idx", idxBytes(0xd, values, rows, width)},
		{"safetensors", tensors(fmt.Sprintf(`{"a":{"dtype":"F32","shape":[%d,%d],"data_offsets":[0,%d]}}`, rows, width, len(values)), values)},
	} {
		b.Run("format="+c.name, func(b *testing.B) {
			b.SetBytes(int64(len(values)))
			for b.Loop() {
				f, err := arrayfile.Open(bytes.NewReader(c.data), int64(len(c.data)), arrayfile.Options{Limit: plenty})
				if err != nil {
					b.Fatal(err)
				}
				if a := read(b, f, f.Entries[0].Name, nil); a.Len() != rows*width {
					b.Fatal(a.Shape)
				}
			}
		})
	}
}
