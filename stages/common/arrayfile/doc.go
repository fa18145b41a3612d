// Package arrayfile reads files of arrays that other programs wrote, as plain Go slices:
//
//	IDX          MNIST's format, any element type and number of dimensions; gzip is unpacked
//	CIFAR        the binary batches of CIFAR-10 and CIFAR-100
//	.npy, .npz   numpy's, versions 1 to 3, C and Fortran order, both byte orders; .npy.gz too
//	safetensors  Hugging Face's
//
// Open looks at what a file holds, Read reads one array of it, or some of its rows:
//
//	file, err := arrayfile.Open(f, size, arrayfile.Options{Limit: 4 << 30})
//	images, err := file.Read("images", nil)
//	pixels, ok := images.Bytes()
//
// The files may be anyone's. Nothing is unpickled. No number in a file makes room: what is allocated is in proportion to the
// bytes that are there, and at most the limit. A file that is cut short, holds more than it says or is of another format
// is an Error that says where and what to do.
//
// Values are read straight into the slice that is returned, so an array takes its own size and a few
// hundred kilobytes; only a Fortran array that is compressed is held twice for a moment.
//
// Sources: yann.lecun.com/exdb/mnist (IDX), www.cs.toronto.edu/~kriz/cifar.html, numpy.lib.format (NEP 1),
// github.com/huggingface/safetensors (Format).
package arrayfile
