package statedict

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"strconv"
)

// DescribedIn is the record of a file of torch.save that holds the Description. PyTorch does not look at it.
const DescribedIn = "spurion.json"

// As torch.save has them.
const (
	torchFolder  = "model/"
	torchAlign   = 64 // of values, in bytes
	torchVersion = "3\n"
)

// Torch gives the state_dict as torch.save writes one: an archive of an object in pickle's protocol 2, and of the values of its
// tensors. torch.load reads it, with weights_only = True too, as an OrderedDict. The Description is one more record.
func (d *Dict) Torch() ([]byte, error) {
	var b bytes.Buffer
	w := torchWriter{buffer: &b, zip: zip.NewWriter(&b)}
	w.record("data.pkl", d.pickled())
	w.record("byteorder", []byte("little"))
	for i := range d.Tensors {
		w.record("data/"+strconv.Itoa(i), d.Tensors[i].append(nil))
	}
	w.record("version", []byte(torchVersion))
	w.record(DescribedIn, []byte(d.About))
	if w.err == nil {
		w.err = w.zip.Close()
	}
	if w.err != nil {
		return nil, fmt.Errorf("state_dict: %w", w.err)
	}
	return b.Bytes(), nil
}

type torchWriter struct {
	buffer *bytes.Buffer
	zip    *zip.Writer
	err    error
}

// record adds a record, not compressed, its bytes aligned by a field of padding before them.
func (w *torchWriter) record(name string, data []byte) {
	if w.err == nil {
		w.err = w.zip.Flush() // so that the buffer's length is where the record begins
	}
	if w.err != nil {
		return
	}
	const header, field = 30, 4
	h := &zip.FileHeader{Name: torchFolder + name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data),
		CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data))}
	padding := -(w.buffer.Len() + header + len(h.Name) + field) & (torchAlign - 1)
	h.Extra = append([]byte{'F', 'B', byte(padding), 0}, bytes.Repeat([]byte("Z"), padding)...)
	to, err := w.zip.CreateRaw(h)
	if err == nil {
		_, err = to.Write(data)
	}
	w.err = err
}

// pickled gives the state_dict in pickle's protocol 2: an OrderedDict of what _rebuild_tensor_v2 makes of a storage, an offset, a
// shape, strides, and no gradient.
func (d *Dict) pickled() []byte {
	p := pickle{0x80, 2}
	p.global("collections", "OrderedDict")
	p.op(")R(") // called without arguments; then keys and values
	for i, t := range d.Tensors {
		p.text(t.Name)
		p.global("torch._utils", "_rebuild_tensor_v2")
		p.op("((")
		p.text("storage")
		p.global("torch", "FloatStorage")
		p.text(strconv.Itoa(i))
		p.text("cpu")
		p.number(len(t.Values))
		p.op("tQ") // which storage: PyTorch looks it up
		p.number(0)
		p.numbers(t.Shape)
		p.numbers(strides(t.Shape))
		p.op("\x89") // false: no gradient is kept
		p.global("collections", "OrderedDict")
		p.op(")RtR")
	}
	p.op("u.")
	return p
}

// strides gives the distance of neighbours along each index, row by row.
func strides(shape []int) []int {
	s := make([]int, len(shape))
	step := 1
	for i := len(shape) - 1; i >= 0; i-- {
		s[i] = step
		step *= shape[i]
	}
	return s
}

// A pickle is a program for pickle's machine.
type pickle []byte

func (p *pickle) op(codes string) { *p = append(*p, codes...) }

func (p *pickle) global(module, name string) { p.op("c" + module + "\n" + name + "\n") }

func (p *pickle) text(s string) {
	p.op("X")
	p.word(len(s))
	p.op(s)
}

// number pushes a number from 0 to 2^31 - 1; a tensor of more values is larger than a table can hold.
func (p *pickle) number(n int) {
	p.op("J")
	p.word(n)
}

func (p *pickle) numbers(list []int) {
	p.op("(")
	for _, n := range list {
		p.number(n)
	}
	p.op("t")
}

func (p *pickle) word(n int) { *p = append(*p, byte(n), byte(n>>8), byte(n>>16), byte(n>>24)) }
