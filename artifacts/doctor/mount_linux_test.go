package doctor_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spurion/artifacts"
	"spurion/artifacts/doctor"
)

// TestMountLocks reads what mounts of network disks say of locks, and wants each setting to be fine or to be told the
// right one.
func TestMountLocks(t *testing.T) {
	folder := t.TempDir()
	for name, value := range map[string]string{"global": "true", "local": "false"} {
		text := "# tuneUseGlobalFileLocks = unsure\nconnClientPort = 8004\ntuneUseGlobalFileLocks = " + value + "\n"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	const nfs = "660 28 0:52 / /shared rw,relatime shared:336 - nfs4 server:/export rw,vers=4.2,hard,proto=tcp,"
	const lustre = "660 28 0:52 / /scratch rw - lustre 10.0.0.1@o2ib:/scratch rw,lazystatfs"
	beegfs := "660 28 0:52 / /mnt/beegfs rw - beegfs beegfs_nodev rw,cfgFile=" + folder
	for line, want := range map[string]string{ // to write, for a store with flock, fcntl and none; "-" for nothing, "" for no finding
		nfs + "local_lock=none":          "- - -",
		nfs + "local_lock=flock":         "fcntl - -",
		nfs + "local_lock=posix":         "- flock -",
		nfs + "local_lock=all":           "none none -",
		nfs + "nolock":                   "none none -",
		lustre + ",flock":                "- - -",
		lustre + ",localflock":           "none none -",
		lustre:                           "none none -",
		beegfs + "/global":               "- - -",
		beegfs + "/local":                "none none -",
		beegfs + "/missing":              "",
		"1 2 0:5 / / rw - ceph mon:/ rw": "",
		"nonsense":                       "",
	} {
		var got []string
		for _, kind := range doctor.Kinds {
			_, _, found := doctor.MountLocks(line, doctor.Options{Dir: "/s", Lock: kind})
			for _, f := range found {
				_, set, _ := strings.Cut(f.Remedy, `lock = "`)
				set, _, _ = strings.Cut(set, `"`)
				if (set == "") != (f.Status == doctor.OK) {
					t.Errorf("%s: %+v", line, f)
				}
				if set == "" {
					set = "-"
				}
				got = append(got, set)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: told to write %q, want %q", line, got, want)
		}
	}
	point, source, _ := doctor.MountLocks(`1 2 0:5 / /my\040disk rw master:1 propagate_from:2 - nfs host:/a\040b rw`, doctor.Options{Lock: artifacts.None})
	if point != "/my disk" || source != "host:/a b" {
		t.Errorf("mounted %q on %q", source, point)
	}
}
