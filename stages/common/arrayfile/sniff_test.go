package arrayfile_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"

	"spurion/stages/common/arrayfile"
)

// TestSniff: files are told by their marks, packed by gzip or not, and each format has words for it.
func TestSniff(t *testing.T) {
	tar := make([]byte, 1024)
	copy(tar[257:], "ustar")
	for _, c := range []struct {
		data string
		want arrayfile.Format
	}{
		{"", arrayfile.Empty}, {"\x00", arrayfile.Unknown}, {"\x89PNG\r\n\x1a\n", arrayfile.PNG}, {"\xff\xd8\xff\xe1..Exif", arrayfile.JPEG},
		{"GIF89a", arrayfile.GIF}, {"RIFF\x10\x00\x00\x00WEBPVP8L", arrayfile.WebP}, {"RIFF\x10\x00\x00\x00WAVEfmt ", arrayfile.Unknown},
		{"BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00\x28\x00\x00\x00" + strings.Repeat("\x00", 20), arrayfile.BMP}, {"BMW", arrayfile.PlainText},
		{"II*\x00", arrayfile.TIFF}, {"PAR1\x15\x04", arrayfile.Parquet}, {"ARROW1\x00\x00", arrayfile.Arrow}, {"\xff\xff\xff\xff\x10\x01\x00\x00", arrayfile.Arrow}, {"FEA1\x00\x00", arrayfile.Feather}, {"\x89HDF\r\n\x1a\n", arrayfile.HDF5},
		{"MATLAB 5.0 MAT-file, Platform", arrayfile.Matlab}, {"\x80\x04\x95\x10", arrayfile.Pickle}, {"\x80\x02}q\x01", arrayfile.Pickle}, {"\x80\x02\x8a\x0a", arrayfile.Pickle},
		{string(tar), arrayfile.Tar}, {"\x28\xb5\x2f\xfd", arrayfile.Zstd}, {"\xfd7zXZ\x00", arrayfile.XZ}, {"BZh91AY", arrayfile.Bzip2},
		{"version https://git-lfs.github.com/spec/v1\n", arrayfile.LFS}, {"\n<!DOCTYPE HTML>\n<html>", arrayfile.HTML},
		{"label,file\n0,a.png\n", arrayfile.PlainText}, {"\ufeffM\u00f6we\n", arrayfile.PlainText}, {strings.Repeat("a", 511) + "\u00e4", arrayfile.PlainText}, {"a\x01", arrayfile.Unknown},
		{string(npzBytes(zip.Store, member{"archive/data.pkl", nil})), arrayfile.PyTorch}, {string(npzBytes(zip.Store, member{"a.txt", nil})), arrayfile.Zip},
		{string(golden("stored.npz")), arrayfile.NPZ}, {string(golden("none.npz")), arrayfile.Zip}, {string(golden("stored.npz")[:2000]), arrayfile.Zip},
		{string(golden("version2.npy")), arrayfile.NPY}, {string(golden("float64.idx")), arrayfile.IDX}, {string(golden("types.safetensors")), arrayfile.Safetensors},
		{string(golden("cifar10.bin")), arrayfile.CIFAR10}, {string(golden("cifar100.bin")), arrayfile.CIFAR100},
		{string(cifarBytes(1, 200, 3)), arrayfile.Unknown},
	} {
		sniffed := func(data string) (arrayfile.Format, bool) {
			format, gzipped, err := arrayfile.Sniff(strings.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			return format, gzipped
		}
		if got, gzipped := sniffed(c.data); got != c.want || gzipped {
			t.Errorf("%.40q is %q (packed: %v), want %q", c.data, got, gzipped, c.want)
		}
		want := c.want
		switch want { // which only the whole file tells
		case arrayfile.NPZ, arrayfile.PyTorch:
			want = arrayfile.Zip
		case arrayfile.CIFAR10, arrayfile.CIFAR100:
			want = arrayfile.Unknown
		case arrayfile.Empty:
			continue
		}
		if got, gzipped := sniffed(string(packed([]byte(c.data)))); got != want || !gzipped {
			t.Errorf("%.40q, packed, is %q (packed: %v), want %q", c.data, got, gzipped, want)
		}
		if words := c.want.Describe(); words == "" {
			t.Errorf("%q has no words", c.want)
		}
	}
	if got, _, err := arrayfile.Sniff(bytes.NewReader([]byte("\x1f\x8bno")), 4); got != arrayfile.Gzip || err != nil {
		t.Errorf("a damaged gzip is %q, %v", got, err)
	}
}
