package doctor

import (
	"errors"
	"io/fs"
	"os"
)

// Folder looks whether files can be made in a folder outside of the store. One that is not there yet is fine.
func Folder(dir, check string) Finding {
	f, err := os.CreateTemp(dir, ".spurion-doctor-*")
	if errors.Is(err, fs.ErrNotExist) {
		return Finding{check, OK, dir + " is made by the first run", ""}
	}
	if err == nil {
		_, err = f.WriteString("text")
		err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	}
	if err != nil {
		return Finding{check, Bad, "nothing can be written in " + dir + ": " + err.Error(), "let this user write it, or choose another folder"}
	}
	return Finding{check, OK, dir + " can be written", ""}
}
