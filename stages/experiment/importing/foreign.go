package importing

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"spurion/stages/common/arrayfile"
)

// foreignText says that a file is no text.
func foreignText(r io.ReaderAt, size int64) error {
	return mustBe(r, size, "CSV", arrayfile.PlainText, arrayfile.Empty)
}

// foreignParquet says that a file is no Parquet.
func foreignParquet(r io.ReaderAt, size int64) error {
	return mustBe(r, size, "Parquet", arrayfile.Parquet)
}

// foreignArrow says that a file is none of Arrow's.
func foreignArrow(r io.ReaderAt, size int64) error {
	return mustBe(r, size, "Arrow", arrayfile.Arrow)
}

// mustBe refuses a file whose first bytes are those of another format. What has no mark is left to its reader.
func mustBe(r io.ReaderAt, size int64, want string, fit ...arrayfile.Format) error {
	found, gzipped, err := arrayfile.Sniff(r, size)
	if err != nil {
		return err
	}
	for _, f := range fit {
		if found == f && !gzipped {
			return nil
		}
	}
	switch {
	case gzipped:
		return errors.New("the file is packed by gzip: unpack it, gzip -d")
	case found == arrayfile.Unknown, found == arrayfile.CIFAR10, found == arrayfile.CIFAR100, found == arrayfile.IDX, found == arrayfile.Safetensors:
		return nil // guesses
	}
	return fmt.Errorf("the file is %s, not %s. %s", found.Describe(), want, cmp.Or(found.Advice(), "Give it the extension of what it is, or write it again"))
}

// unreadable are formats that are read by a program of the user's, with the Python that does it.
var unreadable = map[string]string{
	".pt": pyTorch, ".pth": pyTorch, ".ckpt": pyTorch,
	".pkl": pickled, ".pickle": pickled, ".p": pickled,
	".h5": hdf5, ".hdf5": hdf5, ".mat": matlab,
}

const (
	pyTorch = `import torch, numpy as np
d = torch.load("%s", weights_only=True, map_location="cpu")
np.savez("data.npz", x=d["x"].float().numpy(), y=d["y"].numpy())`
	pickled = `import pickle, numpy as np
d = pickle.load(open("%s", "rb"))  # runs what the file says: only for files that you trust
np.savez("data.npz", x=np.asarray(d["x"]), y=np.asarray(d["y"]))`
	hdf5 = `import h5py, numpy as np
with h5py.File("%s") as d:
    np.savez("data.npz", x=d["x"][:], y=d["y"][:])`
	matlab = `import scipy.io, numpy as np
d = scipy.io.loadmat("%s")
np.savez("data.npz", x=d["x"], y=d["y"].ravel())`
)

// throughProgram says how a file is read by a program, in so many lines of a spec.
func throughProgram(path, code string) string {
	return "such files hold objects of a program, which Spurion does not load. Have Python read it, in a stage of its own, and import what it writes:\n\n" +
		through(strconv.Quote(path), fmt.Sprintf(code, path)) + "\n\nand here, in place of files: from = [exec.convert.data]"
}

// through gives the stage that has Python read a file; file is the path as a spec has it.
func through(file, code string) string {
	return `stage "exec" "convert" {
  command = ["python3", "-c", <<-EOT
    ` + strings.ReplaceAll(code, "\n", "\n    ") + `
  EOT
  ]
  files = [` + file + `]
  output "data" {
    path   = "data.npz"
    format = "file"
  }
}`
}
