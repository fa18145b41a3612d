package pipeline

import (
	"time"

	"spurion/pipeline/program"
)

// A KeptFolder is the folder of a program that failed, which run --keep-failed has kept on this machine.
type KeptFolder struct {
	Dir   string
	At    time.Time
	Bytes int64
	// Address and Spec say what was run there, and Owner which process of which machine ran it; they are empty if the
	// store has no log of it any more, as of other projects.
	Address, Spec, Owner string

	folder program.Kept
}

// KeptFolders lists the folders that were kept below TMPDIR, of this user's runs of all projects. Where TMPDIR is on a
// shared disk, those of another machine are left out as far as the store knows them.
func (s *Store) KeptFolders() ([]KeptFolder, error) {
	folders, err := program.KeptFolders()
	if err != nil {
		return nil, err
	}
	var list []KeptFolder
	for _, k := range folders {
		f := KeptFolder{Dir: k.Dir, At: k.At, Bytes: k.Bytes, folder: k}
		if h, ok := s.store.LogOf(k.Name); ok {
			if h.Elsewhere() {
				continue
			}
			f.Address, f.Spec, f.Owner = h.Address, h.Spec, h.Owner
		}
		list = append(list, f)
	}
	return list, nil
}

// Remove removes the folder.
func (f KeptFolder) Remove() error { return f.folder.Remove() }
