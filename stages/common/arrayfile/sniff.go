package arrayfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Format is what a file is.
type Format string

// The formats that Open reads.
const (
	IDX         Format = "idx"
	CIFAR10     Format = "cifar10"
	CIFAR100    Format = "cifar100"
	NPY         Format = "npy"
	NPZ         Format = "npz"
	Safetensors Format = "safetensors"
)

// What else Sniff tells apart.
const (
	Unknown   Format = ""
	Empty     Format = "empty"
	PNG       Format = "png"
	JPEG      Format = "jpeg"
	GIF       Format = "gif"
	WebP      Format = "webp"
	BMP       Format = "bmp"
	TIFF      Format = "tiff"
	Parquet   Format = "parquet"
	Arrow     Format = "arrow"
	Feather   Format = "feather" // version 1
	HDF5      Format = "hdf5"
	Matlab    Format = "matlab"
	Pickle    Format = "pickle"
	PyTorch   Format = "pytorch"
	Zip       Format = "zip"
	Tar       Format = "tar"
	Gzip      Format = "gzip" // that cannot be unpacked
	Zstd      Format = "zstd"
	XZ        Format = "xz"
	Bzip2     Format = "bzip2"
	LFS       Format = "lfs"
	HTML      Format = "html"
	PlainText Format = "text"
)

const (
	adviceUnpack  = "Unpack it first"
	adviceConvert = "Load it in Python, and write its arrays with np.savez"
)

// about is what each format is called, and what to do with one that is not read here.
var about = map[Format]struct{ name, advice string }{
	IDX: {"IDX", ""}, CIFAR10: {"a binary batch of CIFAR-10", ""}, CIFAR100: {"a binary batch of CIFAR-100", ""},
	NPY: {"a .npy file of numpy", ""}, NPZ: {"an .npz file of numpy", ""}, Safetensors: {"safetensors", ""},
	Empty: {"an empty file", "Copy or write it again"},
	PNG:   {"a PNG picture", ""}, JPEG: {"a JPEG picture", ""}, GIF: {"a GIF picture", ""}, WebP: {"a WebP picture", ""},
	BMP: {"a BMP picture", ""}, TIFF: {"a TIFF picture", ""},
	Parquet: {"a Parquet file", ""}, Arrow: {"an Arrow file", ""}, Feather: {"a Feather file of version 1", "Write it again as version 2: pyarrow.feather.write_feather"},
	HDF5: {"an HDF5 file", adviceConvert}, Matlab: {"a MATLAB file", adviceConvert},
	Pickle:  {"a pickle of Python", "A pickle can run any code, so it is never loaded. " + adviceConvert + ". CIFAR comes in a binary version, too"},
	PyTorch: {"a file of torch.save, which is a pickle", "A pickle can run any code, so it is never loaded. Load it in Python, and write its tensors with safetensors.torch.save_file or np.savez"},
	Zip:     {"a zip file", adviceUnpack}, Tar: {"a tar archive", adviceUnpack + ": tar -xf"}, Gzip: {"a damaged gzip file", "Copy or write it again"},
	Zstd: {"a file packed by zstd", adviceUnpack}, XZ: {"a file packed by xz", adviceUnpack}, Bzip2: {"a file packed by bzip2", adviceUnpack},
	LFS:       {"a pointer of Git LFS, not the file itself", "Fetch the file: git lfs pull"},
	HTML:      {"a web page", "What was downloaded is not the file, but a page about it or an error: download it again"},
	PlainText: {"text", ""},
}

// Describe gives the format in words, with an article: "a PNG picture".
func (f Format) Describe() string {
	if f == Unknown {
		return "of no known format"
	}
	return about[f].name
}

// Advice says what to do with a file of the format that is not read here, a sentence without its full stop; "" if there is nothing to be said.
func (f Format) Advice() string { return about[f].advice }

// The marks of formats, by which a file is told for certain.
var marks = []struct {
	format Format
	at     int
	mark   string
}{
	{NPY, 0, npyMagic}, {PNG, 0, "\x89PNG\r\n\x1a\n"}, {JPEG, 0, "\xff\xd8\xff"}, {GIF, 0, "GIF87a"}, {GIF, 0, "GIF89a"}, {WebP, 8, "WEBPVP8"},
	{TIFF, 0, "II*\x00"}, {TIFF, 0, "MM\x00*"}, {Parquet, 0, "PAR1"}, {Arrow, 0, "ARROW1\x00\x00"}, {Arrow, 0, "\xff\xff\xff\xff"}, {Feather, 0, "FEA1"}, {HDF5, 0, "\x89HDF\r\n\x1a\n"},
	{Matlab, 0, "MATLAB 5.0 MAT-file"}, {Tar, 257, "ustar"}, {Zstd, 0, "\x28\xb5\x2f\xfd"}, {XZ, 0, "\xfd7zXZ\x00"}, {Bzip2, 0, "BZh"},
	{LFS, 0, "version https://git-lfs.github.com/spec/"},
	{Zip, 0, "PK\x03\x04"}, {Zip, 0, "PK\x05\x06"},
}

