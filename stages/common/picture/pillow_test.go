package picture

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const noLimit = 1 << 24

// pillow gives the files of testdata/pillow.zip, which testdata/pillow.py writes.
func pillow(t testing.TB) map[string][]byte {
	t.Helper()
	z, err := zip.OpenReader("testdata/pillow.zip")
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	files := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if files[f.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// sources gives the names of the pictures among the files, in order.
func sources(files map[string][]byte) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasPrefix(name, "decode/") && !strings.HasSuffix(name, ".pnm") {
			names = append(names, name)
		}
	}
	return names
}

// pnm reads what Pillow made of a picture.
func pnm(t testing.TB, data []byte) *Image {
	t.Helper()
	var kind, width, height int
	if _, err := fmt.Sscanf(string(data[:min(len(data), 20)]), "P%d\n%d %d\n255\n", &kind, &width, &height); err != nil {
		t.Fatal(err)
	}
	m := newImage(2*kind-9, height, width) // P5 is grey, P6 color
	for i, v := range data[len(data)-len(m.Pixels):] {
		m.plane(i % m.Channels)[i/m.Channels] = v
	}
	return m
}

// apart gives the largest and the mean distance between the pixels of two images, or an error if their shapes differ.
func apart(a, b *Image) (most int, mean float64, err error) {
	if a.Channels != b.Channels || a.Height != b.Height || a.Width != b.Width || len(a.Pixels) != len(b.Pixels) {
		return 0, 0, fmt.Errorf("shapes %d x %d x %d and %d x %d x %d", a.Channels, a.Height, a.Width, b.Channels, b.Height, b.Width)
	}
	sum := 0
	for i, v := range a.Pixels {
		d := distance(int(v), int(b.Pixels[i]))
		most = max(most, d)
		sum += d
	}
	return most, float64(sum) / float64(len(a.Pixels)), nil
}

// What is read is what Pillow reads: PNG and WebP to the bit; JPEG to the rounding of the cosine transform, of which a level in the colors
// that a file keeps is up to two in what it shows.
func TestDecodedSameBitsAsPillow(t *testing.T) {
	files, tried := pillow(t), map[string]int{}
	sum, pixels := 0.0, 0
	for _, name := range sources(files) {
		kind := path.Ext(name)
		got, err := Decode(files[name], noLimit)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		most, mean, err := apart(got, pnm(t, files[name+".pnm"]))
		if limit := map[string]int{".jpg": 3}[kind]; err != nil || most > limit {
			t.Errorf("%s: up to %d levels from Pillow's, %.4f on average, %v", name, most, mean, err)
		}
		tried[kind]++
		if kind == ".jpg" {
			sum += mean * float64(len(got.Pixels))
			pixels += len(got.Pixels)
		}
	}
	if mean := sum / float64(pixels); mean > 0.06 {
		t.Errorf("JPEGs are %.4f levels from Pillow's on average", mean)
	}
	if tried[".png"] < 30 || tried[".jpg"] < 36 || tried[".webp"] < 10 {
		t.Errorf("only %v were tried", tried)
	}
}

// The pixels of JPEGs are those that they were: Go's decoder decides on their last bit.
func TestSameBitsOfJPEGs(t *testing.T) {
	const want = "9256da3162bec79f7237abb283a7b7fd4544a15afbc2e1f6d389e5adc663c549"
	files, sum := pillow(t), sha256.New()
	for _, name := range sources(files) {
		if path.Ext(name) == ".jpg" {
			m, err := Decode(files[name], noLimit)
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(sum, "%s %d %d %d\n", name, m.Channels, m.Height, m.Width)
			sum.Write(m.Pixels)
		}
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)); got != want {
		t.Errorf("%s decodes JPEGs to other pixels (%s): raise the Version of the kinds that read pictures, and tell users in the changelog that their JPEGs change", runtime.Version(), got)
	}
}

func TestResizedSameBitsAsPillow(t *testing.T) {
	files, tried := pillow(t), 0
	for _, name := range slices.Sorted(maps.Keys(files)) {
		rest, ok := strings.CutPrefix(name, "resize/")
		if !ok {
			continue
		}
		part := strings.SplitN(strings.TrimSuffix(rest, ".pnm"), "-", 3)
		var height, width int
		if _, err := fmt.Sscanf(part[1], "%dx%d", &height, &width); err != nil {
			t.Fatal(err)
		}
		m, err := Decode(files["decode/"+part[2]], noLimit)
		if err != nil {
			t.Fatal(err)
		}
		got, want := m.Resize(height, width, map[string]Fit{"stretch": Stretch, "cover": Cover}[part[0]]), pnm(t, files[name])
		if !bytes.Equal(got.Pixels, want.Pixels) {
			most, mean, err := apart(got, want)
			t.Errorf("%s: up to %d levels from Pillow's, %.4f on average, %v", name, most, mean, err)
		}
		tried++
	}
	if tried < 70 {
		t.Errorf("only %d were tried", tried)
	}
}
