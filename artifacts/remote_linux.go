package artifacts

import (
	"slices"

	"golang.org/x/sys/unix"
)

// localDisks are the types of file systems that are one machine's (statfs(2)).
var localDisks = []int64{
	unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.F2FS_SUPER_MAGIC, unix.BCACHEFS_SUPER_MAGIC,
	unix.TMPFS_MAGIC, unix.RAMFS_MAGIC, unix.OVERLAYFS_SUPER_MAGIC, unix.REISERFS_SUPER_MAGIC, unix.NILFS_SUPER_MAGIC,
	unix.EXFAT_SUPER_MAGIC, unix.MSDOS_SUPER_MAGIC, unix.ECRYPTFS_SUPER_MAGIC, unix.SQUASHFS_MAGIC,
	0x2fc12fc1, // ZFS
	0x3153464a, // JFS
	0x5346544e, // NTFS
	0x7366746e, // NTFS, the newer driver
}

// remote reports whether a folder may be on a disk that other hosts use: whether it is of none of the types that are
// known to be local.
func remote(dir string) bool {
	var stat unix.Statfs_t
	_, err := retry(func() (int, error) { return 0, unix.Statfs(dir, &stat) })
	return err != nil || !slices.Contains(localDisks, int64(uint32(stat.Type)))
}