// Sniff tells what a file of so many bytes is, by its first bytes, its size, and the members of a zip file; and whether it is
// packed by gzip. It is Unknown where nothing tells. CIFAR's batches and text are guesses. Errors are those of r.
func Sniff(r io.ReaderAt, size int64) (format Format, gzipped bool, err error) {
	f, err := sniff(source{&watch{r, size}, size})
	return f.format, f.gzipped, err
}

// A finding is what sniff found.
type finding struct {
	format  Format
	certain bool // it has a mark, and can be nothing else
	gzipped bool
}

// headSize is how many bytes are looked at.
const headSize = 512

func sniff(src source) (finding, error) {
	head := make([]byte, min(headSize, src.size))
	if _, err := io.ReadFull(src.section(0), head); err != nil {
		return finding{}, err
	}
	if !bytes.HasPrefix(head, []byte("\x1f\x8b")) {
		return finding{}.of(head, src, src.size)
	}
	s, err := src.unpacked(true)
	if err == nil {
		var n int
		head = make([]byte, headSize)
		n, err = io.ReadFull(s.Reader, head)
		if head = head[:n]; n > 0 && !isReadFault(err) {
			return finding{gzipped: true}.of(head, src, -1)
		}
	}
	if isReadFault(err) {
		return finding{}, err
	}
	return finding{format: Gzip, certain: true, gzipped: true}, nil
}

// of tells what begins with head. Size is -1 if it is not known.
func (f finding) of(head []byte, src source, size int64) (finding, error) {
	for _, m := range marks {
		if len(head) >= m.at+len(m.mark) && string(head[m.at:m.at+len(m.mark)]) == m.mark {
			f.format, f.certain = m.format, true
			if m.format == Zip && !f.gzipped {
				f.format = zipHolds(src)
			}
			return f, nil
		}
	}
	switch {
	case len(head) == 0:
		f.format, f.certain = Empty, true
	case isPickle(head):
		f.format, f.certain = Pickle, true
	case len(head) > 26 && string(head[:2]) == "BM" && binary.LittleEndian.Uint32(head[6:]) == 0 && binary.LittleEndian.Uint32(head[14:]) <= 124:
		f.format, f.certain = BMP, true
	case len(head) >= 8 && head[0] == 0 && head[1] == 0 && idxTypes[head[2]] != 0 && head[3] > 0:
		f.format = IDX
	case len(head) > 8 && head[8] == '{' && binary.LittleEndian.Uint64(head) <= maxTensorHeader:
		f.format = Safetensors
	case size > 0 && recordsOf(src, CIFAR10):
		f.format = CIFAR10
	case size > 0 && recordsOf(src, CIFAR100):
		f.format = CIFAR100
	case isText(head):
		f.format, f.certain = PlainText, true
		if page := strings.ToLower(string(bytes.TrimLeft(head, " \t\r\n\ufeff"))); strings.HasPrefix(page, "<!doctype html") || strings.HasPrefix(page, "<html") {
			f.format = HTML
		}
	}
	return f, nil
}

// isPickle knows protocols 2 to 5, by what most of them begin with.
func isPickle(head []byte) bool {
	return len(head) > 2 && head[0] == 0x80 && head[1] >= 2 && head[1] <= 5 && bytes.IndexByte([]byte("}](cKGJMNUX\x8a\x8c\x95"), head[2]) >= 0
}

// isText reports whether a file begins with letters of UTF-8.
func isText(head []byte) bool {
	for len(head) > 0 {
		r, n := utf8.DecodeRune(head)
		if r == utf8.RuneError && n == 1 {
			return !utf8.FullRune(head) // the last one is cut off
		}
		if !unicode.IsPrint(r) && !strings.ContainsRune("\t\r\n\ufeff", r) {
			return false
		}
		head = head[n:]
	}
	return true
}

// mismatch says that the file is not what was asked for, or nothing that is read.
func (f finding) mismatch(asked Format) error {
	e := &Error{Offset: -1, Summary: "the file is " + f.format.Describe(), Remedy: f.format.Advice(), Err: ErrFormat}
	if f.gzipped && f.format != Gzip {
		e.Summary += ", packed by gzip"
	}
	if asked != "" {
		e.Summary += fmt.Sprintf(", not %s", strings.TrimPrefix(strings.TrimPrefix(asked.Describe(), "a "), "an "))
	}
	if e.Remedy == "" {
		e.Remedy = "Give an array file (" + strings.Join(readable, ", ") + "), and name its format if it cannot be told"
	}
	return e
}
