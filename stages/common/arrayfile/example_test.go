package arrayfile_test

import (
	"bytes"
	"fmt"
	"os"

	"spurion/stages/common/arrayfile"
)

// The labels come first; then the images of one class alone.
func ExampleFile_Read() {
	data, err := os.ReadFile("testdata/cifar10.bin")
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := arrayfile.Open(bytes.NewReader(data), int64(len(data)), arrayfile.Options{Format: arrayfile.CIFAR10, Limit: 1 << 30})
	if err != nil {
		fmt.Println(err)
		return
	}
	labels, err := file.Read("labels", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	classes, _ := labels.Ints()
	var rows []int
	for row, class := range classes {
		if class == 6 {
			rows = append(rows, row)
		}
	}
	images, err := file.Read("images", rows)
	if err != nil {
		fmt.Println(err)
		return
	}
	pixels, _ := images.Bytes()
	fmt.Println(classes, images.Shape, len(pixels), images.FileRow(0))
	// Output: [9 6 3] [1 3 32 32] 3072 1
}
