package artifacts

import "golang.org/x/sys/unix"

// remote reports whether a folder may be on a disk that other hosts use.
func remote(dir string) bool {
	var stat unix.Statfs_t
	_, err := retry(func() (int, error) { return 0, unix.Statfs(dir, &stat) })
	return err != nil || stat.Flags&unix.MNT_LOCAL == 0
}
